//! What a person does at their phone, from the scanned code to what became of it.

use super::window::Window;
use serde_json::json;

/// What this person stores: the item, the field that it is typed into, what is typed, and the
/// value as the bank must read it.
pub(crate) const ADA: [(&str, &str); 4] = [
    ("oidc.name", "Ada Lovelace"),
    ("oidc.birthdate", "1985-12-10"),
    ("oidc.email", "ada@ada.example"),
    ("oidc.phone_number", "+44 20 7946 0018"),
];

/// So many of them before anybody asks.
const STORED_FIRST: usize = 2;

impl Window {
    /// Opens the page and makes a vault, as somebody who came by no code.
    pub(crate) fn makes_a_vault(&self) {
        self.open("/");
        self.sees("welcome");
        self.act("start");
        self.sees("enrol");
        self.act("enrol");
        self.sees("items");
        self.look_over_again("items-first");
        self.act("sheet");
    }

    /// Writes the recovery sheet down, and shows that it was: three of its words are asked.
    /// Gives all of them.
    pub(crate) fn writes_the_sheet_down(&self) -> Vec<String> {
        self.sees("sheet");
        self.wait("the words", || self.has("[data-words] b").then_some(()));
        let words = self.eval(
            "return [...document.querySelectorAll('[data-words] b')].map((it) => it.innerText.trim())",
            json!([]),
        );
        let words: Vec<String> = serde_json::from_value(words).unwrap();
        assert_eq!(words.len(), 24, "{words:?}");
        self.act("sheet-next");
        self.sees("sheet-try");
        for _ in 0..3 {
            self.picks_the_word_asked_for(&words);
        }
        self.sees("sheet-done");
        self.act("sheet-done");
        words
    }

    fn picks_the_word_asked_for(&self, words: &[String]) {
        let script = "return document.querySelector('[data-question]')?.dataset.question ?? null";
        let asked = self
            .wait("a question", || self.eval(script, json!([])).as_str().map(ToOwned::to_owned));
        let place: usize = asked.parse().unwrap();
        self.press(&format!("[data-action=word][value=\"{}\"]", words[place - 1]));
        self.wait("the next question", || {
            (self.eval(script, json!([])).as_str() != Some(&asked)).then_some(())
        });
    }

    /// Adds what is stored before anybody asks, each item from the list.
    pub(crate) fn stores_something(&self) {
        self.sees("items");
        for (path, value) in &ADA[..STORED_FIRST] {
            self.act("add-item");
            self.sees("add");
            self.press(&format!("[data-action=add-known][value=\"{path}\"]"));
            self.sees("add-item");
            self.types_an_item(path, value);
            self.act("save-item");
            self.wait("the list", || (self.screen()? == "items").then_some(()));
        }
        self.look_over_again("items-some");
        self.shows_what_was_stored();
    }

    /// What was stored first is in the list, and readable.
    pub(crate) fn shows_what_was_stored(&self) {
        let script = "return [...document.querySelectorAll('[data-action=open-item]')].map((it) => it.value)";
        self.wait("the items", || {
            let shown = self.eval(script, json!([]));
            let shown: Vec<String> = serde_json::from_value(shown).ok()?;
            let all = ADA[..STORED_FIRST].iter().all(|(path, _)| shown.iter().any(|it| it == path));
            all.then_some(())
        });
        self.reads("Ada Lovelace");
    }

    /// Types what is asked for and not there yet.
    pub(crate) fn fills_in(&self) {
        self.sees("fill");
        for (path, value) in ADA {
            if self.has(&format!("[name=\"{path}\"]")) {
                self.types_an_item(path, value);
            }
        }
        self.act("save-item");
        self.wait("the question again", || (self.screen()? == "ask").then_some(()));
    }

    /// Types one item, whatever its field is.
    pub(crate) fn types_an_item(&self, path: &str, value: &str) {
        let field = format!("[name=\"{path}\"]");
        self.wait(&field, || self.has(&field).then_some(()));
        if self.has(&format!("{field}[type=date]")) {
            self.types_a_date(&field, value);
        } else {
            self.fill(&field, value);
        }
        let now = self.eval("return document.querySelector(arguments[0]).value", json!([field]));
        assert_eq!(now, value, "{path}");
    }

    // A date's field has a place each for month, day and year, in the order of the browser's own
    // language.
    fn types_a_date(&self, field: &str, value: &str) {
        let (year, month, day) = (&value[..4], &value[5..7], &value[8..]);
        self.fill(field, &format!("{month}{day}{year}"));
    }

    /// The number that is typed at the other screen.
    pub(crate) fn number(&self) -> String {
        self.sees("number");
        let number = self.text("[data-number]");
        assert!(number.len() == 2 && number.bytes().all(|it| it.is_ascii_digit()), "{number}");
        number
    }

    /// Ticks one of those that go together.
    pub(crate) fn ticks(&self, path: &str) {
        self.press(&format!("main input[value=\"{path}\"]"));
    }

    /// What is ticked, in the order of the page.
    pub(crate) fn ticked(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('main input:checked')].map((it) => it.value)";
        serde_json::from_value(self.eval(script, json!([]))).unwrap()
    }
}
