//! Bodies and headers: malformed, cut, deep, huge, slow, of another kind.

use super::stage::{Refused, Whole, problem, refused};
use crate::client::{Answer, Client, VERSIONS, piece, pieces, request};
use bytes::Bytes;
use http::{HeaderValue, Request};
use symbolon_client::http3::Request as Sent;

const GOOD: &str = r#"{"name":"Desk","place":"Hall","sessions_max":2}"#;
const PATH: &str = "/v1/front-ends";

fn head(method: &str, path: &str, media_type: &str) -> Request<()> {
    let mut head = request(method, path);
    if !media_type.is_empty() {
        head.headers_mut().insert("content-type", HeaderValue::from_str(media_type).unwrap());
    }
    head
}

async fn told(answer: Answer) -> Refused {
    let (status, kind) = (answer.status().as_u16(), answer.header("content-type"));
    assert_eq!(kind.as_deref(), Some("application/problem+json"));
    let body: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    assert!(body["trace_id"].is_string() && body["type"].is_string(), "{body}");
    refused(status, body["code"].as_str().unwrap(), body["locus"].as_str().unwrap())
}

async fn send(client: &mut Client, head: Request<()>, body: impl Into<Bytes>) -> Refused {
    let (feed, pieces) = pieces();
    let body = body.into();
    tokio::spawn(async move {
        // Refused early, the rest is of no use.
        let _stopped = feed.send(piece(body)).await;
    });
    told(client.send(head, pieces).await.unwrap()).await
}

