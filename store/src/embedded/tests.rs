//! The embedded engine: the port's sentences, its twin in memory, its folder, its limits.

use super::*;
use crate::MemoryStore;
use crate::conformance::{self, Subject};
use proptest::prelude::*;
use std::fs;
use symbolon_domain::Timestamp;
use symbolon_domain::port::{Append, Operation, Precondition, Queue};

fn options() -> EmbeddedOptions {
    EmbeddedOptions { reserve_bytes: 0, ..EmbeddedOptions::default() }
}

struct OnDisk(tempfile::TempDir);

impl Subject for OnDisk {
    fn empty(&mut self) -> Arc<dyn Store> {
        self.0 = tempfile::tempdir().unwrap();
        self.reopen()
    }

    fn reopen(&mut self) -> Arc<dyn Store> {
        Arc::new(EmbeddedStore::open(self.0.path(), &options()).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let mut subject = OnDisk(tempfile::tempdir().unwrap());
    assert!(conformance::run(&mut subject).await.unwrap() > 20);
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn batch(number: u64) -> Batch {
    let key = number.to_be_bytes().to_vec();
    let mut batch = Batch::new(BatchId(u128::from(number).to_be_bytes()));
    batch.operations = vec![Operation::Put { key, value: b"v".into() }];
    batch
}

// Few keys, so that preconditions and ranges meet what is there.
fn some_key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(b'a'..b'd', 1..3)
}

fn some_operation() -> impl Strategy<Value = Operation> {
    let value = || (0_u64..4).prop_map(|revision| revision.to_be_bytes().to_vec());
    prop_oneof![
        4 => (some_key(), value()).prop_map(|(key, value)| Operation::Put { key, value }),
        2 => some_key().prop_map(|key| Operation::Delete { key }),
        1 => (some_key(), some_key(), 0_usize..4).prop_map(|(start, end, limit)| {
            Operation::DeleteRange { range: Range { start, end }, limit }
        }),
        1 => value().prop_map(|value| {
            Operation::Append(Append { queue: Queue(b"q".into()), value })
        }),
    ]
}

fn some_precondition() -> impl Strategy<Value = Precondition> {
    prop_oneof![
        some_key().prop_map(|key| Precondition::Absent { key }),
        (some_key(), 0_u64..4)
            .prop_map(|(key, revision)| Precondition::RevisionIs { key, revision }),
    ]
}

fn some_batches() -> impl Strategy<Value = Vec<Batch>> {
    let batch = (
        prop::collection::vec(some_precondition(), 0..2),
        prop::collection::vec(some_operation(), 0..5),
    );
    let batch = (any::<[u8; 16]>(), batch).prop_map(|(id, (preconditions, operations))| Batch {
        id: BatchId(id),
        preconditions,
        operations,
    });
    prop::collection::vec(batch, 1..40)
}

// 24 cases unless `PROPTEST_CASES` asks for more or fewer than its usual 256.
fn cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases * 24 / 256, ..usual }
}

proptest! {
    #![proptest_config(cases())]

    /// Sent together, so that most batches are judged over an overlay of a group.
    #[test]
    fn agrees_with_its_twin_in_memory(batches in some_batches()) {
        let folder = tempfile::tempdir().unwrap();
        let memory = MemoryStore::new();
        let embedded = EmbeddedStore::open(folder.path(), &options()).unwrap();
        let (ours, theirs, twins) = block_on(async {
            let commits: Vec<_> = batches.iter().map(|batch| embedded.commit(batch.clone())).collect();
            let ours: Vec<_> = futures_in_order(commits).await.into_iter().map(text).collect();
            let mut theirs = Vec::new();
            for batch in batches {
                theirs.push(text(memory.commit(batch).await));
            }
            (ours, theirs, memory.scan(&Range::all(), 1_000).await.unwrap())
        });
        prop_assert_eq!(ours, theirs);
        prop_assert_eq!(&block_on(embedded.scan(&Range::all(), 1_000)).unwrap(), &twins);
        drop(embedded);
        let embedded = EmbeddedStore::open(folder.path(), &options()).unwrap();
        prop_assert_eq!(&block_on(embedded.scan(&Range::all(), 1_000)).unwrap(), &twins);
    }
}

fn text(result: Result<Committed, CommitError>) -> String {
    format!("{result:?}")
}

/// Starts all before it waits for the first.
async fn futures_in_order<T>(mut futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut first = Vec::new();
    for future in &mut futures {
        first.push(poll_once(future).await);
    }
    let mut results = Vec::new();
    for (future, result) in futures.into_iter().zip(first) {
        results.push(match result {
            Some(result) => result,
            None => future.await,
        });
    }
    results
}

async fn poll_once<T>(future: &mut BoxFuture<'_, T>) -> Option<T> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match future.as_mut().poll(context) {
            std::task::Poll::Ready(result) => Some(result),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

fn opened(path: &Path) -> Result<(), OpenError> {
    EmbeddedStore::open(path, &options()).map(|_| ())
}

#[test]
fn a_folder_has_one_holder_and_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), &options()).unwrap();
    let error = opened(folder.path()).unwrap_err();
    assert!(matches!(error, OpenError::Held { .. }));
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    drop(store);
    opened(folder.path()).unwrap();
}

