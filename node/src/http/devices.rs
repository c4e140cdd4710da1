//! Devices of a vault: one lets another in, or the recovery sheet does; all are listed, one
//! ends another.

use super::call::{Request as Asked, send, unexpected};
use super::commands;
use super::guard::{Device, Guard, Proof};
use super::json::{At, Json, Params, Sent};
use super::problem::{Answer, Problem};
use super::registration;
use super::route::Route;
use super::state::App;
use super::vault;
use super::view::{self, Cursor};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use std::sync::Arc;
use symbolon_domain::api::Page;
use symbolon_domain::api::device::{DeviceCredential, DeviceView, JoinVault, SignedCommand};
use symbolon_domain::document::command::{Action, DeviceCommand};
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::device::{self, Command, Voucher};
use symbolon_domain::entity::vault::Vault;
use symbolon_domain::jws::{Typ, Unverified};
use symbolon_domain::key::Index;
use symbolon_domain::{Id, Kind, Rejection};

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/devices", Guard::Proof, join, "A device joins a vault")
            .takes::<JoinVault>()
            .gives::<DeviceCredential>(),
        Route::get("/v1/devices", Guard::Device, list, "The vault's devices")
            .query(&["cursor"])
            .gives_page::<DeviceView>(),
        Route::post("/v1/devices/{id}/revoke", Guard::Device, revoke, "Lets a device in no more")
            .takes::<SignedCommand>(),
    ]
}

async fn join(
    State(app): State<Arc<App>>,
    asked: Asked,
    proof: Proof,
    sent: Sent<JoinVault>,
) -> Answer<Response> {
    let joining = sent.value;
    let voucher = voucher(&app, &asked, &joining).await?;
    let JoinVault { vault, device, registration, .. } = joining;
    let registration = registration::verify(&app, &proof, vault, device, &registration)?;
    let (token, credential) = registration::issue(&app, vault, device);
    let command = Command::Enrol { voucher, registration: Box::new(registration), token };
    let mut call = asked.call(&app, device, command);
    call.keep = registration::own(&proof, asked.keep_sealed(&app, &sent.bytes, None, &credential)?);
    match send(&app, call).await? {
        Reply::Device(_) => Ok(Json(credential).into_response()),
        Reply::Kept(kept) => asked.open_kept(&app, &sent.bytes, None, &kept),
        _ => Err(unexpected()),
    }
}

// On whose word the device joins. Its age is what keeps an approval from being used later:
// the new device's id is used up by the first that arrives.
async fn voucher(app: &App, asked: &Asked, joining: &JoinVault) -> Answer<Voucher> {
    // Only to find the key to verify with.
    let claimed: DeviceCommand =
        Unverified::parse(&joining.approval.command, Typ::Command)?.claimed()?;
    claimed.validate()?;
    if matches!(claimed.action, Action::Recover { .. }) {
        recovered(app, joining).await
    } else {
        approved(app, asked, claimed.device, joining).await
    }
}

async fn approved(app: &App, asked: &Asked, approver: Id, joining: &JoinVault) -> Answer<Voucher> {
    let head: device::Device = app.head_of(approver).await?;
    head.active()?;
    if head.vault != joining.vault {
        return Err(Rejection::NotFound.into());
    }
    let JoinVault { device, registration, approval, .. } = joining;
    let approved = commands::verify(app, asked, approver, &head, approval).await?;
    approved.demand(&Action::EnrolDevice {
        device: *device,
        name: registration.name.clone(),
        signing_key: registration.signing_key,
        hpke_key: registration.hpke_key.clone(),
    })?;
    Ok(Voucher::Device(approver))
}

async fn recovered(app: &App, joining: &JoinVault) -> Answer<Voucher> {
    let JoinVault { vault, device, registration, approval } = joining;
    // No vault, one without a sheet, and one with another sheet are one answer.
    let head: Option<Vault> = app.head(*vault).await?;
    let recovery = head.as_ref().and_then(|head| head.recovery.as_ref());
    let key = recovery.ok_or(Rejection::RecoveryRefused)?.key;
    commands::verify_recovery(app, *vault, &key, *device, approval)?.demand(&Action::Recover {
        device: *device,
        name: registration.name.clone(),
        signing_key: registration.signing_key,
        hpke_key: registration.hpke_key.clone(),
    })?;
    Ok(Voucher::Recovery { vault: *vault, key })
}

async fn list(
    State(app): State<Arc<App>>,
    device: Device,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<DeviceView>>> {
    let vault = vault::live(&app, &device).await?;
    let range = Index::DevicesOf(vault, device.id).siblings();
    let page = view::page::<device::Device>(&app, &range, &cursor).await?;
    Ok(Json(view::map_page(page, |(id, head)| device_view(id, &head))))
}

async fn revoke(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    At(id): At<Id>,
    Json(signed): Json<SignedCommand>,
) -> Answer<StatusCode> {
    if id.kind != Kind::Device {
        return Err(Problem::from(Rejection::NotFound));
    }
    let commanded = commands::verify(&app, &asked, device.id, &device.head, &signed).await?;
    commanded.demand(&Action::RevokeDevice { device: id })?;
    let mut call = asked.call(&app, id, Command::Revoke);
    call.keep = Some(commanded.keep());
    send(&app, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A device as the others of its vault see it.
pub(super) fn device_view(id: Id, head: &device::Device) -> DeviceView {
    DeviceView {
        id,
        name: head.registration.name.clone(),
        revoked: head.revoked,
        admitted: head.admitted,
        created: head.created,
    }
}
