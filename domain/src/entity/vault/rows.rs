//! What becomes of a vault's rows with each event.

use super::{Event, Renamed};
use crate::entity::RowChange;
use crate::key::Row;
use crate::record;

pub(super) fn rows(event: &Event) -> Vec<RowChange> {
    let put = |row, value| RowChange::Put(row, value);
    match event {
        Event::Created { manifest, .. } => vec![put(Row::VaultManifest, manifest.to_row())],
        Event::ObjectStored { object, stored, pieces, usage } => {
            let renamed = Renamed { object: *object, before: None, stored: stored.clone() };
            let pieces = pieces
                .iter()
                .zip(0_u32..)
                .map(|(piece, number)| put(Row::VaultObjectPiece(*object, number), piece.clone()));
            let mut changes = vec![put(Row::VaultUsage, usage.to_row())];
            changes.extend(pieces);
            changes.extend(object_rows(&renamed));
            changes
        }
        Event::Committed { next, document, items, nodes_added, nodes_removed, objects } => {
            let mut changes = vec![
                put(Row::VaultManifest, next.to_row()),
                put(Row::VaultCommit(next.epoch), document.clone()),
            ];
            for (item, version) in items {
                let record = record::encode(version).unwrap_or_default();
                changes.push(put(Row::VaultItem(*item), record));
            }
            for (hash, node) in nodes_added {
                changes.push(put(Row::VaultNode(*hash), node.clone()));
            }
            changes
                .extend(nodes_removed.iter().map(|hash| RowChange::Delete(Row::VaultNode(*hash))));
            changes.extend(objects.iter().flat_map(object_rows));
            changes
        }
        Event::ObjectsErased { objects, usage } => {
            let mut changes = vec![put(Row::VaultUsage, usage.to_row())];
            for erased in objects {
                let object = erased.object;
                changes.push(RowChange::Delete(Row::VaultObject(object)));
                changes.push(RowChange::Delete(Row::VaultErase(erased.erase, object)));
                let pieces = (0..erased.pieces).map(|piece| Row::VaultObjectPiece(object, piece));
                changes.extend(pieces.map(RowChange::Delete));
            }
            changes
        }
        Event::ApprovalNoted(session, approval) => {
            let record = record::encode(approval).unwrap_or_default();
            vec![put(Row::VaultApproval(*session), record)]
        }
        Event::Pinned(grant, objects) => {
            let rows = objects.iter().map(|object| Row::VaultPin(*object, *grant));
            rows.map(|row| put(row, Vec::new())).collect()
        }
        Event::Unpinned(grant, objects) => {
            let rows = objects.iter().map(|object| Row::VaultPin(*object, *grant));
            rows.map(RowChange::Delete).collect()
        }
        Event::RowsErased => vec![RowChange::DeleteAll],
        Event::RecoveryRenewed(_) | Event::Deleted(_) | Event::Erased => Vec::new(),
    }
}

// The record, and the row that says from when the object may be erased.
fn object_rows(renamed: &Renamed) -> Vec<RowChange> {
    let Renamed { object, before, stored } = renamed;
    let record = record::encode(stored).unwrap_or_default();
    let mut changes = vec![RowChange::Put(Row::VaultObject(*object), record)];
    if *before != stored.erase {
        changes.extend(before.map(|at| RowChange::Delete(Row::VaultErase(at, *object))));
        changes.extend(
            stored.erase.map(|at| RowChange::Put(Row::VaultErase(at, *object), Vec::new())),
        );
    }
    changes
}
