//! Length-prefixed concatenation, digests and base64url: how fields become the
//! bytes that are hashed, keyed or shown.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// `lp(label, fields…)` of the protocol: the label `symbolon/v1/<label>` and every
/// field, each preceded by its length as four big-endian bytes.
///
/// No two different lists of fields give the same bytes.
#[must_use]
pub fn lp(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    const NAMESPACE: &str = "symbolon/v1/";
    let label_length = NAMESPACE.len() + label.len();
    let total = 4 + label_length + fields.iter().map(|field| 4 + field.len()).sum::<usize>();
    let mut out = Vec::with_capacity(total);
    push_length(&mut out, label_length);
    out.extend_from_slice(NAMESPACE.as_bytes());
    out.extend_from_slice(label.as_bytes());
    for field in fields {
        push_length(&mut out, field.len());
        out.extend_from_slice(field);
    }
    out
}

// A field of 4 GiB cannot be in memory as one of ours: every input is bounded far below.
fn push_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

/// A SHA-256 digest. Shown and sent as base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// SHA-256 of the bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of `lp(label, fields…)`.
    #[must_use]
    pub fn lp(label: &str, fields: &[&[u8]]) -> Self {
        Self::of(&lp(label, fields))
    }

    /// The digest's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base64url(&self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Text that is not canonical base64url, or not of the length wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding, or of the wrong length")]
pub struct NotBase64Url;

impl std::str::FromStr for Digest {
    type Err = NotBase64Url;

    fn from_str(text: &str) -> Result<Self, NotBase64Url> {
        base64url_array(text).map(Self)
    }
}

// Text in JSON, 32 raw bytes in a record.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            <[u8; 32]>::deserialize(deserializer).map(Self)
        }
    }
}

/// Base64url without padding (RFC 4648 section 5).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes canonical base64url without padding.
///
/// # Errors
/// When the text holds anything else, padding and spare bits included.
pub fn base64url_decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| NotBase64Url)
}

/// Decodes canonical base64url of exactly `N` bytes.
///
/// # Errors
/// When the text is not that.
pub fn base64url_array<const N: usize>(text: &str) -> Result<[u8; N], NotBase64Url> {
    let mut out = [0; N];
    match Base64UrlUnpadded::decode(text, &mut out) {
        Ok(bytes) if bytes.len() == N => Ok(out),
        _ => Err(NotBase64Url),
    }
}

/// Bytes that are base64url text in JSON and raw in a record; for `#[serde(with)]`.
pub mod base64url_serde {
    use super::{Deserialize, Deserializer, Serialize, Serializer, base64url, base64url_decode};

    /// Writes the bytes.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&base64url(bytes))
        } else {
            bytes.serialize(serializer)
        }
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// When the text is not base64url.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            base64url_decode(&text).map_err(serde::de::Error::custom)
        } else {
            Vec::deserialize(deserializer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lp_separates_fields() {
        assert_ne!(lp("x", &[b"ab", b"c"]), lp("x", &[b"a", b"bc"]));
        assert_ne!(lp("x", &[b""]), lp("x", &[]));
        assert_eq!(lp("a", &[b"b"]), b"\0\0\0\x0dsymbolon/v1/a\0\0\0\x01b");
    }

    #[test]
    fn base64url_is_canonical() {
        assert_eq!(base64url_array::<1>("AA"), Ok([0]));
        assert_eq!(base64url_array::<1>("AB"), Err(NotBase64Url), "spare bits");
        assert_eq!(base64url_array::<1>("AA=="), Err(NotBase64Url), "padding");
        assert_eq!(base64url_array::<2>("AA"), Err(NotBase64Url), "length");
    }
}
