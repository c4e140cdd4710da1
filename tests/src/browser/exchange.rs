//! The whole exchange: a person who has never been here scans the code on the counter's
//! screen, makes a vault, types what is asked for, lends it, and sees it read.

use super::chromium::{Looks, Protocol, there};
use super::person::ADA;
use super::stage::{Stage, redeemed};
use super::window::{Hand, Window};
use serde_json::{Value, json};
use std::collections::BTreeSet;

struct Scenario {
    name: &'static str,
    protocol: Protocol,
    phone: Looks,
    counter: Looks,
    hand: Hand,
}

impl Scenario {
    fn run(&self) {
        if !there() {
            return;
        }
        let stage = Stage::set(self.name, self.protocol);
        let mut bank = stage.bank();
        let (counter, _counters) = stage.window(self.counter, "counter");
        let (phone, _phones) = stage.window(self.phone, "phone");
        counter.hand.set(self.hand);
        phone.hand.set(self.hand);

        counter.is_set_up(&stage);
        counter.act("start");
        counter.sees_one_of(&["waiting", "code"]);
        let redeem = bank.answers_the_counter();
        counter.sees("code");
        counter.was_told();
        let link = counter.code();
        let sessions = format!("{}/s/ses_", stage.site.at.web);
        assert!(link.starts_with(&sessions) && link.len() < 120, "{link}");

        makes_a_vault_of_the_code(&phone, &link);
        let number = phone.number();
        counter.types_the_number(&number);
        counter.sees("choosing");
        lends(&phone);
        counter.sees("done");
        counter.was_told();

        let grant = redeemed(redeem);
        assert_eq!(bank.reads(&grant), as_lent());
        phone.act("open-grant");
        shows_the_reads(&phone, 1);
        assert_eq!(bank.reads(&grant), as_lent());
        shows_the_reads(&phone, 2);
        counter.act("finish");
        counter.sees("idle");
        counter.is_quiet();
        phone.is_quiet();
    }
}

/// Who asks is shown before anything is made.
fn makes_a_vault_of_the_code(phone: &Window, link: &str) {
    phone.open(link);
    phone.sees("enrol");
    for words in ["The bank", "Counter 3", "Main Street"] {
        phone.reads(words);
    }
    phone.act("enrol");
}

/// The sheet comes before the first item; then what is needed is typed, ticked and lent.
fn lends(phone: &Window) {
    phone.sees("ask");
    phone.was_told();
    phone.act("fill");
    phone.writes_the_sheet_down();
    phone.fills_in();
    phone.ticks("oidc.email");
    let lent: BTreeSet<String> = as_lent().into_iter().map(|(path, ..)| path).collect();
    assert_eq!(phone.ticked().into_iter().collect::<BTreeSet<_>>(), lent);
    phone.picture("ask-ticked");
    phone.act("approve");
    phone.sees("done");
    phone.was_told();
}

/// What the bank must read, sorted as it was asked for.
fn as_lent() -> Vec<(String, String, Value)> {
    let lent = ADA.into_iter().filter(|(path, _)| *path != "oidc.phone_number");
    lent.map(|(path, value)| (path.to_owned(), "ok".to_owned(), json!(value))).collect()
}

/// Every read is on the phone without its being asked to look again.
fn shows_the_reads(phone: &Window, count: usize) {
    phone.sees("grant");
    let script = "return document.querySelectorAll('[data-record=used]').length";
    phone.wait(&format!("{count} reads"), || {
        (phone.eval(script, json!([])) == json!(count)).then_some(())
    });
    phone.picture(&format!("grant-read-{count}"));
}

#[test]
fn the_whole_exchange_over_http_2() {
    let (phone, counter) = (Looks::PHONE, Looks::DESKTOP);
    Scenario {
        name: "exchange-h2",
        protocol: Protocol::Http2,
        phone,
        counter,
        hand: Hand::Pointer,
    }
    .run();
}

#[test]
fn the_whole_exchange_over_http_3_at_night() {
    let (phone, counter) = (Looks::PHONE.at_night(), Looks::DESKTOP.at_night());
    Scenario {
        name: "exchange-h3",
        protocol: Protocol::Http3,
        phone,
        counter,
        hand: Hand::Pointer,
    }
    .run();
}

#[test]
fn the_whole_exchange_by_keys_alone() {
    // Keys are worked at a desk: the phone's page in a window without touch.
    let (phone, counter) = (Looks { phone: false, ..Looks::PHONE }, Looks::DESKTOP);
    Scenario { name: "keys", protocol: Protocol::Http2, phone, counter, hand: Hand::Keys }.run();
}

#[test]
fn the_whole_exchange_in_chinese() {
    let phone = Looks::PHONE.in_language("zh-CN");
    let counter = Looks::DESKTOP.in_language("zh-CN");
    Scenario { name: "chinese", protocol: Protocol::Http2, phone, counter, hand: Hand::Pointer }
        .run();
}
