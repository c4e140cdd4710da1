//! What a decision looks at: the leading head, and what was loaded for its needs.

use super::{FromHead, Stored};
use crate::bytes::Digest;
use crate::key::Row;
use crate::port::Principal;
use crate::record::{self, Record};
use crate::{Id, Rejection, Timestamp};
use std::collections::BTreeMap;

/// Something a decision wants to look at besides the leading head.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Another entity's head.
    Head(Id),
    /// A row of any entity.
    Row(Id, Row),
    /// Whether the entity has any row left.
    AnyRow(Id),
}

/// What a decision is made from.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Now: what judges every expiry.
    pub now: Timestamp,
    /// Who asks, as proved.
    pub principal: &'a Principal,
    /// Random, from the call: for salts and ids.
    pub seed: &'a [u8; 32],
    /// The leading head's revision; 0 if it is absent.
    pub revision: u64,
    /// What was loaded for the needs.
    pub loaded: &'a Loaded,
}

/// The answers to the needs.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Heads; `None` says that there is none.
    pub heads: BTreeMap<Id, Option<Stored>>,
    /// Rows; `None` says that there is none.
    pub rows: BTreeMap<(Id, Row), Option<Vec<u8>>>,
    /// Whether an entity has rows.
    pub any_row: BTreeMap<Id, bool>,
}

impl Loaded {
    /// Whether the need was answered.
    #[must_use]
    pub fn has(&self, need: &Need) -> bool {
        match need {
            Need::Head(id) => self.heads.contains_key(id),
            Need::Row(id, row) => self.rows.contains_key(&(*id, row.clone())),
            Need::AnyRow(id) => self.any_row.contains_key(id),
        }
    }
}

impl Facts<'_> {
    /// A loaded head of the wanted type.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] when there is none.
    pub fn head<T: FromHead>(&self, id: Id) -> Result<&T, Rejection> {
        let stored = self.loaded.heads.get(&id).and_then(Option::as_ref);
        stored.and_then(|stored| T::from_head(&stored.head)).ok_or(Rejection::NotFound)
    }

    /// A loaded row's bytes.
    #[must_use]
    pub fn row(&self, owner: Id, row: &Row) -> Option<&[u8]> {
        self.loaded.rows.get(&(owner, row.clone()))?.as_deref()
    }

    /// A loaded row, decoded; `None` if it is absent or cannot be decoded.
    #[must_use]
    pub fn row_as<T: Record>(&self, owner: Id, row: &Row) -> Option<T> {
        record::decode(self.row(owner, row)?).ok()
    }

    /// 32 bytes that nobody can guess, named by a label and a number.
    #[must_use]
    pub fn random(&self, label: &str, number: u64) -> [u8; 32] {
        Digest::lp("seed", &[self.seed, label.as_bytes(), &number.to_be_bytes()]).0
    }
}
