//! Codes: sixty-four at once, again, another's, wrong in every part.

use super::stage::{Whole, oauth, redemption, request};
use std::sync::Arc;
use symbolon_client::ambient;
use symbolon_client::http3::Request;
use symbolon_client::institution::Institution;
use symbolon_domain::api::partner::FrontEndInvitation;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::oauth::pkce::Verifier;
use symbolon_domain::oauth::token_request::TokenAnswer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_redemptions_of_one_code() {
    let mut whole = Whole::start().await;
    let offer = whole.offer(Delivery::Institution).await;
    let approved = whole.approved(offer).await;
    let redeem = redemption(whole.bank.id(), &approved);
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (http, redeem) = (Arc::clone(whole.bank.http()), redeem.clone());
            tokio::spawn(async move { http.send(&redeem).await.unwrap() })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        let answer = racer.await.unwrap();
        if answer.status == 200 {
            won.push(answer);
        } else {
            assert_eq!(oauth(&answer), (400, "invalid_grant".into()));
        }
    }
    assert_eq!(won.len(), 1, "exactly one succeeds");
    let tokens: TokenAnswer = won.remove(0).json().unwrap();
    let wanted = ["person.name", "person.scan"].map(super::stage::path);
    let read = whole.bank.read(approved.grant, &tokens.access_token, &wanted).await.unwrap();
    assert_eq!(read.items[0].value.as_deref(), Some(&b"Ada"[..]), "the others revoked nothing");
    assert_eq!(read.uses, 1);

    // Long after, the same code is a replay: what it gave ends.
    whole.pass(11);
    let again = whole.bank.http().send(&redeem).await.unwrap();
    assert_eq!(oauth(&again), (400, "invalid_grant".into()));
    assert!(!whole.bank.introspect(&tokens.access_token).await.unwrap().active);
    whole.alive().await;
    whole.stop().await;
}

#[tokio::test]
async fn a_code_that_is_wrong_in_any_part() {
    let mut whole = Whole::start().await;
    let offer = whole.offer(Delivery::Institution).await;
    let approved = whole.approved(offer).await;
    let (bank, id) = (whole.bank.http().clone(), whole.bank.id());
    let invalid = (400, "invalid_grant".to_owned());
    let with = |code: Code, verifier: Verifier| {
        let mut other = super::stage::Approved { code, ..clone(&approved) };
        other.pushed.verifier = verifier;
        redemption(id, &other)
    };
    let half = Code { half: ambient::secret().unwrap(), ..approved.code.clone() };
    let other_half = with(half, approved.pushed.verifier.clone());
    let guessed = with(approved.code.clone(), Verifier::new(&ambient::secret().unwrap()));
    for (what, request) in [("another half", &other_half), ("another verifier", &guessed)] {
        assert_eq!(oauth(&bank.send(request).await.unwrap()), invalid, "{what}");
    }
    // The shop's certificate, under its own and under the bank's name.
    let shop = whole.shop.http();
    let stolen = redemption(whole.shop.id(), &approved);
    assert_eq!(oauth(&shop.send(&stolen).await.unwrap()), invalid);
    let posing = redemption(id, &approved);
    let posed = oauth(&shop.send(&posing).await.unwrap());
    assert_eq!(posed, (401, "invalid_client".into()));
    for (what, form, wanted) in [
        ("nothing", String::new(), "invalid_request"),
        ("no grant_type", super::stage::form(&[("client_id", &id.to_string())]), "invalid_request"),
        (
            "another grant_type",
            super::stage::form(&[("grant_type", "password"), ("client_id", &id.to_string())]),
            "unsupported_grant_type",
        ),
    ] {
        let answer = bank.send(&Request::post("/oauth/token").form(form)).await.unwrap();
        assert_eq!(oauth(&answer), (400, wanted.into()), "{what}");
    }
    // Nothing of it has consumed the code, which still has its time.
    let redeemed = bank.send(&posing).await.unwrap();
    assert_eq!(redeemed.status, 200, "{redeemed:?}");
    let late = whole.approved(offer).await;
    whole.pass(61);
    assert_eq!(oauth(&bank.send(&redemption(id, &late)).await.unwrap()), invalid, "expired");
    whole.alive().await;
    whole.stop().await;
}

fn clone(approved: &super::stage::Approved) -> super::stage::Approved {
    super::stage::Approved {
        grant: approved.grant,
        code: approved.code.clone(),
        pushed: approved.pushed.clone(),
    }
}

#[tokio::test]
async fn an_idempotency_key_names_one_body() {
    let whole = Whole::start().await;
    let offer = whole.offer(Delivery::Institution).await;
    let key = http::HeaderName::from_static("idempotency-key");
    let send_as = async |who: &Institution, name: &str, value: &str| {
        let body = serde_json::json!({"name": name, "place": "Hall", "sessions_max": 1});
        let request = Request::post("/v1/front-ends").json(&body).unwrap();
        who.http().send(&request.header(key.clone(), value).unwrap()).await.unwrap()
    };
    let send = async |name: &str, value: &str| send_as(&whole.bank, name, value).await;
    let count = async || whole.bank.front_ends().await.unwrap().len();
    let before = count().await;
    let first = send("Desk 1", "\"once\"").await;
    assert_eq!(first.status, 200);
    assert_eq!(send("Desk 1", "\"once\"").await.body, first.body);
    let other = super::stage::problem(send("Desk 2", "\"once\"").await);
    assert_eq!(other, super::stage::refused(422, "idempotency_mismatch", "client"));
    assert_eq!(count().await, before + 1);
    let long = super::stage::problem(send("Desk 3", &format!("\"{}\"", "k".repeat(300))).await);
    assert_eq!(long, super::stage::refused(400, "malformed_parameter", "client"));
    assert_eq!(count().await, before + 1);
    // Another's request of the same name is another request.
    let theirs = send_as(&whole.shop, "Desk 1", "\"once\"").await;
    assert_eq!(theirs.status, 200);
    assert_ne!(theirs.body, first.body);
    // So is one at another address: here the same body, none, for two front ends.
    let second = send("Desk 2", "\"twice\"").await;
    let mut codes = std::collections::BTreeSet::new();
    for desk in [first, second] {
        let desk: FrontEndInvitation = desk.json().unwrap();
        let invite = Request::post(format!("/v1/front-ends/{}/invite", desk.front_end));
        let invite = invite.header(key.clone(), "\"once\"").unwrap();
        for _ in 0..2 {
            let answer = whole.bank.http().send(&invite).await.unwrap();
            let invited: FrontEndInvitation = answer.json().unwrap();
            assert_eq!(invited.front_end, desk.front_end);
            codes.insert(invited.enrolment_code.expose().to_owned());
        }
    }
    assert_eq!(codes.len(), 2);
    assert!(whole.bank.push(&request(offer, ResponseMode::Scan)).await.is_ok());
    whole.stop().await;
}
