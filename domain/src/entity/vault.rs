//! Vault: a subject's items, as ciphertext, and the manifest that their devices sign.
//!
//! The head says whether the vault lives; it changes once. Everything that changes often
//! (manifest, items, objects) is rows, so that an act that relies on the vault does not
//! conflict with an upload.

use super::device::{self, Device, Registration};
use super::token::{self, Credential};
use super::{Decision, Effect, Entity, Facts, Need, Reply, RowChange, RowCondition};
use crate::bytes::Digest;
use crate::key::{Index, Row};
use crate::record::{self, Record};
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// Most items changed by one commit.
pub const CHANGES_MAX: usize = 256;
/// Most bytes of something the devices keep sealed.
pub const SEALED_BYTES_MAX: usize = 4_096;

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vault {
    /// When the person deleted it, if they did.
    pub deleted: Option<Timestamp>,
    /// Verifies what is signed with the recovery sheet.
    pub recovery_key: Option<crate::crypto::P256Public>,
    /// When it was made.
    pub created: Timestamp,
}

impl Record for Vault {
    const TAG: u8 = 7;
    const VERSION: u8 = 1;
}

impl Vault {
    /// Demands that it was not deleted.
    ///
    /// # Errors
    /// [`Rejection::VaultGone`].
    pub fn live(&self) -> Result<(), Rejection> {
        if self.deleted.is_some() { Err(Rejection::VaultGone) } else { Ok(()) }
    }
}

/// Epoch and root of the manifest: the row `VaultManifest` after its revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestHead {
    /// Counts the commits.
    pub epoch: u64,
    /// The tree's root.
    pub root: Digest,
}

impl Record for ManifestHead {
    const TAG: u8 = 0x21;
    const VERSION: u8 = 1;
}

impl ManifestHead {
    /// The row's value: the epoch as its revision, then the record.
    #[must_use]
    pub fn to_row(&self) -> Vec<u8> {
        [&self.epoch.to_be_bytes()[..], &record::encode(self).unwrap_or_default()].concat()
    }

    /// Reads the row.
    #[must_use]
    pub fn from_row(value: &[u8]) -> Option<Self> {
        record::decode(value.get(8..)?).ok()
    }
}

/// The current version of an item: the row `VaultItem`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemVersion {
    /// Counts the versions of the item.
    pub version: u64,
    /// Key epoch of the leaf.
    pub epoch: u32,
    /// The object that holds it.
    pub object: [u8; 16],
    /// SHA-256 of the object.
    pub digest: Digest,
    /// Bytes of the object.
    pub size: u64,
    /// The object's salt.
    pub salt: [u8; 32],
    /// When it was deleted, if it was.
    pub tombstone: Option<Timestamp>,
}

impl Record for ItemVersion {
    const TAG: u8 = 0x22;
    const VERSION: u8 = 1;
}

/// Where an object's ciphertext is: the row `VaultObject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredObject {
    /// SHA-256 of the ciphertext.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
    /// The blob that holds it; rows `VaultObjectPiece` do if there is none.
    pub blob: Option<String>,
    /// When it came.
    pub created: Timestamp,
}

impl Record for StoredObject {
    const TAG: u8 = 0x23;
    const VERSION: u8 = 1;
}

/// Which session was answered with which grant: the row `VaultApproval`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The grant.
    pub grant: Id,
    /// SHA-256 of the signed selection.
    pub selection_hash: Digest,
    /// The code's first half.
    pub handle: String,
    /// Until when the code is good.
    pub code_expires: Timestamp,
}

