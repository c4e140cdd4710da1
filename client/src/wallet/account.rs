//! Making a vault with its first device.

use super::state::WalletState;
use super::{NewSheet, STATE, Wallet};
use crate::cluster::{self, PinnedCluster};
use crate::folder::Folder;
use crate::http3::{Http3, Request};
use crate::proof::ProofKey;
use crate::{ClientError, pages};
use std::sync::Arc;
use symbolon_domain::Id;
use symbolon_domain::api::device::{CreateAccount, DeviceCredential, DeviceView};
use symbolon_domain::document::command::Action;

impl Wallet {
    /// Makes a vault, pins the cluster's root, and keeps the keys in the folder. They are
    /// there before the node hears of them, so that a lost answer loses no vault: what is
    /// there already is enrolled again. The recovery sheet is for the person to write down
    /// now: it is kept nowhere.
    ///
    /// # Errors
    /// When the folder has a wallet already, or the node refuses.
    pub async fn create(
        http: Arc<Http3>,
        folder: Folder,
        name: &str,
    ) -> Result<(Self, NewSheet), ClientError> {
        let state = if folder.has(STATE) {
            let kept: WalletState = folder.read(STATE)?;
            if kept.token.is_some() {
                return Err(ClientError::input(format!(
                    "{} holds a wallet already; choose another folder",
                    folder.path().display()
                )));
            }
            kept
        } else {
            let pinned = PinnedCluster::pin(&cluster::fetch(&http).await?)?;
            WalletState::generate(pinned, name, None)?
        };
        folder.write(STATE, &state)?;
        let mut wallet = Self { http, proof: ProofKey::new(state.signing.clone()), folder, state };
        let (sheet, recovery) = wallet.state.new_sheet()?;
        let account = CreateAccount {
            vault: wallet.state.vault,
            device: wallet.state.device,
            registration: wallet.state.registration()?,
            recovery: Some(recovery),
        };
        let request = Request::post("/v1/accounts").json(&account)?;
        let given: DeviceCredential =
            wallet.proof.send(&wallet.http, None, &request).await?.json()?;
        wallet.take_credential(given)?;
        Ok((wallet, sheet))
    }

    pub(super) fn take_credential(&mut self, given: DeviceCredential) -> Result<(), ClientError> {
        if given.vault != self.state.vault || given.device != self.state.device {
            return Err(ClientError::Answer("a credential of another device".into()));
        }
        self.state.token = Some(given.token);
        self.save()
    }

    /// The vault's devices.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn devices(&self) -> Result<Vec<DeviceView>, ClientError> {
        pages::all("/v1/devices", async |request| self.send(request).await).await
    }

    /// Lets a device in no more.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn revoke_device(&self, device: Id) -> Result<(), ClientError> {
        let command = self.command(Action::RevokeDevice { device })?;
        let request = Request::post(format!("/v1/devices/{device}/revoke")).json(&command)?;
        self.send(request).await?.ok().map(drop)
    }
}
