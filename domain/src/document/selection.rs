//! The selection, the second data list: what a subject ticked and what they refused.

use super::offer::{ITEMS_MAX, Necessity, Offer};
use super::text::is_language;
use super::{Invalid, check_issuer, demand};
use crate::bytes::Digest;
use crate::entity::grant::{Delivery, Frequency};
use crate::path::Path;
use crate::rejection::Rejection;
use crate::{Id, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How old a selection may be when it arrives: a claimed session lives no longer.
pub const AGE_MAX: Duration = Duration::from_secs(600);
/// How far a device's clock may be ahead.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What a subject ticked and refused, signed by their device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The cluster.
    pub issuer: String,
    /// The institution.
    pub client_id: Id,
    /// The session in which it was asked for.
    pub session: Id,
    /// The hash of the pushed request.
    pub request: Digest,
    /// The hash of the signed offer.
    pub offer: Digest,
    /// The grant's id, made by the device.
    pub grant: Id,
    /// Whose items they are.
    pub vault: Id,
    /// Which device signs.
    pub device: Id,
    /// The items ticked: at least one.
    pub items: Vec<SelectedItem>,
    /// The items refused: all others that were asked for.
    pub refused: Vec<Path>,
    /// The code of the offer's purpose.
    pub purpose: String,
    /// As in the offer.
    pub frequency: Frequency,
    /// As in the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_life_seconds: Option<u64>,
    /// As in the offer.
    pub delivery: Delivery,
    /// The hash of the words that were shown ([`Offer::statement`]).
    pub statement: Digest,
    /// Their language.
    pub language: String,
    /// The hash of everything that the approval wraps beside the selection.
    pub wrap: Digest,
    /// When it was signed.
    pub issued: Timestamp,
    /// When the grant ends.
    pub expires: Timestamp,
}

/// One ticked item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectedItem {
    /// Its path, as in the offer.
    pub path: Path,
    /// Its id in the vault.
    pub item: Digest,
    /// The version that the person saw; what is lent, unless `epoch` is there.
    pub version: u64,
    /// SHA-256 of that version's ciphertext.
    pub digest: Digest,
    /// The epoch whose versions, later ones too, are lent: if the offer covers the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
}

/// What a selection must agree with, beside the offer.
#[derive(Clone, Debug)]
pub struct SessionFacts<'a> {
    /// The cluster.
    pub issuer: &'a str,
    /// The institution that pushed the request.
    pub client_id: Id,
    /// The session.
    pub session: Id,
    /// The hash of the pushed request.
    pub request: Digest,
    /// The hash of the signed offer.
    pub offer: Digest,
    /// The vault whose device claimed the session.
    pub vault: Id,
    /// The device that claimed it, which is the one whose signature was verified.
    pub device: Id,
    /// What was asked for: [`Offer::asked`], less what the rules took out.
    pub asked: &'a [Path],
    /// Now.
    pub now: Timestamp,
}

