//! Front ends: enrolment, and the DPoP proof of everything after it.

use super::desk::{Bank, Desk, Told, request, tell};
use axum::body::Body;
use serde_json::{Value, json};
use symbolon_domain::dpop::{ProofRequest, prove};
use symbolon_domain::secret::Secret;

struct Screen {
    key: Secret<32>,
}

impl Screen {
    fn proof(&self, desk: &Desk, method: &str, path: &str, token: &str, nonce: &str) -> String {
        let url = format!("{}{path}", desk.node.site().issuer);
        let demand = ProofRequest {
            method,
            url: &url,
            access_token: Some(token).filter(|token| !token.is_empty()),
            nonce: Some(nonce).filter(|nonce| !nonce.is_empty()),
            jti: desk.app().entropy.bytes(),
            now: desk.app().now(),
        };
        prove(desk.app().crypto.as_ref(), &self.key, &demand).unwrap()
    }
}

async fn enrol(desk: &Desk, id: &str, code: &str, proof: Option<&str>) -> Told {
    let mut request = request("POST", &format!("/v1/front-ends/{id}/enrol"))
        .header("content-type", "application/json");
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let body = json!({"enrolment_code": code}).to_string();
    tell(&desk.web, request.body(Body::from(body)).unwrap()).await
}

async fn look(desk: &Desk, path: &str, token: &str, proof: &str) -> Told {
    let request =
        request("GET", path).header("authorization", format!("DPoP {token}")).header("dpop", proof);
    tell(&desk.web, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn enrolled_once_and_bound_to_its_key() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let body = json!({"name": "Desk 1", "place": "Hall", "sessions_max": 2});
    let invited = bank.send(&desk, "POST", "/v1/front-ends", &body).await.json();
    let (id, code) =
        (invited["front_end"].as_str().unwrap(), invited["enrolment_code"].as_str().unwrap());
    let path = format!("/v1/front-ends/{id}/enrol");
    let (screen, other) =
        (Screen { key: Secret::new([5; 32]) }, Screen { key: Secret::new([6; 32]) });

    let told = enrol(&desk, id, code, None).await;
    assert_eq!(told.problem(), (401, "invalid_dpop_proof".into()));
    let told = enrol(&desk, id, code, Some(&screen.proof(&desk, "POST", &path, "", ""))).await;
    assert_eq!(told.problem(), (401, "use_dpop_nonce".into()));
    let nonce = told.header("dpop-nonce").to_owned();
    assert!(told.header("www-authenticate").contains("use_dpop_nonce"));
    let elsewhere = screen.proof(&desk, "POST", "/v1/accounts", "", &nonce);
    assert_eq!(enrol(&desk, id, code, Some(&elsewhere)).await.problem().1, "invalid_dpop_proof");
    let wrong = code.replacen("enr_eu1_", "enr_eu1_A", 1);
    let wrong = &wrong[..wrong.len() - 1];
    let proof = screen.proof(&desk, "POST", &path, "", &nonce);
    assert_eq!(enrol(&desk, id, wrong, Some(&proof)).await.problem().1, "invalid_grant");
    assert_eq!(
        enrol(&desk, id, code, Some(&proof)).await.problem().1,
        "invalid_dpop_proof",
        "replayed"
    );
    let proof = screen.proof(&desk, "POST", &path, "", &nonce);
    let told = enrol(&desk, id, code, Some(&proof)).await;
    assert_eq!((told.status, &told.json()["name"]), (200, &Value::from("Desk 1")), "{told:?}");
    let token = told.json()["token"].as_str().unwrap().to_owned();
    let proof = other.proof(&desk, "POST", &path, "", &nonce);
    assert_eq!(enrol(&desk, id, code, Some(&proof)).await.problem().1, "invalid_grant", "used");

    let session = format!("/v1/sessions/{}", desk.app().new_id(symbolon_domain::Kind::Session));
    let unknown =
        look(&desk, &session, &token, &screen.proof(&desk, "GET", &session, &token, &nonce)).await;
    assert_eq!(unknown.problem().0, 404, "authenticated: {unknown:?}");
    let told =
        look(&desk, &session, &token, &other.proof(&desk, "GET", &session, &token, &nonce)).await;
    assert_eq!(told.problem(), (401, "invalid_token".into()), "another key");
    let told =
        look(&desk, &session, &token, &screen.proof(&desk, "GET", &session, "", &nonce)).await;
    assert_eq!(told.problem(), (401, "invalid_dpop_proof".into()), "no ath");
    let devices = "/v1/devices";
    let told =
        look(&desk, devices, &token, &screen.proof(&desk, "GET", devices, &token, &nonce)).await;
    assert_eq!(told.problem(), (403, "forbidden".into()), "a device's route");

    let stranger = Bank::settled(&desk, "other.example", 2).await;
    let remove = format!("/v1/front-ends/{id}");
    assert_eq!(stranger.send(&desk, "DELETE", &remove, &json!({})).await.problem().0, 404);
    let told = stranger.send(&desk, "POST", &format!("{remove}/invite"), &json!({})).await;
    assert_eq!(told.problem().0, 404);
    assert_eq!(bank.send(&desk, "DELETE", &remove, &json!({})).await.status, 204);
    let told =
        look(&desk, &session, &token, &screen.proof(&desk, "GET", &session, &token, &nonce)).await;
    assert_eq!(told.problem(), (401, "invalid_token".into()), "removed");
}
