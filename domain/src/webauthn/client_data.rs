//! `clientDataJSON` (section 5.8.1): what the browser says it was asked.

use super::{RelyingParty, WebauthnError};
use crate::bytes::{Digest, base64url_array};
use crate::json::from_slice_strict;
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// Most bytes of client data.
const CLIENT_DATA_BYTES_MAX: usize = 4_096;

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// A credential is made.
    Create,
    /// A credential is used.
    Get,
}

impl Ceremony {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

// Browsers may add members, and are said to do so to keep readers honest.
#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

/// Checks what the browser was asked, and gives the origin of the page that asked.
pub(super) fn check_client_data(
    bytes: &[u8],
    ceremony: Ceremony,
    party: &RelyingParty<'_>,
    challenge: &Digest,
) -> Result<String, WebauthnError> {
    let data: ClientData =
        from_slice_strict(bytes, CLIENT_DATA_BYTES_MAX).map_err(|_| WebauthnError::ClientData)?;
    if data.r#type != ceremony.as_str() {
        return Err(WebauthnError::Ceremony);
    }
    let answered: [u8; 32] =
        base64url_array(&data.challenge).map_err(|_| WebauthnError::Challenge)?;
    if !bool::from(answered.ct_eq(&challenge.0)) {
        return Err(WebauthnError::Challenge);
    }
    if data.cross_origin || !party.origins.contains(&data.origin) {
        return Err(WebauthnError::Origin);
    }
    Ok(data.origin)
}