impl Selection {
    /// Checks all that can be checked without anything else.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        check_issuer(&self.issuer)?;
        for (id, kind, field) in [
            (self.client_id, Kind::Institution, "client_id"),
            (self.session, Kind::Session, "session"),
            (self.grant, Kind::Grant, "grant"),
            (self.vault, Kind::Vault, "vault"),
            (self.device, Kind::Device, "device"),
        ] {
            demand(id.kind == kind, field, "is an id of another kind")?;
        }
        let home = self.grant.region == self.vault.region;
        demand(home, "grant", "must be at home in the vault's region")?;
        demand(!self.items.is_empty(), "items", "is empty: to refuse all is to deny the request")?;
        let count = self.items.len() + self.refused.len();
        demand(count <= ITEMS_MAX, "items", "and refused have more than 256 paths")?;
        let paths = self.items.iter().map(|item| &item.path).chain(&self.refused);
        let distinct: BTreeSet<&Path> = paths.collect();
        demand(distinct.len() == count, "items", "and refused name a path twice")?;
        let ids: BTreeSet<&Digest> = self.items.iter().map(|item| &item.item).collect();
        demand(ids.len() == self.items.len(), "items", "name an item twice")?;
        demand(is_language(&self.language), "language", "is no BCP 47 tag")?;
        demand(self.expires > self.issued, "expires", "is not after issued")
    }

    /// Checks the selection against what was offered and asked for. Nothing in it may go
    /// beyond that, and every item asked for is either ticked or refused. A group of
    /// alternatives, as far as it was asked for, has exactly one ticked.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self, offer: &Offer, facts: &SessionFacts<'_>) -> Result<(), Rejection> {
        self.validate()?;
        self.check_binding(offer, facts)?;
        self.check_terms(offer)?;
        self.check_times(offer, facts.now)?;
        self.check_items(offer, facts.asked)
    }

    fn check_binding(&self, offer: &Offer, facts: &SessionFacts<'_>) -> Result<(), Rejection> {
        let bound = self.issuer == facts.issuer
            && self.client_id == facts.client_id
            && self.client_id == offer.institution
            && self.session == facts.session
            && self.request == facts.request
            && self.offer == facts.offer
            && self.vault == facts.vault
            && self.device == facts.device;
        if bound { Ok(()) } else { Err(Rejection::SelectionMismatch) }
    }

    fn check_terms(&self, offer: &Offer) -> Result<(), Rejection> {
        let same = self.purpose == offer.purpose.code
            && self.frequency == offer.frequency
            && self.data_life_seconds == offer.data_life_seconds
            && self.delivery == offer.delivery
            && offer.statement(&self.language) == Some(self.statement);
        if same { Ok(()) } else { Err(Rejection::SelectionMismatch) }
    }

    fn check_times(&self, offer: &Offer, now: Timestamp) -> Result<(), Rejection> {
        if offer.expires <= now {
            return Err(Rejection::OfferExpired);
        }
        let life_max = Duration::from_secs(offer.grant_life_seconds);
        let fits = self.issued <= now.after(CLOCK_SKEW)
            && now.since(self.issued) <= AGE_MAX
            && self.expires > now
            && self.expires <= self.issued.after(life_max);
        if fits { Ok(()) } else { Err(Rejection::SelectionMismatch) }
    }

    fn check_items(&self, offer: &Offer, asked: &[Path]) -> Result<(), Rejection> {
        let ticked: BTreeSet<&Path> = self.items.iter().map(|item| &item.path).collect();
        let answered: BTreeSet<&Path> = ticked.iter().copied().chain(&self.refused).collect();
        let asked: BTreeSet<&Path> = asked.iter().collect();
        if !answered.is_subset(&asked) {
            return Err(Rejection::PathNotInOffer);
        }
        let mut found = 0;
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for item in offer.items.iter().filter(|item| asked.contains(&item.path)) {
            found += 1;
            let is_ticked = ticked.contains(&item.path);
            match &item.necessity {
                Necessity::Required if !is_ticked => return Err(Rejection::RequiredItemMissing),
                Necessity::OneOf(group) => {
                    *groups.entry(group).or_default() += usize::from(is_ticked);
                }
                _ => {}
            }
        }
        if found != asked.len() {
            return Err(Rejection::PathNotInOffer);
        }
        if groups.values().any(|count| *count != 1) {
            return Err(Rejection::AlternativesNotOne);
        }
        let lent_as_offered =
            self.items.iter().all(|item| item.epoch.is_some() == offer.covers_future);
        if answered == asked && lent_as_offered {
            Ok(())
        } else {
            Err(Rejection::SelectionMismatch)
        }
    }

    /// The ticked item of this path.
    #[must_use]
    pub fn item(&self, path: &Path) -> Option<&SelectedItem> {
        self.items.iter().find(|item| item.path == *path)
    }
}

#[cfg(test)]
mod tests;
