//! The actors: permits, crashes, passivation, sweeper, outbox, shutdown.

use crate::fixtures::{
    START, call, code, code_id, device_id, front_end_id, id, institution_id, open, push, redeem,
};
use crate::node::{Node, PLENTY};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use symbolon_actors::Limits;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::session::{self, EndReason, Session};
use symbolon_domain::entity::{Effect, Reply, front_end, token};
use symbolon_domain::port::{
    Append, Batch, BatchId, Call, Fault, Keep, Operation, Outcome, Principal, Range, Router, Store,
    StoreFault,
};
use symbolon_domain::{Id, Kind, Rejection, key, record};

pub(crate) fn session(number: u8) -> Id {
    id(Kind::Session, number)
}

fn bank() -> Principal {
    Principal::Institution(institution_id())
}

pub(crate) fn look(number: u64, session: Id) -> Call {
    call(number, bank(), session, session::Command::Look)
}

pub(crate) fn claim(number: u64, session: Id, device: u8) -> Call {
    let command = session::Command::Claim { number: 42 };
    call(number, Principal::Device(device_id(device)), session, command)
}

/// Opens a session at the first front end.
pub(crate) async fn opened(node: &Node, session: Id) {
    let front_end = Principal::FrontEnd(front_end_id(1));
    for call in [call(1, bank(), session, push()), call(2, front_end, session, open())] {
        let outcome = node.call(call).await;
        assert!(matches!(outcome, Ok(Ok(_))), "{outcome:?}");
    }
}

pub(crate) fn is_ok(outcome: &Outcome) -> bool {
    matches!(outcome, Ok(Ok(_)))
}

fn is_busy(outcome: &Outcome) -> bool {
    matches!(outcome, Err(Fault::Busy { retry_after_ms: 1.. }))
}

#[tokio::test(start_paused = true)]
async fn one_of_many_claims_wins() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    let calls = (0..64_u8).map(|n| node.call(claim(n.into(), session(1), 1 + n % 3)));
    let mut winners: BTreeMap<Id, usize> = BTreeMap::new();
    for outcome in futures(calls).await {
        if let Ok(Ok(Reply::Session(session))) = outcome {
            *winners.entry(session.claim.unwrap().device).or_default() += 1;
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let stored: Session = node.head(session(1)).await.unwrap();
    assert_eq!(Some(&stored.claim.unwrap().device), winners.keys().next());
}

#[tokio::test(start_paused = true)]
async fn one_of_many_redemptions_wins() {
    let node = Node::start(Limits::default()).await;
    let mut batch = Batch::new(BatchId([1; 16]));
    batch.operations = code();
    node.store.commit(batch).await.unwrap();
    let calls = (0..64_u8).map(|number| {
        let command = token::Command::Redeem(Box::new(redeem(number)));
        node.call(call(number.into(), bank(), code_id(), command))
    });
    let outcomes = futures(calls).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_ok(outcome)).count(), 1, "{outcomes:?}");
    let lost = |outcome: &&Outcome| matches!(outcome, Ok(Err(Rejection::InvalidGrant)));
    assert_eq!(outcomes.iter().filter(lost).count(), 63);
    let grant = id(Kind::Grant, 1);
    let tokens = key::Index::TokensOf(grant, grant).siblings();
    assert_eq!(node.count(&tokens).await, 2, "one access and one refresh token");
    let wraps = key::rows_like(grant, &key::Row::GrantWrap(grant));
    assert_eq!(node.count(&wraps).await, 2, "the code's wrap went with it");
}

