//! At the counter: requests that are pushed for one front end, and asking for one.

use super::site::Sent;
use super::stage::{Stage, kiosk};
use http::Method;
use serde_json::{Value, json};
use symbolon_domain::Id;
use symbolon_domain::entity::notice::{Body, Notice};
use symbolon_domain::{key, record};

#[tokio::test]
async fn a_request_for_one_front_end() {
    let stage = Stage::set().await;
    let node = &stage.node;
    let (_, till) = kiosk(node, stage.institution).await;
    let session = stage.push_for(stage.kiosk_id).await;
    let told = stage.kiosk.events(node, 1).await;
    assert_eq!(told, [json!({"session": {"session": session, "stage": "pushed"}})]);

    let path = format!("/v1/sessions/{session}");
    assert_eq!(stage.kiosk.get(node, &path).await.json()["stage"], "pushed");
    assert_eq!(till.get(node, &path).await.code(), "not_found");
    let open = json!({ "session": session });
    assert_eq!(till.post(node, "/v1/sessions", &open).await.code(), "not_found");
    let opened = stage.kiosk.post(node, "/v1/sessions", &open).await;
    assert_eq!(opened.code(), "200", "{}", opened.json());
    assert_eq!(opened.json()["session"]["stage"], "open");
    assert!(opened.json()["link"].as_str().unwrap().contains(&session.to_string()));
    assert_eq!(stage.kiosk.post(node, "/v1/sessions", &open).await.code(), "wrong_state");

    let declined = stage.push_for(stage.kiosk_id).await;
    let path = format!("/v1/sessions/{declined}");
    let answer = stage.kiosk.send(node, Method::DELETE, &path, Sent::default()).await;
    assert_eq!(answer.code(), "204");
    assert_eq!(stage.kiosk.get(node, &path).await.json()["end"], "cancelled");
}

#[tokio::test]
async fn exactly_one_name_for_what_is_opened() {
    let stage = Stage::set().await;
    let open =
        async |body: Value| stage.kiosk.post(&stage.node, "/v1/sessions", &body).await.code();
    let (request_uri, session) =
        (stage.push("symbolon.scan").await, stage.push_for(stage.kiosk_id).await);
    let both = json!({ "request_uri": request_uri, "session": session });
    assert_eq!(open(both).await, "invalid_request");
    assert_eq!(open(json!({})).await, "invalid_request");
    // By its id alone only what was pushed for it; and nothing that is no session.
    let request = request_uri.rsplit(':').next().unwrap();
    let token = symbolon_domain::crypto::token::Token::parse_any(request).unwrap();
    let unnamed = symbolon_domain::oauth::par::session_of(&token);
    assert_eq!(open(json!({ "session": unnamed })).await, "not_found");
    assert_eq!(open(json!({ "session": stage.kiosk_id })).await, "not_found");
    assert_eq!(open(json!({ "session": session })).await, "200");
    assert_eq!(open(json!({ "request_uri": request_uri })).await, "200");
}

/// What stands in an institution's queue.
async fn told(stage: &Stage, to: Id) -> Vec<Body> {
    let entries = stage.node.app.store.scan(&key::event_queue(to).entries(), 64).await.unwrap();
    let notices = entries.iter().map(|entry| record::decode::<Notice>(&entry.value).unwrap().body);
    notices.filter(|body| matches!(body, Body::Asked { .. })).collect()
}

#[tokio::test]
async fn asking_for_a_request() {
    let stage = Stage::set().await;
    let (node, kiosk_id) = (&stage.node, stage.kiosk_id);
    let (till_id, till) = kiosk(node, stage.institution).await;
    let path = format!("/v1/front-ends/{kiosk_id}/asks");
    let ask = async |key: &str| {
        let sent = Sent::default().with("idempotency-key", key);
        stage.kiosk.send(node, Method::POST, &path, sent).await
    };
    let first = ask("one").await;
    assert_eq!((first.status.as_u16(), first.body.len()), (202, 0));
    assert_eq!(ask("one").await.status.as_u16(), 202, "the same request again");
    let again = ask("two").await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (429, "asked_too_soon"));
    assert_eq!(again.headers["retry-after"], "2");
    assert_eq!(again.json()["retry_after_ms"], 2_000);
    assert_eq!(told(&stage, stage.institution).await, [Body::Asked { front_end: kiosk_id }]);

    let foreign = till.send(node, Method::POST, &path, Sent::default()).await;
    assert_eq!(foreign.code(), "not_found");
    let none = path.replace(&kiosk_id.to_string(), &stage.institution.to_string());
    let foreign = till.send(node, Method::POST, &none, Sent::default()).await;
    assert_eq!(foreign.code(), "not_found");
    let own = path.replace(&kiosk_id.to_string(), &till_id.to_string());
    assert_eq!(till.send(node, Method::POST, &own, Sent::default()).await.code(), "202");
    tokio::time::sleep(std::time::Duration::from_millis(2_050)).await;
    assert_eq!(ask("two").await.code(), "202", "a refusal is not kept");
}
