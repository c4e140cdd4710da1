//! The one place for the layout of stored keys: a subspace byte, then fields.
//!
//! Numbers are big-endian, so that keys sort as their fields do; ids are the 25 bytes of
//! [`Id::to_bytes`]. The golden bytes in `place.rs` hold the layout, and [`Place`] reads it
//! back: a change is a new format version.

mod place;

pub use place::{NotAKey, Place};

use crate::bytes::Digest;
use crate::port::{BatchId, Queue, Range};
use crate::{Id, Kind, Region, Timestamp};
use serde::{Deserialize, Serialize};

/// A stored key.
pub type Key = Vec<u8>;

/// The first byte of every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Subspace {
    /// Facts about the store itself, such as its format version.
    Meta = 0x00,
    /// Heads of entities.
    Head = 0x01,
    /// Rows of entities.
    Row = 0x02,
    /// Index rows: lists come only from here.
    Index = 0x03,
    /// What is due when.
    Due = 0x04,
    /// Ordered queues.
    Queue = 0x05,
    /// Answers kept for retries.
    Idempotency = 0x06,
    /// Batch ids, where an engine keeps them to settle unknown commits.
    Batch = 0x07,
}

fn key(subspace: Subspace, parts: &[&[u8]]) -> Key {
    let mut out = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    out.push(subspace as u8);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// Where an entity's head is.
#[must_use]
pub fn head(id: Id) -> Key {
    key(Subspace::Head, &[&id.to_bytes()])
}

/// All heads of a kind.
#[must_use]
pub fn heads(kind: Kind) -> Range {
    Range::prefix(&key(Subspace::Head, &[&[kind.tag()]]))
}

/// A row of an entity: what grows without bound, or changes without mattering to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Row {
    /// Institution: its signed self-description, as received.
    InstitutionDocument,
    /// Offer: the signed offer, as received.
    OfferDocument,
    /// Session: the pushed request's parameters.
    SessionRequest,
    /// Session: the signed statement that the phone checks.
    SessionStatement,
    /// Front end: one of its places for an open session.
    FrontEndSlot(u16),
    /// Grant: the signed selection, as received, with its user verification.
    GrantSelection,
    /// Grant: one granted item, by its index in the selection.
    GrantItem(u16),
    /// Grant: the granted item's secret, wrapped under the grant key.
    GrantItemWrap(u16),
    /// Grant: the grant key wrapped for one code or token.
    GrantWrap(Id),
    /// Grant: one record of its chain.
    GrantRecord(u64),
    /// Grant: the use that a read with this id made, so that a retry is the same use.
    GrantRead([u8; 16]),
    /// Vault: the current version of an item.
    VaultItem(Digest),
    /// Vault: the record of one stored object.
    VaultObject([u8; 16]),
    /// Vault: ciphertext of an object, in pieces.
    VaultObjectPiece([u8; 16], u32),
    /// Vault: a node of the manifest's tree, by its hash.
    VaultNode(Digest),
    /// Vault: a signed manifest commit, by epoch.
    VaultCommit(u64),
    /// Vault: the session that was already answered with this grant.
    VaultApproval(Id),
    /// Vault: a live grant pins an object.
    VaultPin([u8; 16], Id),
    /// Vault: epoch and root of the manifest; begins with the epoch as its revision.
    VaultManifest,
    /// Vault: from when an object that the manifest does not name may be erased.
    VaultErase(Timestamp, [u8; 16]),
    /// Vault: what its objects take; begins with its revision.
    VaultUsage,
    /// Institution: how far its webhook has come.
    InstitutionWebhook,
    /// Front end: when it last asked for a request; begins with that time as its revision.
    FrontEndAsk,
    /// Device: one of its places for a hint; begins with its expiry as its revision.
    DeviceHint(u8),
    /// Device: its authenticator's counter as last seen, which is its revision too.
    DeviceSignCount,
}

impl Row {
    fn tag(&self) -> u8 {
        match self {
            Self::InstitutionDocument => 1,
            Self::OfferDocument => 2,
            Self::SessionStatement => 3,
            Self::FrontEndSlot(_) => 4,
            Self::GrantSelection => 5,
            Self::GrantItem(_) => 6,
            Self::GrantWrap(_) => 7,
            Self::GrantRecord(_) => 8,
            Self::GrantRead(_) => 9,
            Self::VaultItem(_) => 10,
            Self::VaultObject(_) => 11,
            Self::VaultObjectPiece(..) => 12,
            Self::VaultNode(_) => 13,
            Self::VaultCommit(_) => 14,
            Self::VaultApproval(_) => 15,
            Self::VaultPin(..) => 17,
            Self::GrantItemWrap(_) => 18,
            Self::VaultManifest => 19,
            Self::SessionRequest => 20,
            Self::InstitutionWebhook => 21,
            Self::VaultErase(..) => 22,
            Self::VaultUsage => 23,
            Self::FrontEndAsk => 24,
            Self::DeviceHint(_) => 25,
            Self::DeviceSignCount => 26,
        }
    }

