//! Ending: approved, denied, given up or out of time. The front end's place is free again.

use super::{Command, ENDED_LIFE, EndReason, Event, Session};
use crate::bytes::Digest;
use crate::entity::front_end;
use crate::entity::notice::{Body, Notice};
use crate::entity::{Change, Decision, Facts, Reply};
use crate::port::Principal;
use crate::{Id, Rejection};

impl Session {
    /// The person refuses.
    pub(super) fn deny(&self, id: Id, facts: &Facts<'_>) -> Result<Decision, Rejection> {
        self.claimed_by(facts.principal.device())?;
        self.still_running(facts.now)?;
        Ok(self.ended(id, facts, EndReason::Denied, None))
    }

    /// The front end or the institution gives up.
    pub(super) fn cancel(&self, id: Id, facts: &Facts<'_>) -> Result<Decision, Rejection> {
        let front_end = facts.principal.front_end();
        let theirs = facts.principal.institution() == Some(self.institution)
            || (front_end.is_some() && front_end == self.screen());
        if !theirs {
            return Err(Rejection::NotFound);
        }
        self.still_running(facts.now)?;
        Ok(self.ended(id, facts, EndReason::Cancelled, None))
    }

    /// The approval is durable at the grant's home. The code goes on its way here, where the
    /// channel is the institution's own.
    pub(super) fn complete(
        &self,
        id: Id,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        let Command::Complete { grant, device, handle, sealed_half, code_expires } = command else {
            return Err(Rejection::InvalidRequest);
        };
        if *facts.principal != Principal::System {
            return Err(Rejection::Forbidden);
        }
        let ours = self.claim.is_some_and(|claim| claim.device == *device);
        if !ours || self.grant.is_some() {
            // Told twice, or too late for a session that means nothing any more.
            return Ok(Decision::reply(Reply::Done));
        }
        let decision = self.ended(id, facts, EndReason::Approved, Some(*grant));
        Ok(match sealed_half {
            Some(sealed_half) => decision.notify(Notice {
                to: self.institution,
                at: facts.now,
                body: Body::Code {
                    session: id,
                    grant: *grant,
                    handle: handle.clone(),
                    sealed_half: sealed_half.clone(),
                    statement_hash: self.statement_hash.unwrap_or(Digest([0; 32])),
                    expires: *code_expires,
                },
            }),
            None => decision,
        })
    }

    /// It is over, and its place is free.
    pub(super) fn ended(
        &self,
        id: Id,
        facts: &Facts<'_>,
        reason: EndReason,
        grant: Option<Id>,
    ) -> Decision {
        let erase = facts.now.after(ENDED_LIFE);
        let mut decision = self.moved(id, facts, Event::Ended { reason, grant, erase });
        let holds_slot = self.end.is_none();
        if let (true, Some(front_end), Some(slot)) = (holds_slot, self.front_end, self.slot) {
            decision.changes.push(Change {
                id: front_end,
                events: vec![front_end::Event::SlotFreed(slot).into()],
            });
        }
        decision
    }
}
