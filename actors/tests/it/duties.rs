//! The outbox with handlers that fail, and the sweeper among what is damaged.

use crate::fixtures::{START, id};
use crate::node::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use symbolon_actors::{EffectHandler, Limits};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::{Effect, Reply};
use symbolon_domain::port::{
    Append, Batch, BatchId, BoxFuture, Kept, KeptAnswer, Operation, Range, Store,
};
use symbolon_domain::{Kind, key, record};

/// Carries out the removal of blobs as each one's plan says, attempt by attempt.
#[derive(Default)]
struct Planned {
    plans: Mutex<BTreeMap<String, Vec<Fate>>>,
    attempts: Mutex<Vec<(String, [u8; 16])>>,
    running: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Clone, Copy)]
enum Fate {
    Panic,
    Fail,
    /// Never answers.
    Hang,
}

impl EffectHandler for Planned {
    fn carry_out<'a>(
        &'a self,
        id: [u8; 16],
        effect: &'a Effect,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let Effect::DeleteBlob { name } = effect else { return Ok(()) };
            self.attempts.lock().unwrap().push((name.clone(), id));
            self.most.fetch_max(self.running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let fate = self.plans.lock().unwrap().get_mut(name).and_then(Vec::pop);
            match fate {
                Some(Fate::Hang) => std::future::pending().await,
                Some(Fate::Panic) => panic!("as the test wants"),
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
            self.running.fetch_sub(1, Ordering::SeqCst);
            if fate.is_some() { Err("as the test wants".into()) } else { Ok(()) }
        })
    }
}

impl Planned {
    fn names(&self) -> Vec<String> {
        self.attempts.lock().unwrap().iter().map(|(name, _)| name.clone()).collect()
    }
}

async fn started(plans: &[(&str, &[Fate])]) -> (Node, Arc<Planned>) {
    let handler = Arc::new(Planned::default());
    let plans = plans.iter().map(|(name, fates)| ((*name).to_owned(), fates.to_vec()));
    *handler.plans.lock().unwrap() = plans.collect();
    (Node::with(Limits::default(), Some(handler.clone())).await, handler)
}

/// Leaves things in the outbox, in one batch.
async fn append(node: &Node, number: u8, values: Vec<Vec<u8>>) {
    let mut batch = Batch::new(BatchId([number; 16]));
    let queue = key::outbox_queue();
    let append = |value| Operation::Append(Append { queue: queue.clone(), value });
    batch.operations = values.into_iter().map(append).collect();
    node.store.commit(batch).await.unwrap();
}

fn blob(name: &str) -> Vec<u8> {
    record::encode(&Effect::DeleteBlob { name: name.into() }).unwrap()
}

