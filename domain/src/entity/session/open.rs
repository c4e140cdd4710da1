//! Opening: a front end shows the session in one of its places; with `query` a browser
//! brings its reference, and nothing is shown.

use super::{Event, OPEN_LIFE, ResponseMode, Session, SessionStage};
use crate::bytes::Digest;
use crate::entity::front_end::{self, FrontEnd};
use crate::entity::{
    Change, Decision, Facts, Need, RowCondition, institution::Institution, offer::Offer,
};
use crate::key::Row;
use crate::{Id, Rejection};

impl Session {
    /// Who asks and for what, and which of the front end's places are free.
    pub(super) fn open_needs(&self, facts: &Facts<'_>) -> Vec<Need> {
        let mut needs = vec![Need::Head(self.institution), Need::Head(self.request.offer)];
        if let Some(front_end) = facts.principal.front_end() {
            needs.push(Need::Head(front_end));
            if let Ok(head) = facts.head::<FrontEnd>(front_end) {
                let slots = 0..head.sessions_max;
                needs.extend(slots.map(|slot| Need::Row(front_end, Row::FrontEndSlot(slot))));
            }
        }
        needs
    }

    /// Shows it.
    pub(super) fn open(
        &self,
        id: Id,
        facts: &Facts<'_>,
        reference_hash: &Digest,
        statement: &[u8],
        statement_hash: &Digest,
    ) -> Result<Decision, Rejection> {
        if *reference_hash != self.reference_hash {
            return Err(Rejection::NotFound);
        }
        facts.head::<Institution>(self.institution)?.approved()?;
        facts.head::<Offer>(self.request.offer)?.usable_by(self.institution, facts.now)?;
        let front_end = facts.principal.front_end();
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
        if same_device != front_end.is_none() {
            return Err(Rejection::WrongResponseMode);
        }
        let slot = front_end.map(|front_end| free_slot(front_end, facts)).transpose()?;
        let opened = Event::Opened {
            front_end,
            slot,
            statement: statement.to_vec(),
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
        Ok(decision)
    }
}

fn free_slot(front_end: Id, facts: &Facts<'_>) -> Result<u16, Rejection> {
    let head = facts.head::<FrontEnd>(front_end)?;
    (0..head.sessions_max)
        .find(|slot| facts.row(front_end, &Row::FrontEndSlot(*slot)).is_none())
        .ok_or(Rejection::LimitReached)
}
