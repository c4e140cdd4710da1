//! The envelope of what is stored or sent between nodes: kind, version, bincode.
//!
//! bincode stays inside this module. A record is decoded with a limit, trailing bytes
//! are refused, and every version ever written stays readable. What is signed, hashed
//! or logged is never a record: that is JWS bytes or deterministic CBOR.

use serde::{Serialize, de::DeserializeOwned};

/// Most bytes of one record.
pub const RECORD_BYTES_MAX: usize = 512 * 1_024;
/// Most bytes of an entity's head.
pub const HEAD_BYTES_MAX: usize = 16 * 1_024;

/// A type with a place in the envelope.
pub trait Record: Serialize + DeserializeOwned {
    /// Says what it is; never reused.
    const TAG: u8;
    /// The version written now.
    const VERSION: u8;
    /// Reads an older version's body.
    ///
    /// # Errors
    /// When the version is not known.
    fn upgrade(version: u8, _body: &[u8]) -> Result<Self, RecordError> {
        Err(RecordError::Version(version))
    }
}

/// Bytes that are not the record expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Too short, too long, or not decodable.
    #[error("a record cannot be decoded: {0}")]
    Malformed(String),
    /// A record of something else.
    #[error("a record has the tag {0}, another was expected")]
    Tag(u8),
    /// Written by a newer version of Symbolon.
    #[error("a record has version {0}, which this version of Symbolon does not know")]
    Version(u8),
}

fn configuration() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<RECORD_BYTES_MAX>()
}

/// Encodes a record.
///
/// # Errors
/// When it is over [`RECORD_BYTES_MAX`].
pub fn encode<T: Record>(record: &T) -> Result<Vec<u8>, RecordError> {
    let mut out = vec![T::TAG, T::VERSION];
    out.extend(to_body(record)?);
    Ok(out)
}

/// Decodes a record.
///
/// # Errors
/// When the bytes are not exactly one record of this type.
pub fn decode<T: Record>(bytes: &[u8]) -> Result<T, RecordError> {
    let [tag, version, body @ ..] = bytes else {
        return Err(RecordError::Malformed("shorter than its envelope".into()));
    };
    if *tag != T::TAG {
        return Err(RecordError::Tag(*tag));
    }
    if *version == T::VERSION { from_body(body) } else { T::upgrade(*version, body) }
}

fn to_body<T: Serialize>(value: &T) -> Result<Vec<u8>, RecordError> {
    let body = bincode::serde::encode_to_vec(value, configuration())
        .map_err(|error| RecordError::Malformed(error.to_string()))?;
    if body.len() > RECORD_BYTES_MAX {
        return Err(RecordError::Malformed(format!("over {RECORD_BYTES_MAX} bytes")));
    }
    Ok(body)
}

/// Decodes a body without its envelope: for [`Record::upgrade`].
///
/// # Errors
/// When the bytes are not exactly one value.
pub fn from_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, RecordError> {
    let (value, read) = bincode::serde::decode_from_slice(body, configuration())
        .map_err(|error| RecordError::Malformed(error.to_string()))?;
    if read == body.len() {
        Ok(value)
    } else {
        Err(RecordError::Malformed(format!("{} bytes follow it", body.len() - read)))
    }
}
