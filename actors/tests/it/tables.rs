//! The shell alone: what goes in, what comes out.

use crate::bench::Bench;
use crate::fixtures::{
    START, call, describe, device_id, front_end_id, id, institution_id, open, push, run_alone,
    world,
};
use crate::world::World;
use std::time::Duration;
use symbolon_actors::shell::{ATTEMPTS_MAX, Hint, Input, Output, Shell};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::session::{self, SessionStage};
use symbolon_domain::entity::{Command, Reply};
use symbolon_domain::port::{
    Call, Fault, Keep, Outcome, Precondition, Principal, Settled, StoreFault,
};
use symbolon_domain::{Id, Kind, Rejection, Timestamp, key};

fn session() -> Id {
    id(Kind::Session, 1)
}

fn bank() -> Principal {
    Principal::Institution(institution_id())
}

fn look(number: u64) -> Call {
    call(number, bank(), session(), session::Command::Look)
}

fn claim(number: u64, device: u8) -> Call {
    let command = session::Command::Claim { number: 42 };
    call(number, Principal::Device(device_id(device)), session(), command)
}

/// A world with an open session.
fn opened() -> World {
    let mut world = world();
    let front_end = Principal::FrontEnd(front_end_id(1));
    for call in [call(1, bank(), session(), push()), call(2, front_end, session(), open())] {
        assert!(matches!(run_alone(&mut world, START, call), Ok(Ok(_))));
    }
    world
}

fn stage(outcome: &Outcome) -> SessionStage {
    let Ok(Ok(Reply::Session(session))) = outcome else { panic!("{outcome:?}") };
    session.stage
}

#[test]
fn what_changes_nothing_is_answered_from_memory() {
    let mut bench = Bench::new(opened());
    bench.ask(1, look(11));
    assert_eq!(bench.loads.len(), 1);
    assert_eq!(bench.loads[0].keys, [key::head(session())]);
    bench.ask(2, look(12));
    bench.ask(3, call(13, Principal::Anyone, session(), session::Command::Look));
    assert_eq!((bench.loads.len(), bench.commits.len()), (1, 0));
    assert_eq!(bench.tickets(), [1, 2, 3]);
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Open);
    assert!(matches!(bench.replies[2].1, Ok(Err(Rejection::NotFound))));
}

#[test]
fn commands_behind_a_commit_become_one_batch_and_no_answer_leaves_early() {
    let mut bench = Bench::new(opened());
    let front_end = Principal::FrontEnd(front_end_id(1));
    bench.ask(1, claim(11, 1));
    assert_eq!(bench.commits.len(), 1);
    bench.ask(2, claim(12, 2));
    bench.ask(3, look(13));
    let confirm = session::Command::Confirm { number: 42 };
    bench.ask(4, call(14, front_end, session(), confirm));
    bench.ask(5, call(15, Principal::Device(device_id(1)), session(), session::Command::Deny));
    bench.ask(6, look(16));
    assert_eq!((bench.commits.len(), bench.replies.len()), (1, 0));
    bench.commit();
    assert_eq!(bench.tickets(), [1, 2, 3], "those that saw the first commit alone");
    assert!(matches!(bench.replies[1].1, Ok(Err(Rejection::SessionClaimed))));
    assert_eq!(stage(&bench.replies[2].1), SessionStage::Claimed);
    assert_eq!(bench.commits.len(), 2);
    bench.commit();
    assert_eq!(bench.tickets(), [1, 2, 3, 4, 5, 6]);
    let stages: Vec<_> = bench.replies[3..].iter().map(|(_, outcome)| stage(outcome)).collect();
    assert_eq!(stages, [SessionStage::Confirmed, SessionStage::Ended, SessionStage::Ended]);
    assert_eq!(bench.world.head(session()).unwrap().revision, 5);
    bench.world.check_indexes();
}

#[test]
fn a_batch_names_every_head_it_rests_on() {
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    let revision = |id: Id| Precondition::RevisionIs {
        key: key::head(id),
        revision: bench.world.head(id).unwrap().revision,
    };
    let expected = [revision(session()), revision(device_id(1))];
    assert_eq!(bench.commits[0].preconditions.len(), 2);
    assert!(expected.iter().all(|wanted| bench.commits[0].preconditions.contains(wanted)));
}

