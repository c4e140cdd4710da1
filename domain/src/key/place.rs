//! Stored keys read back: what a key names, for the check of a whole store, for a restore
//! that must know what it restores, and for scans that want the fields of what they found.

use super::{Index, Row, Subspace};
use crate::bytes::Digest;
use crate::port::{BatchId, Position, Queue};
use crate::{Id, Timestamp};

/// Bytes that are no key of this layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of this version's layout")]
pub struct NotAKey;

/// What a stored key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A fact about the store itself, by its name.
    Meta(Vec<u8>),
    /// An entity's head.
    Head(Id),
    /// A row of an entity.
    Row(Id, Row),
    /// An index row.
    Index(Index),
    /// The due row of an entity, by minute.
    Due(u64, Id),
    /// The due row of a kept answer, by minute.
    DueKept(u64, Digest),
    /// An entry of a queue.
    Queued(Queue, Position),
    /// A kept answer, by its scope.
    Idempotency(Digest),
    /// A batch id, where an engine keeps them.
    Batch(BatchId),
}

impl Place {
    /// Reads a key.
    ///
    /// # Errors
    /// When it is not of this layout, to the last byte.
    pub fn parse(key: &[u8]) -> Result<Self, NotAKey> {
        let (subspace, fields) = key.split_first().ok_or(NotAKey)?;
        let mut fields = Fields(fields);
        let place = match Subspace::from_byte(*subspace)? {
            Subspace::Meta => Self::Meta(fields.rest().to_vec()),
            Subspace::Head => Self::Head(fields.id()?),
            Subspace::Row => Self::Row(fields.id()?, row(&mut fields)?),
            Subspace::Index => Self::Index(index(&mut fields)?),
            Subspace::Due => due(&mut fields)?,
            Subspace::Queue => queued(key, &mut fields)?,
            Subspace::Idempotency => Self::Idempotency(Digest(fields.array()?)),
            Subspace::Batch => Self::Batch(BatchId(fields.array()?)),
        };
        if fields.0.is_empty() { Ok(place) } else { Err(NotAKey) }
    }
}

impl Subspace {
    fn from_byte(byte: u8) -> Result<Self, NotAKey> {
        let all = [
            Self::Meta,
            Self::Head,
            Self::Row,
            Self::Index,
            Self::Due,
            Self::Queue,
            Self::Idempotency,
            Self::Batch,
        ];
        all.into_iter().find(|subspace| *subspace as u8 == byte).ok_or(NotAKey)
    }
}

fn row(fields: &mut Fields<'_>) -> Result<Row, NotAKey> {
    Ok(match fields.byte()? {
        1 => Row::InstitutionDocument,
        2 => Row::OfferDocument,
        3 => Row::SessionStatement,
        4 => Row::FrontEndSlot(fields.short()?),
        5 => Row::GrantSelection,
        6 => Row::GrantItem(fields.short()?),
        7 => Row::GrantWrap(fields.id()?),
        8 => Row::GrantRecord(fields.number()?),
        9 => Row::GrantRead(fields.array()?),
        10 => Row::VaultItem(Digest(fields.array()?)),
        11 => Row::VaultObject(fields.array()?),
        12 => Row::VaultObjectPiece(fields.array()?, u32::from_be_bytes(fields.array()?)),
        13 => Row::VaultNode(Digest(fields.array()?)),
        14 => Row::VaultCommit(fields.number()?),
        15 => Row::VaultApproval(fields.id()?),
        17 => Row::VaultPin(fields.array()?, fields.id()?),
        18 => Row::GrantItemWrap(fields.short()?),
        19 => Row::VaultManifest,
        20 => Row::SessionRequest,
        21 => Row::InstitutionWebhook,
        22 => Row::VaultErase(fields.time()?, fields.array()?),
        23 => Row::VaultUsage,
        24 => Row::FrontEndAsk,
        25 => Row::DeviceHint(fields.byte()?),
        26 => Row::DeviceSignCount,
        _ => return Err(NotAKey),
    })
}

fn index(fields: &mut Fields<'_>) -> Result<Index, NotAKey> {
    let tag = fields.byte()?;
    Ok(match tag {
        1 => {
            let name = String::from_utf8(fields.rest().to_vec()).map_err(|_| NotAKey)?;
            Index::InstitutionByName(name)
        }
        2 => Index::Institutions(fields.byte()?, fields.id()?),
        3 => Index::FrontEndsOf(fields.id()?, fields.id()?),
        4 => Index::OffersOf(fields.id()?, fields.id()?),
        5 => Index::Offers(fields.byte()?, fields.id()?),
        6 => Index::SessionsOf(fields.id()?, fields.time()?, fields.id()?),
        7 => Index::GrantsOfInstitution(fields.id()?, fields.time()?, fields.id()?),
        8 => Index::GrantsOfVault(fields.id()?, fields.time()?, fields.id()?),
        9 => Index::DevicesOf(fields.id()?, fields.id()?),
        10 => Index::TokensOf(fields.id()?, fields.id()?),
        _ => return Err(NotAKey),
    })
}

/// No kind of entity has the tag 0: a kept answer follows it.
fn due(fields: &mut Fields<'_>) -> Result<Place, NotAKey> {
    let minute = fields.number()?;
    if fields.0.first() == Some(&0) {
        fields.byte()?;
        return Ok(Place::DueKept(minute, Digest(fields.array()?)));
    }
    Ok(Place::Due(minute, fields.id()?))
}

/// Queues 1 and 2 are the region's, 3 and 4 have an owner.
fn queued(key: &[u8], fields: &mut Fields<'_>) -> Result<Place, NotAKey> {
    match fields.byte()? {
        1 | 2 => {}
        3 | 4 => {
            fields.id()?;
        }
        _ => return Err(NotAKey),
    }
    let position = Position(fields.array()?);
    let name = key.get(..key.len().saturating_sub(position.0.len())).ok_or(NotAKey)?;
    Ok(Place::Queued(Queue(name.to_vec()), position))
}

/// Takes fields off the front of a key.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotAKey> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or(NotAKey)?;
        self.0 = rest;
        Ok(*field)
    }

    fn byte(&mut self) -> Result<u8, NotAKey> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Result<u16, NotAKey> {
        self.array().map(u16::from_be_bytes)
    }

    fn number(&mut self) -> Result<u64, NotAKey> {
        self.array().map(u64::from_be_bytes)
    }

    fn time(&mut self) -> Result<Timestamp, NotAKey> {
        self.number().map(Timestamp)
    }

    fn id(&mut self) -> Result<Id, NotAKey> {
        Id::from_bytes(&self.array()?).map_err(|_| NotAKey)
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests;
