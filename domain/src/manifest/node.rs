//! Nodes and their bytes: `0x00` and a leaf, or `0x01` and an inner node, each in
//! deterministic CBOR; the hash is the SHA-256 of it all. The first byte keeps leaves and
//! inner nodes apart, so that none can pass for the other (as RFC 6962 section 2.1 does).
//!
//! Canonical form: an inner node below the root has at least two leaves beneath it, and so
//! a leaf stands as high as it can. The root is always an inner node, an empty one included.

use super::TreeError;
use crate::Timestamp;
use crate::bytes::Digest;
use crate::cbor::Value;
use crate::entity::vault::ItemVersion;

const LEAF: u8 = 0;
const INNER: u8 = 1;
/// Nibbles of an item id: no path is longer.
pub(super) const DEPTH_MAX: usize = 64;
/// Most bytes of a node: an inner one with sixteen children.
const NODE_BYTES_MAX: usize = 1_024;

/// An item and its current version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The item.
    pub item: Digest,
    /// Its version.
    pub version: ItemVersion,
}

/// A child by its hash. That it is a leaf is known without loading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) hash: Digest,
    pub(super) is_leaf: bool,
}

/// An inner node: a child for each nibble that follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inner {
    pub(super) children: [Option<Child>; 16],
}

/// The root of a manifest without items.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(&Inner::default().encode())
}

/// The nibble of an item id at a depth, if the id is that long.
pub(super) fn nibble(item: &Digest, depth: usize) -> Option<usize> {
    let byte = *item.0.get(depth / 2)?;
    Some(usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 15 }))
}

/// Whether two ids agree in their first `depth` nibbles.
pub(super) fn share_prefix(one: &Digest, other: &Digest, depth: usize) -> bool {
    (0..depth).all(|depth| nibble(one, depth) == nibble(other, depth))
}

impl Leaf {
    /// The stored bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let version = &self.version;
        let fields = Value::Array(vec![
            Value::bytes(&self.item.0),
            Value::Unsigned(version.version),
            Value::Unsigned(version.epoch.into()),
            Value::bytes(&version.object),
            Value::bytes(&version.digest.0),
            Value::Unsigned(version.size),
            Value::bytes(&version.salt),
            version.tombstone.map_or(Value::Null, |at| Value::Unsigned(at.0)),
        ]);
        [&[LEAF], &fields.encode()[..]].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let fields = Value::decode(bytes.strip_prefix(&[LEAF])?, NODE_BYTES_MAX).ok()?;
        let [item, version, epoch, object, digest, size, salt, tombstone] = fields.as_array()?
        else {
            return None;
        };
        let version = ItemVersion {
            version: version.as_unsigned()?,
            epoch: epoch.as_unsigned()?.try_into().ok()?,
            object: object.as_bytes()?.try_into().ok()?,
            digest: digest_of(digest)?,
            size: size.as_unsigned()?,
            salt: salt.as_bytes()?.try_into().ok()?,
            tombstone: match tombstone {
                Value::Null => None,
                at => Some(Timestamp(at.as_unsigned()?)),
            },
        };
        Some(Self { item: digest_of(item)?, version })
    }

    /// Reads a leaf and checks its hash.
    pub(super) fn read(hash: &Digest, bytes: &[u8]) -> Result<Self, TreeError> {
        let leaf = Self::decode(bytes).filter(|_| Digest::of(bytes) == *hash);
        leaf.ok_or(TreeError::Corrupt(*hash))
    }
}

impl Inner {
    /// The stored bytes: which children there are, which of them are leaves, their hashes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let (mut present, mut leaves) = (0_u64, 0_u64);
        let mut hashes = Vec::new();
        for (nibble, child) in self.children.iter().enumerate() {
            if let Some(child) = child {
                present |= 1 << nibble;
                leaves |= u64::from(child.is_leaf) << nibble;
                hashes.push(Value::bytes(&child.hash.0));
            }
        }
        let mut fields = vec![Value::Unsigned(present), Value::Unsigned(leaves)];
        fields.append(&mut hashes);
        [&[INNER], &Value::Array(fields).encode()[..]].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let fields = Value::decode(bytes.strip_prefix(&[INNER])?, NODE_BYTES_MAX).ok()?;
        let [present, leaves, hashes @ ..] = fields.as_array()? else { return None };
        let present = u16::try_from(present.as_unsigned()?).ok()?;
        let leaves = u16::try_from(leaves.as_unsigned()?).ok()?;
        if leaves & !present != 0 || hashes.len() != present.count_ones() as usize {
            return None;
        }
        let mut inner = Self::default();
        let mut hashes = hashes.iter();
        for (nibble, child) in inner.children.iter_mut().enumerate() {
            if present >> nibble & 1 == 1 {
                let hash = digest_of(hashes.next()?)?;
                *child = Some(Child { hash, is_leaf: leaves >> nibble & 1 == 1 });
            }
        }
        Some(inner)
    }

    /// Reads an inner node and checks its hash and form.
    pub(super) fn read(hash: &Digest, bytes: &[u8], depth: usize) -> Result<Self, TreeError> {
        let inner = Self::decode(bytes).filter(|inner| {
            let canonical = depth == 0 || !matches!(inner.reduced(), Reduced::Other(_));
            canonical && depth < DEPTH_MAX && Digest::of(bytes) == *hash
        });
        inner.ok_or(TreeError::Corrupt(*hash))
    }

    /// What must stand here instead, in a place below the root: nothing, or its only leaf.
    pub(super) fn reduced(&self) -> Reduced {
        let mut children = self.children.iter().flatten();
        match (children.next(), children.next()) {
            (None, _) => Reduced::Other(None),
            (Some(only), None) if only.is_leaf => Reduced::Other(Some(*only)),
            _ => Reduced::Itself,
        }
    }
}

/// What an inner node comes to.
pub(super) enum Reduced {
    /// It stays.
    Itself,
    /// This stands in its place.
    Other(Option<Child>),
}

fn digest_of(value: &Value) -> Option<Digest> {
    value.as_bytes()?.try_into().ok().map(Digest)
}
