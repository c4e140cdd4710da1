//! Hints: the device shows a one-time token, a front end starts a session with it, and the
//! session is this device's alone (CIBA `login_hint_token`). So nobody can start a session at
//! a person who did not ask for one.

use super::{Device, Event};
use crate::entity::token::{self, Binding, Credential, Token, TokenClass};
use crate::entity::{Change, Decision, Facts, Need, RowCondition, vault::Vault};
use crate::key::Row;
use crate::{Id, Rejection, Timestamp};
use std::time::Duration;

/// How long a hint is good.
pub const HINT_LIFE: Duration = Duration::from_secs(120);
/// Most live hints of one device.
pub const HINTS_MAX: u8 = 4;

/// One of the places for a device's hints: the row `DeviceHint`. It begins with the time
/// until which the hint is good, as its revision: a place whose time is over is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HintPlace {
    /// Until when the hint is good.
    pub expires: Timestamp,
    /// The hint.
    pub token: Id,
}

impl HintPlace {
    /// The row's value.
    #[must_use]
    pub fn to_row(&self) -> Vec<u8> {
        [&self.expires.0.to_be_bytes()[..], &self.token.to_bytes()].concat()
    }

    /// Reads the row.
    #[must_use]
    pub fn from_row(value: &[u8]) -> Option<Self> {
        let (expires, token) = value.split_first_chunk::<8>()?;
        let token = Id::from_bytes(token.try_into().ok()?).ok()?;
        Some(Self { expires: Timestamp(u64::from_be_bytes(*expires)), token })
    }

    fn seen(device: Id, slot: u8, facts: &Facts<'_>) -> Option<Self> {
        Self::from_row(facts.row(device, &Row::DeviceHint(slot))?)
    }

    fn unchanged(&self, device: Id, slot: u8) -> RowCondition {
        RowCondition::RevisionIs(device, Row::DeviceHint(slot), self.expires.0)
    }
}

/// A device's places.
pub(super) fn places(device: Id) -> impl Iterator<Item = Need> {
    (0..HINTS_MAX).map(move |slot| Need::Row(device, Row::DeviceHint(slot)))
}

impl Device {
    /// The device gets a hint to show.
    pub(super) fn hint(
        &self,
        id: Id,
        facts: &Facts<'_>,
        credential: &Credential,
    ) -> Result<Decision, Rejection> {
        facts.head::<Vault>(self.vault)?.live()?;
        let free = (0..HINTS_MAX).find_map(|slot| match HintPlace::seen(id, slot, facts) {
            None => Some((slot, RowCondition::Absent(id, Row::DeviceHint(slot)))),
            Some(old) if old.expires <= facts.now => Some((slot, old.unchanged(id, slot))),
            Some(_) => None,
        });
        let (slot, condition) = free.ok_or(Rejection::LimitReached)?;
        let expires = facts.now.after(HINT_LIFE);
        let class = TokenClass::Hint;
        let issued = Token::issue(credential, class, id, Binding::Holder, facts.now, expires);
        let place = HintPlace { expires, token: credential.id };
        let mut decision = Decision::change(id, vec![Event::HintGiven(slot, place).into()])
            .and_change(credential.id, vec![token::Event::Issued(Box::new(issued)).into()])
            .relying_on([self.vault]);
        decision.conditions.push(condition);
        Ok(decision)
    }
}

/// A hint that is good, and what using it up comes to.
#[derive(Clone, Debug)]
pub(crate) struct Hinted {
    /// The device that showed it.
    pub(crate) device: Id,
    /// Its vault.
    pub(crate) vault: Id,
    /// The hint dies, and its place is free.
    pub(crate) changes: [Change; 2],
    /// Nobody has taken the place meanwhile.
    pub(crate) condition: RowCondition,
}

/// What [`use_hint`] looks at.
pub(crate) fn hint_needs(facts: &Facts<'_>, hint: &Credential) -> Vec<Need> {
    let mut needs = vec![Need::Head(hint.id)];
    let Ok(token) = facts.head::<Token>(hint.id) else { return needs };
    needs.push(Need::Head(token.owner));
    let Ok(device) = facts.head::<Device>(token.owner) else { return needs };
    needs.push(Need::Head(device.vault));
    needs.extend(places(token.owner));
    needs
}

/// Demands that a hint is good, and uses it up.
pub(crate) fn use_hint(facts: &Facts<'_>, hint: &Credential) -> Result<Hinted, Rejection> {
    // Unknown, used, expired, or another sort of token: all the same to whoever brings it.
    let refused = |_| Rejection::InvalidHint;
    let token = facts.head::<Token>(hint.id).map_err(refused)?;
    token.accept(TokenClass::Hint, &hint.hash, &Binding::Holder, facts.now).map_err(refused)?;
    let id = token.owner;
    let device = facts.head::<Device>(id).map_err(refused)?;
    device.active().map_err(refused)?;
    facts.head::<Vault>(device.vault).and_then(Vault::live).map_err(refused)?;
    let place = (0..HINTS_MAX).find_map(|slot| {
        let place = HintPlace::seen(id, slot, facts)?;
        (place.token == hint.id).then_some((slot, place))
    });
    let (slot, place) = place.ok_or(Rejection::InvalidHint)?;
    let used = token::Event::Used { at: facts.now, issued: Vec::new() };
    let changes = [
        Change { id: hint.id, events: vec![used.into()] },
        Change { id, events: vec![Event::HintUsed(slot).into()] },
    ];
    Ok(Hinted { device: id, vault: device.vault, changes, condition: place.unchanged(id, slot) })
}
