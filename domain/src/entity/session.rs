//! Session: one QR rendezvous, single use.
//!
//! An institution pushes a request (RFC 9126), which makes the session. A front end, or the
//! very one that the request names, opens
//! it and shows the QR; one device claims it; the number on the phone is typed on the
//! front end; the device approves or denies. A same-device session (`query`) is opened by
//! the browser and needs no number.

mod claim;
mod confirm;
mod end;
mod open;
mod push;
#[cfg(test)]
mod tests;

use super::notice::{Body, Notice};
use super::token::Credential;
use super::{Change, Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::key::{Index, Row};
use crate::port::Principal;
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a pushed request waits to be opened (RFC 9126 `expires_in`).
pub const PUSHED_LIFE: Duration = Duration::from_secs(90);
/// How long an open session waits for its claim.
pub const OPEN_LIFE: Duration = Duration::from_secs(120);
/// How long a claimed session may take.
pub const CLAIMED_LIFE: Duration = Duration::from_secs(600);
/// How long an ended session can still be looked at.
pub const ENDED_LIFE: Duration = Duration::from_secs(3600);

/// The channel on which the code travels; fixed when the request is pushed.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    /// Through the institution's event stream, sealed to it.
    #[serde(rename = "symbolon.session")]
    Session,
    /// As a QR code that the institution's terminal scans.
    #[serde(rename = "symbolon.scan")]
    Scan,
    /// By the page's own navigation to the redirect URI, on the same device.
    #[serde(rename = "query")]
    Query,
}

/// What was pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The offer.
    pub offer: Id,
    /// The offer's hash, as the request named it.
    pub offer_hash: Digest,
    /// The channel of the code.
    pub response_mode: ResponseMode,
    /// Where a page takes the code (`query` only).
    pub redirect_uri: Option<String>,
    /// The client's own value, given back with the code.
    pub state: Option<String>,
    /// PKCE S256 challenge: the SHA-256 itself.
    pub challenge: Digest,
    /// Hash of the whole pushed request.
    pub hash: Digest,
    /// The front end that it is for, where the institution named one: nobody else opens it.
    pub front_end: Option<Id>,
}

/// Where it is in its life.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStage {
    /// Pushed, not shown yet.
    Pushed,
    /// Shown; waits for a device.
    Open,
    /// A device has it; the number is awaited.
    Claimed,
    /// The device may approve.
    Confirmed,
    /// Over.
    Ended,
}

/// Why it is over.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person approved.
    Approved,
    /// The person refused.
    Denied,
    /// Its time ran out.
    Expired,
    /// The number typed was wrong.
    WrongNumber,
    /// The front end or the institution gave up.
    Cancelled,
}

/// Which device has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The device.
    pub device: Id,
    /// Its vault.
    pub vault: Id,
    /// The two digits that the phone shows, 0 to 99.
    pub number: u8,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who asks.
    pub institution: Id,
    /// For what.
    pub request: Request,
    /// SHA-256 of the reference in the `request_uri`.
    pub reference_hash: Digest,
    /// Where it is in its life.
    pub stage: SessionStage,
    /// The screen that shows it; none on the same device.
    pub front_end: Option<Id>,
    /// Which of the front end's places it takes.
    pub slot: Option<u16>,
    /// SHA-256 of the statement's payload; the QR carries its first 16 bytes.
    pub statement_hash: Option<Digest>,
    /// The device whose hint it was opened with: nobody else can claim it.
    pub invited: Option<Id>,
    /// Which device has it.
    pub claim: Option<Claim>,
    /// Why it is over.
    pub end: Option<EndReason>,
    /// The grant that it led to.
    pub grant: Option<Id>,
    /// When it was pushed.
    pub created: Timestamp,
    /// Until when its stage may last; once ended, when it is erased.
    pub expires: Timestamp,
}

