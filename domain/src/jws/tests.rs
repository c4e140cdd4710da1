//! Tests of `jws`: tables, standard vectors, properties.

use super::*;
use crate::crypto::RustCrypto;
use proptest::prelude::*;
use serde_json::{Value, json};

const KEY: [u8; 32] = [7; 32];

fn public() -> P256Public {
    RustCrypto.p256_public(&Secret::new(KEY)).unwrap()
}

fn signed(typ: Typ) -> String {
    sign(&RustCrypto, &Secret::new(KEY), typ, None, &json!({"a": 1})).unwrap()
}

fn with_header(header: &str) -> String {
    let text = format!("{}.{}", base64url(header.as_bytes()), base64url(br#"{"a":1}"#));
    let signature = RustCrypto.sign_es256(&Secret::new(KEY), text.as_bytes()).unwrap();
    format!("{text}.{}", base64url(&signature.0))
}

// RFC 7515 appendix A.3: its header has no typ, so it is checked below the header.
#[test]
fn vector_of_rfc_7515() {
    let signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly\
                  9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP\
                     P3-Kg6NU1Q";
    let jwk: P256Jwk = serde_json::from_value(json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }))
    .unwrap();
    let key = jwk.key;
    let signature = P256Signature(base64url_array(signature).unwrap());
    assert_eq!(RustCrypto.verify_es256(&key, signed.as_bytes(), &signature), Ok(()));
    let text = format!("{signed}.{}", base64url(&signature.0));
    assert!(matches!(Unverified::parse(&text, Typ::Offer), Err(JwsError::Header(_))));
}

#[test]
fn each_purpose_is_its_own() {
    for made in Typ::ALL {
        let text = signed(*made);
        for read in Typ::ALL {
            let parsed = Unverified::parse(&text, *read);
            assert_eq!(parsed.is_ok(), made == read, "{made:?} read as {read:?}");
        }
        let unverified = Unverified::parse(&text, *made).unwrap();
        assert_eq!(unverified.jwk().is_some(), *made == Typ::Dpop);
        let verified: Verified<Value> = unverified.verify(&RustCrypto, &public()).unwrap();
        assert_eq!(verified.payload, json!({"a": 1}));
        assert_eq!(verified.payload_bytes, br#"{"a":1}"#);
        assert_eq!(verified.digest, Digest::of(text.rsplit_once('.').unwrap().0.as_bytes()));
        assert_eq!(verified.text, text);
    }
}

#[test]
fn headers_refused() {
    let jwk = serde_json::to_string(&P256Jwk::new(public())).unwrap();
    for header in [
        r#"{"typ":"symbolon-offer+jwt"}"#.to_owned(),
        r#"{"typ":"symbolon-offer+jwt","alg":"none"}"#.into(),
        r#"{"typ":"symbolon-offer+jwt","alg":"HS256"}"#.into(),
        r#"{"typ":"symbolon-offer+jwt","alg":"ES256","crit":["b64"],"b64":false}"#.into(),
        r#"{"typ":"symbolon-offer+jwt","alg":"ES256","crit":[]}"#.into(),
        r#"{"typ":"symbolon-offer+jwt","alg":"ES256","jku":"https://evil.example"}"#.into(),
        r#"{"typ":"symbolon-offer+jwt","alg":"ES256","kid":""}"#.into(),
        r#"{"typ":"symbolon-offer+jwt","alg":"none","alg":"ES256"}"#.into(),
        format!(r#"{{"typ":"symbolon-offer+jwt","alg":"ES256","jwk":{jwk}}}"#),
        format!(r#"{{"typ":"symbolon-offer+jwt","alg":"ES256","kid":"{}"}}"#, "k".repeat(1_200)),
        r#"["typ"]"#.into(),
    ] {
        let text = with_header(&header);
        let refusal = Unverified::parse(&text, Typ::Offer).err().unwrap();
        assert!(matches!(refusal, JwsError::Header(_)), "{header}: {refusal:?}");
        assert_eq!(Rejection::from(refusal), Rejection::InvalidRequest);
    }
    let fine = with_header(r#"{"alg":"ES256","kid":"k1","typ":"symbolon-offer+jwt"}"#);
    assert_eq!(Unverified::parse(&fine, Typ::Offer).unwrap().kid(), Some("k1"));
    let no_key = with_header(r#"{"typ":"dpop+jwt","alg":"ES256"}"#);
    assert!(Unverified::parse(&no_key, Typ::Dpop).is_err());
}

#[test]
fn a_member_twice_is_refused_though_signed() {
    let header = base64url(br#"{"typ":"symbolon-offer+jwt","alg":"ES256"}"#);
    let text = format!("{header}.{}", base64url(br#"{"a":1,"a":2}"#));
    let signature = RustCrypto.sign_es256(&Secret::new(KEY), text.as_bytes()).unwrap();
    let text = format!("{text}.{}", base64url(&signature.0));
    let unverified = Unverified::parse(&text, Typ::Offer).unwrap();
    let refusal = unverified.verify::<Value>(&RustCrypto, &public()).unwrap_err();
    assert!(matches!(refusal, JwsError::Payload(_)), "{refusal:?}");
}

#[test]
fn bounds() {
    let payload = json!({"a": "x".repeat(Typ::Manifest.bytes_max())});
    let key = Secret::new(KEY);
    let refusal = sign(&RustCrypto, &key, Typ::Manifest, None, &payload).unwrap_err();
    assert!(matches!(refusal, SignError::TooLong { .. }));
    assert_eq!(sign(&RustCrypto, &key, Typ::Manifest, Some("a b"), &1), Err(SignError::Kid));
    let long = "a".repeat(Typ::Dpop.bytes_max() + 1);
    assert!(matches!(Unverified::parse(&long, Typ::Dpop), Err(JwsError::TooLong { .. })));
    for text in ["", ".", "..", "...", "a.b", "a.b.c"] {
        assert!(Unverified::parse(text, Typ::Dpop).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_changed_character_is_noticed(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let text = signed(Typ::Offer);
        let at = at.index(text.len());
        let mut changed = text.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(changed != text);
        let verdict = Unverified::parse(&changed, Typ::Offer)
            .and_then(|unverified| unverified.verify::<Value>(&RustCrypto, &public()));
        prop_assert!(verdict.is_err());
    }

    #[test]
    fn never_panics(text in "[A-Za-z0-9_.=-]{0,80}|\\PC{0,40}") {
        let _ = Unverified::parse(&text, Typ::Dpop);
    }
}
