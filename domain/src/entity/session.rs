//! Session: one QR rendezvous, single use.
//!
//! An institution pushes a request (RFC 9126), which makes the session. A front end opens
//! it and shows the QR; one device claims it; the number on the phone is typed on the
//! front end; the device approves or denies. A same-device session (`query`) is opened by
//! the browser and needs no number.

use super::front_end::{self, FrontEnd};
use super::notice::{Body, Notice};
use super::{Change, Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::entity::{RowCondition, device::Device, institution::Institution, offer::Offer};
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
        /// SHA-256 of the reference presented.
        reference_hash: Digest,
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
                .collect(),
            (Command::Open { .. }, Some(state)) => {
                let mut needs =
                    vec![Need::Head(state.institution), Need::Head(state.request.offer)];
                if let Some(front_end) = facts.principal.front_end() {
                    needs.push(Need::Head(front_end));
                    if let Ok(head) = facts.head::<FrontEnd>(front_end) {
                        let slots = 0..head.sessions_max;
                        needs.extend(
                            slots.map(|slot| Need::Row(front_end, Row::FrontEndSlot(slot))),
                        );
                    }
                }
                needs
            }
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
            return push(id, state, facts, request, *reference_hash, document);
        }
        let state = state.ok_or(Rejection::NotFound)?;
        match command {
            Command::Push { .. } => Err(Rejection::AlreadyExists),
            Command::Open { reference_hash, statement, statement_hash } => {
                state.open(id, facts, reference_hash, statement, statement_hash)
            }
            Command::Claim { number } => state.claim(id, facts, *number),
            Command::Confirm { number } => state.confirm(id, facts, *number),
            Command::Deny => {
                state.claimed_by(facts.principal.device())?;
                state.still_running(facts.now)?;
                Ok(state.ended(id, facts, EndReason::Denied, None))
            }
            Command::Cancel => {
                let front_end = facts.principal.front_end();
                let theirs = facts.principal.institution() == Some(state.institution)
                    || (front_end.is_some() && front_end == state.front_end);
                if !theirs {
                    return Err(Rejection::NotFound);
                }
                state.still_running(facts.now)?;
                Ok(state.ended(id, facts, EndReason::Cancelled, None))
            }
            Command::Complete { grant, device, handle, sealed_half, code_expires } => {
                if *facts.principal != Principal::System {
                    return Err(Rejection::Forbidden);
                }
                let ours = state.claim.is_some_and(|claim| claim.device == *device);
                if !ours || state.grant.is_some() {
                    // Told twice, or too late for a session that means nothing any more.
                    return Ok(Decision::reply(Reply::Done));
                }
                let decision = state.ended(id, facts, EndReason::Approved, Some(*grant));
                Ok(match sealed_half {
                    Some(sealed_half) => decision.notify(Notice {
                        to: state.institution,
                        at: facts.now,
                        body: Body::Code {
                            session: id,
                            grant: *grant,
                            handle: handle.clone(),
                            sealed_half: sealed_half.clone(),
                            statement_hash: state.statement_hash.unwrap_or(Digest([0; 32])),
                            expires: *code_expires,
                        },
                    }),
                    None => decision,
                })
            }
            Command::Look => {
                let principal = facts.principal;
                let takes_part = principal.institution() == Some(state.institution)
                    || (principal.front_end().is_some()
                        && principal.front_end() == state.front_end)
                    || (principal.device().is_some()
                        && principal.device() == state.claim.map(|claim| claim.device));
                if takes_part {
                    Ok(Decision::reply(Reply::Session(Box::new(state.clone()))))
                } else {
                    Err(Rejection::NotFound)
                }
            }
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
            Event::Opened { front_end, slot, statement_hash, expires, .. } => Some(Self {
                stage: SessionStage::Open,
                front_end: *front_end,
                slot: *slot,
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

fn push(
    id: Id,
    state: Option<&Session>,
    facts: &Facts<'_>,
    request: &Request,
    reference_hash: Digest,
    document: &[u8],
) -> Result<Decision, Rejection> {
    let institution = facts.principal.institution().ok_or(Rejection::Forbidden)?;
    let description = facts.head::<Institution>(institution)?.approved_description()?;
    facts.head::<Offer>(request.offer)?.usable_by(institution, facts.now)?;
    if state.is_some() {
        return Err(Rejection::AlreadyExists);
    }
    let registered = request
        .redirect_uri
        .as_ref()
        .is_none_or(|redirect_uri| description.redirect_uris.iter().any(|uri| uri == redirect_uri));
    let wanted = request.response_mode == ResponseMode::Query;
    if !registered || wanted != request.redirect_uri.is_some() {
        return Err(Rejection::InvalidRequest);
    }
    let session = Session {
        institution,
        request: request.clone(),
        reference_hash,
        stage: SessionStage::Pushed,
        front_end: None,
        slot: None,
        statement_hash: None,
        claim: None,
        end: None,
        grant: None,
        created: facts.now,
        expires: facts.now.after(PUSHED_LIFE),
    };
    let pushed = Event::Pushed { session: Box::new(session.clone()), document: document.to_vec() };
    Ok(Decision::change(id, vec![pushed.into()])
        .relying_on([institution, request.offer])
        .replying(Ok(Reply::Session(Box::new(session)))))
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

    /// Demands that this device has claimed it.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], [`Rejection::SessionClaimed`] when another has.
    pub fn claimed_by(&self, device: Option<Id>) -> Result<Claim, Rejection> {
        let device = device.ok_or(Rejection::NotFound)?;
        let claim = self.claim.ok_or(Rejection::WrongState)?;
        if claim.device == device { Ok(claim) } else { Err(Rejection::SessionClaimed) }
    }

    fn open(
        &self,
        id: Id,
        facts: &Facts<'_>,
        reference_hash: &Digest,
        statement: &[u8],
        statement_hash: &Digest,
    ) -> Result<Decision, Rejection> {
        if *reference_hash != self.reference_hash {
            return Err(Rejection::NotFound);
        }
        facts.head::<Institution>(self.institution)?.approved()?;
        facts.head::<Offer>(self.request.offer)?.usable_by(self.institution, facts.now)?;
        let front_end = facts.principal.front_end();
        if let Some(front_end) = front_end {
            let head = facts.head::<FrontEnd>(front_end)?;
            head.enrolled()?;
            if head.institution != self.institution {
                return Err(Rejection::NotFound);
            }
        }
        if self.still_running(facts.now)? != SessionStage::Pushed {
            return Err(Rejection::WrongState);
        }
        let same_device = self.request.response_mode == ResponseMode::Query;
        if same_device != front_end.is_none() {
            return Err(Rejection::WrongResponseMode);
        }
        let slot = front_end.map(|front_end| free_slot(front_end, facts)).transpose()?;
        let opened = Event::Opened {
            front_end,
            slot,
            statement: statement.to_vec(),
            statement_hash: *statement_hash,
            expires: facts.now.after(OPEN_LIFE),
        };
        let mut decision = self.moved(id, facts, opened);
        decision.relied.extend([self.institution, self.request.offer]);
        if let (Some(front_end), Some(slot)) = (front_end, slot) {
            decision.changes.push(Change {
                id: front_end,
                events: vec![front_end::Event::SlotTaken(slot, id).into()],
            });
            decision.conditions.push(RowCondition::Absent(front_end, Row::FrontEndSlot(slot)));
        }
        Ok(decision)
    }

    fn claim(&self, id: Id, facts: &Facts<'_>, number: u8) -> Result<Decision, Rejection> {
        let device = facts.principal.device().ok_or(Rejection::Forbidden)?;
        let head = facts.head::<Device>(device)?;
        head.active()?;
        if let Some(claim) = self.claim {
            // The same device again (a retry, a reload) finds what it had.
            return if claim.device == device && self.end.is_none() {
                Ok(Decision::reply(Reply::Session(Box::new(self.clone()))))
            } else {
                Err(Rejection::SessionClaimed)
            };
        }
        if self.still_running(facts.now)? != SessionStage::Open {
            return Err(Rejection::WrongState);
        }
        let claimed = Event::Claimed {
            claim: Claim { device, vault: head.vault, number: number % 100 },
            number_awaited: self.front_end.is_some(),
            expires: facts.now.after(CLAIMED_LIFE),
        };
        Ok(self.moved(id, facts, claimed).relying_on([device]))
    }

    fn confirm(&self, id: Id, facts: &Facts<'_>, number: u8) -> Result<Decision, Rejection> {
        let front_end = facts.principal.front_end().ok_or(Rejection::Forbidden)?;
        if self.front_end != Some(front_end) {
            return Err(Rejection::NotFound);
        }
        let claim = match (self.still_running(facts.now)?, self.claim) {
            (SessionStage::Claimed, Some(claim)) => claim,
            _ => return Err(Rejection::WrongState),
        };
        if claim.number == number {
            Ok(self.moved(id, facts, Event::Confirmed))
        } else {
            Ok(self
                .ended(id, facts, EndReason::WrongNumber, None)
                .replying(Err(Rejection::WrongNumber)))
        }
    }

    fn ended(&self, id: Id, facts: &Facts<'_>, reason: EndReason, grant: Option<Id>) -> Decision {
        let erase = facts.now.after(ENDED_LIFE);
        let mut decision = self.moved(id, facts, Event::Ended { reason, grant, erase });
        let holds_slot = self.end.is_none();
        if let (true, Some(front_end), Some(slot)) = (holds_slot, self.front_end, self.slot) {
            decision.changes.push(Change {
                id: front_end,
                events: vec![front_end::Event::SlotFreed(slot).into()],
            });
        }
        decision
    }

    // The event, everyone told, the new state as the answer.
    fn moved(&self, id: Id, facts: &Facts<'_>, event: Event) -> Decision {
        let Some(after) = Self::evolve(Some(self.clone()), &event) else {
            return Decision::reply(Reply::Done);
        };
        let body = Body::Session { session: id, stage: after.stage, end: after.end };
        let readers = [Some(self.institution), after.front_end];
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

fn free_slot(front_end: Id, facts: &Facts<'_>) -> Result<u16, Rejection> {
    let head = facts.head::<FrontEnd>(front_end)?;
    (0..head.sessions_max)
        .find(|slot| facts.row(front_end, &Row::FrontEndSlot(*slot)).is_none())
        .ok_or(Rejection::LimitReached)
}
