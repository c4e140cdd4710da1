//! The object format: how one version of an item, or a large upload, is encrypted.
//!
//! A header of 76 bytes, then chunks of 64 KiB in STREAM form (Hoang, Reyhanitabar, Rogaway,
//! Vizár 2015): each chunk's nonce holds its index and whether it is the last, so that
//! nothing can be cut, swapped, doubled or added. `FORMAT.md` section 4 has the bytes.
//!
//! Everything here is pure and works chunk by chunk, in place: who reads or writes objects
//! of any size holds one chunk of them.

mod header;
mod layout;
mod open;
mod seal;

pub use header::{HEADER_BYTES, Header, MAGIC};
pub use layout::{CHUNK_BYTES, Layout, PLAIN_BYTES_MAX, SEALED_CHUNK_BYTES};
pub use open::{Opener, RangeOpener, open};
pub use seal::{Sealer, seal, seal_parts};

use crate::bytes::lp;

/// The name of a stored object: 16 random bytes, chosen by whoever seals it.
pub type ObjectId = [u8; 16];

/// Why an object cannot be opened or sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// It does not begin as an object does.
    #[error("this is not a Symbolon object: its header is cut or malformed")]
    NotAnObject,
    /// Made by a newer version.
    #[error("the object has format version {version} and suite {suite}, which are not known here")]
    Unknown {
        /// The format version.
        version: u8,
        /// The cipher suite.
        suite: u8,
    },
    /// The commitment does not fit: another key, or another header. Nothing was decrypted.
    #[error("the key is not this object's key")]
    WrongKey,
    /// No object has this length: it was cut, or something was added.
    #[error("no object has this length: it was cut or extended")]
    Length,
    /// A chunk's tag does not fit.
    #[error("chunk {chunk} was changed, moved, or is not where the object ends")]
    Altered {
        /// Which, from 0.
        chunk: u64,
    },
    /// Not all chunks were opened.
    #[error("the object ends before its last chunk")]
    Truncated,
    /// Chunks must be handed over whole, in order, each once.
    #[error("a chunk of another size, out of order, or after the last")]
    Sequence,
    /// More than an object may hold.
    #[error("more than an object may hold")]
    TooLong,
    /// The metadata within cannot be read.
    #[error("the item's metadata cannot be read")]
    Metadata,
    /// The object holds the item of another path.
    #[error("the object holds the item of another path")]
    OtherPath,
}

fn associated_data(object: &ObjectId, header: &[u8; HEADER_BYTES]) -> Vec<u8> {
    lp("object", &[object, header])
}

// 11 bytes of index, one of last flag. An index has eight bytes, so three stay zero.
fn nonce(index: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    let [_, _, _, counter @ .., flag] = &mut nonce;
    *counter = index.to_be_bytes();
    *flag = u8::from(last);
    nonce
}
