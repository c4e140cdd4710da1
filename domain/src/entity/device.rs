//! Device: a subject's phone or computer. Its signing and HPKE keys never leave it; a
//! `WebAuthn` credential says that the person was there.

mod admission;
mod count;
mod hint;

pub use admission::{Admission, Voucher};
pub use count::SignCount;
pub use hint::{HINT_LIFE, HINTS_MAX, HintPlace};
pub(crate) use hint::{hint_needs, use_hint};

use super::notice::{Body, Notice};
use super::token::{self, Binding, Credential, Token, TokenClass};
use super::{Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::crypto::P256Public;
use crate::key::{Index, Row};
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a device's token is good; a used one is renewed by the device.
pub const TOKEN_LIFE: Duration = Duration::from_secs(400 * 24 * 3600);

/// How the person proves to be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticator {
    /// `WebAuthn` credential id.
    pub credential_id: Vec<u8>,
    /// `WebAuthn` credential key.
    pub credential_key: P256Public,
    /// The relying party it was made for.
    pub rp_id: String,
    /// The page it was made on.
    pub origin: String,
    /// What it is (RFC 8176): a platform authenticator, or a command line's software one.
    pub amr: Vec<String>,
    /// Its signature counter when it was registered; 0 from most, which do not count.
    pub sign_count: u32,
}

/// The keys and the name that a device registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// What the person calls it.
    pub name: String,
    /// Signs; also its `DPoP` key.
    pub signing_key: P256Public,
    /// The signing key's thumbprint (RFC 7638).
    pub jkt: Digest,
    /// X25519, for what is sealed to it.
    pub hpke_key: [u8; 32],
    /// How the person proves to be there.
    pub authenticator: Authenticator,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Whose it is.
    pub vault: Id,
    /// Keys and name.
    pub registration: Registration,
    /// On whose word it came in.
    pub admitted: Admission,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When it was enrolled.
    pub created: Timestamp,
}

impl Record for Device {
    const TAG: u8 = 8;
    const VERSION: u8 = 1;
}

impl Device {
    /// Demands that it was not revoked.
    ///
    /// # Errors
    /// [`Rejection::DeviceRevoked`].
    pub fn active(&self) -> Result<(), Rejection> {
        if self.revoked { Err(Rejection::DeviceRevoked) } else { Ok(()) }
    }

    // Every device of the vault is told what becomes of the others.
    fn notice(&self, id: Id, facts: &Facts<'_>) -> Notice {
        let body = Body::Device {
            device: id,
            name: self.registration.name.clone(),
            admitted: self.admitted,
            revoked: self.revoked,
        };
        Notice { to: self.vault, at: facts.now, body }
    }

    /// A new device's head, and its token's.
    #[must_use]
    pub fn enrolled(
        id: Id,
        vault: Id,
        registration: &Registration,
        admitted: Admission,
        token: &Credential,
        now: Timestamp,
    ) -> (Self, Token) {
        let device = Self {
            vault,
            registration: registration.clone(),
            admitted,
            revoked: false,
            created: now,
        };
        let token = Token::issue(
            token,
            TokenClass::Device,
            id,
            Binding::Key(registration.jkt),
            now,
            now.after(TOKEN_LIFE),
        );
        (device, token)
    }
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// A device of the vault, or its recovery sheet, has signed that this one belongs to it.
    /// The node has verified the signature over exactly this registration, and a device's
    /// user verification.
    Enrol {
        /// Who lets it in.
        voucher: Voucher,
        /// Keys and name.
        registration: Box<Registration>,
        /// The token it gets.
        token: Credential,
    },
    /// A device of the same vault ends it; the node has verified its signed command.
    Revoke,
    /// A device of the same vault looks at it.
    Look,
    /// Its authenticator has confirmed something, with this counter; the node has verified it.
    Count(SignCount),
    /// It gets a hint to show: whoever scans it can start one session with this device.
    Hint {
        /// The hint.
        token: Credential,
    },
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It belongs to a vault now.
    Enrolled(Box<Device>),
    /// It does not any more.
    Revoked,
    /// Its authenticator has counted on.
    Counted(SignCount),
    /// It got a hint, which takes one of its places.
    HintGiven(u8, HintPlace),
    /// A hint was used; its place is free.
    HintUsed(u8),
}

