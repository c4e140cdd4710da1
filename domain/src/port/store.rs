//! The Store port: an ordered map of bytes, written by batches with preconditions.
//!
//! Writes are data. A [`Batch`] is committed whole or not at all; when its commit is
//! acknowledged it is durable, and nothing is readable before it is durable. A value
//! that a `revision is n` precondition ever names starts with its revision, eight
//! big-endian bytes: that is all an engine knows of what it stores.

use super::BoxFuture;

/// Longest key, bytes.
pub const KEY_BYTES_MAX: usize = 1_024;
/// Longest value, bytes.
pub const VALUE_BYTES_MAX: usize = 512 * 1_024;
/// Most bytes of keys and values in one batch: below FoundationDB's limit of a transaction.
pub const BATCH_BYTES_MAX: usize = 900 * 1_024;
/// Most entries one scan answers.
pub const SCAN_ENTRIES_MAX: usize = 1_000;

/// A batch's own name, random; it settles a commit whose result is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct BatchId(pub [u8; 16]);

/// What must hold for a batch to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The key is not there.
    Absent {
        /// The key.
        key: Vec<u8>,
    },
    /// The value at the key starts with this revision, eight big-endian bytes.
    RevisionIs {
        /// The key.
        key: Vec<u8>,
        /// The revision.
        revision: u64,
    },
}

impl Precondition {
    /// The key looked at.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        match self {
            Self::Absent { key } | Self::RevisionIs { key, .. } => key,
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Writes the value, over an earlier one.
    Put {
        /// The key.
        key: Vec<u8>,
        /// The value.
        value: Vec<u8>,
    },
    /// Removes the key if it is there.
    Delete {
        /// The key.
        key: Vec<u8>,
    },
    /// Removes at most `limit` keys of the range, from its start.
    DeleteRange {
        /// Which keys.
        range: Range,
        /// How many at the most; at most [`SCAN_ENTRIES_MAX`].
        limit: usize,
    },
    /// Appends to an ordered queue.
    Append(Append),
}

/// An entry for a queue: stored at the queue's key followed by its [`Position`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Which queue.
    pub queue: Queue,
    /// The entry.
    pub value: Vec<u8>,
}

/// The key prefix of a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Queue(pub Vec<u8>);

/// A place in a queue: later commits have greater ones, and they never repeat. Ten
/// bytes, as wide as FoundationDB's versionstamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub [u8; 10]);

/// Keys from `start` on and before `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first key that can be in it.
    pub start: Vec<u8>,
    /// The first key after it.
    pub end: Vec<u8>,
}

impl Range {
    /// All keys that begin with the prefix (which must not be all `0xff`).
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                break;
            }
        }
        Self { start: prefix.to_vec(), end }
    }

    /// The part of this range after `key`.
    #[must_use]
    pub fn after(&self, key: &[u8]) -> Self {
        let mut start = key.to_vec();
        start.push(0);
        Self { start: start.max(self.start.clone()), end: self.end.clone() }
    }
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

/// Preconditions and operations, committed as one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its own name.
    pub id: BatchId,
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// What is done, in order.
    pub operations: Vec<Operation>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new(id: BatchId) -> Self {
        Self { id, preconditions: Vec::new(), operations: Vec::new() }
    }

    /// Bytes of keys and values, for the bounds.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let preconditions: usize = self.preconditions.iter().map(|p| p.key().len()).sum();
        let operations: usize = self
            .operations
            .iter()
            .map(|operation| match operation {
                Operation::Put { key, value } => key.len() + value.len(),
                Operation::Delete { key } => key.len(),
                Operation::DeleteRange { range, .. } => range.start.len() + range.end.len(),
                Operation::Append(append) => append.queue.0.len() + 10 + append.value.len(),
            })
            .sum();
        preconditions + operations
    }
}

/// A durable batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The position that its first `append` got; its others follow in order.
    pub position: Position,
}

/// Why a batch was not acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// A precondition did not hold; nothing was written.
    #[error("a precondition did not hold")]
    Refused {
        /// Its index in the batch.
        precondition: usize,
    },
    /// The engine does not know whether it was written: ask [`Store::settle`].
    #[error("the result of the commit is not known")]
    Unknown,
    /// Nothing was written, and it is the store's fault.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// What became of a batch whose commit was [`CommitError::Unknown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was applied.
    Applied,
    /// It was not, and never will be.
    Void,
}

/// The store is in trouble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Free space is below the reserve: reads go on, writes are refused.
    #[error(
        "the disk is nearly full: {free_bytes} bytes are free, {reserve_bytes} are kept in reserve; free some space"
    )]
    DiskFull {
        /// Bytes free.
        free_bytes: u64,
        /// Bytes of the reserve.
        reserve_bytes: u64,
    },
    /// A write failed and the engine refuses further ones until it is opened again.
    #[error("the store failed a write and serves reads only; restart the node: {0}")]
    Poisoned(String),
    /// Too many batches are waiting.
    #[error("the store has too many batches waiting")]
    Busy,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// A key, value or batch over the port's bounds: a bug of the caller.
    #[error("the batch is over a bound of the store: {0}")]
    TooLarge(&'static str),
    /// What was read is not what was written.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The medium failed.
    #[error("the store cannot be read: {0}")]
    Io(String),
}

impl StoreFault {
    /// Whether the same request can succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::Busy | Self::Poisoned(_) | Self::Closed)
    }
}

/// An engine. All methods may be called from any thread.
pub trait Store: Send + Sync + 'static {
    /// The value at the key.
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreFault>>;

    /// The values at the keys, in their order, of one moment.
    fn get_many<'a>(
        &'a self,
        keys: &'a [Vec<u8>],
    ) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>, StoreFault>>;

    /// The first entries of the range, in key order, at most `limit` of them and at most
    /// [`SCAN_ENTRIES_MAX`].
    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>>;

    /// Commits the batch.
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// Finds out what became of a batch, and makes sure that it stays so.
    fn settle(&self, batch: BatchId) -> BoxFuture<'_, Result<Settled, StoreFault>>;

    /// Whether writes are accepted now.
    fn health(&self) -> Result<(), StoreFault>;
}