    fn fields(&self) -> Vec<u8> {
        match self {
            Self::InstitutionDocument
            | Self::OfferDocument
            | Self::SessionStatement
            | Self::GrantSelection
            | Self::SessionRequest
            | Self::InstitutionWebhook
            | Self::VaultUsage
            | Self::FrontEndAsk
            | Self::DeviceSignCount
            | Self::VaultManifest => Vec::new(),
            Self::FrontEndSlot(number) | Self::GrantItem(number) | Self::GrantItemWrap(number) => {
                number.to_be_bytes().into()
            }
            Self::GrantWrap(id) | Self::VaultApproval(id) => id.to_bytes().into(),
            Self::GrantRecord(number) | Self::VaultCommit(number) => number.to_be_bytes().into(),
            Self::GrantRead(id) | Self::VaultObject(id) => id.to_vec(),
            Self::VaultItem(digest) | Self::VaultNode(digest) => digest.0.into(),
            Self::VaultObjectPiece(id, piece) => [&id[..], &piece.to_be_bytes()].concat(),
            Self::VaultErase(at, object) => [&at.0.to_be_bytes()[..], object].concat(),
            Self::DeviceHint(slot) => vec![*slot],
            Self::VaultPin(object, grant) => [&object[..], &grant.to_bytes()].concat(),
        }
    }
}

/// Where a row of an entity is.
#[must_use]
pub fn row(owner: Id, row: &Row) -> Key {
    key(Subspace::Row, &[&owner.to_bytes(), &[row.tag()], &row.fields()])
}

/// All rows of an entity.
#[must_use]
pub fn rows(owner: Id) -> Range {
    Range::prefix(&key(Subspace::Row, &[&owner.to_bytes()]))
}

/// All rows of an entity of the same sort as `example`, whatever its fields.
#[must_use]
pub fn rows_like(owner: Id, example: &Row) -> Range {
    Range::prefix(&key(Subspace::Row, &[&owner.to_bytes(), &[example.tag()]]))
}

/// What the rows of every grant that pins an object begin with.
#[must_use]
pub fn pins(vault: Id, object: [u8; 16]) -> Key {
    let any = Id::new(Kind::Grant, Region::NONE, [0; 16]);
    let tag = Row::VaultPin(object, any).tag();
    key(Subspace::Row, &[&vault.to_bytes(), &[tag], &object])
}

/// An index row: the key says it all, its value is the id found.
///
/// Everything of an institution is found by a key that starts with its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// The institution of a certificate's DNS name. Unique.
    InstitutionByName(String),
    /// Institutions by state (its number) and id.
    Institutions(u8, Id),
    /// Front ends of an institution.
    FrontEndsOf(Id, Id),
    /// Offers of an institution.
    OffersOf(Id, Id),
    /// Offers by state (its number), for the operator.
    Offers(u8, Id),
    /// Sessions of an institution, by creation.
    SessionsOf(Id, Timestamp, Id),
    /// Grants of an institution, by creation.
    GrantsOfInstitution(Id, Timestamp, Id),
    /// Grants of a vault, by creation.
    GrantsOfVault(Id, Timestamp, Id),
    /// Devices of a vault.
    DevicesOf(Id, Id),
    /// Live tokens of a grant.
    TokensOf(Id, Id),
}

impl Index {
    fn tag(&self) -> u8 {
        match self {
            Self::InstitutionByName(_) => 1,
            Self::Institutions(..) => 2,
            Self::FrontEndsOf(..) => 3,
            Self::OffersOf(..) => 4,
            Self::Offers(..) => 5,
            Self::SessionsOf(..) => 6,
            Self::GrantsOfInstitution(..) => 7,
            Self::GrantsOfVault(..) => 8,
            Self::DevicesOf(..) => 9,
            Self::TokensOf(..) => 10,
        }
    }

    /// Whether at most one entity may have this row.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::InstitutionByName(_))
    }

    /// Where the row is.
    #[must_use]
    pub fn key(&self) -> Key {
        let tag = [self.tag()];
        match self {
            Self::InstitutionByName(name) => key(Subspace::Index, &[&tag, name.as_bytes()]),
            Self::Institutions(state, id) | Self::Offers(state, id) => {
                key(Subspace::Index, &[&tag, &[*state], &id.to_bytes()])
            }
            Self::FrontEndsOf(owner, id)
            | Self::OffersOf(owner, id)
            | Self::DevicesOf(owner, id)
            | Self::TokensOf(owner, id) => {
                key(Subspace::Index, &[&tag, &owner.to_bytes(), &id.to_bytes()])
            }
            Self::SessionsOf(owner, at, id)
            | Self::GrantsOfInstitution(owner, at, id)
            | Self::GrantsOfVault(owner, at, id) => key(
                Subspace::Index,
                &[&tag, &owner.to_bytes(), &at.0.to_be_bytes(), &id.to_bytes()],
            ),
        }
    }

    /// The rows that differ from this one in their last fields only: all front ends of an
    /// institution, all grants of a vault, all offers in a state.
    #[must_use]
    pub fn siblings(&self) -> Range {
        let tag = [self.tag()];
        Range::prefix(&match self {
            Self::InstitutionByName(_) => key(Subspace::Index, &[&tag]),
            Self::Institutions(state, _) | Self::Offers(state, _) => {
                key(Subspace::Index, &[&tag, &[*state]])
            }
            Self::FrontEndsOf(owner, _)
            | Self::OffersOf(owner, _)
            | Self::DevicesOf(owner, _)
            | Self::TokensOf(owner, _)
            | Self::SessionsOf(owner, ..)
            | Self::GrantsOfInstitution(owner, ..)
            | Self::GrantsOfVault(owner, ..) => key(Subspace::Index, &[&tag, &owner.to_bytes()]),
        })
    }
}

