//! Grant: a stored selection with the identity that gave it.
//!
//! The head holds what every act checks; the items, their wraps, the chain of records and
//! the wraps of the grant key are rows. Ending a grant deletes every wrap in the same
//! batch, so that no later request can undo it.

mod moving;
mod terms;

pub use moving::pinned;
pub use terms::{
    Authentication, Delivery, Frequency, GrantUse, GrantWrap, GrantedItem, StoredSelection, Terms,
};

use super::notice::{Body, Notice};
use super::{Decision, Entity, Facts, Need, Reply, RowChange};
use crate::act::approve::{self, Approve};
use crate::act::read::{self, Read};
use crate::bytes::Digest;
use crate::entity::device::Device;
use crate::key::{Index, Row};
use crate::log::{Fact, Leaf, Record as LogRecord};
use crate::port::Principal;
use crate::record::{self, Record};
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// Where it is in its life.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// It lends.
    Active,
    /// The person has paused it; the wraps stay.
    Paused,
    /// The person or the institution has ended it.
    Revoked,
    /// Its time is over.
    Expired,
    /// A newer grant replaces it.
    Superseded,
}

impl GrantState {
    /// Whether it lends nothing any more, for good.
    #[must_use]
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Active | Self::Paused)
    }
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whose items.
    pub vault: Id,
    /// Which device gave it.
    pub device: Id,
    /// To whom.
    pub institution: Id,
    /// Under which offer.
    pub offer: Id,
    /// In which session.
    pub session: Id,
    /// SHA-256 of the session statement's payload: part of what was sealed is bound to it.
    pub statement_hash: Digest,
    /// Where it is in its life.
    pub state: GrantState,
    /// What was agreed.
    pub terms: Terms,
    /// SHA-256 of the signed selection.
    pub selection_hash: Digest,
    /// How many items it has.
    pub items: u16,
    /// Uses so far.
    pub uses: u32,
    /// The current period: its number and its uses.
    pub period: (u64, u32),
    /// When it was last used.
    pub last_use: Option<Timestamp>,
    /// Records so far; the chain's next sequence number.
    pub records: u64,
    /// The chain's head: the leaf hash of its last record.
    pub chain: Digest,
    /// How the person was authenticated.
    pub authentication: Authentication,
    /// When it was given.
    pub created: Timestamp,
}

impl Record for Grant {
    const TAG: u8 = 6;
    const VERSION: u8 = 1;
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// A device gives it.
    Approve(Box<Approve>),
    /// The institution reads.
    Read(Box<Read>),
    /// A device of the vault pauses, resumes or revokes it, by a signed command that the
    /// node has verified; or the institution gives it up.
    Move {
        /// To which state: active, paused or revoked.
        to: GrantState,
        /// SHA-256 of the signed command.
        document_hash: Option<Digest>,
    },
    /// Somebody who takes part looks at it.
    Look,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It was given.
    Given {
        /// The new head.
        grant: Box<Grant>,
        /// The signed selection, as received.
        selection: Vec<u8>,
        /// Items with their wraps.
        items: Vec<(GrantedItem, Vec<u8>)>,
    },
    /// The grant key was wrapped for a code or token.
    WrapPut(Id, GrantWrap),
    /// The wrap of a code or token was dropped.
    WrapDropped(Id),
    /// It was used.
    Used {
        /// The read's id.
        read: [u8; 16],
        /// What it lent, by the items' numbers in the grant.
        items: Vec<u16>,
        /// The period that counts it.
        period: u64,
        /// When.
        at: Timestamp,
    },
    /// A record joined the chain.
    Recorded(Leaf),
    /// Its state changed.
    Moved(GrantState),
}

impl Entity for Grant {
    type Command = Command;
    type Event = Event;

    fn needs(id: Id, state: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        match (command, state) {
            (Command::Approve(command), _) => approve::needs(id, facts, command),
            (Command::Read(command), Some(state)) => read::needs(id, state, facts, command),
            (Command::Move { to, .. }, Some(state)) => {
                let pins = if to.is_end() { state.pin_needs(id) } else { Vec::new() };
                facts.principal.device().map(Need::Head).into_iter().chain(pins).collect()
            }
            (Command::Look, Some(_)) => {
                facts.principal.device().map(Need::Head).into_iter().collect()
            }
            (_, None) => Vec::new(),
        }
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        if let Command::Approve(command) = command {
            return approve::decide(id, state, facts, command);
        }
        let state = state.ok_or(Rejection::NotFound)?;
        match command {
            Command::Approve(_) => Err(Rejection::AlreadyExists),
            Command::Read(command) => read::decide(id, state, facts, command),
            Command::Move { to, document_hash } => state.moved_by(id, facts, *to, *document_hash),
            Command::Look => {
                state.party(facts)?;
                Ok(Decision::reply(Reply::Grant(Box::new(state.clone()))))
            }
        }
    }

    fn due_needs(id: Id, state: &Self) -> Vec<Need> {
        state.pin_needs(id)
    }

