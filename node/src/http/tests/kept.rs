//! Answers with a secret that are kept for a retry: the store has them sealed, and only what
//! the request presented opens them.

use super::desk::{Desk, request};
use crate::http::call::Request;
use axum::body::Body;

#[tokio::test]
async fn only_what_was_presented_opens_it() {
    let desk = Desk::open().await;
    let app = desk.app();
    let asked = |key: &str| {
        let request = request("POST", "/oauth/token").header("idempotency-key", key);
        Request::begin(app, &request.body(Body::empty()).unwrap())
    };
    let (body, code, token) = (b"body", Some(&b"the code"[..]), "atk_eu1_secret");
    let kept = asked("one").keep_sealed(app, body, code, &token).unwrap().unwrap();
    let sealed = kept.sealed_answer.unwrap();
    assert!(kept.ttl_seconds <= 60);
    assert!(!sealed.windows(token.len()).any(|bytes| bytes == token.as_bytes()));
    let open = |key, body, code| asked(key).open_kept_bytes(app, body, code, &sealed).ok();
    let text = open("one", &body[..], code).unwrap();
    assert_eq!(serde_json::from_slice::<String>(&text).unwrap(), token);
    // The key of a request is no secret where the request has one.
    for (key, body, code) in [
        ("one", &body[..], Some(&b"another"[..])),
        ("one", body, None),
        ("two", body, code),
        ("one", b"other", code),
    ] {
        assert_eq!(open(key, body, code), None, "{key} {body:?} {code:?}");
    }
    // Where it presents none, the key is the secret.
    let kept = asked("one").keep_sealed(app, body, None, &token).unwrap().unwrap();
    let sealed = kept.sealed_answer.unwrap();
    let open = |key| asked(key).open_kept_bytes(app, body, None, &sealed).is_ok();
    assert_eq!((open("one"), open("two")), (true, false));
}
