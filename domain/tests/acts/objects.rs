//! What becomes of stored ciphertext: kept while the manifest or a grant names it, erased
//! after its time, counted all along.

use super::cast::*;
use super::world::World;
use proptest::prelude::*;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::grant::{Grant, GrantState};
use symbolon_domain::entity::vault::{Command, ItemVersion, LOOSE_LIFE, StoredObject, Usage};
use symbolon_domain::entity::{FromHead, Reply};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;
use symbolon_domain::{Rejection, record};

const ROOM: u64 = 100;

fn put(world: &mut World, number: u8) -> Result<Reply, Rejection> {
    let stored = StoredObject { pieces: 0, ..stored(number) };
    let pieces = vec![vec![number; 10]];
    let put = Command::PutObject { object: [number; 16], stored, pieces, bytes_max: ROOM };
    world.run(&Principal::Device(phone(1)), vault_id(), &put.into())
}

fn current(world: &World, item: u8) -> ItemVersion {
    let row = &world.rows[&(vault_id(), Row::VaultItem(Digest([item; 32])))];
    record::decode(row).unwrap()
}

fn epoch(world: &World) -> u64 {
    let row = &world.rows[&(vault_id(), Row::VaultManifest)];
    symbolon_domain::entity::vault::ManifestHead::from_row(row).unwrap().epoch
}

fn name(world: &mut World, item: u8, object: u8) -> Result<Reply, Rejection> {
    let next = current(world, item).version + 1;
    let items = vec![(Digest([item; 32]), version(object, next))];
    let commit = commit(epoch(world), items);
    world.run(&Principal::Device(phone(1)), vault_id(), &commit)
}

fn delete(world: &mut World, item: u8) -> Result<Reply, Rejection> {
    let before = current(world, item);
    let gone = ItemVersion { version: before.version + 1, tombstone: Some(world.now), ..before };
    let commit = commit(epoch(world), vec![(Digest([item; 32]), gone)]);
    world.run(&Principal::Device(phone(1)), vault_id(), &commit)
}

fn pinned(world: &World, object: [u8; 16]) -> bool {
    world.rows.keys().any(|(_, row)| matches!(row, Row::VaultPin(pinned, _) if *pinned == object))
}

// What the node does: those whose time is over, less those that a grant pins.
fn erase(world: &mut World) {
    let over = |row: &Row| match row {
        Row::VaultErase(at, object) if *at <= world.now => Some(*object),
        _ => None,
    };
    let objects: Vec<_> = world.rows.keys().filter_map(|(_, row)| over(row)).collect();
    let objects = objects.into_iter().filter(|object| !pinned(world, *object)).collect();
    world.run(&Principal::System, vault_id(), &Command::Erase { objects }.into()).unwrap();
}

fn is_there(world: &World, object: u8) -> bool {
    world.rows.contains_key(&(vault_id(), Row::VaultObject([object; 16])))
}

fn check(world: &World) {
    let (mut usage, mut marks) = (Usage::default(), 0);
    for ((_, row), value) in &world.rows {
        match row {
            Row::VaultObject(object) => {
                let stored: StoredObject = record::decode(value).unwrap();
                usage.bytes += stored.size;
                usage.objects += 1;
                for piece in 0..stored.pieces {
                    let piece = (vault_id(), Row::VaultObjectPiece(*object, piece));
                    assert!(world.rows.contains_key(&piece));
                }
                if let Some(at) = stored.erase {
                    marks += 1;
                    assert!(world.rows.contains_key(&(vault_id(), Row::VaultErase(at, *object))));
                }
            }
            Row::VaultItem(_) => {
                let version: ItemVersion = record::decode(value).unwrap();
                if let Some(object) = version.named() {
                    let stored = &world.rows[&(vault_id(), Row::VaultObject(object))];
                    let stored: StoredObject = record::decode(stored).unwrap();
                    assert_eq!(stored.erase, None, "what is named has no time to be erased");
                }
            }
            Row::VaultPin(object, _) => {
                assert!(world.rows.contains_key(&(vault_id(), Row::VaultObject(*object))));
            }
            _ => {}
        }
    }
    let count = |wanted: fn(&Row) -> bool| world.rows.keys().filter(|(_, row)| wanted(row)).count();
    assert_eq!(count(|row| matches!(row, Row::VaultErase(..))), marks);
    assert_eq!(count(|row| matches!(row, Row::VaultObjectPiece(..))) as u64, usage.objects);
    let counted = &world.rows[&(vault_id(), Row::VaultUsage)];
    let counted = Usage::from_row(counted).unwrap();
    assert_eq!((counted.bytes, counted.objects), (usage.bytes, usage.objects));
}