#[test]
fn hints_leave_before_the_answers() {
    let mut bench = Bench::new(world());
    bench.ask(1, call(11, bank(), session(), push()));
    bench.rest.clear();
    let batch = bench.commits[0].clone();
    bench.world.commit(&batch).unwrap();
    let outputs = bench.shell.handle(START, Input::Committed);
    assert!(matches!(outputs.last(), Some(Output::Reply(1, Ok(Ok(_))))), "{outputs:?}");
    let mut bench = Bench::new(bench.world);
    let front_end = Principal::FrontEnd(front_end_id(1));
    bench.ask(1, call(12, front_end, session(), open()));
    bench.commit();
    let queue = key::event_queue(front_end_id(1));
    let told = |output: &Output<u64>| matches!(output, Output::Hint(Hint::Appended(appended)) if *appended == queue);
    assert_eq!(bench.rest.iter().filter(|output| told(output)).count(), 1);
}

#[test]
fn five_refusals_are_enough() {
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    let mut waits = 0;
    while bench.replies.is_empty() {
        let commits = bench.commits.len();
        bench.tell(Input::Refused(0));
        while bench.commits.len() == commits && bench.replies.is_empty() {
            waits += 1;
            bench.now = bench.now.after(Duration::from_millis(100));
            bench.tell(Input::Wake([0; 32]));
        }
    }
    assert!(matches!(bench.replies[0], (1, Err(Fault::Contended))));
    assert_eq!(bench.commits.len(), usize::from(ATTEMPTS_MAX));
    assert!(waits >= 3, "rivals do not meet again at once");
    let ids: std::collections::BTreeSet<_> = bench.commits.iter().map(|batch| batch.id).collect();
    assert_eq!(ids.len(), bench.commits.len(), "each attempt has a name of its own");
}

#[test]
fn a_refused_group_is_decided_again_singly() {
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    bench.ask(2, claim(12, 2));
    bench.ask(3, look(13));
    bench.tell(Input::Refused(0));
    assert_eq!(bench.replies.len(), 0);
    bench.now = bench.now.after(Duration::from_millis(100));
    bench.tell(Input::Wake([0; 32]));
    assert_eq!(bench.commits.len(), 2);
    bench.commit();
    assert_eq!(bench.tickets(), [1, 2, 3]);
    assert_eq!(stage(&bench.replies[0].1), SessionStage::Claimed);
}

#[test]
fn an_unknown_result_is_settled() {
    for applied in [true, false] {
        let mut bench = Bench::new(opened());
        bench.ask(1, claim(11, 1));
        let batch = bench.commits[0].clone();
        if applied {
            bench.world.commit(&batch).unwrap();
        }
        bench.tell(Input::Unknown);
        assert!(matches!(bench.rest.last(), Some(Output::Settle(id)) if *id == batch.id));
        let settled = bench.world.settle(batch.id);
        bench.tell(Input::Settled(Ok(settled)));
        if !applied {
            assert_eq!(settled, Settled::Void);
            assert_eq!(bench.replies.len(), 0);
            bench.now = bench.now.after(Duration::from_millis(100));
            bench.tell(Input::Wake([0; 32]));
            bench.commit();
        }
        assert_eq!(bench.tickets(), [1]);
        assert_eq!(stage(&bench.replies[0].1), SessionStage::Claimed);
        assert_eq!(bench.world.head(session()).unwrap().revision, 3);
    }
}

#[test]
fn a_result_that_stays_unknown_is_the_stores_fault() {
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    bench.tell(Input::Unknown);
    for asked in 1..=6 {
        let settles = bench.rest.iter().filter(|output| matches!(output, Output::Settle(_)));
        assert_eq!(settles.count(), asked);
        bench.tell(Input::Wake([0; 32]));
        let settles = bench.rest.iter().filter(|output| matches!(output, Output::Settle(_)));
        assert_eq!(settles.count(), asked, "it is on its way");
        bench.tell(Input::Settled(Err(StoreFault::Busy)));
        bench.now = bench.now.after(Duration::from_secs(60));
        bench.tell(Input::Wake([0; 32]));
    }
    assert!(matches!(bench.replies[0], (1, Err(Fault::Store(StoreFault::Busy)))));
    bench.ask(2, look(12));
    assert_eq!(bench.loads.last().unwrap().keys, [key::head(session())], "memory knows nothing");
}

#[test]
fn a_store_that_cannot_write_still_lets_look() {
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    bench.ask(2, look(12));
    bench.tell(Input::Failed(StoreFault::DiskFull { free_bytes: 1, reserve_bytes: 2 }));
    assert!(matches!(bench.replies[0], (1, Err(Fault::Store(StoreFault::DiskFull { .. })))));
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Open);
}

