//! Read: the institution reads granted items. The grant leads; the use is durable before
//! the first byte leaves, and a retry under the same id is the same use.

use super::redeem::still_stands;
use crate::bytes::Digest;
use crate::entity::grant::{self, Delivery, Grant, GrantState, GrantUse, GrantWrap, GrantedItem};
use crate::entity::token::{Binding, Token, TokenClass};
use crate::entity::vault::{ItemVersion, StoredObject};
use crate::entity::{Change, Decision, Entity, Facts, Need, Reply};
use crate::key::Row;
use crate::log::{Fact, ItemUse};
use crate::port::Verdict;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// What the node made of a read: it has authenticated client and token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    /// The read's id, chosen by the institution.
    pub read: [u8; 16],
    /// The access token.
    pub token: Id,
    /// SHA-256 of the access token as presented.
    pub token_hash: Digest,
    /// The client certificate's thumbprint.
    pub certificate: Digest,
    /// The paths wanted, each once.
    pub paths: Vec<String>,
    /// What the rules say.
    pub verdict: Verdict,
}

/// What became of one path.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Here it is.
    Ok,
    /// A rule lets less through than was granted.
    Narrowed,
    /// It was not ticked.
    NotGranted,
    /// The person has paused the grant.
    Paused,
    /// The grant was revoked.
    Revoked,
    /// The grant has expired.
    Expired,
    /// Here is the version ticked; there is a newer one.
    Superseded,
    /// Not so often.
    FrequencyExceeded,
    /// A rule wants a stronger authentication first.
    StepUpRequired,
    /// The item is no more.
    Gone,
}

impl ItemStatus {
    /// Whether a value comes with it.
    #[must_use]
    pub fn has_value(self) -> bool {
        matches!(self, Self::Ok | Self::Superseded)
    }
}

/// One path of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadItem {
    /// The path asked for.
    pub path: String,
    /// What became of it.
    pub status: ItemStatus,
    /// What opens it, where there is a value.
    pub value: Option<Lent>,
}

/// A value as the store has it: wrapped and sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lent {
    /// The item as granted.
    pub granted: GrantedItem,
    /// The version that is given.
    pub version: u64,
    /// The object that holds it.
    pub object: [u8; 16],
    /// Where its ciphertext is.
    pub stored: StoredObject,
    /// The item's secret wrapped under the grant key.
    pub wrap: Vec<u8>,
}

/// The answer; the node opens what it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadReply {
    /// Whose items.
    pub vault: Id,
    /// Who opens what was lent.
    pub delivery: Delivery,
    /// Whether secrets are of an epoch (covers later versions) or of one version.
    pub covers_future: bool,
    /// The grant key wrapped for the access token; none if nothing has a value.
    pub wrap: Option<GrantWrap>,
    /// One per path, in their order.
    pub items: Vec<ReadItem>,
    /// When the use was counted.
    pub at: Timestamp,
    /// Uses so far.
    pub uses: u32,
    /// The chain's head.
    pub chain: Digest,
}

/// What [`decide`] looks at.
#[must_use]
pub fn needs(id: Id, state: &Grant, facts: &Facts<'_>, command: &Read) -> Vec<Need> {
    let heads = [state.vault, state.device, state.institution, state.offer, command.token];
    let own = (0..state.items)
        .flat_map(|number| [Row::GrantItem(number), Row::GrantItemWrap(number)])
        .chain([Row::GrantWrap(command.token), Row::GrantRead(command.read)])
        .map(|row| Need::Row(id, row));
    let mut needs: Vec<Need> = heads.into_iter().map(Need::Head).chain(own).collect();
    for (_, item) in granted_items(id, state, facts) {
        if !command.paths.contains(&item.path) {
            continue;
        }
        let current = Row::VaultItem(item.item);
        needs.push(Need::Row(state.vault, Row::VaultObject(item.object)));
        if let Some(current) = facts.row_as::<ItemVersion>(state.vault, &current) {
            needs.push(Need::Row(state.vault, Row::VaultObject(current.object)));
        }
        needs.push(Need::Row(state.vault, current));
    }
    needs
}

fn granted_items(id: Id, state: &Grant, facts: &Facts<'_>) -> Vec<(u16, GrantedItem)> {
    (0..state.items)
        .filter_map(|number| {
            let item = facts.row_as::<GrantedItem>(id, &Row::GrantItem(number))?;
            Some((number, item))
        })
        .collect()
}

