//! The Crypto port on aws-lc-rs: what a node uses, twice as fast as pure Rust.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use symbolon_domain::crypto::{Crypto, CryptoError, P256Public, P256Signature, TAG_BYTES};
use symbolon_domain::secret::Secret;
use zeroize::Zeroizing;

/// AWS-LC. Its ES256 signatures use fresh randomness, so that the same message has a new
/// signature each time.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

fn aead_key(key: &Secret<32>) -> Result<LessSafeKey, CryptoError> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.expose()).map_err(|_| CryptoError)?;
    Ok(LessSafeKey::new(key))
}

// An ECPrivateKey (RFC 5915) without its public key, which AWS-LC then computes: so that the
// scalar alone is enough.
fn key_pair(key: &Secret<32>) -> Result<EcdsaKeyPair, CryptoError> {
    const BEFORE: [u8; 7] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
    const PRIME256V1: [u8; 12] =
        [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    let der = Zeroizing::new([&BEFORE[..], key.expose(), &PRIME256V1].concat());
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
        .map_err(|_| CryptoError)
}

impl Crypto for AwsLc {
    fn seal_in_place(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], CryptoError> {
        let (nonce, associated_data) = (Nonce::from(nonce), Aad::from(associated_data));
        let tag = aead_key(key)?
            .seal_in_place_separate_tag(nonce, associated_data, text)
            .map_err(|_| CryptoError)?;
        tag.as_ref().try_into().map_err(|_| CryptoError)
    }

    fn open_in_place(
        &self,
        key: &Secret<32>,
        nonce: &[u8; 12],
        associated_data: &[u8],
        text_and_tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let (nonce, associated_data) = (Nonce::from(nonce), Aad::from(associated_data));
        match aead_key(key)?.open_in_place(nonce, associated_data, text_and_tag) {
            Ok(_) => Ok(()),
            Err(_) => Err(CryptoError),
        }
    }

    fn sign_es256(&self, key: &Secret<32>, message: &[u8]) -> Result<P256Signature, CryptoError> {
        let signature =
            key_pair(key)?.sign(&SystemRandom::new(), message).map_err(|_| CryptoError)?;
        signature.as_ref().try_into().map(P256Signature).map_err(|_| CryptoError)
    }

    fn verify_es256(
        &self,
        key: &P256Public,
        message: &[u8],
        signature: &P256Signature,
    ) -> Result<(), CryptoError> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.to_sec1())
            .verify(message, &signature.0)
            .map_err(|_| CryptoError)
    }

    fn p256_public(&self, key: &Secret<32>) -> Result<P256Public, CryptoError> {
        P256Public::from_sec1(key_pair(key)?.public_key().as_ref())
    }
}

#[cfg(test)]
#[path = "../../domain/tests/crypto/hex.rs"]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests, with their helpers")]
mod hex;
#[cfg(test)]
#[path = "../../domain/tests/crypto/provider.rs"]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests, with their helpers")]
mod provider;

#[cfg(test)]
mod tests {
    #[test]
    fn aws_lc_passes_what_rustcrypto_passes() {
        super::provider::check(&super::AwsLc);
    }
}