#[test]
fn late_calls_are_dropped_and_the_queue_is_bounded() {
    let mut bench = Bench::new(opened());
    bench.ask(1, Call { deadline: Timestamp(START.0 - 1), ..claim(11, 1) });
    assert!(matches!(bench.replies[0], (1, Err(Fault::Deadline))));
    assert_eq!(bench.loads.len(), 0, "it was not begun");
    let mut shell = Shell::new(session(), 4);
    let mut refused = 0;
    for ticket in 0..10 {
        for output in shell.handle(START, Input::Command(Box::new(look(ticket)), ticket)) {
            let busy = matches!(output, Output::Reply(_, Err(Fault::Busy { .. })));
            refused += usize::from(busy);
        }
    }
    assert_eq!(refused, 10 - 4 - 1, "one is at work, four wait");
}

#[test]
fn a_damaged_head_ends_the_entity() {
    let mut world = opened();
    world.map.insert(key::head(session()), vec![1, 2, 3]);
    let mut bench = Bench::new(world);
    bench.ask(1, look(11));
    assert!(matches!(bench.replies[0], (1, Err(Fault::Store(StoreFault::Corrupt(_))))));
    assert!(matches!(bench.rest[0], Output::Crash(StoreFault::Corrupt(_))));
}

#[test]
fn a_busy_store_is_no_crash() {
    let mut shell = Shell::new(session(), 4);
    let outputs = shell.handle(START, Input::Command(Box::new(look(1)), 1));
    let Output::Load(load) = &outputs[0] else { panic!("{outputs:?}") };
    let outputs = shell.handle(START, Input::Loaded(load.number, Err(StoreFault::Busy)));
    assert!(matches!(outputs[..], [Output::Reply(1, Err(Fault::Store(StoreFault::Busy)))]));
}

#[test]
fn a_taken_name_is_a_rejection() {
    let mut world = world();
    let other = id(Kind::Institution, 9);
    let outcome =
        run_alone(&mut world, START, call(1, Principal::Anyone, other, describe("bank.example")));
    assert!(matches!(outcome, Ok(Err(Rejection::AlreadyExists))), "{outcome:?}");
    let outcome =
        run_alone(&mut world, START, call(2, Principal::Anyone, other, describe("free.example")));
    assert!(matches!(outcome, Ok(Ok(_))));
    world.check_indexes();
}

fn keep(body: u8, sealed: Option<&[u8]>) -> Option<Keep> {
    Some(Keep {
        scope: Digest([8; 32]),
        body_hash: Digest([body; 32]),
        ttl_seconds: 60,
        sealed_answer: sealed.map(<[u8]>::to_vec),
    })
}

#[test]
fn an_idempotency_key_gets_the_same_answer() {
    let mut world = opened();
    let mut ask = |number, at: Timestamp, keep| {
        run_alone(&mut world, at, Call { keep, ..claim(number, 1) }).unwrap()
    };
    let first = ask(11, START, keep(1, None));
    assert_eq!(stage(&Ok(first.clone())), SessionStage::Claimed);
    assert_eq!(ask(12, START, keep(1, None)), first);
    assert_eq!(ask(13, START, keep(2, None)), Err(Rejection::IdempotencyMismatch));
    let commits = world.commits;
    // Later the key is free again: the answer is that of the state as it is then.
    let later = START.after(Duration::from_secs(60));
    let deny = call(14, Principal::Device(device_id(1)), session(), session::Command::Deny);
    let deny = Call { keep: keep(2, Some(b"sealed")), ..deny };
    let outcome = run_alone(&mut world, later, deny.clone()).unwrap();
    assert_eq!(stage(&Ok(outcome)), SessionStage::Ended);
    assert_eq!(world.commits, commits + 1);
    let again = run_alone(&mut world, later, Call { seed: [9; 32], ..deny }).unwrap();
    assert_eq!(again, Ok(Reply::Kept(b"sealed".to_vec())));
}

