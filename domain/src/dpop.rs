//! `DPoP` (RFC 9449): proofs that whoever presents a token holds its key.
//!
//! Every proof carries a nonce that this node gave: an HMAC of the minute under a key that
//! the node made when it started. A nonce is good for its minute and the next, and so is a
//! proof; the node that accepts it is the only one that can, which makes its [`ReplayCache`]
//! complete. Clocks of phones are wrong: `iat` may be off by [`CLOCK_SKEW`], since the nonce
//! already says when the proof was made (RFC 9449 section 11.1).

mod nonce;
mod replay;

pub use nonce::NonceKey;
pub use replay::{Replay, ReplayCache};

use crate::Timestamp;
use crate::bytes::{Digest, base64url};
use crate::crypto::Crypto;
use crate::jwk::P256Jwk;
use crate::jws::{JwsError, SignError, Typ, Unverified, Verified, sign};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::ConstantTimeEq;
use url::Url;

/// How far `iat` may be from now, either way.
pub const CLOCK_SKEW: Duration = Duration::from_secs(300);
/// Most characters of a `jti`.
pub const JTI_LENGTH_MAX: usize = 128;
/// Most characters of a nonce; ours have 22.
const NONCE_LENGTH_MAX: usize = 128;
/// Most characters of an address.
const URL_LENGTH_MAX: usize = 2_048;

// Members that extensions add are let through (RFC 9449 section 4.2).
#[derive(Serialize, Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

/// What a client proves.
#[derive(Clone, Copy, Debug)]
pub struct ProofRequest<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The address of the request; query and fragment are left out of the proof.
    pub url: &'a str,
    /// The token that goes with it, if one does.
    pub access_token: Option<&'a str>,
    /// The nonce that the server gave last.
    pub nonce: Option<&'a str>,
    /// Random.
    pub jti: [u8; 16],
    /// Now.
    pub now: Timestamp,
}

/// Makes a proof: the value of the `DPoP` header.
///
/// # Errors
/// When the key is none.
pub fn prove(
    crypto: &dyn Crypto,
    key: &Secret<32>,
    request: &ProofRequest<'_>,
) -> Result<String, SignError> {
    let end = request.url.find(['?', '#']).unwrap_or(request.url.len());
    let claims = Claims {
        jti: base64url(&request.jti),
        htm: request.method.to_owned(),
        htu: request.url.get(..end).unwrap_or_default().to_owned(),
        iat: request.now.seconds(),
        ath: request.access_token.map(|token| Digest::of(token.as_bytes()).to_string()),
        nonce: request.nonce.map(ToOwned::to_owned),
    };
    sign(crypto, key, Typ::Dpop, None, &claims)
}

/// What a server demands of a proof.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The address of the request, as the client sees it: scheme, authority and path.
    pub url: &'a str,
    /// The token that came with it. A proof without token must have no `ath`.
    pub access_token: Option<&'a str>,
    /// Makes and knows this node's nonces.
    pub nonces: &'a NonceKey,
    /// Now.
    pub now: Timestamp,
}

/// A proof that holds. It still has to be shown to the [`ReplayCache`], and its `jkt`
/// compared with the token's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The key.
    pub key: P256Jwk,
    /// Its thumbprint: `cnf.jkt` of the token.
    pub jkt: Digest,
    /// The proof's own id.
    pub jti: String,
    /// After this no node accepts it.
    pub expires: Timestamp,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// The signature or form.
    #[error("the DPoP proof is refused: {0}")]
    Jws(#[from] JwsError),
    /// For another method.
    #[error("the DPoP proof is for another method: htm differs")]
    Method,
    /// For another address.
    #[error("the DPoP proof is for another address: htu differs")]
    Url,
    /// Made at another time than now.
    #[error("the DPoP proof was not made now: iat is more than five minutes off")]
    Time,
    /// For another token, or for one that is not there.
    #[error("the DPoP proof is not for this access token: ath differs")]
    Token,
    /// `jti` is empty or too long.
    #[error("the DPoP proof has a jti of no or more than 128 characters")]
    Jti,
    /// No nonce, an old one or another node's: the answer carries a new one.
    #[error("the DPoP proof needs the nonce of this answer's DPoP-Nonce header")]
    UseNonce,
    /// Seen before.
    #[error("the DPoP proof was used before")]
    Replayed,
}

impl DpopError {
    /// The OAuth error code (RFC 9449 sections 5 and 8).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UseNonce => "use_dpop_nonce",
            _ => "invalid_dpop_proof",
        }
    }
}

/// Verifies a proof (RFC 9449 section 4.3).
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(crypto: &dyn Crypto, text: &str, demand: &Demand<'_>) -> Result<Proof, DpopError> {
    let unverified = Unverified::parse(text, Typ::Dpop)?;
    let Some(key) = unverified.jwk().copied() else {
        return Err(JwsError::Header("jwk is missing".into()).into());
    };
    // Cheap checks before the signature: a flood of stale proofs costs no arithmetic.
    let claims: Claims = unverified.claimed()?;
    let expires = claims.check(demand)?;
    let _: Verified<Claims> = unverified.verify(crypto, &key.key)?;
    Ok(Proof { key, jkt: key.thumbprint(), jti: claims.jti, expires })
}

impl Claims {
    // Gives the end of the proof's life.
    fn check(&self, demand: &Demand<'_>) -> Result<Timestamp, DpopError> {
        if self.htm != demand.method {
            return Err(DpopError::Method);
        }
        match (normalise(&self.htu), normalise(demand.url)) {
            (Some(one), Some(two)) if one == two => {}
            _ => return Err(DpopError::Url),
        }
        if self.jti.is_empty() || self.jti.len() > JTI_LENGTH_MAX {
            return Err(DpopError::Jti);
        }
        let made = Timestamp::from_seconds(self.iat);
        if made.since(demand.now) > CLOCK_SKEW || demand.now.since(made) > CLOCK_SKEW {
            return Err(DpopError::Time);
        }
        self.check_token(demand.access_token)?;
        let nonce = self.nonce.as_deref().filter(|nonce| nonce.len() <= NONCE_LENGTH_MAX);
        nonce.and_then(|nonce| demand.nonces.expiry(nonce, demand.now)).ok_or(DpopError::UseNonce)
    }

    fn check_token(&self, access_token: Option<&str>) -> Result<(), DpopError> {
        let fits = match (access_token, &self.ath) {
            (None, None) => true,
            (Some(token), Some(ath)) => {
                let digest = Digest::of(token.as_bytes()).to_string();
                digest.as_bytes().ct_eq(ath.as_bytes()).into()
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(DpopError::Token) }
    }
}

// Syntax- and scheme-based normalisation (RFC 3986 sections 6.2.2 and 6.2.3): case of scheme
// and host, default port, dot segments. Query and fragment do not count.
fn normalise(text: &str) -> Option<Url> {
    if text.len() > URL_LENGTH_MAX {
        return None;
    }
    let mut url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests;
