//! Public keys as JWK (RFC 7517): P-256 for signatures, X25519 (RFC 8037) for HPKE.
//!
//! A key is read by its form only. That a P-256 key is a point of the curve shows when it
//! verifies its first signature, and none of ours is used before that; any 32 bytes are an
//! X25519 key, and HPKE refuses the ones of low order when it seals.

use crate::bytes::{Digest, NotBase64Url, base64url, base64url_array};
use crate::crypto::P256Public;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most characters of a `kid`.
pub const KID_LENGTH_MAX: usize = 128;

/// Whether the text can name a key: printable ASCII, 1 to [`KID_LENGTH_MAX`] characters.
#[must_use]
pub fn is_kid(text: &str) -> bool {
    !text.is_empty() && text.len() <= KID_LENGTH_MAX && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A P-256 public key: `{"kty":"EC","crv":"P-256","x":…,"y":…}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct P256Jwk {
    /// The key.
    pub key: P256Public,
}

impl P256Jwk {
    /// Of a key.
    #[must_use]
    pub fn new(key: P256Public) -> Self {
        Self { key }
    }

    /// The thumbprint (RFC 7638): `jkt` of RFC 9449.
    #[must_use]
    pub fn thumbprint(&self) -> Digest {
        let (x, y) = self.coordinates();
        let (x, y) = (base64url(&x), base64url(&y));
        Digest::of(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes())
    }

    fn coordinates(&self) -> ([u8; 32], [u8; 32]) {
        let (mut x, mut y) = ([0; 32], [0; 32]);
        let (first, second) = self.key.0.split_at(32);
        x.copy_from_slice(first);
        y.copy_from_slice(second);
        (x, y)
    }

    fn from_coordinates(x: [u8; 32], y: [u8; 32]) -> Self {
        let mut key = [0; 64];
        let (first, second) = key.split_at_mut(32);
        first.copy_from_slice(&x);
        second.copy_from_slice(&y);
        Self { key: P256Public(key) }
    }
}

impl std::fmt::Debug for P256Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "P256Jwk({})", self.thumbprint())
    }
}

/// An X25519 public key with its name: `{"kty":"OKP","crv":"X25519","x":…,"kid":…}`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct X25519Jwk {
    /// The key.
    pub key: [u8; 32],
    /// Its name, which goes beside whatever is sealed to it.
    pub kid: String,
}

impl X25519Jwk {
    /// Of a key, named by its thumbprint.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let unnamed = Self { key, kid: String::new() };
        Self { kid: unnamed.thumbprint().to_string(), ..unnamed }
    }

    /// The thumbprint (RFC 7638, RFC 8037 section 2).
    #[must_use]
    pub fn thumbprint(&self) -> Digest {
        let x = base64url(&self.key);
        Digest::of(format!(r#"{{"crv":"X25519","kty":"OKP","x":"{x}"}}"#).as_bytes())
    }
}

impl std::fmt::Debug for X25519Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "X25519Jwk({})", self.thumbprint())
    }
}

/// The members of a public key. Those of a private one (`d`) are unknown here and refused;
/// what `WebCrypto` adds when it exports a public key is read and dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    kty: String,
    crv: String,
    x: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(default, rename = "use", skip_serializing)]
    _use: Option<String>,
    #[serde(default, rename = "alg", skip_serializing)]
    alg: Option<String>,
    #[serde(default, rename = "key_ops", skip_serializing)]
    _key_ops: Option<Vec<String>>,
    #[serde(default, rename = "ext", skip_serializing)]
    _ext: Option<bool>,
}

impl Members {
    fn new(kty: &str, crv: &str, x: &[u8; 32]) -> Self {
        Self {
            kty: kty.into(),
            crv: crv.into(),
            x: base64url(x),
            y: None,
            kid: None,
            _use: None,
            alg: None,
            _key_ops: None,
            _ext: None,
        }
    }

    fn demand<E: serde::de::Error>(&self, kty: &str, crv: &str) -> Result<(), E> {
        if self.kty == kty && self.crv == crv {
            return Ok(());
        }
        Err(E::custom(format!("a public key with kty {kty} and crv {crv} is expected")))
    }
}

fn coordinate<E: serde::de::Error>(text: Option<&str>) -> Result<[u8; 32], E> {
    text.ok_or(NotBase64Url)
        .and_then(base64url_array)
        .map_err(|_| E::custom("a coordinate is not 32 bytes in base64url"))
}

// A JWK in JSON, the raw bytes in a record.
impl Serialize for P256Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (x, y) = self.coordinates();
        if serializer.is_human_readable() {
            let members = Members::new("EC", "P-256", &x);
            Members { y: Some(base64url(&y)), ..members }.serialize(serializer)
        } else {
            (x, y).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for P256Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if !deserializer.is_human_readable() {
            let (x, y) = <([u8; 32], [u8; 32])>::deserialize(deserializer)?;
            return Ok(Self::from_coordinates(x, y));
        }
        let members = Members::deserialize(deserializer)?;
        members.demand::<D::Error>("EC", "P-256")?;
        if members.alg.is_some_and(|alg| alg != "ES256") {
            return Err(D::Error::custom("the key is for another algorithm than ES256"));
        }
        let (x, y) = (coordinate(Some(&members.x))?, coordinate(members.y.as_deref())?);
        Ok(Self::from_coordinates(x, y))
    }
}

impl Serialize for X25519Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let members = Members::new("OKP", "X25519", &self.key);
            Members { kid: Some(self.kid.clone()), ..members }.serialize(serializer)
        } else {
            (&self.key, &self.kid).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for X25519Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if !deserializer.is_human_readable() {
            let (key, kid) = <([u8; 32], String)>::deserialize(deserializer)?;
            return Ok(Self { key, kid });
        }
        let members = Members::deserialize(deserializer)?;
        members.demand::<D::Error>("OKP", "X25519")?;
        if members.y.is_some() {
            return Err(D::Error::custom("an X25519 key has no y"));
        }
        let key = coordinate(Some(&members.x))?;
        match members.kid {
            Some(kid) if is_kid(&kid) => Ok(Self { key, kid }),
            Some(_) => Err(D::Error::custom("the kid is empty, too long or not printable ASCII")),
            None => Ok(Self::new(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9449 section 4.1 and its thumbprint from section 6.1.
    const PUBLIC: &str = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;

    #[test]
    fn thumbprint_of_rfc_9449() {
        let jwk: P256Jwk = serde_json::from_str(PUBLIC).unwrap();
        assert_eq!(jwk.thumbprint().to_string(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        let text = serde_json::to_string(&jwk).unwrap();
        assert_eq!(serde_json::from_str::<P256Jwk>(&text).unwrap(), jwk);
    }

    #[test]
    fn what_webcrypto_exports_is_read() {
        let text = PUBLIC.replace('}', r#","ext":true,"key_ops":["verify"],"alg":"ES256"}"#);
        assert!(serde_json::from_str::<P256Jwk>(&text).is_ok());
    }

    #[test]
    fn refusals() {
        for (from, to) in [
            ("}", r#","d":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"}"#),
            ("}", r#","more":1}"#),
            ("}", r#","alg":"ES384"}"#),
            ("\"EC\"", "\"RSA\""),
            ("P-256", "P-384"),
            ("P-256", "secp256k1"),
            ("WBFs\"", "WBFs=\""),
            ("WBFs\"", "WBF\""),
            ("WBFs\"", "WBFsAA\""),
            ("\"y\"", "\"x\""),
        ] {
            let text = PUBLIC.replace(from, to);
            assert!(serde_json::from_str::<P256Jwk>(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn x25519() {
        let jwk = X25519Jwk::new([7; 32]);
        let text = serde_json::to_string(&jwk).unwrap();
        assert_eq!(serde_json::from_str::<X25519Jwk>(&text).unwrap(), jwk);
        assert_eq!(jwk.kid, jwk.thumbprint().to_string());
        assert!(serde_json::from_str::<P256Jwk>(&text).is_err());
        assert!(serde_json::from_str::<X25519Jwk>(PUBLIC).is_err());
        for wrong in ["", "a b", "\\n"] {
            let text = text.replace(&jwk.kid, wrong);
            assert!(serde_json::from_str::<X25519Jwk>(&text).is_err(), "{text}");
        }
        // RFC 8037 appendix A.3 thumbprints an Ed25519 key in the same form.
        let x = base64url_array("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let ed25519 = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url(&x));
        let digest = Digest::of(ed25519.as_bytes()).to_string();
        assert_eq!(digest, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let ours = X25519Jwk::new(x).thumbprint();
        assert_eq!(ours, Digest::of(ed25519.replace("Ed25519", "X25519").as_bytes()));
    }
}
