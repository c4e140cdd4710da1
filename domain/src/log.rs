//! Log records: what an act leaves in the log. A record names the grant, the time and what
//! happened; the log gets its salted hash alone. A grant's records are a chain: each
//! carries a sequence number and the leaf before it, so that a hidden one shows.

use crate::bytes::Digest;
use crate::cbor::Value;
use crate::entity::grant::GrantState;
use crate::record;
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// The version byte of a leaf.
pub const LEAF_VERSION: u8 = 1;

/// One item of a use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemUse {
    /// The item.
    pub item: Digest,
    /// The version read.
    pub version: u64,
    /// SHA-256 of its ciphertext.
    pub digest: Digest,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The grant was given.
    Given {
        /// SHA-256 of the signed selection.
        selection: Digest,
        /// How many items were ticked.
        items: u64,
        /// How many were refused.
        refused: u64,
    },
    /// The grant was used.
    Used {
        /// The read's id.
        read: [u8; 16],
        /// What was lent.
        items: Vec<ItemUse>,
    },
    /// The grant's state changed.
    Moved {
        /// To what.
        to: GrantState,
        /// SHA-256 of the signed command, if a device asked for it.
        document_hash: Option<Digest>,
    },
}

/// A record of a grant's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The grant.
    pub grant: Id,
    /// When.
    pub at: Timestamp,
    /// Its place in the chain, from 0.
    pub sequence: u64,
    /// The leaf before it; zeros for the first.
    pub previous: Digest,
    /// What happened.
    pub fact: Fact,
}

/// A record with its salt and its leaf hash `SHA-256(lp("leaf", salt, record))`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// Its place in the chain, from 0.
    pub sequence: u64,
    /// Hides the record from who has the leaf alone.
    pub salt: [u8; 32],
    /// The record, deterministic CBOR.
    pub record: Vec<u8>,
    /// What the log gets.
    pub hash: Digest,
}

impl record::Record for Leaf {
    const TAG: u8 = 0x33;
    const VERSION: u8 = 1;
}

impl Leaf {
    /// The stored row.
    #[must_use]
    pub fn to_row(&self) -> Vec<u8> {
        record::encode(self).unwrap_or_default()
    }

    /// The entry of the log's queue: version byte and hash.
    #[must_use]
    pub fn to_log(&self) -> Vec<u8> {
        [&[LEAF_VERSION], &self.hash.0[..]].concat()
    }
}

impl Record {
    /// Encodes the record, salts and hashes it.
    #[must_use]
    pub fn into_leaf(self, salt: [u8; 32]) -> Leaf {
        let record = self.to_bytes();
        let hash = Digest::lp("leaf", &[&salt, &record]);
        Leaf { sequence: self.sequence, salt, record, hash }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let fact = match &self.fact {
            Fact::Given { selection, items, refused } => Value::map([
                ("type", Value::text("given")),
                ("selection", Value::bytes(&selection.0)),
                ("items", Value::Unsigned(*items)),
                ("refused", Value::Unsigned(*refused)),
            ]),
            Fact::Used { read, items } => Value::map([
                ("type", Value::text("used")),
                ("read", Value::bytes(read)),
                ("items", Value::Array(items.iter().map(ItemUse::to_value).collect())),
            ]),
            Fact::Moved { to, document_hash } => Value::map([
                ("type", Value::text("moved")),
                ("to", Value::Unsigned(u64::from(state_number(*to)))),
                ("document", document_hash.map_or(Value::Null, |hash| Value::bytes(&hash.0))),
            ]),
        };
        Value::map([
            ("grant", Value::text(&self.grant.to_string())),
            ("at", Value::Unsigned(self.at.0)),
            ("sequence", Value::Unsigned(self.sequence)),
            ("previous", Value::bytes(&self.previous.0)),
            ("fact", fact),
        ])
        .encode()
    }

    /// Reads a record's bytes.
    ///
    /// # Errors
    /// When they are not exactly one record.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotARecord> {
        let value = Value::decode(bytes, record::RECORD_BYTES_MAX).map_err(|_| NotARecord)?;
        let read = || -> Option<Self> {
            Some(Self {
                grant: value.get("grant")?.as_text()?.parse().ok()?,
                at: Timestamp(value.get("at")?.as_unsigned()?),
                sequence: value.get("sequence")?.as_unsigned()?,
                previous: digest(value.get("previous")?)?,
                fact: Fact::from_value(value.get("fact")?)?,
            })
        };
        // Encoding it again catches members that nobody knows.
        read().filter(|record| record.to_bytes() == bytes).ok_or(NotARecord)
    }
}

impl ItemUse {
    fn to_value(&self) -> Value {
        Value::map([
            ("item", Value::bytes(&self.item.0)),
            ("version", Value::Unsigned(self.version)),
            ("digest", Value::bytes(&self.digest.0)),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            item: digest(value.get("item")?)?,
            version: value.get("version")?.as_unsigned()?,
            digest: digest(value.get("digest")?)?,
        })
    }
}

impl Fact {
    fn from_value(value: &Value) -> Option<Self> {
        match value.get("type")?.as_text()? {
            "given" => Some(Self::Given {
                selection: digest(value.get("selection")?)?,
                items: value.get("items")?.as_unsigned()?,
                refused: value.get("refused")?.as_unsigned()?,
            }),
            "used" => Some(Self::Used {
                read: value.get("read")?.as_bytes()?.try_into().ok()?,
                items: value
                    .get("items")?
                    .as_array()?
                    .iter()
                    .map(ItemUse::from_value)
                    .collect::<Option<_>>()?,
            }),
            "moved" => Some(Self::Moved {
                to: state_of(value.get("to")?.as_unsigned()?)?,
                document_hash: match value.get("document")? {
                    Value::Null => None,
                    hash => Some(digest(hash)?),
                },
            }),
            _ => None,
        }
    }
}

/// Bytes that are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a log record")]
pub struct NotARecord;

fn digest(value: &Value) -> Option<Digest> {
    value.as_bytes()?.try_into().ok().map(Digest)
}

// Numbers in a record never change their meaning, whatever order the enum has.
const STATES: [(GrantState, u8); 5] = [
    (GrantState::Active, 1),
    (GrantState::Paused, 2),
    (GrantState::Revoked, 3),
    (GrantState::Expired, 4),
    (GrantState::Superseded, 5),
];

fn state_number(state: GrantState) -> u8 {
    STATES.iter().find(|(known, _)| *known == state).map_or(0, |(_, number)| *number)
}

fn state_of(number: u64) -> Option<GrantState> {
    STATES.iter().find(|(_, known)| u64::from(*known) == number).map(|(state, _)| *state)
}
