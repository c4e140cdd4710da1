//! The port's sentences as tests, the same for every engine.
//!
//! An engine's own test implements [`Subject`] and calls [`run`] on a multi-threaded tokio
//! runtime; a sentence that does not hold comes back as a [`Violation`].

mod atomicity;
mod bounds;
mod concurrency;
mod queues;
mod reading;
mod settling;

use std::sync::Arc;
use symbolon_domain::port::{
    Append, Batch, BatchId, BoxFuture, CommitError, Committed, Entry, Operation, Position,
    Precondition, Queue, Range, Store,
};

/// An engine under test.
pub trait Subject: Send {
    /// A store with nothing in it.
    fn empty(&mut self) -> Arc<dyn Store>;

    /// The store of the last [`Subject::empty`], opened again; every handle to it was
    /// dropped.
    fn reopen(&mut self) -> Arc<dyn Store>;
}

/// A sentence of the port that an engine does not keep.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}: {observed}")]
pub struct Violation {
    /// The sentence.
    pub sentence: &'static str,
    /// What happened instead.
    pub observed: String,
}

type Outcome = Result<(), String>;
type Check = for<'a> fn(&'a mut dyn Subject) -> BoxFuture<'a, Outcome>;
type Sentences = &'static [(&'static str, Check)];

/// Holds the engine against every sentence, each on an empty store, and counts them.
///
/// # Errors
/// The first sentence that does not hold.
pub async fn run(subject: &mut dyn Subject) -> Result<usize, Violation> {
    let mut count = 0;
    let chapters: [Sentences; 6] = [
        reading::SENTENCES,
        atomicity::SENTENCES,
        queues::SENTENCES,
        bounds::SENTENCES,
        settling::SENTENCES,
        concurrency::SENTENCES,
    ];
    for (sentence, check) in chapters.into_iter().flatten() {
        let outcome = check(subject).await;
        outcome.map_err(|observed| Violation { sentence, observed })?;
        count += 1;
    }
    Ok(count)
}

/// Fails the sentence unless both are equal.
macro_rules! same {
    ($observed:expr, $expected:expr) => {{
        let (observed, expected) = (&$observed, &$expected);
        if observed != expected {
            let text = stringify!($observed);
            return Err(format!("{text} is {observed:?}, not {expected:?}"));
        }
    }};
}

/// Fails the sentence unless the pattern matches.
macro_rules! matching {
    ($observed:expr, $pattern:pat) => {{
        let observed = &$observed;
        if !matches!(observed, $pattern) {
            let (text, pattern) = (stringify!($observed), stringify!($pattern));
            return Err(format!("{text} is {observed:?}, not {pattern}"));
        }
    }};
}

use {matching, same};

/// A batch with a fresh id.
fn batch() -> Batch {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut id = [0; 16];
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    id[..8].copy_from_slice(&number.to_be_bytes());
    id[8..12].copy_from_slice(&std::process::id().to_be_bytes());
    Batch::new(BatchId(id))
}

fn puts(entries: &[(&[u8], &[u8])]) -> Batch {
    let mut batch = batch();
    batch.operations = entries.iter().map(|(key, value)| put(key, value)).collect();
    batch
}

fn put(key: &[u8], value: &[u8]) -> Operation {
    Operation::Put { key: key.into(), value: value.into() }
}

fn append(queue: &[u8], value: &[u8]) -> Operation {
    Operation::Append(Append { queue: Queue(queue.into()), value: value.into() })
}

fn delete_range(start: &[u8], end: &[u8], limit: usize) -> Operation {
    Operation::DeleteRange { range: range(start, end), limit }
}

fn range(start: &[u8], end: &[u8]) -> Range {
    Range { start: start.into(), end: end.into() }
}

/// A value of this revision.
fn revision(revision: u64) -> Vec<u8> {
    [&revision.to_be_bytes()[..], b"body"].concat()
}

async fn commit(store: &dyn Store, batch: Batch) -> Result<Committed, String> {
    store.commit(batch).await.map_err(|error| format!("a commit failed: {error}"))
}

async fn get(store: &dyn Store, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
    store.get(key).await.map_err(|fault| fault.to_string())
}

/// Keys and values of a range, as text.
async fn scan(
    store: &dyn Store,
    range: &Range,
    limit: usize,
) -> Result<Vec<(String, String)>, String> {
    let entries = store.scan(range, limit).await.map_err(|fault| fault.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(entries.iter().map(|entry| (text(&entry.key), text(&entry.value))).collect())
}

/// The keys of a range run together.
async fn keys(store: &dyn Store, range: &Range, limit: usize) -> Result<String, String> {
    Ok(scan(store, range, limit).await?.into_iter().map(|(key, _)| key).collect())
}