#[test]
fn an_earlier_version_is_kept_for_its_time() {
    let mut world = stage();
    put(&mut world, 50).unwrap();
    name(&mut world, 1, 50).unwrap();
    world.pass(VERSIONS_KEPT - Duration::from_secs(1));
    erase(&mut world);
    assert!(is_there(&world, 1));
    world.pass(Duration::from_secs(1));
    erase(&mut world);
    assert!(!is_there(&world, 1) && is_there(&world, 50));
    check(&world);
}

#[test]
fn a_grant_keeps_what_it_pins() {
    let mut world = stage();
    consent(&mut world, 1, 5).unwrap();
    put(&mut world, 50).unwrap();
    name(&mut world, 1, 50).unwrap();
    world.pass(VERSIONS_KEPT);
    erase(&mut world);
    assert!(is_there(&world, 1), "a live grant reads it");
    let (principal, id, command) = move_grant(1, 1, GrantState::Revoked);
    // Expired by now or revoked here: either way it lends nothing more.
    let _ended = world.run(&principal, id, &command);
    world.sweep();
    let grant = world.heads.get(&grant_id(1)).and_then(|stored| Grant::from_head(&stored.head));
    assert!(grant.is_none_or(|grant| grant.state_at(world.now) != GrantState::Active));
    erase(&mut world);
    assert!(!is_there(&world, 1));
}

#[test]
fn an_object_that_no_commit_names_goes() {
    let mut world = stage();
    put(&mut world, 50).unwrap();
    world.pass(LOOSE_LIFE);
    erase(&mut world);
    assert!(!is_there(&world, 50));
    assert_eq!(name(&mut world, 1, 50), Err(Rejection::InvalidRequest));
}

#[test]
fn a_full_vault_takes_nothing_and_room_comes_back() {
    let mut world = stage();
    let fits = (ROOM / 10) as u8 - ITEMS;
    for number in 50..50 + fits {
        put(&mut world, number).unwrap();
    }
    assert_eq!(put(&mut world, 99), Err(Rejection::VaultFull));
    put(&mut world, 50).expect("what is there already takes no more room");
    world.pass(LOOSE_LIFE);
    erase(&mut world);
    put(&mut world, 99).unwrap();
    check(&world);
}

#[test]
fn two_items_never_name_one_object() {
    let mut world = stage();
    assert_eq!(name(&mut world, 1, 2), Err(Rejection::InvalidRequest));
    put(&mut world, 50).unwrap();
    let twice = [1, 2].map(|item| (Digest([item; 32]), version(50, 2)));
    let commit = commit(epoch(&world), twice.into());
    let device = Principal::Device(phone(1));
    assert_eq!(world.run(&device, vault_id(), &commit), Err(Rejection::InvalidRequest));
}

#[test]
fn nobody_but_the_node_erases() {
    let mut world = stage();
    let erase = Command::Erase { objects: vec![[1; 16]] };
    let device = Principal::Device(phone(1));
    assert_eq!(world.run(&device, vault_id(), &erase.clone().into()), Err(Rejection::Forbidden));
    world.run(&Principal::System, vault_id(), &erase.into()).unwrap();
    assert!(is_there(&world, 1), "what the manifest names is never erased");
}

// 200 cases unless `PROPTEST_CASES` asks for more or fewer than its usual 256.
fn cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases * 200 / 256, ..usual }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_comes_the_books_balance(
        steps in prop::collection::vec((0_u8..6, 1_u8..=ITEMS, 1_u8..9), 1..60)
    ) {
        let mut world = stage();
        consent(&mut world, 1, 5).unwrap();
        for (step, item, object) in steps {
            // Refusals are part of the play.
            let _refused = match step {
                0 => put(&mut world, object).is_ok(),
                1 => name(&mut world, item, object).is_ok(),
                2 => delete(&mut world, item).is_ok(),
                3 => {
                    world.pass(Duration::from_secs(u64::from(object) * 4 * 24 * 3_600));
                    true
                }
                4 => {
                    erase(&mut world);
                    true
                }
                _ => {
                    world.sweep();
                    true
                }
            };
            check(&world);
        }
    }
}
