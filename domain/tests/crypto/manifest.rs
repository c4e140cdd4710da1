//! Vectors of what is hashed in deterministic CBOR: roots of manifests, records of a grant.

use super::vectors::{bytes, hex, hold, id};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::grant::GrantState;
use symbolon_domain::entity::vault::ItemVersion;
use symbolon_domain::log::{Fact, ItemUse, Record};
use symbolon_domain::manifest::{Changes, apply, empty_root};
use symbolon_domain::{Kind, Timestamp};

fn version(number: u64, tombstone: Option<u64>) -> ItemVersion {
    let low = u8::try_from(number % 251).unwrap();
    ItemVersion {
        version: number,
        epoch: u32::try_from(number % 5).unwrap(),
        object: bytes(low),
        digest: Digest(bytes(low.wrapping_add(1))),
        size: number * 77,
        salt: bytes(low.wrapping_add(2)),
        tombstone: tombstone.map(Timestamp),
    }
}

fn root_case(items: &[(Digest, ItemVersion)]) -> Value {
    let changes: Changes =
        items.iter().map(|(item, version)| (*item, Some(version.clone()))).collect();
    let nodes = BTreeMap::<Digest, Vec<u8>>::new();
    let root = apply(empty_root(), &changes, &nodes).unwrap().root;
    let listed = items.iter().map(|(item, version)| {
        json!({
            "item": hex(&item.0), "version": version.version, "epoch": version.epoch,
            "object": hex(&version.object), "digest": hex(&version.digest.0),
            "size": version.size, "salt": hex(&version.salt),
            "tombstone": version.tombstone.map(|at| at.0),
        })
    });
    json!({ "items": listed.collect::<Vec<_>>(), "root": hex(&root.0) })
}

/// Trees of every form: empty, a leaf high up, leaves that part late, numbers of every width.
#[test]
fn roots() {
    let near = |last: u8| {
        let mut item = Digest([0xab; 32]);
        item.0[31] = last;
        item
    };
    let many: Vec<_> = (0..60_u64)
        .map(|number| (Digest::of(&number.to_be_bytes()), version(number + 1, None)))
        .collect();
    let wide = version(1 << 40, Some(1_700_000_000_000));
    let cases = [
        root_case(&[]),
        root_case(&[(near(0), version(1, None))]),
        root_case(&[(near(0x10), version(23, None)), (near(0x20), version(24, None))]),
        root_case(&[
            (near(1), version(1, None)),
            (Digest([0xab; 32]), version(300, Some(5))),
            (Digest([0xac; 32]), version(70_000, None)),
        ]),
        root_case(&[(near(7), wide)]),
        root_case(&many),
    ];
    hold("manifest.json", "roots of manifests with exactly these items", cases.into());
}

/// A chain of a grant's records as their readers get them.
#[test]
fn records() {
    let grant = id(Kind::Grant, 0x10);
    let read = ItemUse { item: Digest(bytes(1)), version: 3, digest: Digest(bytes(2)) };
    let document_hash = Some(Digest(bytes(4)));
    let facts = [
        Fact::Given { selection: Digest(bytes(3)), items: 2, refused: 1 },
        Fact::Used { read: bytes(9), items: vec![read] },
        Fact::Moved { to: GrantState::Paused, document_hash },
        Fact::Moved { to: GrantState::Expired, document_hash: None },
    ];
    let mut previous = Digest([0; 32]);
    let mut records = Vec::new();
    for (sequence, fact) in (0..).zip(facts) {
        let told = match &fact {
            Fact::Given { .. } => json!({ "kind": "given" }),
            Fact::Used { items, .. } => json!({ "kind": "used", "items": items.iter().map(|used| {
                json!({ "item": hex(&used.item.0), "version": used.version, "digest": hex(&used.digest.0) })
            }).collect::<Vec<_>>() }),
            Fact::Moved { to, .. } => json!({ "kind": "moved", "state": to }),
        };
        let at = Timestamp(1_700_000_000_000 + sequence);
        let record = Record { grant, at, sequence, previous, fact };
        let leaf = record.into_leaf(bytes(0x50));
        previous = leaf.hash;
        records.push(json!({
            "sequence": sequence, "at": at.0, "fact": told, "salt": hex(&leaf.salt),
            "record": hex(&leaf.record), "leaf": hex(&leaf.hash.0),
        }));
    }
    let chain = json!({ "grant": grant.to_string(), "records": records, "head": hex(&previous.0) });
    hold("record.json", "a grant's chain of records", vec![chain]);
}
