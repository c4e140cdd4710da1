//! Paths of items: `identity.birthdate`, at most eight segments of `[a-z0-9_]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most segments of a path.
pub const SEGMENTS_MAX: usize = 8;
/// Most bytes of a path, dots included.
pub const PATH_BYTES_MAX: usize = 200;

/// Where an item is in a person's tree. One path has one text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

/// Text that is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path: one to eight segments of a-z, 0-9 and _, joined by dots, at most 200 bytes")]
pub struct NotAPath;

impl Path {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments from the root, at least one.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }
}

impl std::str::FromStr for Path {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let segment = |text: &str| !text.is_empty() && text.bytes().all(allowed);
        let fits = text.len() <= PATH_BYTES_MAX && text.split('.').count() <= SEGMENTS_MAX;
        if fits && text.split('.').all(segment) { Ok(Self(text.to_owned())) } else { Err(NotAPath) }
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds() {
        let longest = format!("{}.{}", "a".repeat(100), "b".repeat(99));
        for right in ["a", "identity.birthdate", "a.b.c.d.e.f.g.h", "x_1._", &longest] {
            assert_eq!(right.parse::<Path>().map(|path| path.to_string()), Ok(right.to_owned()));
        }
        let too_long = format!("{longest}b");
        for wrong in ["", ".", "a.", ".a", "a..b", "A", "é", "a-b", "a.b.c.d.e.f.g.h.i", &too_long]
        {
            assert_eq!(wrong.parse::<Path>(), Err(NotAPath), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z0-9_.A-Z\\PC]{0,40}") {
            if let Ok(path) = text.parse::<Path>() {
                prop_assert_eq!(path.segments().collect::<Vec<_>>().join("."), text);
            }
        }
    }
}