impl Record for Session {
    const TAG: u8 = 4;
    const VERSION: u8 = 1;
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The institution pushes a request.
    Push {
        /// What is asked for.
        request: Box<Request>,
        /// SHA-256 of the reference that the `request_uri` carries.
        reference_hash: Digest,
        /// The pushed request's parameters, as its hash covers them.
        document: Vec<u8>,
    },
    /// A front end shows it, or (`query`) a browser brings its reference.
    Open {
        /// SHA-256 of the reference presented; none by the front end that it was pushed for.
        reference_hash: Option<Digest>,
        /// The hint that a device showed the front end.
        hint: Option<Credential>,
        /// The signed statement as the phone will fetch it.
        statement: Vec<u8>,
        /// SHA-256 of the statement's payload.
        statement_hash: Digest,
    },
    /// A device takes it.
    Claim {
        /// Random, 0 to 99.
        number: u8,
    },
    /// The front end types the number.
    Confirm {
        /// What was typed.
        number: u8,
    },
    /// The person refuses.
    Deny,
    /// The front end or the institution gives up.
    Cancel,
    /// The approval is durable at the grant's home (from the outbox).
    Complete {
        /// The grant.
        grant: Id,
        /// The device that approved.
        device: Id,
        /// The code's first half.
        handle: String,
        /// The second half sealed to the institution, where the channel is its own.
        sealed_half: Option<Vec<u8>>,
        /// Until when the code is good.
        code_expires: Timestamp,
    },
    /// Somebody who takes part looks at it.
    Look,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It was pushed.
    Pushed {
        /// The new head.
        session: Box<Session>,
        /// The pushed request's parameters.
        document: Vec<u8>,
    },
    /// It is shown.
    Opened {
        /// By which front end.
        front_end: Option<Id>,
        /// In which of its places.
        slot: Option<u16>,
        /// The device whose hint was used.
        invited: Option<Id>,
        /// The signed statement.
        statement: Vec<u8>,
        /// SHA-256 of its payload.
        statement_hash: Digest,
        /// Until when it may wait for a claim.
        expires: Timestamp,
    },
    /// A device has it.
    Claimed {
        /// Which.
        claim: Claim,
        /// Whether a number must still be typed.
        number_awaited: bool,
        /// Until when it may take.
        expires: Timestamp,
    },
    /// The right number was typed.
    Confirmed,
    /// It is over.
    Ended {
        /// Why.
        reason: EndReason,
        /// The grant it led to.
        grant: Option<Id>,
        /// When it is erased.
        erase: Timestamp,
    },
    /// It is gone.
    Erased,
}

impl Entity for Session {
    type Command = Command;
    type Event = Event;