/// The due row of an entity.
#[must_use]
pub fn due(at: Timestamp, id: Id) -> Key {
    key(Subspace::Due, &[&at.minute().to_be_bytes(), &id.to_bytes()])
}

/// The due row of a kept answer: in the first minute that is wholly after its time.
#[must_use]
pub fn due_kept(expires: Timestamp, scope: &Digest) -> Key {
    // No kind of entity has the tag 0.
    key(Subspace::Due, &[&(expires.minute() + 1).to_be_bytes(), &[0], &scope.0])
}

/// The scope of the kept answer of a due row's key.
#[must_use]
pub fn due_kept_scope(key: &[u8]) -> Option<Digest> {
    let (tag, scope) = key.get(9..)?.split_first()?;
    if *tag == 0 { Some(Digest(scope.try_into().ok()?)) } else { None }
}

/// All due rows up to and including the minute of `now`.
#[must_use]
pub fn due_until(now: Timestamp) -> Range {
    Range {
        start: key(Subspace::Due, &[]),
        end: key(Subspace::Due, &[&(now.minute() + 1).to_be_bytes()]),
    }
}

/// The entity of a due row's key.
#[must_use]
pub fn due_owner(key: &[u8]) -> Option<Id> {
    Id::from_bytes(key.get(9..)?.try_into().ok()?).ok()
}

/// What every queue's name, and so every key of an entry, begins with.
#[must_use]
pub fn queues() -> Key {
    key(Subspace::Queue, &[])
}

/// The queue of leaves for the log.
#[must_use]
pub fn log_queue() -> Queue {
    Queue(key(Subspace::Queue, &[&[1]]))
}

/// The queue of effects that must happen.
#[must_use]
pub fn outbox_queue() -> Queue {
    Queue(key(Subspace::Queue, &[&[2]]))
}

/// The queue of events for one institution, front end or device (its vault).
#[must_use]
pub fn event_queue(owner: Id) -> Queue {
    Queue(key(Subspace::Queue, &[&[3], &owner.to_bytes()]))
}

/// The queue of webhook deliveries of one institution.
#[must_use]
pub fn webhook_queue(owner: Id) -> Queue {
    Queue(key(Subspace::Queue, &[&[4], &owner.to_bytes()]))
}

/// Where the answer kept under an idempotency scope is.
#[must_use]
pub fn idempotency(scope: &Digest) -> Key {
    key(Subspace::Idempotency, &[&scope.0])
}

/// Where an engine notes a batch id.
#[must_use]
pub fn batch(id: BatchId) -> Key {
    key(Subspace::Batch, &[&id.0])
}

/// What every batch id's key begins with.
#[must_use]
pub fn batches() -> Key {
    key(Subspace::Batch, &[])
}

/// Where the on-disk format version is.
#[must_use]
pub fn format_version() -> Key {
    key(Subspace::Meta, &[b"format"])
}

/// Where a restore notes that it is not complete: a store that has this key is not whole.
#[must_use]
pub fn restoring() -> Key {
    key(Subspace::Meta, &[b"restoring"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_due_rows() {
        let region = "eu1".parse().unwrap();
        let id = Id::new(Kind::Grant, region, [9; 16]);
        let row = due(Timestamp(120_001), id);
        assert_eq!(row[..10], [4, 0, 0, 0, 0, 0, 0, 0, 2, 6]);
        assert_eq!(due_owner(&row), Some(id));
        assert_eq!(due_kept_scope(&row), None);

        let row = due_kept(Timestamp(120_001), &Digest([5; 32]));
        assert_eq!(row, [&[4, 0, 0, 0, 0, 0, 0, 0, 3, 0][..], &[5; 32]].concat());
        assert_eq!(due_kept_scope(&row), Some(Digest([5; 32])));
        assert_eq!(due_owner(&row), None);
        let range = due_until(Timestamp(179_999));
        assert!(range.start <= row && row >= range.end, "not before its time is wholly over");
    }
}
