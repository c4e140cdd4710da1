//! The wire types of the HTTP API: what a node answers and a client sends, in JSON.
//!
//! Node and client share them, so that they cannot drift apart; the node's OpenAPI
//! description comes from them (feature `openapi`). Bytes are base64url without padding,
//! times RFC 3339, signed documents compact JWS. Unknown fields are refused.

pub mod device;
pub mod event;
pub mod front_end;
pub mod operator;
pub mod partner;
#[cfg(feature = "openapi")]
mod schema;

use crate::bytes::{Digest, base64url_serde};
use crate::entity::session::{EndReason, ResponseMode, SessionStage};
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! wire {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }
    )*};
}
pub(crate) use wire;

/// Bytes: base64url without padding in JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Bytes(#[serde(with = "base64url_serde")] pub Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

wire! {
    /// RFC 9457 problem details, `application/problem+json`.
    pub struct Problem {
        /// Resolves to a page about it.
        pub r#type: String,
        /// One line for people.
        pub title: String,
        /// The HTTP status.
        pub status: u16,
        /// What to do about it, or which field is wrong.
        pub detail: String,
        /// Stable code: clients rely on it.
        pub code: String,
        /// Whose fault it is: client, institution, subject, rule, node, store.
        pub locus: String,
        /// When another try makes sense, milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub retry_after_ms: Option<u64>,
        /// Names the request in the node's logs.
        pub trace_id: String,
    }

    /// A session as those who take part see it.
    pub struct SessionView {
        /// Its id.
        pub id: Id,
        /// Where it is in its life.
        pub stage: SessionStage,
        /// Why it is over, if it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end: Option<EndReason>,
        /// The channel of the code.
        pub response_mode: ResponseMode,
        /// Until when its stage may last.
        pub expires: Timestamp,
        /// The two digits that the phone shows; the claiming device alone sees them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub number: Option<String>,
        /// The grant it led to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub grant: Option<Id>,
        /// Whether it was opened with a code from a phone: no other device can claim it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub invited: bool,
    }

    /// Where the cluster is and which keys speak for it: `/.well-known/symbolon`.
    pub struct Cluster {
        /// The OAuth issuer.
        pub issuer: String,
        /// Where links for wallets point.
        pub wallet_origin: String,
        /// This node's region.
        pub region: String,
        /// The `WebAuthn` relying party id.
        pub rp_id: String,
        /// JWS by the cluster root over the region's public keys.
        pub keys: String,
        /// The cluster root: pin it at enrolment.
        pub root: crate::jwk::P256Jwk,
        /// The origin that asks for client certificates.
        pub partner_origin: String,
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Ask for the next page with `?cursor=`; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl SessionView {
    /// The view of a session; `for_device` adds what the claiming device alone sees.
    #[must_use]
    pub fn new(id: Id, session: &crate::entity::session::Session, for_device: bool) -> Self {
        let number = session.claim.filter(|_| for_device && session.front_end.is_some());
        Self {
            id,
            stage: session.stage,
            end: session.end,
            response_mode: session.request.response_mode,
            expires: session.expires,
            number: number.map(|claim| format!("{:02}", claim.number)),
            grant: session.grant,
            invited: session.invited.is_some(),
        }
    }
}

/// A hash in a path or a query.
pub type Hash = Digest;
