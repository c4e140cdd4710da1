//! A second device: it asks with its keys, an older device signs them and lends the root key,
//! it joins with what the older one gave.
//!
//! Request and approval are texts for the person to carry over (a QR code, a file): whoever
//! reads them on the way learns nothing, since the root key is sealed to the new device.

use super::state::WalletState;
use super::{STATE, Wallet};
use crate::cluster::{self, PinnedCluster};
use crate::folder::Folder;
use crate::http3::{Http3, Request};
use crate::{ClientError, ambient};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use symbolon_domain::Id;
use symbolon_domain::api::Bytes;
use symbolon_domain::api::device::{DeviceCredential, JoinVault, SignedCommand};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::hpke::{self, Purpose};
use symbolon_domain::document::command::Action;
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::jws::{Typ, Unverified};
use symbolon_domain::secret::Secret;

/// What a new device shows to an older one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRequest {
    /// The cluster.
    pub issuer: String,
    /// The new device.
    pub device: Id,
    /// What the person calls it.
    pub name: String,
    /// Its signing key.
    pub signing_key: P256Jwk,
    /// What is sealed to it is sealed to this key.
    pub hpke_key: X25519Jwk,
}

impl DeviceRequest {
    /// Four digits from all that is in it: the person compares them on both screens.
    #[must_use]
    pub fn number(&self) -> String {
        let device = self.device.to_string();
        let signing_key = self.signing_key.thumbprint();
        let fields: [&[u8]; 4] =
            [self.issuer.as_bytes(), device.as_bytes(), &signing_key.0, &self.hpke_key.key];
        let [first, second, ..] = Digest::lp("device-number", &fields).0;
        format!("{:04}", u16::from_be_bytes([first, second]) % 10_000)
    }
}

/// What the older device gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceApproval {
    /// The vault.
    pub vault: Id,
    /// The signed command that lets the new device in.
    pub approval: SignedCommand,
    /// The root key, sealed to the new device.
    pub sealed_root: Bytes,
}

impl Wallet {
    /// Makes a new device's keys in a folder and gives what it shows to an older one.
    ///
    /// # Errors
    /// When the folder has a wallet already, or the node cannot be reached.
    pub async fn request_device(
        http: &Http3,
        folder: &Folder,
        name: &str,
    ) -> Result<DeviceRequest, ClientError> {
        if folder.has(STATE) {
            return Err(ClientError::input("the folder holds a wallet already"));
        }
        let pinned = PinnedCluster::pin(&cluster::fetch(http).await?)?;
        let state = WalletState::generate(pinned, name, None)?;
        folder.write(STATE, &state)?;
        Ok(DeviceRequest {
            issuer: state.cluster.issuer.clone(),
            device: state.device,
            name: state.name.clone(),
            signing_key: state.signing_jwk()?,
            hpke_key: state.hpke_jwk()?,
        })
    }

    /// Lets a new device in: signs its keys and seals the root key to it.
    ///
    /// # Errors
    /// When it is of another cluster.
    pub fn approve_device(&self, request: &DeviceRequest) -> Result<DeviceApproval, ClientError> {
        if request.issuer != self.state.cluster.issuer {
            return Err(ClientError::input("the new device belongs to another cluster"));
        }
        let approval = self.command(Action::EnrolDevice {
            device: request.device,
            name: request.name.clone(),
            signing_key: request.signing_key,
            hpke_key: request.hpke_key.clone(),
        })?;
        let info = self.root_info(&approval, self.state.vault, request.device)?;
        let sealed_root = hpke::seal(
            &request.hpke_key.key,
            &info,
            &[],
            self.state.root.expose(),
            &ambient::secret()?,
        )?;
        Ok(DeviceApproval { vault: self.state.vault, approval, sealed_root: sealed_root.into() })
    }

    /// Joins the vault with what the older device gave, and fetches what it holds.
    ///
    /// # Errors
    /// When the approval is for another device, or the node refuses.
    pub async fn join(
        http: Arc<Http3>,
        folder: Folder,
        approval: DeviceApproval,
    ) -> Result<Self, ClientError> {
        let mut wallet = Self::open(http, folder)?;
        if wallet.state.token.is_some() {
            return Err(ClientError::input("this device has joined already"));
        }
        let info = wallet.root_info(&approval.approval, approval.vault, wallet.state.device)?;
        let root = hpke::open(&wallet.state.hpke, &info, &[], &approval.sealed_root.0)
            .ok()
            .and_then(|root| root.as_slice().try_into().ok().map(Secret::new))
            .ok_or_else(|| ClientError::untrusted("the approval is for another device"))?;
        wallet.state.vault = approval.vault;
        wallet.state.root = root;
        wallet.save()?;
        let join = JoinVault {
            vault: wallet.state.vault,
            device: wallet.state.device,
            registration: wallet.state.registration()?,
            approval: approval.approval,
        };
        let request = Request::post("/v1/devices").json(&join)?;
        let given: DeviceCredential =
            wallet.proof.send(&wallet.http, None, &request).await?.json()?;
        wallet.take_credential(given)?;
        wallet.pull().await?;
        Ok(wallet)
    }

    // Bound to the very command that lets the device in.
    fn root_info(
        &self,
        approval: &SignedCommand,
        vault: Id,
        device: Id,
    ) -> Result<Vec<u8>, ClientError> {
        let digest = Unverified::parse(&approval.command, Typ::Command)?.digest();
        Ok(hpke::info(&digest, Purpose::RootKey, &self.state.cluster.issuer, vault, device))
    }
}
