//! A store in memory that a test drives step by step: the Store port's semantics without
//! futures, so that every interleaving can be chosen.

use std::collections::{BTreeMap, BTreeSet};
use symbolon_actors::shell::{Answers, Load};
use symbolon_domain::entity::Stored;
use symbolon_domain::key::Subspace;
use symbolon_domain::port::{Batch, BatchId, Operation, Precondition, Settled};
use symbolon_domain::{Id, Kind, key};

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) map: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) commits: u64,
    appended: u64,
    applied: BTreeSet<BatchId>,
    void: BTreeSet<BatchId>,
}

impl World {
    pub(crate) fn load(&self, load: &Load) -> Answers {
        Answers {
            values: load.keys.iter().map(|key| self.map.get(key).cloned()).collect(),
            found: load
                .ranges
                .iter()
                .map(|range| {
                    self.map.range(range.start.clone()..range.end.clone()).next().is_some()
                })
                .collect(),
        }
    }

    /// Applies the batch, or says which precondition did not hold.
    pub(crate) fn commit(&mut self, batch: &Batch) -> Result<(), usize> {
        assert!(!self.applied.contains(&batch.id), "a batch id was used twice");
        if self.void.contains(&batch.id) {
            return Err(0);
        }
        let refused = batch.preconditions.iter().position(|precondition| {
            let value = self.map.get(precondition.key());
            match precondition {
                Precondition::Absent { .. } => value.is_some(),
                Precondition::RevisionIs { revision, .. } => {
                    value.and_then(|value| value.first_chunk()) != Some(&revision.to_be_bytes())
                }
            }
        });
        if let Some(precondition) = refused {
            return Err(precondition);
        }
        self.applied.insert(batch.id);
        self.commits += 1;
        for operation in &batch.operations {
            self.apply(operation);
        }
        Ok(())
    }

    fn apply(&mut self, operation: &Operation) {
        match operation {
            Operation::Put { key, value } => {
                self.map.insert(key.clone(), value.clone());
            }
            Operation::Delete { key } => {
                self.map.remove(key);
            }
            Operation::DeleteRange { range, limit } => {
                let keys = self.map.range(range.start.clone()..range.end.clone());
                let keys: Vec<_> = keys.take(*limit).map(|(key, _)| key.clone()).collect();
                keys.iter().for_each(|key| {
                    self.map.remove(key);
                });
            }
            Operation::Append(append) => {
                self.appended += 1;
                let position = [&[0, 0][..], &self.appended.to_be_bytes()].concat();
                self.map.insert([append.queue.0.clone(), position].concat(), append.value.clone());
            }
        }
    }

    pub(crate) fn settle(&mut self, batch: BatchId) -> Settled {
        if self.applied.contains(&batch) {
            return Settled::Applied;
        }
        self.void.insert(batch);
        Settled::Void
    }

    pub(crate) fn head(&self, id: Id) -> Option<Stored> {
        self.map.get(&key::head(id)).map(|value| Stored::decode(id.kind, value).unwrap())
    }

    /// Every stored head.
    pub(crate) fn heads(&self) -> Vec<(Id, Stored)> {
        Kind::ALL
            .iter()
            .flat_map(|kind| {
                let range = key::heads(*kind);
                self.map.range(range.start..range.end)
            })
            .map(|(key, value)| {
                let id = Id::from_bytes(key[1..].try_into().unwrap()).unwrap();
                (id, Stored::decode(id.kind, value).unwrap())
            })
            .collect()
    }

    /// The keys of a subspace.
    pub(crate) fn keys(&self, subspace: Subspace) -> BTreeSet<Vec<u8>> {
        self.map.keys().filter(|key| key[0] == subspace as u8).cloned().collect()
    }

    /// Index rows and due rows are exactly those of the heads.
    pub(crate) fn check_indexes(&self) {
        let heads = self.heads();
        let index: BTreeSet<_> = heads
            .iter()
            .flat_map(|(id, stored)| stored.head.index(*id))
            .map(|index| index.key())
            .collect();
        assert_eq!(self.keys(Subspace::Index), index);
        let due: BTreeSet<_> = heads
            .iter()
            .filter_map(|(id, stored)| Some(key::due(stored.head.next_deadline()?, *id)))
            .collect();
        assert_eq!(self.keys(Subspace::Due), due);
    }
}
