//! What the region's keys are for, and the public half of those that have one.

use crate::crypto::AwsLc;
use aws_lc_rs::{agreement, signature};
use serde::{Deserialize, Serialize};
use signature::KeyPair;
use symbolon_domain::bytes::base64url;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::port::Entropy;
use symbolon_domain::secret::Secret;

/// How a key is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// 32 bytes for HMAC-SHA-256 or an AEAD.
    #[serde(rename = "symmetric")]
    Symmetric,
    /// A P-256 scalar that signs (RFC 7518 section 3.4).
    ES256,
    /// An X25519 scalar for HPKE (RFC 9180).
    X25519,
    /// An Ed25519 seed (RFC 8032).
    Ed25519,
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $algorithm:ident;)*) => {
        /// What a key of the ring is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Purpose { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Purpose {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name of its folder, and in commands.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text,)* } }

            /// What its keys are.
            #[must_use]
            pub fn algorithm(self) -> Algorithm {
                match self { $(Self::$name => Algorithm::$algorithm,)* }
            }
        }
    };
}

purposes! {
    /// Signs the public keys of the others; wallets pin it at enrolment.
    ClusterRoot = "cluster-root", ES256;
    /// Keys the HMAC under which low-entropy secrets are kept.
    TokenPepper = "token-pepper", Symmetric;
    /// Signs session statements.
    SessionStatement = "session-statement", ES256;
    /// Opens what pages seal to the token service.
    TokenService = "token-service", X25519;
    /// Signs webhooks.
    Webhook = "webhook", ES256;
    /// Signs the log's checkpoints and promises.
    Log = "log", Ed25519;
    /// Wraps what the store keeps of sessions.
    KeyEncryption = "key-encryption", Symmetric;
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Purpose {
    type Err = NotAPurpose;

    fn from_str(text: &str) -> Result<Self, NotAPurpose> {
        let found = Self::ALL.iter().find(|purpose| purpose.as_str() == text);
        found.copied().ok_or(NotAPurpose)
    }
}

/// Text that names no purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no such purpose; there are cluster-root, token-pepper, session-statement, token-service, \
     webhook, log and key-encryption"
)]
pub struct NotAPurpose;

/// A public key as a JWK (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicJwk {
    /// `EC` or `OKP`.
    pub kty: String,
    /// `P-256`, `X25519` or `Ed25519`.
    pub crv: String,
    /// The x coordinate or the whole key, base64url.
    pub x: String,
    /// The y coordinate of P-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

/// Bytes that are no key of their algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no key of this algorithm")]
pub(crate) struct NotAKey;

impl Algorithm {
    /// A new secret key: 32 bytes.
    pub(crate) fn generate(self, entropy: &dyn Entropy) -> Secret<32> {
        loop {
            let secret = Secret::new(entropy.bytes());
            // One in 2^32 is no P-256 scalar.
            if self != Self::ES256 || AwsLc.p256_public(&secret).is_ok() {
                return secret;
            }
        }
    }

    /// The public half; none of a symmetric key.
    pub(crate) fn public(self, secret: &Secret<32>) -> Result<Option<PublicJwk>, NotAKey> {
        let okp = |crv: &str, x: &[u8]| {
            Some(PublicJwk { kty: "OKP".into(), crv: crv.into(), x: base64url(x), y: None })
        };
        Ok(match self {
            Self::Symmetric => None,
            Self::ES256 => {
                let point = AwsLc.p256_public(secret).map_err(|_| NotAKey)?;
                let (x, y) = point.0.split_at_checked(32).ok_or(NotAKey)?;
                Some(PublicJwk {
                    kty: "EC".into(),
                    crv: "P-256".into(),
                    x: base64url(x),
                    y: Some(base64url(y)),
                })
            }
            Self::X25519 => okp("X25519", &x25519_public(secret)?),
            Self::Ed25519 => {
                let pair = signature::Ed25519KeyPair::from_seed_unchecked(secret.expose())
                    .map_err(|_| NotAKey)?;
                okp("Ed25519", pair.public_key().as_ref())
            }
        })
    }
}

fn x25519_public(secret: &Secret<32>) -> Result<Vec<u8>, NotAKey> {
    let key = agreement::PrivateKey::from_private_key(&agreement::X25519, secret.expose())
        .map_err(|_| NotAKey)?;
    Ok(key.compute_public_key().map_err(|_| NotAKey)?.as_ref().to_vec())
}
