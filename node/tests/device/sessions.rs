//! Sessions: opened at a front end, claimed, the number, the offer; and a grant's end.

use super::site::{Node, ORIGIN, Sent, Wallet};
use super::stage::{Stage, institution_of_another, kiosk};
use http::Method;
use serde_json::{Value, json};
use symbolon_domain::Kind;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::document::command::Action;
use symbolon_domain::document::session_statement::SessionStatement;
use symbolon_domain::jws::{Typ, Unverified};
use symbolon_node::crypto::AwsLc;
use symbolon_node::data_folder::Purpose;

#[tokio::test]
async fn from_the_code_to_the_offer() {
    let stage = Stage::set().await;
    let (node, kiosk) = (&stage.node, &stage.kiosk);
    let phone = Wallet::enrolled(node).await;
    let (path, opened) = stage.opened().await;

    // The phone's side of the link: the statement is the region's, and the code's own.
    let link = opened["link"].as_str().unwrap();
    let (page, thumbprint) = link.split_once('#').unwrap();
    assert_eq!(page, format!("{ORIGIN}{}", path.replace("/v1/sessions", "/s")));
    let stated = phone.get(node, &format!("{path}/statement")).await;
    let text = String::from_utf8(stated.body).unwrap();
    let secret = node.app.key(Purpose::SessionStatement).unwrap().secret;
    let region = AwsLc.p256_public(&secret).unwrap();
    let statement = Unverified::parse(&text, Typ::Session)
        .unwrap()
        .verify::<SessionStatement>(&AwsLc, &region)
        .unwrap();
    let session = statement.payload.session;
    let scanned = symbolon_domain::bytes::base64url_array(thumbprint).unwrap();
    let check =
        SessionStatement::check_scanned(&statement, ORIGIN, session, &scanned, node.app.now());
    assert_eq!(check, Ok(()));
    assert_eq!(statement.payload.front_end.unwrap().name, "Counter 3");

    let png = kiosk.get(node, &format!("{path}/qr.png")).await;
    let pixels = image::load_from_memory(&png.body).unwrap().into_luma8();
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(
        pixels.width() as usize,
        pixels.height() as usize,
        |x, y| pixels.get_pixel(x as u32, y as u32).0[0],
    );
    assert_eq!(prepared.detect_grids()[0].decode().unwrap().1, link);

    let offer = format!("{path}/offer");
    assert_eq!(phone.get(node, &offer).await.code(), "not_found", "not claimed yet");
    let claimed = phone.post(node, &format!("{path}/claim"), &json!({})).await;
    let number = claimed.json()["number"].as_str().unwrap().to_owned();
    let again = phone.post(node, &format!("{path}/claim"), &json!({})).await;
    assert_eq!(again.json()["number"], number, "a reload finds what it had");
    let other = Wallet::enrolled(node).await;
    let late = other.post(node, &format!("{path}/claim"), &json!({})).await;
    assert_eq!(late.code(), "session_claimed");
    assert_eq!(kiosk.get(node, &format!("{path}/qr.svg")).await.code(), "wrong_state");
    assert_eq!(kiosk.get(node, &path).await.json()["number"], Value::Null, "the phone's alone");
    assert_eq!(phone.get(node, &offer).await.code(), "number_required");
    assert_eq!(stage.number(&path, "7").await, "invalid_request");
    assert_eq!(stage.number(&path, &number).await, "200");
    let shown = phone.get(node, &offer).await.json();
    assert_eq!(shown["paths"], json!(["person.name", "person.email"]));
    let offer_text = shown["offer"].as_str().unwrap();
    assert_eq!(Unverified::parse(offer_text, Typ::Offer).unwrap().digest(), stage.offer);
    assert_eq!(other.get(node, &offer).await.code(), "not_found");

    let deny = async |by: &Wallet| by.post(node, &format!("{path}/deny"), &json!({})).await.code();
    assert_eq!(deny(&other).await, "session_claimed");
    assert_eq!(deny(&phone).await, "204");
    assert_eq!(kiosk.get(node, &path).await.json()["end"], "denied");
    assert_eq!(phone.get(node, &offer).await.code(), "session_ended");
}

