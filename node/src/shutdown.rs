//! How a node stops: first nothing new, then what is under way finishes, then the rest ends.

use std::future::Future;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// One node's stop. Clones are the same stop. It touches no process globals, so that
/// several nodes of one process stop on their own; only `main` listens to signals.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    end: CancellationToken,
    tasks: TaskTracker,
}

/// How a drain went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Everything under way finished.
    Finished,
    /// This many tasks were still running when the time was over, and were ended.
    Ended(usize),
}

impl Shutdown {
    /// A node that runs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the node begins to stop. A stream that would go on for ever, such as
    /// one of events, ends then.
    #[must_use]
    pub fn draining(&self) -> &CancellationToken {
        &self.drain
    }

    /// Cancelled when the time to finish is over.
    #[must_use]
    pub fn ending(&self) -> &CancellationToken {
        &self.end
    }

    /// Runs a task that the drain waits for.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task);
    }

    /// Stops: no new work, up to `time` for what is under way, then the end.
    pub async fn drain(&self, time: Duration) -> Drained {
        self.drain.cancel();
        self.tasks.close();
        let finished = tokio::time::timeout(time, self.tasks.wait()).await.is_ok();
        let left = self.tasks.len();
        self.end.cancel();
        if finished {
            return Drained::Finished;
        }
        tracing::warn!(tasks = left, "time to finish is over; ending what is left");
        self.tasks.wait().await;
        Drained::Ended(left)
    }
}

/// Resolves when the operator asks the process to stop: SIGTERM or Ctrl-C. For `main`.
///
/// # Errors
/// When the signals cannot be listened to.
pub async fn requested() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            outcome = tokio::signal::ctrl_c() => outcome,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Resolves each time when the operator asks the process to read its certificate again:
/// SIGHUP. For `main`.
#[derive(Debug)]
pub struct Renewals {
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Renewals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the signal cannot be listened to.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            hangup: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?,
        })
    }

    /// The next time.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if self.hangup.recv().await.is_some() {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_finishes() {
        let shutdown = Shutdown::new();
        shutdown.spawn(tokio::time::sleep(Duration::from_secs(5)));
        assert_eq!(shutdown.drain(Duration::from_secs(10)).await, Drained::Finished);
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_is_ended() {
        let shutdown = Shutdown::new();
        let end = shutdown.ending().clone();
        shutdown.spawn(async move { end.cancelled().await });
        assert_eq!(shutdown.drain(Duration::from_secs(10)).await, Drained::Ended(1));
    }
}
