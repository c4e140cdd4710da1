//! Vault: a subject's items, as ciphertext, and the manifest that their devices sign.
//!
//! The head says whether the vault lives, and what its recovery sheet needs; it hardly ever
//! changes. Everything that changes often
//! (manifest, items, objects) is rows, so that an act that relies on the vault does not
//! conflict with an upload.

mod commit;
mod object;
mod record;
mod rows;

pub use object::{ERASED_MAX, Erased, LOOSE_LIFE, Renamed};
pub use record::{Approval, ItemVersion, ManifestHead, StoredObject, Usage};

use super::device::{self, Admission, Device, Registration};
use super::notice::{Body, Notice};
use super::token::{self, Credential};
use super::{Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::crypto::P256Public;
use crate::crypto::wrap::Wrap;
use crate::key::{Index, Row};
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Most items changed by one commit.
pub const CHANGES_MAX: usize = 256;

/// What the vault keeps for its recovery sheet: both halves come and go together, so that no
/// sheet lets a device in that then cannot open anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Verifies what is signed with the sheet.
    pub key: P256Public,
    /// The root key, wrapped for the sheet.
    pub wrap: Wrap,
}

/// The head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vault {
    /// When the person deleted it, if they did.
    pub deleted: Option<Timestamp>,
    /// What the recovery sheet needs, if there is one.
    pub recovery: Option<Recovery>,
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

    /// Demands that this key is its recovery sheet's. Whoever has another sheet learns nothing
    /// about the vault, not even that it was deleted.
    ///
    /// # Errors
    /// [`Rejection::RecoveryRefused`], or [`Rejection::VaultGone`].
    pub fn recovers(&self, key: &P256Public) -> Result<(), Rejection> {
        let known = self.recovery.as_ref().is_some_and(|recovery| recovery.key == *key);
        if known { self.live() } else { Err(Rejection::RecoveryRefused) }
    }
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
        /// What its recovery sheet needs, if the person made one.
        recovery: Option<Recovery>,
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
        /// Most bytes of all objects of the vault.
        bytes_max: u64,
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
        /// How long an earlier version of an item is kept.
        versions_kept: Duration,
    },
    /// The node erases objects whose time is over and that no grant pins.
    Erase {
        /// Which, at most [`ERASED_MAX`].
        objects: Vec<[u8; 16]>,
    },
    /// The person made a recovery sheet; the one before is of no use any more. The node has
    /// verified the signed command.
    RenewRecovery(Recovery),
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
        /// What all objects take now.
        usage: Usage,
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
        /// Objects that it names now, and those that it names no more.
        objects: Vec<Renamed>,
    },
    /// Objects that nothing named were erased.
    ObjectsErased {
        /// Which.
        objects: Vec<Erased>,
        /// What the others take.
        usage: Usage,
    },
    /// Another recovery sheet is the vault's.
    RecoveryRenewed(Recovery),
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
                needs.push(Need::Row(id, Row::VaultUsage));
            }
            Command::Commit { items, .. } => needs.extend(commit::needs(id, facts, items)),
            Command::Erase { objects } => {
                let rows = objects.iter().take(ERASED_MAX).map(|object| Row::VaultObject(*object));
                needs.extend(rows.chain([Row::VaultUsage]).map(|row| Need::Row(id, row)));
            }
            Command::RenewRecovery(_) | Command::Delete | Command::Look => {}
        }
        needs
    }

    fn decide(
        id: Id,
        state: Option<&Self>,
        facts: &Facts<'_>,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        if let Command::Create { device, registration, token, recovery, empty_root } = command {
            if state.is_some() {
                return Err(Rejection::AlreadyExists);
            }
            let vault = Self { deleted: None, recovery: recovery.clone(), created: facts.now };
            let manifest = ManifestHead { epoch: 0, root: *empty_root };
            let (head, token_head) =
                Device::enrolled(*device, id, registration, Admission::First, token, facts.now);
            let created = Event::Created { vault: Box::new(vault), manifest };
            let reply = Reply::Device(Box::new(head.clone()));
            return Ok(Decision::change(id, vec![created.into()])
                .and_change(*device, vec![device::Event::Enrolled(Box::new(head)).into()])
                .and_change(token.id, vec![token::Event::Issued(Box::new(token_head)).into()])
                .replying(Ok(reply)));
        }
        let state = state.ok_or(Rejection::NotFound)?;
        if let Command::Erase { objects } = command {
            return object::erase(id, facts, objects);
        }
        let device = facts.principal.device().ok_or(Rejection::NotFound)?;
        let head = facts.head::<Device>(device)?;
        if head.vault != id {
            return Err(Rejection::NotFound);
        }
        head.active()?;
        state.live()?;
        let decision = match command {
            Command::Create { .. } | Command::Erase { .. } | Command::Look => {
                return Ok(Decision::reply(Reply::Done));
            }
            Command::PutObject { object, stored, pieces, bytes_max } => {
                object::put(id, facts, *object, stored, pieces, *bytes_max)?
            }
            Command::Commit { .. } => commit::decide(id, facts, command)?,
            Command::RenewRecovery(recovery) => {
                let body = Body::RecoveryRenewed { device };
                Decision::change(id, vec![Event::RecoveryRenewed(recovery.clone()).into()])
                    .notify(Notice { to: id, at: facts.now, body })
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
            Event::RecoveryRenewed(recovery) => {
                state.map(|state| Self { recovery: Some(recovery.clone()), ..state })
            }
            Event::Erased => None,
            _ => state,
        }
    }

    fn rows(event: &Event) -> Vec<RowChange> {
        rows::rows(event)
    }

    fn index(&self, _: Id) -> Vec<Index> {
        Vec::new()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deleted
    }
}
