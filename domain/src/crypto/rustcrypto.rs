//! The Crypto port in pure Rust: what wallets and pages use, and the tests.

use super::{Crypto, CryptoError, P256Public, P256Signature, TAG_BYTES};
use crate::secret::Secret;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};

/// chacha20poly1305 and p256. Signatures are deterministic (RFC 6979): no randomness is
/// needed, and the same message has the same signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

fn signing_key(key: &Secret<32>) -> Result<SigningKey, CryptoError> {
    SigningKey::from_slice(key.expose()).map_err(|_| CryptoError)
}

impl Crypto for RustCrypto {
    fn seal_in_place(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], CryptoError> {
        ChaCha20Poly1305::new(key.expose().into())
            .encrypt_inout_detached(nonce.into(), associated_data, text.into())
            .map(Into::into)
            .map_err(|_| CryptoError)
    }

    fn open_in_place(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text_and_tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let (text, tag) = text_and_tag.split_last_chunk_mut::<TAG_BYTES>().ok_or(CryptoError)?;
        ChaCha20Poly1305::new(key.expose().into())
            .decrypt_inout_detached(nonce.into(), associated_data, text.into(), (&*tag).into())
            .map_err(|_| CryptoError)
    }

    fn sign_es256(&self, key: &Secret<32>, message: &[u8]) -> Result<P256Signature, CryptoError> {
        let signature: Signature = signing_key(key)?.try_sign(message).map_err(|_| CryptoError)?;
        Ok(P256Signature(signature.to_bytes().into()))
    }

    fn verify_es256(
        &self,
        key: &P256Public,
        message: &[u8],
        signature: &P256Signature,
    ) -> Result<(), CryptoError> {
        let key = VerifyingKey::from_sec1_bytes(&key.to_sec1()).map_err(|_| CryptoError)?;
        let signature = Signature::from_slice(&signature.0).map_err(|_| CryptoError)?;
        key.verify(message, &signature).map_err(|_| CryptoError)
    }

    fn p256_public(&self, key: &Secret<32>) -> Result<P256Public, CryptoError> {
        let key = signing_key(key)?;
        P256Public::from_sec1(key.verifying_key().to_sec1_point(false).as_bytes())
    }
}
