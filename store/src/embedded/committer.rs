//! The one thread that writes: it takes what waits as a group, judges each batch against
//! the store and the group's earlier ones, writes the accepted ones as one, then answers.

use super::engine::{Engine, Group, WriteError};
use super::health::Health;
use super::known::Known;
use crate::apply::{self, Changes, Overlay, View};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use symbolon_domain::Timestamp;
use symbolon_domain::port::{
    Batch, BatchId, CommitError, Committed, Position, SETTLE_WITHIN_SECONDS, Settled, StoreFault,
};
use tokio::sync::oneshot;

const GROUP_BATCHES_MAX: usize = 256;
const GROUP_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// The longest that a group waits for those that are expected.
const GATHER_MAX: Duration = Duration::from_millis(1);
/// Void ids in memory; more than this are not settled.
const VOID_IDS_MAX: usize = 65_536;
/// Most notes forgotten with one group: more than one, so that pruning catches up.
const PRUNED_NOTES_MAX: usize = 16;
/// How long the committer stays awake after a group: a caller that waits for each commit is
/// there again by then, and waking a thread takes as long.
const AWAKE: Duration = Duration::from_micros(30);
/// How often an idle committer looks whether a background flush failed.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// How long a group waits for flushes and compactions before it is turned away.
const BEHIND_PATIENCE: Duration = Duration::from_secs(10);
const FLUSH_PATIENCE: Duration = Duration::from_secs(30);

type Answer<T> = oneshot::Sender<T>;
type CommitResult = Result<Committed, CommitError>;

pub(super) enum Request {
    Commit(Batch, Answer<CommitResult>),
    Settle(BatchId, Answer<Result<Settled, StoreFault>>),
    Close(Answer<Result<(), StoreFault>>),
}

pub(super) struct Committer {
    engine: Engine,
    health: Arc<Health>,
    next_commit: u64,
    // Kept in memory only: a late original can come only from this process, and after a
    // restart an id without a note is void again.
    void: HashMap<BatchId, Timestamp>,
    pruning: Pruning,
    pace: Pace,
    known: Known,
}

/// Where and when to look for notes that are too old. Always starting at the first would
/// walk over all that was deleted before.
#[derive(Default)]
struct Pruning {
    from: u64,
    not_before: Timestamp,
}

/// What the last group was like. Its callers, just answered, are about to send again: for
/// a part of the time that a write takes it pays to wait until so many are there again,
/// instead of syncing for the first and letting the others wait for the sync after it.
#[derive(Default)]
struct Pace {
    batches: usize,
    write: Duration,
}

impl Committer {
    pub(super) fn new(engine: Engine, health: Arc<Health>) -> Result<Self, StoreFault> {
        let next_commit = engine.next_commit()?;
        Ok(Self {
            engine,
            health,
            next_commit,
            void: HashMap::new(),
            pruning: Pruning::default(),
            pace: Pace::default(),
            known: Known::default(),
        })
    }

