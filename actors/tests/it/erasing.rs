//! A vault with more rows than one batch erases: it goes in steps, and whole.

use crate::bench::Bench;
use crate::fixtures::{START, call, device_id, id, run_alone, world};
use crate::node::Node;
use crate::world::World;
use std::time::Duration;
use symbolon_actors::Limits;
use symbolon_actors::shell::{Input, Output};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::vault::Vault;
use symbolon_domain::entity::{Command, vault};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{
    Batch, BatchId, Call, Fault, Operation, Principal, SCAN_ENTRIES_MAX, Store, StoreFault,
};
use symbolon_domain::{Id, Kind};

fn vault() -> Id {
    id(Kind::Vault, 1)
}

/// So many nodes of the vault's tree.
fn nodes(count: usize) -> Vec<Vec<u8>> {
    let node = |number: usize| Row::VaultNode(Digest::of(&number.to_be_bytes()));
    (0..count).map(|number| key::row(vault(), &node(number))).collect()
}

fn delete() -> Call {
    call(1, Principal::Device(device_id(1)), vault(), vault::Command::Delete)
}

fn due(number: u64) -> Call {
    call(number, Principal::System, vault(), Command::Due)
}

fn rows(world: &World) -> usize {
    let range = key::rows(vault());
    world.map.range(range.start..range.end).count()
}

/// A deleted vault with so many rows.
fn deleted(count: usize) -> World {
    let mut world = world();
    let more = count - rows(&world);
    world.map.extend(nodes(more).into_iter().map(|key| (key, Vec::new())));
    assert!(matches!(run_alone(&mut world, START, delete()), Ok(Ok(_))));
    assert_eq!(rows(&world), count);
    world
}

#[test]
fn erasing_goes_on_by_itself_until_nothing_is_left() {
    let mut bench = Bench::of(vault(), 4, deleted(2 * SCAN_ENTRIES_MAX + 1));
    bench.ask(1, due(11));
    bench.commit();
    let mut left = vec![rows(&bench.world)];
    while bench.world.head(vault()).is_some() {
        // After each step it asks to be woken at once.
        let woken = matches!(bench.rest[..], [Output::WakeAt(START)]);
        assert!(woken, "{left:?}, then {:?}", bench.rest);
        bench.rest.clear();
        bench.tell(Input::Wake([left.len() as u8; 32]));
        bench.commit();
        left.push(rows(&bench.world));
    }
    assert_eq!(left, [SCAN_ENTRIES_MAX + 1, 1, 0, 0], "the head goes after the last row");
    bench.world.check_indexes();
}

#[test]
fn whether_rows_are_left_is_asked_when_none_is_on_its_way() {
    let mut bench = Bench::of(vault(), 4, deleted(SCAN_ENTRIES_MAX));
    bench.ask(1, due(11));
    let loads = bench.loads.len();
    bench.ask(2, due(12));
    assert_eq!(bench.loads.len(), loads, "what is being erased may still be there");
    bench.commit();
    assert_eq!(bench.loads.len(), loads + 1);
    bench.commit();
    assert_eq!(bench.tickets(), [1, 2]);
    assert_eq!(bench.world.head(vault()), None, "the second found no row");
}

#[test]
fn no_word_about_the_rows_is_not_that_there_are_none() {
    let mut bench = Bench::of(vault(), 4, deleted(SCAN_ENTRIES_MAX));
    let look = call(11, Principal::Device(device_id(1)), vault(), vault::Command::Look);
    bench.ask(1, look);
    let outputs = bench.shell.handle(bench.now, Input::Command(Box::new(due(12)), 2));
    let load = outputs.iter().find_map(|output| match output {
        Output::Load(load) => Some(load),
        _ => None,
    });
    let load = load.unwrap();
    assert_eq!(load.ranges, [key::rows(vault())]);
    let mut answers = bench.world.load(load);
    answers.found.clear();
    bench.tell(Input::Loaded(load.number, Ok(answers)));
    assert_eq!(bench.commits.len(), 0);
    let told = bench.replies.last().unwrap();
    assert!(matches!(told, (2, Err(Fault::Store(StoreFault::Corrupt(_))))), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_large_vault_is_erased_without_the_sweeper() {
    let hour = Duration::from_secs(3_600);
    let node = Node::start(Limits { sweep_every: hour, ..Limits::default() }).await;
    for (number, keys) in (101..).zip(nodes(2_500).chunks(SCAN_ENTRIES_MAX)) {
        let mut batch = Batch::new(BatchId([number; 16]));
        let put = |key: &Vec<u8>| Operation::Put { key: key.clone(), value: Vec::new() };
        batch.operations = keys.iter().map(put).collect();
        node.store.commit(batch).await.unwrap();
    }
    assert!(matches!(node.call(delete()).await, Ok(Ok(_))));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(node.count(&key::rows(vault())).await, 0);
    assert_eq!(node.head::<Vault>(vault()).await, None);
}
