//! Notices: what an institution, a front end or a vault's devices are told through
//! their event queue. Each carries the whole public view, so that a reader who missed
//! some loses nothing that still matters.

use super::device::Admission;
use super::grant::GrantState;
use super::session::{EndReason, SessionStage};
use crate::bytes::Digest;
use crate::record::Record;
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// One entry of an event queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose queue: an institution, a front end, or a vault.
    pub to: Id,
    /// When.
    pub at: Timestamp,
    /// What.
    pub body: Body,
}

impl Record for Notice {
    const TAG: u8 = 0x43;
    const VERSION: u8 = 1;
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A session moved on.
    Session {
        /// Which.
        session: Id,
        /// Where it is now.
        stage: SessionStage,
        /// Why it ended, if it did.
        end: Option<EndReason>,
    },
    /// A code for the institution's own channel: it puts handle and half together.
    Code {
        /// The session it answers.
        session: Id,
        /// The grant it redeems.
        grant: Id,
        /// The code's first half; no secret.
        handle: String,
        /// The second half, sealed to the institution's HPKE key.
        sealed_half: Vec<u8>,
        /// SHA-256 of the session statement's payload: part of what the seal is bound to.
        statement_hash: Digest,
        /// When the code is of no use any more.
        expires: Timestamp,
    },
    /// A grant changed.
    Grant {
        /// Which.
        grant: Id,
        /// What it is now.
        state: GrantState,
        /// Uses so far.
        uses: u32,
        /// The chain's head: both sides compare it.
        chain: Digest,
    },
    /// The operator decided about an offer.
    Offer {
        /// Which.
        offer: Id,
        /// What it is now.
        state: super::offer::OfferState,
    },
    /// A device came into the vault, or was revoked.
    Device {
        /// Which.
        device: Id,
        /// What the person calls it.
        name: String,
        /// On whose word it came in.
        admitted: Admission,
        /// Whether it was revoked.
        revoked: bool,
    },
    /// A device made another recovery sheet: the one before is of no use any more.
    RecoveryRenewed {
        /// Which device.
        device: Id,
    },
    /// A front end asks for a request.
    Asked {
        /// Which.
        front_end: Id,
    },
    /// A front end opened a session with a hint that one of the devices showed.
    Invited {
        /// That device: it alone can claim the session.
        device: Id,
        /// The session.
        session: Id,
        /// As in the link of the session's QR code.
        thumbprint: [u8; 16],
    },
}
