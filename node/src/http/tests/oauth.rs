//! The OAuth endpoints as far as they go without a person.

use super::desk::{Bank, Desk, request, tell};
use axum::body::Body;
use serde_json::json;
use symbolon_domain::bytes::Digest;

/// The form of a request; `more` goes behind it.
pub(super) fn pushed(bank: &Bank, offer: &str, more: &str) -> String {
    let details = json!([{"type": "urn:symbolon:consent:v1", "offer": offer}]).to_string();
    let details: String = url::form_urlencoded::byte_serialize(details.as_bytes()).collect();
    format!(
        "response_type=code&client_id={}&code_challenge={}&code_challenge_method=S256\
         &redirect_uri=https%3A%2F%2Fbank.example%2Fcb&authorization_details={details}{more}",
        bank.id,
        Digest([7; 32])
    )
}

#[tokio::test]
async fn pushed_requests() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let other = Bank::settled(&desk, "other.example", 2).await;
    let told = bank.propose(&desk, &bank.offer(&desk)).await.json();
    let (id, hash) = (told["id"].as_str().unwrap(), told["hash"].as_str().unwrap().to_owned());
    let form = pushed(&bank, &hash, "");
    let par = "/oauth/par";

    let refused = bank.form(&desk, par, &form, "").await.oauth();
    assert_eq!(refused, (400, "invalid_authorization_details".into()), "not approved");
    desk.operate("POST", &format!("/v1/operator/offers/{id}/approve")).await;
    let refused = other.form(&desk, par, &form, "").await.oauth();
    assert_eq!(refused, (401, "invalid_client".into()), "client_id of another");
    let refused = other.form(&desk, par, &pushed(&other, &hash, ""), "").await.oauth();
    assert_eq!(refused, (400, "invalid_authorization_details".into()), "another's offer");
    let refused = bank.form(&desk, par, &pushed(&bank, &hash, "&state=a&state=b"), "").await;
    assert_eq!(refused.oauth(), (400, "invalid_request".into()));
    let elsewhere = form.replace("bank.example%2Fcb", "evil.example%2Fcb");
    assert_eq!(bank.form(&desk, par, &elsewhere, "").await.oauth().1, "invalid_request");
    let plain = form.replace("=S256", "=plain");
    assert_eq!(bank.form(&desk, par, &plain, "").await.oauth().1, "invalid_request");
    let told = bank.send(&desk, "POST", par, &json!({})).await;
    assert_eq!(told.oauth(), (415, "invalid_request".into()));

    let first = bank.form(&desk, par, &form, "once").await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = bank.form(&desk, par, &form, "once").await;
    assert_eq!((again.status, again.json()), (201, first.json()), "the same answer");
    let changed = bank.form(&desk, par, &pushed(&bank, &hash, "&state=x"), "once").await;
    assert_eq!(changed.status, 422, "another body under the same key");
    let third = bank.form(&desk, par, &form, "").await;
    assert_ne!(third.json()["request_uri"], first.json()["request_uri"]);

    let uri = first.json()["request_uri"].as_str().unwrap().to_owned();
    let open = async |client: &Bank, uri: &str| {
        let uri: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        let path = format!("/oauth/authorize?client_id={}&request_uri={uri}", client.id);
        tell(&desk.web, request("GET", &path).body(Body::empty()).unwrap()).await
    };
    assert_eq!(open(&other, &uri).await.status, 400, "of another client");
    assert_eq!(open(&bank, "urn:x:<script>").await.status, 400);
    let told = open(&bank, &uri).await;
    assert_eq!(told.status, 303, "{told:?}");
    let link = told.header("location");
    assert!(link.starts_with(&format!("{}/s/ses_eu1_", desk.node.site().wallet_origin)), "{link}");
    assert_eq!(link.split('#').nth(1).map(str::len), Some(22), "{link}");
    assert_ne!(open(&bank, &uri).await.status, 303, "once");
}

#[tokio::test]
async fn tokens_that_are_none() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let client = bank.id;
    let token = "/oauth/token";
    let verifier = "v".repeat(43);
    let code = format!("cod_eu1_{}.{}", "A".repeat(43), "A".repeat(43));
    let form = format!(
        "grant_type=authorization_code&client_id={client}&code={code}&code_verifier={verifier}"
    );
    assert_eq!(bank.form(&desk, token, &form, "").await.oauth(), (400, "invalid_grant".into()));
    let short = form.replace(&verifier, "short");
    assert_eq!(bank.form(&desk, token, &short, "").await.oauth().1, "invalid_request");
    let other = form.replace("authorization_code", "password");
    assert_eq!(bank.form(&desk, token, &other, "").await.oauth().1, "unsupported_grant_type");
    let refresh = format!(
        "grant_type=refresh_token&client_id={client}&refresh_token=rtk_eu1_{}",
        "A".repeat(43)
    );
    assert_eq!(bank.form(&desk, token, &refresh, "").await.oauth(), (400, "invalid_grant".into()));

    for text in [format!("atk_eu1_{}", "A".repeat(43)), "nonsense".into()] {
        let form = format!("client_id={client}&token={text}");
        let told = bank.form(&desk, "/oauth/introspect", &form, "").await;
        assert_eq!((told.status, told.json()), (200, json!({"active": false})));
        assert_eq!(bank.form(&desk, "/oauth/revoke", &form, "").await.status, 200);
    }
    let foreign = Bank::settled(&desk, "other.example", 2).await;
    let form = format!("client_id={client}&token=x");
    let told = foreign.form(&desk, "/oauth/introspect", &form, "").await;
    assert_eq!(told.oauth(), (401, "invalid_client".into()));
}

#[tokio::test]
async fn reads_need_a_token() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let grant = desk.app().new_id(symbolon_domain::Kind::Grant);
    let path = format!("/v1/grants/{grant}/reads");
    let body = json!({"read": "A".repeat(22), "paths": ["person.name"]});
    let told = bank.send(&desk, "POST", &path, &body).await;
    assert_eq!(told.problem(), (401, "invalid_token".into()));
    assert!(told.header("www-authenticate").starts_with("Bearer"));
    assert_eq!(bank.get(&desk, &format!("/v1/grants/{grant}")).await.problem().0, 404);
}
