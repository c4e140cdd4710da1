//! Ciphertext that comes, and ciphertext that goes when nothing names it any more.
//!
//! An object is named by the manifest's current version of one item, or it has a time at
//! which it may be erased: one that no commit has named yet soon, an earlier version of an
//! item after as long as versions are kept. A grant's pin keeps it beyond that time.

use super::{Event, StoredObject, Usage};
use crate::entity::{Decision, Effect, Facts, Reply, RowCondition};
use crate::key::Row;
use crate::port::Principal;
use crate::{Id, Rejection, Timestamp};
use std::time::Duration;

/// How long an object may wait for the commit that names it: a phone that was interrupted
/// goes on the next day.
pub const LOOSE_LIFE: Duration = Duration::from_secs(24 * 3_600);
/// Most objects erased by one command.
pub const ERASED_MAX: usize = 256;

/// An object whose time to be erased changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Renamed {
    /// Which.
    pub object: [u8; 16],
    /// When it might have been erased so far.
    pub before: Option<Timestamp>,
    /// Its record from now on.
    pub stored: StoredObject,
}

/// An object that is erased.
#[derive(Clone, Debug, PartialEq)]
pub struct Erased {
    /// Which.
    pub object: [u8; 16],
    /// Since when that was allowed.
    pub erase: Timestamp,
    /// How many rows hold it.
    pub pieces: u32,
}

pub(super) fn usage(id: Id, facts: &Facts<'_>) -> Usage {
    facts.row(id, &Row::VaultUsage).and_then(Usage::from_row).unwrap_or_default()
}

// The row must still be the one that was counted from.
fn usage_unchanged(id: Id, usage: &Usage) -> RowCondition {
    match usage.revision {
        0 => RowCondition::Absent(id, Row::VaultUsage),
        revision => RowCondition::RevisionIs(id, Row::VaultUsage, revision),
    }
}

pub(super) fn put(
    id: Id,
    facts: &Facts<'_>,
    object: [u8; 16],
    stored: &StoredObject,
    pieces: &[Vec<u8>],
    bytes_max: u64,
) -> Result<Decision, Rejection> {
    match facts.row_as::<StoredObject>(id, &Row::VaultObject(object)) {
        // The same bytes again are the same object.
        Some(there) if there.digest == stored.digest => return Ok(Decision::reply(Reply::Done)),
        Some(_) => return Err(Rejection::AlreadyExists),
        None => {}
    }
    let before = usage(id, facts);
    let usage = Usage {
        revision: before.revision + 1,
        bytes: before.bytes.saturating_add(stored.size),
        objects: before.objects + 1,
    };
    if usage.bytes > bytes_max {
        return Err(Rejection::VaultFull);
    }
    let stored = StoredObject {
        pieces: u32::try_from(pieces.len()).map_err(|_| Rejection::InvalidRequest)?,
        created: facts.now,
        erase: Some(facts.now.after(LOOSE_LIFE)),
        ..stored.clone()
    };
    let event = Event::ObjectStored { object, stored, pieces: pieces.to_vec(), usage };
    let mut decision = Decision::change(id, vec![event.into()]);
    decision.conditions.push(RowCondition::Absent(id, Row::VaultObject(object)));
    decision.conditions.push(usage_unchanged(id, &before));
    Ok(decision)
}

/// Erases what nothing names. That no grant pins it the node has looked: pins of an object
/// that the manifest does not name only go, because a grant is given for current versions.
pub(super) fn erase(
    id: Id,
    facts: &Facts<'_>,
    objects: &[[u8; 16]],
) -> Result<Decision, Rejection> {
    if *facts.principal != Principal::System {
        return Err(Rejection::Forbidden);
    }
    let before = usage(id, facts);
    let mut usage = before;
    let (mut erased, mut effects) = (Vec::new(), Vec::new());
    for object in objects.iter().take(ERASED_MAX) {
        let Some(stored) = facts.row_as::<StoredObject>(id, &Row::VaultObject(*object)) else {
            continue;
        };
        let Some(erase) = stored.erase.filter(|erase| *erase <= facts.now) else { continue };
        usage.bytes = usage.bytes.saturating_sub(stored.size);
        usage.objects = usage.objects.saturating_sub(1);
        effects.extend(stored.blob.map(|name| Effect::DeleteBlob { name }));
        erased.push(Erased { object: *object, erase, pieces: stored.pieces });
    }
    if erased.is_empty() {
        return Ok(Decision::reply(Reply::Done));
    }
    usage.revision += 1;
    let mut decision =
        Decision::change(id, vec![Event::ObjectsErased { objects: erased, usage }.into()]);
    decision.effects = effects;
    decision.conditions.push(usage_unchanged(id, &before));
    Ok(decision)
}
