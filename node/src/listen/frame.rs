//! Watches the frames of an HTTP/3 stream go by (RFC 9114 section 7.1), because h3 0.0.8
//! keeps every frame but DATA in memory until it is whole, however long it says it is,
//! and takes a stream that ends inside a DATA frame for a complete body.

/// A frame that may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameFault {
    /// Longer than allowed.
    #[error("a frame of type {kind:#x} with {length} bytes is too long")]
    TooLong {
        /// The frame's type.
        kind: u64,
        /// Its length in bytes.
        length: u64,
    },
    /// The stream ended inside a frame.
    #[error("the stream ended inside a frame")]
    Cut,
}

const DATA: u64 = 0;
const CONTROL_STREAM: u64 = 0;

#[derive(Clone, Copy, Debug)]
enum Expected {
    /// A unidirectional stream's type.
    StreamType,
    /// A frame's type and length.
    Header,
    /// So many bytes of payload.
    Payload(u64),
    /// Something that has no frames.
    Anything,
}

/// Follows one receiving stream.
#[derive(Debug)]
pub(crate) struct FrameWatch {
    expected: Expected,
    limit: u64,
    // Two variable-length integers of up to eight bytes each.
    header: [u8; 16],
    filled: usize,
}

impl FrameWatch {
    /// A request stream. Frames other than DATA may be `limit` bytes long.
    pub(crate) fn request(limit: u64) -> Self {
        Self { expected: Expected::Header, limit, header: [0; 16], filled: 0 }
    }

    /// A unidirectional stream; only the control stream has frames that h3 reads.
    pub(crate) fn unidirectional(limit: u64) -> Self {
        Self { expected: Expected::StreamType, ..Self::request(limit) }
    }

    /// Sees the next bytes.
    pub(crate) fn see(&mut self, mut bytes: &[u8]) -> Result<(), FrameFault> {
        loop {
            match self.expected {
                Expected::Anything => return Ok(()),
                Expected::Payload(0) => self.expected = Expected::Header,
                Expected::Payload(left) => {
                    let taken = left.min(bytes.len() as u64);
                    // `taken` is at most the slice's length, so it fits.
                    bytes = bytes.get(usize::try_from(taken).unwrap_or(0)..).unwrap_or_default();
                    self.expected = Expected::Payload(left - taken);
                    if left > taken {
                        return Ok(());
                    }
                }
                Expected::StreamType | Expected::Header => {
                    let Some((first, rest)) = bytes.split_first() else { return Ok(()) };
                    bytes = rest;
                    if let Some(slot) = self.header.get_mut(self.filled) {
                        *slot = *first;
                        self.filled += 1;
                    }
                    self.judge_header()?;
                }
            }
        }
    }

    /// Sees the end of the stream.
    pub(crate) fn end(&self) -> Result<(), FrameFault> {
        let whole = match self.expected {
            Expected::Anything | Expected::Payload(0) => true,
            Expected::Payload(_) => false,
            Expected::StreamType | Expected::Header => self.filled == 0,
        };
        if whole { Ok(()) } else { Err(FrameFault::Cut) }
    }

    fn judge_header(&mut self) -> Result<(), FrameFault> {
        let seen = self.header.get(..self.filled).unwrap_or_default();
        let Some((first, rest)) = integer(seen) else { return Ok(()) };
        if matches!(self.expected, Expected::StreamType) {
            let control = first == CONTROL_STREAM;
            self.expected = if control { Expected::Header } else { Expected::Anything };
            self.filled = 0;
            return Ok(());
        }
        let Some((length, _)) = integer(rest) else { return Ok(()) };
        if first != DATA && length > self.limit {
            return Err(FrameFault::TooLong { kind: first, length });
        }
        self.expected = Expected::Payload(length);
        self.filled = 0;
        Ok(())
    }
}

/// A variable-length integer (RFC 9000 section 16) and what follows it.
fn integer(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let first = *bytes.first()?;
    let (own, rest) = bytes.split_at_checked(1 << (first >> 6))?;
    let tail = own.get(1..)?;
    let head = u64::from(first & 0x3f);
    Some((tail.iter().fold(head, |value, byte| value << 8 | u64::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers() {
        assert_eq!(integer(&[0x25]), Some((37, &[][..])));
        assert_eq!(integer(&[0x7b, 0xbd, 9]), Some((15_293, &[9][..])));
        assert_eq!(integer(&[0x9d, 0x7f, 0x3e, 0x7d]), Some((494_878_333, &[][..])));
        assert_eq!(integer(&[0x7b]), None);
    }

    #[test]
    fn data_may_be_long_and_other_frames_may_not() {
        let mut watch = FrameWatch::request(100);
        // HEADERS of two bytes, then DATA of 2^30.
        assert_eq!(watch.see(&[1, 2, 0, 0, 0, 0xc0, 0, 0, 0, 0x40, 0, 0, 0, 7]), Ok(()));
        assert_eq!(watch.end(), Err(FrameFault::Cut));
        let mut watch = FrameWatch::request(100);
        let long = FrameFault::TooLong { kind: 1, length: 101 };
        assert_eq!(watch.see(&[1, 0x40, 101]), Err(long));
        let mut watch = FrameWatch::unidirectional(100);
        assert_eq!(
            watch.see(&[0, 4, 0x40, 101]),
            Err(FrameFault::TooLong { kind: 4, length: 101 })
        );
        let mut watch = FrameWatch::unidirectional(100);
        assert_eq!(watch.see(&[2, 4, 0x40, 101]), Ok(()), "an encoder stream has no frames");
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            frames in prop::collection::vec((0_u8..3, 0_u8..64), 0..20),
            cuts in prop::collection::vec(1_usize..9, 1..50),
        ) {
            let mut bytes = Vec::new();
            for (kind, length) in frames {
                bytes.extend([kind, length]);
                bytes.extend(std::iter::repeat_n(0xff, length.into()));
            }
            let mut watch = FrameWatch::request(64);
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                let (piece, tail) = rest.split_at((*cut).min(rest.len()));
                prop_assert_eq!(watch.see(piece), Ok(()));
                rest = tail;
                if rest.is_empty() { break; }
            }
            prop_assert_eq!(watch.end(), Ok(()));
        }
    }
}
