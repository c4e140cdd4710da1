//! Which requests are under way on one connection, so that an idle one can be closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// One connection's requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity(Arc<State>);

#[derive(Debug, Default)]
struct State {
    begun: AtomicUsize,
    ended: AtomicUsize,
    ended_one: Notify,
}

/// A request under way: from its header section to the last byte of its answer.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<State>);

impl Activity {
    pub(crate) fn begin(&self) -> UnderWay {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.0.clone())
    }

    /// Resolves when no request was under way for the time: `first` until the connection's
    /// first request, `later` after it.
    pub(crate) async fn idle(&self, first: Duration, later: Duration) {
        let (mut seen, mut since) = (self.begun(), Instant::now());
        loop {
            if seen != self.0.ended.load(Ordering::Relaxed) {
                // A permit is kept for whoever ends before this waits.
                self.0.ended_one.notified().await;
                (seen, since) = (self.begun(), Instant::now());
                continue;
            }
            // Looking now and then costs less than being woken by every request.
            tokio::time::sleep(first.min(later)).await;
            let begun = self.begun();
            if begun != seen {
                (seen, since) = (begun, Instant::now());
            } else if since.elapsed() >= if begun == 0 { first } else { later } {
                return;
            }
        }
    }

    fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Relaxed)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        self.0.ended_one.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idle_only_without_requests() {
        let (first, later) = (Duration::from_secs(1), Duration::from_secs(10));
        let activity = Activity::default();
        activity.idle(first, later).await;
        let request = activity.begin();
        let idle = tokio::spawn({
            let activity = activity.clone();
            async move { activity.idle(first, later).await }
        });
        tokio::time::sleep(Duration::from_secs(100)).await;
        assert!(!idle.is_finished());
        drop(request);
        idle.await.unwrap();
    }
}
