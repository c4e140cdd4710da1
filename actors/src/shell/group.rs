//! Decided commands that are committed together.

use super::draft::{Draft, added};
use super::view::Overlay;
use super::{Asked, GROUP_BYTES_MAX, GROUP_COMMANDS_MAX};
use std::collections::{BTreeMap, BTreeSet};
use symbolon_domain::entity::{Command, Reply, RowChange, RowCondition, Stored};
use symbolon_domain::port::{
    Append, Batch, BatchId, Operation, Precondition, Queue, SCAN_ENTRIES_MAX,
};
use symbolon_domain::{Id, Rejection, Timestamp, key};

/// A decided command; its answer waits for the commit.
#[derive(Debug)]
pub(super) struct Member<T> {
    pub(super) asked: Asked<T>,
    pub(super) answer: Result<Reply, Rejection>,
    /// Whether it changes something: otherwise it only saw what the others change.
    pub(super) commits: bool,
}

/// The group that is being made.
#[derive(Debug)]
pub(super) struct Group<T> {
    pub(super) members: Vec<Member<T>>,
    pub(super) overlay: Overlay,
    /// The revision at which each head must be before the batch.
    bases: BTreeMap<Id, u64>,
    changed: BTreeMap<Id, Changed>,
    conditions: Vec<Precondition>,
    rows: Vec<Operation>,
    kept: Vec<Operation>,
    appends: Vec<Append>,
    unique: BTreeSet<Vec<u8>>,
    bytes: usize,
}

/// A head before the group and after it.
#[derive(Debug)]
struct Changed {
    before: Option<Stored>,
    after: Option<(Stored, Vec<u8>)>,
}

/// A commit that was sent.
#[derive(Debug)]
pub(super) struct Flight<T> {
    pub(super) batch: BatchId,
    pub(super) members: Vec<Member<T>>,
    pub(super) overlay: Overlay,
    /// The other entities whose heads it changes.
    pub(super) changed: Vec<Id>,
    /// The queues that it appends to.
    pub(super) queues: BTreeSet<Queue>,
    /// Which preconditions hold an index unique.
    unique: std::ops::Range<usize>,
    /// How often its result was asked for in vain.
    pub(super) settlements: u8,
    /// When it is asked for again.
    pub(super) settle_at: Option<Timestamp>,
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            overlay: Overlay::default(),
            bases: BTreeMap::new(),
            changed: BTreeMap::new(),
            conditions: Vec::new(),
            rows: Vec::new(),
            kept: Vec::new(),
            appends: Vec::new(),
            unique: BTreeSet::new(),
            bytes: 0,
        }
    }
}

impl<T> Group<T> {
    pub(super) fn is_full(&self) -> bool {
        self.members.len() >= GROUP_COMMANDS_MAX || self.bytes >= GROUP_BYTES_MAX
    }

    /// Whether one batch can hold both: the size, and that no two members saw different
    /// revisions of a head or want the same unique row.
    pub(super) fn fits(&self, draft: &Draft) -> bool {
        if self.members.is_empty() {
            return true;
        }
        let same_base = |(id, revision): &(Id, u64)| {
            self.overlay.head(*id).is_some()
                || self.bases.get(id).is_none_or(|known| known == revision)
        };
        !self.is_full()
            && self.bytes + draft.size_bytes() <= GROUP_BYTES_MAX
            && draft.bases.iter().all(same_base)
            && draft.unique_keys().all(|key| !self.unique.contains(&key))
    }

    /// Takes a command in that fits.
    pub(super) fn add(&mut self, draft: Draft, member: Member<T>) {
        self.bytes += draft.size_bytes();
        self.unique.extend(draft.unique_keys());
        for (id, revision) in draft.bases {
            if self.overlay.head(id).is_none() {
                self.bases.insert(id, revision);
            }
        }
        for condition in draft.conditions {
            self.add_condition(condition);
        }
        for (id, change) in draft.rows {
            self.rows.push(operation(id, &change));
            self.overlay.change_row(id, change);
        }
        for head in draft.heads {
            self.overlay.set_head(head.id, head.after.as_ref().map(|(stored, _)| stored.clone()));
            match self.changed.get_mut(&head.id) {
                Some(changed) => changed.after = head.after,
                None => {
                    let changed = Changed { before: head.before, after: head.after };
                    self.changed.insert(head.id, changed);
                }
            }
        }
        if let Some(kept) = draft.kept {
            let key = key::idempotency(&kept.scope);
            self.conditions.push(match kept.kept.revision.checked_sub(1) {
                Some(revision @ 1..) => Precondition::RevisionIs { key: key.clone(), revision },
                _ => Precondition::Absent { key: key.clone() },
            });
            let due = key::due_kept(kept.kept.expires, &kept.scope);
            self.kept.push(Operation::Put { key, value: kept.encoded });
            self.kept.push(Operation::Put { key: due, value: Vec::new() });
            self.overlay.keep(kept.scope, kept.kept);
        }
        self.appends.extend(draft.appends);
        self.members.push(member);
    }

