//! The duty that wakes what is due, and erases kept answers whose time is over.
//!
//! A due row stands in the minute of its entity's deadline. The entity is woken in that
//! minute; if the deadline is still ahead it minds it itself from then on. A row whose
//! minute is over and whose entity says otherwise is out of date, and goes.

use crate::directory::Directory;
use crate::duty::Duty;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::{Command, Stored};
use symbolon_domain::port::{
    Batch, BatchId, Call, CommitError, Entry, Kept, Operation, Precondition, Principal,
    SCAN_ENTRIES_MAX, StoreFault,
};
use symbolon_domain::{Id, Timestamp, key};
use tokio::task::JoinSet;

/// How many entities are woken at once.
const AT_ONCE: usize = 64;
/// Most entities woken and answers erased in one round.
const ROUND_MAX: usize = 4_096;
/// Most entities remembered as woken.
const WOKEN_MAX: usize = 1_000_000;
/// How long a woken entity may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Sweeper {
    directory: Arc<Directory>,
}

/// Which rows were acted on in which minute: once in each is enough.
#[derive(Default)]
pub(crate) struct Woken {
    minute: u64,
    rows: HashSet<Vec<u8>>,
}

impl Sweeper {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }
}

impl Duty for Sweeper {
    type Memory = Woken;

    async fn round(&self, woken: &mut Woken) -> Duration {
        if let Err(error) = self.sweep(woken).await {
            tracing::warn!(%error, "the sweeper is held up");
        }
        self.directory.limits.sweep_every
    }
}

/// A due row of an entity.
struct DueRow {
    key: Vec<u8>,
    owner: Id,
}

impl Sweeper {
    async fn sweep(&self, woken: &mut Woken) -> Result<(), StoreFault> {
        let now = self.directory.clock.now();
        if woken.minute != now.minute() || woken.rows.len() > WOKEN_MAX {
            *woken = Woken { minute: now.minute(), rows: HashSet::new() };
        }
        let mut range = key::due_until(now);
        let mut budget = ROUND_MAX;
        while budget > 0 {
            let page = self.directory.store.scan(&range, SCAN_ENTRIES_MAX).await?;
            let Some(last) = page.last() else { break };
            range = range.after(&last.key);
            let fresh = page.into_iter().filter(|entry| !woken.rows.contains(&entry.key));
            let fresh: Vec<Entry> = fresh.take(budget).collect();
            budget -= fresh.len();
            woken.rows.extend(fresh.iter().map(|entry| entry.key.clone()));
            let (mut due, mut scopes) = (Vec::new(), Vec::new());
            for Entry { key, .. } in fresh {
                if let Some(owner) = key::due_owner(&key) {
                    due.push(DueRow { key, owner });
                } else if let Some(scope) = key::due_kept_scope(&key) {
                    scopes.push((key, scope));
                }
            }
            self.erase_kept(now, scopes).await?;
            self.wake(now, &due, woken).await;
            self.remove_stale(now, due).await?;
        }
        Ok(())
    }

    /// Tells the entities, some at once, and waits for them. Those that could not be told
    /// are told again in the next round.
    async fn wake(&self, now: Timestamp, due: &[DueRow], woken: &mut Woken) {
        let mut tasks: JoinSet<Option<Vec<u8>>> = JoinSet::new();
        let mut due = due.iter();
        loop {
            while tasks.len() < AT_ONCE
                && let Some(row) = due.next()
            {
                let (directory, key) = (self.directory.clone(), row.key.clone());
                let call = self.call(now, row.owner);
                tasks.spawn(async move {
                    match tokio::time::timeout(PATIENCE, directory.call(call)).await {
                        Ok(Ok(_)) => {
                            directory.meters.woken.increment(1);
                            None
                        }
                        _ => Some(key),
                    }
                });
            }
            match tasks.join_next().await {
                Some(Ok(Some(key))) => drop(woken.rows.remove(&key)),
                Some(_) => {}
                None => break,
            }
        }
    }

    fn call(&self, now: Timestamp, target: Id) -> Call {
        Call {
            principal: Principal::System,
            deadline: now.after(PATIENCE),
            request_id: [0; 16],
            seed: self.directory.entropy.bytes(),
            trace: None,
            target,
            command: Command::Due,
            keep: None,
        }
    }

    /// Removes the rows of passed minutes that their entities know nothing of.
    async fn remove_stale(&self, now: Timestamp, due: Vec<DueRow>) -> Result<(), StoreFault> {
        for DueRow { key, owner } in due {
            let passed = key.as_slice() < key::due(now, owner).as_slice();
            if !passed || self.directory.store.get(&key).await?.is_none() {
                continue;
            }
            let head_key = key::head(owner);
            let value = self.directory.store.get(&head_key).await?;
            let stored = value.map(|value| Stored::decode(owner.kind, &value)).transpose();
            let Ok(stored) = stored else {
                tracing::error!(%owner, "what is due cannot be read");
                continue;
            };
            let deadline = stored.as_ref().and_then(|stored| stored.head.next_deadline());
            if deadline.is_some_and(|deadline| key::due(deadline, owner) == key) {
                continue;
            }
            let revision = stored.map(|stored| stored.revision);
            let batch = self.batch(vec![at(head_key, revision)], vec![Operation::Delete { key }]);
            if self.commit(batch).await? {
                self.directory.meters.stale.increment(1);
            }
        }
        Ok(())
    }

    /// Erases kept answers whose time is over. A later answer under the same key stays.
    async fn erase_kept(
        &self,
        now: Timestamp,
        rows: Vec<(Vec<u8>, Digest)>,
    ) -> Result<(), StoreFault> {
        for chunk in rows.chunks(AT_ONCE) {
            let keys: Vec<_> = chunk.iter().map(|(_, scope)| key::idempotency(scope)).collect();
            let values = self.directory.store.get_many(&keys).await?;
            let mut preconditions = Vec::new();
            let mut operations = Vec::new();
            let mut erased = 0;
            for (((due, _), key), value) in chunk.iter().zip(keys).zip(values) {
                let kept = value.map(|value| Kept::decode(&value));
                let over = match &kept {
                    Some(Ok(kept)) => (kept.expires <= now).then_some(kept.revision),
                    _ => None,
                };
                if let Some(revision) = over {
                    preconditions.push(at(key.clone(), Some(revision)));
                    operations.push(Operation::Delete { key });
                    erased += 1;
                }
                operations.push(Operation::Delete { key: due.clone() });
            }
            if !operations.is_empty() && self.commit(self.batch(preconditions, operations)).await? {
                self.directory.meters.erased.increment(erased);
            }
        }
        Ok(())
    }

    fn batch(&self, preconditions: Vec<Precondition>, operations: Vec<Operation>) -> Batch {
        let id = BatchId(self.directory.entropy.bytes());
        Batch { preconditions, operations, ..Batch::new(id) }
    }

    /// Whether it was applied. What was not is found again in the next minute.
    async fn commit(&self, batch: Batch) -> Result<bool, StoreFault> {
        match self.directory.store.commit(batch).await {
            Ok(_) => Ok(true),
            Err(CommitError::Refused { .. } | CommitError::Unknown) => Ok(false),
            Err(CommitError::Fault(fault)) => Err(fault),
        }
    }
}

fn at(key: Vec<u8>, revision: Option<u64>) -> Precondition {
    match revision {
        None => Precondition::Absent { key },
        Some(revision) => Precondition::RevisionIs { key, revision },
    }
}