    pub(super) fn run(mut self, requests: &Receiver<Request>) {
        // Says so also when a panic ends the thread.
        let _closing = self.health.closes_on_drop();
        loop {
            let first = match next(requests) {
                Ok(request) => request,
                Err(RecvTimeoutError::Timeout) => {
                    self.probe();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let (group, next) = self.pace.gather(first, requests);
            self.commit(group);
            match next {
                Some(Request::Settle(id, answer)) => {
                    let _ = answer.send(self.settle(id));
                }
                Some(Request::Close(answer)) => {
                    self.health.begin();
                    let flushed = self.engine.flush(FLUSH_PATIENCE);
                    // Before the answer: whoever has it finds the store closed.
                    self.health.close();
                    let _ = answer.send(flushed);
                    return;
                }
                Some(Request::Commit(..)) | None => {}
            }
        }
    }

    fn probe(&self) {
        self.health.begin();
        if self.engine.is_poisoned() {
            self.health.poison("a flush or compaction in the background failed");
        }
        self.health.end();
    }

    fn commit(&mut self, group: Vec<(Batch, Answer<CommitResult>)>) {
        if group.is_empty() {
            return;
        }
        let started = self.health.begin();
        let (batches, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let count = batches.len();
        let results = self.results(batches);
        self.pace = Pace { batches: count, write: started.elapsed() };
        for (answer, result) in answers.into_iter().zip(results) {
            let name = match &result {
                Ok(_) => "committed",
                Err(CommitError::Refused { .. }) => "refused",
                Err(CommitError::Unknown) => "unknown",
                Err(CommitError::Fault(_)) => "fault",
            };
            metrics::counter!("symbolon_store_batches_total", "result" => name).increment(1);
            // A caller that gave up asks `settle`.
            let _ = answer.send(result);
        }
        metrics::counter!("symbolon_store_groups_total").increment(1);
        metrics::histogram!("symbolon_store_group_batches")
            .record(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        metrics::histogram!("symbolon_store_commit_seconds").record(started.elapsed());
        self.health.end();
    }

    /// One result per batch, in order, all of them after the sync.
    fn results(&mut self, batches: Vec<Batch>) -> Vec<CommitResult> {
        let count = batches.len();
        if let Err(fault) = self.health.writable().and_then(|()| self.wait_for_flushes()) {
            return vec![Err(fault.into()); count];
        }
        let now = now();
        let first_commit = self.next_commit;
        let mut group = Group {
            changes: Changes::new(),
            ids: Vec::with_capacity(count),
            first_commit,
            next_commit: first_commit,
            now,
            forgotten: self.old_notes(now),
        };
        let view = self.engine.view();
        let store = self.known.over(&view);
        let results: Vec<_> =
            batches.into_iter().map(|batch| self.judge(batch, &store, &mut group)).collect();
        drop(store);
        drop(view);
        if group.ids.is_empty() {
            return results;
        }
        let next_commit = group.next_commit;
        self.known.change(&group.changes);
        let prune_from = group.forgotten.last().map_or(self.pruning.from, |last| last + 1);
        match self.engine.write(group) {
            Ok(()) => {
                self.next_commit = next_commit;
                self.pruning.from = prune_from;
                results
            }
            Err(error) => {
                self.known.forget();
                self.failed(error, results)
            }
        }
    }

    /// Some of the notes that are too old, if it is time to look.
    fn old_notes(&mut self, now: Timestamp) -> Vec<u64> {
        if now < self.pruning.not_before {
            return Vec::new();
        }
        let age = Duration::from_secs(SETTLE_WITHIN_SECONDS);
        let notes = match self.engine.notes_from(self.pruning.from, PRUNED_NOTES_MAX) {
            Ok(notes) => notes,
            Err(fault) => {
                // Left where they are: they only take room.
                tracing::warn!(%fault, "old notes of batch ids cannot be read");
                self.pruning.not_before = now.after(age);
                return Vec::new();
            }
        };
        let young = notes.iter().find(|(_, at)| at.after(age) >= now);
        self.pruning.not_before = match young {
            Some((_, at)) => at.after(age),
            None if notes.is_empty() => now.after(age),
            None => now,
        };
        let old = notes.iter().take_while(|(_, at)| at.after(age) < now);
        old.map(|(number, _)| *number).collect()
    }

    /// Accepts a batch into the group, or refuses it.
    fn judge(&self, batch: Batch, store: &impl View, group: &mut Group) -> CommitResult {
        if self.void.contains_key(&batch.id) {
            return Err(CommitError::Refused { precondition: batch.preconditions.len() });
        }
        let view = Overlay { below: store, changes: &group.changes };
        if let Some(precondition) = apply::refusal(&batch, &view)? {
            return Err(CommitError::Refused { precondition });
        }
        let id = batch.id;
        let commit = apply::commit_number(&batch, group.next_commit);
        let position = Position::new(commit, 0);
        let changes = apply::changes(batch, &view, position)?;
        group.changes.extend(changes);
        group.ids.push(id);
        group.next_commit = commit.saturating_add(1);
        Ok(Committed { position })
    }

    /// The group's write failed: what was accepted is unknown unless nothing was written,
    /// and a refusal may have rested on it.
    fn failed(&self, error: WriteError, results: Vec<CommitResult>) -> Vec<CommitResult> {
        let unknown = match error {
            WriteError::Poisoned => {
                self.health.poison("a flush or compaction in the background failed");
                false
            }
            WriteError::Unknown(reason) => {
                self.health.poison(&reason);
                true
            }
        };
        let fault = self.health.poisoned();
        results
            .into_iter()
            .map(|result| match result {
                Ok(_) if unknown => Err(CommitError::Unknown),
                _ => Err(fault.clone().into()),
            })
            .collect()
    }

    /// fjall makes a writer sleep when its background work is behind; waiting here instead
    /// keeps the wait bounded, and nothing has been written when it is over.
    fn wait_for_flushes(&self) -> Result<(), StoreFault> {
        let started = Instant::now();
        while self.engine.is_behind() {
            if self.engine.is_poisoned() {
                self.health.poison("a flush or compaction in the background failed");
                return Err(self.health.poisoned());
            }
            if started.elapsed() > BEHIND_PATIENCE {
                return Err(StoreFault::Busy);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// Every batch sent before is answered; one that comes later finds its id void.
    fn settle(&mut self, id: BatchId) -> Result<Settled, StoreFault> {
        self.health.writable().or_else(|fault| match fault {
            // Nothing of a full disk's refusals is unknown.
            StoreFault::DiskFull { .. } => Ok(()),
            other => Err(other),
        })?;
        if self.engine.has_applied(id)? {
            return Ok(Settled::Applied);
        }
        let now = now();
        let age = Duration::from_secs(SETTLE_WITHIN_SECONDS);
        self.void.retain(|_, at| at.after(age) >= now);
        if self.void.len() >= VOID_IDS_MAX {
            return Err(StoreFault::Busy);
        }
        self.void.insert(id, now);
        Ok(Settled::Void)
    }
}

impl Pace {
    /// The batches that wait, up to the bounds of a group, and the other request that
    /// ended it.
    fn gather(
        &self,
        first: Request,
        requests: &Receiver<Request>,
    ) -> (Vec<(Batch, Answer<CommitResult>)>, Option<Request>) {
        let until = Instant::now() + (self.write / 4).min(GATHER_MAX);
        let mut group = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(request) = next {
            let Request::Commit(batch, answer) = request else {
                return (group, Some(request));
            };
            bytes += batch.size_bytes();
            group.push((batch, answer));
            if group.len() >= GROUP_BATCHES_MAX || bytes >= GROUP_BYTES_MAX {
                return (group, None);
            }
            next = requests.try_recv().ok().or_else(|| {
                let left = until.saturating_duration_since(Instant::now());
                let expects_more = group.len() < self.batches && !left.is_zero();
                if expects_more { requests.recv_timeout(left).ok() } else { None }
            });
        }
        (group, None)
    }
}

/// The next request, or none for [`PROBE_INTERVAL`].
fn next(requests: &Receiver<Request>) -> Result<Request, RecvTimeoutError> {
    let until = Instant::now() + AWAKE;
    while Instant::now() < until {
        if let Ok(request) = requests.try_recv() {
            return Ok(request);
        }
        std::thread::yield_now();
    }
    requests.recv_timeout(PROBE_INTERVAL)
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
