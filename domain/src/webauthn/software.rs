//! A software authenticator, for a wallet on a command line.
//!
//! It verifies the person by whatever opens the wallet's file, and says what it is: its
//! credentials carry [`AAGUID`], which becomes `swk` in the grant's `amr` (RFC 8176).

use super::authenticator_data::{Attested, write};
use super::client_data::Ceremony;
use super::{Assertion, Registration, signed_bytes};
use crate::bytes::{Digest, base64url};
use crate::crypto::{Crypto, CryptoError};
use crate::secret::Secret;

/// What our software authenticator calls itself: the beginning of the SHA-256 of
/// `symbolon/v1/software-authenticator`, which a test holds.
pub const AAGUID: [u8; 16] = [
    0x24, 0xe2, 0x34, 0xa5, 0xe9, 0xd6, 0x9f, 0xd7, 0x6c, 0x41, 0x0e, 0x53, 0x8d, 0xc5, 0xd4, 0x5e,
];

/// An authenticator with one credential.
#[derive(Debug)]
pub struct SoftwareAuthenticator {
    key: Secret<32>,
    credential_id: Vec<u8>,
    party_id: String,
    origin: String,
}

impl SoftwareAuthenticator {
    /// For a relying party and the origin it calls its own, with a P-256 secret key. The
    /// credential's id comes from the key, so that nothing else has to be kept.
    ///
    /// # Errors
    /// When the key is none.
    pub fn new(
        crypto: &dyn Crypto,
        key: Secret<32>,
        party_id: &str,
        origin: &str,
    ) -> Result<Self, CryptoError> {
        let public = crypto.p256_public(&key)?;
        let credential_id =
            Digest::lp("software-credential", &[&public.0, party_id.as_bytes()]).0.to_vec();
        Ok(Self { key, credential_id, party_id: party_id.into(), origin: origin.into() })
    }

    /// The credential's id.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// Registers the credential.
    ///
    /// # Errors
    /// When the key is none.
    pub fn register(
        &self,
        crypto: &dyn Crypto,
        challenge: &Digest,
    ) -> Result<Registration, CryptoError> {
        let attested = Attested {
            aaguid: AAGUID,
            credential_id: self.credential_id.clone(),
            key: crypto.p256_public(&self.key)?,
        };
        Ok(Registration {
            credential_id: self.credential_id.clone(),
            client_data: self.client_data(Ceremony::Create, challenge),
            authenticator_data: write(&self.party_id, 0, Some(&attested)),
        })
    }

    /// Confirms the bytes with this SHA-256.
    ///
    /// # Errors
    /// When the key is none.
    pub fn confirm(
        &self,
        crypto: &dyn Crypto,
        challenge: &Digest,
    ) -> Result<Assertion, CryptoError> {
        let client_data = self.client_data(Ceremony::Get, challenge);
        let authenticator_data = write(&self.party_id, 0, None);
        let signed = signed_bytes(&authenticator_data, &client_data);
        let signature = crypto.sign_es256(&self.key, &signed)?;
        let signature =
            p256::ecdsa::Signature::from_slice(&signature.0).map_err(|_| CryptoError)?;
        Ok(Assertion {
            credential_id: self.credential_id.clone(),
            client_data,
            authenticator_data,
            signature: signature.to_der().as_bytes().to_vec(),
        })
    }

    fn client_data(&self, ceremony: Ceremony, challenge: &Digest) -> Vec<u8> {
        serde_json::json!({
            "type": ceremony.as_str(),
            "challenge": base64url(&challenge.0),
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
        .into_bytes()
    }
}
