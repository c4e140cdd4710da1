//! Sealing an object, chunk by chunk.

use super::{CHUNK_BYTES, HEADER_BYTES, Header, Layout, ObjectError, ObjectId};
use crate::crypto::key_tree::{ContentSecret, Salt};
use crate::crypto::{Crypto, TAG_BYTES};
use crate::secret::Secret;

/// Seals the chunks of one object in order, each index once. The content secret must be
/// that of the salt, and a salt must never be used for a second object.
#[derive(Debug)]
pub struct Sealer {
    key: Secret<32>,
    header: [u8; HEADER_BYTES],
    associated_data: Vec<u8>,
    next: u64,
    finished: bool,
}

impl Sealer {
    /// Begins an object.
    #[must_use]
    pub fn new(secret: &ContentSecret, object: &ObjectId, epoch: u32, salt: &Salt) -> Self {
        let header = Header { epoch, salt: *salt, commitment: secret.commitment() }.to_bytes();
        Self {
            key: secret.aead_key(),
            header,
            associated_data: super::associated_data(object, &header),
            next: 0,
            finished: false,
        }
    }

    /// What the object begins with.
    #[must_use]
    pub fn header(&self) -> &[u8; HEADER_BYTES] {
        &self.header
    }

    /// Encrypts the next chunk in place and gives its tag, which follows it.
    ///
    /// # Errors
    /// [`ObjectError::Sequence`] after the last chunk, or when a chunk but the last is not
    /// [`CHUNK_BYTES`] long, or the last is longer, or empty without being the only one.
    pub fn seal_chunk(
        &mut self,
        crypto: &dyn Crypto,
        last: bool,
        chunk: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], ObjectError> {
        let whole = chunk.len() == CHUNK_BYTES;
        let fits_as_last = chunk.len() < CHUNK_BYTES && (self.next == 0 || !chunk.is_empty());
        if self.finished || !(whole || last && fits_as_last) {
            return Err(ObjectError::Sequence);
        }
        let nonce = super::nonce(self.next, last);
        // Counted before it is used: an index is never sealed twice, whatever happens.
        self.next += 1;
        self.finished = last;
        crypto
            .seal_in_place(&self.key, &nonce, &self.associated_data, chunk)
            .map_err(|_| ObjectError::Sequence)
    }
}

/// Seals a whole object.
///
/// # Errors
/// [`ObjectError::TooLong`].
pub fn seal(
    crypto: &dyn Crypto,
    secret: &ContentSecret,
    object: &ObjectId,
    epoch: u32,
    salt: &Salt,
    text: &[u8],
) -> Result<Vec<u8>, ObjectError> {
    seal_parts(crypto, Sealer::new(secret, object, epoch, salt), &[text])
}

/// Seals a whole object whose text is in several parts. The text is copied once, to where
/// it is encrypted.
///
/// # Errors
/// [`ObjectError::TooLong`], or [`ObjectError::Sequence`] if the sealer has begun already.
pub fn seal_parts(
    crypto: &dyn Crypto,
    mut sealer: Sealer,
    parts: &[&[u8]],
) -> Result<Vec<u8>, ObjectError> {
    let plain_length = parts.iter().map(|part| part.len() as u64).sum();
    let sealed_length = Layout::of_plain(plain_length)?.sealed_length();
    let mut out = Vec::with_capacity(usize::try_from(sealed_length).unwrap_or_default());
    out.extend_from_slice(sealer.header());
    let mut start = out.len();
    let mut seal_tail = |out: &mut Vec<u8>, start: usize, last: bool| {
        let chunk = out.get_mut(start..).unwrap_or_default();
        let tag = sealer.seal_chunk(crypto, last, chunk)?;
        out.extend_from_slice(&tag);
        Ok(())
    };
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            // A full chunk is sealed only once more text follows: the last is never empty.
            if out.len() - start == CHUNK_BYTES {
                seal_tail(&mut out, start, false)?;
                start = out.len();
            }
            let room = CHUNK_BYTES - (out.len() - start);
            let (taken, left) = rest.split_at(room.min(rest.len()));
            out.extend_from_slice(taken);
            rest = left;
        }
    }
    seal_tail(&mut out, start, true)?;
    Ok(out)
}
