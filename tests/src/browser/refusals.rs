//! What must end in nothing lent, and how each side learns of it.

use super::chromium::there;
use super::encounter::Encounter;
use super::stage::{came_to_nothing, redeemed};
use symbolon_client::ambient;
use symbolon_client::http3::{Http3, Request};
use symbolon_domain::bytes::base64url;
use symbolon_domain::crypto::{Crypto, RustCrypto};

#[test]
fn a_wrong_number_ends_it_on_both_sides() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("wrong-number");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.takes_the_session(&link);
    let right: u8 = encounter.phone.number().parse().unwrap();
    encounter.counter.expects(&[403, 409, 422]);
    encounter.counter.types_the_number(&format!("{:02}", (right + 1) % 100));
    encounter.counter.sees("wrong-number");
    encounter.counter.was_told();
    encounter.phone.expects(&[403, 409, 422]);
    encounter.phone.sees("ended");
    assert!(encounter.phone.has("[data-end=wrong_number]"));
    assert!(came_to_nothing(redeem).contains("wrongnumber"), "the bank is told why");
    // Both begin again, and it works.
    encounter.counter.act("start-again");
    let redeem = bank.answers_the_counter();
    encounter.counter.sees("code");
    let link = encounter.counter.code();
    encounter.comes_to_the_question(&link);
    encounter.lends();
    redeemed(redeem);
    encounter.is_quiet();
}

#[test]
fn a_denial_is_told_on_both_sides() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("denied");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.phone.act("deny");
    encounter.phone.wait("a dialog", || encounter.phone.has("dialog[open]").then_some(()));
    encounter.phone.look_over_again("ask-deny");
    encounter.phone.act("confirm-deny");
    encounter.phone.sees("denied");
    encounter.counter.sees("denied");
    encounter.counter.was_told();
    assert!(came_to_nothing(redeem).contains("denied"));
    assert_eq!(encounter.stage.grants(), 0);
    encounter.is_quiet();
}

#[test]
fn without_the_person_nothing_is_lent() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("no-person");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.ticks();
    let ticked = encounter.phone.ticked();
    // Nobody is there: the phone waits, and says what for.
    let kept = encounter.phone.unplugs_the_authenticator();
    encounter.phone.act("approve");
    encounter.phone.sees("verify");
    encounter.phone.was_told();
    assert_eq!(encounter.stage.grants(), 0);
    // Somebody else's finger.
    encounter.phone.reload();
    encounter.phone.sees("ask");
    encounter.phone.plugs_the_authenticator_in(&kept);
    encounter.phone.authenticator(|it, session| it.verifies(session, false));
    encounter.phone.ticks("oidc.email");
    encounter.phone.act("approve");
    encounter.phone.wait("why not", || encounter.phone.has("main [role=alert]").then_some(()));
    encounter.phone.look_over_again("ask-not-verified");
    assert_eq!(encounter.phone.ticked(), ticked, "what was ticked stays");
    assert_eq!((encounter.phone.screen().as_deref(), encounter.stage.grants()), (Some("ask"), 0));
    assert_eq!(encounter.counter.screen().as_deref(), Some("choosing"));
    // The right finger then does it.
    encounter.phone.authenticator(|it, session| it.verifies(session, true));
    encounter.phone.act("approve");
    encounter.phone.sees("done");
    redeemed(redeem);
    encounter.is_quiet();
}

#[test]
fn a_changed_fragment_is_seen_before_the_session_is_taken() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("tampered");
    let mut bank = encounter.stage.bank();
    let (link, _redeem) = encounter.shows_a_code(&mut bank);
    let (path, thumbprint) = link.split_once('#').unwrap();
    let first = if thumbprint.starts_with('A') { 'B' } else { 'A' };
    encounter.phone.open(&format!("{path}#{first}{}", &thumbprint[1..]));
    encounter.phone.sees("problem");
    assert!(encounter.phone.has("[data-problem=thumbprint]"), "{}", encounter.phone.text("main"));
    assert!(!encounter.phone.has("[data-action=claim]"));
    assert_eq!(encounter.counter.screen().as_deref(), Some("code"), "it is nobody's yet");
    // The code as it is still works.
    encounter.phone.act("leave");
    encounter.phone.sees("items");
    encounter.comes_to_the_question(&link);
    encounter.is_quiet();
}

#[test]
fn a_statement_by_another_key_is_not_shown() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("other-key");
    let mut bank = encounter.stage.bank();
    let (link, _redeem) = encounter.shows_a_code(&mut bank);
    let forged = signed_by_another(&encounter, &link);
    // What a node would do that has lost its key, or never had it: the very same words, so
    // that the thumbprint in the code fits.
    let script = format!(
        "const own = fetch;
        window.fetch = (asked, ...more) => String(asked.url ?? asked).endsWith('/statement')
            ? Promise.resolve(new Response('{forged}', {{ headers: {{ 'content-type': 'application/jose' }} }}))
            : own(asked, ...more);"
    );
    encounter.phone.runs_before_pages(&script);
    encounter.phone.open(&link);
    encounter.phone.sees("problem");
    let problem = "[data-problem=statement_signature]";
    assert!(encounter.phone.has(problem), "{}", encounter.phone.text("main"));
    assert!(!encounter.phone.has("[data-action=claim]"));
    assert_eq!(encounter.counter.screen().as_deref(), Some("code"), "it is nobody's yet");
    encounter.is_quiet();
}

// The session's statement, its header and payload as they are, with another key's signature.
fn signed_by_another(encounter: &Encounter, link: &str) -> String {
    let site = &encounter.stage.site;
    let session = link.rsplit('/').next().unwrap().split('#').next().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let statement = runtime.block_on(async {
        let http = Http3::new(&site.at.web, &site.trust(), None).unwrap();
        let asked = Request::get(format!("/v1/sessions/{session}/statement"));
        let answer = http.send(&asked).await.unwrap().ok().unwrap();
        http.close().await;
        answer.text().unwrap()
    });
    let (signed, _signature) = statement.trim().rsplit_once('.').unwrap();
    let key = ambient::signing_key().unwrap();
    let signature = RustCrypto.sign_es256(&key, signed.as_bytes()).unwrap();
    format!("{signed}.{}", base64url(&signature.0))
}
