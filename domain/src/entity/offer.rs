//! Offer: a signed list of items that an institution may ask for, approved by the
//! operator. It is content-addressed: its id comes from the hash of the signed document,
//! so an offer never changes; a new wording is a new offer.

use super::notice::{Body, Notice};
use super::{Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::key::{Index, Row};
use crate::port::Principal;
use crate::record::Record;
use crate::{Id, Kind, Region, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// Where it is in its life.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// Waiting for the operator.
    Proposed,
    /// It may be used.
    Approved,
    /// The operator refused it.
    Refused,
    /// The institution took it back, or its time is over: no new consent; grants go on.
    Withdrawn,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Whose it is.
    pub institution: Id,
    /// SHA-256 of the signed document.
    pub hash: Digest,
    /// Where it is in its life.
    pub state: OfferState,
    /// The title people see, in English.
    pub title: String,
    /// After this no new consent is given.
    pub expires: Option<Timestamp>,
    /// When it was proposed.
    pub created: Timestamp,
}

impl Record for Offer {
    const TAG: u8 = 3;
    const VERSION: u8 = 1;
}

impl Offer {
    /// The id of the offer with this hash.
    #[must_use]
    pub fn id(region: Region, hash: &Digest) -> Id {
        let mut random = [0; 16];
        random.iter_mut().zip(hash.0).for_each(|(to, from)| *to = from);
        Id::new(Kind::Offer, region, random)
    }

    /// Demands that a new consent may be asked for with it.
    ///
    /// # Errors
    /// [`Rejection::OfferNotApproved`], [`Rejection::NotFound`] when it is another's.
    pub fn usable_by(&self, institution: Id, now: Timestamp) -> Result<(), Rejection> {
        if self.institution != institution {
            return Err(Rejection::NotFound);
        }
        let expired = self.expires.is_some_and(|expires| expires <= now);
        if self.state != OfferState::Approved || expired {
            return Err(Rejection::OfferNotApproved);
        }
        Ok(())
    }
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The institution proposes it. The node has verified the signature by the
    /// institution's registered key, and that the document names this institution.
    Propose {
        /// SHA-256 of the document.
        hash: Digest,
        /// The document as received.
        document: Vec<u8>,
        /// The title people see, in English.
        title: String,
        /// After this no new consent is given.
        expires: Option<Timestamp>,
    },
    /// The operator decides: approved or refused.
    Judge(OfferState),
    /// The institution takes it back.
    Withdraw,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It was proposed.
    Proposed {
        /// The new head.
        offer: Box<Offer>,
        /// The document as received.
        document: Vec<u8>,
    },
    /// Its state changed.
    Moved(OfferState),
}

impl Entity for Offer {
    type Command = Command;
    type Event = Event;

    fn needs(_: Id, _: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        match command {
            Command::Propose { .. } => {
                facts.principal.institution().map(Need::Head).into_iter().collect()
            }
            Command::Judge(_) | Command::Withdraw => Vec::new(),
        }
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        match command {
            Command::Propose { hash, document, title, expires } => {
                let institution = facts.principal.institution().ok_or(Rejection::Forbidden)?;
                facts.head::<super::institution::Institution>(institution)?.approved()?;
                if let Some(state) = state {
                    // The same bytes again: the same offer.
                    if state.institution != institution || state.hash != *hash {
                        return Err(Rejection::AlreadyExists);
                    }
                    return Ok(Decision::reply(Reply::Offer(Box::new(state.clone()))));
                }
                let offer = Self {
                    institution,
                    hash: *hash,
                    state: OfferState::Proposed,
                    title: title.clone(),
                    expires: *expires,
                    created: facts.now,
                };
                let event =
                    Event::Proposed { offer: Box::new(offer.clone()), document: document.clone() };
                Ok(Decision::change(id, vec![event.into()])
                    .relying_on([institution])
                    .replying(Ok(Reply::Offer(Box::new(offer)))))
            }
            Command::Judge(to) => {
                let Principal::Operator(_) = facts.principal else {
                    return Err(Rejection::Forbidden);
                };
                let state = state.ok_or(Rejection::NotFound)?;
                match (state.state, to) {
                    (OfferState::Proposed, OfferState::Approved | OfferState::Refused)
                    | (OfferState::Approved, OfferState::Refused)
                    | (OfferState::Refused, OfferState::Approved) => {}
                    (now, to) if now == *to => {
                        return Ok(Decision::reply(Reply::Offer(Box::new(state.clone()))));
                    }
                    _ => return Err(Rejection::WrongState),
                }
                Ok(state.moved(id, *to, facts))
            }
            Command::Withdraw => {
                let state = state
                    .filter(|state| facts.principal.institution() == Some(state.institution))
                    .ok_or(Rejection::NotFound)?;
                if state.state == OfferState::Withdrawn {
                    return Ok(Decision::reply(Reply::Offer(Box::new(state.clone()))));
                }
                Ok(state.moved(id, OfferState::Withdrawn, facts))
            }
        }
    }

    fn due(_: Id, _: &Self, _: &Facts<'_>) -> Option<Decision> {
        None
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match (state, event) {
            (_, Event::Proposed { offer, .. }) => Some((**offer).clone()),
            (Some(state), Event::Moved(to)) => Some(Self { state: *to, ..state }),
            (None, Event::Moved(_)) => None,
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        match event {
            Event::Proposed { document, .. } => {
                vec![RowChange::Put(Row::OfferDocument, document.clone())]
            }
            Event::Moved(_) => Vec::new(),
        }
    }

    fn index(&self, id: Id) -> Vec<Index> {
        vec![Index::OffersOf(self.institution, id), Index::Offers(self.state as u8, id)]
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
}

impl Offer {
    fn moved(&self, id: Id, to: OfferState, facts: &Facts<'_>) -> Decision {
        let after = Self { state: to, ..self.clone() };
        Decision::change(id, vec![Event::Moved(to).into()])
            .notify(Notice {
                to: self.institution,
                at: facts.now,
                body: Body::Offer { offer: id, state: to },
            })
            .replying(Ok(Reply::Offer(Box::new(after))))
    }
}