/// Runs them all at once on this task.
async fn futures<F: Future>(calls: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut outcomes: Vec<Option<F::Output>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, outcome) in calls.iter_mut().zip(&mut outcomes) {
            if outcome.is_none()
                && let std::task::Poll::Ready(ready) = call.as_mut().poll(context)
            {
                *outcome = Some(ready);
            }
        }
        if outcomes.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn an_entity_takes_so_many_calls_and_no_more() {
    let limits = Limits { calls_per_entity_max: 2, ..Limits::default() };
    let node = Node::start(limits).await;
    opened(&node, session(1)).await;
    let commits = node.store.commits.acquire_many(PLENTY).await.unwrap();
    let mut calls: Vec<_> =
        (1..=3).map(|n| Box::pin(node.call(claim(n.into(), session(1), n)))).collect();
    let third = calls.pop().unwrap();
    // The first two wait for the store.
    for call in &mut calls {
        let waited = tokio::time::timeout(Duration::from_millis(1), call).await;
        assert!(waited.is_err());
    }
    assert_eq!(node.actors.calls_in_flight(), 2);
    let third = tokio::time::timeout(Duration::from_secs(1), third).await;
    assert!(is_busy(&third.expect("it is turned away at once")));
    let other = node.call(look(9, session(2))).await;
    assert!(matches!(other, Ok(Err(_))), "another entity is not concerned: {other:?}");
    drop(commits);
    let outcomes = futures(calls.into_iter()).await;
    assert_eq!(outcomes.iter().filter(|outcome| is_ok(outcome)).count(), 1);
    assert_eq!(node.actors.calls_in_flight(), 0, "every permit came back");
    node.until("all have left", async |node| node.actors.live() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn the_node_takes_so_many_calls_and_no_more() {
    let node = Node::start(Limits { calls_max: 2, ..Limits::default() }).await;
    opened(&node, session(1)).await;
    let commits = node.store.commits.acquire_many(PLENTY).await.unwrap();
    let mut calls: Vec<_> =
        (1..=3).map(|n| Box::pin(node.call(claim(n.into(), session(1), n)))).collect();
    let third = calls.pop().unwrap();
    for call in &mut calls {
        assert!(tokio::time::timeout(Duration::from_millis(1), call).await.is_err());
    }
    let third = tokio::time::timeout(Duration::from_secs(1), third).await;
    assert!(is_busy(&third.expect("it is turned away at once")));
    drop(commits);
    assert_eq!(futures(calls.into_iter()).await.iter().filter(|call| is_ok(call)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_node_takes_so_many_calls_and_so_many_entities() {
    let limits = Limits { calls_max: 1, live_max: 8, ..Limits::default() };
    let node = Node::start(limits).await;
    let commits = node.store.commits.acquire_many(PLENTY).await.unwrap();
    let first = node.call(call(1, bank(), session(1), push()));
    let second = async {
        tokio::task::yield_now().await;
        let outcome = node.call(look(2, session(2))).await;
        drop(commits);
        outcome
    };
    let (first, second) = tokio::join!(first, second);
    assert!(is_ok(&first) && is_busy(&second), "{first:?} {second:?}");
    // Setup made seven entities live, session 1 is the eighth: no place for a ninth until
    // the idle leave, which being crowded makes them do at once.
    assert_eq!(node.actors.live(), 8);
    let crowded = node.call(call(3, bank(), session(2), push())).await;
    assert!(is_busy(&crowded), "{crowded:?}");
    assert_eq!(node.actors.live(), 8, "who was turned away takes no place");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(node.actors.live() < 8, "the idle leave at the next round");
    assert!(is_ok(&node.call(call(4, bank(), session(2), push())).await));
}

#[tokio::test(start_paused = true)]
async fn a_crash_harms_no_other() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    assert!(is_ok(&node.call(call(3, bank(), session(2), push())).await));
    node.until("all have left", async |node| node.actors.live() == 0).await;
    node.store.damaged.lock().unwrap().insert(key::head(session(1)));
    let damaged = node.call(look(4, session(1))).await;
    assert!(matches!(damaged, Err(Fault::Store(StoreFault::Corrupt(_)))), "{damaged:?}");
    node.until("its gate is shut", async |node| is_busy(&node.call(look(5, session(1))).await))
        .await;
    assert!(is_ok(&node.call(look(6, session(2))).await), "the other goes on");
    node.store.damaged.lock().unwrap().clear();
    node.until("its gate opens", async |node| is_ok(&node.call(look(7, session(1))).await)).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_crash_of_one_entity() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    assert!(is_ok(&node.call(look(3, session(1))).await));
    node.clock.panics.store(true, Ordering::Relaxed);
    let crashed = node.call(look(4, session(1))).await;
    assert!(matches!(crashed, Err(Fault::Crashed)), "{crashed:?}");
    node.until("its gate is shut", async |node| is_busy(&node.call(look(5, session(1))).await))
        .await;
    assert!(is_ok(&node.call(call(6, bank(), session(2), push())).await));
    node.until("its gate opens", async |node| is_ok(&node.call(look(7, session(1))).await)).await;
    assert_eq!(node.actors.calls_in_flight(), 0, "a crash gives its permits back");
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_stays() {
    let node = Node::start(Limits::default()).await;
    node.until("all have left", async |node| node.actors.live() == 0).await;
    let look = |number| call(number, bank(), front_end_id(1), front_end::Command::Look);
    assert!(is_ok(&node.call(look(1)).await));
    for number in 2..12 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert_eq!(node.actors.live(), 1, "asked 20 seconds ago");
        assert!(is_ok(&node.call(look(number)).await));
    }
}

#[tokio::test(start_paused = true)]
async fn shutdown_does_not_wait_for_ever() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    let router = node.actors.router();
    let Node { actors, store, .. } = node;
    let _commits = store.commits.acquire_many(PLENTY).await.unwrap();
    let stuck = tokio::spawn(async move { router.call(claim(3, session(1), 1)).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let hour = Duration::from_secs(3_600);
    let unfinished = tokio::time::timeout(hour, actors.shutdown()).await;
    assert_eq!(unfinished.expect("it ends all the same"), 1);
    stuck.abort();
}

#[tokio::test(start_paused = true)]
async fn the_idle_leave_and_come_back() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    assert!(node.actors.live() >= 1);
    tokio::time::sleep(Duration::from_secs(50)).await;
    assert!(node.actors.live() >= 1, "not idle for long enough");
    let claimed = node.call(claim(3, session(1), 1)).await;
    assert!(is_ok(&claimed), "{claimed:?}");
    node.until("all have left", async |node| node.actors.live() == 0).await;
    assert!(is_ok(&node.call(look(4, session(1))).await));
    assert_eq!(node.actors.live(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_is_lost_to_passivation() {
    let limits = Limits {
        idle_round: Duration::from_micros(200),
        idle_rounds: 0,
        sweep_every: Duration::from_secs(60),
        ..Limits::default()
    };
    let node = Arc::new(Node::start(limits).await);
    opened(&node, session(1)).await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8_u64 {
        let node = node.clone();
        tasks.spawn(async move {
            let mut answered = 0;
            for number in 0..2_000 {
                answered += usize::from(is_ok(&node.call(look(number, session(1))).await));
                if (number + task) % 16 == 0 {
                    tokio::time::sleep(Duration::from_micros(300)).await;
                }
            }
            answered
        });
    }
    assert_eq!(tasks.join_all().await.iter().sum::<usize>(), 8 * 2_000);
    node.until("it has left", async |node| node.actors.live() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn time_passes_without_anybody_asking() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    let keep = Keep {
        scope: Digest([1; 32]),
        body_hash: Digest([2; 32]),
        ttl_seconds: 3_600,
        sealed_answer: None,
    };
    let push = Call { keep: Some(keep), ..call(3, bank(), session(2), push()) };
    assert!(is_ok(&node.call(push).await));
    let kept = Range::prefix(&key::idempotency(&Digest([1; 32])));
    let sessions = key::heads(Kind::Session);
    assert_eq!((node.count(&kept).await, node.count(&sessions).await), (1, 2));
    tokio::time::sleep(session::OPEN_LIFE + Duration::from_secs(2)).await;
    for number in [1, 2] {
        let stored: Session = node.head(session(number)).await.unwrap();
        assert_eq!(stored.end, Some(EndReason::Expired));
    }
    let slots = key::rows(front_end_id(1));
    assert_eq!(node.count(&slots).await, 0, "the place is free again");
    tokio::time::sleep(session::ENDED_LIFE + Duration::from_secs(180)).await;
    assert_eq!((node.count(&kept).await, node.count(&sessions).await), (0, 0));
    assert_eq!(node.count(&key::rows(session(1))).await, 0);
    // Tokens of front ends and devices are due in 400 days; nothing else is left.
    let due = key::due_until(START.after(Duration::from_secs(300 * 24 * 3600)));
    assert_eq!(node.count(&due).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_due_row_that_nobody_knows_goes() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    let stale = [key::due(START, session(1)), key::due(START, session(9))];
    let mut batch = Batch::new(BatchId([1; 16]));
    batch.operations =
        stale.iter().map(|key| Operation::Put { key: key.clone(), value: Vec::new() }).collect();
    node.store.commit(batch).await.unwrap();
    tokio::time::sleep(Duration::from_secs(119)).await;
    for key in &stale {
        assert_eq!(node.store.get(key).await.unwrap(), None);
    }
    let own = key::due(START.after(session::OPEN_LIFE), session(1));
    assert!(node.store.get(&own).await.unwrap().is_some(), "the true one stays");
}

/// An effect as an act would leave it in the outbox.
async fn append(node: &Node, number: u8, effect: Effect) {
    let mut batch = Batch::new(BatchId([100 + number; 16]));
    let value = record::encode(&effect).unwrap();
    batch.operations.push(Operation::Append(Append { queue: key::outbox_queue(), value }));
    node.store.commit(batch).await.unwrap();
    node.actors.wakeups().notify(&key::outbox_queue());
}

fn complete(session: Id) -> Effect {
    let command = session::Command::Complete {
        grant: id(Kind::Grant, 1),
        device: device_id(1),
        handle: "handle".into(),
        sealed_half: None,
        code_expires: START,
    };
    Effect::Tell { target: session, command: Box::new(command.into()) }
}

#[tokio::test(start_paused = true)]
async fn effects_are_carried_out_past_one_that_cannot_be() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    assert!(is_ok(&node.call(claim(3, session(1), 1)).await));
    let outbox = Range::prefix(&key::outbox_queue().0);
    // Nobody here can delete a blob, and session 2 cannot be read for now.
    append(&node, 1, Effect::DeleteBlob { name: "blob".into() }).await;
    node.store.damaged.lock().unwrap().insert(key::head(session(2)));
    append(&node, 2, complete(session(2))).await;
    append(&node, 3, complete(session(1))).await;
    node.until("the session is complete", async |node| {
        let stored: Session = node.head(session(1)).await.unwrap();
        stored.end == Some(EndReason::Approved)
    })
    .await;
    node.until("its entry is gone", async |node| node.count(&outbox).await == 2).await;
    node.store.damaged.lock().unwrap().clear();
    node.until("the other is told", async |node| node.count(&outbox).await == 1).await;
    let left = node.store.scan(&outbox, 10).await.unwrap();
    let left: Effect = record::decode(&left[0].value).unwrap();
    assert_eq!(left, Effect::DeleteBlob { name: "blob".into() });
}

#[tokio::test(start_paused = true)]
async fn a_woken_outbox_reads_at_once() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    assert!(is_ok(&node.call(claim(3, session(1), 1)).await));
    // Enough for the outbox to have seen the end of its queue, and to wait.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = tokio::time::Instant::now();
    append(&node, 1, complete(session(1))).await;
    let outbox = Range::prefix(&key::outbox_queue().0);
    // Who yields is never idle, so the paused clock stands still: only what is ready runs.
    for _ in 0..10_000 {
        if node.count(&outbox).await == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(node.count(&outbox).await, 0, "the effect waits for the next look");
    assert_eq!(tokio::time::Instant::now(), before);
    let stored: Session = node.head(session(1)).await.unwrap();
    assert_eq!(stored.end, Some(EndReason::Approved));
}

#[tokio::test(start_paused = true)]
async fn readers_of_a_queue_are_woken() {
    let node = Node::start(Limits::default()).await;
    let mut wakeup = node.actors.wakeups().subscribe(key::event_queue(front_end_id(1)));
    let mut other = node.actors.wakeups().subscribe(key::event_queue(front_end_id(2)));
    opened(&node, session(1)).await;
    assert!(wakeup.has_changed().unwrap() && !other.has_changed().unwrap());
    wakeup.mark_unchanged();
    other.mark_unchanged();
    assert!(is_ok(&node.call(look(3, session(1))).await));
    assert!(!wakeup.has_changed().unwrap());
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_a_commit_in_flight() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    let router = node.actors.router();
    let Node { actors, store, .. } = node;
    let commits = store.commits.acquire_many(PLENTY).await.unwrap();
    let begun = router.call(claim(3, session(1), 1));
    let release = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        drop(commits);
    };
    let shutdown = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        actors.shutdown().await
    };
    let (begun, (), unfinished) = tokio::join!(begun, release, shutdown);
    assert!(is_ok(&begun), "{begun:?}");
    assert_eq!(unfinished, 0);
    let after = router.call(look(5, session(1))).await;
    assert!(matches!(after, Err(Fault::Stopping)), "{after:?}");
}
