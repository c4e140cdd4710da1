//! Entities: a small head and rows, decided by commands and changed by events.
//!
//! Every kind has the same shape, [`Entity`]. `needs` names what a decision looks at,
//! `decide` judges without changing anything, `evolve` applies an event and cannot
//! fail. What touches several entities is an act (see [`crate::act`]): the scarce
//! entity's `decide` leads it and its [`Decision`] names the events of every entity.
//!
//! [`Head`], [`Event`] and [`Command`] put the kinds side by side, so that the shell
//! around them is one machine and not eight.

pub mod device;
pub mod front_end;
pub mod grant;
pub mod institution;
pub mod notice;
pub mod offer;
pub mod session;
pub mod token;
pub mod vault;

use crate::bytes::Digest;
use crate::key::{Index, Row};
use crate::port::Principal;
use crate::record::{self, HEAD_BYTES_MAX, Record, RecordError};
use crate::{Id, Kind, Rejection, Timestamp};
use notice::Notice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something a decision wants to look at besides the leading head.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Another entity's head.
    Head(Id),
    /// A row of any entity.
    Row(Id, Row),
    /// Whether the entity has any row left.
    AnyRow(Id),
}

/// A head with its revision, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Counts the changes of the head, from 1.
    pub revision: u64,
    /// The head.
    pub head: Head,
}

/// What a decision is made from.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Now: what judges every expiry.
    pub now: Timestamp,
    /// Who asks, as proved.
    pub principal: &'a Principal,
    /// Random, from the call: for salts and ids.
    pub seed: &'a [u8; 32],
    /// The leading head's revision; 0 if it is absent.
    pub revision: u64,
    /// What was loaded for the needs.
    pub loaded: &'a Loaded,
}

/// The answers to the needs.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Heads; `None` says that there is none.
    pub heads: BTreeMap<Id, Option<Stored>>,
    /// Rows; `None` says that there is none.
    pub rows: BTreeMap<(Id, Row), Option<Vec<u8>>>,
    /// Whether an entity has rows.
    pub any_row: BTreeMap<Id, bool>,
}

impl Loaded {
    /// Whether the need was answered.
    #[must_use]
    pub fn has(&self, need: &Need) -> bool {
        match need {
            Need::Head(id) => self.heads.contains_key(id),
            Need::Row(id, row) => self.rows.contains_key(&(*id, row.clone())),
            Need::AnyRow(id) => self.any_row.contains_key(id),
        }
    }
}

impl Facts<'_> {
    /// A loaded head of the wanted type.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] when there is none.
    pub fn head<T: FromHead>(&self, id: Id) -> Result<&T, Rejection> {
        let stored = self.loaded.heads.get(&id).and_then(Option::as_ref);
        stored.and_then(|stored| T::from_head(&stored.head)).ok_or(Rejection::NotFound)
    }

    /// A loaded row's bytes.
    #[must_use]
    pub fn row(&self, owner: Id, row: &Row) -> Option<&[u8]> {
        self.loaded.rows.get(&(owner, row.clone()))?.as_deref()
    }

    /// A loaded row, decoded; `None` if it is absent or cannot be decoded.
    #[must_use]
    pub fn row_as<T: Record>(&self, owner: Id, row: &Row) -> Option<T> {
        record::decode(self.row(owner, row)?).ok()
    }

    /// 32 bytes that nobody can guess, named by a label and a number.
    #[must_use]
    pub fn random(&self, label: &str, number: u64) -> [u8; 32] {
        Digest::lp("seed", &[self.seed, label.as_bytes(), &number.to_be_bytes()]).0
    }
}

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

/// The shape of every kind of entity.
pub trait Entity: Record + Clone + PartialEq {
    /// What can be asked of it.
    type Command;
    /// What can happen to it.
    type Event;

