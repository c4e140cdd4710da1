//! Institution: a partner, known by the DNS name in its client certificate.
//!
//! Its self-description is a document signed with its own key; the operator approves it
//! before anything else of it counts. The document is kept as received, in a row.

use super::{Change, Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::crypto::P256Public;
use crate::key::{Index, Row};
use crate::port::Principal;
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// What the operator has said about it.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionState {
    /// Nothing yet.
    Pending,
    /// It may act.
    Approved,
    /// It may not, and never could.
    Refused,
    /// It may not any more.
    Suspended,
}

/// What its verified document says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The name people see.
    pub name: String,
    /// The DNS name in its client certificate (RFC 8705 `tls_client_auth_san_dns`).
    pub dns_name: String,
    /// Verifies its offers.
    pub signing_key: P256Public,
    /// Its HPKE key, X25519: what is lent to it is sealed to this.
    pub hpke_key: [u8; 32],
    /// Names the HPKE key.
    pub hpke_kid: String,
    /// Where codes may be sent by a page (`query`).
    pub redirect_uris: Vec<String>,
    /// Where events are posted, if anywhere.
    pub webhook: Option<String>,
    /// SHA-256 of the signed document.
    pub document_hash: Digest,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// What the operator has said.
    pub state: InstitutionState,
    /// What it says of itself.
    pub description: Description,
    /// Since when it is in this state.
    pub since: Timestamp,
}

impl Record for Institution {
    const TAG: u8 = 1;
    const VERSION: u8 = 1;
}

impl Institution {
    /// Demands that the operator has approved it.
    ///
    /// # Errors
    /// [`Rejection::InstitutionNotApproved`].
    pub fn approved(&self) -> Result<(), Rejection> {
        match self.state {
            InstitutionState::Approved => Ok(()),
            _ => Err(Rejection::InstitutionNotApproved),
        }
    }

    /// What it says of itself, if the operator has approved it.
    ///
    /// # Errors
    /// [`Rejection::InstitutionNotApproved`].
    pub fn approved_description(&self) -> Result<&Description, Rejection> {
        self.approved().map(|()| &self.description)
    }
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// It introduces itself, or changes its description: back to pending. The node has
    /// verified the document's signature (by the key registered before, if there was one)
    /// and that the certificate carries the DNS name.
    Describe {
        /// What the document says.
        description: Box<Description>,
        /// The document as received.
        document: Vec<u8>,
        /// The key that signed it.
        signed_by: P256Public,
    },
    /// The operator decides.
    Judge(InstitutionState),
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It described itself.
    Described {
        /// What the document says.
        description: Box<Description>,
        /// The document as received.
        document: Vec<u8>,
        /// When.
        at: Timestamp,
    },
    /// The operator decided.
    Judged {
        /// What.
        state: InstitutionState,
        /// When.
        at: Timestamp,
    },
}

impl Entity for Institution {
    type Command = Command;
    type Event = Event;

    fn needs(_: Id, _: Option<&Self>, _: &Facts<'_>, _: &Command) -> Vec<Need> {
        Vec::new()
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        let at = facts.now;
        let event = match command {
            Command::Describe { description, document, signed_by } => {
                // A stranger may introduce itself; afterwards only the institution may, and
                // only with the key that it had.
                if let Some(state) = state {
                    if *facts.principal != Principal::Institution(id) {
                        return Err(Rejection::Forbidden);
                    }
                    if *signed_by != state.description.signing_key {
                        return Err(Rejection::BadSignature);
                    }
                } else if *signed_by != description.signing_key {
                    return Err(Rejection::BadSignature);
                }
                let same = state.is_some_and(|state| {
                    state.description.document_hash == description.document_hash
                });
                if let (true, Some(state)) = (same, state) {
                    return Ok(Decision::reply(Reply::Institution(Box::new(state.clone()))));
                }
                Event::Described {
                    description: description.clone(),
                    document: document.clone(),
                    at,
                }
            }
            Command::Judge(judged) => {
                let state = state.ok_or(Rejection::NotFound)?;
                let Principal::Operator(_) = facts.principal else {
                    return Err(Rejection::Forbidden);
                };
                if state.state == *judged {
                    return Ok(Decision::reply(Reply::Institution(Box::new(state.clone()))));
                }
                match (state.state, judged) {
                    (_, InstitutionState::Pending)
                    | (InstitutionState::Pending, InstitutionState::Suspended) => {
                        return Err(Rejection::WrongState);
                    }
                    _ => Event::Judged { state: *judged, at },
                }
            }
        };
        let after = Self::evolve(state.cloned(), &event).ok_or(Rejection::NotFound)?;
        Ok(Decision {
            changes: vec![Change { id, events: vec![event.into()] }],
            ..Decision::reply(Reply::Institution(Box::new(after)))
        })
    }

    fn due(_: Id, _: &Self, _: &Facts<'_>) -> Option<Decision> {
        None
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match (state, event) {
            (_, Event::Described { description, at, .. }) => Some(Self {
                state: InstitutionState::Pending,
                description: (**description).clone(),
                since: *at,
            }),
            (Some(state), Event::Judged { state: judged, at }) => {
                Some(Self { state: *judged, since: *at, ..state })
            }
            (None, Event::Judged { .. }) => None,
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        match event {
            Event::Described { document, .. } => {
                vec![RowChange::Put(Row::InstitutionDocument, document.clone())]
            }
            Event::Judged { .. } => Vec::new(),
        }
    }

    fn index(&self, id: Id) -> Vec<Index> {
        vec![
            Index::InstitutionByName(self.description.dns_name.clone()),
            Index::Institutions(self.state as u8, id),
        ]
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
}
