//! Signatures: compact JWS (RFC 7515) with ES256, one `typ` for each purpose.
//!
//! A signature made for one purpose is worth nothing for another, because the reader demands
//! the `typ` (RFC 8725 section 3.11). What is signed is kept as received; its [`Verified::digest`]
//! covers header and payload but not the signature, since ECDSA has two signatures for one text.

use crate::bytes::{Digest, base64url, base64url_array, base64url_decode};
use crate::crypto::{Crypto, CryptoError, P256Public, P256Signature};
use crate::json::{JsonError, from_slice_strict};
use crate::jwk::{P256Jwk, is_kid};
use crate::rejection::Rejection;
use crate::secret::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Most bytes of a header before its encoding.
const HEADER_BYTES_MAX: usize = 1_024;
/// Characters of an ES256 signature.
const SIGNATURE_LENGTH: usize = 86;

macro_rules! typs {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kib:literal;)*) => {
        /// What a signature is for: the header's `typ`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Typ { $($(#[$doc])* $name,)* }

        impl Typ {
            /// Every purpose.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The header's `typ`.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text,)* } }

            /// Most bytes of the whole text.
            #[must_use]
            pub fn bytes_max(self) -> usize { match self { $(Self::$name => $kib * 1_024,)* } }
        }
    };
}

typs! {
    /// A `DPoP` proof (RFC 9449). The only one that carries its key.
    Dpop = "dpop+jwt", 8;
    /// What a subject ticked.
    Selection = "symbolon-selection+jwt", 256;
    /// A payer's confirmation.
    Transfer = "symbolon-transfer+jwt", 16;
    /// A commit of a vault's manifest.
    Manifest = "symbolon-manifest+jwt", 4;
    /// A device's command.
    Command = "symbolon-command+jwt", 16;
    /// What an institution may ask for.
    Offer = "symbolon-offer+jwt", 256;
    /// An institution about itself.
    Institution = "symbolon-institution+jwt", 64;
    /// What a phone is shown of a session.
    Session = "symbolon-session+jwt", 16;
    /// A security event token (RFC 8417), as webhooks carry it.
    SecurityEvent = "secevent+jwt", 64;
    /// A region's public keys, signed by the cluster root.
    Keys = "symbolon-keys+jwt", 64;
}

/// A text that is no signature of the kind expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Over the bound of its `typ`.
    #[error("the signed text is {bytes} bytes long, at most {bytes_max} are allowed")]
    TooLong {
        /// Bytes received.
        bytes: usize,
        /// Bytes allowed.
        bytes_max: usize,
    },
    /// Not three parts of base64url, the last of 64 bytes.
    #[error("not a compact JWS with an ES256 signature")]
    NotCompact,
    /// The header is not one of ours: a parameter unknown, missing or out of place.
    #[error("the JWS header is refused: {0}")]
    Header(String),
    /// Signed for another purpose.
    #[error("the JWS is not of the type {0}")]
    WrongTyp(&'static str),
    /// The payload is not what it should be.
    #[error("the JWS payload is refused: {0}")]
    Payload(#[from] JsonError),
    /// The signature does not fit text and key.
    #[error("the signature does not verify")]
    Signature,
}

impl From<JwsError> for Rejection {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::Signature => Self::BadSignature,
            _ => Self::InvalidRequest,
        }
    }
}

/// A payload that could not be signed: the signer's own fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The secret key is none.
    #[error(transparent)]
    Key(#[from] CryptoError),
    /// The payload does not become JSON.
    #[error("the payload cannot be written as JSON: {0}")]
    Payload(String),
    /// The name of the key is none.
    #[error("the kid is empty, too long or not printable ASCII")]
    Kid,
    /// The result would be refused by every reader.
    #[error("the signed text would be {bytes} bytes long, at most {bytes_max} are allowed")]
    TooLong {
        /// Bytes it would have.
        bytes: usize,
        /// Bytes allowed.
        bytes_max: usize,
    },
}

// `crit` and every other parameter is unknown, and so refused (RFC 7515 section 4.1.11).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwk: Option<P256Jwk>,
}

impl Header {
    fn check(&self, typ: Typ) -> Result<(), JwsError> {
        let refuse = |why: &str| Err(JwsError::Header(why.into()));
        if self.typ != typ.as_str() {
            return Err(JwsError::WrongTyp(typ.as_str()));
        }
        if self.alg != "ES256" {
            return refuse("alg must be ES256");
        }
        if self.jwk.is_some() != (typ == Typ::Dpop) {
            return refuse("jwk belongs in a DPoP proof, and in nothing else");
        }
        if !self.kid.as_deref().is_none_or(is_kid) {
            return refuse("kid is empty, too long or not printable ASCII");
        }
        Ok(())
    }
}

