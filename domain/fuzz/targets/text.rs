//! Links and ids: ids, tokens, codes, paths, times, digests, strict JSON, OAuth forms. One
//! thing has one text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::crypto::token::Token;
use symbolon_domain::{Id, Path, Region, Timestamp, cbor, json};

fn one_text<T: std::str::FromStr + ToString>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = cbor::Value::decode(data, 4_096) {
        assert_eq!(value.encode(), data, "deterministic CBOR has one encoding");
    }
    let _ = json::from_slice_strict::<std::collections::BTreeMap<String, u64>>(data, 4_096);
    let Ok(text) = std::str::from_utf8(data) else { return };
    one_text::<Id>(text);
    one_text::<Region>(text);
    one_text::<Path>(text);
    one_text::<Digest>(text);
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse(), Ok(time));
    }
    if let Ok(token) = Token::parse_any(text) {
        assert_eq!(token.text().expose(), text);
    }
    if let Ok(code) = Code::parse(text) {
        assert_eq!(code.to_text().expose(), text);
    }
});
