//! Ids: `<kind>_<region>_<26 characters>`, such as `grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa`.
//!
//! The kind says what is named, the region where it is at home, and the rest is 16
//! random bytes in base32 (RFC 4648 section 6, lower case, no padding). Ids are
//! public: none of them is a secret or stands for one.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A region's name: one to eight of `a-z0-9`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    // Padded with zero bytes, so that equal names are equal bytes.
    bytes: [u8; 8],
}

impl Region {
    /// No region: sorts before all others and names none. For example rows.
    pub const NONE: Self = Self { bytes: [0; 8] };

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(8);
        // Only ASCII was let in.
        std::str::from_utf8(self.bytes.get(..length).unwrap_or_default()).unwrap_or_default()
    }

    /// The name padded to eight bytes with zeros: its form in stored keys.
    #[must_use]
    pub fn padded(&self) -> [u8; 8] {
        self.bytes
    }

    /// Reads what [`Region::padded`] wrote.
    ///
    /// # Errors
    /// When the bytes are not that.
    pub fn from_padded(bytes: [u8; 8]) -> Result<Self, NotAnId> {
        let region = Self { bytes };
        let parsed: Self = region.as_str().parse()?;
        if parsed == region { Ok(parsed) } else { Err(NotAnId) }
    }
}

impl std::str::FromStr for Region {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let allowed = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if text.is_empty() || !allowed {
            return Err(NotAnId);
        }
        let mut bytes = [0; 8];
        bytes.get_mut(..text.len()).ok_or(NotAnId)?.copy_from_slice(text.as_bytes());
        Ok(Self { bytes })
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

// Text in JSON, eight padded bytes in a record.
impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.as_str())
        } else {
            self.bytes.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(D::Error::custom)
        } else {
            Self::from_padded(<[u8; 8]>::deserialize(deserializer)?).map_err(D::Error::custom)
        }
    }
}

/// Text that is no id, or an id of another kind than wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form kind_region_26 characters")]
pub struct NotAnId;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $tag:literal, $text:literal;)*) => {
        /// What an id names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $name = $tag,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The three letters an id begins with.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The kind's byte in stored keys; never reused.
            #[must_use]
            pub fn tag(self) -> u8 { self as u8 }

            /// The kind of a tag.
            ///
            /// # Errors
            /// When no kind has it.
            pub fn from_tag(tag: u8) -> Result<Self, NotAnId> {
                match tag { $($tag => Ok(Self::$name),)* _ => Err(NotAnId) }
            }
        }

        impl std::str::FromStr for Kind {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                match text { $($text => Ok(Self::$name),)* _ => Err(NotAnId) }
            }
        }
    };
}

kinds! {
    /// A partner.
    Institution = 1, "ins";
    /// An institution's screen or terminal.
    FrontEnd = 2, "fre";
    /// A signed list of items that an institution may ask for.
    Offer = 3, "off";
    /// One QR rendezvous.
    Session = 4, "ses";
    /// A credential: the id is derived from the token, not the token itself.
    Token = 5, "tok";
    /// A stored selection with the identity that gave it.
    Grant = 6, "grt";
    /// A subject's items.
    Vault = 7, "vlt";
    /// A subject's phone or computer.
    Device = 8, "dev";
    /// A holder of value (the transfer exchange).
    Account = 9, "acc";
    /// A movement of value (the transfer exchange).
    Transfer = 10, "trf";
}

/// The name of one entity: kind, home region, 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// What it names.
    pub kind: Kind,
    /// Where it is at home.
    pub region: Region,
    /// Which one.
    pub random: [u8; 16],
}

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters of 16 bytes in base32.
const RANDOM_LENGTH: usize = 26;

impl Id {
    /// Puts an id together.
    #[must_use]
    pub fn new(kind: Kind, region: Region, random: [u8; 16]) -> Self {
        Self { kind, region, random }
    }

