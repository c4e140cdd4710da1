//! Changes: from one root to the next, with the nodes that come and go.

use super::node::{Child, Inner, Leaf, Reduced, empty_root, nibble, share_prefix};
use super::{MISSING_MAX, NodeSource, TreeError};
use crate::bytes::Digest;
use crate::entity::vault::ItemVersion;
use std::collections::{BTreeMap, BTreeSet};

/// What changes: an item gets a version, or (`None`) leaves the tree without trace. An item
/// that the person deletes gets a version with a tombstone.
pub type Changes = BTreeMap<Digest, Option<ItemVersion>>;

/// A changed tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its root.
    pub root: Digest,
    /// Nodes that it has and the tree before had not, by their hash.
    pub added: BTreeMap<Digest, Vec<u8>>,
    /// Nodes that the tree before had and it has not.
    pub removed: BTreeSet<Digest>,
}

/// Applies changes to the tree with this root. The tree of [`empty_root`] needs no node.
///
/// # Errors
/// When nodes on the way are missing or damaged.
pub fn apply(
    root: Digest,
    changes: &Changes,
    source: &impl NodeSource,
) -> Result<Applied, TreeError> {
    let mut work =
        Work { source, missing: BTreeSet::new(), added: BTreeMap::new(), removed: BTreeSet::new() };
    let changes: Vec<_> = changes.iter().collect();
    let child = Child { hash: root, is_leaf: false };
    let child = work.subtree(Some(child), 0, &changes)?;
    if !work.missing.is_empty() {
        return Err(TreeError::Missing(work.missing.into_iter().take(MISSING_MAX).collect()));
    }
    let root = child.map_or_else(empty_root, |child| child.hash);
    // A node that was taken out and put back did neither. The empty root is never stored.
    let Work { mut added, mut removed, .. } = work;
    removed.retain(|hash| added.remove(hash).is_none());
    added.remove(&empty_root());
    removed.remove(&empty_root());
    Ok(Applied { root, added, removed })
}

type Slice<'a> = [(&'a Digest, &'a Option<ItemVersion>)];

struct Work<'s, S> {
    source: &'s S,
    missing: BTreeSet<Digest>,
    added: BTreeMap<Digest, Vec<u8>>,
    removed: BTreeSet<Digest>,
}

impl<S: NodeSource> Work<'_, S> {
    // The subtree after the changes, all of which belong into it. Once a node is missing the
    // result is of no use, but the walk goes on to find all that is missing at once.
    fn subtree(
        &mut self,
        child: Option<Child>,
        depth: usize,
        changes: &Slice<'_>,
    ) -> Result<Option<Child>, TreeError> {
        let Some(((first, _), _)) = changes.split_first() else { return Ok(child) };
        let Some(child) = child else {
            let leaves = changes.iter().filter_map(put).collect();
            return self.build(leaves, depth);
        };
        if depth == 0 && child.hash == empty_root() {
            return self.inner(Inner::default(), child, depth, changes);
        }
        let Some(bytes) = self.source.node(&child.hash) else {
            self.missing.insert(child.hash);
            return Ok(Some(child));
        };
        if !child.is_leaf {
            let inner = Inner::read(&child.hash, bytes, depth)?;
            return self.inner(inner, child, depth, changes);
        }
        let leaf = Leaf::read(&child.hash, bytes)?;
        if !share_prefix(&leaf.item, first, depth) {
            return Err(TreeError::Corrupt(child.hash));
        }
        self.removed.insert(child.hash);
        let mut leaves: Vec<Leaf> = changes.iter().filter_map(put).collect();
        if !changes.iter().any(|(item, _)| **item == leaf.item) {
            leaves.push(leaf);
        }
        self.build(leaves, depth)
    }

    fn inner(
        &mut self,
        mut inner: Inner,
        child: Child,
        depth: usize,
        changes: &Slice<'_>,
    ) -> Result<Option<Child>, TreeError> {
        let mut rest = changes;
        for (number, slot) in inner.children.iter_mut().enumerate() {
            let end = rest.partition_point(|(item, _)| nibble(item, depth) == Some(number));
            let (own, others) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            *slot = self.subtree(*slot, depth + 1, own)?;
            rest = others;
        }
        self.removed.insert(child.hash);
        Ok(self.put_inner(&inner, depth))
    }

    fn build(&mut self, leaves: Vec<Leaf>, depth: usize) -> Result<Option<Child>, TreeError> {
        if let [leaf] = leaves.as_slice() {
            return Ok(Some(self.add(leaf.encode(), true)));
        }
        let mut groups: BTreeMap<usize, Vec<Leaf>> = BTreeMap::new();
        for leaf in leaves {
            // Ids of 64 nibbles that agree in all of them are one id, of which there is one leaf.
            let number = nibble(&leaf.item, depth).ok_or(TreeError::Corrupt(leaf.item))?;
            groups.entry(number).or_default().push(leaf);
        }
        let mut inner = Inner::default();
        for (number, slot) in inner.children.iter_mut().enumerate() {
            if let Some(group) = groups.remove(&number) {
                *slot = self.build(group, depth + 1)?;
            }
        }
        Ok(self.put_inner(&inner, depth))
    }

    fn put_inner(&mut self, inner: &Inner, depth: usize) -> Option<Child> {
        match inner.reduced() {
            Reduced::Other(other) if depth > 0 => other,
            _ => Some(self.add(inner.encode(), false)),
        }
    }

    fn add(&mut self, bytes: Vec<u8>, is_leaf: bool) -> Child {
        let hash = Digest::of(&bytes);
        self.added.insert(hash, bytes);
        Child { hash, is_leaf }
    }
}

fn put((item, version): &(&Digest, &Option<ItemVersion>)) -> Option<Leaf> {
    (*version).clone().map(|version| Leaf { item: **item, version })
}
