//! All of a vault at once: taking it along, or erasing it.

use super::Wallet;
use crate::ClientError;
use crate::http3::{Body, Request};
use symbolon_domain::document::command::Action;

impl Wallet {
    /// Everything that the node keeps of this vault, as lines of JSON.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn export(&self) -> Result<Body, ClientError> {
        let command = self.command(Action::Export {})?;
        self.stream(Request::post("/v1/vault/export").json(&command)?).await
    }

    /// Erases the vault. It cannot be taken back.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn delete_vault(&self) -> Result<(), ClientError> {
        let command = self.command(Action::DeleteVault {})?;
        let request = Request::post("/v1/vault/delete").json(&command)?;
        self.send(request).await?.ok().map(drop)
    }
}
