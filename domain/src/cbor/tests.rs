//! Tests of `cbor`: tables, standard vectors, properties.

use super::*;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
}

fn decode(text: &str) -> Result<Value, CborError> {
    Value::decode(&hex(text), 1_000)
}

fn numbers(numbers: &[u64]) -> Value {
    Value::Array(numbers.iter().map(|number| Value::Unsigned(*number)).collect())
}

// RFC 8949 appendix A, the rows with our types.
#[test]
fn examples_of_rfc_8949() {
    let nested = Value::Array(vec![Value::Unsigned(1), numbers(&[2, 3]), numbers(&[4, 5])]);
    let by_number: BTreeMap<Key, Value> =
        [(1, 2), (3, 4)].map(|(k, v)| (Key::Unsigned(k), Value::Unsigned(v))).into();
    let letters = ["a", "b", "c", "d", "e"]
        .map(|letter| (Key::Text(letter.into()), Value::text(&letter.to_uppercase())));
    for (value, encoding) in [
        (Value::Unsigned(0), "00"),
        (Value::Unsigned(10), "0a"),
        (Value::Unsigned(23), "17"),
        (Value::Unsigned(24), "1818"),
        (Value::Unsigned(100), "1864"),
        (Value::Unsigned(1_000), "1903e8"),
        (Value::Unsigned(1_000_000), "1a000f4240"),
        (Value::Unsigned(1_000_000_000_000), "1b000000e8d4a51000"),
        (Value::Unsigned(u64::MAX), "1bffffffffffffffff"),
        (Value::Bool(false), "f4"),
        (Value::Bool(true), "f5"),
        (Value::Null, "f6"),
        (Value::bytes(b""), "40"),
        (Value::bytes(&[1, 2, 3, 4]), "4401020304"),
        (Value::text(""), "60"),
        (Value::text("IETF"), "6449455446"),
        (Value::text("\"\\"), "62225c"),
        (Value::text("\u{fc}"), "62c3bc"),
        (Value::text("\u{6c34}"), "63e6b0b4"),
        (Value::text("\u{10151}"), "64f0908591"),
        (numbers(&[]), "80"),
        (numbers(&[1, 2, 3]), "83010203"),
        (nested, "8301820203820405"),
        (Value::map([]), "a0"),
        (Value::Map(by_number), "a201020304"),
        (Value::map([("b", numbers(&[2, 3])), ("a", Value::Unsigned(1))]), "a26161016162820203"),
        (
            Value::Array(vec![Value::text("a"), Value::map([("b", Value::text("c"))])]),
            "826161a161626163",
        ),
        (Value::Map(letters.into()), "a56161614161626142616361436164614461656145"),
        (
            numbers(&(1..=25).collect::<Vec<_>>()),
            "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
        ),
    ] {
        assert_eq!(value.encode(), hex(encoding), "{encoding}");
        assert_eq!(decode(encoding), Ok(value), "{encoding}");
    }
}

// The order of RFC 8949 section 4.2.1: 10, 100, "z", "aa".
#[test]
fn keys_sort_as_their_encodings() {
    let keys =
        [Key::Text("aa".into()), Key::Unsigned(100), Key::Text("z".into()), Key::Unsigned(10)];
    let map = Value::Map(keys.map(|key| (key, Value::Null)).into());
    assert_eq!(map.encode(), hex("a40af61864f6617af6626161f6"));
}

#[test]
fn other_encodings_are_refused() {
    use CborError::{NotCanonical, TooDeep, Trailing, Truncated, Unsupported};
    for (encoding, error) in [
        ("", Truncated),
        ("1817", NotCanonical),
        ("1900ff", NotCanonical),
        ("1a0000ffff", NotCanonical),
        ("1b00000000ffffffff", NotCanonical),
        ("580100", NotCanonical),
        ("5f42010243030405ff", NotCanonical),
        ("9f01ff", NotCanonical),
        ("bfff", NotCanonical),
        ("1c", NotCanonical),
        ("a2616201616101", NotCanonical),
        ("a2616101616101", NotCanonical),
        ("a262616101617a01", NotCanonical),
        ("20", Unsupported),
        ("c11a514b67b0", Unsupported),
        ("f7", Unsupported),
        ("f0", Unsupported),
        ("f818", Unsupported),
        ("f90000", Unsupported),
        ("fb3ff199999999999a", Unsupported),
        ("a1410101", Unsupported),
        ("61ff", Unsupported),
        ("0000", Trailing),
        ("18", Truncated),
        ("42aa", Truncated),
        ("9bffffffffffffffff", Truncated),
        ("bb00ffffffffffffff", Truncated),
        ("5bffffffffffffffff", Truncated),
        (&"81".repeat(CBOR_DEPTH_MAX + 1), TooDeep),
    ] {
        assert_eq!(decode(encoding), Err(error), "{encoding}");
    }
    assert_eq!(Value::decode(&hex("83010203"), 3), Err(CborError::TooLong));
}

fn value() -> impl Strategy<Value = Value> {
    let key = prop_oneof![any::<u64>().prop_map(Key::Unsigned), ".{0,3}".prop_map(Key::Text)];
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::Unsigned),
        (0_u64..300).prop_map(Value::Unsigned),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        ".{0,10}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::btree_map(key.clone(), inner, 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn there_and_back(value in value()) {
        let encoding = value.encode();
        let decoded = Value::decode(&encoding, encoding.len()).unwrap();
        prop_assert_eq!(&decoded, &value);
        prop_assert_eq!(decoded.encode(), encoding);
    }

    // Whatever is accepted is the one encoding of what was read.
    #[test]
    fn accepted_means_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(value) = Value::decode(&bytes, 40) {
            prop_assert_eq!(value.encode(), bytes);
        }
    }

    #[test]
    fn cut_or_changed_never_means_the_same(value in value(), at in any::<prop::sample::Index>(), to: u8) {
        let encoding = value.encode();
        let at = at.index(encoding.len());
        prop_assert!(Value::decode(&encoding[..at], 10_000).is_err());
        let mut changed = encoding.clone();
        changed[at] = to;
        prop_assert_eq!(Value::decode(&changed, 10_000) == Ok(value), changed == encoding);
    }
}