    fn due(id: Id, state: &Self, facts: &Facts<'_>) -> Option<Decision> {
        let over = state.next_deadline()? <= facts.now;
        over.then(|| state.ended(id, facts, GrantState::Expired, None))
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        if let Event::Given { grant, .. } = event {
            return Some((**grant).clone());
        }
        let state = state?;
        Some(match event {
            Event::Given { .. } | Event::WrapPut(..) | Event::WrapDropped(_) => state,
            Event::Used { period, at, .. } => {
                let (number, uses) = state.period;
                let uses = if number == *period { uses.saturating_add(1) } else { 1 };
                Self {
                    uses: state.uses.saturating_add(1),
                    period: (*period, uses),
                    last_use: Some(*at),
                    ..state
                }
            }
            Event::Recorded(leaf) => Self { records: state.records + 1, chain: leaf.hash, ..state },
            Event::Moved(to) => Self { state: *to, ..state },
        })
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        match event {
            Event::Given { selection, items, .. } => {
                let mut changes = vec![RowChange::Put(Row::GrantSelection, selection.clone())];
                for (number, (item, wrap)) in (0_u16..).zip(items) {
                    let record = record::encode(item).unwrap_or_default();
                    changes.push(RowChange::Put(Row::GrantItem(number), record));
                    changes.push(RowChange::Put(Row::GrantItemWrap(number), wrap.clone()));
                }
                changes
            }
            Event::WrapPut(token, wrap) => {
                let record = record::encode(wrap).unwrap_or_default();
                vec![RowChange::Put(Row::GrantWrap(*token), record)]
            }
            Event::WrapDropped(token) => vec![RowChange::Delete(Row::GrantWrap(*token))],
            Event::Used { read, items, .. } => {
                let record = record::encode(&GrantUse { items: items.clone() });
                vec![RowChange::Put(Row::GrantRead(*read), record.unwrap_or_default())]
            }
            Event::Recorded(leaf) => {
                vec![RowChange::Put(Row::GrantRecord(leaf.sequence), leaf.to_row())]
            }
            Event::Moved(GrantState::Active | GrantState::Paused) => Vec::new(),
            // The end: nothing is left that opens anything.
            Event::Moved(_) => vec![
                RowChange::DeleteLike(Row::GrantWrap(crate::Id::new(
                    crate::Kind::Token,
                    crate::Region::NONE,
                    [0; 16],
                ))),
                RowChange::DeleteLike(Row::GrantItemWrap(0)),
            ],
        }
    }

    fn index(&self, id: Id) -> Vec<Index> {
        vec![
            Index::GrantsOfInstitution(self.institution, self.created, id),
            Index::GrantsOfVault(self.vault, self.created, id),
        ]
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        match self.state {
            GrantState::Active | GrantState::Paused => Some(self.terms.expires),
            _ => None,
        }
    }
}

impl Grant {
    /// The state as it is now: one whose time is over has expired, whatever was written.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> GrantState {
        match self.state {
            GrantState::Active | GrantState::Paused if self.terms.expires <= now => {
                GrantState::Expired
            }
            state => state,
        }
    }

    /// Demands that it lends now.
    ///
    /// # Errors
    /// The rejection of its state.
    pub fn live(&self, now: Timestamp) -> Result<(), Rejection> {
        match self.state_at(now) {
            GrantState::Active => Ok(()),
            GrantState::Paused => Err(Rejection::GrantPaused),
            GrantState::Revoked | GrantState::Superseded => Err(Rejection::GrantRevoked),
            GrantState::Expired => Err(Rejection::GrantExpired),
        }
    }

    /// The period that `now` falls into.
    #[must_use]
    pub fn period_at(&self, now: Timestamp) -> u64 {
        let seconds = now.since(self.created).as_secs();
        self.terms.frequency.period_seconds.map_or(0, |period| seconds / period.max(1))
    }

    /// Whether one more use is within the frequency.
    #[must_use]
    pub fn may_be_used(&self, now: Timestamp) -> bool {
        let (number, uses) = self.period;
        let uses = if number == self.period_at(now) { uses } else { 0 };
        uses < self.terms.frequency.uses_max
    }

    /// The next record of its chain, with the event that adds it.
    #[must_use]
    pub fn record(&self, id: Id, facts: &Facts<'_>, fact: Fact) -> Leaf {
        let salt = facts.random("leaf", self.records);
        LogRecord { grant: id, at: facts.now, sequence: self.records, previous: self.chain, fact }
            .into_leaf(salt)
    }

    /// What its parties are told after the events.
    #[must_use]
    pub fn notices(&self, id: Id, now: Timestamp) -> Vec<Notice> {
        let body = Body::Grant { grant: id, state: self.state, uses: self.uses, chain: self.chain };
        [self.institution, self.vault]
            .into_iter()
            .map(|to| Notice { to, at: now, body: body.clone() })
            .collect()
    }

    /// Who may see it: the institution, and the vault's devices.
    fn party(&self, facts: &Facts<'_>) -> Result<(), Rejection> {
        let theirs = match facts.principal {
            Principal::Institution(id) => *id == self.institution,
            Principal::Device(id) => {
                let device = facts.head::<Device>(*id)?;
                device.active()?;
                device.vault == self.vault
            }
            _ => false,
        };
        if theirs { Ok(()) } else { Err(Rejection::NotFound) }
    }
}
