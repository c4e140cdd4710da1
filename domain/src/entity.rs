//! Entities: a small head and rows, decided by commands and changed by events.
//!
//! Every kind has the same shape, [`Entity`]. `needs` names what a decision looks at,
//! `decide` judges without changing anything, `evolve` applies an event and cannot
//! fail. What touches several entities is an act (see [`crate::act`]): the scarce
//! entity's `decide` leads it and its [`Decision`] names the events of every entity.
//!
//! [`Head`], [`Event`] and [`Command`] put the kinds side by side, so that the shell
//! around them is one machine and not eight.

mod decision;
pub mod device;
mod facts;
pub mod front_end;
pub mod grant;
pub mod institution;
pub mod notice;
pub mod offer;
pub mod session;
mod stored;
pub mod token;
pub mod vault;

pub use decision::{Change, Decision, Effect, RowChange, RowCondition};
pub use facts::{Facts, Loaded, Need};
pub use stored::Stored;

use crate::key::Index;
use crate::record::{self, Record, RecordError};
use crate::{Id, Kind, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

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
