//! Commands that are committed together, and what becomes of them when they are not.

use crate::bench::Bench;
use crate::fixtures::{
    START, call, describe, device_id, front_end_id, id, institution_id, open, push, run_alone,
    world,
};
use std::time::Duration;
use symbolon_actors::shell::{Answers, GROUP_BYTES_MAX, GROUP_COMMANDS_MAX, Input, Output, Shell};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::institution::{self, InstitutionState};
use symbolon_domain::entity::session::{self, SessionStage};
use symbolon_domain::entity::vault::StoredObject;
use symbolon_domain::entity::{Reply, vault};
use symbolon_domain::port::{
    BATCH_BYTES_MAX, Call, Fault, Outcome, Precondition, Principal, StoreFault,
};
use symbolon_domain::{Id, Kind, Rejection, key};

fn session() -> Id {
    id(Kind::Session, 1)
}

fn vault() -> Id {
    id(Kind::Vault, 1)
}

fn claim(number: u64, device: u8) -> Call {
    let command = session::Command::Claim { number: 42 };
    call(number, Principal::Device(device_id(device)), session(), command)
}

fn confirm(number: u64) -> Call {
    let command = session::Command::Confirm { number: 42 };
    call(number, Principal::FrontEnd(front_end_id(1)), session(), command)
}

fn judge(number: u64, state: InstitutionState) -> Call {
    let operator = Principal::Operator("op".into());
    call(number, operator, institution_id(), institution::Command::Judge(state))
}

/// A device puts an object of so many bytes.
fn put(number: u8, bytes: usize) -> Call {
    let object = vec![number; bytes];
    let stored = StoredObject {
        digest: Digest::of(&object),
        size: bytes as u64,
        blob: None,
        pieces: 0,
        created: START,
        erase: None,
    };
    let pieces = object.chunks(60_000).map(<[u8]>::to_vec).collect();
    let command =
        vault::Command::PutObject { object: [number; 16], stored, pieces, bytes_max: u64::MAX };
    call(number.into(), Principal::Device(device_id(1)), vault(), command)
}

/// A session that was opened.
fn opened() -> Bench {
    let mut world = world();
    let front_end = Principal::FrontEnd(front_end_id(1));
    let bank = Principal::Institution(institution_id());
    for call in [call(1, bank, session(), push()), call(2, front_end, session(), open())] {
        assert!(matches!(run_alone(&mut world, START, call), Ok(Ok(_))));
    }
    Bench::new(world)
}

fn stage(outcome: &Outcome) -> SessionStage {
    let Ok(Ok(Reply::Session(session))) = outcome else { panic!("{outcome:?}") };
    session.stage
}

fn later(bench: &mut Bench) {
    bench.now = bench.now.after(Duration::from_millis(100));
    bench.tell(Input::Wake([0; 32]));
}

#[test]
fn what_rests_on_a_failed_commit_is_decided_again() {
    let mut bench = opened();
    bench.ask(1, claim(11, 1));
    bench.ask(2, confirm(12));
    bench.tell(Input::Failed(StoreFault::Busy));
    assert!(matches!(bench.replies[0], (1, Err(Fault::Store(StoreFault::Busy)))));
    assert!(matches!(bench.replies[1], (2, Ok(Err(Rejection::WrongState)))), "nobody claimed it");
    assert_eq!(bench.commits.len(), 1, "nothing that rests on it was sent");
}

#[test]
fn a_refused_group_goes_on_one_by_one() {
    let mut bench = Bench::of(institution_id(), 9, world());
    let states = [InstitutionState::Suspended, InstitutionState::Approved];
    for number in 0..4 {
        bench.ask(number, judge(number, states[(number % 2) as usize]));
    }
    bench.commit();
    assert_eq!((bench.commits.len(), bench.tickets()), (2, vec![0]));
    bench.tell(Input::Refused(0));
    later(&mut bench);
    for number in 1..4 {
        assert_eq!(bench.commits.len(), 2 + number);
        bench.commit();
        assert_eq!(bench.replies.len(), 1 + number, "one in each");
    }
    assert_eq!(bench.tickets(), [0, 1, 2, 3], "in their order");
}

#[test]
fn a_name_that_one_of_a_group_wants_is_not_the_others_fault() {
    let mut world = world();
    let other = id(Kind::Institution, 9);
    let free = call(1, Principal::Anyone, other, describe("free.example"));
    assert!(matches!(run_alone(&mut world, START, free), Ok(Ok(_))));
    let mut bench = Bench::of(other, 9, world);
    let operator = Principal::Operator("op".into());
    let judge =
        |number, state| call(number, operator.clone(), other, institution::Command::Judge(state));
    let taken = call(3, Principal::Institution(other), other, describe("bank.example"));
    bench.ask(1, judge(2, InstitutionState::Approved));
    bench.ask(2, judge(4, InstitutionState::Suspended));
    bench.ask(3, taken);
    for _ in 0..4 {
        bench.commit();
    }
    let outcomes: Vec<_> =
        bench.replies.iter().map(|(ticket, outcome)| (*ticket, outcome)).collect();
    assert!(matches!(outcomes[1], (2, Ok(Ok(_)))), "{outcomes:?}");
    assert!(matches!(outcomes[2], (3, Ok(Err(Rejection::AlreadyExists)))), "{outcomes:?}");
}

