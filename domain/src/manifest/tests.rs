//! Tests of `manifest`: tables, standard vectors, properties.

use super::*;
use crate::crypto::{Crypto, RustCrypto};
use crate::entity::vault::ItemVersion;
use crate::jws::{Typ, Unverified, Verified, sign};
use crate::secret::Secret;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;

type Nodes = BTreeMap<Digest, Vec<u8>>;
type Items = BTreeMap<Digest, ItemVersion>;

fn version(number: u64) -> ItemVersion {
    ItemVersion {
        version: number,
        epoch: 1,
        object: [7; 16],
        digest: Digest([8; 32]),
        size: 1_000,
        salt: [9; 32],
        tombstone: number.is_multiple_of(5).then_some(Timestamp(number)),
    }
}

// Applies and stores.
fn step(root: Digest, changes: &Changes, nodes: &mut Nodes) -> Digest {
    let applied = apply(root, changes, nodes).unwrap();
    for hash in &applied.removed {
        assert!(nodes.remove(hash).is_some(), "removes only what is there");
    }
    for (hash, bytes) in applied.added {
        assert_eq!(Digest::of(&bytes), hash);
        assert!(nodes.insert(hash, bytes).is_none(), "adds only what is not there");
    }
    applied.root
}

fn all(items: &Items) -> Changes {
    items.iter().map(|(item, version)| (*item, Some(version.clone()))).collect()
}

// Ids that share long prefixes, which real ones (HMACs) hardly do.
fn item() -> impl Strategy<Value = Digest> {
    let far = any::<[u8; 32]>().prop_map(Digest);
    let near = (0_u8..4, 0_u8..3, 0_u8..3).prop_map(|(first, middle, last)| {
        let mut id = [0; 32];
        (id[0], id[16], id[31]) = (first * 0x11, middle, last);
        Digest(id)
    });
    prop_oneof![near.clone(), near, far]
}

fn batches() -> impl Strategy<Value = Vec<Changes>> {
    let change = prop_oneof![3 => (1_u64..8).prop_map(Some), 2 => Just(None)];
    let batch = proptest::collection::btree_map(item(), change.prop_map(|n| n.map(version)), 0..8);
    proptest::collection::vec(batch, 1..8)
}

#[test]
fn the_empty_root_is_fixed() {
    assert_eq!(empty_root().to_string(), "z7eRMy8BZmsy6vh52g4bPqTi0TeQaraa-HHrjkXYU40");
    assert_eq!(empty_root(), Digest::of(&[1, 0x82, 0, 0]));
    let applied = apply(empty_root(), &Changes::new(), &Nodes::new()).unwrap();
    assert_eq!((applied.root, applied.added.len()), (empty_root(), 0));
}

#[test]
fn golden() {
    let mut nodes = Nodes::new();
    let changes = [(Digest([1; 32]), Some(version(1))), (Digest([2; 32]), Some(version(5)))].into();
    let root = step(empty_root(), &changes, &mut nodes);
    assert_eq!(nodes.len(), 4, "root, one inner node, two leaves");
    assert_eq!(root.to_string(), "LJj9rAb5R4mgWuY6wiZTWcNIWr5EDdPAXL2fJ3NzJUY");
}

#[test]
fn sharing() {
    let mut nodes = Nodes::new();
    let items: Items = (0..500_u64).map(|n| (Digest::of(&n.to_be_bytes()), version(1))).collect();
    let root = step(empty_root(), &all(&items), &mut nodes);
    let one = Digest::of(&7_u64.to_be_bytes());
    let applied = apply(root, &[(one, Some(version(2)))].into(), &nodes).unwrap();
    assert!(applied.added.len() <= 5, "{} nodes for one change", applied.added.len());
    assert_eq!(applied.added.len(), applied.removed.len());
    let gone = apply(root, &items.keys().map(|item| (*item, None)).collect(), &nodes).unwrap();
    assert_eq!((gone.root, gone.added.len()), (empty_root(), 0));
    assert_eq!(gone.removed.len(), nodes.len());
}

