//! Text for people: one in each language, bounded, and unable to play tricks on a screen.

use super::{Invalid, demand};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most languages of one text.
pub const LANGUAGES_MAX: usize = 32;
/// The language that every text has.
pub const LANGUAGE_DEFAULT: &str = "en";

/// A text in each language, by BCP 47 tag: `{"en": "…", "zh-Hant": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<String, String>);

impl Texts {
    /// English only.
    #[must_use]
    pub fn english(text: &str) -> Self {
        Self(BTreeMap::from([(LANGUAGE_DEFAULT.to_owned(), text.to_owned())]))
    }

    /// The text in this language.
    #[must_use]
    pub fn get(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    /// Checks languages and texts; each text has at most `length_max` characters.
    pub(crate) fn validate(&self, field: &'static str, length_max: usize) -> Result<(), Invalid> {
        demand(self.0.len() <= LANGUAGES_MAX, field, "is in more than 32 languages")?;
        demand(self.0.contains_key(LANGUAGE_DEFAULT), field, "is not there in English (\"en\")")?;
        for (language, text) in &self.0 {
            demand(is_language(language), field, "has a language that is no BCP 47 tag")?;
            check_text(field, text, length_max)?;
        }
        Ok(())
    }
}

/// Whether the text has the form of a BCP 47 language tag.
#[must_use]
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && tag.len() <= 35
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// Demands a text of 1 to `length_max` characters that shows as what it is: no control
/// characters but the line's end, and none that turn the direction of what follows
/// (Unicode Technical Report 36, section 2.5) or cannot be seen.
pub(crate) fn check_text(
    field: &'static str,
    text: &str,
    length_max: usize,
) -> Result<(), Invalid> {
    demand(!text.trim().is_empty(), field, "is empty")?;
    demand(text.chars().count() <= length_max, field, "is too long")?;
    demand(!text.chars().any(is_deceptive), field, "holds a character that must not be shown")
}

/// Demands one line of such text.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_line(field: &'static str, text: &str, length_max: usize) -> Result<(), Invalid> {
    check_text(field, text, length_max)?;
    demand(!text.contains('\n'), field, "has more than one line")
}

fn is_deceptive(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let directional = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let separator = matches!(c, '\u{2028}' | '\u{2029}');
    (c.is_control() && c != '\n') || invisible || directional || separator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        for tag in ["en", "de", "zh-Hant", "zh-Hant-TW", "gsw"] {
            assert!(is_language(tag), "{tag}");
        }
        for tag in ["", "e", "EN", "english", "en_", "en-", "en-waytoolong", "en us"] {
            assert!(!is_language(tag), "{tag}");
        }
    }

    #[test]
    fn texts() {
        assert!(Texts::english("Open an account").validate("title", 80).is_ok());
        assert!(Texts(BTreeMap::new()).validate("title", 80).is_err(), "no English");
        let mut texts = Texts::english("x");
        texts.0.insert("de".into(), "ü".repeat(80));
        assert!(texts.validate("title", 80).is_ok());
        assert!(texts.validate("title", 79).is_err());
        for deceptive in ["\u{202e}evil", "a\u{0}", "a\u{200b}b", "\u{1b}[2J", "a\u{2028}b", "a\rb"]
        {
            assert!(check_text("title", deceptive, 80).is_err(), "{deceptive:?}");
        }
        assert!(check_text("title", "two\nlines", 80).is_ok());
        assert!(check_line("title", "two\nlines", 80).is_err());
        assert!(check_line("title", " ", 80).is_err());
    }
}
