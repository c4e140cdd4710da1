//! A page worked by keys alone: whatever is needed must be reached by Tab and the arrows, and
//! show where it is.

use super::window::Window;
use serde_json::{Value, json};

// WebDriver section 17.4.2.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const SPACE: char = ' ';
const DOWN: char = '\u{e015}';
const BACKSPACE: char = '\u{e003}';
const CONTROL: char = '\u{e009}';

/// More controls than any state has.
const CONTROLS_MAX: usize = 200;

impl Window {
    /// Presses keys one after the other, as fast as they come.
    pub(crate) fn keys(&self, keys: impl IntoIterator<Item = char>) {
        let strokes = keys.into_iter().flat_map(|key| {
            let key = key.to_string();
            [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
        });
        let strokes: Vec<Value> = strokes.collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.done(self.session.post("actions", json!({ "actions": [keyboard] })), "keys");
    }

    /// What a scanner at the keyboard does: the code, then Enter.
    pub(crate) fn scan_by_wedge(&self, code: &str) {
        self.keys(code.chars().chain([ENTER]));
    }

    pub(super) fn press_by_keys(&self, css: &str) {
        self.wait(css, || self.has(css).then_some(()));
        match self.kind(css).as_str() {
            "radio" => self.choose_by_keys(css),
            "checkbox" => {
                self.tab_to(css);
                self.keys([SPACE]);
            }
            _ => {
                self.tab_to(css);
                self.keys([ENTER]);
            }
        }
    }

    pub(super) fn type_by_keys(&self, css: &str, text: &str) {
        self.wait(css, || self.has(css).then_some(()));
        self.tab_to(css);
        if self.kind(css) == "select" {
            // A list is chosen from by what it says.
            return self.keys(text.chars());
        }
        if self.kind(css) == "date" {
            return self.keys(text.chars());
        }
        self.chord(CONTROL, 'a');
        self.keys([BACKSPACE].into_iter().chain(text.chars()));
    }

    // Tab goes to one of a group, the arrows go on.
    fn choose_by_keys(&self, css: &str) {
        let group = self.eval("return document.querySelector(arguments[0]).name", json!([css]));
        let group = format!("input[type=radio][name=\"{}\"]", group.as_str().unwrap());
        self.tab_to(&group);
        for _ in 0..CONTROLS_MAX {
            if self.is_focused(css) {
                if !self.has(&format!("{css}:checked")) {
                    self.keys([SPACE]);
                }
                return;
            }
            self.keys([DOWN]);
        }
        panic!("the arrows do not reach {css}");
    }

    fn tab_to(&self, css: &str) {
        for _ in 0..CONTROLS_MAX {
            if self.is_focused(css) {
                self.shows_focus(css);
                return;
            }
            self.keys([TAB]);
        }
        panic!("Tab does not reach {css}: {}", self.text("body"));
    }

    fn is_focused(&self, css: &str) -> bool {
        self.eval("return document.activeElement?.matches(arguments[0]) ?? false", json!([css]))
            == true
    }

    // Who works by keys must see where they are (WCAG 2.4.7): an outline or ring, here or on
    // the label around it.
    fn shows_focus(&self, css: &str) {
        let script = "
            let it = document.activeElement;
            for (let up = 0; it && up < 3; up += 1, it = it.parentElement) {
                const style = getComputedStyle(it);
                const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
                if (outline || style.boxShadow !== 'none') return true;
            }
            return false";
        assert_eq!(self.eval(script, json!([])), true, "where the focus is cannot be seen: {css}");
    }

    fn chord(&self, held: char, key: char) {
        let strokes = [("keyDown", held), ("keyDown", key), ("keyUp", key), ("keyUp", held)];
        let strokes: Vec<Value> = strokes
            .iter()
            .map(|(kind, key)| json!({ "type": kind, "value": key.to_string() }))
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.done(self.session.post("actions", json!({ "actions": [keyboard] })), "keys");
    }

    fn kind(&self, css: &str) -> String {
        let script = "
            const it = document.querySelector(arguments[0]);
            return it.tagName === 'SELECT' ? 'select' : it.type ?? ''";
        self.eval(script, json!([css])).as_str().unwrap_or_default().to_owned()
    }
}
