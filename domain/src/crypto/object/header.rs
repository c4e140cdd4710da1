//! The header of an object: what a reader needs before the first chunk.

use super::ObjectError;
use crate::crypto::key_tree::Salt;

/// What every object begins with.
pub const MAGIC: [u8; 4] = *b"SYMB";
/// Bytes of the header.
pub const HEADER_BYTES: usize = 76;

/// The format version written now.
const VERSION: u8 = 1;
/// ChaCha20-Poly1305 chunks under keys from HKDF-SHA-256.
const SUITE: u8 = 1;
/// The chunk size as a power of two: 64 KiB.
const CHUNK_SIZE_LOG2: u8 = 16;

/// A header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The key epoch of the item's leaf.
    pub epoch: u32,
    /// From which the content secret was derived.
    pub salt: Salt,
    /// Tells the right key before anything is decrypted.
    pub commitment: [u8; 32],
}

impl Header {
    /// The bytes: magic, version, suite, chunk size, zero, epoch, salt, commitment.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        let (fixed, rest) = out.split_at_mut(12);
        let (salt, commitment) = rest.split_at_mut(32);
        let (start, epoch) = fixed.split_at_mut(8);
        let [m, a, g, i] = MAGIC;
        start.copy_from_slice(&[m, a, g, i, VERSION, SUITE, CHUNK_SIZE_LOG2, 0]);
        epoch.copy_from_slice(&self.epoch.to_be_bytes());
        salt.copy_from_slice(&self.salt);
        commitment.copy_from_slice(&self.commitment);
        out
    }

    /// Reads the header at the start of an object; what follows it is ignored.
    ///
    /// # Errors
    /// [`ObjectError::NotAnObject`] or [`ObjectError::Unknown`].
    pub fn parse(object: &[u8]) -> Result<Self, ObjectError> {
        let fixed = object.split_first_chunk::<12>();
        let Some((&[m, a, g, i, version, suite, chunk_size, zero, ref epoch @ ..], rest)) = fixed
        else {
            return Err(ObjectError::NotAnObject);
        };
        if [m, a, g, i] != MAGIC {
            return Err(ObjectError::NotAnObject);
        }
        if (version, suite) != (VERSION, SUITE) {
            return Err(ObjectError::Unknown { version, suite });
        }
        let (salt, rest) = rest.split_first_chunk().ok_or(ObjectError::NotAnObject)?;
        let (commitment, _) = rest.split_first_chunk().ok_or(ObjectError::NotAnObject)?;
        if (chunk_size, zero) != (CHUNK_SIZE_LOG2, 0) {
            return Err(ObjectError::NotAnObject);
        }
        Ok(Self { epoch: u32::from_be_bytes(*epoch), salt: *salt, commitment: *commitment })
    }
}
