//! Golden bytes of every sort of key, and every key read back.

use super::*;
use crate::key::{self, Key};
use crate::{Kind, port};
use proptest::prelude::*;

fn id(kind: Kind) -> Id {
    Id::new(kind, "eu1".parse().unwrap(), *b"0123456789abcdef")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 24 bytes of `id()` after its kind.
const ID: &str = "657531000000000030313233343536373839616263646566";

fn rows() -> Vec<(Row, String)> {
    let (sixteen, digest) = ([0xaa; 16], Digest([0xbb; 32]));
    let (a, b) = ("aa".repeat(16), "bb".repeat(32));
    vec![
        (Row::InstitutionDocument, "01".into()),
        (Row::OfferDocument, "02".into()),
        (Row::SessionStatement, "03".into()),
        (Row::FrontEndSlot(0x0102), "040102".into()),
        (Row::GrantSelection, "05".into()),
        (Row::GrantItem(0x0304), "060304".into()),
        (Row::GrantWrap(id(Kind::Token)), format!("0705{ID}")),
        (Row::GrantRecord(5), "080000000000000005".into()),
        (Row::GrantRead(sixteen), format!("09{a}")),
        (Row::VaultItem(digest), format!("0a{b}")),
        (Row::VaultObject(sixteen), format!("0b{a}")),
        (Row::VaultObjectPiece(sixteen, 7), format!("0c{a}00000007")),
        (Row::VaultNode(digest), format!("0d{b}")),
        (Row::VaultCommit(9), "0e0000000000000009".into()),
        (Row::VaultApproval(id(Kind::Session)), format!("0f04{ID}")),
        (Row::VaultPin(sixteen, id(Kind::Grant)), format!("11{a}06{ID}")),
        (Row::GrantItemWrap(0x0506), "120506".into()),
        (Row::VaultManifest, "13".into()),
        (Row::SessionRequest, "14".into()),
        (Row::InstitutionWebhook, "15".into()),
        (Row::VaultErase(Timestamp(6), sixteen), format!("160000000000000006{a}")),
        (Row::VaultUsage, "17".into()),
        (Row::FrontEndAsk, "18".into()),
        (Row::DeviceHint(3), "1903".into()),
        (Row::DeviceSignCount, "1a".into()),
    ]
}

fn indexes() -> Vec<(Index, String)> {
    let at = Timestamp(0x0102_0304);
    let at_hex = "0000000001020304";
    let (ins, vlt) = (id(Kind::Institution), id(Kind::Vault));
    let (grt, ses, dev) = (id(Kind::Grant), id(Kind::Session), id(Kind::Device));
    let (fre, off, tok) = (id(Kind::FrontEnd), id(Kind::Offer), id(Kind::Token));
    vec![
        (Index::InstitutionByName("a.example".into()), "01612e6578616d706c65".into()),
        (Index::Institutions(2, ins), format!("020201{ID}")),
        (Index::FrontEndsOf(ins, fre), format!("0301{ID}02{ID}")),
        (Index::OffersOf(ins, off), format!("0401{ID}03{ID}")),
        (Index::Offers(1, off), format!("050103{ID}")),
        (Index::SessionsOf(ins, at, ses), format!("0601{ID}{at_hex}04{ID}")),
        (Index::GrantsOfInstitution(ins, at, grt), format!("0701{ID}{at_hex}06{ID}")),
        (Index::GrantsOfVault(vlt, at, grt), format!("0807{ID}{at_hex}06{ID}")),
        (Index::DevicesOf(vlt, dev), format!("0907{ID}08{ID}")),
        (Index::TokensOf(grt, tok), format!("0a06{ID}05{ID}")),
    ]
}

fn places() -> Vec<(Key, Place, String)> {
    let grant = id(Kind::Grant);
    let position = Position::new(0x0102, 3);
    let position_hex = "00000000000001020003";
    let mut all = vec![
        (key::format_version(), Place::Meta(b"format".into()), "00666f726d6174".into()),
        (key::restoring(), Place::Meta(b"restoring".into()), "00726573746f72696e67".into()),
        (key::head(grant), Place::Head(grant), format!("0106{ID}")),
        (
            key::due(Timestamp(0x0203 * 60_000 + 59_999), grant),
            Place::Due(0x0203, grant),
            format!("04000000000000020306{ID}"),
        ),
        (
            key::due_kept(Timestamp(0x0203 * 60_000 + 59_999), &Digest([0xee; 32])),
            Place::DueKept(0x0204, Digest([0xee; 32])),
            format!("04000000000000020400{}", "ee".repeat(32)),
        ),
        (
            key::idempotency(&Digest([0xcc; 32])),
            Place::Idempotency(Digest([0xcc; 32])),
            format!("06{}", "cc".repeat(32)),
        ),
        (
            key::batch(port::BatchId([0xdd; 16])),
            Place::Batch(port::BatchId([0xdd; 16])),
            format!("07{}", "dd".repeat(16)),
        ),
    ];
    for (queue, expected) in [
        (key::log_queue(), "0501".to_owned()),
        (key::outbox_queue(), "0502".into()),
        (key::event_queue(id(Kind::Vault)), format!("050307{ID}")),
        (key::webhook_queue(id(Kind::Institution)), format!("050401{ID}")),
    ] {
        let place = Place::Queued(queue.clone(), position);
        all.push((queue.key(position), place, format!("{expected}{position_hex}")));
    }
    for (row, expected) in rows() {
        let bytes = key::row(grant, &row);
        all.push((bytes, Place::Row(grant, row), format!("0206{ID}{expected}")));
    }
    for (index, expected) in indexes() {
        all.push((index.key(), Place::Index(index), format!("03{expected}")));
    }
    all
}

#[test]
fn golden_bytes_and_back() {
    for (key, place, expected) in places() {
        assert_eq!(hex(&key), expected, "{place:?}");
        assert_eq!(Place::parse(&key), Ok(place));
    }
}

#[test]
fn every_byte_counts() {
    for (key, place, _) in places() {
        let open_ended =
            matches!(place, Place::Meta(_) | Place::Index(Index::InstitutionByName(_)));
        if open_ended {
            continue;
        }
        assert_eq!(Place::parse(&[&key[..], &[0]].concat()), Err(NotAKey), "longer: {place:?}");
        let shorter = key.split_last().unwrap().1;
        assert_eq!(Place::parse(shorter), Err(NotAKey), "shorter: {place:?}");
    }
    assert_eq!(Place::parse(&[]), Err(NotAKey));
    assert_eq!(Place::parse(&[8]), Err(NotAKey));
}

/// A new row or index does not compile here: give it golden bytes above and a way back
/// in `place.rs`, then add it to its list.
#[test]
fn no_sort_is_missing() {
    for (row, _) in rows() {
        match row {
            Row::InstitutionDocument | Row::OfferDocument | Row::SessionStatement => {}
            Row::SessionRequest | Row::InstitutionWebhook | Row::FrontEndAsk => {}
            Row::DeviceHint(_) | Row::DeviceSignCount => {}
            Row::FrontEndSlot(_) | Row::GrantSelection | Row::GrantItem(_) => {}
            Row::GrantItemWrap(_) => {}
            Row::GrantWrap(_) | Row::GrantRecord(_) | Row::GrantRead(_) => {}
            Row::VaultItem(_) | Row::VaultObject(_) | Row::VaultObjectPiece(..) => {}
            Row::VaultNode(_) | Row::VaultCommit(_) | Row::VaultApproval(_) => {}
            Row::VaultPin(..) | Row::VaultManifest => {}
            Row::VaultErase(..) | Row::VaultUsage => {}
        }
    }
    for (index, _) in indexes() {
        match index {
            Index::InstitutionByName(_) | Index::Institutions(..) | Index::FrontEndsOf(..) => {}
            Index::OffersOf(..) | Index::Offers(..) | Index::SessionsOf(..) => {}
            Index::GrantsOfInstitution(..) | Index::GrantsOfVault(..) => {}
            Index::DevicesOf(..) | Index::TokensOf(..) => {}
        }
    }
}

#[test]
fn order_of_keys_is_order_of_fields() {
    let vault = id(Kind::Vault);
    let later = |at| Index::GrantsOfVault(vault, Timestamp(at), id(Kind::Grant)).key();
    assert!(later(255) < later(256));
    assert!(
        key::log_queue().key(Position::new(255, 9)) < key::log_queue().key(Position::new(256, 0))
    );
    assert!(key::due(Timestamp(60_000), vault) < key::due_until(Timestamp(60_000)).end);
    assert!(key::due(Timestamp(120_000), vault) >= key::due_until(Timestamp(60_000)).end);
}

proptest! {
    #[test]
    fn parse_never_panics(bytes: Vec<u8>) {
        let _ = Place::parse(&bytes);
    }
}
