//! The memory twin: a map under a lock, with the port's semantics and no disk.

use crate::apply::{self, Found, View};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use symbolon_domain::port::{
    Batch, BatchId, BoxFuture, CommitError, Committed, Entry, Position, Range, SCAN_ENTRIES_MAX,
    Settled, Snapshot, Store, StoreFault,
};

/// How many batch ids are remembered for [`Store::settle`].
const BATCH_IDS_MAX: usize = 65_536;

/// A store in memory, for tests and for nodes that keep nothing.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    map: Map,
    next_commit: u64,
    applied: RecentIds,
    void: RecentIds,
}

/// The entries, in key order.
#[derive(Default, Clone)]
struct Map(BTreeMap<Vec<u8>, Vec<u8>>);

/// The last ids, the oldest forgotten first.
#[derive(Default)]
struct RecentIds {
    ids: HashSet<BatchId>,
    order: VecDeque<BatchId>,
}

impl RecentIds {
    fn insert(&mut self, id: BatchId) {
        if self.ids.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > BATCH_IDS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

impl View for Map {
    fn find(&self, key: &[u8]) -> Result<Found, StoreFault> {
        Ok(Found::of(self.0.get(key).map(Vec::as_slice)))
    }

    fn visit(
        &self,
        range: &Range,
        visitor: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), StoreFault> {
        for (key, _) in self.0.range(range.start.clone()..range.end.clone()) {
            if !visitor(key) {
                break;
            }
        }
        Ok(())
    }
}

impl Map {
    fn scan(&self, range: &Range, limit: usize) -> Vec<Entry> {
        if range.is_empty() {
            return Vec::new();
        }
        self.0
            .range(range.start.clone()..range.end.clone())
            .take(limit.min(SCAN_ENTRIES_MAX))
            .map(|(key, value)| Entry { key: key.clone(), value: value.clone() })
            .collect()
    }
}

impl MemoryStore {
    /// A store with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // No call panics while it holds the lock half way through a change.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn commit(&mut self, batch: Batch) -> Result<Committed, CommitError> {
        batch.check_bounds()?;
        if self.void.ids.contains(&batch.id) {
            return Err(CommitError::Refused { precondition: batch.preconditions.len() });
        }
        if let Some(precondition) = apply::refusal(&batch, &self.map)? {
            return Err(CommitError::Refused { precondition });
        }
        let id = batch.id;
        let commit = apply::commit_number(&batch, self.next_commit);
        let position = Position::new(commit, 0);
        for (key, value) in apply::changes(batch, &self.map, position)? {
            match value {
                Some(value) => self.map.0.insert(key, value),
                None => self.map.0.remove(&key),
            };
        }
        self.next_commit = commit.saturating_add(1);
        self.applied.insert(id);
        Ok(Committed { position })
    }
}

impl Store for MemoryStore {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreFault>> {
        Box::pin(async move { Ok(self.state().map.0.get(key).cloned()) })
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [Vec<u8>],
    ) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>, StoreFault>> {
        Box::pin(async move {
            let state = self.state();
            Ok(keys.iter().map(|key| state.map.0.get(key).cloned()).collect())
        })
    }

    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>> {
        Box::pin(async move { Ok(self.state().map.scan(range, limit)) })
    }

    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move { self.state().commit(batch) })
    }

    fn settle(&self, batch: BatchId) -> BoxFuture<'_, Result<Settled, StoreFault>> {
        Box::pin(async move {
            let mut state = self.state();
            if state.applied.ids.contains(&batch) {
                return Ok(Settled::Applied);
            }
            state.void.insert(batch);
            Ok(Settled::Void)
        })
    }

    fn health(&self) -> Result<(), StoreFault> {
        Ok(())
    }

    fn snapshot(&self) -> Option<Box<dyn Snapshot>> {
        Some(Box::new(self.state().map.clone()))
    }
}

impl Snapshot for Map {
    fn scan<'a>(
        &'a self,
        range: &'a Range,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>> {
        Box::pin(async move { Ok(Self::scan(self, range, limit)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Subject};
    use std::sync::Arc;

    /// Its folder is the memory itself.
    #[derive(Default)]
    struct Memory(Arc<MemoryStore>);

    impl Subject for Memory {
        fn empty(&mut self) -> Arc<dyn Store> {
            self.0 = Arc::default();
            self.0.clone()
        }

        fn reopen(&mut self) -> Arc<dyn Store> {
            self.0.clone()
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn conforms() {
        assert!(conformance::run(&mut Memory::default()).await.unwrap() > 20);
    }
}
