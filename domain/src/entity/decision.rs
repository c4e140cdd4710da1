//! What a command comes to: events, conditions, leaves, effects, notices and an answer, as one
//! batch.

use super::notice::Notice;
use super::{Command, Event, Reply};
use crate::key::Row;
use crate::record::Record;
use crate::{Id, Rejection};
use serde::{Deserialize, Serialize};

/// What becomes of the rows with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// Writes a row.
    Put(Row, Vec<u8>),
    /// Removes a row.
    Delete(Row),
    /// Removes all rows of the same sort as the example, at most 1,000.
    DeleteLike(Row),
    /// Removes all rows of the entity, at most 1,000.
    DeleteAll,
}

/// The events of one entity in a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which entity.
    pub id: Id,
    /// What happens to it, in order.
    pub events: Vec<Event>,
}

/// A condition on a row that no head speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowCondition {
    /// The row must be absent.
    Absent(Id, Row),
    /// The row must start with this revision.
    RevisionIs(Id, Row, u64),
}

/// An effect that must happen: carried out at least once, applied once by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Gives a command to an entity, wherever it is at home, as the system.
    Tell {
        /// Which entity.
        target: Id,
        /// What it is told.
        command: Box<Command>,
    },
    /// Removes a blob that no record names any more.
    DeleteBlob {
        /// Its name.
        name: String,
    },
}

impl Record for Effect {
    const TAG: u8 = 0x41;
    const VERSION: u8 = 1;
}

/// What a command comes to. Nothing has changed yet: the shell commits it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Events per entity. An entity whose head they leave as it was is not written, only
    /// relied on.
    pub changes: Vec<Change>,
    /// Entities whose heads must still be what the decision saw.
    pub relied: Vec<Id>,
    /// Conditions on rows.
    pub conditions: Vec<RowCondition>,
    /// Leaves for the log, versioned and hashed.
    pub leaves: Vec<Vec<u8>>,
    /// Effects that must happen.
    pub effects: Vec<Effect>,
    /// What others are told by their event queues.
    pub notices: Vec<Notice>,
    /// The answer; a rejection can change something too (a counted wrong try).
    pub reply: Result<Reply, Rejection>,
}

impl Decision {
    /// Nothing changes; the answer is all.
    #[must_use]
    pub fn reply(reply: Reply) -> Self {
        Self {
            changes: Vec::new(),
            relied: Vec::new(),
            conditions: Vec::new(),
            leaves: Vec::new(),
            effects: Vec::new(),
            notices: Vec::new(),
            reply: Ok(reply),
        }
    }

    /// One entity changes.
    #[must_use]
    pub fn change(id: Id, events: Vec<Event>) -> Self {
        Self { changes: vec![Change { id, events }], ..Self::reply(Reply::Done) }
    }

    /// Another entity changes too.
    #[must_use]
    pub fn and_change(mut self, id: Id, events: Vec<Event>) -> Self {
        self.changes.push(Change { id, events });
        self
    }

    /// These heads must not have changed.
    #[must_use]
    pub fn relying_on(mut self, ids: impl IntoIterator<Item = Id>) -> Self {
        self.relied.extend(ids);
        self
    }

    /// Tells somebody.
    #[must_use]
    pub fn notify(mut self, notice: Notice) -> Self {
        self.notices.push(notice);
        self
    }

    /// With this answer.
    #[must_use]
    pub fn replying(mut self, reply: Result<Reply, Rejection>) -> Self {
        self.reply = reply;
        self
    }

    /// Whether anything has to be committed before the answer may leave.
    #[must_use]
    pub fn commits(&self) -> bool {
        !(self.changes.is_empty()
            && self.leaves.is_empty()
            && self.effects.is_empty()
            && self.notices.is_empty())
    }
}
