//! What changes when a dump becomes a store again: a store that went back in time must lend
//! nothing on its own. Grants are paused until their owners resume them, since one of them
//! may have been revoked after the dump was made; codes and hints, of which one may have been
//! used since, are void; kept answers are gone.

use std::collections::BTreeSet;
use symbolon_domain::Id;
use symbolon_domain::entity::grant::GrantState;
use symbolon_domain::entity::token::TokenClass;
use symbolon_domain::entity::{Head, Stored};
use symbolon_domain::key::{Index, Place, Row};
use symbolon_domain::port::Entry;

/// Maps the entries of a dump, in their order: heads come before rows and indexes.
#[derive(Debug, Default)]
pub struct Restoration {
    codes: BTreeSet<Id>,
    /// Grants that were active and are paused now.
    pub paused: u64,
}

impl Restoration {
    /// How many codes became void.
    #[must_use]
    pub fn void_codes(&self) -> usize {
        self.codes.len()
    }

    /// What is stored instead of an entry; `None` drops it.
    ///
    /// # Errors
    /// When the entry is not of this version's layout.
    pub fn map(&mut self, entry: Entry) -> Result<Option<Entry>, String> {
        let place = Place::parse(&entry.key).map_err(|error| error.to_string())?;
        match place {
            Place::Head(id) => self.head(id, entry),
            Place::Row(_, Row::GrantWrap(token))
            | Place::Index(Index::TokensOf(_, token))
            | Place::Due(_, token)
                if self.codes.contains(&token) =>
            {
                Ok(None)
            }
            Place::Idempotency(_) | Place::DueKept(..) => Ok(None),
            _ => Ok(Some(entry)),
        }
    }

    fn head(&mut self, id: Id, entry: Entry) -> Result<Option<Entry>, String> {
        let mut stored =
            Stored::decode(id.kind, &entry.value).map_err(|error| format!("{id}: {error}"))?;
        match &mut stored.head {
            Head::Grant(grant) if grant.state == GrantState::Active => {
                grant.state = GrantState::Paused;
                self.paused += 1;
            }
            Head::Token(token) if matches!(token.class, TokenClass::Code | TokenClass::Hint) => {
                self.codes.insert(id);
                return Ok(None);
            }
            _ => return Ok(Some(entry)),
        }
        // A higher revision: whoever saw the old head sees that it changed.
        stored.revision += 1;
        let value = stored.encode().map_err(|error| format!("{id}: {error}"))?;
        Ok(Some(Entry { key: entry.key, value }))
    }
}