    fn needs(_: Id, state: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        let front_end = state.and_then(|state| state.front_end).map(Need::Head);
        match (command, state) {
            (Command::Push { request, .. }, _) => facts
                .principal
                .institution()
                .map(Need::Head)
                .into_iter()
                .chain([Need::Head(request.offer)])
                .chain(request.front_end.map(Need::Head))
                .collect(),
            (Command::Open { hint, .. }, Some(state)) => state.open_needs(facts, hint.as_ref()),
            (Command::Claim { .. }, Some(_)) => {
                facts.principal.device().map(Need::Head).into_iter().collect()
            }
            // Whatever can end it gives the front end's place back.
            (
                Command::Confirm { .. }
                | Command::Deny
                | Command::Cancel
                | Command::Complete { .. },
                Some(_),
            ) => front_end.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        if let Command::Push { request, reference_hash, document } = command {
            return push::push(id, state, facts, request, *reference_hash, document);
        }
        let state = state.ok_or(Rejection::NotFound)?;
        match command {
            Command::Push { .. } => Err(Rejection::AlreadyExists),
            Command::Open { .. } => state.open(id, facts, command),
            Command::Claim { number } => state.claim(id, facts, *number),
            Command::Confirm { number } => state.confirm(id, facts, *number),
            Command::Deny => state.deny(id, facts),
            Command::Cancel => state.cancel(id, facts),
            Command::Complete { .. } => state.complete(id, facts, command),
            Command::Look => state.look(facts.principal),
        }
    }

    fn due_needs(_: Id, state: &Self) -> Vec<Need> {
        state.front_end.map(Need::Head).into_iter().collect()
    }

    fn due(id: Id, state: &Self, facts: &Facts<'_>) -> Option<Decision> {
        if state.expires > facts.now {
            return None;
        }
        Some(match state.stage {
            SessionStage::Ended => Decision::change(id, vec![Event::Erased.into()]),
            _ => state.ended(id, facts, EndReason::Expired, None),
        })
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        if let Event::Pushed { session, .. } = event {
            return Some((**session).clone());
        }
        let state = state?;
        match event {
            Event::Pushed { .. } | Event::Erased => None,
            Event::Opened { front_end, slot, invited, statement_hash, expires, .. } => Some(Self {
                stage: SessionStage::Open,
                front_end: *front_end,
                slot: *slot,
                invited: *invited,
                statement_hash: Some(*statement_hash),
                expires: *expires,
                ..state
            }),
            Event::Claimed { claim, number_awaited, expires } => Some(Self {
                stage: if *number_awaited {
                    SessionStage::Claimed
                } else {
                    SessionStage::Confirmed
                },
                claim: Some(*claim),
                expires: *expires,
                ..state
            }),
            Event::Confirmed => Some(Self { stage: SessionStage::Confirmed, ..state }),
            Event::Ended { reason, grant, erase } => Some(Self {
                stage: SessionStage::Ended,
                end: Some(*reason),
                grant: *grant,
                expires: *erase,
                ..state
            }),
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        match event {
            Event::Pushed { document, .. } => {
                vec![RowChange::Put(Row::SessionRequest, document.clone())]
            }
            Event::Opened { statement, .. } => {
                vec![RowChange::Put(Row::SessionStatement, statement.clone())]
            }
            Event::Erased => vec![RowChange::DeleteAll],
            _ => Vec::new(),
        }
    }

    fn index(&self, id: Id) -> Vec<Index> {
        vec![Index::SessionsOf(self.institution, self.created, id)]
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        Some(self.expires)
    }
}

impl Session {
    /// The stage as it is now: one whose time is over has ended, whatever was written.
    ///
    /// # Errors
    /// [`Rejection::SessionEnded`], [`Rejection::SessionExpired`].
    pub fn still_running(&self, now: Timestamp) -> Result<SessionStage, Rejection> {
        match self.end {
            Some(EndReason::Expired) => Err(Rejection::SessionExpired),
            Some(_) => Err(Rejection::SessionEnded),
            None if self.expires <= now => Err(Rejection::SessionExpired),
            None => Ok(self.stage),
        }
    }

    /// The front end that shows it, or will.
    fn screen(&self) -> Option<Id> {
        self.front_end.or(self.request.front_end)
    }

    fn look(&self, principal: &Principal) -> Result<Decision, Rejection> {
        let front_end = principal.front_end();
        let device = principal.device();
        let takes_part = principal.institution() == Some(self.institution)
            || (front_end.is_some() && front_end == self.screen())
            || (device.is_some() && device == self.claim.map(|claim| claim.device));
        if takes_part {
            Ok(Decision::reply(Reply::Session(Box::new(self.clone()))))
        } else {
            Err(Rejection::NotFound)
        }
    }

    // The event, everyone told, the new state as the answer.
    fn moved(&self, id: Id, facts: &Facts<'_>, event: Event) -> Decision {
        let Some(after) = Self::evolve(Some(self.clone()), &event) else {
            return Decision::reply(Reply::Done);
        };
        let body = Body::Session { session: id, stage: after.stage, end: after.end };
        let readers = [Some(self.institution), after.screen()];
        let notices = readers
            .into_iter()
            .flatten()
            .map(|to| Notice { to, at: facts.now, body: body.clone() })
            .collect();
        Decision {
            notices,
            changes: vec![Change { id, events: vec![event.into()] }],
            ..Decision::reply(Reply::Session(Box::new(after)))
        }
    }
}