#[test]
fn a_group_is_bounded_in_commands() {
    let mut bench = Bench::of(institution_id(), 1_000, world());
    let states = [InstitutionState::Suspended, InstitutionState::Approved];
    let many = GROUP_COMMANDS_MAX as u64 + 10;
    for number in 0..=many {
        bench.ask(number, judge(number, states[(number % 2) as usize]));
    }
    for answered in [1, 1 + GROUP_COMMANDS_MAX, 1 + many as usize] {
        bench.commit();
        assert_eq!(bench.replies.len(), answered);
    }
    assert_eq!(bench.commits.len(), 3);
}

#[test]
fn a_group_is_bounded_in_bytes_and_so_is_a_command() {
    let mut bench = Bench::of(vault(), 9, world());
    for (ticket, bytes) in [(1, 10), (2, 150_000), (3, 150_000), (4, BATCH_BYTES_MAX)] {
        bench.ask(ticket, put(ticket as u8, bytes));
    }
    // One that did not fit waits for the group to leave, not for good: refused, it goes on.
    bench.tell(Input::Refused(0));
    later(&mut bench);
    for _ in 0..3 {
        bench.commit();
    }
    assert_eq!(bench.tickets(), [1, 4, 2, 3], "what fits no batch is told when it is decided");
    assert!(matches!(bench.replies[1].1, Err(Fault::Store(StoreFault::TooLarge(_)))));
    assert!(bench.commits.iter().all(|batch| batch.size_bytes() <= GROUP_BYTES_MAX));
}

#[test]
fn nobody_in_a_group_saw_another_revision() {
    let mut bench = Bench::of(vault(), 9, world());
    bench.ask(1, put(1, 10));
    bench.ask(2, put(2, 10));
    // The device's head changes while the second waits.
    let key = key::head(device_id(1));
    let mut head = bench.world.head(device_id(1)).unwrap();
    let revision = head.revision;
    head.revision += 1;
    bench.world.map.insert(key.clone(), head.encode().unwrap());
    bench.ask(3, put(3, 10));
    bench.tell(Input::Committed);
    let own: Vec<_> = bench.commits[1]
        .preconditions
        .iter()
        .filter(|precondition| *precondition.key() == key)
        .collect();
    assert_eq!(own, [&Precondition::RevisionIs { key, revision }], "as the second saw it");
}

#[test]
fn an_old_answer_is_no_news() {
    let mut bench = opened();
    bench.ask(1, claim(11, 1));
    // A second claim waits for what it asked the store for.
    let outputs = bench.shell.handle(bench.now, Input::Command(Box::new(claim(12, 2)), 2));
    let [Output::Load(old)] = &outputs[..] else { panic!("{outputs:?}") };
    let late = Input::Loaded(old.number, Ok(bench.world.load(old)));
    let outputs = bench.shell.handle(bench.now, Input::Refused(0));
    assert!(matches!(outputs[..], [Output::WakeAt(_)]), "{outputs:?}");
    bench.now = bench.now.after(Duration::from_millis(100));
    let outputs = bench.shell.handle(bench.now, Input::Wake([0; 32]));
    let [Output::Load(own)] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(own.keys, [key::head(session())]);
    let outputs = bench.shell.handle(bench.now, late);
    assert!(outputs.is_empty(), "it waits for another: {outputs:?}");
    bench.tell(Input::Loaded(own.number, Ok(bench.world.load(own))));
    bench.commit();
    assert_eq!(bench.tickets(), [1, 2]);
    assert_eq!(stage(&bench.replies[0].1), SessionStage::Claimed, "the first came first");
    assert!(matches!(bench.replies[1].1, Ok(Err(Rejection::SessionClaimed))));
}

#[test]
fn everyone_who_waits_is_told_of_the_end() {
    let mut shell = Shell::new(session(), 4);
    let mut ask = |ticket| {
        let look = call(ticket, Principal::Anyone, session(), session::Command::Look);
        shell.handle(START, Input::Command(Box::new(look), ticket))
    };
    let outputs = ask(1);
    let [Output::Load(load)] = &outputs[..] else { panic!("{outputs:?}") };
    assert!(ask(2).is_empty() && ask(3).is_empty());
    let damaged = Answers { values: vec![Some(vec![1, 2, 3])], found: Vec::new() };
    let outputs = shell.handle(START, Input::Loaded(load.number, Ok(damaged)));
    let told = |output: &&Output<u64>| {
        matches!(output, Output::Reply(_, Err(Fault::Store(StoreFault::Corrupt(_)))))
    };
    assert_eq!(outputs.iter().filter(told).count(), 3, "{outputs:?}");
    assert!(outputs.iter().any(|output| matches!(output, Output::Crash(_))));
}

#[test]
fn an_answer_that_is_cut_or_damaged_is_no_absence() {
    let mut shell = Shell::new(session(), 4);
    let outputs = shell.handle(START, Input::Command(Box::new(claim(1, 1)), 1));
    let [Output::Load(load)] = &outputs[..] else { panic!("{outputs:?}") };
    let outputs = shell.handle(START, Input::Loaded(load.number, Ok(Answers::default())));
    let corrupt = |output: &Output<u64>| {
        matches!(output, Output::Reply(1, Err(Fault::Store(StoreFault::Corrupt(_)))))
    };
    assert!(corrupt(&outputs[0]), "{outputs:?}");
    // Another's head that cannot be read is the store's fault, and this entity goes on.
    let mut bench = opened();
    bench.world.map.insert(key::head(device_id(1)), vec![1, 2, 3]);
    bench.ask(1, claim(11, 1));
    assert!(matches!(bench.replies[0], (1, Err(Fault::Store(StoreFault::Corrupt(_))))));
    bench.ask(2, claim(12, 2));
    bench.commit();
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Claimed);
}