#[test]
fn a_foreign_folder_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(opened(folder.path()), Err(OpenError::Foreign { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let file = folder.path().join("letter.txt");
    assert!(matches!(opened(&file), Err(OpenError::Foreign { .. })));

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("store")).unwrap();
    assert!(matches!(opened(folder.path()), Err(OpenError::Foreign { .. })));
}

#[test]
fn a_newer_a_damaged_and_an_unreadable_folder_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    opened(folder.path()).unwrap();
    let format = folder.path().join("store").join("format");
    assert_eq!(fs::read_to_string(&format).unwrap(), "symbolon-store 1\n");

    fs::write(&format, "symbolon-store 2\n").unwrap();
    assert!(matches!(opened(folder.path()), Err(OpenError::Newer { found: 2, known: 1, .. })));
    for wrong in ["", "symbolon-store", "symbolon-store 0\n", "another 1\n"] {
        fs::write(&format, wrong).unwrap();
        assert!(matches!(opened(folder.path()), Err(OpenError::Damaged { .. })), "{wrong}");
    }
    fs::remove_file(&format).unwrap();
    fs::create_dir(&format).unwrap();
    assert!(matches!(opened(folder.path()), Err(OpenError::Unreadable { .. })));
    fs::remove_dir(&format).unwrap();

    fs::write(&format, "symbolon-store 1\n").unwrap();
    fs::write(folder.path().join("store/fjall/version"), "x").unwrap();
    assert!(matches!(opened(folder.path()), Err(OpenError::Damaged { .. })));
}

#[test]
fn a_first_start_that_was_cut_short_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("new/fjall")).unwrap();
    fs::write(folder.path().join("new/fjall/0.jnl"), "half").unwrap();
    fs::write(folder.path().join("lock"), "").unwrap();
    opened(folder.path()).unwrap();
    assert!(!folder.path().join("new").exists());
}

#[test]
fn over_the_bound_of_waiting_batches_the_store_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions { waiting_batches_max: 1, ..options() };
    let store = EmbeddedStore::open(folder.path(), &options).unwrap();
    let outcomes = block_on(futures_in_order((0..2_000).map(|n| store.commit(batch(n))).collect()));
    let (mut committed, mut busy) = (0, 0);
    for outcome in &outcomes {
        match outcome {
            Ok(_) => committed += 1,
            Err(CommitError::Fault(StoreFault::Busy)) => busy += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(committed > 0 && busy > 0, "{committed} committed, {busy} busy");
    let found = block_on(store.scan(&Range::all(), 1_000)).unwrap();
    assert_eq!(found.len(), committed.min(1_000));
}

#[test]
fn a_closed_store_reads_and_does_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), &options()).unwrap();
    block_on(async {
        store.commit(batch(1)).await.unwrap();
        store.close().await.unwrap();
        assert_eq!(store.health(), Err(StoreFault::Closed));
        let refused = store.commit(batch(2)).await;
        assert!(matches!(refused, Err(CommitError::Fault(StoreFault::Closed))), "{refused:?}");
        assert_eq!(store.close().await, Err(StoreFault::Closed));
        assert_eq!(store.get(&1_u64.to_be_bytes()).await.unwrap(), Some(b"v".to_vec()));
    });
}

#[test]
fn below_the_reserve_writes_are_refused_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path(), &options()).unwrap();
    block_on(store.commit(batch(1))).unwrap();
    drop(store);
    let full = EmbeddedOptions { reserve_bytes: u64::MAX, ..options() };
    let store = EmbeddedStore::open(folder.path(), &full).unwrap();
    let is_full = |fault: &StoreFault| matches!(fault, StoreFault::DiskFull { .. });
    block_on(async {
        let refused = store.commit(batch(2)).await;
        assert!(matches!(&refused, Err(CommitError::Fault(fault)) if is_full(fault)));
        assert!(store.health().is_err_and(|fault| is_full(&fault)));
        assert_eq!(store.get(&1_u64.to_be_bytes()).await.unwrap(), Some(b"v".to_vec()));
        assert_eq!(store.get(&2_u64.to_be_bytes()).await.unwrap(), None);
    });
}

#[test]
fn batch_ids_are_forgotten_in_time_and_numbers_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let id = |number: u64| BatchId(u128::from(number).to_be_bytes());
    let store = EmbeddedStore::open(folder.path(), &options()).unwrap();
    let engine = store.engine.clone();
    // Sixty notes of long ago, as an earlier run would have left them.
    for number in 0..60 {
        let (changes, forgotten) = Default::default();
        let ids = vec![id(number)];
        let now = Timestamp(number);
        let (first_commit, next_commit) = (number, number + 1);
        let group = engine::Group { changes, ids, first_commit, next_commit, now, forgotten };
        assert!(engine.write(group).is_ok());
    }
    drop(store);
    assert!((0..60).all(|number| engine.has_applied(id(number)).unwrap()));
    drop(engine);

    let store = EmbeddedStore::open(folder.path(), &options()).unwrap();
    block_on(async {
        for number in 60..70 {
            assert_eq!(store.commit(batch(number)).await.unwrap().position.commit(), number);
        }
        for number in 0..70 {
            let settled = if number < 60 { Settled::Void } else { Settled::Applied };
            assert_eq!(store.settle(id(number)).await, Ok(settled), "{number}");
        }
    });
    drop(store);
    let store = EmbeddedStore::open(folder.path(), &options()).unwrap();
    assert_eq!(block_on(store.commit(batch(70))).unwrap().position.commit(), 70);
}
