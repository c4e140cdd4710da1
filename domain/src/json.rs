//! Strict JSON: what is signed or sent by strangers is read with a bound on size and depth
//! and without members that appear twice.
//!
//! A document with two members of one name means different things to different readers
//! (RFC 8259 section 4), and a signature would cover both meanings. `serde_json` keeps one of
//! them silently where a type allows it, hence the pass before it.

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess};
use std::collections::BTreeSet;

/// How many arrays and objects may be within one another.
pub const JSON_DEPTH_MAX: usize = 16;

/// JSON that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Over the bound on its size.
    #[error("the JSON is {bytes} bytes long, at most {bytes_max} are allowed")]
    TooLong {
        /// Bytes received.
        bytes: usize,
        /// Bytes allowed.
        bytes_max: usize,
    },
    /// Not JSON, too deep, a member twice, or not of the type expected.
    #[error("the JSON is refused: {0}")]
    Refused(String),
}

/// Reads one JSON value of at most `bytes_max` bytes, and nothing after it.
///
/// # Errors
/// When it is longer, deeper than [`JSON_DEPTH_MAX`], holds an object with a member twice, or
/// does not fit the type.
pub fn from_slice_strict<T: DeserializeOwned>(
    bytes: &[u8],
    bytes_max: usize,
) -> Result<T, JsonError> {
    if bytes.len() > bytes_max {
        return Err(JsonError::TooLong { bytes: bytes.len(), bytes_max });
    }
    let refused = |error: serde_json::Error| JsonError::Refused(error.to_string());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Shape { depth_left: JSON_DEPTH_MAX }.deserialize(&mut reader).map_err(refused)?;
    reader.end().map_err(refused)?;
    serde_json::from_slice(bytes).map_err(refused)
}

// Walks any value and keeps nothing but the names of the objects it is in.
#[derive(Clone, Copy)]
struct Shape {
    depth_left: usize,
}

impl Shape {
    fn inner<E: Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left }),
            None => Err(E::custom(format!("deeper than {JSON_DEPTH_MAX} levels"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for Shape {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        let mut names = BTreeSet::new();
        while let Some(Name(name)) = members.next_key()? {
            if names.contains(&name) {
                return Err(A::Error::custom(format!("the member {name:?} appears twice")));
            }
            names.insert(name);
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

// Names are compared after their escapes are resolved: "a" and "\u0061" are one name.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name(String);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Result<Value, JsonError> {
        from_slice_strict(text.as_bytes(), 1_000)
    }

    #[test]
    fn refusals() {
        for (text, part) in [
            (r#"{"a":1,"a":1}"#, "twice"),
            (r#"{"a":1,"\u0061":2}"#, "twice"),
            (r#"{"b":[{"a":1,"a":1}]}"#, "twice"),
            (r"{} {}", "trailing"),
            (r#"{"a":"#, "EOF"),
            ("", "EOF"),
            ("[\u{0}]", "expected value"),
        ] {
            let refusal = read(text).unwrap_err().to_string();
            assert!(refusal.contains(part), "{text}: {refusal}");
        }
        assert_eq!(
            from_slice_strict::<Value>(b"[1,2]", 4),
            Err(JsonError::TooLong { bytes: 5, bytes_max: 4 })
        );
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(JSON_DEPTH_MAX)).is_ok());
        assert!(read(&nested(JSON_DEPTH_MAX + 1)).unwrap_err().to_string().contains("deeper"));
        assert!(read(&"[".repeat(900)).is_err());
        assert!(read(&r#"{"a":"#.repeat(100)).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_slice_strict::<Value>(&bytes, 1_000);
        }

        #[test]
        fn reads_what_serde_json_reads(names in proptest::collection::btree_set("[a-c\u{e9}]{0,3}", 0..5)) {
            let value: Value = names.iter().map(|name| (name.clone(), Value::from(1))).collect::<serde_json::Map<_, _>>().into();
            prop_assert_eq!(from_slice_strict(&serde_json::to_vec(&value).unwrap(), 1_000), Ok(value));
        }
    }
}