/// Judges a read.
///
/// # Errors
/// [`Rejection::InvalidToken`] when the token is not good for this grant; everything else
/// is a status per item.
pub fn decide(
    id: Id,
    state: &Grant,
    facts: &Facts<'_>,
    command: &Read,
) -> Result<Decision, Rejection> {
    let client = facts.principal.institution().ok_or(Rejection::InvalidClient)?;
    if state.institution != client {
        return Err(Rejection::NotFound);
    }
    let token = facts.head::<Token>(command.token).map_err(|_| Rejection::InvalidToken)?;
    let binding = Binding::Certificate(command.certificate);
    token.accept(TokenClass::Access, &command.token_hash, &binding, facts.now)?;
    if token.owner != client || token.grant != Some(id) {
        return Err(Rejection::InvalidToken);
    }
    let row = Row::GrantRead(command.read);
    let earlier = facts.row(id, &row).map(|_| facts.row_as::<GrantUse>(id, &row));
    let retry = earlier.is_some();
    let refusal = refusal(state, facts, command, retry)?;
    let granted = granted_items(id, state, facts);
    let items: Vec<ReadItem> = command
        .paths
        .iter()
        .map(|path| read_one(id, state, facts, command, refusal, &granted, path))
        .collect();
    let lent = lent_numbers(&items, &granted);
    if let Some(earlier) = earlier {
        // The same use lends nothing that its record does not name.
        let recorded = earlier.map_or_else(Vec::new, |earlier| earlier.items);
        if !lent.iter().all(|number| recorded.contains(number)) {
            return Err(Rejection::IdempotencyMismatch);
        }
    }
    let wrap = facts.row_as::<GrantWrap>(id, &Row::GrantWrap(command.token));
    let has_value = items.iter().any(|item| item.status.has_value());
    if has_value && wrap.is_none() {
        return Err(Rejection::InvalidToken);
    }
    let mut reply = ReadReply {
        vault: state.vault,
        delivery: state.terms.delivery,
        covers_future: state.terms.covers_future,
        wrap: wrap.filter(|_| has_value),
        items,
        at: facts.now,
        uses: state.uses,
        chain: state.chain,
    };
    let relied = [state.vault, state.device, state.institution, state.offer, command.token];
    if retry || !has_value {
        // Nothing is lent that was not counted; what is lent still rests on live heads,
        // so even this answer waits for a batch that checks them.
        let relied = relied.into_iter().filter(|_| has_value);
        let mut decision = Decision::reply(Reply::Read(Box::new(reply))).relying_on(relied);
        if has_value {
            decision.changes.push(Change { id, events: Vec::new() });
        }
        return Ok(decision);
    }
    let leaf = state.record(id, facts, Fact::Used { read: command.read, items: uses(&reply) });
    let period = state.period_at(facts.now);
    let events = vec![
        grant::Event::Used { read: command.read, items: lent, period, at: facts.now },
        grant::Event::Recorded(leaf.clone()),
    ];
    reply.uses = state.uses.saturating_add(1);
    reply.chain = leaf.hash;
    let after = events.iter().fold(Some(state.clone()), Grant::evolve);
    Ok(Decision {
        changes: vec![Change { id, events: events.into_iter().map(Into::into).collect() }],
        leaves: vec![leaf.to_log()],
        notices: after.map(|after| after.notices(id, facts.now)).unwrap_or_default(),
        ..Decision::reply(Reply::Read(Box::new(reply))).relying_on(relied)
    })
}

fn lent_numbers(items: &[ReadItem], granted: &[(u16, GrantedItem)]) -> Vec<u16> {
    let lent = items.iter().filter(|item| item.status.has_value());
    let number = |path: &str| granted.iter().find(|(_, item)| item.path == path);
    lent.filter_map(|item| number(&item.path)).map(|(number, _)| *number).collect()
}

fn uses(reply: &ReadReply) -> Vec<ItemUse> {
    let values = reply.items.iter().filter_map(|item| item.value.as_ref());
    values
        .map(|lent| ItemUse {
            item: lent.granted.item,
            version: lent.version,
            digest: lent.stored.digest,
        })
        .collect()
}

// What refuses every path alike, if anything does.
fn refusal(
    state: &Grant,
    facts: &Facts<'_>,
    command: &Read,
    retry: bool,
) -> Result<Option<ItemStatus>, Rejection> {
    Ok(match state.state_at(facts.now) {
        GrantState::Paused => Some(ItemStatus::Paused),
        GrantState::Revoked | GrantState::Superseded => Some(ItemStatus::Revoked),
        GrantState::Expired => Some(ItemStatus::Expired),
        GrantState::Active => match still_stands(state, facts) {
            Err(Rejection::VaultGone) => Some(ItemStatus::Gone),
            Err(rejection) => return Err(rejection),
            Ok(()) => match &command.verdict {
                Verdict::Deny(_) => Some(ItemStatus::Narrowed),
                Verdict::StepUp(_) => Some(ItemStatus::StepUpRequired),
                _ if !retry && !state.may_be_used(facts.now) => Some(ItemStatus::FrequencyExceeded),
                _ => None,
            },
        },
    })
}

fn read_one(
    id: Id,
    state: &Grant,
    facts: &Facts<'_>,
    command: &Read,
    refusal: Option<ItemStatus>,
    granted: &[(u16, GrantedItem)],
    path: &str,
) -> ReadItem {
    let without = |status| ReadItem { path: path.to_owned(), status, value: None };
    let Some((number, item)) = granted.iter().find(|(_, item)| item.path == path) else {
        return without(ItemStatus::NotGranted);
    };
    if let Some(status) = refusal {
        return without(status);
    }
    if !command.verdict.permits(path) {
        return without(ItemStatus::Narrowed);
    }
    let current = facts.row_as::<ItemVersion>(state.vault, &Row::VaultItem(item.item));
    let newer = current.as_ref().filter(|current| current.version != item.version);
    // A grant for later versions lends by epoch: a version of a later epoch needs a new
    // loan, and until then the version ticked is what there is.
    let follows = newer.filter(|newer| {
        state.terms.covers_future && newer.epoch == item.epoch && newer.tombstone.is_none()
    });
    let (version, object) =
        follows.map_or((item.version, item.object), |newer| (newer.version, newer.object));
    let status = match newer {
        Some(_) if follows.is_none() => ItemStatus::Superseded,
        _ => ItemStatus::Ok,
    };
    let stored = facts.row_as::<StoredObject>(state.vault, &Row::VaultObject(object));
    let wrap = facts.row(id, &Row::GrantItemWrap(*number));
    match (stored, wrap) {
        (Some(stored), Some(wrap)) => ReadItem {
            path: path.to_owned(),
            status,
            value: Some(Lent {
                granted: item.clone(),
                version,
                object,
                stored,
                wrap: wrap.to_vec(),
            }),
        },
        _ => without(ItemStatus::Gone),
    }
}
