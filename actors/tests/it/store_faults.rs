//! A store that panics, breaks off or is slow: what the callers of its entities are told.

use crate::live::{claim, is_ok, look, opened, session};
use crate::node::Node;
use std::sync::atomic::Ordering;
use std::time::Duration;
use symbolon_actors::Limits;
use symbolon_domain::port::{Fault, StoreFault};

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_is_a_fault() {
    let node = Node::start(Limits::default()).await;
    node.store.panics.store(true, Ordering::Relaxed);
    let outcome = node.call(look(1, session(1))).await;
    assert!(matches!(outcome, Err(Fault::Store(StoreFault::Io(_)))), "{outcome:?}");
    node.store.panics.store(false, Ordering::Relaxed);
    node.until("it recovers", async |node| {
        matches!(node.call(look(2, session(1))).await, Ok(Err(_)))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_breaks_off_is_settled_and_happens_once() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    // The batch is durable, its result is lost, and so is the first answer about it.
    node.store.commit_panics.store(1, Ordering::Relaxed);
    node.store.settle_panics.store(1, Ordering::Relaxed);
    let claimed = node.call(claim(3, session(1), 1)).await;
    assert!(is_ok(&claimed), "{claimed:?}");
    assert_eq!(node.store.commit_panics.load(Ordering::Relaxed), 0);
    assert_eq!(node.store.settle_panics.load(Ordering::Relaxed), 0);
    let again = node.call(look(4, session(1))).await;
    assert_eq!(again.unwrap(), claimed.unwrap(), "as it was answered");
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_never_arrived_is_not_answered_as_done() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    let before = node.call(look(3, session(1))).await.unwrap();
    // Every commit breaks off before it is durable, and so does the first question about it.
    node.store.commits.close();
    node.store.settle_panics.store(1, Ordering::Relaxed);
    let hour = Duration::from_secs(3_600);
    let claimed = tokio::time::timeout(hour, node.call(claim(4, session(1), 1))).await;
    let claimed = claimed.expect("it is given up");
    assert!(claimed.is_err(), "{claimed:?}");
    assert_eq!(node.call(look(5, session(1))).await.unwrap(), before);
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_is_awaited_and_may_panic() {
    let node = Node::start(Limits::default()).await;
    opened(&node, session(1)).await;
    node.until("all have left", async |node| node.actors.live() == 0).await;
    node.store.slow.store(true, Ordering::Relaxed);
    let hour = Duration::from_secs(3_600);
    let looked = tokio::time::timeout(hour, node.call(look(3, session(1)))).await;
    assert!(is_ok(&looked.expect("it is answered")));
    node.store.panics.store(true, Ordering::Relaxed);
    let outcome = tokio::time::timeout(hour, node.call(look(4, session(2)))).await;
    let outcome = outcome.expect("the panic is told");
    assert!(matches!(outcome, Err(Fault::Store(StoreFault::Io(_)))), "{outcome:?}");
}
