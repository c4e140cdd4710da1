//! Tests of `selection`: tables, standard vectors, properties.

use super::*;
use crate::document::offer::tests::offer;
use proptest::prelude::*;

const OFFER: Digest = Digest([1; 32]);
const REQUEST: Digest = Digest([2; 32]);
const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn id(kind: Kind, number: u8) -> Id {
    Id::new(kind, "eu1".parse().unwrap(), [number; 16])
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn item(text: &str) -> SelectedItem {
    SelectedItem {
        path: path(text),
        item: Digest::of(text.as_bytes()),
        version: 1,
        digest: Digest::of(b"ciphertext"),
        epoch: None,
    }
}

fn selection() -> Selection {
    let offer = offer();
    Selection {
        issuer: "https://id.example".into(),
        client_id: offer.institution,
        session: id(Kind::Session, 1),
        request: REQUEST,
        offer: OFFER,
        grant: id(Kind::Grant, 1),
        vault: id(Kind::Vault, 1),
        device: id(Kind::Device, 1),
        items: ["person.name", "person.birthdate", "document.passport"].map(item).into(),
        refused: ["person.email", "document.id_card"].map(path).into(),
        purpose: offer.purpose.code.clone(),
        frequency: offer.frequency,
        data_life_seconds: offer.data_life_seconds,
        delivery: offer.delivery,
        statement: offer.statement("en").unwrap(),
        language: "en".into(),
        wrap: Digest([3; 32]),
        issued: NOW,
        expires: NOW.after(Duration::from_secs(86_400)),
    }
}

fn check_asked(selection: &Selection, offer: &Offer, asked: &[Path]) -> Result<(), Rejection> {
    let facts = SessionFacts {
        issuer: "https://id.example",
        client_id: offer.institution,
        session: id(Kind::Session, 1),
        request: REQUEST,
        offer: OFFER,
        vault: id(Kind::Vault, 1),
        device: id(Kind::Device, 1),
        asked,
        now: NOW,
    };
    selection.check(offer, &facts)
}

fn check(selection: &Selection, offer: &Offer) -> Result<(), Rejection> {
    check_asked(selection, offer, &offer.asked(None).unwrap())
}

#[test]
fn the_selection_fits() {
    assert_eq!(check(&selection(), &offer()), Ok(()));
    let json = serde_json::to_string(&selection()).unwrap();
    assert_eq!(serde_json::from_str::<Selection>(&json).unwrap(), selection());
    assert!(serde_json::from_str::<Selection>(&json.replacen('{', r#"{"more":1,"#, 1)).is_err());
}

#[test]
fn every_deviation_has_its_rejection() {
    use Rejection::{
        AlternativesNotOne, InvalidRequest, PathNotInOffer, RequiredItemMissing, SelectionMismatch,
    };
    type Change = fn(&mut Selection);
    let table: &[(&str, Change, Rejection)] = &[
        ("issuer", |s| s.issuer = "https://other.example".into(), SelectionMismatch),
        ("client", |s| s.client_id = id(Kind::Institution, 9), SelectionMismatch),
        ("session", |s| s.session = id(Kind::Session, 9), SelectionMismatch),
        ("request", |s| s.request = OFFER, SelectionMismatch),
        ("offer", |s| s.offer = REQUEST, SelectionMismatch),
        ("vault", |s| s.vault = id(Kind::Vault, 9), SelectionMismatch),
        ("device", |s| s.device = id(Kind::Device, 9), SelectionMismatch),
        ("kind", |s| s.grant = id(Kind::Vault, 1), InvalidRequest),
        ("home", |s| s.grant.region = "us1".parse().unwrap(), InvalidRequest),
        ("purpose", |s| s.purpose = "dpv:Marketing".into(), SelectionMismatch),
        ("frequency", |s| s.frequency = Frequency::ONCE, SelectionMismatch),
        ("data life", |s| s.data_life_seconds = None, SelectionMismatch),
        ("delivery", |s| s.delivery = Delivery::Server, SelectionMismatch),
        ("statement", |s| s.statement = OFFER, SelectionMismatch),
        ("language", |s| s.language = "de".into(), SelectionMismatch),
        ("language", |s| s.language = "??".into(), InvalidRequest),
        ("signed early", |s| s.issued = Timestamp(NOW.0 + 60_001), SelectionMismatch),
        ("signed long ago", |s| s.issued = Timestamp(NOW.0 - 600_001), SelectionMismatch),
        ("over", |s| (s.issued, s.expires) = (Timestamp(NOW.0 - 2), NOW), SelectionMismatch),
        ("lives too long", |s| s.expires.0 = NOW.0 + 90 * 86_400_000 + 1, SelectionMismatch),
        ("ends first", |s| s.expires = s.issued, InvalidRequest),
        ("none", |s| s.items.clear(), InvalidRequest),
        ("twice", |s| s.refused.push(path("person.email")), InvalidRequest),
        ("both", |s| s.refused.push(path("person.name")), InvalidRequest),
        ("one item for two", |s| s.items[1].item = s.items[0].item, InvalidRequest),
        ("unknown ticked", |s| s.items.push(item("person.tax")), PathNotInOffer),
        ("unknown refused", |s| s.refused.push(path("person.tax")), PathNotInOffer),
        ("required refused", |s| s.refused.push(s.items.remove(0).path), RequiredItemMissing),
        ("required left out", |s| drop(s.items.remove(0)), RequiredItemMissing),
        ("no alternative", |s| s.refused.push(s.items.remove(2).path), AlternativesNotOne),
        (
            "both alternatives",
            |s| {
                s.refused.pop();
                s.items.push(item("document.id_card"));
            },
            AlternativesNotOne,
        ),
        ("optional unanswered", |s| drop(s.refused.remove(0)), SelectionMismatch),
        ("epoch, not version", |s| s.items[0].epoch = Some(1), SelectionMismatch),
    ];
    for (what, change, rejection) in table {
        let mut selection = selection();
        change(&mut selection);
        assert_eq!(check(&selection, &offer()), Err(*rejection), "{what}");
    }
}

#[test]
fn an_offer_that_covers_the_future_lends_epochs() {
    let offer = Offer { covers_future: true, ..offer() };
    assert_eq!(check(&selection(), &offer), Err(Rejection::SelectionMismatch));
    let mut selection = selection();
    selection.items.iter_mut().for_each(|item| item.epoch = Some(2));
    assert_eq!(check(&selection, &offer), Ok(()));
}

#[test]
fn an_expired_offer_and_a_signature_for_another() {
    let expired = Offer { expires: NOW, ..offer() };
    assert_eq!(check(&selection(), &expired), Err(Rejection::OfferExpired));
    let foreign = Offer { institution: id(Kind::Institution, 8), ..offer() };
    assert_eq!(check(&selection(), &foreign), Err(Rejection::SelectionMismatch));
}

#[test]
fn only_what_was_asked_counts() {
    let asked = ["person.name", "document.passport"].map(path);
    let mut selection = selection();
    assert_eq!(check_asked(&selection, &offer(), &asked), Err(Rejection::PathNotInOffer));
    selection.items = asked.iter().map(|path| item(&path.to_string())).collect();
    selection.refused.clear();
    assert_eq!(check_asked(&selection, &offer(), &asked), Ok(()));
    let beyond = ["person.name", "document.passport", "person.tax"].map(path);
    selection.refused.push(path("person.tax"));
    assert_eq!(check_asked(&selection, &offer(), &beyond), Err(Rejection::PathNotInOffer));
}

proptest! {
    // Whatever is ticked, accepted selections are within the offer and complete.
    #[test]
    fn accepted_means_within_the_offer(ticks in proptest::collection::vec(0_u8..3, 5)) {
        let offer = offer();
        let mut selection = selection();
        selection.items.clear();
        selection.refused.clear();
        for (offered, tick) in offer.items.iter().zip(&ticks) {
            match tick {
                0 => selection.items.push(item(&offered.path.to_string())),
                1 => selection.refused.push(offered.path.clone()),
                _ => {}
            }
        }
        let complete = ticks.iter().all(|tick| *tick < 2);
        let required = ticks[0] == 0 && ticks[1] == 0;
        let one = (ticks[3] == 0) != (ticks[4] == 0);
        prop_assert_eq!(check(&selection, &offer).is_ok(), complete && required && one);
    }
}