impl Record for Approval {
    const TAG: u8 = 0x24;
    const VERSION: u8 = 1;
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// A person makes a vault with their first device.
    Create {
        /// The first device.
        device: Id,
        /// Its keys and name.
        registration: Box<Registration>,
        /// The token it gets.
        token: Credential,
        /// Verifies what is signed with the recovery sheet.
        recovery_key: Option<crate::crypto::P256Public>,
        /// The empty manifest's root.
        empty_root: Digest,
    },
    /// A device stores ciphertext; no manifest names it yet. A blob is durable already.
    PutObject {
        /// Its id, chosen by the device.
        object: [u8; 16],
        /// What it is.
        stored: StoredObject,
        /// The ciphertext in pieces, if no blob holds it.
        pieces: Vec<Vec<u8>>,
    },
    /// A device commits a manifest. The node has verified the signature, and that the
    /// changes lead from the previous root to the new one.
    Commit {
        /// The epoch before.
        previous: ManifestHead,
        /// The epoch after.
        next: ManifestHead,
        /// The signed commit, as received.
        document: Vec<u8>,
        /// The items that change.
        items: Vec<(Digest, ItemVersion)>,
        /// Tree nodes that are new.
        nodes_added: Vec<(Digest, Vec<u8>)>,
        /// Tree nodes that the new root does not reach.
        nodes_removed: Vec<Digest>,
    },
    /// A device keeps something sealed here, such as the root key's wrap.
    Seal {
        /// Which.
        slot: u8,
        /// The sealed bytes.
        sealed: Vec<u8>,
    },
    /// The person deletes everything; the node has verified the signed command.
    Delete,
    /// A device looks at it.
    Look,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It was made.
    Created {
        /// The new head.
        vault: Box<Vault>,
        /// The empty manifest.
        manifest: ManifestHead,
    },
    /// Ciphertext was stored.
    ObjectStored {
        /// Its id.
        object: [u8; 16],
        /// What it is.
        stored: StoredObject,
        /// The ciphertext in pieces.
        pieces: Vec<Vec<u8>>,
    },
    /// A manifest was committed.
    Committed {
        /// The epoch after.
        next: ManifestHead,
        /// The signed commit.
        document: Vec<u8>,
        /// The items that change.
        items: Vec<(Digest, ItemVersion)>,
        /// Tree nodes that are new.
        nodes_added: Vec<(Digest, Vec<u8>)>,
        /// Tree nodes that the new root does not reach.
        nodes_removed: Vec<Digest>,
        /// Objects that nothing names any more, with how many pieces each has.
        objects_removed: Vec<([u8; 16], u32)>,
    },
    /// Something sealed was stored.
    Sealed(u8, Vec<u8>),
    /// A session was answered.
    ApprovalNoted(Id, Approval),
    /// A grant pins objects.
    Pinned(Id, Vec<[u8; 16]>),
    /// A grant does not pin them any more.
    Unpinned(Id, Vec<[u8; 16]>),
    /// The person deleted it.
    Deleted(Timestamp),
    /// Some of its rows were erased.
    RowsErased,
    /// Nothing is left of it.
    Erased,
}

impl Entity for Vault {
    type Command = Command;
    type Event = Event;

    fn needs(id: Id, _: Option<&Self>, facts: &Facts<'_>, command: &Command) -> Vec<Need> {
        let mut needs: Vec<Need> = facts.principal.device().map(Need::Head).into_iter().collect();
        match command {
            Command::Create { device, token, .. } => {
                needs.extend([Need::Head(*device), Need::Head(token.id)]);
            }
            Command::PutObject { object, .. } => {
                needs.push(Need::Row(id, Row::VaultObject(*object)));
            }
            Command::Commit { items, .. } => {
                needs.push(Need::Row(id, Row::VaultManifest));
                for (item, version) in items {
                    needs.push(Need::Row(id, Row::VaultItem(*item)));
                    needs.push(Need::Row(id, Row::VaultObject(version.object)));
                }
            }
            Command::Seal { .. } | Command::Delete | Command::Look => {}
        }
        needs
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        if let Command::Create { device, registration, token, recovery_key, empty_root } = command {
            if state.is_some() {
                return Err(Rejection::AlreadyExists);
            }
            let vault = Self { deleted: None, recovery_key: *recovery_key, created: facts.now };
            let manifest = ManifestHead { epoch: 0, root: *empty_root };
            let (head, token_head) = Device::enrolled(*device, id, registration, token, facts.now);
            let created = Event::Created { vault: Box::new(vault), manifest };
            let reply = Reply::Device(Box::new(head.clone()));
            return Ok(Decision::change(id, vec![created.into()])
                .and_change(*device, vec![device::Event::Enrolled(Box::new(head)).into()])
                .and_change(token.id, vec![token::Event::Issued(Box::new(token_head)).into()])
                .replying(Ok(reply)));
        }
        let state = state.ok_or(Rejection::NotFound)?;
        let device = facts.principal.device().ok_or(Rejection::NotFound)?;
        let head = facts.head::<Device>(device)?;
        if head.vault != id {
            return Err(Rejection::NotFound);
        }
        head.active()?;
        state.live()?;
        let decision = match command {
            Command::Create { .. } | Command::Look => return Ok(Decision::reply(Reply::Done)),
            Command::PutObject { object, stored, pieces } => {
                match facts.row_as::<StoredObject>(id, &Row::VaultObject(*object)) {
                    // The same bytes again are the same object.
                    Some(there) if there.digest == stored.digest => {
                        return Ok(Decision::reply(Reply::Done));
                    }
                    Some(_) => return Err(Rejection::AlreadyExists),
                    None => {}
                }
                let stored = StoredObject { created: facts.now, ..stored.clone() };
                let (object, pieces) = (*object, pieces.clone());
                let mut decision = Decision::change(
                    id,
                    vec![Event::ObjectStored { object, stored, pieces }.into()],
                );
                decision.conditions.push(RowCondition::Absent(id, Row::VaultObject(object)));
                decision
            }
            Command::Commit { .. } => commit(id, facts, command)?,
            Command::Seal { slot, sealed } => {
                if sealed.len() > SEALED_BYTES_MAX {
                    return Err(Rejection::InvalidRequest);
                }
                Decision::change(id, vec![Event::Sealed(*slot, sealed.clone()).into()])
            }
            Command::Delete => Decision::change(id, vec![Event::Deleted(facts.now).into()]),
        };
        Ok(decision.relying_on([device]))
    }

