//! The Store port: an ordered map of bytes, written by batches with preconditions.
//!
//! Writes are data. A [`Batch`] is committed whole or not at all; when its commit is
//! acknowledged it is durable, and nothing is readable before it is durable. A value
//! that a `revision is n` precondition ever names starts with its revision, eight
//! big-endian bytes: that is all an engine knows of what it stores.

use super::{Batch, BatchId, BoxFuture, Entry, Position, Range};

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
        /// Its index in the batch. One past the last means the batch's own id: it was
        /// settled as void before the batch came.
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
    /// A commit takes far longer than a disk should: reads go on.
    #[error(
        "the store has been writing one commit for {seconds} seconds; look at the disk, then restart the node"
    )]
    Stalled {
        /// How long so far, seconds.
        seconds: u64,
    },
    /// A key, value or batch over the port's bounds: a bug of the caller.
    #[error("the batch is outside a bound of the store: {0}")]
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
        match self {
            Self::DiskFull { .. }
            | Self::Poisoned(_)
            | Self::Busy
            | Self::Closed
            | Self::Stalled { .. } => true,
            Self::TooLarge(_) | Self::Corrupt(_) | Self::Io(_) => false,
        }
    }
}

/// The store as it was at one moment, whatever is committed meanwhile.
pub trait Snapshot: Send + Sync {
    /// As [`Store::scan`].
    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>>;
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
    /// [`super::SCAN_ENTRIES_MAX`].
    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>>;

    /// Commits the batch.
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Committed, CommitError>>;

    /// Finds out what became of a batch, and makes sure that it stays so: a batch found
    /// [`Settled::Void`] is refused if it comes late. To be asked within
    /// [`super::SETTLE_WITHIN_SECONDS`] of the commit, and not while one is still running.
    fn settle(&self, batch: BatchId) -> BoxFuture<'_, Result<Settled, StoreFault>>;

    /// Whether writes are accepted now.
    ///
    /// # Errors
    /// Why they are not.
    fn health(&self) -> Result<(), StoreFault>;

    /// The store as it is now, to read through at leisure. `None` where an engine cannot
    /// hold a moment for long (FoundationDB: five seconds).
    fn snapshot(&self) -> Option<Box<dyn Snapshot>> {
        None
    }
}
