//! The embedded engine: one folder, one process, one committer thread over fjall.
//!
//! A group of waiting batches becomes one fjall batch and one `fdatasync`: fjall writes
//! and syncs its journal before it touches what readers see, so nothing is readable before
//! it is durable, and every answer of the group (a refusal too, which may rest on an
//! earlier batch of the group) leaves after the sync. Each commit has a number that never
//! repeats; a note of the batch ids is part of the same write.
//!
//! Reads run on the caller's thread: a point read that hits memory takes microseconds and
//! a cold one a 4 KiB `pread`, less than handing it to another thread and back. Only long
//! scans tell tokio that they block.

mod committer;
mod engine;
mod folder;
mod health;
mod known;

pub use folder::OpenError;

use committer::{Committer, Request};
use engine::Engine;
use folder::Folder;
use health::{Health, Watchdog};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use symbolon_domain::port::{
    Batch, BatchId, BoxFuture, CommitError, Committed, Entry, Range, SCAN_ENTRIES_MAX, Settled,
    Snapshot, Store, StoreFault,
};
use tokio::sync::oneshot;

/// A scan of more entries than this leaves its thread to other tasks first.
const SCAN_INLINE_ENTRIES_MAX: usize = 64;

/// How the embedded engine uses its machine.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// Free bytes on the folder's disk below which writes are refused. Covers what fjall
    /// writes on its own, compaction included.
    pub reserve_bytes: u64,
    /// Bytes of blocks kept in memory.
    pub cache_bytes: u64,
    /// Batches that may wait for the committer; one more is [`StoreFault::Busy`].
    pub waiting_batches_max: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            reserve_bytes: 512 * 1_024 * 1_024,
            cache_bytes: 64 * 1_024 * 1_024,
            waiting_batches_max: 4_096,
        }
    }
}

/// A store in a folder of its own.
///
/// Dropping it flushes and gives the folder free; [`EmbeddedStore::close`] does the first
/// part while others still hold it.
pub struct EmbeddedStore {
    requests: SyncSender<Request>,
    health: Arc<Health>,
    engine: Engine,
    committer: Option<JoinHandle<()>>,
    _watchdog: Watchdog,
    // Last: the lock outlives every file of the engine.
    _folder: Folder,
}

impl EmbeddedStore {
    /// Opens the store of a folder, or makes one in an empty or missing folder.
    ///
    /// Blocks: replays what a killed process left, at most some 100 MB.
    ///
    /// # Errors
    /// [`OpenError`] says whose the folder is, or what is wrong with it.
    pub fn open(path: &Path, options: &EmbeddedOptions) -> Result<Self, OpenError> {
        let folder = Folder::claim(path)?;
        let engine = folder.engine(options.cache_bytes)?;
        let health = Arc::new(Health::new(path.to_owned(), options.reserve_bytes));
        let (requests, waiting) = sync_channel(options.waiting_batches_max.max(1));
        let committer = Committer::new(engine.clone(), Arc::clone(&health))
            .map_err(|fault| folder.damaged(&fault))?;
        let committer = std::thread::Builder::new()
            .name("store-committer".into())
            .spawn(move || committer.run(&waiting))
            .map_err(|error| folder.unreadable(error))?;
        let watchdog =
            Watchdog::start(Arc::clone(&health)).map_err(|error| folder.unreadable(error))?;
        Ok(Self {
            requests,
            health,
            engine,
            committer: Some(committer),
            _watchdog: watchdog,
            _folder: folder,
        })
    }

    /// Commits what is waiting, then refuses writes and flushes, so that the next start has
    /// nothing to replay. Reads go on.
    ///
    /// # Errors
    /// When the flush failed; everything acknowledged is durable all the same.
    pub async fn close(&self) -> Result<(), StoreFault> {
        let (answer, answered) = oneshot::channel();
        self.submit(Request::Close(answer))?;
        answered.await.unwrap_or(Err(StoreFault::Closed))
    }

    /// Bytes that the store takes on the disk.
    ///
    /// # Errors
    /// When they cannot be counted.
    pub fn size_bytes(&self) -> Result<u64, StoreFault> {
        self.engine.size_bytes()
    }

    fn submit(&self, request: Request) -> Result<(), StoreFault> {
        // The channel may outlive the committer's last answer by a moment.
        if self.health.is_closed() {
            return Err(StoreFault::Closed);
        }
        self.requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => StoreFault::Busy,
            TrySendError::Disconnected(_) => StoreFault::Closed,
        })
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        let (answer, _) = oneshot::channel();
        // Blocks while the channel is full; an error means that it is closed already.
        let _ = self.requests.send(Request::Close(answer));
        if let Some(committer) = self.committer.take()
            && committer.join().is_err()
        {
            tracing::error!("the store's committer ended by a panic: this is a bug");
        }
    }
}

impl Store for EmbeddedStore {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreFault>> {
        Box::pin(async move { self.engine.view().get(key) })
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [Vec<u8>],
    ) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>, StoreFault>> {
        Box::pin(async move {
            let view = self.engine.view();
            keys.iter().map(|key| view.get(key)).collect()
        })
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>> {
        Box::pin(async move { scan(&self.engine.view(), range, limit) })
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            batch.check_bounds()?;
            let (answer, answered) = oneshot::channel();
            self.submit(Request::Commit(batch, answer))?;
            // A committer that ended without an answer may have written the batch.
            answered.await.unwrap_or(Err(CommitError::Unknown))
        })
    }

    fn settle(&self, batch: BatchId) -> BoxFuture<'_, Result<Settled, StoreFault>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.submit(Request::Settle(batch, answer))?;
            answered.await.unwrap_or(Err(StoreFault::Closed))
        })
    }

    fn health(&self) -> Result<(), StoreFault> {
        self.health.check()
    }

    fn snapshot(&self) -> Option<Box<dyn Snapshot>> {
        Some(Box::new(self.engine.view()))
    }
}

impl Snapshot for engine::View {
    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>> {
        Box::pin(async move { scan(self, range, limit) })
    }
}

fn scan(view: &engine::View, range: &Range, limit: usize) -> Result<Vec<Entry>, StoreFault> {
    use tokio::runtime::{Handle, RuntimeFlavor};
    let limit = limit.min(SCAN_ENTRIES_MAX);
    let in_pool = || Handle::try_current().map(|handle| handle.runtime_flavor());
    if limit > SCAN_INLINE_ENTRIES_MAX && matches!(in_pool(), Ok(RuntimeFlavor::MultiThread)) {
        return tokio::task::block_in_place(|| view.scan(range, limit));
    }
    view.scan(range, limit)
}

#[cfg(test)]
mod tests;