// A source that tells which nodes were asked for, and has only those given to it.
struct Counted<'a> {
    nodes: &'a Nodes,
    asked: RefCell<BTreeSet<Digest>>,
}

impl NodeSource for Counted<'_> {
    fn node(&self, hash: &Digest) -> Option<&[u8]> {
        self.asked.borrow_mut().insert(*hash);
        self.nodes.node(hash)
    }
}

#[test]
fn what_is_shared_is_not_looked_at() {
    let mut nodes = Nodes::new();
    let items: Items = (0..500_u64).map(|n| (Digest::of(&n.to_be_bytes()), version(1))).collect();
    let root = step(empty_root(), &all(&items), &mut nodes);
    let one = Digest::of(&7_u64.to_be_bytes());
    let next = apply(root, &[(one, Some(version(2)))].into(), &nodes).unwrap();
    nodes.extend(next.added);
    let counted = Counted { nodes: &nodes, asked: RefCell::default() };
    let found = difference(root, next.root, None, 10, &counted).unwrap();
    let expected = Difference { item: one, left: Some(version(1)), right: Some(version(2)) };
    assert_eq!(found, [expected]);
    assert!(counted.asked.borrow().len() <= 10);
    assert_eq!(difference(root, root, None, 10, &Nodes::new()), Ok(vec![]), "no node needed");
}

