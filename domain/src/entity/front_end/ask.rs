//! Asking: the front end tells its institution that somebody stands there, so that it may
//! push the next request for it.

use super::{Event, FrontEnd};
use crate::entity::notice::{Body, Notice};
use crate::entity::{Decision, Facts, RowCondition};
use crate::key::Row;
use crate::{Id, Rejection};
use std::time::Duration;

/// The least time between two asks of one front end: it cannot flood the institution's queue.
pub const ASK_INTERVAL: Duration = Duration::from_secs(2);

impl FrontEnd {
    /// Tells the institution, unless it was told a moment ago.
    pub(super) fn ask(&self, id: Id, facts: &Facts<'_>) -> Result<Decision, Rejection> {
        if facts.principal.front_end() != Some(id) {
            return Err(Rejection::NotFound);
        }
        self.enrolled()?;
        // The row is the time of the last ask, which is its revision too.
        let last = facts.row(id, &Row::FrontEndAsk).and_then(|row| row.try_into().ok());
        let condition = match last.map(u64::from_be_bytes) {
            None => RowCondition::Absent(id, Row::FrontEndAsk),
            // A clock that was set back must not silence the front end for long.
            Some(last) if u128::from(facts.now.0.abs_diff(last)) >= ASK_INTERVAL.as_millis() => {
                RowCondition::RevisionIs(id, Row::FrontEndAsk, last)
            }
            Some(_) => return Err(Rejection::AskedTooSoon),
        };
        let notice =
            Notice { to: self.institution, at: facts.now, body: Body::Asked { front_end: id } };
        let mut decision =
            Decision::change(id, vec![Event::Asked(facts.now).into()]).notify(notice);
        decision.conditions.push(condition);
        Ok(decision)
    }
}