    fn due_needs(id: Id, state: &Self) -> Vec<Need> {
        state.deleted.map(|_| Need::AnyRow(id)).into_iter().collect()
    }

    fn due(id: Id, state: &Self, facts: &Facts<'_>) -> Option<Decision> {
        state.deleted?;
        let event = match facts.loaded.any_row.get(&id) {
            Some(true) => Event::RowsErased,
            Some(false) => Event::Erased,
            None => return None,
        };
        Some(Decision::change(id, vec![event.into()]))
    }

    fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Created { vault, .. } => Some((**vault).clone()),
            Event::Deleted(at) => state.map(|state| Self { deleted: Some(*at), ..state }),
            Event::Erased => None,
            _ => state,
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        rows(event)
    }

    fn index(&self, _: Id) -> Vec<Index> {
        Vec::new()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deleted
    }
}

fn commit(id: Id, facts: &Facts<'_>, command: &Command) -> Result<Decision, Rejection> {
    let Command::Commit { previous, next, document, items, nodes_added, nodes_removed } = command
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
    for (item, version) in items {
        let before = facts.row_as::<ItemVersion>(id, &Row::VaultItem(*item));
        if before.is_some_and(|before| version.version <= before.version) {
            return Err(Rejection::ManifestConflict);
        }
        if version.tombstone.is_some() {
            continue;
        }
        // Objects first, then the commit that names them.
        let object = facts.row_as::<StoredObject>(id, &Row::VaultObject(version.object));
        let fits = object
            .is_some_and(|object| object.digest == version.digest && object.size == version.size);
        if !fits {
            return Err(Rejection::InvalidRequest);
        }
    }
    let event = Event::Committed {
        next: *next,
        document: document.clone(),
        items: items.clone(),
        nodes_added: nodes_added.clone(),
        nodes_removed: nodes_removed.clone(),
        objects_removed: Vec::new(),
    };
    let mut decision = Decision::change(id, vec![event.into()]);
    decision.conditions.push(RowCondition::RevisionIs(id, Row::VaultManifest, current.epoch));
    Ok(decision.replying(Ok(Reply::Manifest(*next))))
}

fn rows(event: &Event) -> Vec<RowChange> {
    let put = |row, value| RowChange::Put(row, value);
    match event {
        Event::Created { manifest, .. } => vec![put(Row::VaultManifest, manifest.to_row())],
        Event::ObjectStored { object, stored, pieces } => {
            let record = record::encode(stored).unwrap_or_default();
            let pieces = pieces
                .iter()
                .zip(0_u32..)
                .map(|(piece, number)| put(Row::VaultObjectPiece(*object, number), piece.clone()));
            [put(Row::VaultObject(*object), record)].into_iter().chain(pieces).collect()
        }
        Event::Committed { next, document, items, nodes_added, nodes_removed, objects_removed } => {
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
            for (object, pieces) in objects_removed {
                changes.push(RowChange::Delete(Row::VaultObject(*object)));
                let pieces = (0..*pieces).map(|piece| Row::VaultObjectPiece(*object, piece));
                changes.extend(pieces.map(RowChange::Delete));
            }
            changes
        }
        Event::Sealed(slot, sealed) => vec![put(Row::VaultSealed(*slot), sealed.clone())],
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
        Event::Deleted(_) | Event::Erased => Vec::new(),
    }
}

// The effect of erasing a large object, for whoever removes its row.
impl StoredObject {
    /// What has to happen outside the store when the row goes.
    #[must_use]
    pub fn removal(&self) -> Option<Effect> {
        self.blob.clone().map(|name| Effect::DeleteBlob { name })
    }
}
