//! The signature counter of a device's authenticator (`WebAuthn` Level 3, section 6.1.1).
//!
//! Most authenticators do not count and always say 0. One that counts must go on counting: a
//! counter that stands still or goes back says that somebody has a copy of the credential.

use super::{Device, Event};
use crate::bytes::Digest;
use crate::entity::{Decision, Facts, Reply, RowCondition};
use crate::key::Row;
use crate::port::Principal;
use crate::{Id, Rejection};
use serde::{Deserialize, Serialize};

/// The counter as it was last seen, and what was confirmed with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignCount {
    /// The counter.
    pub count: u32,
    /// SHA-256 of the signed bytes: sent again, they bring the same counter.
    pub document: Digest,
}

impl SignCount {
    /// The row: the counter, which is its revision too, then the digest.
    #[must_use]
    pub fn to_row(self) -> Vec<u8> {
        [&u64::from(self.count).to_be_bytes()[..], &self.document.0].concat()
    }

    /// Reads the row.
    #[must_use]
    pub fn from_row(row: &[u8]) -> Option<Self> {
        let (count, document) = row.split_first_chunk::<8>()?;
        let count = u32::try_from(u64::from_be_bytes(*count)).ok()?;
        Some(Self { count, document: Digest(document.try_into().ok()?) })
    }
}

impl Device {
    /// Takes note of a counter, or says that the credential was copied.
    pub(super) fn count(
        &self,
        id: Id,
        facts: &Facts<'_>,
        seen: SignCount,
    ) -> Result<Decision, Rejection> {
        if *facts.principal != Principal::System {
            return Err(Rejection::NotFound);
        }
        let row = facts.row(id, &Row::DeviceSignCount).and_then(SignCount::from_row);
        let last = row.map_or(self.registration.authenticator.sign_count, |row| row.count);
        if row == Some(seen) || (seen.count, last) == (0, 0) {
            return Ok(Decision::reply(Reply::Done));
        }
        if seen.count <= last {
            return Err(Rejection::AuthenticatorCopied);
        }
        let mut decision = Decision::change(id, vec![Event::Counted(seen).into()]);
        decision.conditions.push(match row {
            None => RowCondition::Absent(id, Row::DeviceSignCount),
            Some(row) => RowCondition::RevisionIs(id, Row::DeviceSignCount, row.count.into()),
        });
        Ok(decision)
    }
}
