//! HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869) for keys of 32 bytes.
//!
//! Every key of the protocol is 32 bytes long, so expansion is always exactly one block:
//! it cannot fail, and it is what a page can do too, with one HMAC and a counter byte.

use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

/// Bytes of SHA-256's block.
const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 over the parts, one after the other and without lengths: callers separate
/// fields with [`crate::bytes::lp`].
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; BLOCK_BYTES];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HKDF-Extract: a pseudorandom key from keying material that need not be uniform. An empty
/// salt is the same as 32 zero bytes.
#[must_use]
pub fn hkdf_extract(salt: &[u8], material: &[u8]) -> Secret<32> {
    Secret::new(hmac_sha256(salt, &[material]))
}

/// HKDF-Expand to 32 bytes: the first block, `HMAC(key, info || 1)`.
#[must_use]
pub fn hkdf_expand(key: &Secret<32>, info: &[u8]) -> Secret<32> {
    Secret::new(hmac_sha256(key.expose(), &[info, &[1]]))
}

/// HKDF: extract with an empty salt, then expand to 32 bytes.
#[must_use]
pub fn hkdf(material: &[u8], info: &[u8]) -> Secret<32> {
    hkdf_expand(&hkdf_extract(&[], material), info)
}
