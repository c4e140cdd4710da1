//! A software wallet: one device of a person's vault.
//!
//! It makes and keeps the root key, seals items before they leave, checks what it scans
//! before it shows it, and signs what the person ticked. Its authenticator is software and
//! says so. Every change is on disk before the method returns.

mod account;
mod consent;
mod device;
mod document;
mod grants;
mod hint;
mod items;
mod link;
mod recovery;
mod scan;
mod state;
mod vault;

pub use consent::{Answered, ScanCode};
pub use device::{DeviceApproval, DeviceRequest};
pub use document::items_of_document;
pub use grants::Use;
pub use hint::ShownCode;
pub use items::{NewItem, StoredItem};
pub use link::SessionLink;
pub use recovery::{NewSheet, TypedSheet};
pub use scan::{Asked, AskedItem, Scanned};
pub use state::{KnownItem, PastVersion, WalletState};

use crate::folder::Folder;
use crate::http3::{Answer, Body, EventStream, Http3, Request};
use crate::proof::ProofKey;
use crate::{ClientError, EventSource, Following};
use std::sync::Arc;
use symbolon_domain::Id;
use symbolon_domain::api::device::{SignedCommand, WebAuthnAssertion};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::document::command::{Action, DeviceCommand};
use symbolon_domain::jws::{Typ, Unverified, sign};
use symbolon_domain::webauthn::software::SoftwareAuthenticator;

/// The file of a wallet's folder.
const STATE: &str = "wallet.json";

/// A wallet at a node.
#[derive(Debug)]
pub struct Wallet {
    http: Arc<Http3>,
    proof: ProofKey,
    folder: Folder,
    state: WalletState,
}

impl Wallet {
    /// Opens the wallet of a folder.
    ///
    /// # Errors
    /// When there is none in it.
    pub fn open(http: Arc<Http3>, folder: Folder) -> Result<Self, ClientError> {
        let state: WalletState = folder.read(STATE)?;
        Ok(Self { http, proof: ProofKey::new(state.signing.clone()), folder, state })
    }

    /// Whether a folder holds a wallet.
    #[must_use]
    pub fn exists(folder: &Folder) -> bool {
        folder.has(STATE)
    }

    /// What it keeps; no secret can be seen from outside.
    #[must_use]
    pub fn state(&self) -> &WalletState {
        &self.state
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> Id {
        self.state.vault
    }

    /// What happens to the vault, from the oldest event kept or after a position.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn events(&self, after: Option<&str>) -> Result<EventStream, ClientError> {
        Ok(EventStream::new(self.stream(crate::events_request(after)?).await?))
    }

    /// The same followed from stream to stream.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn follow(&self, after: Option<&str>) -> Result<Following<'_, Self>, ClientError> {
        Following::start(self, after).await
    }

    fn save(&self) -> Result<(), ClientError> {
        self.folder.write(STATE, &self.state)
    }

    async fn send(&self, request: Request) -> Result<Answer, ClientError> {
        self.proof.send(&self.http, Some(self.state.token()?), &request).await
    }

    async fn stream(&self, request: Request) -> Result<Body, ClientError> {
        self.proof.stream(&self.http, Some(self.state.token()?), &request).await
    }

    // Signs a command, and confirms it where the person must.
    fn command(&self, action: Action) -> Result<SignedCommand, ClientError> {
        let confirm = action.needs_user_verification();
        let command = DeviceCommand {
            issuer: self.state.cluster.issuer.clone(),
            vault: self.state.vault,
            device: self.state.device,
            nonce: Digest(crate::ambient::random()?),
            issued: crate::ambient::now(),
            action,
        };
        command.validate()?;
        let text = sign(&RustCrypto, &self.state.signing, Typ::Command, None, &command)?;
        let assertion = confirm.then(|| self.confirm(&text, Typ::Command)).transpose()?;
        Ok(SignedCommand { command: text, assertion })
    }

    // The person's confirmation of a signed text: an assertion over its digest.
    fn confirm(&self, text: &str, typ: Typ) -> Result<WebAuthnAssertion, ClientError> {
        let digest = Unverified::parse(text, typ)?.digest();
        let assertion = self.authenticator()?.confirm(&RustCrypto, &digest)?;
        Ok(WebAuthnAssertion {
            credential_id: assertion.credential_id.into(),
            client_data: assertion.client_data.into(),
            authenticator_data: assertion.authenticator_data.into(),
            signature: assertion.signature.into(),
        })
    }

    fn authenticator(&self) -> Result<SoftwareAuthenticator, ClientError> {
        self.state.authenticator()
    }
}

impl EventSource for Wallet {
    async fn open(&self, after: Option<&str>) -> Result<EventStream, ClientError> {
        self.events(after).await
    }
}
