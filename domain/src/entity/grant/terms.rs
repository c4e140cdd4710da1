//! What a grant is made of besides its head: what was agreed, and the records of its rows.

use crate::Timestamp;
use crate::bytes::Digest;
use crate::record::Record;
use serde::{Deserialize, Serialize};

/// Who opens what was lent.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The institution: secrets are sealed to its key, the server sees nothing.
    Institution,
    /// The server opens the item and hands the plaintext over; named on the phone.
    Server,
}

/// How often it may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// Most uses in a period.
    pub uses_max: u32,
    /// The period, seconds; none is the grant's whole life.
    pub period_seconds: Option<u64>,
}

impl Frequency {
    /// One use, ever.
    pub const ONCE: Self = Self { uses_max: 1, period_seconds: None };
}

/// What both sides agreed on besides the items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The purpose's code (a DPV term).
    pub purpose: String,
    /// How often it may be read.
    pub frequency: Frequency,
    /// How long the institution may keep what it read, seconds: its promise.
    pub data_life_seconds: Option<u64>,
    /// Who opens what was lent.
    pub delivery: Delivery,
    /// Whether later versions are lent too.
    pub covers_future: bool,
    /// Until when it may be read.
    pub expires: Timestamp,
}

/// How the person was authenticated.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// Methods (RFC 8176).
    pub amr: Vec<String>,
    /// Class (RFC 9470).
    pub acr: String,
    /// When.
    pub auth_time: Timestamp,
}

/// A granted item: the row `GrantItem`. Its wrap is a row of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedItem {
    /// The path, as granted.
    pub path: String,
    /// The item.
    pub item: Digest,
    /// The version ticked; what is lent if future versions are not.
    pub version: u64,
    /// The object of that version.
    pub object: [u8; 16],
    /// SHA-256 of that object.
    pub digest: Digest,
    /// The key epoch of the leaf.
    pub epoch: u32,
}

impl Record for GrantedItem {
    const TAG: u8 = 0x31;
    const VERSION: u8 = 1;
}

/// A selection as kept, in the row `GrantSelection`: the signed bytes and the person's
/// confirmation, as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSelection {
    /// The compact JWS.
    pub selection: String,
    /// `WebAuthn` credential id.
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// The signature, DER.
    pub signature: Vec<u8>,
}

impl Record for StoredSelection {
    const TAG: u8 = 0x34;
    const VERSION: u8 = 1;
}

/// A wrapped grant key: the row `GrantWrap`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantWrap {
    /// The grant key under a key from the code's half or a token.
    pub wrapped: Vec<u8>,
}

impl Record for GrantWrap {
    const TAG: u8 = 0x32;
    const VERSION: u8 = 1;
}

/// What one use lent: the row `GrantRead`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantUse {
    /// The items, by their numbers in the grant.
    pub items: Vec<u16>,
}

impl Record for GrantUse {
    const TAG: u8 = 0x35;
    const VERSION: u8 = 1;
}
