//! What the committer knows of keys without looking. It alone writes, so what it saw or
//! wrote last at a key is what is there.
//!
//! Most preconditions name heads that were checked or written a moment ago: a batch's own,
//! and the offers and institutions that many rely on.

use super::engine;
use crate::apply::{Changes, Found, View};
use std::cell::RefCell;
use std::collections::HashMap;
use symbolon_domain::port::{Range, StoreFault};

/// Most keys; with one more all are forgotten. Some 6 MB.
const KEYS_MAX: usize = 65_536;

/// The keys that preconditions named, with what is there.
#[derive(Default)]
pub(super) struct Known(RefCell<HashMap<Vec<u8>, Found>>);

impl Known {
    /// The store as this moment's view shows it, looked at only for what is not known.
    pub(super) fn over<'a>(&'a self, view: &'a engine::View) -> impl View + 'a {
        Over { known: self, view }
    }

    /// These changes are being written.
    pub(super) fn change(&mut self, changes: &Changes) {
        let known = self.0.get_mut();
        for (key, value) in changes {
            if let Some(found) = known.get_mut(key) {
                *found = Found::of(value.as_deref());
            }
        }
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.0.get_mut().clear();
    }
}

struct Over<'a> {
    known: &'a Known,
    view: &'a engine::View,
}

impl View for Over<'_> {
    fn find(&self, key: &[u8]) -> Result<Found, StoreFault> {
        if let Some(found) = self.known.0.borrow().get(key) {
            return Ok(*found);
        }
        let found = self.view.find(key)?;
        let mut known = self.known.0.borrow_mut();
        if known.len() >= KEYS_MAX {
            known.clear();
        }
        known.insert(key.to_vec(), found);
        Ok(found)
    }

    fn visit(
        &self,
        range: &Range,
        visitor: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), StoreFault> {
        self.view.visit(range, visitor)
    }
}