/// Signs a payload. A `DPoP` proof gets the public key into its header, as it must.
///
/// # Errors
/// When the key is none, or the payload cannot be written or is over the bound of `typ`.
pub fn sign<T: Serialize>(
    crypto: &dyn Crypto,
    key: &Secret<32>,
    typ: Typ,
    kid: Option<&str>,
    payload: &T,
) -> Result<String, SignError> {
    if !kid.is_none_or(is_kid) {
        return Err(SignError::Kid);
    }
    let jwk = match typ {
        Typ::Dpop => Some(P256Jwk::new(crypto.p256_public(key)?)),
        _ => None,
    };
    let header =
        Header { typ: typ.as_str().into(), alg: "ES256".into(), kid: kid.map(Into::into), jwk };
    let written = |error: serde_json::Error| SignError::Payload(error.to_string());
    let header = serde_json::to_vec(&header).map_err(written)?;
    let payload = serde_json::to_vec(payload).map_err(written)?;
    let mut text = format!("{}.{}", base64url(&header), base64url(&payload));
    let bytes = text.len() + 1 + SIGNATURE_LENGTH;
    if bytes > typ.bytes_max() {
        return Err(SignError::TooLong { bytes, bytes_max: typ.bytes_max() });
    }
    let signature = crypto.sign_es256(key, text.as_bytes())?;
    text.push('.');
    text.push_str(&base64url(&signature.0));
    Ok(text)
}

/// A well-formed JWS whose signature nobody has looked at yet.
pub struct Unverified<'a> {
    text: &'a str,
    signed: &'a str,
    header: Header,
    payload: Vec<u8>,
    signature: P256Signature,
}

impl<'a> Unverified<'a> {
    /// Takes the text apart and checks its header against the purpose.
    ///
    /// # Errors
    /// When the text is too long, no compact JWS, or made for another purpose.
    pub fn parse(text: &'a str, typ: Typ) -> Result<Self, JwsError> {
        let bytes_max = typ.bytes_max();
        if text.len() > bytes_max {
            return Err(JwsError::TooLong { bytes: text.len(), bytes_max });
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::NotCompact)?;
        let decode = |part| base64url_decode(part).map_err(|_| JwsError::NotCompact);
        let header: Header = from_slice_strict(&decode(header)?, HEADER_BYTES_MAX)
            .map_err(|error| JwsError::Header(error.to_string()))?;
        header.check(typ)?;
        let signature = base64url_array(signature).map_err(|_| JwsError::NotCompact)?;
        let payload = decode(payload)?;
        Ok(Self { text, signed, header, payload, signature: P256Signature(signature) })
    }

    /// The name of the key that is said to have signed.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The key that a `DPoP` proof carries.
    #[must_use]
    pub fn jwk(&self) -> Option<&P256Jwk> {
        self.header.jwk.as_ref()
    }

    /// What [`Verified::digest`] will be.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.signed.as_bytes())
    }

    /// The payload before anything vouches for it: to find the key to verify with, no more.
    ///
    /// # Errors
    /// When the payload is not of this type.
    pub fn claimed<T: DeserializeOwned>(&self) -> Result<T, JwsError> {
        Ok(from_slice_strict(&self.payload, self.text.len())?)
    }

    /// Verifies the signature, then reads the payload.
    ///
    /// # Errors
    /// When the signature does not fit, or the payload is not of this type.
    pub fn verify<T: DeserializeOwned>(
        self,
        crypto: &dyn Crypto,
        key: &P256Public,
    ) -> Result<Verified<T>, JwsError> {
        crypto
            .verify_es256(key, self.signed.as_bytes(), &self.signature)
            .map_err(|CryptoError| JwsError::Signature)?;
        Ok(Verified {
            payload: self.claimed()?,
            payload_bytes: self.payload,
            digest: Digest::of(self.signed.as_bytes()),
            text: self.text.to_owned(),
        })
    }
}

/// A payload with a signature that fitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T> {
    /// What was signed.
    pub payload: T,
    /// The payload's JSON as received.
    pub payload_bytes: Vec<u8>,
    /// SHA-256 of the signed bytes (`header.payload`): the name of the document wherever one
    /// refers to another, and the challenge of its user verification.
    pub digest: Digest,
    /// The whole compact JWS as received, to be stored.
    pub text: String,
}

#[cfg(test)]
mod tests;
