//! Sessions: claimed twice, numbers guessed, over, or pushed for something else.

use super::stage::{Whole, offer, path, problem, refusal, refused, request};
use symbolon_client::ClientError;
use symbolon_client::http3::Request;
use symbolon_domain::api::front_end::OpenSession;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;

#[tokio::test]
async fn one_device_and_one_try() {
    let mut whole = Whole::start().await;
    let hash = whole.offer(Delivery::Institution).await;
    let (_, link) = whole.shown(hash).await;
    whole.alice.scan(&link).await.unwrap();
    let claimed = whole.alice.claim(link.session).await.unwrap();
    let second = refusal(whole.mallory.claim(link.session).await);
    assert_eq!(second, refused(409, "session_claimed", "client"));
    let early = refusal(whole.alice.asked(link.session).await);
    assert_eq!(early, refused(409, "number_required", "client"));
    let right: u8 = claimed.number.unwrap().parse().unwrap();
    let wrong = format!("{:02}", (right + 1) % 100);
    let typed = refusal(whole.counter.type_number(link.session, &wrong).await);
    assert_eq!(typed, refused(403, "wrong_number", "client"));
    let again = refusal(whole.counter.type_number(link.session, &format!("{right:02}")).await);
    assert_eq!(again, refused(410, "session_ended", "client"));
    let after = refusal(whole.alice.asked(link.session).await);
    assert_eq!(after, refused(410, "session_ended", "client"));

    // Nobody claims the next one in time.
    let (_, link) = whole.shown(hash).await;
    whole.alice.scan(&link).await.unwrap();
    whole.pass(121);
    let late = refusal(whole.alice.claim(link.session).await);
    assert_eq!(late, refused(410, "session_expired", "client"));
    assert!(whole.alice.grants().await.unwrap().is_empty());
    whole.alive().await;
    whole.stop().await;
}

#[tokio::test]
async fn requests_for_something_else() {
    let whole = Whole::start().await;
    let hash = whole.offer(Delivery::Institution).await;
    let oauth = |outcome: Result<_, ClientError>| match outcome {
        Err(ClientError::OAuth(error)) => error.error.as_str().to_owned(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken"),
    };
    let mut asked = request(hash, ResponseMode::Scan);
    asked.paths = Some(vec![path("person.name"), path("person.iban")]);
    let pushed = whole.bank.push(&asked).await.map(drop);
    assert_eq!(oauth(pushed), "invalid_authorization_details", "a path not in the offer");
    let pushed = whole.shop.push(&request(hash, ResponseMode::Scan)).await.map(drop);
    assert_eq!(oauth(pushed), "invalid_authorization_details", "another's offer");

    let foreign = offer(whole.bank.id(), Delivery::Server);
    let by_shop = refusal(whole.shop.propose(&foreign).await);
    assert_eq!(by_shop, refused(403, "offer_signed_by_another", "institution"));
    let unapproved = whole.bank.propose(&foreign).await.unwrap();
    let pushed = whole.bank.push(&request(unapproved.hash, ResponseMode::Scan)).await.map(drop);
    assert_eq!(oauth(pushed), "invalid_authorization_details", "an offer not approved");

    // Pushed for a browser, brought to a counter; pushed for a counter, opened by a browser.
    let pushed = whole.bank.push(&request(hash, ResponseMode::Query)).await.unwrap();
    let open = OpenSession::request(&pushed.request_uri);
    let opened = refusal(whole.counter.open_session(&open).await);
    assert_eq!(opened, refused(409, "wrong_response_mode", "client"));
    let pushed = whole.bank.push(&request(hash, ResponseMode::Session)).await.unwrap();
    let query = super::stage::form(&[
        ("client_id", &whole.bank.id().to_string()),
        ("request_uri", &pushed.request_uri),
    ]);
    let answer = whole.web.send(&Request::get(format!("/oauth/authorize?{query}"))).await.unwrap();
    assert!(answer.status.is_client_error() && answer.location().is_none(), "{answer:?}");
    let without = whole.web.send(&Request::get("/v1/offers")).await.unwrap();
    assert_eq!(problem(without), refused(404, "no_such_route", "client"), "a partner's route");
    whole.alive().await;
    whole.stop().await;
}
