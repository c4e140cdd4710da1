//! A node's actors over the memory store, with ports that a test can make fail.

use crate::fixtures::{START, setup};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use symbolon_actors::{Actors, EffectHandler, Limits, Ports};
use symbolon_domain::entity::{FromHead, Stored};
use symbolon_domain::port::{
    Batch, BatchId, BoxFuture, Call, Clock, CommitError, Committed, Entropy, Entry, Operation,
    Outcome, Range, Router, Settled, Store, StoreFault,
};
use symbolon_domain::{Id, Timestamp, key};
use symbolon_store::MemoryStore;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The memory store, behind switches.
pub(crate) struct Faulty {
    inner: MemoryStore,
    /// Commits take a permit each; plenty unless a test takes them away.
    pub(crate) commits: Semaphore,
    /// Keys that read as damaged.
    pub(crate) damaged: Mutex<BTreeSet<Vec<u8>>>,
    /// Reads panic.
    pub(crate) panics: AtomicBool,
    /// Reads are not there at once.
    pub(crate) slow: AtomicBool,
    /// So many commits panic when they are durable.
    pub(crate) commit_panics: AtomicU64,
    /// So many questions about a commit panic.
    pub(crate) settle_panics: AtomicU64,
    /// The keys that were read one by one.
    pub(crate) reads: Mutex<Vec<Vec<u8>>>,
    /// Where scans began and must end.
    scans: Mutex<Vec<Range>>,
}

impl Faulty {
    /// Writes past all switches, as another node would.
    pub(crate) async fn put(&self, entries: &[(&[u8], &[u8])]) {
        let name = symbolon_domain::bytes::Digest::lp("put", &[entries[0].0, entries[0].1]).0;
        let mut batch = Batch::new(BatchId(*name.first_chunk().unwrap()));
        let put = |(key, value): &(&[u8], &[u8])| Operation::Put {
            key: key.to_vec(),
            value: value.to_vec(),
        };
        batch.operations = entries.iter().map(put).collect();
        self.inner.commit(batch).await.unwrap();
    }

    /// How many scans were within the range.
    pub(crate) fn scans_of(&self, range: &Range) -> usize {
        let scans = self.scans.lock().unwrap();
        scans.iter().filter(|scan| scan.start >= range.start && scan.end == range.end).count()
    }

    fn look(&self, key: &[u8], value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        assert!(!self.panics.load(Ordering::Relaxed), "as the test wants");
        if self.damaged.lock().unwrap().contains(key) { Some(vec![0xff; 4]) } else { value }
    }
}

/// Whether there was one left.
fn takes_one(count: &AtomicU64) -> bool {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

impl Store for Faulty {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreFault>> {
        Box::pin(async move {
            if self.slow.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.reads.lock().unwrap().push(key.to_vec());
            Ok(self.look(key, self.inner.get(key).await?))
        })
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [Vec<u8>],
    ) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>, StoreFault>> {
        Box::pin(async move {
            let values = self.inner.get_many(keys).await?;
            Ok(keys.iter().zip(values).map(|(key, value)| self.look(key, value)).collect())
        })
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>> {
        self.scans.lock().unwrap().push(range.clone());
        self.inner.scan(range, limit)
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            let _permit = self.commits.acquire().await.unwrap();
            let committed = self.inner.commit(batch).await;
            assert!(!takes_one(&self.commit_panics), "as the test wants");
            committed
        })
    }

    fn settle(&self, batch: BatchId) -> BoxFuture<'_, Result<Settled, StoreFault>> {
        assert!(!takes_one(&self.settle_panics), "as the test wants");
        self.inner.settle(batch)
    }

    fn health(&self) -> Result<(), StoreFault> {
        self.inner.health()
    }
}

/// The time of the test's runtime, which may be paused. Panics when told to.
pub(crate) struct TestClock {
    start: Instant,
    pub(crate) panics: AtomicBool,
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        assert!(!self.panics.swap(false, Ordering::Relaxed), "as the test wants");
        START.after(self.start.elapsed())
    }
}

/// Other bytes each time, the same in each run.
#[derive(Default)]
pub(crate) struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, out: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let random = symbolon_domain::bytes::Digest::of(&number.to_be_bytes()).0;
        out.iter_mut().zip(random).for_each(|(to, from)| *to = from);
    }
}

/// A node's actors.
pub(crate) struct Node {
    pub(crate) actors: Actors,
    pub(crate) store: Arc<Faulty>,
    pub(crate) clock: Arc<TestClock>,
}

/// Most commits at once: more than any test has.
pub(crate) const PLENTY: u32 = 100_000;

impl Node {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::with(limits, None).await
    }

    /// With effects that a test carries out.
    pub(crate) async fn with(limits: Limits, effects: Option<Arc<dyn EffectHandler>>) -> Self {
        let store = Arc::new(Faulty {
            inner: MemoryStore::new(),
            commits: Semaphore::new(PLENTY as usize),
            damaged: Mutex::default(),
            panics: AtomicBool::new(false),
            slow: AtomicBool::new(false),
            commit_panics: AtomicU64::new(0),
            settle_panics: AtomicU64::new(0),
            reads: Mutex::default(),
            scans: Mutex::default(),
        });
        let clock = Arc::new(TestClock { start: Instant::now(), panics: AtomicBool::new(false) });
        let ports = Ports {
            store: store.clone(),
            clock: clock.clone(),
            entropy: Arc::new(Counted::default()),
            effects,
        };
        let actors = Actors::start(ports, limits).await.unwrap();
        let node = Self { actors, store, clock };
        for call in setup() {
            let outcome = node.call(call).await;
            assert!(matches!(outcome, Ok(Ok(_))), "{outcome:?}");
        }
        node
    }

    pub(crate) async fn call(&self, call: Call) -> Outcome {
        self.actors.router().call(call).await
    }

    /// A stored head.
    pub(crate) async fn head<T: FromHead + Clone>(&self, id: Id) -> Option<T> {
        let value = self.store.inner.get(&key::head(id)).await.unwrap()?;
        T::from_head(&Stored::decode(id.kind, &value).unwrap().head).cloned()
    }

    /// How many keys are in the range.
    pub(crate) async fn count(&self, range: &Range) -> usize {
        self.store.inner.scan(range, 1_000).await.unwrap().len()
    }

    /// Waits until it holds.
    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn(&Self) -> bool) {
        for _ in 0..20_000 {
            if holds(self).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it never came true that {what}");
    }
}
