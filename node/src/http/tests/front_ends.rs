//! Front ends: enrolment, and the DPoP proof of everything after it.

use super::desk::{Bank, Desk, Told, request, tell, with_certificate};
use super::oauth::pushed;
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
async fn requests_are_pushed_for_enrolled_front_ends_of_ones_own() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let shop = Bank::settled(&desk, "other.example", 2).await;
    let offer = bank.propose(&desk, &bank.offer(&desk)).await.json();
    let (id, hash) = (offer["id"].as_str().unwrap(), offer["hash"].as_str().unwrap());
    desk.operate("POST", &format!("/v1/operator/offers/{id}/approve")).await;
    let body = json!({"name": "Desk 1", "place": "Hall", "sessions_max": 2});
    let register = async |bank: &Bank| {
        let told = bank.send(&desk, "POST", "/v1/front-ends", &body).await.json();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        (text("front_end"), text("enrolment_code"))
    };
    let enrol = async |(id, code): &(String, String)| {
        let screen = Screen { key: Secret::new([5; 32]) };
        let path = format!("/v1/front-ends/{id}/enrol");
        let nonce = desk.app().nonces.nonce(desk.app().now());
        let proof = screen.proof(&desk, "POST", &path, "", &nonce);
        assert_eq!(enrol(&desk, id, code, Some(&proof)).await.status, 200);
    };
    let push = async |front_end: &str, mode: &str| {
        let mut form = pushed(&bank, hash, &format!("&response_mode={mode}&front_end={front_end}"));
        if mode != "query" {
            form = form.replace("&redirect_uri=https%3A%2F%2Fbank.example%2Fcb", "");
        }
        let told = bank.form(&desk, "/oauth/par", &form, "").await;
        let json = told.json();
        (told.status, json["error_description"].as_str().unwrap_or_default().to_owned())
    };
    let session = "symbolon.session";
    let refused = |why: &str| (400, why.to_owned());

    let own = register(&bank).await;
    assert_eq!(push(&own.0, session).await, refused("front_end is not enrolled"));
    enrol(&own).await;
    assert_eq!(push(&own.0, session).await.0, 201);
    assert_eq!(push(&own.0, "symbolon.scan").await.0, 201);
    let told = push(&own.0, "query").await;
    assert!(told.0 == 400 && told.1.starts_with("front_end goes with"), "{told:?}");
    let none = refused("front_end is none of the institution's");
    let theirs = register(&shop).await;
    enrol(&theirs).await;
    assert_eq!(push(&theirs.0, session).await, none);
    let unknown = desk.app().new_id(symbolon_domain::Kind::FrontEnd);
    assert_eq!(push(&unknown.to_string(), session).await, none);
    let wrong = push(&bank.id.to_string(), session).await;
    assert_eq!(wrong, refused("front_end is no front end's id"));
    let remove = format!("/v1/front-ends/{}", own.0);
    assert_eq!(bank.send(&desk, "DELETE", &remove, &json!({})).await.status, 204);
    assert_eq!(push(&own.0, session).await, refused("front_end is not enrolled"));
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

#[tokio::test]
async fn one_proof_made_for_this_site() {
    let desk = Desk::open().await;
    let (screen, path) = (Screen { key: Secret::new([5; 32]) }, "/v1/accounts");
    let nonce = desk.app().nonces.nonce(desk.app().now());
    let ask = async |uri: &str, proofs: &[String]| {
        let mut request = request("POST", uri).header("content-type", "application/json");
        for proof in proofs {
            request = request.header("dpop", proof);
        }
        tell(&desk.web, request.body(Body::from("{}")).unwrap()).await
    };
    let proof = || screen.proof(&desk, "POST", path, "", &nonce);
    let invalid = (401, "invalid_dpop_proof".to_owned());
    assert_eq!(ask(path, &[proof(), proof()]).await.problem(), invalid, "two");
    // Whoever is asked under another name does not take that name's proofs.
    let site = desk.node.site().issuer.clone();
    let elsewhere = "https://evil.example";
    let named = format!("{elsewhere}{path}");
    let demand = ProofRequest {
        method: "POST",
        url: &named,
        access_token: None,
        nonce: Some(&nonce),
        jti: desk.app().entropy.bytes(),
        now: desk.app().now(),
    };
    let foreign = prove(desk.app().crypto.as_ref(), &screen.key, &demand).unwrap();
    assert_eq!(ask(&named, &[foreign]).await.problem(), invalid, "another site's");
    let told = ask(&format!("{site}{path}"), &[proof()]).await;
    assert_eq!(told.problem(), (400, "malformed_body".into()), "a good one comes to the body");
    assert_eq!(told.header("dpop-nonce"), nonce, "for the next one");
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let body = json!({"name": "Desk 1", "place": "Hall", "sessions_max": 2});
    let invited = bank.send(&desk, "POST", "/v1/front-ends", &body).await.json();
    let path = format!("/v1/front-ends/{}", invited["front_end"].as_str().unwrap());
    let send = async |method: &str, path: &str, site: &str| {
        let request = with_certificate(request(method, path), bank.name);
        let request = request.header("sec-fetch-site", site).body(Body::empty()).unwrap();
        tell(&desk.partner, request).await
    };
    let invite = format!("{path}/invite");
    for site in ["cross-site", "same-site", ""] {
        for (method, path) in [("POST", &invite), ("DELETE", &path)] {
            let told = send(method, path, site).await;
            assert_eq!(told.problem(), (403, "cross_site".into()), "{method} {site}");
        }
        assert_eq!(send("GET", "/v1/front-ends", site).await.status, 200, "{site}");
    }
    for site in ["same-origin", "none"] {
        assert_eq!(send("POST", &invite, site).await.status, 200, "{site}");
    }
}