    /// What the decision looks at. Asked again with what was loaded until it names nothing
    /// new (at most eight times).
    fn needs(id: Id, state: Option<&Self>, facts: &Facts<'_>, command: &Self::Command)
    -> Vec<Need>;

    /// Judges. Changes nothing.
    ///
    /// # Errors
    /// When the caller may not, or it cannot be.
    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Self::Command,
    ) -> Result<Decision, Rejection>;

    /// What passing time does to it: asked when [`Entity::next_deadline`] is reached.
    fn due(id: Id, state: &Self, facts: &Facts<'_>) -> Option<Decision>;

    /// What [`Entity::due`] looks at.
    fn due_needs(_id: Id, _state: &Self) -> Vec<Need> {
        Vec::new()
    }

    /// Applies an event; `None` says that the entity is gone. An event that does not fit
    /// the state leaves it as it was.
    fn evolve(state: Option<Self>, event: &Self::Event) -> Option<Self>;

    /// What the event does to the rows.
    fn rows(event: &Self::Event) -> Vec<RowChange>;

    /// The index rows of this state; the shell writes the difference.
    fn index(&self, id: Id) -> Vec<Index>;

    /// When time next changes something.
    fn next_deadline(&self) -> Option<Timestamp>;
}

/// Gets one kind's state out of a [`Head`].
pub trait FromHead: Sized {
    /// The state, if the head is of this kind.
    fn from_head(head: &Head) -> Option<&Self>;
}

macro_rules! entities {
    ($($kind:ident, $module:ident, $state:ident;)*) => {
        /// The state of an entity.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Head { $(#[doc = concat!("A ", stringify!($kind), ".")] $kind($module::$state),)* }

        /// Something that happened to an entity.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event { $(#[doc = concat!("To a ", stringify!($kind), ".")] $kind($module::Event),)* }

        /// Something asked of an entity.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum Command {
            $(#[doc = concat!("Of a ", stringify!($kind), ".")] $kind($module::Command),)*
            /// Time has passed: from the sweeper, to any entity.
            Due,
        }

        $(
            impl FromHead for $module::$state {
                fn from_head(head: &Head) -> Option<&Self> {
                    if let Head::$kind(state) = head { Some(state) } else { None }
                }
            }

            impl From<$module::Event> for Event {
                fn from(event: $module::Event) -> Self { Self::$kind(event) }
            }

            impl From<$module::Command> for Command {
                fn from(command: $module::Command) -> Self { Self::$kind(command) }
            }
        )*

        impl Head {
            /// The kind of entity it is the head of.
            #[must_use]
            pub fn kind(&self) -> Kind { match self { $(Self::$kind(_) => Kind::$kind,)* } }

            /// The index rows of this state.
            #[must_use]
            pub fn index(&self, id: Id) -> Vec<Index> {
                match self { $(Self::$kind(state) => state.index(id),)* }
            }

            /// When time next changes something.
            #[must_use]
            pub fn next_deadline(&self) -> Option<Timestamp> {
                match self { $(Self::$kind(state) => state.next_deadline(),)* }
            }

            fn encode(&self) -> Result<Vec<u8>, RecordError> {
                match self { $(Self::$kind(state) => record::encode(state),)* }
            }

            fn decode(kind: Kind, bytes: &[u8]) -> Result<Self, RecordError> {
                match kind {
                    $(Kind::$kind => record::decode(bytes).map(Self::$kind),)*
                    other => Err(RecordError::Tag(other.tag())),
                }
            }

            /// Applies an event; an event of another kind leaves the head as it was.
            #[must_use]
            pub fn evolve(head: Option<Self>, event: &Event) -> Option<Self> {
                match (head, event) {
                    $(
                        (None, Event::$kind(event)) =>
                            $module::$state::evolve(None, event).map(Self::$kind),
                        (Some(Self::$kind(state)), Event::$kind(event)) =>
                            $module::$state::evolve(Some(state), event).map(Self::$kind),
                    )*
                    (head, _) => head,
                }
            }
        }

        impl Event {
            /// What it does to the rows.
            #[must_use]
            pub fn rows(&self) -> Vec<RowChange> {
                match self { $(Self::$kind(event) => $module::$state::rows(event),)* }
            }
        }

        /// What the decision looks at; asked again until it names nothing new.
        #[must_use]
        pub fn needs(id: Id, head: Option<&Head>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
            match (command, head) {
                $((Command::$kind(command), head) if id.kind == Kind::$kind => {
                    let state = head.and_then($module::$state::from_head);
                    $module::$state::needs(id, state, facts, command)
                })*
                $((Command::Due, Some(Head::$kind(state))) => {
                    $module::$state::due_needs(id, state)
                })*
                _ => Vec::new(),
            }
        }

        /// Judges the command. Changes nothing.
        ///
        /// # Errors
        /// When the caller may not, or it cannot be.
        pub fn decide(
            id: Id,
            head: Option<&Head>,
            facts: &Facts<'_>,
            command: &Command,
        ) -> Result<Decision, Rejection> {
            match (command, head) {
                $((Command::$kind(command), head) if id.kind == Kind::$kind => {
                    let state = head.and_then($module::$state::from_head);
                    $module::$state::decide(id, state, facts, command)
                })*
                $((Command::Due, Some(Head::$kind(state))) => {
                    let decision = $module::$state::due(id, state, facts);
                    Ok(decision.unwrap_or_else(|| Decision::reply(Reply::Done)))
                })*
                (Command::Due, None) => Ok(Decision::reply(Reply::Done)),
                _ => Err(Rejection::InvalidRequest),
            }
        }
    };
}

entities! {
    Institution, institution, Institution;
    FrontEnd, front_end, FrontEnd;
    Offer, offer, Offer;
    Session, session, Session;
    Token, token, Token;
    Grant, grant, Grant;
    Vault, vault, Vault;
    Device, device, Device;
}

impl Record for Command {
    const TAG: u8 = 0x42;
    const VERSION: u8 = 1;
}

impl Stored {
    /// The stored value: revision, eight big-endian bytes, then the record.
    ///
    /// # Errors
    /// When the head is over [`HEAD_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        let record = self.head.encode()?;
        if record.len() > HEAD_BYTES_MAX {
            return Err(RecordError::Malformed(format!("a head is over {HEAD_BYTES_MAX} bytes")));
        }
        Ok([&self.revision.to_be_bytes()[..], &record].concat())
    }

