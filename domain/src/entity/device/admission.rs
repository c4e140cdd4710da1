//! Admission: on whose word a device comes into a vault.

use super::Device;
use crate::crypto::P256Public;
use crate::entity::Facts;
use crate::entity::vault::Vault;
use crate::{Id, Rejection};
use serde::{Deserialize, Serialize};

/// On whose word a device came into its vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// It made the vault.
    First,
    /// This device of the vault let it in.
    Device(Id),
    /// The recovery sheet did.
    Recovery,
}

/// Whose signature lets a device in. The node has verified it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Voucher {
    /// A device's of the vault.
    Device(Id),
    /// The recovery sheet's.
    Recovery {
        /// Of this vault.
        vault: Id,
        /// With this key: it must still be the vault's.
        key: P256Public,
    },
}

impl Voucher {
    // The heads that say whether the word counts.
    pub(super) fn needs(self, facts: &Facts<'_>) -> impl Iterator<Item = Id> {
        let (device, vault) = match self {
            Self::Device(id) => (Some(id), facts.head::<Device>(id).ok().map(|head| head.vault)),
            Self::Recovery { vault, .. } => (None, Some(vault)),
        };
        device.into_iter().chain(vault)
    }

    // Which vault the device comes into, and what stays written of how.
    pub(super) fn admit(self, facts: &Facts<'_>) -> Result<(Id, Admission), Rejection> {
        match self {
            Self::Device(id) => {
                let device = facts.head::<Device>(id)?;
                device.active()?;
                facts.head::<Vault>(device.vault)?.live()?;
                Ok((device.vault, Admission::Device(id)))
            }
            Self::Recovery { vault, key } => {
                let head = facts.head::<Vault>(vault).map_err(|_| Rejection::RecoveryRefused)?;
                head.recovers(&key)?;
                Ok((vault, Admission::Recovery))
            }
        }
    }
}

impl Admission {
    /// The device that gave its word, if one did.
    #[must_use]
    pub fn device(self) -> Option<Id> {
        if let Self::Device(id) = self { Some(id) } else { None }
    }
}
