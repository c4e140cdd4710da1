//! What happens to a consent, and to what is stored, when the browser does not go on as it
//! was: killed, emptied, opened twice, without network.

use super::chromium::{Looks, there};
use super::encounter::Encounter;
use super::stage::{came_to_nothing, redeemed};

#[test]
fn a_browser_killed_in_the_middle_goes_on_where_it_was() {
    if !there() {
        return;
    }
    let mut encounter = Encounter::begin("killed");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    // The authenticator is the device's, not the browser's: it keeps what it had.
    let kept = encounter.phone.authenticator(|it, session| it.credentials(session));
    assert_eq!(kept.len(), 1);
    encounter.phone.is_quiet();
    encounter.phone.is_killed();
    encounter.phone = encounter.stage.window_of(&encounter.phones, Looks::PHONE, "phone-again");
    encounter.phone.authenticator(|it, session| it.keep(session, &kept));
    encounter.phone.open("/");
    encounter.phone.sees("items");
    encounter.phone.act("go-on");
    encounter.phone.sees("ask");
    encounter.lends();
    redeemed(redeem);
    encounter.is_quiet();
}

#[test]
fn an_emptied_browser_is_let_in_by_the_recovery_sheet() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("emptied");
    let mut bank = encounter.stage.bank();
    let (link, _redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.phone.is_emptied();
    encounter.phone.reload();
    // Whoever emptied it has no vault here, and nothing to lend; the sheet brings it back.
    encounter.phone.sees("enrol");
    assert_eq!(encounter.stage.grants(), 0);
    encounter.phone.act("recover");
    encounter.phone.sees("recover");
    encounter.phone.fill("input[name=word-1]", &encounter.words.join(" "));
    encounter.phone.look_over_again("recover-typed");
    encounter.phone.act("recover");
    encounter.phone.sees("session");
    encounter.phone.act("leave");
    encounter.phone.sees("items");
    encounter.phone.shows_what_was_stored();
    // The session was the old device's. A new one is lent to by the new.
    encounter.counter.act("cancel");
    encounter.counter.sees("idle");
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.lends();
    redeemed(redeem);
    encounter.phone.expects(&[404]);
    encounter.is_quiet();
}

#[test]
fn without_network_what_is_stored_is_seen() {
    if !there() {
        return;
    }
    let mut encounter = Encounter::begin("offline");
    encounter.phone.open("/");
    encounter.phone.sees("items");
    encounter.phone.is_kept_by_its_worker();
    encounter.phone.is_quiet();
    encounter.counter.is_quiet();
    // Nobody answers any more, and the phone knows that it has no network.
    encounter.phone.has_network(false);
    encounter.stage.site.node().kill();
    encounter.phone.reload();
    encounter.phone.sees("items");
    encounter.phone.shows_what_was_stored();
    encounter.phone.look_over_again("items-offline");
    encounter.phone.press("[data-action=open-item][value=\"oidc.birthdate\"]");
    encounter.phone.sees("item");
    encounter.phone.act("back");
    encounter.phone.sees("items");
    encounter.counter.says_that_it_is_alone();
    // With network it goes on.
    encounter.stage.site.serve_again(&[]);
    encounter.phone.has_network(true);
    let mut bank = encounter.stage.bank();
    encounter.counter.wait("the start again", || {
        encounter.counter.has("[data-action=start]:not([aria-disabled])").then_some(())
    });
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.lends();
    redeemed(redeem);
}

#[test]
fn a_request_is_in_one_tab_at_a_time() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("tabs");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    // The authenticator is plugged into a tab; the device has one.
    let kept = encounter.phone.authenticator(|it, session| it.credentials(session));
    let first = encounter.phone.new_tab();
    encounter.phone.authenticator(|it, session| it.keep(session, &kept));
    encounter.phone.open(&link);
    encounter.phone.sees("elsewhere");
    encounter.phone.act("take-over");
    encounter.phone.sees("ask");
    let second = encounter.phone.tab();
    encounter.phone.to_tab(&first);
    encounter.phone.sees("elsewhere");
    encounter.phone.to_tab(&second);
    encounter.lends();
    let grant = redeemed(redeem);
    assert_eq!(encounter.stage.grants(), 1);
    assert!(bank.reads(&grant).iter().all(|(_, status, _)| status == "ok"));
    encounter.is_quiet();
}

#[test]
fn a_screen_is_in_one_tab_at_a_time() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("screens");
    let mut bank = encounter.stage.bank();
    let (link, _redeem) = encounter.shows_a_code(&mut bank);
    let first = encounter.counter.new_tab();
    encounter.counter.open("/front-end");
    encounter.counter.sees("elsewhere");
    encounter.counter.act("take-over");
    // The code of a session that the other tab opened: the node draws it.
    encounter.counter.wait("the code", || (encounter.counter.screen()? == "code").then_some(()));
    assert_eq!(encounter.counter.code(), link);
    let second = encounter.counter.tab();
    encounter.counter.to_tab(&first);
    encounter.counter.sees("elsewhere");
    encounter.counter.to_tab(&second);
    encounter.comes_to_the_question(&link);
    encounter.is_quiet();
}

#[test]
fn a_code_that_nobody_scans_expires_on_both_sides() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("expired");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.phone.open(&link);
    encounter.phone.sees("session");
    // An open session lives for two minutes.
    encounter.counter.sees_late("expired");
    encounter.counter.was_told();
    assert!(came_to_nothing(redeem).contains("expired"));
    // Nobody tells a phone that has not taken it; it learns it when it does.
    encounter.phone.look_over_again("session-too-old");
    encounter.phone.expects(&[409, 410]);
    encounter.phone.act("claim");
    encounter.phone.sees("ended");
    assert!(encounter.phone.has("[data-end=expired]"), "{}", encounter.phone.text("main"));
    assert_eq!(encounter.stage.grants(), 0);
    encounter.is_quiet();
}
