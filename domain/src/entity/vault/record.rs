//! What a vault's rows hold.

use crate::bytes::Digest;
use crate::record::{self, Record};
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// Epoch and root of the manifest: the row `VaultManifest` after its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestHead {
    /// Counts the commits.
    pub epoch: u64,
    /// The tree's root.
    pub root: Digest,
}

impl Record for ManifestHead {
    const TAG: u8 = 0x21;
    const VERSION: u8 = 1;
}

impl ManifestHead {
    /// The row's value: the epoch as its revision, then the record.
    #[must_use]
    pub fn to_row(&self) -> Vec<u8> {
        revised(self.epoch, self)
    }

    /// Reads the row.
    #[must_use]
    pub fn from_row(value: &[u8]) -> Option<Self> {
        record::decode(value.get(8..)?).ok()
    }
}

/// What the vault's objects take: the row `VaultUsage` after its revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Counts the changes.
    pub revision: u64,
    /// Bytes of all objects.
    pub bytes: u64,
    /// How many objects there are.
    pub objects: u64,
}

impl Record for Usage {
    const TAG: u8 = 0x25;
    const VERSION: u8 = 1;
}

impl Usage {
    /// The row's value: the revision, then the record.
    #[must_use]
    pub fn to_row(&self) -> Vec<u8> {
        revised(self.revision, self)
    }

    /// Reads the row; a vault without one holds nothing.
    #[must_use]
    pub fn from_row(value: &[u8]) -> Option<Self> {
        record::decode(value.get(8..)?).ok()
    }
}

// A row whose own revision a batch can demand.
fn revised(revision: u64, record: &impl Record) -> Vec<u8> {
    [&revision.to_be_bytes()[..], &record::encode(record).unwrap_or_default()].concat()
}

/// The current version of an item: the row `VaultItem`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemVersion {
    /// Counts the versions of the item.
    pub version: u64,
    /// Key epoch of the leaf.
    pub epoch: u32,
    /// The object that holds it.
    pub object: [u8; 16],
    /// SHA-256 of the object.
    pub digest: Digest,
    /// Bytes of the object.
    pub size: u64,
    /// The object's salt.
    pub salt: [u8; 32],
    /// When it was deleted, if it was.
    pub tombstone: Option<Timestamp>,
}

impl Record for ItemVersion {
    const TAG: u8 = 0x22;
    const VERSION: u8 = 1;
}

impl ItemVersion {
    /// The object that it names; a deleted item names none.
    #[must_use]
    pub fn named(&self) -> Option<[u8; 16]> {
        self.tombstone.is_none().then_some(self.object)
    }
}

/// Where an object's ciphertext is: the row `VaultObject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredObject {
    /// SHA-256 of the ciphertext.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
    /// The blob that holds it; rows `VaultObjectPiece` do if there is none.
    pub blob: Option<String>,
    /// How many such rows.
    pub pieces: u32,
    /// When it came.
    pub created: Timestamp,
    /// When it may be erased, unless a grant pins it; never while the manifest names it.
    pub erase: Option<Timestamp>,
}

impl Record for StoredObject {
    const TAG: u8 = 0x23;
    const VERSION: u8 = 1;
}

/// Which session was answered with which grant: the row `VaultApproval`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The grant.
    pub grant: Id,
    /// SHA-256 of the signed selection.
    pub selection_hash: Digest,
    /// The code's first half.
    pub handle: String,
    /// Until when the code is good.
    pub code_expires: Timestamp,
}

impl Record for Approval {
    const TAG: u8 = 0x24;
    const VERSION: u8 = 1;
}
