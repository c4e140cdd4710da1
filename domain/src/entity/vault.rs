//! Vault: a subject's items, as ciphertext, and the manifest that their devices sign.
//!
//! The head says whether the vault lives; it changes once. Everything that changes often
//! (manifest, items, objects) is rows, so that an act that relies on the vault does not
//! conflict with an upload.

mod commit;
mod object;
mod record;
mod rows;

pub use object::{ERASED_MAX, Erased, LOOSE_LIFE, Renamed};
pub use record::{Approval, ItemVersion, ManifestHead, StoredObject, Usage};

use super::device::{self, Device, Registration};
use super::token::{self, Credential};
use super::{Decision, Entity, Facts, Need, Reply, RowChange};
use crate::bytes::Digest;
use crate::key::{Index, Row};
use crate::record::Record;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
                needs.push(Need::Row(id, Row::VaultUsage));
            }
            Command::Commit { items, .. } => needs.extend(commit::needs(id, facts, items)),
            Command::Erase { objects } => {
                let rows = objects.iter().take(ERASED_MAX).map(|object| Row::VaultObject(*object));
                needs.extend(rows.chain([Row::VaultUsage]).map(|row| Need::Row(id, row)));
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
        rows::rows(event)
    }

    fn index(&self, _: Id) -> Vec<Index> {
        Vec::new()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deleted
    }
}
