//! Claiming: one device takes the session; from then on it is that device's alone. One that
//! was opened with a device's hint was that device's from the beginning.

use super::{CLAIMED_LIFE, Claim, Event, Session, SessionStage};
use crate::entity::{Decision, Facts, Reply, device::Device};
use crate::{Id, Rejection};

impl Session {
    /// Demands that this device has claimed it.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], [`Rejection::SessionClaimed`] when another has.
    pub fn claimed_by(&self, device: Option<Id>) -> Result<Claim, Rejection> {
        let device = device.ok_or(Rejection::NotFound)?;
        let claim = self.claim.ok_or(Rejection::WrongState)?;
        if claim.device == device { Ok(claim) } else { Err(Rejection::SessionClaimed) }
    }

    /// A device takes it.
    pub(super) fn claim(
        &self,
        id: Id,
        facts: &Facts<'_>,
        number: u8,
    ) -> Result<Decision, Rejection> {
        let device = facts.principal.device().ok_or(Rejection::Forbidden)?;
        let head = facts.head::<Device>(device)?;
        head.active()?;
        if self.invited.is_some_and(|invited| invited != device) {
            return Err(Rejection::SessionClaimed);
        }
        if let Some(claim) = self.claim {
            // The same device again (a retry, a reload) finds what it had.
            return if claim.device == device && self.end.is_none() {
                Ok(Decision::reply(Reply::Session(Box::new(self.clone()))))
            } else {
                Err(Rejection::SessionClaimed)
            };
        }
        if self.still_running(facts.now)? != SessionStage::Open {
            return Err(Rejection::WrongState);
        }
        let claimed = Event::Claimed {
            claim: Claim { device, vault: head.vault, number: number % 100 },
            number_awaited: self.front_end.is_some(),
            expires: facts.now.after(CLAIMED_LIFE),
        };
        Ok(self.moved(id, facts, claimed).relying_on([device]))
    }
}