impl Entity for Device {
    type Command = Command;
    type Event = Event;

    fn needs(id: Id, state: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        match command {
            Command::Enrol { voucher, token, .. } => {
                voucher.needs(facts).chain([token.id]).map(Need::Head).collect()
            }
            Command::Count(_) => vec![Need::Row(id, Row::DeviceSignCount)],
            Command::Hint { token } => state
                .map(|state| Need::Head(state.vault))
                .into_iter()
                .chain([Need::Head(token.id)])
                .chain(hint::places(id))
                .collect(),
            Command::Revoke | Command::Look => facts
                .principal
                .device()
                .into_iter()
                .chain(state.map(|state| state.vault))
                .map(Need::Head)
                .collect(),
        }
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        if let Command::Enrol { voucher, registration, token } = command {
            let (vault, admitted) = voucher.admit(facts)?;
            if state.is_some() {
                return Err(Rejection::AlreadyExists);
            }
            let (device, token_head) =
                Self::enrolled(id, vault, registration, admitted, token, facts.now);
            let notice = device.notice(id, facts);
            let reply = Reply::Device(Box::new(device.clone()));
            return Ok(Decision::change(id, vec![Event::Enrolled(Box::new(device)).into()])
                .and_change(token.id, vec![token::Event::Issued(Box::new(token_head)).into()])
                .relying_on(admitted.device().into_iter().chain([vault]))
                .notify(notice)
                .replying(Ok(reply)));
        }
        let state = state.ok_or(Rejection::NotFound)?;
        if let Command::Count(seen) = command {
            return state.count(id, facts, *seen);
        }
        let asker = facts.principal.device().ok_or(Rejection::NotFound)?;
        let head = if asker == id { state } else { facts.head::<Self>(asker)? };
        head.active()?;
        if head.vault != state.vault {
            return Err(Rejection::NotFound);
        }
        match command {
            Command::Revoke if state.revoked => Ok(Decision::reply(Reply::Done)),
            Command::Revoke => {
                let others = (asker != id).then_some(asker);
                let revoked = Self { revoked: true, ..state.clone() };
                Ok(Decision::change(id, vec![Event::Revoked.into()])
                    .relying_on(others)
                    .notify(revoked.notice(id, facts)))
            }
            Command::Hint { token } if asker == id => state.hint(id, facts, token),
            Command::Hint { .. } => Err(Rejection::NotFound),
            Command::Enrol { .. } | Command::Count(_) | Command::Look => {
                Ok(Decision::reply(Reply::Device(Box::new(state.clone()))))
            }
        }
    }

    fn due(_: Id, _: &Self, _: &Facts<'_>) -> Option<Decision> {
        None
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Enrolled(device) => Some((**device).clone()),
            Event::Revoked => state.map(|state| Self { revoked: true, ..state }),
            Event::Counted(_) | Event::HintGiven(..) | Event::HintUsed(_) => state,
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        match event {
            Event::HintGiven(slot, place) => {
                vec![RowChange::Put(Row::DeviceHint(*slot), place.to_row())]
            }
            Event::Counted(seen) => vec![RowChange::Put(Row::DeviceSignCount, seen.to_row())],
            Event::HintUsed(slot) => vec![RowChange::Delete(Row::DeviceHint(*slot))],
            Event::Enrolled(_) | Event::Revoked => Vec::new(),
        }
    }

    fn index(&self, id: Id) -> Vec<Index> {
        if self.revoked { Vec::new() } else { vec![Index::DevicesOf(self.vault, id)] }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        None
    }
}
