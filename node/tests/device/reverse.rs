//! The reverse start: the phone shows a code, the terminal opens the session with it.

use super::site::{Sent, Wallet};
use super::stage::{Stage, kiosk};
use http::Method;
use serde_json::{Value, json};
use symbolon_domain::Id;

async fn hint(stage: &Stage, phone: &Wallet) -> String {
    let answer = phone.send(&stage.node, Method::POST, "/v1/hints", Sent::default()).await;
    assert_eq!(answer.code(), "200", "{}", answer.json());
    answer.json()["hint"].as_str().unwrap().to_owned()
}

fn open(session: Id, hint: &str) -> Value {
    json!({ "session": session, "login_hint_token": hint })
}

#[tokio::test]
async fn from_the_phones_code_to_the_offer() {
    let stage = Stage::set().await;
    let (node, kiosk) = (&stage.node, &stage.kiosk);
    let (phone, other) = (Wallet::enrolled(node).await, Wallet::enrolled(node).await);
    let hint = hint(&stage, &phone).await;
    assert!(hint.starts_with("hnt_"), "{hint}");
    let session = stage.push_for(stage.kiosk_id).await;
    let opened = kiosk.post(node, "/v1/sessions", &open(session, &hint)).await.json();
    assert_eq!(opened["session"]["invited"], true, "{opened}");
    let (_, thumbprint) = opened["link"].as_str().unwrap().split_once('#').unwrap();
    let invited = json!({"device": phone.device, "session": session, "thumbprint": thumbprint});
    assert_eq!(phone.events(node, 1).await, [json!({ "invited": invited })]);

    let path = format!("/v1/sessions/{session}");
    assert_eq!(kiosk.get(node, &path).await.json()["invited"], true);
    let late = other.post(node, &format!("{path}/claim"), &json!({})).await;
    assert_eq!(late.code(), "session_claimed");
    let claimed = phone.post(node, &format!("{path}/claim"), &json!({})).await.json();
    assert_eq!(claimed["stage"], "claimed");
    assert_eq!(stage.number(&path, claimed["number"].as_str().unwrap()).await, "200");
    assert_eq!(phone.get(node, &format!("{path}/offer")).await.code(), "200");
}

#[tokio::test]
async fn codes_that_start_nothing() {
    let stage = Stage::set().await;
    let node = &stage.node;
    let phone = Wallet::enrolled(node).await;
    let session = stage.push_for(stage.kiosk_id).await;
    let good = hint(&stage, &phone).await;
    let elsewhere = good.replacen("_eu1_", "_us1_", 1);
    assert_ne!(elsewhere, good);
    let mut unknown = good.clone();
    unknown.pop();
    unknown.push(if good.ends_with('A') { 'E' } else { 'A' });
    let other_class = good.replacen("hnt_", "enr_", 1);
    for wrong in [&elsewhere, &unknown, &other_class, &String::new(), &"x".repeat(300)] {
        let answer = stage.kiosk.post(node, "/v1/sessions", &open(session, wrong)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "invalid_hint"));
        let view = stage.kiosk.get(node, &format!("/v1/sessions/{session}")).await;
        assert_eq!(view.json()["stage"], "pushed", "still to be opened");
    }
    let opened = stage.kiosk.post(node, "/v1/sessions", &open(session, &good)).await;
    assert_eq!(opened.code(), "200");
    let second = stage.push_for(stage.kiosk_id).await;
    let used = stage.kiosk.post(node, "/v1/sessions", &open(second, &good)).await;
    assert_eq!(used.code(), "invalid_hint");
    let without = stage.kiosk.post(node, "/v1/sessions", &json!({ "session": second })).await;
    assert_eq!(without.code(), "200");
    assert_eq!(without.json()["session"]["invited"], Value::Null);
}

#[tokio::test]
async fn two_terminals_race_for_one_code() {
    let stage = Stage::set().await;
    let node = &stage.node;
    let (till_id, till) = kiosk(node, stage.institution).await;
    let phone = Wallet::enrolled(node).await;
    for _ in 0..4 {
        let hint = hint(&stage, &phone).await;
        let (one, two) = (stage.push_for(stage.kiosk_id).await, stage.push_for(till_id).await);
        let (first, second) = (open(one, &hint), open(two, &hint));
        let (first, second) = tokio::join!(
            stage.kiosk.post(node, "/v1/sessions", &first),
            till.post(node, "/v1/sessions", &second),
        );
        let mut codes = [first.code(), second.code()];
        codes.sort();
        assert_eq!(codes, ["200", "invalid_hint"]);
        for (screen, session) in [(&stage.kiosk, one), (&till, two)] {
            let path = format!("/v1/sessions/{session}");
            let ended = screen.send(node, Method::DELETE, &path, Sent::default()).await;
            assert_eq!(ended.code(), "204");
        }
    }
}

#[tokio::test]
async fn hints_are_bounded_and_a_retry_is_the_same_one() {
    let stage = Stage::set().await;
    let node = &stage.node;
    let phone = Wallet::enrolled(node).await;
    let get = async |key: &str| {
        let sent = Sent::default().with("idempotency-key", key);
        phone.send(node, Method::POST, "/v1/hints", sent).await
    };
    let first = get("1").await;
    assert_eq!(get("1").await.json(), first.json());
    for key in ["2", "3", "4"] {
        let next = get(key).await;
        assert_eq!(next.code(), "200");
        assert_ne!(next.json()["hint"], first.json()["hint"]);
    }
    let fifth = get("5").await;
    assert_eq!((fifth.status.as_u16(), fifth.code().as_str()), (429, "limit_reached"));
    let by_kiosk = stage.kiosk.send(node, Method::POST, "/v1/hints", Sent::default()).await;
    assert_eq!(by_kiosk.code(), "forbidden");
    // What is stored does not hold it.
    let hint = first.json()["hint"].as_str().unwrap().to_owned();
    let everything = symbolon_domain::port::Range { start: vec![0], end: vec![0xff] };
    let stored = node.app.store.scan(&everything, 1_024).await.unwrap();
    let holds = |bytes: &[u8]| bytes.windows(hint.len()).any(|window| window == hint.as_bytes());
    assert!(!stored.iter().any(|entry| holds(&entry.key) || holds(&entry.value)));
}