    /// Parses an id and demands its kind.
    ///
    /// # Errors
    /// When the text is no id, or one of another kind.
    pub fn parse(kind: Kind, text: &str) -> Result<Self, NotAnId> {
        let id: Self = text.parse()?;
        if id.kind == kind { Ok(id) } else { Err(NotAnId) }
    }

    /// The 25 bytes of stored keys: tag, padded region, random bytes. All ids of a
    /// kind and region are therefore neighbours.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 25] {
        let mut out = [0; 25];
        let (tag, rest) = out.split_at_mut(1);
        let (region, random) = rest.split_at_mut(8);
        tag.copy_from_slice(&[self.kind.tag()]);
        region.copy_from_slice(&self.region.padded());
        random.copy_from_slice(&self.random);
        out
    }

    /// Reads what [`Id::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not that.
    pub fn from_bytes(bytes: &[u8; 25]) -> Result<Self, NotAnId> {
        let (tag, rest) = bytes.split_first().ok_or(NotAnId)?;
        let (region, random) = rest.split_first_chunk::<8>().ok_or(NotAnId)?;
        Ok(Self {
            kind: Kind::from_tag(*tag)?,
            region: Region::from_padded(*region)?,
            random: random.try_into().map_err(|_| NotAnId)?,
        })
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}_", self.kind.as_str(), self.region)?;
        let number = u128::from_be_bytes(self.random);
        for position in 0..RANDOM_LENGTH {
            // 26 groups of five bits from the top; the last group has two spare zero bits.
            let group = match 123_usize.checked_sub(position * 5) {
                Some(shift) => number >> shift,
                None => number << 2,
            };
            let digit = usize::try_from(group & 31).unwrap_or_default();
            write!(f, "{}", char::from(*BASE32.get(digit).unwrap_or(&b'a')))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let mut parts = text.splitn(3, '_');
        let kind = parts.next().ok_or(NotAnId)?.parse()?;
        let region = parts.next().ok_or(NotAnId)?.parse()?;
        let digits = parts.next().filter(|d| d.len() == RANDOM_LENGTH).ok_or(NotAnId)?;
        let mut number: u128 = 0;
        let mut last = 0;
        for (position, byte) in digits.bytes().enumerate() {
            let value = BASE32.iter().position(|digit| *digit == byte).ok_or(NotAnId)?;
            last = value as u128;
            number = match position {
                25 => (number << 3) | (last >> 2),
                _ => (number << 5) | last,
            };
        }
        // The two spare bits must be zero: one id has one text.
        if last & 3 != 0 {
            return Err(NotAnId);
        }
        Ok(Self { kind, region, random: number.to_be_bytes() })
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.kind.tag(), self.region.padded(), self.random).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(D::Error::custom)
        } else {
            let (tag, region, random) = <(u8, [u8; 8], [u8; 16])>::deserialize(deserializer)?;
            Ok(Self {
                kind: Kind::from_tag(tag).map_err(D::Error::custom)?,
                region: Region::from_padded(region).map_err(D::Error::custom)?,
                random,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden() {
        let region = "eu1".parse().unwrap();
        let id = Id::new(Kind::Grant, region, [0; 16]);
        assert_eq!(id.to_string(), "grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa");
        let id = Id::new(Kind::Grant, region, *b"0123456789abcdef");
        assert_eq!(id.to_string(), "grt_eu1_gaytemzugu3doobzmfrggzdfmy");
    }

    #[test]
    fn only_one_text_per_id() {
        for wrong in [
            "grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaab",
            "grt_EU1_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaa",
            "xyz_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "grt__aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "grt_toolongname_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(wrong.parse::<Id>(), Err(NotAnId), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn text_bytes_and_back(random: [u8; 16], kind in 0..Kind::ALL.len(), region in "[a-z0-9]{1,8}") {
            let id = Id::new(Kind::ALL[kind], region.parse().unwrap(), random);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(Id::from_bytes(&id.to_bytes()), Ok(id));
        }

        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            if let Ok(id) = text.parse::<Id>() { prop_assert_eq!(id.to_string(), text); }
        }
    }
}
