//! A counter that is set up and somebody before it with a phone: where most scenarios begin.

use super::chromium::{Looks, Profile, Protocol};
use super::stage::{Bank, Stage};
use super::window::Window;
use crate::process::Running;

/// A phone with a vault, before a counter that waits.
pub(crate) struct Encounter {
    // Windows end before their profiles, and these before the stage.
    pub(crate) counter: Window,
    pub(crate) phone: Window,
    pub(crate) phones: Profile,
    /// The words of the recovery sheet.
    pub(crate) words: Vec<String>,
    _counters: Profile,
    pub(crate) stage: Stage,
}

impl Encounter {
    pub(crate) fn begin(scenario: &'static str) -> Self {
        Self::begin_with(scenario, Looks::PHONE)
    }

    /// The same with another phone.
    pub(crate) fn begin_with(scenario: &'static str, phone: Looks) -> Self {
        let stage = Stage::set(scenario, Protocol::Http2);
        let (counter, _counters) = stage.window(Looks::DESKTOP, "counter");
        counter.is_set_up(&stage);
        let (phone, phones) = stage.window(phone, "phone");
        phone.makes_a_vault();
        let words = phone.writes_the_sheet_down();
        phone.stores_something();
        Self { counter, phone, phones, words, _counters, stage }
    }

    /// A code on the counter's screen, and what waits for its answer at the bank.
    pub(crate) fn shows_a_code(&self, bank: &mut Bank<'_>) -> (String, Running) {
        self.counter.act("start");
        let redeem = bank.answers_the_counter();
        self.counter.sees("code");
        (self.counter.code(), redeem)
    }

    /// Nothing went wrong in either window.
    pub(crate) fn is_quiet(&self) {
        self.counter.is_quiet();
        self.phone.is_quiet();
    }

    /// The phone scans it, sees who asks, goes on; the number is typed; the phone asks what
    /// to lend.
    pub(crate) fn comes_to_the_question(&self, link: &str) {
        self.takes_the_session(link);
        let number = self.phone.number();
        self.counter.types_the_number(&number);
        self.counter.sees("choosing");
        self.phone.sees("ask");
    }

    /// The phone scans it, sees who asks, and goes on.
    pub(crate) fn takes_the_session(&self, link: &str) {
        self.phone.open(link);
        self.phone.sees("session");
        for words in ["The bank", "Counter 3", "Main Street"] {
            self.phone.reads(words);
        }
        self.phone.act("claim");
    }

    /// What is needed and not there is typed, and one of the ways to be reached is ticked.
    pub(crate) fn ticks(&self) {
        if self.phone.has("[data-action=fill]") {
            self.phone.act("fill");
            self.phone.fills_in();
        }
        self.phone.ticks("oidc.email");
    }

    /// All of it is lent, and both sides say so.
    pub(crate) fn lends(&self) {
        self.ticks();
        self.phone.act("approve");
        self.phone.sees("done");
        self.counter.sees("done");
    }
}
