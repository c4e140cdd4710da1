//! The offer, the first data list: what an institution may ask for, and on which terms.

use super::text::{Texts, check_line};
use super::{Invalid, demand};
use crate::bytes::Digest;
use crate::entity::grant::{Delivery, Frequency};
use crate::path::Path;
use crate::rejection::Rejection;
use crate::{Id, Kind, Region, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most items of an offer.
pub const ITEMS_MAX: usize = 256;
/// Most seconds that a grant can live or a period last: ten years of 366 days.
pub const LIFE_SECONDS_MAX: u64 = 316_224_000;
/// Most uses in one period.
pub const USES_MAX: u32 = 1_000_000;

/// What an institution may ask for. Its name everywhere is the digest of its signed bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Whose it is; the signature is this institution's.
    pub institution: Id,
    /// What it is called, at most 80 characters.
    pub title: Texts,
    /// The items, 1 to [`ITEMS_MAX`].
    pub items: Vec<OfferItem>,
    /// What for.
    pub purpose: Purpose,
    /// How often the items may be read.
    pub frequency: Frequency,
    /// How long the institution keeps what it read, in seconds; a promise. Absent where it
    /// promises nothing, which the person is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_life_seconds: Option<u64>,
    /// How long a grant lives at the most, in seconds.
    pub grant_life_seconds: u64,
    /// Whether later versions of the items are lent too.
    pub covers_future: bool,
    /// Who opens the items.
    pub delivery: Delivery,
    /// What the institution says it does with the data, at most 4,000 characters.
    pub use_statement: Texts,
    /// What the person should know before ticking, at most 4,000 characters.
    pub disclaimer: Texts,
    /// Regions where the plaintext may appear, with delivery `server`; empty means any.
    #[serde(default)]
    pub allowed_regions: Vec<Region>,
    /// When it can no longer be used for a new grant.
    pub expires: Timestamp,
}

/// One item of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferItem {
    /// Which.
    pub path: Path,
    /// Whether the person can leave it out.
    pub necessity: Necessity,
}

/// Whether an item can be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Necessity {
    /// Without it there is no grant.
    Required,
    /// As the person likes.
    Optional,
    /// Exactly one item of the group of this name.
    OneOf(String),
}

/// What data is used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// A code, such as one of the Data Privacy Vocabulary: `dpv:IdentityVerification`.
    pub code: String,
    /// The purpose for people, at most 400 characters.
    pub text: Texts,
}

impl Offer {
    /// Checks all that can be checked without anything else.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        demand(
            self.institution.kind == Kind::Institution,
            "institution",
            "is no institution's id",
        )?;
        self.title.validate("title", 80)?;
        self.purpose.validate()?;
        self.use_statement.validate("use_statement", 4_000)?;
        self.disclaimer.validate("disclaimer", 4_000)?;
        check_frequency(self.frequency)?;
        let life = |seconds: u64| (1..=LIFE_SECONDS_MAX).contains(&seconds);
        let data_life = self.data_life_seconds.is_none_or(life);
        demand(data_life, "data_life_seconds", "is 0 or more than 316,224,000")?;
        let grant_life = life(self.grant_life_seconds);
        demand(grant_life, "grant_life_seconds", "is 0 or more than 316,224,000")?;
        let regions: BTreeSet<&Region> = self.allowed_regions.iter().collect();
        let distinct = regions.len() == self.allowed_regions.len() && regions.len() <= 64;
        demand(distinct, "allowed_regions", "names a region twice, or more than 64")?;
        self.validate_items()
    }

    fn validate_items(&self) -> Result<(), Invalid> {
        demand(!self.items.is_empty(), "items", "is empty")?;
        demand(self.items.len() <= ITEMS_MAX, "items", "has more than 256 items")?;
        let paths: BTreeSet<String> = self.items.iter().map(|item| item.path.to_string()).collect();
        demand(paths.len() == self.items.len(), "items", "names a path twice")?;
        // '.' sorts before every character of a segment, so that what is within a path
        // follows it immediately.
        for (outer, inner) in paths.iter().zip(paths.iter().skip(1)) {
            let within =
                inner.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('.'));
            demand(!within, "items", "names a path and another within it")?;
        }
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for item in &self.items {
            if let Necessity::OneOf(group) = &item.necessity {
                demand(is_group(group), "items", "has a group that is not 1 to 32 of a-z0-9_")?;
                *groups.entry(group).or_default() += 1;
            }
        }
        demand(groups.values().all(|count| *count > 1), "items", "has a group of one item only")
    }

    /// The item of this path.
    #[must_use]
    pub fn item(&self, path: &Path) -> Option<&OfferItem> {
        self.items.iter().find(|item| item.path == *path)
    }

    /// The paths that a request asks for: all, or those it wishes, in the offer's order.
    ///
    /// # Errors
    /// [`Rejection::PathNotInOffer`] for a wish that the offer does not cover, and
    /// [`Rejection::InvalidRequest`] for one that is empty or names a path twice.
    pub fn asked(&self, wish: Option<&[Path]>) -> Result<Vec<Path>, Rejection> {
        let all = self.items.iter().map(|item| &item.path);
        let Some(wish) = wish else { return Ok(all.cloned().collect()) };
        let wished: BTreeSet<&Path> = wish.iter().collect();
        if wished.is_empty() || wished.len() != wish.len() {
            return Err(Rejection::InvalidRequest);
        }
        let found: Vec<Path> = all.filter(|path| wished.contains(path)).cloned().collect();
        if found.len() == wished.len() { Ok(found) } else { Err(Rejection::PathNotInOffer) }
    }

    /// The hash of what a person is told in this language: a selection carries it, so that
    /// it is known later which words were agreed to. `None` if the offer lacks the language
    /// in any of its texts.
    #[must_use]
    pub fn statement(&self, language: &str) -> Option<Digest> {
        let texts = [&self.title, &self.purpose.text, &self.use_statement, &self.disclaimer];
        let mut fields = vec![language.as_bytes()];
        for text in texts {
            fields.push(text.get(language)?.as_bytes());
        }
        Some(Digest::lp("statement", &fields))
    }
}

impl Purpose {
    /// Checks code and text.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        check_line("purpose.code", &self.code, 128)?;
        let printable = self.code.bytes().all(|byte| byte.is_ascii_graphic());
        demand(printable, "purpose.code", "holds something other than printable ASCII")?;
        self.text.validate("purpose.text", 400)
    }
}

fn check_frequency(frequency: Frequency) -> Result<(), Invalid> {
    let uses = (1..=USES_MAX).contains(&frequency.uses_max);
    demand(uses, "frequency.uses_max", "is not between 1 and 1,000,000")?;
    let period = frequency.period_seconds.is_none_or(|s| (1..=LIFE_SECONDS_MAX).contains(&s));
    demand(period, "frequency.period_seconds", "is 0 or more than 316,224,000")
}

fn is_group(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=32).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
pub(crate) mod tests;
