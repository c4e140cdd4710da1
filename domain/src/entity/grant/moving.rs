//! Pausing, resuming and ending a grant, and the objects that it pins while it lives.

use super::{Event, Grant, GrantState, GrantedItem};
use crate::bytes::Digest;
use crate::entity::{Change, Decision, Entity, Facts, Need, Reply, vault};
use crate::key::Row;
use crate::log::Fact;
use crate::{Id, Rejection};

impl Grant {
    pub(super) fn moved_by(
        &self,
        id: Id,
        facts: &Facts<'_>,
        to: GrantState,
        document_hash: Option<Digest>,
    ) -> Result<Decision, Rejection> {
        self.party(facts)?;
        let device = facts.principal.device();
        let now = self.state_at(facts.now);
        match (now, to) {
            (GrantState::Active, GrantState::Paused) | (GrantState::Paused, GrantState::Active)
                if device.is_some() => {}
            (GrantState::Active | GrantState::Paused, GrantState::Revoked) => {}
            (now, to) if now == to => {
                return Ok(Decision::reply(Reply::Grant(Box::new(self.clone()))));
            }
            (GrantState::Active | GrantState::Paused, _) => return Err(Rejection::Forbidden),
            (GrantState::Expired, _) => return Err(Rejection::GrantExpired),
            _ => return Err(Rejection::GrantRevoked),
        }
        // A device's wish must be signed; only the institution may give up without a word.
        if device.is_some() && document_hash.is_none() {
            return Err(Rejection::BadSignature);
        }
        Ok(self.ended(id, facts, to, document_hash).relying_on(device))
    }

    pub(super) fn ended(
        &self,
        id: Id,
        facts: &Facts<'_>,
        to: GrantState,
        document_hash: Option<Digest>,
    ) -> Decision {
        let leaf = self.record(id, facts, Fact::Moved { to, document_hash });
        let events = vec![Event::Moved(to), Event::Recorded(leaf.clone())];
        let after =
            events.iter().fold(Some(self.clone()), Self::evolve).unwrap_or_else(|| self.clone());
        let mut changes = vec![Change { id, events: events.into_iter().map(Into::into).collect() }];
        if to.is_end() {
            changes.extend(self.unpinned(id, facts));
        }
        Decision {
            changes,
            leaves: vec![leaf.to_log()],
            notices: after.notices(id, facts.now),
            ..Decision::reply(Reply::Grant(Box::new(after)))
        }
    }

    // What tells which objects it pins, and where.
    pub(super) fn pin_needs(&self, id: Id) -> Vec<Need> {
        let items = (0..self.items).map(|number| Need::Row(id, Row::GrantItem(number)));
        items.chain([Need::Head(self.vault)]).collect()
    }

    // Its objects may go when their time comes; a vault that is gone has none.
    fn unpinned(&self, id: Id, facts: &Facts<'_>) -> Option<Change> {
        facts.head::<vault::Vault>(self.vault).ok()?;
        let objects = (0..self.items)
            .filter_map(|number| facts.row_as::<GrantedItem>(id, &Row::GrantItem(number)))
            .map(|item| item.object)
            .collect();
        Some(Change { id: self.vault, events: vec![vault::Event::Unpinned(id, objects).into()] })
    }
}

/// The events that pin a grant's objects in their vault.
#[must_use]
pub fn pinned(id: Id, items: &[(GrantedItem, Vec<u8>)]) -> vault::Event {
    vault::Event::Pinned(id, items.iter().map(|(item, _)| item.object).collect())
}