#[test]
fn a_kept_answer_is_nobody_elses_and_a_rejection_holds_no_secret() {
    let mut bench = Bench::new(opened());
    bench.ask(1, Call { keep: keep(1, Some(b"sealed")), ..claim(11, 1) });
    let absent = Precondition::Absent { key: key::idempotency(&Digest([8; 32])) };
    assert!(bench.commits[0].preconditions.contains(&absent), "another node may keep one too");
    let mut world = opened();
    assert!(matches!(run_alone(&mut world, START, claim(11, 1)), Ok(Ok(_))));
    let front_end = Principal::FrontEnd(front_end_id(1));
    let wrong = call(12, front_end, session(), session::Command::Confirm { number: 41 });
    let wrong = Call { keep: keep(2, Some(b"sealed")), ..wrong };
    for seed in [1, 2] {
        let wrong = Call { seed: [seed; 32], ..wrong.clone() };
        assert_eq!(run_alone(&mut world, START, wrong).unwrap(), Err(Rejection::WrongNumber));
    }
}

#[test]
fn the_same_key_twice_at_once_is_one_command() {
    let mut bench = Bench::new(opened());
    bench.ask(1, Call { keep: keep(1, None), ..claim(11, 1) });
    bench.ask(2, Call { keep: keep(1, None), ..claim(12, 1) });
    bench.ask(3, Call { keep: keep(2, None), ..claim(13, 1) });
    assert_eq!(bench.replies.len(), 0);
    bench.commit();
    assert_eq!(bench.tickets(), [1, 2, 3]);
    assert_eq!(bench.commits.len(), 1);
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Claimed);
    assert!(matches!(bench.replies[2].1, Ok(Err(Rejection::IdempotencyMismatch))));
}

#[test]
fn a_deadline_near_by_is_minded_and_keeps_the_entity_in_memory() {
    let mut bench = Bench::new(opened());
    bench.ask(1, look(11));
    bench.tell(Input::Idle);
    assert!(matches!(bench.rest[..], [Output::Passivate]), "the deadline is far");
    bench.rest.clear();
    bench.now = START.after(Duration::from_secs(100));
    bench.tell(Input::Idle);
    let expires = START.after(session::OPEN_LIFE);
    assert!(matches!(bench.rest[..], [Output::WakeAt(at)] if at == expires), "{:?}", bench.rest);
    bench.ask(7, look(17));
    assert_eq!(bench.rest.len(), 1, "asked for once");
    bench.replies.clear();
    bench.now = expires;
    bench.tell(Input::Wake([7; 32]));
    assert_eq!(bench.commits.len(), 1);
    bench.commit();
    bench.ask(2, look(12));
    assert_eq!(stage(&bench.replies[0].1), SessionStage::Ended);
    bench.world.check_indexes();
}

#[test]
fn what_is_not_there_does_not_stay_in_memory() {
    let mut bench = Bench::new(world());
    bench.ask(1, look(11));
    assert!(matches!(bench.replies[0].1, Ok(Err(Rejection::NotFound))));
    assert!(matches!(bench.rest[..], [Output::Passivate]));
}

#[test]
fn stopping_finishes_what_was_begun() {
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    bench.tell(Input::Stop);
    bench.ask(2, look(12));
    assert!(matches!(bench.replies[..], [(2, Err(Fault::Stopping))]));
    assert_eq!(bench.rest.len(), 0);
    bench.commit();
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Claimed);
    assert!(matches!(bench.rest.last(), Some(Output::Passivate)));
}

#[test]
fn forgetting_reads_again() {
    let mut bench = Bench::new(opened());
    bench.ask(1, look(11));
    let deny = call(12, Principal::Device(device_id(1)), session(), session::Command::Cancel);
    let cancel = Call { principal: bank(), ..deny };
    assert!(matches!(run_alone(&mut bench.world, START, cancel), Ok(Ok(_))));
    bench.ask(2, look(13));
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Open, "memory may be behind");
    bench.tell(Input::Forget);
    bench.ask(3, look(14));
    assert_eq!(stage(&bench.replies[2].1), SessionStage::Ended);
    // Told while a commit is in flight, it holds for what that leaves behind.
    let mut bench = Bench::new(opened());
    bench.ask(1, claim(11, 1));
    let batch = bench.commits[0].clone();
    bench.world.commit(&batch).unwrap();
    let cancel = call(12, bank(), session(), session::Command::Cancel);
    assert!(matches!(run_alone(&mut bench.world, START, cancel), Ok(Ok(_))));
    bench.tell(Input::Forget);
    bench.tell(Input::Committed);
    bench.ask(3, look(14));
    assert_eq!(stage(&bench.replies[1].1), SessionStage::Ended);
    // And a decision on a stale copy never gets through.
    let due = call(15, Principal::System, session(), Command::Due);
    bench.ask(4, due);
    assert_eq!(bench.commits.len(), 1, "the claim alone");
}
