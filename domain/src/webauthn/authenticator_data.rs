//! Authenticator data (section 6.1): relying party, flags, counter, and with a new
//! credential its id and key.

use super::{CREDENTIAL_ID_BYTES_MAX, RelyingParty, WebauthnError};
use crate::bytes::Digest;
use crate::crypto::P256Public;

/// Most bytes of authenticator data: extensions are not asked for, but some authenticators
/// answer with a few bytes of them all the same.
const AUTHENTICATOR_DATA_BYTES_MAX: usize = 4_096;

pub(super) const USER_PRESENT: u8 = 0x01;
pub(super) const USER_VERIFIED: u8 = 0x04;
pub(super) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(super) const BACKED_UP: u8 = 0x10;
pub(super) const ATTESTED: u8 = 0x40;
pub(super) const EXTENSIONS: u8 = 0x80;

// The COSE_Key of an ES256 key has one encoding (section 6.5.1.1: CTAP2 canonical CBOR and no
// optional parameters): a map of kty (1) EC2 (2), alg (3) ES256 (-7), crv (-1) P-256 (1), then
// x (-2) and y (-3) of 32 bytes. So it is compared and not parsed.
const COSE_BEFORE_X: [u8; 10] = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const COSE_BEFORE_Y: [u8; 3] = [0x22, 0x58, 0x20];

/// What an authenticator says.
pub(super) struct AuthenticatorData {
    party_hash: [u8; 32],
    flags: u8,
    /// How often it says to have signed.
    pub(super) sign_count: u32,
    /// The new credential, if one was made.
    pub(super) attested: Option<Attested>,
}

/// A new credential.
pub(super) struct Attested {
    /// The authenticator's model.
    pub(super) aaguid: [u8; 16],
    /// The credential's id.
    pub(super) credential_id: Vec<u8>,
    /// The credential's key.
    pub(super) key: P256Public,
}

impl AuthenticatorData {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, WebauthnError> {
        if bytes.len() > AUTHENTICATOR_DATA_BYTES_MAX {
            return Err(WebauthnError::AuthenticatorData);
        }
        Self::split(bytes).ok_or(WebauthnError::AuthenticatorData)
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let (party_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (sign_count, rest) = rest.split_first_chunk::<4>()?;
        let (attested, rest) = if flags & ATTESTED == 0 {
            (None, rest)
        } else {
            let (attested, rest) = Attested::split(rest)?;
            (Some(attested), rest)
        };
        // What follows is extensions exactly if the flag says so; they change nothing here.
        let sign_count = u32::from_be_bytes(*sign_count);
        let whole = rest.is_empty() == (flags & EXTENSIONS == 0);
        whole.then_some(Self { party_hash: *party_hash, flags: *flags, sign_count, attested })
    }

    /// Checks relying party and flags: present, verified, and no backup without eligibility.
    pub(super) fn check(&self, party: &RelyingParty<'_>) -> Result<(), WebauthnError> {
        if self.party_hash != Digest::of(party.id.as_bytes()).0 {
            return Err(WebauthnError::RelyingParty);
        }
        if self.flags & USER_PRESENT == 0 || self.flags & USER_VERIFIED == 0 {
            return Err(WebauthnError::NotVerified);
        }
        if self.flags & BACKED_UP != 0 && self.flags & BACKUP_ELIGIBLE == 0 {
            return Err(WebauthnError::AuthenticatorData);
        }
        Ok(())
    }
}

impl Attested {
    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let allowed = (1..=CREDENTIAL_ID_BYTES_MAX).contains(&length);
        let (credential_id, rest) = rest.split_at_checked(length).filter(|_| allowed)?;
        let rest = rest.strip_prefix(&COSE_BEFORE_X)?;
        let (x, rest) = rest.split_first_chunk::<32>()?;
        let rest = rest.strip_prefix(&COSE_BEFORE_Y)?;
        let (y, rest) = rest.split_first_chunk::<32>()?;
        let key = P256Public([*x, *y].concat().try_into().ok()?);
        Some((Self { aaguid: *aaguid, credential_id: credential_id.to_vec(), key }, rest))
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (x, y) = self.key.0.split_at(32);
        let length = u16::try_from(self.credential_id.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&self.aaguid);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&self.credential_id);
        out.extend_from_slice(&COSE_BEFORE_X);
        out.extend_from_slice(x);
        out.extend_from_slice(&COSE_BEFORE_Y);
        out.extend_from_slice(y);
    }
}

/// Writes what an authenticator says that has verified the person.
pub(super) fn write(party_id: &str, sign_count: u32, attested: Option<&Attested>) -> Vec<u8> {
    let flag = if attested.is_some() { ATTESTED } else { 0 };
    let mut out = Digest::of(party_id.as_bytes()).0.to_vec();
    out.push(USER_PRESENT | USER_VERIFIED | flag);
    out.extend_from_slice(&sign_count.to_be_bytes());
    if let Some(attested) = attested {
        attested.write(&mut out);
    }
    out
}
