//! A head as the store keeps it: its revision, then its record.

use super::Head;
use crate::Kind;
use crate::record::{HEAD_BYTES_MAX, RecordError};

/// A head with its revision, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Counts the changes of the head, from 1.
    pub revision: u64,
    /// The head.
    pub head: Head,
}

impl Stored {
    /// The stored value: revision, eight big-endian bytes, then the record.
    ///
    /// # Errors
    /// When the head is over [`HEAD_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        let record = self.head.encode()?;
        if record.len() > HEAD_BYTES_MAX {
            return Err(RecordError::Malformed(format!("a head is over {HEAD_BYTES_MAX} bytes")));
        }
        Ok([&self.revision.to_be_bytes()[..], &record].concat())
    }

    /// Reads what [`Stored::encode`] wrote.
    ///
    /// # Errors
    /// When it is damaged or of another kind.
    pub fn decode(kind: Kind, value: &[u8]) -> Result<Self, RecordError> {
        let (revision, record) = value
            .split_first_chunk::<8>()
            .ok_or_else(|| RecordError::Malformed("shorter than a revision".into()))?;
        Ok(Self { revision: u64::from_be_bytes(*revision), head: Head::decode(kind, record)? })
    }
}
