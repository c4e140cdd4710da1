//! Confirming: the number on the phone is typed on the front end. There is one try.

use super::{EndReason, Event, Session, SessionStage};
use crate::entity::{Decision, Facts};
use crate::{Id, Rejection};

impl Session {
    /// The front end types the number.
    pub(super) fn confirm(
        &self,
        id: Id,
        facts: &Facts<'_>,
        number: u8,
    ) -> Result<Decision, Rejection> {
        let front_end = facts.principal.front_end().ok_or(Rejection::Forbidden)?;
        if self.front_end != Some(front_end) {
            return Err(Rejection::NotFound);
        }
        let claim = match (self.still_running(facts.now)?, self.claim) {
            (SessionStage::Claimed, Some(claim)) => claim,
            _ => return Err(Rejection::WrongState),
        };
        if claim.number == number {
            Ok(self.moved(id, facts, Event::Confirmed))
        } else {
            Ok(self
                .ended(id, facts, EndReason::WrongNumber, None)
                .replying(Err(Rejection::WrongNumber)))
        }
    }
}
