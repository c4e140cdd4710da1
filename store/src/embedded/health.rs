//! Whether writes are accepted: poison, the disk's reserve, and the watchdog that says so
//! when a commit takes too long.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use symbolon_domain::port::StoreFault;

/// A commit older than this is reported.
const COMMIT_SECONDS_MAX: u64 = 5;

/// What the committer, the watchdog and the callers share.
pub(super) struct Health {
    folder: PathBuf,
    reserve_bytes: u64,
    opened: Instant,
    /// When the running commit began, milliseconds after `opened`, plus one; 0 if none is.
    running_since: AtomicU64,
    poisoned: OnceLock<String>,
    closed: AtomicBool,
}

impl Health {
    pub(super) fn new(folder: PathBuf, reserve_bytes: u64) -> Self {
        Self {
            folder,
            reserve_bytes,
            opened: Instant::now(),
            running_since: AtomicU64::new(0),
            poisoned: OnceLock::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// No further request is taken.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.end();
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether writes are accepted, from outside.
    pub(super) fn check(&self) -> Result<(), StoreFault> {
        self.writable()?;
        if self.is_closed() {
            return Err(StoreFault::Closed);
        }
        match self.running_seconds() {
            seconds if seconds >= COMMIT_SECONDS_MAX => Err(StoreFault::Stalled { seconds }),
            _ => Ok(()),
        }
    }

    /// Whether the committer may write. One `statvfs`, about a microsecond.
    pub(super) fn writable(&self) -> Result<(), StoreFault> {
        if self.poisoned.get().is_some() {
            return Err(self.poisoned());
        }
        let disk = rustix::fs::statvfs(&self.folder)
            .map_err(|error| StoreFault::Io(format!("the free space is not known: {error}")))?;
        let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free_bytes < self.reserve_bytes {
            return Err(StoreFault::DiskFull { free_bytes, reserve_bytes: self.reserve_bytes });
        }
        Ok(())
    }

    /// Writes are over until a restart. The first reason is kept.
    pub(super) fn poison(&self, reason: &str) {
        if self.poisoned.set(reason.to_owned()).is_ok() {
            tracing::error!(
                reason,
                folder = %self.folder.display(),
                "the store failed a write: it serves reads only until the node is restarted"
            );
        }
    }

    pub(super) fn poisoned(&self) -> StoreFault {
        StoreFault::Poisoned(self.poisoned.get().cloned().unwrap_or_default())
    }

    /// A commit begins.
    pub(super) fn begin(&self) -> Instant {
        let now = Instant::now();
        let since = now.saturating_duration_since(self.opened).as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX - 1) + 1;
        self.running_since.store(since, Ordering::Relaxed);
        now
    }

    /// It ended.
    pub(super) fn end(&self) {
        self.running_since.store(0, Ordering::Relaxed);
    }

    fn running_seconds(&self) -> u64 {
        match self.running_since.load(Ordering::Relaxed) {
            0 => 0,
            since => {
                let began = Duration::from_millis(since - 1);
                self.opened.elapsed().saturating_sub(began).as_secs()
            }
        }
    }

    pub(super) fn closes_on_drop(self: &Arc<Self>) -> Closing {
        Closing(Arc::clone(self))
    }
}

/// Marks the store closed when the committer's thread ends, however it ends.
pub(super) struct Closing(Arc<Health>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// A thread that looks at the running commit once a second; it ends when this is dropped.
pub(super) struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    pub(super) fn start(health: Arc<Health>) -> std::io::Result<Self> {
        let (alive, dropped) = channel();
        std::thread::Builder::new().name("store-watchdog".into()).spawn(move || {
            let mut barking = false;
            while dropped.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                barking = health.watch(barking);
            }
        })?;
        Ok(Self { _alive: alive })
    }
}

impl Health {
    /// Reports a commit once when it is too old, and once when it ended after all.
    fn watch(&self, barking: bool) -> bool {
        let seconds = self.running_seconds();
        let too_old = seconds >= COMMIT_SECONDS_MAX;
        if too_old && !barking {
            tracing::error!(
                seconds,
                folder = %self.folder.display(),
                "a commit of the store does not end: look at the disk"
            );
        } else if barking && !too_old {
            tracing::warn!("the store commits again");
        }
        metrics::gauge!("symbolon_store_stalled").set(if too_old { 1.0 } else { 0.0 });
        too_old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(reserve_bytes: u64) -> Health {
        Health::new(std::env::temp_dir(), reserve_bytes)
    }

    #[test]
    fn an_old_commit_is_reported_until_it_ends() {
        let mut health = health(0);
        health.opened = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        assert_eq!(health.check(), Ok(()));
        health.running_since.store(1, Ordering::Relaxed);
        assert!(matches!(health.check(), Err(StoreFault::Stalled { seconds: 60.. })));
        assert!(health.watch(false));
        health.begin();
        assert_eq!(health.check(), Ok(()));
        assert!(!health.watch(true));
    }

    #[test]
    fn below_the_reserve_nothing_is_writable() {
        assert!(matches!(health(u64::MAX).check(), Err(StoreFault::DiskFull { .. })));
        assert_eq!(health(0).check(), Ok(()));
    }

    #[test]
    fn poison_stays() {
        let health = health(0);
        health.poison("first");
        health.poison("second");
        assert_eq!(health.check(), Err(StoreFault::Poisoned("first".into())));
    }
}
