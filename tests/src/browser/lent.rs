//! What was lent, on the phone: every read, the pause, and taking it back.

use super::chromium::there;
use super::encounter::Encounter;
use super::stage::{Bank, redeemed};

/// The one status of everything that the bank reads.
fn status(bank: &Bank<'_>, grant: &str) -> String {
    let read = bank.reads(grant);
    let first = read.first().expect("something was granted").1.clone();
    let has_value = first == "ok";
    assert!(read.iter().all(|(_, status, value)| *status == first && value.is_null() != has_value));
    first
}

#[test]
fn what_was_lent_is_paused_and_taken_back() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("lent");
    let mut bank = encounter.stage.bank();
    let (link, redeem) = encounter.shows_a_code(&mut bank);
    encounter.comes_to_the_question(&link);
    encounter.lends();
    let grant = redeemed(redeem);
    let phone = &encounter.phone;
    assert_eq!(status(&bank, &grant), "ok");
    phone.act("finish");
    phone.sees("items");
    phone.act("tab-grants");
    phone.sees("grants");
    phone.press(&format!("[data-action=open-grant][value=\"{grant}\"]"));
    phone.sees("grant");
    phone.act("pause");
    phone.wait("that it is paused", || phone.has("[data-action=resume]").then_some(()));
    phone.look_over_again("grant-paused");
    assert_eq!(status(&bank, &grant), "paused");
    phone.act("resume");
    phone.wait("that it is lent", || phone.has("[data-action=pause]").then_some(()));
    assert_eq!(status(&bank, &grant), "ok");
    phone.act("revoke");
    phone.wait("a dialog", || phone.has("dialog[open]").then_some(()));
    phone.look_over_again("grant-revoke");
    phone.act("confirm-revoke");
    phone.wait("that it is taken back", || (!phone.has("[data-action=revoke]")).then_some(()));
    phone.look_over_again("grant-revoked");
    assert_eq!(status(&bank, &grant), "revoked");
    encounter.is_quiet();
}
