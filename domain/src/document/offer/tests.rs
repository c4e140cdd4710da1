//! Tests of `offer`: tables, standard vectors, properties.

use super::*;
use serde_json::{Value, json};

pub(crate) fn offer() -> Offer {
    serde_json::from_value(document()).unwrap()
}

fn document() -> Value {
    json!({
        "institution": "ins_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "title": {"en": "Open an account", "de": "Konto eröffnen"},
        "items": [
            {"path": "person.name", "necessity": "required"},
            {"path": "person.birthdate", "necessity": "required"},
            {"path": "person.email", "necessity": "optional"},
            {"path": "document.passport", "necessity": {"one_of": "identity"}},
            {"path": "document.id_card", "necessity": {"one_of": "identity"}},
        ],
        "purpose": {"code": "dpv:IdentityVerification", "text": {"en": "To know you", "de": "Um Sie zu kennen"}},
        "frequency": {"uses_max": 3, "period_seconds": 86400},
        "data_life_seconds": 2_592_000,
        "grant_life_seconds": 7_776_000,
        "covers_future": false,
        "delivery": "institution",
        "use_statement": {"en": "We check who you are.", "de": "Wir prüfen, wer Sie sind."},
        "disclaimer": {"en": "What was read cannot be taken back."},
        "allowed_regions": ["eu1"],
        "expires": "2027-01-01T00:00:00Z",
    })
}

#[test]
fn a_valid_one_survives_json() {
    let offer = offer();
    assert_eq!(offer.validate(), Ok(()));
    assert_eq!(serde_json::to_value(&offer).unwrap(), document());
}

#[test]
fn fields_refused() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut document = document();
        change(&mut document);
        let offer = serde_json::from_value::<Offer>(document.clone()).ok();
        offer.map(|offer| offer.validate().expect_err(&document.to_string()).field)
    };
    let set = |pointer: &'static str, value: Value| {
        refused(&|document| *document.pointer_mut(pointer).unwrap() = value.clone())
    };
    assert_eq!(
        set("/institution", json!("dev_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa")),
        Some("institution")
    );
    assert_eq!(set("/title", json!({"de": "x"})), Some("title"));
    assert_eq!(set("/items", json!([])), Some("items"));
    assert_eq!(set("/items/1/path", json!("person.name")), Some("items"), "twice");
    assert_eq!(set("/items/1/path", json!("person.name.given")), Some("items"), "within");
    assert_eq!(set("/items/1/path", json!("Person")), None, "no path");
    assert_eq!(set("/items/3/necessity", json!({"one_of": "other"})), Some("items"), "one only");
    assert_eq!(set("/items/3/necessity", json!({"one_of": ""})), Some("items"));
    assert_eq!(set("/items/3/necessity", json!("maybe")), None);
    assert_eq!(set("/purpose/code", json!("a b")), Some("purpose.code"));
    assert_eq!(set("/frequency/uses_max", json!(0)), Some("frequency.uses_max"));
    assert_eq!(set("/frequency/period_seconds", json!(0)), Some("frequency.period_seconds"));
    assert_eq!(set("/frequency", json!({"uses_max": 1, "more": 1})), None);
    assert_eq!(set("/data_life_seconds", json!(316_224_001)), Some("data_life_seconds"));
    assert_eq!(set("/grant_life_seconds", json!(0)), Some("grant_life_seconds"));
    assert_eq!(set("/allowed_regions", json!(["eu1", "eu1"])), Some("allowed_regions"));
    assert_eq!(set("/disclaimer/en", json!("\u{202e}")), Some("disclaimer"));
    assert_eq!(refused(&|document| document["more"] = json!(1)), None, "an unknown member");
    let many: Vec<Value> = (0..=ITEMS_MAX)
        .map(|n| json!({"path": format!("a{n}"), "necessity": "optional"}))
        .collect();
    assert_eq!(set("/items", json!(many)), Some("items"));
}

#[test]
fn as_many_items_as_allowed() {
    let mut offer = offer();
    let item = |n: usize| OfferItem {
        path: format!("a{n}").parse().unwrap(),
        necessity: Necessity::Optional,
    };
    offer.items = (0..ITEMS_MAX).map(item).collect();
    assert_eq!(offer.validate(), Ok(()));
}

#[test]
fn a_wish_is_a_subset() {
    let offer = offer();
    let path = |text: &str| text.parse::<Path>().unwrap();
    assert_eq!(offer.asked(None).unwrap().len(), 5);
    let wish = [path("person.email"), path("person.name")];
    assert_eq!(offer.asked(Some(&wish)), Ok(vec![path("person.name"), path("person.email")]));
    assert_eq!(offer.asked(Some(&[path("person.tax")])), Err(Rejection::PathNotInOffer));
    assert_eq!(offer.asked(Some(&[])), Err(Rejection::InvalidRequest));
    let twice = [path("person.name"), path("person.name")];
    assert_eq!(offer.asked(Some(&twice)), Err(Rejection::InvalidRequest));
}

#[test]
fn the_statement_changes_with_every_text() {
    let statement = offer().statement("en").unwrap();
    assert_eq!(offer().statement("de"), None, "the disclaimer is not there in German");
    let changes: [fn(&mut Offer) -> &mut Texts; 4] = [
        |o| &mut o.title,
        |o| &mut o.purpose.text,
        |o| &mut o.use_statement,
        |o| &mut o.disclaimer,
    ];
    for change in changes {
        let mut other = offer();
        change(&mut other).0.insert("en".into(), "Something else".into());
        assert_ne!(other.statement("en"), Some(statement));
    }
}
