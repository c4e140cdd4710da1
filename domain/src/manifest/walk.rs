//! Reading: the leaves in order, and where two trees differ.

use super::node::{Child, Inner, Leaf, empty_root, nibble, share_prefix};
use super::{MISSING_MAX, NodeSource, TreeError};
use crate::bytes::Digest;
use crate::entity::vault::ItemVersion;
use std::collections::BTreeSet;

/// An item that two trees do not have alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The item.
    pub item: Digest,
    /// What the first tree has.
    pub left: Option<ItemVersion>,
    /// What the second has.
    pub right: Option<ItemVersion>,
}

/// The items of a tree in the order of their ids: at most `limit`, those after `after`.
///
/// # Errors
/// When nodes on the way are missing or damaged.
pub fn leaves(
    root: Digest,
    after: Option<&Digest>,
    limit: usize,
    source: &impl NodeSource,
) -> Result<Vec<Leaf>, TreeError> {
    let found = difference(empty_root(), root, after, limit, source)?;
    let leaf = |found: Difference| found.right.map(|version| Leaf { item: found.item, version });
    Ok(found.into_iter().filter_map(leaf).collect())
}

/// Where two trees differ, in the order of the ids: at most `limit` items, those after
/// `after`. Both trees are descended together, and what they share is never looked at; so
/// with the older tree at hand, only what changed since has to be loaded.
///
/// # Errors
/// When nodes on the way are missing or damaged.
pub fn difference(
    left: Digest,
    right: Digest,
    after: Option<&Digest>,
    limit: usize,
    source: &impl NodeSource,
) -> Result<Vec<Difference>, TreeError> {
    let mut walk = Walk { source, after, limit, found: Vec::new(), missing: BTreeSet::new() };
    let root = |hash| (hash != empty_root()).then_some(Child { hash, is_leaf: false });
    walk.descend(root(left), root(right), 0, Digest([0; 32]))?;
    if !walk.missing.is_empty() {
        return Err(TreeError::Missing(walk.missing.into_iter().collect()));
    }
    walk.found.truncate(limit);
    Ok(walk.found)
}

struct Walk<'a, S> {
    source: &'a S,
    after: Option<&'a Digest>,
    limit: usize,
    found: Vec<Difference>,
    missing: BTreeSet<Digest>,
}

// One side of a place, loaded.
enum Side {
    Nothing,
    Leaf(Child, Leaf),
    Inner(Box<Inner>),
}

impl<S: NodeSource> Walk<'_, S> {
    fn is_done(&self) -> bool {
        self.found.len() >= self.limit || self.missing.len() >= MISSING_MAX
    }

    // `prefix` has the nibbles that lead here, and zeros after them.
    fn descend(
        &mut self,
        left: Option<Child>,
        right: Option<Child>,
        depth: usize,
        prefix: Digest,
    ) -> Result<(), TreeError> {
        if left == right || self.is_done() || self.is_before(depth, &prefix) {
            return Ok(());
        }
        let (left, right) = (self.load(left, depth, &prefix)?, self.load(right, depth, &prefix)?);
        let (Some(left), Some(right)) = (left, right) else { return Ok(()) };
        let (left, right) = match (left, right) {
            (Side::Inner(left), Side::Inner(right)) => (*left, *right),
            (Side::Inner(left), right) => (*left, right.as_inner(depth)),
            (left, Side::Inner(right)) => (left.as_inner(depth), *right),
            (left, right) => {
                self.report(left.into_leaf(), right.into_leaf());
                return Ok(());
            }
        };
        for (number, (left, right)) in left.children.iter().zip(&right.children).enumerate() {
            self.descend(*left, *right, depth + 1, extend(prefix, depth, number))?;
        }
        Ok(())
    }

    // Whether all that can be below is at or before `after`.
    fn is_before(&self, depth: usize, prefix: &Digest) -> bool {
        let Some(after) = self.after else { return false };
        prefix < after && !share_prefix(prefix, after, depth)
    }

    fn load(
        &mut self,
        child: Option<Child>,
        depth: usize,
        prefix: &Digest,
    ) -> Result<Option<Side>, TreeError> {
        let Some(child) = child else { return Ok(Some(Side::Nothing)) };
        let Some(bytes) = self.source.node(&child.hash) else {
            self.missing.insert(child.hash);
            return Ok(None);
        };
        if !child.is_leaf {
            let inner = Inner::read(&child.hash, bytes, depth)?;
            return Ok(Some(Side::Inner(Box::new(inner))));
        }
        let leaf = Leaf::read(&child.hash, bytes)?;
        if !share_prefix(&leaf.item, prefix, depth) {
            return Err(TreeError::Corrupt(child.hash));
        }
        Ok(Some(Side::Leaf(child, leaf)))
    }

    fn report(&mut self, left: Option<Leaf>, right: Option<Leaf>) {
        let mut found = match (left, right) {
            (Some(left), Some(right)) if left.item == right.item => {
                let (left, right, item) = (left.version, right.version, left.item);
                vec![Difference { item, left: Some(left), right: Some(right) }]
            }
            (left, right) => {
                let left = left.map(|leaf| Difference {
                    item: leaf.item,
                    left: Some(leaf.version),
                    right: None,
                });
                let right = right.map(|leaf| Difference {
                    item: leaf.item,
                    left: None,
                    right: Some(leaf.version),
                });
                left.into_iter().chain(right).collect()
            }
        };
        found.sort_by_key(|difference| difference.item);
        found.retain(|difference| self.after.is_none_or(|after| difference.item > *after));
        self.found.append(&mut found);
    }
}

impl Side {
    fn into_leaf(self) -> Option<Leaf> {
        if let Self::Leaf(_, leaf) = self { Some(leaf) } else { None }
    }

    // A leaf, or nothing, seen as the inner node that the other tree has in this place.
    fn as_inner(&self, depth: usize) -> Inner {
        let mut inner = Inner::default();
        if let Self::Leaf(child, leaf) = self {
            let slot = nibble(&leaf.item, depth).and_then(|n| inner.children.get_mut(n));
            if let Some(slot) = slot {
                *slot = Some(*child);
            }
        }
        inner
    }
}

fn extend(mut prefix: Digest, depth: usize, number: usize) -> Digest {
    let number = u8::try_from(number).unwrap_or_default();
    if let Some(byte) = prefix.0.get_mut(depth / 2) {
        *byte |= if depth.is_multiple_of(2) { number << 4 } else { number };
    }
    prefix
}
