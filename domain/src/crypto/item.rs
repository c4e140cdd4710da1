//! What is inside an item's object: its metadata, encrypted like the value, then the value.
//!
//! The server must not learn paths and media types, so they are in here. Whoever opens an
//! item compares the path within to the path that was asked for: else a server could answer
//! with another item of the same grant.

use super::Crypto;
use super::key_tree::{ContentSecret, Salt};
use super::object::{self, ObjectError, ObjectId, Sealer};
use crate::Timestamp;
use crate::cbor::Value;
use crate::path::Path;

/// Most bytes of encoded metadata.
pub const METADATA_BYTES_MAX: usize = 1_024;
/// Most bytes of a media type.
pub const MEDIA_TYPE_BYTES_MAX: usize = 127;

/// What is known of an item's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Where it is in the person's tree.
    pub path: Path,
    /// Its media type (RFC 6838), such as `application/json`.
    pub media_type: String,
    /// When the item was first stored.
    pub created: Timestamp,
    /// When this version was made.
    pub modified: Timestamp,
}

/// An opened item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is known of the value.
    pub metadata: Metadata,
    /// The value.
    pub value: Vec<u8>,
}

impl Metadata {
    /// What precedes the value: the length of the metadata as four big-endian bytes, then
    /// the metadata as a deterministic CBOR map.
    ///
    /// # Errors
    /// [`ObjectError::Metadata`] when the media type is none.
    pub fn to_frame(&self) -> Result<Vec<u8>, ObjectError> {
        if !is_media_type(&self.media_type) {
            return Err(ObjectError::Metadata);
        }
        let map = Value::map([
            ("path", Value::text(self.path.as_str())),
            ("media_type", Value::text(&self.media_type)),
            ("created", Value::Unsigned(self.created.0)),
            ("modified", Value::Unsigned(self.modified.0)),
        ]);
        let encoded = map.encode();
        let length = u32::try_from(encoded.len()).map_err(|_| ObjectError::Metadata)?;
        Ok([&length.to_be_bytes()[..], &encoded].concat())
    }

    /// Reads the frame at the start of an object's text (its first chunk holds it whole)
    /// and says where the value begins.
    ///
    /// # Errors
    /// [`ObjectError::Metadata`].
    pub fn from_text(text: &[u8]) -> Result<(Self, usize), ObjectError> {
        Self::read(text).ok_or(ObjectError::Metadata)
    }

    fn read(text: &[u8]) -> Option<(Self, usize)> {
        let (length, rest) = text.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let map = Value::decode(rest.get(..length)?, METADATA_BYTES_MAX).ok()?;
        // Four fields and no other: decoding has refused doubles.
        if !matches!(&map, Value::Map(entries) if entries.len() == 4) {
            return None;
        }
        let media_type = map.get("media_type")?.as_text().filter(|text| is_media_type(text))?;
        let metadata = Self {
            path: map.get("path")?.as_text()?.parse().ok()?,
            media_type: media_type.to_owned(),
            created: Timestamp(map.get("created")?.as_unsigned()?),
            modified: Timestamp(map.get("modified")?.as_unsigned()?),
        };
        Some((metadata, 4 + length))
    }
}

// Enough that it can stand in a header field: type, slash, subtype, perhaps parameters.
fn is_media_type(text: &str) -> bool {
    let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let (before, after) = text.split_once('/').unwrap_or_default();
    printable && text.len() <= MEDIA_TYPE_BYTES_MAX && !before.is_empty() && !after.is_empty()
}

/// Seals an item.
///
/// # Errors
/// [`ObjectError::Metadata`] or [`ObjectError::TooLong`].
pub fn seal(
    crypto: &dyn Crypto,
    secret: &ContentSecret,
    object: &ObjectId,
    epoch: u32,
    salt: &Salt,
    metadata: &Metadata,
    value: &[u8],
) -> Result<Vec<u8>, ObjectError> {
    let frame = metadata.to_frame()?;
    object::seal_parts(crypto, Sealer::new(secret, object, epoch, salt), &[&frame, value])
}

/// Opens an item and demands its path.
///
/// # Errors
/// As [`object::open`], [`ObjectError::Metadata`], and [`ObjectError::OtherPath`] when the
/// object is sound but holds another item.
pub fn open(
    crypto: &dyn Crypto,
    secret: &ContentSecret,
    object: &ObjectId,
    path: &Path,
    bytes: &[u8],
) -> Result<Item, ObjectError> {
    let mut value = object::open(crypto, secret, object, bytes)?;
    let (metadata, start) = Metadata::from_text(&value)?;
    if metadata.path != *path {
        return Err(ObjectError::OtherPath);
    }
    value.drain(..start);
    Ok(Item { metadata, value })
}
