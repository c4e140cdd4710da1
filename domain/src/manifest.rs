//! The manifest: what a vault holds, as a tree whose root a device signs.
//!
//! The tree is a radix tree over item ids, sixteen-way, in one canonical form: the same items
//! have the same root whatever the order in which they came. Nodes are named by their hash and
//! stored one by one, so that versions share what did not change. Nothing here reads a store:
//! an operation that lacks nodes says which ([`TreeError::Missing`]), and is asked again once
//! its caller has them.

mod node;
mod tree;
mod walk;

pub use node::{Leaf, empty_root};
pub use tree::{Applied, Changes, apply};
pub use walk::{Difference, difference, leaves};

use crate::bytes::Digest;
use crate::document::{Invalid, demand};
use crate::entity::vault::ManifestHead;
use crate::rejection::Rejection;
use crate::{Id, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::time::Duration;

/// How old a commit may be when it arrives.
pub const AGE_MAX: Duration = Duration::from_secs(600);
/// How far a device's clock may be ahead.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// Most nodes that one answer asks for.
pub const MISSING_MAX: usize = 512;

/// Where nodes come from.
pub trait NodeSource {
    /// The node with this hash, if it is at hand.
    fn node(&self, hash: &Digest) -> Option<&[u8]>;
}

impl NodeSource for BTreeMap<Digest, Vec<u8>> {
    fn node(&self, hash: &Digest) -> Option<&[u8]> {
        self.get(hash).map(Vec::as_slice)
    }
}

impl<S: BuildHasher> NodeSource for HashMap<Digest, Vec<u8>, S> {
    fn node(&self, hash: &Digest) -> Option<&[u8]> {
        self.get(hash).map(Vec::as_slice)
    }
}

/// Why an operation on a tree could not be finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Nodes are needed that were not at hand: at most [`MISSING_MAX`] of them. Load them and
    /// ask again.
    #[error("{} nodes of the manifest are not at hand", .0.len())]
    Missing(Vec<Digest>),
    /// A node is not what its hash, its place or the canonical form says.
    #[error("the node {0} of the manifest is damaged")]
    Corrupt(Digest),
}

/// A commit: the payload of `symbolon-manifest+jwt`, signed by a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestCommit {
    /// The vault.
    pub subject: Id,
    /// One more than the epoch before.
    pub epoch: u64,
    /// The root before.
    pub previous: Digest,
    /// The root now.
    pub root: Digest,
    /// Which device signs.
    pub device: Id,
    /// When.
    pub time: Timestamp,
}

/// Why a device does not believe a commit that it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Of another vault, or with ids of the wrong kind.
    #[error("the commit is not of this vault")]
    AnotherVault,
    /// Older than what the device has seen: the server rolled back, or lost, something.
    #[error("the commit has a lower epoch than one that was seen before")]
    LowerEpoch,
    /// The epoch that the device has seen, with other contents: the server shows different
    /// things to different devices.
    #[error("the commit has another root than the one seen at this epoch")]
    AnotherRoot,
    /// Commits are missing between the one seen and this: ask for them.
    #[error("commits between the one seen before and this one are missing")]
    Gap,
    /// The next epoch, but not on top of the root that was seen.
    #[error("the commit does not follow the one seen before")]
    BrokenChain,
    /// By a device that was revoked.
    #[error("the commit is by a revoked device")]
    RevokedDevice,
    /// Everything is gone at once. Deleting leaves tombstones, so this is no way to delete.
    #[error("the commit empties the vault at once")]
    SuddenlyEmpty,
}

impl ManifestCommit {
    /// The commit that follows.
    #[must_use]
    pub fn next(
        subject: Id,
        head: &ManifestHead,
        root: Digest,
        device: Id,
        time: Timestamp,
    ) -> Self {
        let epoch = head.epoch.saturating_add(1);
        Self { subject, epoch, previous: head.root, root, device, time }
    }

    /// The head that it makes.
    #[must_use]
    pub fn head(&self) -> ManifestHead {
        ManifestHead { epoch: self.epoch, root: self.root }
    }

    /// Checks all that can be checked without anything else.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        demand(self.subject.kind == Kind::Vault, "subject", "is no vault's id")?;
        demand(self.device.kind == Kind::Device, "device", "is no device's id")?;
        demand(self.epoch > 0, "epoch", "is 0, which is the empty manifest's")?;
        demand(self.root != self.previous, "root", "is the previous one: nothing changes")
    }

    /// What a server checks: for this vault, by the device whose signature was verified,
    /// fresh, and on top of what is there.
    ///
    /// # Errors
    /// [`Rejection::ManifestConflict`] when the manifest has moved on, else as
    /// [`crate::document::command::DeviceCommand::check`].
    pub fn check(
        &self,
        head: &ManifestHead,
        vault: Id,
        device: Id,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        self.validate()?;
        if self.subject != vault || self.device != device {
            return Err(Rejection::Forbidden);
        }
        if self.time > now.after(CLOCK_SKEW) || now.since(self.time) > AGE_MAX {
            return Err(Rejection::BadSignature);
        }
        let follows = head.epoch.checked_add(1) == Some(self.epoch) && self.previous == head.root;
        if follows { Ok(()) } else { Err(Rejection::ManifestConflict) }
    }

    /// What a device checks of a commit that the server shows, once its signature fitted the
    /// key of [`ManifestCommit::device`]: `known` is the last head that it believed. Gives the
    /// head to believe from now on. `empty_confirmed` is the person's word that all is gone.
    ///
    /// # Errors
    /// Why not to believe it.
    pub fn accept(
        &self,
        known: &ManifestHead,
        vault: Id,
        device_revoked: bool,
        empty_confirmed: bool,
    ) -> Result<ManifestHead, Distrust> {
        if self.subject != vault || self.device.kind != Kind::Device {
            return Err(Distrust::AnotherVault);
        }
        if self.epoch < known.epoch {
            return Err(Distrust::LowerEpoch);
        }
        if self.epoch == known.epoch {
            let same = self.root == known.root;
            return if same { Ok(*known) } else { Err(Distrust::AnotherRoot) };
        }
        if device_revoked {
            return Err(Distrust::RevokedDevice);
        }
        if known.epoch.checked_add(1) != Some(self.epoch) {
            return Err(Distrust::Gap);
        }
        if self.previous != known.root {
            return Err(Distrust::BrokenChain);
        }
        if self.root == empty_root() && !empty_confirmed {
            return Err(Distrust::SuddenlyEmpty);
        }
        Ok(self.head())
    }
}

#[cfg(test)]
mod tests;
