//! Deterministic CBOR (RFC 8949 section 4.2.1): what is hashed or logged and is not JSON.
//!
//! One value has one encoding. The reader refuses every other: longer numbers than needed,
//! unsorted or repeated keys, indefinite lengths, bytes left over. Only the types that our
//! records need exist: no negative numbers, no floats, no tags. It is written here because
//! what makes a reader strict is most of this file, whichever crate splits the bytes.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// How many arrays and maps may be within one another.
pub const CBOR_DEPTH_MAX: usize = 16;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number from 0 up (major type 0).
    Unsigned(u64),
    /// Bytes (2).
    Bytes(Vec<u8>),
    /// Text (3).
    Text(String),
    /// Values in order (4).
    Array(Vec<Value>),
    /// Values by key (5).
    Map(BTreeMap<Key, Value>),
    /// False or true (simple values 20 and 21).
    Bool(bool),
    /// Nothing (simple value 22).
    Null,
}

/// A map's key. Sorts as its encoding does, which is the order that 4.2.1 demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number.
    Unsigned(u64),
    /// Text.
    Text(String),
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Unsigned(one), Self::Unsigned(two)) => one.cmp(two),
            (Self::Unsigned(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Unsigned(_)) => Ordering::Greater,
            (Self::Text(one), Self::Text(two)) => (one.len(), one).cmp(&(two.len(), two)),
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Bytes that are not the deterministic encoding of one of our values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// They end too early.
    #[error("the CBOR ends too early")]
    Truncated,
    /// They go on after the value.
    #[error("bytes follow the CBOR value")]
    Trailing,
    /// The value has a shorter or another order of encoding, or a key twice.
    #[error("the CBOR is not in its deterministic form")]
    NotCanonical,
    /// A type that has no place in our records, or text that is not UTF-8.
    #[error("the CBOR holds a type that is not used here")]
    Unsupported,
    /// Deeper than [`CBOR_DEPTH_MAX`].
    #[error("the CBOR is nested too deeply")]
    TooDeep,
    /// Longer than the reader allows.
    #[error("the CBOR is too long")]
    TooLong,
}

impl Value {
    /// Bytes.
    #[must_use]
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }

    /// Text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A map with text keys.
    #[must_use]
    pub fn map<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Map(members.map(|(key, value)| (Key::Text(key.to_owned()), value)).into())
    }

    /// The number.
    #[must_use]
    pub fn as_unsigned(&self) -> Option<u64> {
        if let Self::Unsigned(number) = self { Some(*number) } else { None }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The elements.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        if let Self::Map(members) = self { members.get(&Key::Text(key.to_owned())) } else { None }
    }

    /// The encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Unsigned(number) => write_head(out, 0, *number),
            Self::Bytes(bytes) => {
                write_head(out, 2, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => write_text(out, text),
            Self::Array(items) => {
                write_head(out, 4, items.len() as u64);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(members) => {
                write_head(out, 5, members.len() as u64);
                for (key, value) in members {
                    match key {
                        Key::Unsigned(number) => write_head(out, 0, *number),
                        Key::Text(text) => write_text(out, text),
                    }
                    value.write(out);
                }
            }
            Self::Bool(value) => write_head(out, 7, 20 + u64::from(*value)),
            Self::Null => write_head(out, 7, 22),
        }
    }

    /// Reads one value of at most `bytes_max` bytes, and nothing after it.
    ///
    /// # Errors
    /// When the bytes are not exactly what [`Value::encode`] writes for a value.
    pub fn decode(bytes: &[u8], bytes_max: usize) -> Result<Self, CborError> {
        if bytes.len() > bytes_max {
            return Err(CborError::TooLong);
        }
        let mut reader = Reader { rest: bytes };
        let value = reader.value(CBOR_DEPTH_MAX)?;
        if reader.rest.is_empty() { Ok(value) } else { Err(CborError::Trailing) }
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_head(out, 3, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

// The shortest form of major type and argument (RFC 8949 section 3).
fn write_head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let major = major << 5;
    let bytes = argument.to_be_bytes();
    let (code, width): (u8, usize) = match argument {
        0..=23 => {
            out.push(major | bytes.last().copied().unwrap_or_default());
            return;
        }
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(major | code);
    out.extend_from_slice(bytes.get(8 - width..).unwrap_or_default());
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], CborError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let first = self.take(1)?.first().copied().ok_or(CborError::Truncated)?;
        let (major, code) = (first >> 5, first & 31);
        let width = match code {
            0..=23 => return Ok((major, u64::from(code))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            // 28 to 30 are reserved, 31 is an indefinite length.
            _ => return Err(CborError::NotCanonical),
        };
        let argument =
            self.take(width)?.iter().fold(0, |sum: u64, byte| (sum << 8) | u64::from(*byte));
        let least = match width {
            1 => 24,
            2 => 0x100,
            4 => 0x1_0000,
            _ => 0x1_0000_0000,
        };
        // Simple values of two bytes and floats begin with these too; none is ours.
        match major {
            7 => Err(CborError::Unsupported),
            _ if argument < least => Err(CborError::NotCanonical),
            _ => Ok((major, argument)),
        }
    }

    // A count that the bytes left cannot hold is refused before anything is set aside for it.
    fn count(&self, argument: u64) -> Result<usize, CborError> {
        let count = usize::try_from(argument).map_err(|_| CborError::Truncated)?;
        if count > self.rest.len() { Err(CborError::Truncated) } else { Ok(count) }
    }

    fn text(&mut self, argument: u64) -> Result<String, CborError> {
        let count = self.count(argument)?;
        let text = std::str::from_utf8(self.take(count)?).map_err(|_| CborError::Unsupported)?;
        Ok(text.to_owned())
    }

    fn value(&mut self, depth_left: usize) -> Result<Value, CborError> {
        let (major, argument) = self.head()?;
        match major {
            0 => Ok(Value::Unsigned(argument)),
            2 => {
                let count = self.count(argument)?;
                self.take(count).map(Value::bytes)
            }
            3 => self.text(argument).map(Value::Text),
            4 => {
                let depth_left = depth_left.checked_sub(1).ok_or(CborError::TooDeep)?;
                let count = self.count(argument)?;
                (0..count)
                    .map(|_| self.value(depth_left))
                    .collect::<Result<_, _>>()
                    .map(Value::Array)
            }
            5 => {
                let depth_left = depth_left.checked_sub(1).ok_or(CborError::TooDeep)?;
                self.map(argument, depth_left).map(Value::Map)
            }
            7 if argument == 20 || argument == 21 => Ok(Value::Bool(argument == 21)),
            7 if argument == 22 => Ok(Value::Null),
            _ => Err(CborError::Unsupported),
        }
    }

    fn map(&mut self, argument: u64, depth_left: usize) -> Result<BTreeMap<Key, Value>, CborError> {
        let mut members = BTreeMap::new();
        for _ in 0..self.count(argument)? {
            let key = match self.head()? {
                (0, number) => Key::Unsigned(number),
                (3, length) => Key::Text(self.text(length)?),
                _ => return Err(CborError::Unsupported),
            };
            if members.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(CborError::NotCanonical);
            }
            members.insert(key, self.value(depth_left)?);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests;
