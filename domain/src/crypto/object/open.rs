//! Opening an object, chunk by chunk or from the middle.

use super::{HEADER_BYTES, Header, Layout, ObjectError, ObjectId};
use crate::crypto::key_tree::ContentSecret;
use crate::crypto::{Crypto, TAG_BYTES};
use crate::secret::Secret;
use subtle::ConstantTimeEq;

/// Opens the chunks of one object from the first to the last. Only the last chunk shows that
/// the object is whole: see [`Opener::finish`].
#[derive(Debug)]
pub struct Opener {
    chunks: Chunks,
    next: u64,
}

// What opens any chunk.
#[derive(Debug)]
struct Chunks {
    key: Secret<32>,
    associated_data: Vec<u8>,
    layout: Layout,
}

impl Chunks {
    fn open<'a>(
        &self,
        crypto: &dyn Crypto,
        index: u64,
        chunk: &'a mut [u8],
    ) -> Result<&'a mut [u8], ObjectError> {
        let range = self.layout.sealed_range(index).ok_or(ObjectError::Sequence)?;
        if chunk.len() as u64 != range.end - range.start {
            return Err(ObjectError::Sequence);
        }
        let nonce = super::nonce(index, self.layout.is_last(index));
        crypto
            .open_in_place(&self.key, &nonce, &self.associated_data, chunk)
            .map_err(|_| ObjectError::Altered { chunk: index })?;
        let text = chunk.len().saturating_sub(TAG_BYTES);
        Ok(chunk.get_mut(..text).unwrap_or_default())
    }
}

impl Opener {
    /// Begins with the object's header (its first [`HEADER_BYTES`]) and its whole length.
    /// The commitment is checked here, in constant time, before a byte is decrypted.
    ///
    /// # Errors
    /// When the header is malformed or unknown, the length impossible, the key another.
    pub fn new(
        secret: &ContentSecret,
        object: &ObjectId,
        header: &[u8],
        sealed_length: u64,
    ) -> Result<Self, ObjectError> {
        let parsed = Header::parse(header)?;
        let layout = Layout::of_sealed(sealed_length)?;
        if !bool::from(secret.commitment().ct_eq(&parsed.commitment)) {
            return Err(ObjectError::WrongKey);
        }
        let associated_data = super::associated_data(object, &parsed.to_bytes());
        let chunks = Chunks { key: secret.aead_key(), associated_data, layout };
        Ok(Self { chunks, next: 0 })
    }

    /// Where the chunks are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.chunks.layout
    }

    /// Opens the next chunk in place and gives its text. On an error nothing of it may be
    /// used, and no later chunk opens.
    ///
    /// # Errors
    /// [`ObjectError::Altered`], or [`ObjectError::Sequence`] for a chunk of another size
    /// than the layout's or after the last.
    pub fn open_next<'a>(
        &mut self,
        crypto: &dyn Crypto,
        chunk: &'a mut [u8],
    ) -> Result<&'a mut [u8], ObjectError> {
        let text = self.chunks.open(crypto, self.next, chunk)?;
        self.next += 1;
        Ok(text)
    }

    /// Ends: whoever stops earlier has a part of the object and must not take it for all.
    ///
    /// # Errors
    /// [`ObjectError::Truncated`] when the last chunk was not opened.
    pub fn finish(self) -> Result<(), ObjectError> {
        if self.next == self.chunks.layout.chunks() { Ok(()) } else { Err(ObjectError::Truncated) }
    }

    /// Opens the last chunk first, which makes the length authentic, and then any chunk.
    ///
    /// # Errors
    /// As [`Opener::open_next`].
    pub fn into_ranged<'a>(
        self,
        crypto: &dyn Crypto,
        last_chunk: &'a mut [u8],
    ) -> Result<(RangeOpener, &'a mut [u8]), ObjectError> {
        let last = self.chunks.layout.chunks() - 1;
        let text = self.chunks.open(crypto, last, last_chunk)?;
        Ok((RangeOpener { chunks: self.chunks }, text))
    }
}

/// Opens any chunk of an object whose last chunk, and so whose length, is authentic.
#[derive(Debug)]
pub struct RangeOpener {
    chunks: Chunks,
}

impl RangeOpener {
    /// Where the chunks are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.chunks.layout
    }

    /// Opens a chunk in place and gives its text.
    ///
    /// # Errors
    /// As [`Opener::open_next`].
    pub fn open_chunk<'a>(
        &self,
        crypto: &dyn Crypto,
        index: u64,
        chunk: &'a mut [u8],
    ) -> Result<&'a mut [u8], ObjectError> {
        self.chunks.open(crypto, index, chunk)
    }
}

/// Opens a whole object. The ciphertext is copied once, to where it is decrypted.
///
/// # Errors
/// When anything in it is not as it was sealed, or the key is another.
pub fn open(
    crypto: &dyn Crypto,
    secret: &ContentSecret,
    object: &ObjectId,
    bytes: &[u8],
) -> Result<Vec<u8>, ObjectError> {
    let mut opener = Opener::new(secret, object, bytes, bytes.len() as u64)?;
    let mut out = Vec::with_capacity(bytes.len().saturating_sub(HEADER_BYTES));
    for sealed in bytes.get(HEADER_BYTES..).unwrap_or_default().chunks(super::SEALED_CHUNK_BYTES) {
        let start = out.len();
        out.extend_from_slice(sealed);
        let text = opener.open_next(crypto, out.get_mut(start..).unwrap_or_default())?.len();
        out.truncate(start + text);
    }
    opener.finish()?;
    Ok(out)
}
