//! The start turned round: the phone shows a code, and the counter's scanner, which is a
//! keyboard to the page, starts the session with it.

use super::chromium::there;
use super::encounter::Encounter;
use super::stage::redeemed;

#[test]
fn a_scanner_reads_the_code_that_the_phone_shows() {
    if !there() {
        return;
    }
    let encounter = Encounter::begin("reverse");
    let mut bank = encounter.stage.bank();
    let (phone, counter) = (&encounter.phone, &encounter.counter);
    phone.open("/");
    phone.sees("items");
    phone.act("tab-settings");
    phone.sees("settings");
    phone.act("open-show-code");
    phone.sees("show-code");
    let shown = phone.code();
    assert!(shown.starts_with(&format!("{}/h#hnt_", encounter.stage.site.at.web)), "{shown}");
    counter.scan_by_wedge(&shown);
    let redeem = bank.answers_the_counter();
    counter.sees("invited");
    phone.sees("session");
    phone.act("claim");
    let number = phone.number();
    counter.types_the_number(&number);
    counter.sees("choosing");
    phone.sees("ask");
    encounter.lends();
    redeemed(redeem);
    // The code was good once.
    counter.act("finish");
    counter.sees("idle");
    counter.expects(&[400, 403, 404, 409, 422]);
    counter.scan_by_wedge(&shown);
    let _redeem = bank.answers_the_counter();
    counter.wait("a word about the code", || counter.has("main [role=alert]").then_some(()));
    counter.look_over_again("idle-used-code");
    encounter.is_quiet();
}
