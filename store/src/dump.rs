//! The logical dump: every entry of a store as one stream, to back it up, to restore it,
//! and so to move it to another engine. Pure over the port.
//!
//! The stream, numbers big-endian: `symbolon-dump\n`, format version (2 bytes), 1 if all
//! entries are of one moment else 0 (1 byte); per entry, in key order, `1`, key length
//! (4), value length (4), key, value; at the end `0`, number of entries (8), SHA-256 of
//! everything before it (32).
//!
//! Reading and writing the stream blocks: call from `spawn_blocking`.

mod stream;

use std::io::{self, Read, Write};
use stream::{DumpReader, DumpWriter};
use symbolon_domain::key::{self, Place};
use symbolon_domain::port::{
    Batch, BatchId, CommitError, Entropy, Entry, Operation, Precondition, Range, Snapshot, Store,
    StoreFault,
};

/// Entries read at once.
const PAGE_ENTRIES: usize = 64;
/// A restore's batches: well below the port's bounds.
const BATCH_BYTES: usize = 256 * 1_024;
/// Most problems that a check lists; it counts the others.
const PROBLEMS_LISTED_MAX: usize = 100;

/// Why a dump could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The stream failed, or ended in the middle.
    #[error("the dump cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A batch of the restore was not committed.
    #[error("a batch of the restore was not committed: {0}")]
    Commit(#[from] CommitError),
    /// It is no dump.
    #[error("this is not a dump of a Symbolon store")]
    Foreign,
    /// A newer version wrote it.
    #[error("the dump has version {found}, this program knows versions up to {known}")]
    Newer {
        /// Its version.
        found: u16,
        /// Ours.
        known: u16,
    },
    /// It is not what was written.
    #[error("the dump is damaged: {0}")]
    Damaged(&'static str),
    /// Only an empty store is restored.
    #[error("the store is not empty; restore into an empty one")]
    NotEmpty,
    /// An entry was not taken over.
    #[error("an entry cannot be restored: {0}")]
    Entry(String),
}

/// What went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many entries.
    pub entries: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Whether all are of one moment. If not, nothing may have been written meanwhile.
    pub one_moment: bool,
}

/// Writes everything that the store holds at this moment, while it goes on working.
///
/// # Errors
/// When the store or the stream fails.
pub async fn backup(store: &dyn Store, out: impl Write) -> Result<Summary, DumpError> {
    let mut pages = Pages::of(store);
    let mut writer = DumpWriter::start(out, pages.is_one_moment())?;
    while let Some(page) = pages.next().await? {
        for entry in page.iter().filter(|entry| is_dumped(&entry.key)) {
            writer.entry(entry)?;
        }
    }
    Ok(writer.finish()?)
}

/// Fills an empty store. `map` sees every entry and gives what is stored instead: here the
/// caller pauses grants and voids codes.
///
/// Cut short at any point, the store keeps a mark with which it does not open.
///
/// # Errors
/// When the store is not empty, the dump is not whole, `map` refuses or the store fails.
pub async fn restore(
    store: &dyn Store,
    entropy: &dyn Entropy,
    input: impl Read,
    mut map: impl FnMut(Entry) -> Result<Option<Entry>, String>,
) -> Result<Summary, DumpError> {
    if !store.scan(&Range::all(), 1).await?.is_empty() {
        return Err(DumpError::NotEmpty);
    }
    let mut reader = DumpReader::start(input)?;
    let mut batch = fresh_batch(entropy);
    batch.preconditions.push(Precondition::Absent { key: key::restoring() });
    batch.operations.push(Operation::Put { key: key::restoring(), value: Vec::new() });
    store.commit(batch).await?;

    let mut batch = fresh_batch(entropy);
    while let Some(entry) = reader.entry()? {
        let Some(Entry { key, value }) = map(entry).map_err(DumpError::Entry)? else { continue };
        let operation = Operation::Put { key, value };
        batch.operations.push(operation);
        if batch.size_bytes() >= BATCH_BYTES {
            store.commit(std::mem::replace(&mut batch, fresh_batch(entropy))).await?;
        }
    }
    // Only now is it known that the dump was whole.
    let summary = reader.summary();
    batch.operations.push(Operation::Delete { key: key::restoring() });
    store.commit(batch).await?;
    Ok(summary)
}

/// An entry that is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub key: Vec<u8>,
    /// What.
    pub reason: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was looked at.
    pub checked: Summary,
    /// The first hundred.
    pub problems: Vec<Problem>,
    /// All of them.
    pub problems_count: u64,
}

/// Reads everything: each key must be of this version's layout, and `record` judges the
/// value that is at it.
///
/// # Errors
/// When the store cannot be read; damage in a single entry is a [`Problem`].
pub async fn check(
    store: &dyn Store,
    mut record: impl FnMut(&Place, &[u8]) -> Result<(), String>,
) -> Result<Report, DumpError> {
    let mut pages = Pages::of(store);
    let checked = Summary { entries: 0, bytes: 0, one_moment: pages.is_one_moment() };
    let mut report = Report { checked, problems: Vec::new(), problems_count: 0 };
    while let Some(page) = pages.next().await? {
        for Entry { key, value } in page {
            report.checked.entries += 1;
            report.checked.bytes += byte_count(&key, &value);
            let judged = match Place::parse(&key) {
                Err(error) => Err(error.to_string()),
                Ok(_) if key == key::restoring() => Err("a restore was cut short".into()),
                Ok(place) => record(&place, &value),
            };
            if let Err(reason) = judged {
                report.problems_count += 1;
                if report.problems.len() < PROBLEMS_LISTED_MAX {
                    report.problems.push(Problem { key, reason });
                }
            }
        }
    }
    Ok(report)
}

/// Everything but what an engine keeps for itself and a restore's mark.
fn is_dumped(key: &[u8]) -> bool {
    key != key::restoring() && !key.starts_with(&key::batches())
}

fn byte_count(key: &[u8], value: &[u8]) -> u64 {
    u64::try_from(key.len() + value.len()).unwrap_or(u64::MAX)
}

fn fresh_batch(entropy: &dyn Entropy) -> Batch {
    Batch::new(BatchId(entropy.bytes()))
}

/// All entries, page by page: of one moment where the engine can hold it.
struct Pages<'a> {
    store: &'a dyn Store,
    snapshot: Option<Box<dyn Snapshot>>,
    left: Range,
}

impl<'a> Pages<'a> {
    fn of(store: &'a dyn Store) -> Self {
        Self { store, snapshot: store.snapshot(), left: Range::all() }
    }

    fn is_one_moment(&self) -> bool {
        self.snapshot.is_some()
    }

    async fn next(&mut self) -> Result<Option<Vec<Entry>>, StoreFault> {
        let page = match &self.snapshot {
            Some(snapshot) => snapshot.scan(&self.left, PAGE_ENTRIES).await?,
            None => self.store.scan(&self.left, PAGE_ENTRIES).await?,
        };
        let Some(last) = page.last() else { return Ok(None) };
        self.left = self.left.after(&last.key);
        Ok(Some(page))
    }
}

#[cfg(test)]
mod tests;
