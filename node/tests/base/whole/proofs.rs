//! `DPoP` proofs: absent, expired, replayed, for something else, by another key.

use super::stage::{Refused, Whole, problem, refused};
use http::{HeaderName, header};
use std::time::Duration;
use symbolon_client::ambient;
use symbolon_client::http3::{Answer, Request};
use symbolon_domain::Timestamp;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::dpop::{ProofRequest, prove};
use symbolon_domain::entity::front_end::TOKEN_LIFE;
use symbolon_domain::secret::Secret;

const DPOP: HeaderName = HeaderName::from_static("dpop");
/// It needs a proof by any key; with a good one its empty body is refused.
const PATH: &str = "/v1/accounts";

struct Prover<'a> {
    whole: &'a Whole,
    nonce: String,
}

impl Prover<'_> {
    /// A proof of a good request, changed.
    fn proof<'p>(
        &'p self,
        key: u8,
        change: impl FnOnce(&mut ProofRequest<'p>, &mut String),
    ) -> String {
        let mut url = format!("{}{PATH}", self.whole.issuer());
        let mut other = url.clone();
        let mut proof = ProofRequest {
            method: "POST",
            url: "",
            access_token: None,
            nonce: Some(&self.nonce),
            jti: ambient::random().unwrap(),
            now: ambient::now(),
        };
        change(&mut proof, &mut other);
        std::mem::swap(&mut url, &mut other);
        let proof = ProofRequest { url: &url, ..proof };
        prove(&RustCrypto, &Secret::new([key; 32]), &proof).unwrap()
    }

    async fn send(&self, proof: &str) -> Answer {
        let request = Request::post(PATH).body("application/json", "{}");
        self.whole.web.send(&request.header(DPOP, proof).unwrap()).await.unwrap()
    }

    async fn told(&self, proof: &str) -> Refused {
        problem(self.send(proof).await)
    }
}

#[tokio::test]
async fn a_proof_holds_for_one_request_at_its_time() {
    let whole = Whole::start().await;
    let request = Request::post(PATH).body("application/json", "{}");
    let bare = whole.web.send(&request).await.unwrap();
    let nonce = bare.header("dpop-nonce").unwrap().to_owned();
    let invalid = refused(401, "invalid_dpop_proof", "client");
    assert_eq!(problem(bare), invalid);
    let prover = Prover { whole: &whole, nonce };

    let good = prover.proof(1, |_, _| ());
    let accepted = refused(400, "malformed_body", "client");
    assert_eq!(prover.told(&good).await, accepted, "a good proof comes as far as the body");
    assert_eq!(prover.told(&good).await, invalid, "replayed");
    let use_nonce = refused(401, "use_dpop_nonce", "client");
    assert_eq!(prover.told(&prover.proof(1, |proof, _| proof.nonce = None)).await, use_nonce);
    let foreign = "A".repeat(43);
    let other_nonce = prover.proof(1, |proof, _| proof.nonce = Some(&foreign));
    assert_eq!(prover.told(&other_nonce).await, use_nonce);

    let minutes = Duration::from_secs(301);
    let old = Timestamp(ambient::now().0 - 301_000);
    for (what, proof) in [
        ("expired", prover.proof(1, |proof, _| proof.now = old)),
        ("of the future", prover.proof(1, |proof, _| proof.now = ambient::now().after(minutes))),
        ("another method", prover.proof(1, |proof, _| proof.method = "GET")),
        ("another address", prover.proof(1, |_, url| url.push('s'))),
        ("another site", prover.proof(1, |_, url| *url = format!("https://evil.example{PATH}"))),
        ("no JWS", "nonsense".into()),
        ("cut", good[..good.len() - 1].into()),
        ("without a signature", format!("{}.", good.rsplit_once('.').unwrap().0)),
        ("another signature", {
            let fresh = prover.proof(1, |_, _| ());
            format!("{}.{}", fresh.rsplit_once('.').unwrap().0, good.rsplit_once('.').unwrap().1)
        }),
    ] {
        let answer = prover.send(&proof).await;
        assert!(answer.header("www-authenticate").unwrap().starts_with("DPoP error="), "{what}");
        assert_eq!(problem(answer), invalid, "{what}");
    }
    // The nonce is of its minute; a later one is asked for, and the client can go on.
    whole.pass(180);
    assert_eq!(prover.told(&prover.proof(1, |_, _| ())).await, use_nonce);
    assert!(whole.alice.devices().await.is_ok());
    whole.alive().await;
    whole.stop().await;
}