    /// Reads what [`Stored::encode`] wrote.
    ///
    /// # Errors
    /// When it is damaged or of another kind.
    pub fn decode(kind: Kind, value: &[u8]) -> Result<Self, RecordError> {
        let (revision, record) = value
            .split_first_chunk::<8>()
            .ok_or_else(|| RecordError::Malformed("shorter than a revision".into()))?;
        Ok(Self { revision: u64::from_be_bytes(*revision), head: Head::decode(kind, record)? })
    }
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It is done.
    Done,
    /// The institution as it is now.
    Institution(Box<institution::Institution>),
    /// The front end as it is now.
    FrontEnd(Box<front_end::FrontEnd>),
    /// The offer as it is now.
    Offer(Box<offer::Offer>),
    /// The session as it is now.
    Session(Box<session::Session>),
    /// The grant as it is now.
    Grant(Box<grant::Grant>),
    /// The device as it is now.
    Device(Box<device::Device>),
    /// An approval's handle: the first half of the code.
    Approved(crate::act::approve::Approved),
    /// A redemption or refresh that succeeded.
    Redeemed(Box<crate::act::redeem::Redeemed>),
    /// A read: one status per path, and what opens the values.
    Read(Box<crate::act::read::ReadReply>),
    /// The manifest's new state.
    Manifest(vault::ManifestHead),
    /// An answer given before, sealed under a key from the request's own credential.
    Kept(Vec<u8>),
}
