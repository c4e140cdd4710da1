//! The Crypto port and what is built on it: key tree, objects, seals, signatures.
//!
//! Hashes, HMAC, HKDF and HPKE are `RustCrypto`'s everywhere: they are small or rare. ES256
//! and bulk AEAD are neither, so they go through [`Crypto`], which a node answers with
//! aws-lc-rs and a wallet or a page with `RustCrypto`. Both providers pass the same vectors.

pub mod code;
pub mod hpke;
pub mod item;
pub mod kdf;
pub mod key_tree;
pub mod object;
pub mod recovery;
mod rustcrypto;
pub mod token;
pub mod wrap;

pub use rustcrypto::RustCrypto;

use crate::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A P-256 public key, uncompressed without its leading 4: x then y, 32 bytes each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct P256Public(pub [u8; 64]);

impl std::fmt::Debug for P256Public {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "P256Public({})", crate::bytes::base64url(&self.0))
    }
}

// Only in records: between people a key is a JWK.
impl Serialize for P256Public {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::bytes::base64url_serde::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for P256Public {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = crate::bytes::base64url_serde::deserialize(deserializer)?;
        let bytes: [u8; 64] =
            bytes.try_into().map_err(|_| serde::de::Error::custom("a P-256 key has 64 bytes"))?;
        Ok(Self(bytes))
    }
}

impl P256Public {
    /// The uncompressed point of SEC 1 section 2.3.3: 4, x, y.
    #[must_use]
    pub fn to_sec1(&self) -> [u8; 65] {
        let mut out = [4; 65];
        if let Some(point) = out.last_chunk_mut::<64>() {
            *point = self.0;
        }
        out
    }

    /// Reads an uncompressed point. Whether it is on the curve shows when it is used.
    ///
    /// # Errors
    /// When it has another form or length.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, CryptoError> {
        let point = bytes.strip_prefix(&[4]).ok_or(CryptoError)?;
        point.try_into().map(Self).map_err(|_| CryptoError)
    }
}

/// An ES256 signature: r then s, 32 bytes each (RFC 7518 section 3.4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct P256Signature(pub [u8; 64]);

/// A signature, tag or key that is not what it should be. It says nothing more, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cryptographic check failed")]
pub struct CryptoError;

/// Bytes an AEAD tag adds.
pub const TAG_BYTES: usize = 16;

/// Fast cryptography. Object-safe.
pub trait Crypto: Send + Sync + 'static {
    /// ChaCha20-Poly1305 (RFC 8439): encrypts in place and gives the tag.
    ///
    /// # Errors
    /// When the text is longer than the cipher allows.
    fn seal_in_place(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], CryptoError>;

    /// Checks the tag, which is the last 16 bytes, and decrypts what precedes it in place.
    /// On an error the bytes are of no use.
    ///
    /// # Errors
    /// When the tag does not fit.
    fn open_in_place(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text_and_tag: &mut [u8],
    ) -> Result<(), CryptoError>;

    /// [`Crypto::seal_in_place`] that appends the tag.
    ///
    /// # Errors
    /// When the text is longer than the cipher allows.
    fn seal(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        let tag = self.seal_in_place(key, nonce, associated_data, text)?;
        text.extend_from_slice(&tag);
        Ok(())
    }

    /// [`Crypto::open_in_place`] that removes the tag. On an error the text is empty.
    ///
    /// # Errors
    /// When the tag does not fit.
    fn open(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        let opened = self.open_in_place(key, nonce, associated_data, text);
        text.truncate(if opened.is_ok() { text.len().saturating_sub(TAG_BYTES) } else { 0 });
        opened
    }

    /// Signs the SHA-256 of the message with the secret scalar (32 big-endian bytes).
    ///
    /// # Errors
    /// When the scalar is zero or not below the order.
    fn sign_es256(&self, key: &Secret<32>, message: &[u8]) -> Result<P256Signature, CryptoError>;

    /// Verifies.
    ///
    /// # Errors
    /// When the key is no point of the curve or the signature does not fit.
    fn verify_es256(
        &self,
        key: &P256Public,
        message: &[u8],
        signature: &P256Signature,
    ) -> Result<(), CryptoError>;

    /// The public key of a secret scalar.
    ///
    /// # Errors
    /// When the scalar is zero or not below the order.
    fn p256_public(&self, key: &Secret<32>) -> Result<P256Public, CryptoError>;
}
