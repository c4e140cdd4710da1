//! Front end: a registered screen or terminal of an institution.
//!
//! The institution registers it with a name and a place, which is what a phone shows; a
//! one-time enrolment code then binds the front end's own `DPoP` key.

mod ask;

pub use ask::ASK_INTERVAL;

use super::token::{self, Binding, Credential, TokenClass};
use super::{Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::key::{Index, Row};
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an enrolment code is good.
pub const ENROLMENT_CODE_LIFE: Duration = Duration::from_secs(15 * 60);
/// How long a front end's token is good.
pub const TOKEN_LIFE: Duration = Duration::from_secs(400 * 24 * 3600);
/// Most open sessions of one front end.
pub const SESSIONS_MAX: u16 = 64;

/// Where it is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrontEndState {
    /// Registered; the code waits for its key.
    Invited {
        /// SHA-256 of the enrolment code.
        code_hash: Digest,
        /// Until when the code is good.
        expires: Timestamp,
    },
    /// Its key is bound.
    Enrolled {
        /// The key's thumbprint (RFC 7638).
        jkt: Digest,
    },
    /// The institution removed it.
    Removed,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontEnd {
    /// Whose it is.
    pub institution: Id,
    /// What a phone shows.
    pub name: String,
    /// Where it stands, as a phone shows it.
    pub place: String,
    /// Most sessions open at once.
    pub sessions_max: u16,
    /// Where it is in its life.
    pub state: FrontEndState,
    /// When it was registered.
    pub created: Timestamp,
}

impl Record for FrontEnd {
    const TAG: u8 = 2;
    const VERSION: u8 = 1;
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The institution registers it, or makes a new enrolment code for it.
    Register {
        /// What a phone shows.
        name: String,
        /// Where it stands.
        place: String,
        /// Most sessions open at once; at most [`SESSIONS_MAX`].
        sessions_max: u16,
        /// SHA-256 of the new enrolment code.
        code_hash: Digest,
    },
    /// The front end presents the code and its key.
    Enrol {
        /// SHA-256 of the code presented.
        code_hash: Digest,
        /// The key's thumbprint.
        jkt: Digest,
        /// The token it gets.
        token: Credential,
    },
    /// The institution removes it.
    Remove,
    /// The institution looks at it.
    Look,
    /// The front end asks its institution for a request.
    Ask,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It was registered.
    Registered(Box<FrontEnd>),
    /// Its key was bound.
    Enrolled {
        /// The key's thumbprint.
        jkt: Digest,
    },
    /// It was removed.
    Removed,
    /// A session took one of its places.
    SlotTaken(u16, Id),
    /// A session gave its place back.
    SlotFreed(u16),
    /// It asked its institution for a request.
    Asked(Timestamp),
}

impl FrontEnd {
    /// Demands that its key is bound.
    ///
    /// # Errors
    /// [`Rejection::WrongState`].
    pub fn enrolled(&self) -> Result<(), Rejection> {
        match self.state {
            FrontEndState::Enrolled { .. } => Ok(()),
            _ => Err(Rejection::WrongState),
        }
    }
}

impl Entity for FrontEnd {
    type Command = Command;
    type Event = Event;

    fn needs(id: Id, state: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        match (command, state) {
            (Command::Register { .. }, _) => {
                facts.principal.institution().map(Need::Head).into_iter().collect()
            }
            (Command::Enrol { token, .. }, Some(state)) => {
                vec![Need::Head(state.institution), Need::Head(token.id)]
            }
            (Command::Ask, Some(_)) => vec![Need::Row(id, Row::FrontEndAsk)],
            _ => Vec::new(),
        }
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        match command {
            Command::Register { name, place, sessions_max, code_hash } => {
                let institution = facts.principal.institution().ok_or(Rejection::Forbidden)?;
                facts.head::<super::institution::Institution>(institution)?.approved()?;
                if state.is_some_and(|state| state.institution != institution) {
                    return Err(Rejection::NotFound);
                }
                if *sessions_max == 0 || *sessions_max > SESSIONS_MAX {
                    return Err(Rejection::InvalidRequest);
                }
                let registered = Self {
                    institution,
                    name: name.clone(),
                    place: place.clone(),
                    sessions_max: *sessions_max,
                    state: FrontEndState::Invited {
                        code_hash: *code_hash,
                        expires: facts.now.after(ENROLMENT_CODE_LIFE),
                    },
                    created: facts.now,
                };
                let event = Event::Registered(Box::new(registered.clone()));
                Ok(Decision::change(id, vec![event.into()])
                    .relying_on([institution])
                    .replying(Ok(Reply::FrontEnd(Box::new(registered)))))
            }
            Command::Enrol { code_hash, jkt, token } => {
                let state = state.ok_or(Rejection::InvalidGrant)?;
                facts.head::<super::institution::Institution>(state.institution)?.approved()?;
                let FrontEndState::Invited { code_hash: expected, expires } = &state.state else {
                    return Err(Rejection::InvalidGrant);
                };
                if expected != code_hash || *expires <= facts.now {
                    return Err(Rejection::InvalidGrant);
                }
                let binding = Binding::Key(*jkt);
                let issued = token::Token::issue(
                    token,
                    TokenClass::FrontEnd,
                    id,
                    binding,
                    facts.now,
                    facts.now.after(TOKEN_LIFE),
                );
                let enrolled =
                    Self { state: FrontEndState::Enrolled { jkt: *jkt }, ..state.clone() };
                Ok(Decision::change(id, vec![Event::Enrolled { jkt: *jkt }.into()])
                    .and_change(token.id, vec![token::Event::Issued(Box::new(issued)).into()])
                    .relying_on([state.institution])
                    .replying(Ok(Reply::FrontEnd(Box::new(enrolled)))))
            }
            Command::Remove => {
                let state = owned(state, facts)?;
                if state.state == FrontEndState::Removed {
                    return Ok(Decision::reply(Reply::Done));
                }
                Ok(Decision::change(id, vec![Event::Removed.into()]))
            }
            Command::Look => {
                let state = owned(state, facts)?;
                Ok(Decision::reply(Reply::FrontEnd(Box::new(state.clone()))))
            }
            Command::Ask => state.ok_or(Rejection::NotFound)?.ask(id, facts),
        }
    }

    fn due(_: Id, _: &Self, _: &Facts<'_>) -> Option<Decision> {
        None
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match (state, event) {
            (_, Event::Registered(registered)) => Some((**registered).clone()),
            (Some(state), Event::Enrolled { jkt }) => {
                Some(Self { state: FrontEndState::Enrolled { jkt: *jkt }, ..state })
            }
            (Some(state), Event::Removed) => Some(Self { state: FrontEndState::Removed, ..state }),
            (state, _) => state,
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        match event {
            Event::SlotTaken(slot, session) => {
                vec![RowChange::Put(Row::FrontEndSlot(*slot), session.to_bytes().to_vec())]
            }
            Event::SlotFreed(slot) => vec![RowChange::Delete(Row::FrontEndSlot(*slot))],
            Event::Asked(at) => {
                vec![RowChange::Put(Row::FrontEndAsk, at.0.to_be_bytes().to_vec())]
            }
            _ => Vec::new(),
        }
    }

    fn index(&self, id: Id) -> Vec<Index> {
        match self.state {
            FrontEndState::Removed => Vec::new(),
            _ => vec![Index::FrontEndsOf(self.institution, id)],
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
}

fn owned<'a>(state: Option<&'a FrontEnd>, facts: &Facts<'_>) -> Result<&'a FrontEnd, Rejection> {
    state
        .filter(|state| facts.principal.institution() == Some(state.institution))
        .ok_or(Rejection::NotFound)
}