fn outbox() -> Range {
    Range::prefix(&key::outbox_queue().0)
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_tried_until_it_is_done_under_one_id() {
    let fates = [Fate::Fail, Fate::Hang, Fate::Panic];
    let (node, handler) = started(&[("bad", &fates)]).await;
    append(&node, 101, vec![b"no effect".to_vec(), blob("bad"), blob("good")]).await;
    // Nobody was told: it looks by itself.
    node.until("all that can be is done", async |node| node.count(&outbox()).await == 1).await;
    let left = node.store.scan(&outbox(), 10).await.unwrap();
    assert_eq!(left[0].value, b"no effect", "what cannot be read stays");
    let attempts = handler.attempts.lock().unwrap();
    let ids = |wanted: &str| -> Vec<[u8; 16]> {
        attempts.iter().filter(|(name, _)| name == wanted).map(|(_, id)| *id).collect()
    };
    assert_eq!(ids("bad").len(), 4, "it panicked, hung, failed, and was done");
    assert_eq!(ids("bad").iter().collect::<BTreeSet<_>>().len(), 1);
    assert_ne!(ids("bad")[0], ids("good")[0]);
}

#[tokio::test(start_paused = true)]
async fn so_many_at_once_and_all_in_the_end() {
    let names: Vec<String> = (0..100).map(|number| format!("blob{number}")).collect();
    let plans: Vec<(&str, &[Fate])> =
        names.iter().map(|name| (name.as_str(), &[Fate::Hang][..])).collect();
    let (node, handler) = started(&plans).await;
    append(&node, 101, names.iter().map(|name| blob(name)).collect()).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(handler.most.load(Ordering::SeqCst), 64, "at once");
    node.until("all are done", async |node| node.count(&outbox()).await == 0).await;
}

#[tokio::test(start_paused = true)]
async fn many_of_one_target_are_all_done() {
    let (node, handler) = started(&[("one", &[Fate::Fail])]).await;
    append(&node, 101, vec![blob("one"); 40]).await;
    node.until("all are done", async |node| node.count(&outbox()).await == 0).await;
    assert_eq!(handler.names().len(), 41, "each once, and the first twice");
}

#[tokio::test(start_paused = true)]
async fn a_queue_whose_end_was_seen_is_not_read_with_each_effect() {
    let (node, handler) = started(&[]).await;
    let names: Vec<String> = (0..200).map(|number| format!("blob{number}")).collect();
    append(&node, 101, names.iter().map(|name| blob(name)).collect()).await;
    let before = node.store.scans_of(&outbox());
    node.until("all are done", async |node| node.count(&outbox()).await == 0).await;
    assert_eq!(handler.names().len(), names.len());
    let scans = node.store.scans_of(&outbox()) - before;
    assert!((2..10).contains(&scans), "a page, the end, and a look now and then: {scans}");
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_than_there_is_a_place_for() {
    const PLACES: usize = 4_096;
    const PAGE: usize = 256;
    let names: Vec<String> = (0..PLACES + 4 * PAGE).map(|number| format!("b{number}")).collect();
    let plans: Vec<(&str, &[Fate])> =
        names.iter().map(|name| (name.as_str(), &[Fate::Hang][..])).collect();
    let (node, _) = started(&plans).await;
    for (number, names) in (101..).zip(names.chunks(1_000)) {
        append(&node, number, names.iter().map(|name| blob(name)).collect()).await;
    }
    let before = node.store.scans_of(&outbox());
    // The first look; nothing is done before the handlers are given up.
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(node.store.scans_of(&outbox()) - before, PLACES / PAGE);
}

#[tokio::test(start_paused = true)]
async fn the_sweeper_leaves_what_is_not_over() {
    let node = Node::start(Limits::default()).await;
    let (later, damaged) = (Digest([5; 32]), id(Kind::Session, 7));
    let kept = Kept {
        revision: 2,
        body_hash: Digest([1; 32]),
        expires: START.after(Duration::from_secs(3_600)),
        answer: KeptAnswer::Open(Ok(Reply::Done)),
    };
    // Kept again under the same key: the first one's due row tells nothing of it.
    let (past, stale) = (key::due_kept(START, &later), key::due(START, id(Kind::Session, 9)));
    let put =
        |key: &Vec<u8>, value: &[u8]| Operation::Put { key: key.clone(), value: value.into() };
    let kept_key = key::idempotency(&later);
    let mut batch = Batch::new(BatchId([101; 16]));
    batch.operations = vec![
        put(&kept_key, &kept.encode().unwrap()),
        put(&past, &[]),
        put(&key::head(damaged), &[1, 2, 3]),
        put(&key::due(START, damaged), &[]),
        put(&stale, &[]),
    ];
    node.store.commit(batch).await.unwrap();
    tokio::time::sleep(Duration::from_secs(130)).await;
    let there = async |key: &Vec<u8>| node.store.get(key).await.unwrap().is_some();
    assert!(there(&kept_key).await, "the later answer stays");
    assert!(!there(&past).await && !there(&stale).await);
    assert!(there(&key::due(START, damaged)).await, "nobody knows when it is due");
}
