//! What event streams and webhooks carry: one [`Notice`] as JSON.
//!
//! Over SSE `event:` is [`EventView::name`], `id:` the queue's position in hexadecimal and
//! `data:` the view on one line.

use super::{Bytes, wire};
use crate::bytes::Digest;
use crate::entity::device::Admission;
use crate::entity::grant::GrantState;
use crate::entity::notice::{Body, Notice};
use crate::entity::offer::OfferState;
use crate::entity::session::{EndReason, SessionStage};
use crate::secret::SecretText;
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

wire! {
    /// One event of a queue.
    pub struct EventView {
        /// When it happened.
        pub at: Timestamp,
        /// Whose queue: an institution, a front end or a vault.
        pub to: Id,
        /// What happened.
        pub body: EventBody,
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EventBody {
    /// A session moved on.
    Session {
        /// Which.
        session: Id,
        /// Where it is now.
        stage: SessionStage,
        /// Why it ended, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        end: Option<EndReason>,
    },
    /// A code for the institution (`symbolon.session`): `code = handle.half`.
    Code {
        /// The session it answers.
        session: Id,
        /// The grant it redeems.
        grant: Id,
        /// The code's first half.
        handle: SecretText,
        /// The second half, sealed to the institution's HPKE key.
        sealed_half: Bytes,
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
        state: OfferState,
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
    /// Somebody at a front end wants to begin: push a request for it.
    Asked {
        /// Which front end.
        front_end: Id,
    },
    /// A terminal started a session with the code that a device of the vault showed.
    Invited {
        /// That device: it alone can claim the session.
        device: Id,
        /// The session.
        session: Id,
        /// 16 bytes, as in the link of the session's QR code.
        thumbprint: Bytes,
    },
}

impl EventView {
    /// The `event:` of its SSE.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.body {
            EventBody::Session { .. } => "session",
            EventBody::Code { .. } => "code",
            EventBody::Grant { .. } => "grant",
            EventBody::Offer { .. } => "offer",
            EventBody::Device { .. } => "device",
            EventBody::RecoveryRenewed { .. } => "recovery_renewed",
            EventBody::Asked { .. } => "asked",
            EventBody::Invited { .. } => "invited",
        }
    }
}

impl From<Notice> for EventView {
    fn from(notice: Notice) -> Self {
        let body = match notice.body {
            Body::Session { session, stage, end } => EventBody::Session { session, stage, end },
            Body::Code { session, grant, handle, sealed_half, statement_hash, expires } => {
                EventBody::Code {
                    session,
                    grant,
                    handle: SecretText::new(handle),
                    sealed_half: sealed_half.into(),
                    statement_hash,
                    expires,
                }
            }
            Body::Grant { grant, state, uses, chain } => {
                EventBody::Grant { grant, state, uses, chain }
            }
            Body::Offer { offer, state } => EventBody::Offer { offer, state },
            Body::Device { device, name, admitted, revoked } => {
                EventBody::Device { device, name, admitted, revoked }
            }
            Body::RecoveryRenewed { device } => EventBody::RecoveryRenewed { device },
            Body::Asked { front_end } => EventBody::Asked { front_end },
            Body::Invited { device, session, thumbprint } => {
                EventBody::Invited { device, session, thumbprint: thumbprint.to_vec().into() }
            }
        };
        Self { at: notice.at, to: notice.to, body }
    }
}
