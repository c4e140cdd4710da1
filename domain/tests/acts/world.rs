//! A world without shell and store: it runs needs, decide, evolve and rows on maps, and
//! checks every condition of a decision as a store would.

use std::collections::BTreeMap;
use std::time::Duration;
use symbolon_domain::entity::notice::Notice;
use symbolon_domain::entity::{
    self, Command, Decision, Event, Facts, Head, Loaded, Need, Reply, RowChange, RowCondition,
    Stored,
};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Kind, Region, Rejection, Timestamp};

pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) heads: BTreeMap<Id, Stored>,
    pub(crate) rows: BTreeMap<(Id, Row), Vec<u8>>,
    pub(crate) history: BTreeMap<Id, Vec<Event>>,
    pub(crate) effects: Vec<entity::Effect>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) leaves: usize,
    /// The heads and rows that the last batch pins: a shell decides again when one has moved.
    pub(crate) pinned: (Vec<Id>, Vec<RowCondition>),
    counter: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            now: Timestamp(1_800_000_000_000),
            heads: BTreeMap::new(),
            rows: BTreeMap::new(),
            history: BTreeMap::new(),
            effects: Vec::new(),
            notices: Vec::new(),
            leaves: 0,
            pinned: Default::default(),
            counter: 0,
        }
    }

    pub(crate) fn id(kind: Kind, number: u8) -> Id {
        Id::new(kind, region(), [number; 16])
    }

    pub(crate) fn pass(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
    }

    /// What the sweeper does: tells everyone whose time has come.
    pub(crate) fn sweep(&mut self) {
        let due: Vec<Id> = self
            .heads
            .iter()
            .filter(|(_, stored)| stored.head.next_deadline().is_some_and(|at| at <= self.now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.run(&Principal::System, id, &Command::Due).unwrap();
        }
    }

    /// What the outbox does.
    pub(crate) fn deliver(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            if let entity::Effect::Tell { target, command } = effect {
                // At least once: tell it twice, it is applied once.
                for _ in 0..2 {
                    let _ = self.run(&Principal::System, target, &command);
                }
            }
        }
    }

    pub(crate) fn run(
        &mut self,
        principal: &Principal,
        id: Id,
        command: &Command,
    ) -> Result<Reply, Rejection> {
        self.counter += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.counter.to_be_bytes());
        let head = self.heads.get(&id).map(|stored| stored.head.clone());
        let mut loaded = Loaded::default();
        let mut rounds = 0;
        let decision = loop {
            let facts = Facts {
                now: self.now,
                principal,
                seed: &seed,
                revision: self.heads.get(&id).map_or(0, |stored| stored.revision),
                loaded: &loaded,
            };
            let new: Vec<Need> = entity::needs(id, head.as_ref(), &facts, command)
                .into_iter()
                .filter(|need| !loaded.has(need))
                .collect();
            if new.is_empty() {
                break entity::decide(id, head.as_ref(), &facts, command);
            }
            rounds += 1;
            assert!(rounds <= 8, "needs never end");
            for need in new {
                match need {
                    Need::Head(id) => {
                        loaded.heads.insert(id, self.heads.get(&id).cloned());
                    }
                    Need::Row(id, row) => {
                        let value = self.rows.get(&(id, row.clone())).cloned();
                        loaded.rows.insert((id, row), value);
                    }
                    Need::AnyRow(id) => {
                        let any = self.rows.keys().any(|(owner, _)| *owner == id);
                        loaded.any_row.insert(id, any);
                    }
                }
            }
        }?;
        self.commit(id, &loaded, decision)
    }

    fn commit(
        &mut self,
        leader: Id,
        loaded: &Loaded,
        decision: Decision,
    ) -> Result<Reply, Rejection> {
        for relied in &decision.relied {
            assert!(loaded.heads.contains_key(relied), "relied on {relied} without loading it");
        }
        for condition in &decision.conditions {
            match condition {
                RowCondition::Absent(id, row) => {
                    assert!(!self.rows.contains_key(&(*id, row.clone())), "{row:?} is there");
                }
                RowCondition::RevisionIs(id, row, revision) => {
                    let value = &self.rows[&(*id, row.clone())];
                    assert_eq!(value[..8], revision.to_be_bytes(), "{row:?}");
                }
            }
        }
        for change in decision.changes {
            let id = change.id;
            assert!(
                id == leader || loaded.heads.contains_key(&id),
                "changes {id} without loading it"
            );
            let stored = self.heads.remove(&id);
            let revision = stored.as_ref().map_or(0, |stored| stored.revision);
            let before = stored.map(|stored| stored.head);
            let mut head = before.clone();
            for event in change.events {
                for row in event.rows() {
                    self.change_row(id, row);
                }
                head = Head::evolve(head, &event);
                self.history.entry(id).or_default().push(event);
            }
            if let Some(head) = head {
                let revision = revision + u64::from(before.as_ref() != Some(&head));
                let stored = Stored { revision, head };
                let bytes = stored.encode().unwrap();
                assert_eq!(Stored::decode(id.kind, &bytes).unwrap(), stored);
                self.heads.insert(id, stored);
            }
        }
        self.pinned = (decision.relied, decision.conditions);
        self.leaves += decision.leaves.len();
        self.effects.extend(decision.effects);
        self.notices.extend(decision.notices);
        decision.reply
    }

    fn change_row(&mut self, owner: Id, change: RowChange) {
        match change {
            RowChange::Put(row, value) => {
                self.rows.insert((owner, row), value);
            }
            RowChange::Delete(row) => {
                self.rows.remove(&(owner, row));
            }
            RowChange::DeleteLike(example) => {
                let sort = std::mem::discriminant(&example);
                self.rows
                    .retain(|(id, row), _| *id != owner || std::mem::discriminant(row) != sort);
            }
            RowChange::DeleteAll => self.rows.retain(|(id, _), _| *id != owner),
        }
    }
}

pub(crate) fn region() -> Region {
    "eu1".parse().unwrap()
}
