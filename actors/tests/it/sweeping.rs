//! The sweeper: whom it wakes how often, and what it takes for out of date.

use crate::fixtures::START;
use crate::live::{look, opened, session};
use crate::node::{Node, PLENTY};
use std::sync::atomic::Ordering;
use std::time::Duration;
use symbolon_actors::Limits;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::session::{OPEN_LIFE, Session};
use symbolon_domain::entity::{Reply, Stored};
use symbolon_domain::port::{Fault, Kept, KeptAnswer, Store};
use symbolon_domain::{Id, Kind, Timestamp, key};

/// Most rows acted on in one round.
const ROUND_MAX: usize = 4_096;

/// A moment of the minute before the test's.
fn past() -> Timestamp {
    Timestamp(START.0 - 60_000)
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

impl Node {
    async fn has(&self, key: &[u8]) -> bool {
        self.store.get(key).await.unwrap().is_some()
    }

    /// How often the entity's head was read.
    fn read(&self, id: Id) -> usize {
        let reads = self.store.reads.lock().unwrap();
        reads.iter().filter(|key| **key == key::head(id)).count()
    }
}

#[tokio::test(start_paused = true)]
async fn a_due_entity_is_woken_once_a_minute_unless_it_was_not_told() {
    let node = Node::start(Limits::default()).await;
    let (absent, damaged) = (session(9), session(8));
    let row = key::due(START, absent);
    node.store.put(&[(&row, &[]), (&key::due(START, damaged), &[])]).await;
    node.store.damaged.lock().unwrap().insert(key::head(damaged));
    tokio::time::sleep(seconds(20)).await;
    assert_eq!(node.read(absent), 1, "in twenty rounds of one minute");
    let before = node.read(damaged);
    assert!(before > 1, "who was not told is told again");
    node.store.damaged.lock().unwrap().clear();
    tokio::time::sleep(seconds(18)).await;
    assert_eq!(node.read(damaged), before + 1, "and once it was, no more");
    assert!(node.has(&row).await, "its minute is not over");
    tokio::time::sleep(seconds(10)).await;
    assert!(!node.has(&row).await, "now it is");
}

#[tokio::test(start_paused = true)]
async fn a_round_is_bounded() {
    let node = Node::start(Limits { sweep_every: seconds(15), ..Limits::default() }).await;
    let absent = |number: usize| {
        let random = Digest::of(&number.to_be_bytes()).0;
        Id::new(Kind::Session, "eu1".parse().unwrap(), *random.first_chunk().unwrap())
    };
    let rows: Vec<_> =
        (0..ROUND_MAX + 500).map(|number| key::due(past(), absent(number))).collect();
    for rows in rows.chunks(1_000) {
        let entries: Vec<_> = rows.iter().map(|row| (row.as_slice(), &[][..])).collect();
        node.store.put(&entries).await;
    }
    tokio::time::sleep(seconds(20)).await;
    let stale = key::due_until(past());
    assert_eq!(node.count(&stale).await, 500, "left for the next round");
    tokio::time::sleep(seconds(15)).await;
    assert_eq!(node.count(&stale).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_entitys_own_deadline_stays_until_it_was_heard() {
    let node = Node::start(Limits { idle_rounds: 0, ..Limits::default() }).await;
    opened(&node, session(1)).await;
    let (head, expires) = (key::head(session(1)), START.after(OPEN_LIFE));
    let own = key::due(expires, session(1));
    node.until("it has left", async |node| node.actors.live() == 0).await;
    node.store.damaged.lock().unwrap().insert(head);
    // It crashes again and again, until its gate is shut for a minute.
    tokio::time::sleep(OPEN_LIFE + seconds(120)).await;
    node.until("it crashed just now", async |node| {
        matches!(node.call(look(3, session(1))).await, Err(Fault::Store(_)))
    })
    .await;
    node.store.damaged.lock().unwrap().clear();
    let mut waited = 0;
    while node.head::<Session>(session(1)).await.unwrap().end.is_none() {
        assert!(node.has(&own).await, "nobody would wake it after {waited} seconds");
        tokio::time::sleep(seconds(1)).await;
        waited += 1;
        assert!(waited < 120, "it is woken when its gate opens");
    }
    assert!(waited > 1, "rounds went by while it could not be told");
    assert!(!node.has(&own).await);
}

/// While the sweeper's first commit waits, `now` takes the place of what it has read.
async fn changed_meanwhile(node: &Node, row: &[u8], changed: &[u8], now: &[u8]) {
    let stale = key::due(past(), session(9));
    let commits = node.store.commits.acquire_many(PLENTY).await.unwrap();
    node.store.put(&[(row, &[]), (&stale, &[])]).await;
    tokio::time::sleep(seconds(3)).await;
    assert!(node.has(row).await && node.has(&stale).await);
    node.store.put(&[(changed, now)]).await;
    drop(commits);
    tokio::time::sleep(seconds(3)).await;
    assert!(node.has(row).await, "it rested on what was there before");
    assert_eq!(node.store.get(changed).await.unwrap().as_deref(), Some(now));
    assert!(!node.has(&stale).await, "the round goes on after a refusal");
}

#[tokio::test(start_paused = true)]
async fn what_changed_meanwhile_is_not_erased_and_that_is_no_fault() {
    // The next revision of a head, then one where none was.
    for (number, revisions) in [(1, 1), (2, 0)] {
        let node = Node::start(Limits::default()).await;
        opened(&node, session(1)).await;
        let value = node.store.get(&key::head(session(1))).await.unwrap().unwrap();
        let stored = Stored::decode(Kind::Session, &value).unwrap();
        let stored = Stored { revision: stored.revision + revisions, ..stored };
        let (row, head) = (key::due(past(), session(number)), key::head(session(number)));
        changed_meanwhile(&node, &row, &head, &stored.encode().unwrap()).await;
    }
    // An answer that is kept again.
    let node = Node::start(Limits::default()).await;
    let scope = Digest([5; 32]);
    let answer = KeptAnswer::Open(Ok(Reply::Done));
    let kept = Kept { revision: 1, body_hash: Digest([1; 32]), expires: past(), answer };
    let again = Kept { revision: 2, expires: START.after(seconds(3_600)), ..kept.clone() };
    let key = key::idempotency(&scope);
    node.store.put(&[(&key, &kept.encode().unwrap())]).await;
    let row = key::due_kept(past(), &scope);
    changed_meanwhile(&node, &row, &key, &again.encode().unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn a_sweeper_that_crashed_is_started_again() {
    let node = Node::start(Limits::default()).await;
    let rows = [8, 9].map(|number| key::due(past(), session(number)));
    node.store.commit_panics.store(1, Ordering::Relaxed);
    node.store.put(&[(&rows[0], &[]), (&rows[1], &[])]).await;
    tokio::time::sleep(seconds(10)).await;
    assert_eq!(node.store.commit_panics.load(Ordering::Relaxed), 0, "it crashed");
    assert!(!node.has(&rows[0]).await, "before that, this was durable");
    assert!(!node.has(&rows[1]).await, "the second is left to the next one");
}