    fn add_condition(&mut self, condition: RowCondition) {
        let (owner, row, revision) = match condition {
            RowCondition::Absent(owner, row) => (owner, row, None),
            RowCondition::RevisionIs(owner, row, revision) => (owner, row, Some(revision)),
        };
        let key = key::row(owner, &row);
        // A row that the group itself wrote is as the decision saw it.
        if !self.overlay.has_row(&(owner, row)) {
            self.conditions.push(match revision {
                None => Precondition::Absent { key },
                Some(revision) => Precondition::RevisionIs { key, revision },
            });
        }
    }

    /// The batch, and what is to be remembered until its result is known.
    pub(super) fn launch(self, lead: Id, batch: BatchId) -> (Flight<T>, Batch) {
        let mut preconditions: Vec<Precondition> = self
            .bases
            .into_iter()
            .map(|(id, revision)| match revision {
                0 => Precondition::Absent { key: key::head(id) },
                revision => Precondition::RevisionIs { key: key::head(id), revision },
            })
            .chain(self.conditions)
            .collect();
        let mut operations = self.rows;
        let unique_from = preconditions.len();
        for (id, changed) in &self.changed {
            changed.write(*id, &mut preconditions, &mut operations);
        }
        operations.extend(self.kept);
        let queues = self.appends.iter().map(|append| append.queue.clone()).collect();
        operations.extend(self.appends.into_iter().map(Operation::Append));
        let flight = Flight {
            batch,
            members: self.members,
            overlay: self.overlay,
            changed: self.changed.into_keys().filter(|id| *id != lead).collect(),
            queues,
            unique: unique_from..preconditions.len(),
            settlements: 0,
            settle_at: None,
        };
        (flight, Batch { id: batch, preconditions, operations })
    }
}

impl Changed {
    /// The head, its index rows and its due row.
    fn write(
        &self,
        id: Id,
        preconditions: &mut Vec<Precondition>,
        operations: &mut Vec<Operation>,
    ) {
        let before = self.before.as_ref();
        let after = self.after.as_ref().map(|(stored, _)| stored);
        match &self.after {
            Some((_, encoded)) => {
                operations.push(Operation::Put { key: key::head(id), value: encoded.clone() });
            }
            None if before.is_some() => operations.push(Operation::Delete { key: key::head(id) }),
            None => {}
        }
        for index in added(id, after, before) {
            operations.push(Operation::Delete { key: index.key() });
        }
        for index in added(id, before, after) {
            let key = index.key();
            if index.is_unique() {
                preconditions.push(Precondition::Absent { key: key.clone() });
            }
            operations.push(Operation::Put { key, value: id.to_bytes().to_vec() });
        }
        let due = |stored: Option<&Stored>| {
            stored.and_then(|stored| stored.head.next_deadline()).map(|at| key::due(at, id))
        };
        let (was, is) = (due(before), due(after));
        if was != is {
            operations.extend(was.map(|key| Operation::Delete { key }));
            operations.extend(is.map(|key| Operation::Put { key, value: Vec::new() }));
        }
    }
}

impl<T> Flight<T> {
    /// Whether this precondition says that an index row is nobody else's.
    pub(super) fn is_unique(&self, precondition: usize) -> bool {
        self.unique.contains(&precondition)
    }

    /// Whether one command alone is in it (besides those that only looked).
    pub(super) fn is_single(&self) -> bool {
        self.members.iter().filter(|member| member.commits).count() == 1
    }

    /// Whether it did what a deadline asked for.
    pub(super) fn was_due(&self) -> bool {
        self.members
            .iter()
            .any(|member| member.commits && matches!(member.asked.call.command, Command::Due))
    }
}

fn operation(id: Id, change: &RowChange) -> Operation {
    let limit = SCAN_ENTRIES_MAX;
    match change {
        RowChange::Put(row, value) => {
            Operation::Put { key: key::row(id, row), value: value.clone() }
        }
        RowChange::Delete(row) => Operation::Delete { key: key::row(id, row) },
        RowChange::DeleteLike(row) => {
            Operation::DeleteRange { range: key::rows_like(id, row), limit }
        }
        RowChange::DeleteAll => Operation::DeleteRange { range: key::rows(id), limit },
    }
}