#[tokio::test]
async fn a_body_that_is_wrong_is_told_and_changes_nothing() {
    let whole = Whole::start().await;
    let before = whole.bank.front_ends().await.unwrap().len();
    let (place, bank) = whole.partner();
    let json = "application/json";
    let malformed = refused(400, "malformed_body", "client");
    let unsupported = refused(415, "unsupported_media_type", "client");
    for version in VERSIONS {
        let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let wide = format!("[{}1]", "1,".repeat(100_000));
        for body in [
            "",
            "{",
            "null",
            "[]",
            "\u{feff}{}",
            &GOOD[..GOOD.len() - 1],
            &GOOD.replace('}', r#","more":1}"#),
            &GOOD.replace('{', r#"{"name":"Twice","#),
            &GOOD.replace("2}", "-2}"),
            &GOOD.replace("2}", "1e99}"),
            &GOOD.replace("\"Desk\"", "7"),
            &format!("{GOOD}{GOOD}"),
            &deep,
            &wide,
        ] {
            let body = body.to_owned();
            let start: String = body.chars().take(60).collect();
            let told = send(&mut client, head("POST", PATH, json), body).await;
            assert_eq!(told, malformed, "{version:?} {start}");
        }
        let not_text = GOOD.replace("Desk", "D\u{1}").into_bytes().into_iter();
        let not_text: Vec<u8> = not_text.map(|byte| if byte == 1 { 0xff } else { byte }).collect();
        assert_eq!(send(&mut client, head("POST", PATH, json), not_text).await, malformed);
        for media_type in ["", "text/plain", "application/x-www-form-urlencoded", "json"] {
            let told = send(&mut client, head("POST", PATH, media_type), GOOD).await;
            assert_eq!(told, unsupported, "{version:?} {media_type}");
        }
        let form = head("POST", "/oauth/token", json);
        let (feed, body) = pieces();
        drop(feed);
        let answer = client.send(form, body).await.unwrap();
        assert_eq!(answer.status(), 415, "an OAuth endpoint says it in its own way");
    }
    assert_eq!(whole.bank.front_ends().await.unwrap().len(), before);
    whole.alive().await;
    whole.stop().await;
}

#[tokio::test]
async fn what_is_too_large_or_too_slow_is_stopped() {
    let whole = Whole::configured(|config| {
        config.limits.body_bytes = 50_000;
        config.limits.body_idle_timeout_seconds = 1;
    })
    .await;
    let before = whole.bank.front_ends().await.unwrap().len();
    let (place, bank) = whole.partner();
    let json = "application/json";
    for version in VERSIONS {
        let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
        let large = GOOD.replace("Desk", &"x".repeat(60_000));
        let large = send(&mut client, head("POST", PATH, json), large).await;
        assert_eq!(large, refused(413, "body_too_large", "client"), "{version:?}");

        let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
        let (feed, body) = pieces();
        feed.send(piece(&GOOD.as_bytes()[..9])).await.unwrap();
        let answer = client.send(head("POST", PATH, json), body).await.unwrap();
        let slow = refused(408, "body_too_slow", "client");
        assert_eq!(told(answer).await, slow, "{version:?}");
        drop(feed);

        let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
        let mut much = head("GET", PATH, "");
        much.headers_mut().insert("x-large", HeaderValue::from_str(&"x".repeat(20_000)).unwrap());
        let much = told(client.send(much, pieces().1).await.unwrap()).await;
        assert_eq!(much, refused(431, "headers_too_large", "client"), "{version:?}");
    }
    assert_eq!(whole.bank.front_ends().await.unwrap().len(), before);
    whole.alive().await;
    whole.stop().await;
}

/// An OAuth endpoint's refusal, as RFC 6749 section 5.2 has it.
async fn oauth_told(answer: Answer) -> (u16, String) {
    let (status, kind) = (answer.status().as_u16(), answer.header("content-type"));
    assert_eq!(kind.as_deref(), Some("application/json"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let body: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body["error"], "invalid_request", "{body}");
    (status, body["error_description"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn oauth_endpoints_tell_the_same_in_their_own_way() {
    let whole = Whole::configured(|config| {
        config.limits.body_bytes = 50_000;
        config.limits.body_idle_timeout_seconds = 1;
    })
    .await;
    let (place, bank) = whole.partner();
    let form = "application/x-www-form-urlencoded";
    for version in VERSIONS {
        for path in ["/oauth/par", "/oauth/token", "/oauth/introspect", "/oauth/revoke"] {
            let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
            let (feed, body) = pieces();
            feed.send(piece(vec![b'x'; 60_000])).await.unwrap();
            let answer = client.send(head("POST", path, form), body).await.unwrap();
            let (status, why) = oauth_told(answer).await;
            assert_eq!(status, 413, "{version:?} {path}");
            assert!(why.contains("larger than this route takes"), "{why}");
        }
        let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
        let (_feed, body) = pieces();
        let answer = client.send(head("POST", "/oauth/token", form), body).await.unwrap();
        let (status, why) = oauth_told(answer).await;
        assert_eq!(status, 408, "{version:?}");
        assert!(why.contains("too slowly"), "{why}");

        let mut client = Client::connect_as(&place, version, Some(&bank)).await.unwrap();
        let mut much = head("POST", "/oauth/token", form);
        much.headers_mut().insert("x-large", HeaderValue::from_str(&"x".repeat(20_000)).unwrap());
        let (status, why) = oauth_told(client.send(much, pieces().1).await.unwrap()).await;
        assert_eq!(status, 431, "{version:?}");
        assert!(why.contains("header fields"), "{why}");
    }
    whole.alive().await;
    whole.stop().await;
}

#[tokio::test]
async fn addresses_methods_and_parameters() {
    let whole = Whole::start().await;
    let not_found = refused(404, "not_found", "client");
    for (request, wanted) in [
        (Sent::get("/v1/nothing"), refused(404, "no_such_route", "client")),
        (Sent::get("/v1/front-ends/../offers"), refused(404, "no_such_route", "client")),
        (Sent::get("/v1/offers/nonsense"), not_found.clone()),
        (Sent::get("/v1/offers/grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa"), not_found.clone()),
        (Sent::get("/v1/grants/grt_us1_aaaaaaaaaaaaaaaaaaaaaaaaaa"), not_found),
        (Sent::get("/v1/offers?cursor=%00"), refused(400, "malformed_parameter", "client")),
        (Sent::get("/v1/offers?page=2"), refused(400, "malformed_parameter", "client")),
        (Sent::post("/v1/events"), refused(405, "method_not_allowed", "client")),
    ] {
        let path = request.path().to_owned();
        let answer = whole.bank.http().send(&request).await.unwrap();
        assert_eq!(problem(answer), wanted, "{path}");
    }
    whole.alive().await;
    whole.stop().await;
}