#[tokio::test]
async fn one_try_for_the_number() {
    let stage = Stage::set().await;
    let phone = Wallet::enrolled(&stage.node).await;
    let (path, _) = stage.opened().await;
    assert_eq!(stage.number(&path, "11").await, "wrong_state", "nobody has claimed it");
    let claimed = phone.post(&stage.node, &format!("{path}/claim"), &json!({})).await;
    let number: u8 = claimed.json()["number"].as_str().unwrap().parse().unwrap();
    let wrong = format!("{:02}", (number + 1) % 100);
    assert_eq!(stage.number(&path, &wrong).await, "wrong_number");
    assert_eq!(stage.number(&path, &format!("{number:02}")).await, "session_ended");
    let end = stage.kiosk.get(&stage.node, &path).await.json()["end"].clone();
    assert_eq!(end, "wrong_number");
}

#[tokio::test]
async fn sessions_that_cannot_be_opened() {
    let stage = Stage::set().await;
    let uri = stage.push("symbolon.scan").await;
    let swapped = uri.replace("req_", "atk_");
    let mut unknown = uri.clone();
    unknown.pop();
    unknown.push(if uri.ends_with('A') { 'E' } else { 'A' });
    assert_eq!(stage.open(&swapped).await.code(), "invalid_request");
    assert_eq!(stage.open("").await.code(), "invalid_request");
    assert_eq!(stage.open(&unknown).await.code(), "not_found");
    let (_, stranger) = kiosk(&stage.node, institution_of_another(&stage.node).await).await;
    let body = json!({ "request_uri": uri });
    let answer = stranger.post(&stage.node, "/v1/sessions", &body).await;
    assert_eq!(answer.code(), "not_found");

    let keyed = || Sent::json(&body).with("idempotency-key", "once");
    let send = async || stage.kiosk.send(&stage.node, Method::POST, "/v1/sessions", keyed()).await;
    let first = send().await;
    assert_eq!(first.code(), "200");
    assert_eq!(send().await.json(), first.json(), "a retry is the same session");
    assert_eq!(stage.open(&uri).await.code(), "wrong_state", "single use");
    stage.opened().await;
    let third = stage.push("symbolon.session").await;
    assert_eq!(stage.open(&third).await.code(), "limit_reached", "two places, both taken");
    let id = first.json()["session"]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/sessions/{id}");
    let sent = Sent::default();
    let cancelled = stage.kiosk.send(&stage.node, Method::DELETE, &path, sent).await;
    assert_eq!(cancelled.code(), "204");
    assert_eq!(stage.open(&third).await.code(), "200", "a place is free again");
}

#[tokio::test]
async fn grants_of_another_are_not_there() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let grant = node.app.new_id(Kind::Grant);
    let list = wallet.get(&node, "/v1/grants").await;
    assert_eq!(list.json(), json!({"items": []}));
    assert_eq!(wallet.get(&node, "/v1/grants?cursor=!").await.code(), "malformed_parameter");
    assert_eq!(wallet.get(&node, &format!("/v1/grants/{grant}")).await.code(), "not_found");
    let records = format!("/v1/grants/{grant}/records");
    assert_eq!(wallet.get(&node, &records).await.code(), "not_found");
    let pause = format!("/v1/grants/{grant}/pause");
    let signed = wallet.command(&node, Action::PauseGrant { grant }, false);
    assert_eq!(wallet.post(&node, &pause, &signed).await.code(), "not_found");
    let revoke = wallet.command(&node, Action::RevokeGrant { grant }, false);
    assert_eq!(wallet.post(&node, &pause, &revoke).await.code(), "invalid_request");
}