// Loads what is missing until the answer is there; gives the number of rounds.
fn load<T>(from: &Nodes, mut ask: impl FnMut(&Nodes) -> Result<T, TreeError>) -> (T, usize) {
    let mut loaded = Nodes::new();
    for round in 0.. {
        match ask(&loaded) {
            Ok(answer) => return (answer, round),
            Err(TreeError::Missing(hashes)) => {
                assert!(!hashes.is_empty() && hashes.len() <= MISSING_MAX);
                for hash in hashes {
                    let bytes = from[&hash].clone();
                    assert!(loaded.insert(hash, bytes).is_none(), "asked for what was given");
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    unreachable!()
}

#[test]
fn nodes_are_loaded_level_by_level() {
    let mut nodes = Nodes::new();
    let items: Items = (0..500_u64).map(|n| (Digest::of(&n.to_be_bytes()), version(1))).collect();
    let root = step(empty_root(), &all(&items), &mut nodes);
    let (found, rounds) = load(&nodes, |loaded| leaves(root, None, 1_000, loaded));
    assert_eq!(found.len(), 500);
    assert!(rounds <= 8, "{rounds} rounds for four levels");
    let changes: Changes = items.keys().take(100).map(|item| (*item, Some(version(2)))).collect();
    let (applied, rounds) = load(&nodes, |loaded| apply(root, &changes, loaded));
    assert_eq!(applied, apply(root, &changes, &nodes).unwrap());
    assert!(rounds <= 5, "{rounds} rounds");
}

#[test]
fn damage_is_told() {
    let mut nodes = Nodes::new();
    let items: Items = (0..50_u64).map(|n| (Digest::of(&n.to_be_bytes()), version(1))).collect();
    let root = step(empty_root(), &all(&items), &mut nodes);
    for hash in nodes.keys().copied().collect::<Vec<_>>() {
        let mut damaged = nodes.clone();
        *damaged.get_mut(&hash).unwrap().last_mut().unwrap() ^= 1;
        assert_eq!(leaves(root, None, 100, &damaged), Err(TreeError::Corrupt(hash)));
    }
}

#[test]
fn forms_that_are_not_canonical_are_refused() {
    let leaf = Leaf { item: Digest([0x12; 32]), version: version(1) }.encode();
    let hash = Digest::of(&leaf);
    let child = |is_leaf, nibble: usize, hash| {
        let mut inner = node::Inner::default();
        inner.children[nibble] = Some(node::Child { hash, is_leaf });
        inner.encode()
    };
    // An inner node below the root with one leaf only.
    let lone = child(true, 2, hash);
    let above = child(false, 1, Digest::of(&lone));
    let root = Digest::of(&above);
    let nodes: Nodes = [leaf.clone(), lone.clone(), above].map(|b| (Digest::of(&b), b)).into();
    assert_eq!(leaves(root, None, 9, &nodes), Err(TreeError::Corrupt(Digest::of(&lone))));
    // A leaf in another's place.
    let misplaced = child(true, 3, hash);
    let root = Digest::of(&misplaced);
    let nodes: Nodes = [leaf.clone(), misplaced].map(|b| (Digest::of(&b), b)).into();
    assert_eq!(leaves(root, None, 9, &nodes), Err(TreeError::Corrupt(hash)));
    let changes = [(Digest([0x31; 32]), Some(version(1)))].into();
    assert_eq!(apply(root, &changes, &nodes), Err(TreeError::Corrupt(hash)));
    // A leaf said to be an inner node.
    let disguised = child(false, 1, hash);
    let root = Digest::of(&disguised);
    let nodes: Nodes = [leaf, disguised].map(|b| (Digest::of(&b), b)).into();
    assert_eq!(leaves(root, None, 9, &nodes), Err(TreeError::Corrupt(hash)));
}

proptest! {
    // Whatever the way, the same items have the same root, and exactly its nodes are stored.
    #[test]
    fn canonical(batches in batches()) {
        let (mut items, mut nodes, mut root) = (Items::new(), Nodes::new(), empty_root());
        for batch in &batches {
            root = step(root, batch, &mut nodes);
            for (item, version) in batch {
                match version {
                    Some(version) => items.insert(*item, version.clone()),
                    None => items.remove(item),
                };
            }
            let mut fresh = Nodes::new();
            prop_assert_eq!(step(empty_root(), &all(&items), &mut fresh), root);
            prop_assert_eq!(&fresh, &nodes);
            let found = leaves(root, None, usize::MAX, &nodes).unwrap();
            let found: Items = found.into_iter().map(|leaf| (leaf.item, leaf.version)).collect();
            prop_assert_eq!(&found, &items);
        }
    }

    // The difference is that of the two sets of items, also page by page.
    #[test]
    fn differences(one in batches(), two in batches(), limit in 1_usize..5) {
        let mut nodes = Nodes::new();
        let mut root_of = |batches: &[Changes]| {
            let items: Items = batches.iter().flatten()
                .filter_map(|(item, version)| Some((*item, version.clone()?))).collect();
            let applied = apply(empty_root(), &all(&items), &Nodes::new()).unwrap();
            nodes.extend(applied.added);
            (items, applied.root)
        };
        let ((left, left_root), (right, right_root)) = (root_of(&one), root_of(&two));
        let items: BTreeSet<_> = left.keys().chain(right.keys()).copied().collect();
        let expected: Vec<_> = items.into_iter()
            .map(|item| Difference { item, left: left.get(&item).cloned(), right: right.get(&item).cloned() })
            .filter(|difference| difference.left != difference.right)
            .collect();
        let found = difference(left_root, right_root, None, usize::MAX, &nodes).unwrap();
        prop_assert_eq!(&found, &expected);
        let mut paged: Vec<Difference> = Vec::new();
        loop {
            let after = paged.last().map(|difference| difference.item);
            let page = difference(left_root, right_root, after.as_ref(), limit, &nodes).unwrap();
            prop_assert!(page.len() <= limit);
            if page.is_empty() { break; }
            paged.extend(page);
        }
        prop_assert_eq!(paged, expected);
    }

    #[test]
    fn damaged_nodes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), first in 0_u8..3) {
        let bytes = [&[first], &bytes[..]].concat();
        let hash = Digest::of(&bytes);
        let nodes: Nodes = [(hash, bytes)].into();
        let _ = leaves(hash, None, 10, &nodes);
        let _ = apply(hash, &[(Digest([1; 32]), Some(version(1)))].into(), &nodes);
    }
}

fn id(kind: Kind) -> Id {
    Id::new(kind, "eu1".parse().unwrap(), [5; 16])
}

const NOW: Timestamp = Timestamp(1_780_000_000_000);
const KNOWN: ManifestHead = ManifestHead { epoch: 4, root: Digest([4; 32]) };

fn commit() -> ManifestCommit {
    ManifestCommit::next(id(Kind::Vault), &KNOWN, Digest([5; 32]), id(Kind::Device), NOW)
}

#[test]
fn a_device_believes_only_what_follows() {
    let accept = |change: fn(&mut ManifestCommit), revoked, empty| {
        let mut commit = commit();
        change(&mut commit);
        commit.accept(&KNOWN, id(Kind::Vault), revoked, empty)
    };
    let next = ManifestHead { epoch: 5, root: Digest([5; 32]) };
    assert_eq!(accept(|_| {}, false, false), Ok(next));
    assert_eq!(accept(|c| (c.epoch, c.root) = (4, KNOWN.root), true, false), Ok(KNOWN));
    assert_eq!(accept(|c| c.epoch = 4, false, false), Err(Distrust::AnotherRoot));
    assert_eq!(accept(|c| c.epoch = 3, false, false), Err(Distrust::LowerEpoch));
    assert_eq!(accept(|c| c.epoch = 6, false, false), Err(Distrust::Gap));
    assert_eq!(accept(|c| c.previous.0[0] = 9, false, false), Err(Distrust::BrokenChain));
    assert_eq!(accept(|_| {}, true, false), Err(Distrust::RevokedDevice));
    assert_eq!(accept(|c| c.root = empty_root(), false, false), Err(Distrust::SuddenlyEmpty));
    assert!(accept(|c| c.root = empty_root(), false, true).is_ok());
    assert_eq!(accept(|c| c.subject.random[0] = 9, false, false), Err(Distrust::AnotherVault));
}

#[test]
fn a_server_takes_only_what_follows() {
    let check = |change: fn(&mut ManifestCommit)| {
        let mut commit = commit();
        change(&mut commit);
        commit.check(&KNOWN, id(Kind::Vault), id(Kind::Device), NOW)
    };
    assert_eq!(check(|_| {}), Ok(()));
    assert_eq!(check(|c| c.epoch = 6), Err(Rejection::ManifestConflict));
    assert_eq!(check(|c| c.previous = Digest([1; 32])), Err(Rejection::ManifestConflict));
    assert_eq!(check(|c| c.root = KNOWN.root), Err(Rejection::InvalidRequest));
    assert_eq!(check(|c| c.epoch = 0), Err(Rejection::InvalidRequest));
    assert_eq!(check(|c| c.subject.kind = Kind::Grant), Err(Rejection::InvalidRequest));
    assert_eq!(check(|c| c.device.random[0] = 9), Err(Rejection::Forbidden));
    assert_eq!(check(|c| c.subject.random[0] = 9), Err(Rejection::Forbidden));
    assert_eq!(check(|c| c.time.0 += 60_001), Err(Rejection::BadSignature));
    assert_eq!(check(|c| c.time.0 -= 600_001), Err(Rejection::BadSignature));
}

#[test]
fn a_commit_is_a_signed_document() {
    let key = Secret::new([1; 32]);
    let text = sign(&RustCrypto, &key, Typ::Manifest, None, &commit()).unwrap();
    let public = RustCrypto.p256_public(&key).unwrap();
    let read: Verified<ManifestCommit> =
        Unverified::parse(&text, Typ::Manifest).unwrap().verify(&RustCrypto, &public).unwrap();
    assert_eq!(read.payload, commit());
}
