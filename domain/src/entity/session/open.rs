//! Opening: a front end shows the session in one of its places; with `query` a browser
//! brings its reference, and nothing is shown.

use super::{Command, Event, OPEN_LIFE, ResponseMode, Session, SessionStage};
use crate::bytes::Digest;
use crate::entity::device;
use crate::entity::front_end::{self, FrontEnd};
use crate::entity::notice::{Body, Notice};
use crate::entity::token::Credential;
use crate::entity::{
    Change, Decision, Facts, Need, RowCondition, institution::Institution, offer::Offer,
};
use crate::key::Row;
use crate::{Id, Rejection};

impl Session {
    /// Who asks and for what, and which of the front end's places are free.
    pub(super) fn open_needs(&self, facts: &Facts<'_>, hint: Option<&Credential>) -> Vec<Need> {
        let mut needs = vec![Need::Head(self.institution), Need::Head(self.request.offer)];
        if let Some(front_end) = facts.principal.front_end() {
            needs.push(Need::Head(front_end));
            if let Ok(head) = facts.head::<FrontEnd>(front_end) {
                let slots = 0..head.sessions_max;
                needs.extend(slots.map(|slot| Need::Row(front_end, Row::FrontEndSlot(slot))));
            }
        }
        needs.extend(hint.into_iter().flat_map(|hint| device::hint_needs(facts, hint)));
        needs
    }

    /// Shows it; with a hint it is for the device that showed that, which is told.
    pub(super) fn open(
        &self,
        id: Id,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        let Command::Open { reference_hash, hint, statement, statement_hash } = command else {
            return Err(Rejection::InvalidRequest);
        };
        let front_end = facts.principal.front_end();
        if !self.may_open(front_end, reference_hash.as_ref()) {
            return Err(Rejection::NotFound);
        }
        facts.head::<Institution>(self.institution)?.approved()?;
        facts.head::<Offer>(self.request.offer)?.usable_by(self.institution, facts.now)?;
        if let Some(front_end) = front_end {
            let head = facts.head::<FrontEnd>(front_end)?;
            head.enrolled()?;
            if head.institution != self.institution {
                return Err(Rejection::NotFound);
            }
        }
        if self.still_running(facts.now)? != SessionStage::Pushed {
            return Err(Rejection::WrongState);
        }
        let same_device = self.request.response_mode == ResponseMode::Query;
        if same_device != front_end.is_none() || (same_device && hint.is_some()) {
            return Err(Rejection::WrongResponseMode);
        }
        let hinted = hint.as_ref().map(|hint| device::use_hint(facts, hint)).transpose()?;
        let slot = front_end.map(|front_end| free_slot(front_end, facts)).transpose()?;
        let opened = Event::Opened {
            front_end,
            slot,
            invited: hinted.as_ref().map(|hinted| hinted.device),
            statement: statement.clone(),
            statement_hash: *statement_hash,
            expires: facts.now.after(OPEN_LIFE),
        };
        let mut decision = self.moved(id, facts, opened);
        decision.relied.extend([self.institution, self.request.offer]);
        if let (Some(front_end), Some(slot)) = (front_end, slot) {
            decision.changes.push(Change {
                id: front_end,
                events: vec![front_end::Event::SlotTaken(slot, id).into()],
            });
            decision.conditions.push(RowCondition::Absent(front_end, Row::FrontEndSlot(slot)));
        }
        if let Some(hinted) = hinted {
            let [thumbprint @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
                statement_hash.0;
            let body = Body::Invited { device: hinted.device, session: id, thumbprint };
            decision.notices.push(Notice { to: hinted.vault, at: facts.now, body });
            decision.changes.extend(hinted.changes);
            decision.conditions.push(hinted.condition);
            decision.relied.push(hinted.vault);
        }
        Ok(decision)
    }

    // One that names a front end is that front end's alone; it needs no reference. Any other
    // is for whoever brings the reference.
    fn may_open(&self, front_end: Option<Id>, reference_hash: Option<&Digest>) -> bool {
        let named = self.request.front_end;
        let fits = |hash: &Digest| *hash == self.reference_hash;
        (named.is_none() || named == front_end) && reference_hash.map_or(named.is_some(), fits)
    }
}

fn free_slot(front_end: Id, facts: &Facts<'_>) -> Result<u16, Rejection> {
    let head = facts.head::<FrontEnd>(front_end)?;
    (0..head.sessions_max)
        .find(|slot| facts.row(front_end, &Row::FrontEndSlot(*slot)).is_none())
        .ok_or(Rejection::LimitReached)
}
