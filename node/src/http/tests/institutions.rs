//! Institutions and offers.

use super::desk::{Bank, CERTIFICATE_EXPIRES, Desk, request, tell, with_certificate};
use crate::tls::PeerCertificate;
use axum::body::Body;
use serde_json::json;
use symbolon_domain::Timestamp;
use symbolon_domain::bytes::Digest;
use symbolon_domain::jws::Typ;

#[tokio::test]
async fn introduced_by_its_own_certificate_and_approved() {
    let desk = Desk::open().await;
    let bank = Bank::new(&desk, "bank.example", 1);
    let document = bank.document(&desk);
    let signed = bank.sign(&desk, Typ::Institution, &document);
    let body = json!({"document": signed});

    let foreign = Bank { name: "thief.example", ..Bank::new(&desk, "", 1) };
    let told = foreign.send(&desk, "POST", "/v1/institutions", &body).await;
    assert_eq!(told.problem(), (401, "invalid_client".into()), "another's certificate");
    let forged = Bank::new(&desk, "bank.example", 2).sign(&desk, Typ::Institution, &document);
    let told = bank.send(&desk, "POST", "/v1/institutions", &json!({"document": forged})).await;
    assert_eq!(told.problem(), (403, "bad_signature".into()));
    let told = bank.get(&desk, "/v1/institution").await;
    assert_eq!(told.problem(), (401, "invalid_client".into()), "nobody knows it yet");

    for _ in 0..2 {
        let told = bank.send(&desk, "POST", "/v1/institutions", &body).await;
        assert_eq!((told.status, told.json()["state"].as_str()), (200, Some("pending")));
    }
    let told = bank.propose(&desk, &bank.offer(&desk)).await;
    assert_eq!(told.problem(), (403, "institution_not_approved".into()));
    let told = bank.get(&desk, "/v1/front-ends").await;
    assert_eq!(told.problem(), (403, "institution_not_approved".into()), "nor does it look");
    let told = desk.operate("GET", "/v1/operator/institutions?state=pending").await;
    assert_eq!(told.json()["items"][0]["id"], bank.id.to_string());
    let path = format!("/v1/operator/institutions/{}", bank.id);
    assert_eq!(desk.operate("POST", &format!("{path}/bless")).await.problem().0, 404);
    let told = desk.operate("POST", &format!("{path}/approve")).await;
    assert_eq!(told.json()["state"], "approved");
    assert_eq!(told.json().get("certificate"), None, "the operator shows another");
    let told = bank.get(&desk, "/v1/institution").await.json();
    let expires = CERTIFICATE_EXPIRES.to_string();
    assert_eq!(told["certificate"]["dns_names"], json!(["bank.example"]));
    assert_eq!(told["certificate"]["expires"], json!(expires));
    for key in ["hpke_key", "signing_key"] {
        assert_eq!(told[key], serde_json::to_value(&document).unwrap()[key], "{key}");
    }

    let mut later = document;
    (later.name, later.issued) = ("New Name".into(), Timestamp(2_000));
    let thief = Bank { id: bank.id, ..Bank::new(&desk, "bank.example", 3) };
    let stolen = thief.sign(&desk, Typ::Institution, &later);
    let told = bank.send(&desk, "POST", "/v1/institutions", &json!({"document": stolen})).await;
    assert_eq!(told.problem(), (403, "bad_signature".into()), "only by the key it had");
    let signed = bank.sign(&desk, Typ::Institution, &later);
    let told = bank.send(&desk, "POST", "/v1/institutions", &json!({"document": signed})).await;
    assert_eq!(told.json()["state"], "pending", "what changed is looked at again");
}

#[tokio::test]
async fn a_certificate_names_one_institution() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let shop = Bank::settled(&desk, "shop.example", 2).await;
    let ask = async |names: &[&str]| {
        let certificate = PeerCertificate {
            x5t_s256: Digest::of(b"certificate"),
            dns_names: names.iter().map(ToString::to_string).collect(),
            expires: CERTIFICATE_EXPIRES,
        };
        let request = request("GET", "/v1/institution").extension(certificate);
        tell(&desk.partner, request.body(Body::empty()).unwrap()).await
    };
    for names in [&["BANK.Example"][..], &["www.example", "bank.example", "bank.example"]] {
        assert_eq!(ask(names).await.json()["id"], bank.id.to_string(), "{names:?}");
    }
    assert_eq!(ask(&[shop.name]).await.json()["id"], shop.id.to_string());
    for names in [&[][..], &["www.example"], &[bank.name, shop.name], &[shop.name, bank.name]] {
        assert_eq!(ask(names).await.problem(), (401, "invalid_client".into()), "{names:?}");
    }
}

