//! Tests of `dpop`: tables, standard vectors, properties.

use super::*;
use crate::crypto::RustCrypto;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_780_000_000_000);
const URL: &str = "https://id.example/oauth/token";

fn key() -> Secret<32> {
    Secret::new([7; 32])
}

fn nonces() -> NonceKey {
    NonceKey::new(Secret::new([9; 32]))
}

fn request<'a>(nonce: &'a str) -> ProofRequest<'a> {
    ProofRequest {
        method: "POST",
        url: URL,
        access_token: Some("dtk_eu1_token"),
        nonce: Some(nonce),
        jti: [3; 16],
        now: NOW,
    }
}

fn check(
    request: &ProofRequest<'_>,
    change: impl FnOnce(&mut Demand<'_>),
) -> Result<Proof, DpopError> {
    let nonces = nonces();
    let text = prove(&RustCrypto, &key(), request).unwrap();
    let mut demand = Demand {
        method: "POST",
        url: URL,
        access_token: Some("dtk_eu1_token"),
        nonces: &nonces,
        now: NOW,
    };
    change(&mut demand);
    verify(&RustCrypto, &text, &demand)
}

// The proof of RFC 9449 section 4.1: it has no nonce and is years old, so it is the
// signature and the claims that are checked here.
#[test]
fn example_of_rfc_9449() {
    let text = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let unverified = Unverified::parse(text, Typ::Dpop).unwrap();
    let key = *unverified.jwk().unwrap();
    assert_eq!(key.thumbprint().to_string(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    let claims: Claims = unverified.verify(&RustCrypto, &key.key).unwrap().payload;
    assert_eq!((claims.htm.as_str(), claims.iat), ("POST", 1_562_262_616));
    let nonces = nonces();
    let demand = Demand {
        method: "POST",
        url: "https://server.example.com/token",
        access_token: None,
        nonces: &nonces,
        now: Timestamp::from_seconds(claims.iat),
    };
    assert_eq!(verify(&RustCrypto, text, &demand), Err(DpopError::UseNonce));
    let late = Demand { now: NOW, ..demand };
    assert_eq!(verify(&RustCrypto, text, &late), Err(DpopError::Time));
}

// RFC 9449 section 7.1: the ath of the example's access token.
#[test]
fn ath_of_rfc_9449() {
    let ath = Digest::of(b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU").to_string();
    assert_eq!(ath, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

#[test]
fn a_proof_holds_for_what_it_was_made_for() {
    let nonce = nonces().nonce(NOW);
    let proof = check(&request(&nonce), |_| {}).unwrap();
    let public = P256Jwk::new(RustCrypto.p256_public(&key()).unwrap());
    assert_eq!((proof.key, proof.jkt), (public, public.thumbprint()));
    assert_eq!(proof.jti, base64url(&[3; 16]));
    assert!(proof.expires > NOW && proof.expires.since(NOW) <= Duration::from_secs(120));
    let mut cache = ReplayCache::new(10);
    assert_eq!(cache.check(NOW, &proof), Ok(()));
    assert_eq!(cache.check(NOW, &proof), Err(Replay::Seen));
}

#[test]
fn deviations() {
    let nonce = nonces().nonce(NOW);
    let request = request(&nonce);
    assert_eq!(check(&request, |d| d.method = "GET"), Err(DpopError::Method));
    assert_eq!(check(&request, |d| d.url = "https://id.example/oauth/par"), Err(DpopError::Url));
    assert_eq!(check(&request, |d| d.access_token = None), Err(DpopError::Token));
    assert_eq!(check(&request, |d| d.access_token = Some("other")), Err(DpopError::Token));
    assert_eq!(check(&request, |d| d.now.0 += 300_001), Err(DpopError::Time));
    assert_eq!(check(&request, |d| d.now.0 += 120_000), Err(DpopError::UseNonce));
    let early = ProofRequest { now: Timestamp(NOW.0 + 302_000), ..request };
    assert_eq!(check(&early, |_| {}), Err(DpopError::Time));
    let skewed = ProofRequest { now: Timestamp(NOW.0 - 299_000), ..request };
    assert!(check(&skewed, |_| {}).is_ok(), "a clock that is five minutes slow");
    let bare = ProofRequest { nonce: None, access_token: None, ..request };
    let refused = check(&bare, |d| d.access_token = None).unwrap_err();
    assert_eq!((refused.code(), &refused), ("use_dpop_nonce", &DpopError::UseNonce));
    assert_eq!(check(&bare, |_| {}).unwrap_err().code(), "invalid_dpop_proof");
    let foreign = ProofRequest { nonce: Some("AAAAAAAAAAAAAAAAAAAAAA"), ..request };
    assert_eq!(check(&foreign, |_| {}), Err(DpopError::UseNonce));
}

#[test]
fn addresses_compare_normalised() {
    let nonce = nonces().nonce(NOW);
    let holds = |made: &str, demanded: &'static str| {
        check(&ProofRequest { url: made, ..request(&nonce) }, |d| d.url = demanded).is_ok()
    };
    assert!(holds("HTTPS://ID.Example:443/oauth/token?a=1#b", URL));
    assert!(holds("https://id.example/oauth/../oauth/token", URL));
    assert!(holds("https://id.example/x", "https://id.example/x?query=1"));
    for other in [
        "http://id.example/oauth/token",
        "https://id.example:8443/oauth/token",
        "https://id.example.evil/oauth/token",
        "https://id.example/oauth/token/",
        "https://id.example/OAuth/token",
        "/oauth/token",
        "data:text/plain,x",
        "",
    ] {
        assert!(!holds(other, URL), "{other}");
    }
}

#[test]
fn another_key_in_the_header_does_not_help() {
    let nonce = nonces().nonce(NOW);
    let text = prove(&RustCrypto, &key(), &request(&nonce)).unwrap();
    let other = prove(&RustCrypto, &Secret::new([8; 32]), &request(&nonce)).unwrap();
    let (_, rest) = text.split_once('.').unwrap();
    let (header, _) = other.split_once('.').unwrap();
    let nonces = nonces();
    let access_token = Some("dtk_eu1_token");
    let demand = Demand { method: "POST", url: URL, access_token, nonces: &nonces, now: NOW };
    let verdict = verify(&RustCrypto, &format!("{header}.{rest}"), &demand);
    assert_eq!(verdict, Err(DpopError::Jws(JwsError::Signature)));
}

proptest! {
    #[test]
    fn never_panics(payload in "\\PC{0,60}", url in "\\PC{0,40}") {
        let text = sign(&RustCrypto, &key(), Typ::Dpop, None, &payload).unwrap();
        let nonces = nonces();
        let demand = Demand { method: "POST", url: &url, access_token: None, nonces: &nonces, now: NOW };
        prop_assert!(verify(&RustCrypto, &text, &demand).is_err());
        prop_assert!(verify(&RustCrypto, &payload, &demand).is_err());
    }
}
