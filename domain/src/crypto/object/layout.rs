//! Where the chunks of an object are. Every length of text has one length of object.

use super::{HEADER_BYTES, ObjectError};
use crate::crypto::TAG_BYTES;
use std::ops::Range;

/// Bytes of text in every chunk but the last.
pub const CHUNK_BYTES: usize = 65_536;
/// Bytes of such a chunk with its tag.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
/// Most bytes of text in one object: 1 TiB.
pub const PLAIN_BYTES_MAX: u64 = 1 << 40;

const CHUNK: u64 = CHUNK_BYTES as u64;
const SEALED_CHUNK: u64 = SEALED_CHUNK_BYTES as u64;
const TAG: u64 = TAG_BYTES as u64;
const HEADER: u64 = HEADER_BYTES as u64;

/// The chunks of an object of a certain length. The last chunk is empty only if the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    plain_length: u64,
}

impl Layout {
    /// Of an object that holds so many bytes of text.
    ///
    /// # Errors
    /// [`ObjectError::TooLong`].
    pub fn of_plain(plain_length: u64) -> Result<Self, ObjectError> {
        if plain_length > PLAIN_BYTES_MAX {
            return Err(ObjectError::TooLong);
        }
        Ok(Self { plain_length })
    }

    /// Of an object of so many bytes, header and tags included.
    ///
    /// # Errors
    /// [`ObjectError::Length`] when no object has this length.
    pub fn of_sealed(sealed_length: u64) -> Result<Self, ObjectError> {
        let body = sealed_length.checked_sub(HEADER).ok_or(ObjectError::Length)?;
        let (full, rest) = (body / SEALED_CHUNK, body % SEALED_CHUNK);
        let last = match (full, rest) {
            (1.., 0) => 0,
            (0, TAG) => 0,
            (_, rest) if rest > TAG => rest - TAG,
            _ => return Err(ObjectError::Length),
        };
        Self::of_plain(full.saturating_mul(CHUNK).saturating_add(last))
    }

    /// Bytes of text.
    #[must_use]
    pub fn plain_length(&self) -> u64 {
        self.plain_length
    }

    /// Bytes of the object.
    #[must_use]
    pub fn sealed_length(&self) -> u64 {
        HEADER + self.plain_length + self.chunks() * TAG
    }

    /// How many chunks, at least one.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.plain_length.div_ceil(CHUNK).max(1)
    }

    /// Whether a chunk is the last.
    #[must_use]
    pub fn is_last(&self, chunk: u64) -> bool {
        chunk + 1 == self.chunks()
    }

    /// The bytes of the object that are this chunk with its tag; none if there is no such.
    #[must_use]
    pub fn sealed_range(&self, chunk: u64) -> Option<Range<u64>> {
        if chunk >= self.chunks() {
            return None;
        }
        let start = HEADER + chunk * SEALED_CHUNK;
        Some(start..(start + SEALED_CHUNK).min(self.sealed_length()))
    }

    /// The chunks that hold these bytes of the text, cut to what there is.
    #[must_use]
    pub fn chunks_of(&self, text: Range<u64>) -> Range<u64> {
        let end = text.end.min(self.plain_length);
        if text.start >= end { 0..0 } else { text.start / CHUNK..end.div_ceil(CHUNK) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_back() {
        let borders = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, PLAIN_BYTES_MAX];
        for plain in borders {
            let layout = Layout::of_plain(plain).unwrap();
            assert_eq!(Layout::of_sealed(layout.sealed_length()), Ok(layout), "{plain}");
            let ranges: Vec<_> =
                (0..layout.chunks().min(4)).filter_map(|i| layout.sealed_range(i)).collect();
            assert_eq!(ranges[0].start, HEADER);
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
            let last = layout.sealed_range(layout.chunks() - 1).unwrap();
            assert_eq!(last.end, layout.sealed_length());
            assert_eq!(layout.sealed_range(layout.chunks()), None);
        }
        assert_eq!(Layout::of_plain(PLAIN_BYTES_MAX + 1), Err(ObjectError::TooLong));
    }

    #[test]
    fn some_lengths_are_no_objects() {
        for wrong in [0, HEADER, HEADER + TAG - 1, HEADER + SEALED_CHUNK + TAG] {
            assert_eq!(Layout::of_sealed(wrong), Err(ObjectError::Length), "{wrong}");
        }
        assert_eq!(Layout::of_sealed(u64::MAX), Err(ObjectError::TooLong));
    }

    #[test]
    fn ranges() {
        let layout = Layout::of_plain(2 * CHUNK + 1).unwrap();
        assert_eq!(layout.chunks_of(0..1), 0..1);
        assert_eq!(layout.chunks_of(CHUNK - 1..CHUNK + 1), 0..2);
        assert_eq!(layout.chunks_of(CHUNK..u64::MAX), 1..3);
        assert_eq!(layout.chunks_of(2 * CHUNK + 1..u64::MAX), 0..0);
    }
}
