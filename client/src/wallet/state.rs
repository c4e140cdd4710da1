//! What a wallet keeps: keys, the pinned cluster, the manifest as it last believed it.

use super::SoftwareAuthenticator;
use crate::cluster::PinnedCluster;
use crate::folder::secret_text;
use crate::{ClientError, ambient};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use symbolon_domain::api::device::{DeviceRegistration, ItemEntry, WebAuthnRegistration};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::key_tree::RootKey;
use symbolon_domain::crypto::{Crypto, RustCrypto, hpke};
use symbolon_domain::entity::vault::ManifestHead;
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::manifest::empty_root;
use symbolon_domain::secret::{Secret, SecretText};
use symbolon_domain::{Id, Kind, Path, Timestamp};

/// The state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WalletState {
    /// The cluster, with its pinned root.
    pub cluster: PinnedCluster,
    /// The vault.
    pub vault: Id,
    /// This device.
    pub device: Id,
    /// What the person calls it.
    pub name: String,
    #[serde(with = "secret_text")]
    pub(super) root: Secret<32>,
    #[serde(with = "secret_text")]
    pub(super) signing: Secret<32>,
    #[serde(with = "secret_text")]
    pub(super) hpke: Secret<32>,
    #[serde(with = "secret_text")]
    pub(super) authenticator: Secret<32>,
    // None until the device was let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<SecretText>,
    /// The manifest's epoch and root, as last believed.
    pub manifest: ManifestHead,
    /// The items by path.
    pub items: BTreeMap<Path, KnownItem>,
    /// Sessions that were scanned and not answered yet.
    #[serde(default)]
    pub sessions: BTreeMap<Id, super::Scanned>,
}

/// An item as the wallet knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownItem {
    /// The current version, as the manifest has it.
    pub entry: ItemEntry,
    /// The key epoch of the next version: higher than the current one's once a grant that
    /// covered the future has ended.
    pub next_epoch: u32,
    /// When the item was first stored.
    pub created: Timestamp,
    /// The versions that this device has stored, oldest first.
    #[serde(default)]
    pub history: Vec<PastVersion>,
}

/// A version that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastVersion {
    /// Counts the versions.
    pub version: u64,
    /// When it was stored.
    pub at: Timestamp,
    /// Bytes of the object.
    pub size: u64,
    /// SHA-256 of the object: what a use names.
    pub digest: Digest,
}

impl WalletState {
    /// New keys for a new device; `vault` and `root` come from an older device, if there is one.
    pub(super) fn generate(
        cluster: PinnedCluster,
        name: &str,
        vault: Option<Id>,
    ) -> Result<Self, ClientError> {
        let region = cluster
            .region
            .parse()
            .map_err(|_| ClientError::Answer(format!("{} is no region's name", cluster.region)))?;
        let vault = match vault {
            Some(vault) => vault,
            None => Id::new(Kind::Vault, region, ambient::random()?),
        };
        Ok(Self {
            cluster,
            vault,
            device: Id::new(Kind::Device, vault.region, ambient::random()?),
            name: name.to_owned(),
            root: ambient::secret()?,
            signing: ambient::signing_key()?,
            hpke: ambient::secret()?,
            authenticator: ambient::signing_key()?,
            token: None,
            manifest: ManifestHead { epoch: 0, root: empty_root() },
            items: BTreeMap::new(),
            sessions: BTreeMap::new(),
        })
    }

    pub(super) fn root_key(&self) -> RootKey {
        RootKey::new(self.root.clone())
    }

    pub(super) fn token(&self) -> Result<&SecretText, ClientError> {
        self.token.as_ref().ok_or_else(|| {
            ClientError::input(
                "this device was not let in yet: approve its request on an older device, then join",
            )
        })
    }

    pub(super) fn authenticator(&self) -> Result<SoftwareAuthenticator, ClientError> {
        Ok(SoftwareAuthenticator::new(
            &RustCrypto,
            self.authenticator.clone(),
            &self.cluster.rp_id,
            &self.cluster.wallet_origin,
        )?)
    }

    pub(super) fn signing_jwk(&self) -> Result<P256Jwk, ClientError> {
        Ok(P256Jwk::new(RustCrypto.p256_public(&self.signing)?))
    }

    pub(super) fn hpke_jwk(&self) -> Result<X25519Jwk, ClientError> {
        Ok(X25519Jwk::new(hpke::public_key(&self.hpke)?))
    }

    // Keys, name and a fresh credential of the authenticator, bound to vault and device.
    pub(super) fn registration(&self) -> Result<DeviceRegistration, ClientError> {
        let unbound = WebAuthnRegistration {
            credential_id: Vec::new().into(),
            client_data: Vec::new().into(),
            authenticator_data: Vec::new().into(),
            amr: vec!["swk".into()],
        };
        let mut registration = DeviceRegistration {
            name: self.name.clone(),
            signing_key: self.signing_jwk()?,
            hpke_key: self.hpke_jwk()?,
            registration: unbound,
        };
        let challenge = registration.challenge(self.vault, self.device);
        let made = self.authenticator()?.register(&RustCrypto, &challenge)?;
        registration.registration.credential_id = made.credential_id.into();
        registration.registration.client_data = made.client_data.into();
        registration.registration.authenticator_data = made.authenticator_data.into();
        Ok(registration)
    }
}
