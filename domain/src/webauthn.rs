//! User verification by `WebAuthn` (Level 3): the person, not only the device, confirms.
//!
//! The challenge of an assertion is the SHA-256 of the bytes that are signed elsewhere, so an
//! assertion confirms one document and nothing else. Credentials are ES256; attestation is
//! "none", so what an authenticator is stays its own word. Written here because the crates
//! for it (`webauthn_rp`, `passkey-*`) draw random challenges of their own and read the clock.

mod authenticator_data;
mod client_data;
pub mod software;

use crate::bytes::Digest;
use crate::crypto::{Crypto, P256Public, P256Signature};
use authenticator_data::AuthenticatorData;
use client_data::{Ceremony, check_client_data};

/// Most bytes of a credential's id (Level 3, section 4).
pub const CREDENTIAL_ID_BYTES_MAX: usize = 1_023;
/// Most bytes of a DER signature of P-256.
const SIGNATURE_BYTES_MAX: usize = 72;

/// Whom the credentials are for.
#[derive(Clone, Copy, Debug)]
pub struct RelyingParty<'a> {
    /// Its id: the host name of the wallet's origin.
    pub id: &'a str,
    /// The origins whose pages may ask, such as `https://wallet.example`.
    pub origins: &'a [String],
}

/// What `navigator.credentials.create` gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The credential's id (`rawId`).
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `getAuthenticatorData()`.
    pub authenticator_data: Vec<u8>,
}

/// What `navigator.credentials.get` gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The credential's id (`rawId`).
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// The signature, DER.
    pub signature: Vec<u8>,
}

/// A registered credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: Vec<u8>,
    /// Verifies its assertions.
    pub key: P256Public,
    /// The page it was made on.
    pub origin: String,
    /// The authenticator's own word for what it is.
    pub amr: &'static [&'static str],
    /// How often it says to have signed; many always say 0.
    pub sign_count: u32,
}

/// An assertion that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The page on which the person confirmed.
    pub origin: String,
    /// How often the authenticator says to have signed. Not above the last one seen, and
    /// not 0: the credential was copied (section 7.2, step 22).
    pub sign_count: u32,
}

/// Why it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebauthnError {
    /// `clientDataJSON` is no such document.
    #[error("the WebAuthn client data cannot be read")]
    ClientData,
    /// Made by `create` where `get` was wanted, or the other way.
    #[error("the WebAuthn client data is of the other ceremony")]
    Ceremony,
    /// For other bytes.
    #[error("the WebAuthn challenge is not the SHA-256 of the bytes to be confirmed")]
    Challenge,
    /// On a page that is not the wallet's, or within another page.
    #[error("the WebAuthn ceremony took place on another page")]
    Origin,
    /// The authenticator data is cut, or holds something else than an ES256 credential.
    #[error("the WebAuthn authenticator data cannot be read, or its key is not ES256")]
    AuthenticatorData,
    /// For another relying party.
    #[error("the WebAuthn credential is for another relying party")]
    RelyingParty,
    /// The authenticator did not look whether it was the person.
    #[error("the authenticator did not verify the person: ask with userVerification required")]
    NotVerified,
    /// Of another credential.
    #[error("the WebAuthn credential is another one")]
    Credential,
    /// The signature does not fit.
    #[error("the WebAuthn signature does not verify")]
    Signature,
}

/// Verifies a registration (section 7.1, attestation "none").
///
/// # Errors
/// The first thing that does not hold.
pub fn verify_registration(
    party: &RelyingParty<'_>,
    registration: &Registration,
    challenge: &Digest,
) -> Result<Credential, WebauthnError> {
    let origin = check_client_data(&registration.client_data, Ceremony::Create, party, challenge)?;
    let data = AuthenticatorData::parse(&registration.authenticator_data)?;
    data.check(party)?;
    let attested = data.attested.ok_or(WebauthnError::AuthenticatorData)?;
    if attested.credential_id != registration.credential_id {
        return Err(WebauthnError::Credential);
    }
    Ok(Credential {
        id: attested.credential_id,
        key: attested.key,
        origin,
        amr: amr(&attested.aaguid),
        sign_count: data.sign_count,
    })
}

/// Verifies an assertion (section 7.2).
///
/// # Errors
/// The first thing that does not hold.
pub fn verify_assertion(
    crypto: &dyn Crypto,
    party: &RelyingParty<'_>,
    credential_id: &[u8],
    key: &P256Public,
    assertion: &Assertion,
    challenge: &Digest,
) -> Result<Confirmation, WebauthnError> {
    if assertion.credential_id != credential_id {
        return Err(WebauthnError::Credential);
    }
    let origin = check_client_data(&assertion.client_data, Ceremony::Get, party, challenge)?;
    let data = AuthenticatorData::parse(&assertion.authenticator_data)?;
    data.check(party)?;
    let signature = signature_from_der(&assertion.signature)?;
    let signed = signed_bytes(&assertion.authenticator_data, &assertion.client_data);
    crypto.verify_es256(key, &signed, &signature).map_err(|_| WebauthnError::Signature)?;
    Ok(Confirmation { origin, sign_count: data.sign_count })
}

// What an authenticator signs: its data, then the hash of the client's.
fn signed_bytes(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, &Digest::of(client_data).0].concat()
}

fn signature_from_der(der: &[u8]) -> Result<P256Signature, WebauthnError> {
    if der.len() > SIGNATURE_BYTES_MAX {
        return Err(WebauthnError::Signature);
    }
    p256::ecdsa::Signature::from_der(der)
        .map(|signature| P256Signature(signature.to_bytes().into()))
        .map_err(|_| WebauthnError::Signature)
}

// RFC 8176. A software authenticator of ours says so; any other proved possession of a key
// (`pop`, as nothing attests that it is in hardware) and verified the person by a factor of
// its own (`mfa`).
fn amr(aaguid: &[u8; 16]) -> &'static [&'static str] {
    if *aaguid == software::AAGUID { &["swk", "user"] } else { &["pop", "user", "mfa"] }
}

#[cfg(test)]
mod tests;
