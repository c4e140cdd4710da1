//! One commit of the manifest: the items that change, and the objects that it names.

use super::{CHANGES_MAX, Command, Event, ItemVersion, ManifestHead, Renamed, StoredObject};
use crate::bytes::Digest;
use crate::entity::{Decision, Facts, Need, Reply, RowCondition};
use crate::key::Row;
use crate::{Id, Rejection, Timestamp};
use std::collections::BTreeMap;

pub(super) fn needs(id: Id, facts: &Facts<'_>, items: &[(Digest, ItemVersion)]) -> Vec<Need> {
    let mut needs = vec![Need::Row(id, Row::VaultManifest)];
    for (item, version) in items {
        needs.push(Need::Row(id, Row::VaultItem(*item)));
        // Known once the item is: the object that stops being current.
        let before = facts.row_as::<ItemVersion>(id, &Row::VaultItem(*item));
        let objects = before.as_ref().and_then(ItemVersion::named).into_iter();
        needs.extend(
            objects.chain(version.named()).map(|object| Need::Row(id, Row::VaultObject(object))),
        );
    }
    needs
}

pub(super) fn decide(id: Id, facts: &Facts<'_>, command: &Command) -> Result<Decision, Rejection> {
    let Command::Commit {
        previous,
        next,
        document,
        items,
        nodes_added,
        nodes_removed,
        versions_kept,
    } = command
    else {
        return Err(Rejection::InvalidRequest);
    };
    let current = facts
        .row(id, &Row::VaultManifest)
        .and_then(ManifestHead::from_row)
        .ok_or(Rejection::NotFound)?;
    if current == *next {
        // The same commit again.
        return Ok(Decision::reply(Reply::Manifest(current)));
    }
    if current != *previous || next.epoch != current.epoch + 1 {
        return Err(Rejection::ManifestConflict);
    }
    if items.len() > CHANGES_MAX {
        return Err(Rejection::LimitReached);
    }
    let mut objects = BTreeMap::new();
    for (item, version) in items {
        let before = facts.row_as::<ItemVersion>(id, &Row::VaultItem(*item));
        if before.as_ref().is_some_and(|before| version.version <= before.version) {
            return Err(Rejection::ManifestConflict);
        }
        let before = before.as_ref().and_then(ItemVersion::named);
        if let Some(object) = version.named() {
            let renamed = named(id, facts, object, version, before == Some(object))?;
            if objects.insert(object, renamed).is_some() {
                // What two items named would be erased with the first of them.
                return Err(Rejection::InvalidRequest);
            }
        }
        if let Some(object) = before.filter(|before| version.named() != Some(*before)) {
            let erase = Some(facts.now.after(*versions_kept));
            let Some(renamed) = renamed(id, facts, object, erase) else { continue };
            if objects.insert(object, renamed).is_some() {
                return Err(Rejection::InvalidRequest);
            }
        }
    }
    let event = Event::Committed {
        next: *next,
        document: document.clone(),
        items: items.clone(),
        nodes_added: nodes_added.clone(),
        nodes_removed: nodes_removed.clone(),
        objects: objects.into_values().collect(),
    };
    let mut decision = Decision::change(id, vec![event.into()]);
    decision.conditions.push(RowCondition::RevisionIs(id, Row::VaultManifest, current.epoch));
    Ok(decision.replying(Ok(Reply::Manifest(*next))))
}

// Objects first, then the commit that names them: each by one item only.
fn named(
    id: Id,
    facts: &Facts<'_>,
    object: [u8; 16],
    version: &ItemVersion,
    is_current: bool,
) -> Result<Renamed, Rejection> {
    let renamed = renamed(id, facts, object, None).ok_or(Rejection::InvalidRequest)?;
    let fits = renamed.stored.digest == version.digest && renamed.stored.size == version.size;
    let is_free = renamed.before.is_some() || is_current;
    if fits && is_free { Ok(renamed) } else { Err(Rejection::InvalidRequest) }
}

fn renamed(
    id: Id,
    facts: &Facts<'_>,
    object: [u8; 16],
    erase: Option<Timestamp>,
) -> Option<Renamed> {
    let stored = facts.row_as::<StoredObject>(id, &Row::VaultObject(object))?;
    let before = stored.erase;
    Some(Renamed { object, before, stored: StoredObject { erase, ..stored } })
}
