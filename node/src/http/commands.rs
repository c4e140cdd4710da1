//! A device's signed commands: verified before anything of them is believed.

use super::call::{Request as Asked, send};
use super::problem::{Answer, Cause, Problem};
use super::state::App;
use symbolon_actors::prepare::{RelyingParty, confirmed};
use symbolon_domain::api::device::SignedCommand;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::P256Public;
use symbolon_domain::document::command::{AGE_MAX, Action, CLOCK_SKEW, DeviceCommand};
use symbolon_domain::entity::device::{Command, Device, SignCount};
use symbolon_domain::jws::{JwsError, Typ, Unverified};
use symbolon_domain::key::Row;
use symbolon_domain::port::{Keep, Principal};
use symbolon_domain::{Id, Rejection};

/// A command that its device signed and, where it must, its person confirmed.
#[derive(Clone, Debug)]
pub(super) struct Commanded {
    /// What is to be done.
    pub(super) action: Action,
    /// SHA-256 of the signed bytes.
    pub(super) digest: Digest,
    device: Id,
    nonce: Digest,
}

/// The wallet's pages, as credentials are bound to them.
pub(super) fn relying_party(app: &App) -> RelyingParty {
    RelyingParty {
        issuer: app.site.issuer.clone(),
        id: app.site.rp_id.clone(),
        origins: vec![app.site.wallet_origin.clone()],
    }
}

/// Tells a device what its authenticator has counted to. Before anything is done that was
/// confirmed with it: a copy of a credential that counts confirms nothing here.
///
/// # Errors
/// [`Rejection::AuthenticatorCopied`], or the store's.
pub(super) async fn count(
    app: &App,
    asked: &Asked,
    id: Id,
    device: &Device,
    seen: SignCount,
) -> Answer<()> {
    // Most never count: nothing is written for them.
    let silent = seen.count == 0 && device.registration.authenticator.sign_count == 0;
    if silent && app.row(id, &Row::DeviceSignCount).await?.is_none() {
        return Ok(());
    }
    let mut call = asked.call(app, id, Command::Count(seen));
    call.principal = Principal::System;
    let told = send(app, call).await;
    if let Err(problem) = &told
        && problem.cause == Cause::Rejection(Rejection::AuthenticatorCopied)
    {
        tracing::warn!(device = %id, "an authenticator has counted less than before");
    }
    told.map(drop)
}

/// Verifies a command by this device: signature, cluster, vault, age, and the person's
/// confirmation, which counts wherever it is sent.
///
/// # Errors
/// What does not hold.
pub(super) async fn verify(
    app: &App,
    asked: &Asked,
    id: Id,
    device: &Device,
    signed: &SignedCommand,
) -> Answer<Commanded> {
    let unverified = Unverified::parse(&signed.command, Typ::Command)?;
    let verified = unverified
        .verify::<DeviceCommand>(app.crypto.as_ref(), &device.registration.signing_key)?;
    let party = relying_party(app);
    verified.payload.check(&party.issuer, device.vault, id, app.now())?;
    match &signed.assertion {
        Some(assertion) => {
            let crypto = app.crypto.as_ref();
            let seen = confirmed(crypto, &party, device, assertion, &verified.digest)?;
            count(app, asked, id, device, seen).await?;
        }
        None if verified.payload.action.needs_user_verification() => {
            return Err(Rejection::UserVerificationRequired.into());
        }
        None => {}
    }
    let DeviceCommand { nonce, action, .. } = verified.payload;
    Ok(Commanded { action, digest: verified.digest, device: id, nonce })
}

/// Verifies the command that lets a device in, by the key of this vault's recovery sheet.
/// The sheet is the factor: it needs no confirmation.
///
/// # Errors
/// [`Rejection::RecoveryRefused`] for another sheet, or what else does not hold.
pub(super) fn verify_recovery(
    app: &App,
    vault: Id,
    key: &P256Public,
    device: Id,
    signed: &SignedCommand,
) -> Answer<Commanded> {
    let verified = Unverified::parse(&signed.command, Typ::Command)?
        .verify::<DeviceCommand>(app.crypto.as_ref(), key)
        .map_err(|error| match error {
            JwsError::Signature => Rejection::RecoveryRefused.into(),
            other => Problem::from(other),
        })?;
    verified.payload.check(&app.site.issuer, vault, device, app.now())?;
    let DeviceCommand { nonce, action, .. } = verified.payload;
    Ok(Commanded { action, digest: verified.digest, device, nonce })
}

/// What is signed is not what the address stands for.
pub(super) fn another_action() -> Problem {
    Problem::from(Rejection::InvalidRequest)
        .detail("the signed action is not the one that this address stands for")
}

impl Commanded {
    /// Demands that the command is the one that the address stands for.
    ///
    /// # Errors
    /// [`Rejection::InvalidRequest`].
    pub(super) fn demand(&self, action: &Action) -> Answer<()> {
        if self.action == *action {
            return Ok(());
        }
        Err(another_action())
    }

    /// The same command sent twice is one command: its answer is kept under its nonce for
    /// longer than its signature is fresh.
    pub(super) fn keep(&self) -> Keep {
        let fresh = (AGE_MAX + CLOCK_SKEW).as_secs();
        Keep {
            scope: Digest::lp("command-nonce", &[&self.device.to_bytes(), &self.nonce.0]),
            body_hash: self.digest,
            ttl_seconds: u32::try_from(2 * fresh).unwrap_or(u32::MAX),
            sealed_answer: None,
        }
    }
}