#[tokio::test]
async fn a_token_is_bound_to_its_key() {
    let whole = Whole::start().await;
    // A front end of our own, whose token we know.
    let invited = whole.bank.register_front_end("Desk", "Hall", 1).await.unwrap();
    let enrol = format!("/v1/front-ends/{}/enrol", invited.front_end);
    let nonce = whole.web.send(&Request::post(PATH)).await.unwrap();
    let nonce = nonce.header("dpop-nonce").unwrap().to_owned();
    let prove_as = |key: u8, method: &str, path: &str, token: Option<&str>| {
        let url = format!("{}{path}", whole.issuer());
        let proof = ProofRequest {
            method,
            url: &url,
            access_token: token,
            nonce: Some(&nonce),
            jti: ambient::random().unwrap(),
            now: ambient::now(),
        };
        prove(&RustCrypto, &Secret::new([key; 32]), &proof).unwrap()
    };
    let code = serde_json::json!({ "enrolment_code": invited.enrolment_code.expose() });
    let request = Request::post(&enrol).json(&code).unwrap();
    let request = request.header(DPOP, &prove_as(3, "POST", &enrol, None)).unwrap();
    let enrolled = whole.web.send(&request).await.unwrap();
    let enrolled: serde_json::Value = enrolled.json().unwrap();
    let token = enrolled["token"].as_str().unwrap();

    let session = "/v1/sessions/ses_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let look = async |path: &str, scheme: &str, token: &str, proof: String| {
        let request = Request::get(path)
            .header(header::AUTHORIZATION, &format!("{scheme} {token}"))
            .unwrap()
            .header(DPOP, &proof)
            .unwrap();
        problem(whole.web.send(&request).await.unwrap())
    };
    let right = || prove_as(3, "GET", session, Some(token));
    let invalid = refused(401, "invalid_token", "client");
    assert_eq!(look(session, "DPoP", token, right()).await, refused(404, "not_found", "client"));
    for scheme in ["Bearer", "Bear"] {
        assert_eq!(look(session, scheme, token, right()).await, invalid, "as a bearer's");
    }
    let thief = prove_as(4, "GET", session, Some(token));
    assert_eq!(look(session, "DPoP", token, thief).await, invalid, "another key");
    let without = prove_as(3, "GET", session, None);
    let no_ath = refused(401, "invalid_dpop_proof", "client");
    assert_eq!(look(session, "DPoP", token, without).await, no_ath, "no ath");
    let unknown = format!("ftk_eu1_{}", "A".repeat(43));
    let proof = prove_as(3, "GET", session, Some(&unknown));
    assert_eq!(look(session, "DPoP", &unknown, proof).await, invalid, "an unknown token");
    let devices = "/v1/devices";
    let proof = prove_as(3, "GET", devices, Some(token));
    let forbidden = refused(403, "forbidden", "client");
    assert_eq!(look(devices, "DPoP", token, proof).await, forbidden, "a device's route");
    // Its time, whoever proves to have the key.
    let not_found = refused(404, "not_found", "client");
    let minute = Duration::from_secs(60);
    for (passed, wanted) in [(TOKEN_LIFE - minute, not_found), (TOKEN_LIFE, invalid)] {
        whole.pass(passed.as_secs() - whole.passed());
        let nonce = whole.web.send(&Request::post(PATH)).await.unwrap();
        let url = format!("{}{session}", whole.issuer());
        let proof = ProofRequest {
            method: "GET",
            url: &url,
            access_token: Some(token),
            nonce: nonce.header("dpop-nonce"),
            jti: ambient::random().unwrap(),
            now: ambient::now().after(passed),
        };
        let proof = prove(&RustCrypto, &Secret::new([3; 32]), &proof).unwrap();
        assert_eq!(look(session, "DPoP", token, proof).await, wanted, "after {passed:?}");
    }
    whole.alive().await;
    whole.stop().await;
}