#[tokio::test]
async fn offers_are_their_own_institutions() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let other = Bank::settled(&desk, "other.example", 2).await;
    let offer = bank.offer(&desk);

    let signed_by_another = other.sign(&desk, Typ::Offer, &offer);
    let body = json!({"document": signed_by_another});
    let told = bank.send(&desk, "POST", "/v1/offers", &body).await;
    assert_eq!(told.problem(), (403, "offer_signed_by_another".into()));
    let told = other.propose(&desk, &offer).await;
    assert_eq!(told.problem(), (403, "offer_signed_by_another".into()), "names another");
    let mut past = offer.clone();
    past.expires = Timestamp(5);
    assert_eq!(bank.propose(&desk, &past).await.problem(), (410, "offer_expired".into()));
    let mut empty = offer.clone();
    empty.items.clear();
    assert_eq!(bank.propose(&desk, &empty).await.problem(), (400, "invalid_request".into()));

    let told = bank.propose(&desk, &offer).await;
    assert_eq!((told.status, told.json()["state"].as_str()), (200, Some("proposed")));
    let id = told.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/offers/{id}");
    assert_eq!(other.get(&desk, &path).await.problem().0, 404);
    assert_eq!(other.send(&desk, "DELETE", &path, &json!({})).await.problem().0, 404);
    assert!(bank.get(&desk, &path).await.json()["document"].is_string());
    let told = bank.get(&desk, "/v1/offers").await;
    assert_eq!(told.json()["items"].as_array().unwrap().len(), 1);
    assert!(told.json()["items"][0]["document"].is_null());
    let told = bank.send(&desk, "DELETE", &path, &json!({})).await;
    assert_eq!(told.json()["state"], "withdrawn");
}

#[tokio::test]
async fn what_is_malformed_is_told_so() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let send = async |content_type: &str, body: String| {
        let request = with_certificate(request("POST", "/v1/front-ends"), bank.name)
            .header("content-type", content_type);
        tell(&desk.partner, request.body(Body::from(body)).unwrap()).await.problem()
    };
    let good = r#"{"name":"Desk","place":"Hall","sessions_max":2}"#;
    let json = "application/json";
    assert_eq!(send("text/plain", good.into()).await, (415, "unsupported_media_type".into()));
    let malformed = (400, "malformed_body".to_owned());
    for body in [
        String::new(),
        "{".into(),
        good.replace('}', r#","more":1}"#),
        good.replace('{', r#"{"name":"Twice","#),
        good.replace("2}", "-2}"),
        format!("{}{}", "[".repeat(40), "]".repeat(40)),
    ] {
        assert_eq!(send(json, body.clone()).await, malformed, "{body}");
    }
    let long = good.replace("Desk", &"x".repeat(2 << 20));
    assert_eq!(send(json, long).await, (413, "too_large".into()));
    let invalid = (400, "invalid_request".to_owned());
    assert_eq!(send(json, good.replace("2}", "0}")).await, invalid);
    assert_eq!(send(json, good.replace("2}", "65}")).await, invalid);
    assert_eq!(send(json, good.replace("Desk", "\\u202eksed")).await, invalid, "turned text");

    let told = bank.get(&desk, "/v1/offers?cursor=%00").await;
    assert_eq!(told.problem(), (400, "malformed_parameter".into()));
    assert_eq!(bank.get(&desk, "/v1/offers?page=2").await.problem().0, 400);
    assert_eq!(bank.get(&desk, "/v1/offers/nonsense").await.problem(), (404, "not_found".into()));
    assert_eq!(bank.get(&desk, "/v1/nothing").await.problem(), (404, "no_such_route".into()));
    let told = bank.send(&desk, "PUT", "/v1/offers", &json!({})).await;
    assert_eq!(told.problem(), (405, "method_not_allowed".into()));
    assert!(told.header("allow").contains("GET"), "{told:?}");
    let bare = request("GET", "/v1/offers").body(Body::empty()).unwrap();
    assert_eq!(tell(&desk.partner, bare).await.problem(), (401, "certificate_required".into()));
}
