//! Log records: what an act leaves in the log. A record names the grant, the time and what
//! happened; the log gets its salted hash alone. A grant's records are a chain: each
//! carries a sequence number and the leaf before it, so that a hidden one shows.

use crate::bytes::Digest;
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
        format!("{self:?}").into_bytes()
    }
}
