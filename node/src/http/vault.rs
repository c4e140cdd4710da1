//! The vault: its items as the manifest has them, its recovery sheet, its end.

use super::call::{Request as Asked, send};
use super::commands;
use super::guard::{Device, Guard};
use super::json::{Json, Params};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::view::Cursor;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;
use symbolon_domain::api::device::{ItemEntry, SignedCommand, VaultRecovery};
use symbolon_domain::api::{Bytes, Page};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::recovery::ROOT_WRAP_BYTES;
use symbolon_domain::crypto::wrap::Wrap;
use symbolon_domain::document::command::Action;
use symbolon_domain::entity::vault::{Command, ItemVersion, Recovery, Vault};
use symbolon_domain::jwk::P256Jwk;
use symbolon_domain::key::{self, Place, Row};
use symbolon_domain::port::{Entry, StoreFault};
use symbolon_domain::{Id, Rejection, record};

/// Most items of one page.
const PAGE_ITEMS: usize = 250;

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/vault/items", Guard::Device, items, "Every item's current version")
            .query(&["cursor"])
            .gives_page::<ItemEntry>(),
        Route::post("/v1/vault/recovery", Guard::Device, renew_recovery, "A new recovery sheet")
            .takes::<SignedCommand>(),
        Route::get("/v1/vault/recovery", Guard::Device, get_recovery, "For the recovery sheet")
            .gives::<VaultRecovery>(),
        Route::post("/v1/vault/delete", Guard::Device, delete, "Erases the vault")
            .takes::<SignedCommand>(),
    ]
}

/// The device's vault, which must not be deleted.
///
/// # Errors
/// [`Rejection::VaultGone`], or the store's fault.
pub(super) async fn live(app: &App, device: &Device) -> Answer<Id> {
    let id = device.head.vault;
    let vault: Vault = app.head_of(id).await?;
    vault.live()?;
    Ok(id)
}

async fn items(
    State(app): State<Arc<App>>,
    device: Device,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<ItemEntry>>> {
    let vault = live(&app, &device).await?;
    let range = key::rows_like(vault, &Row::VaultItem(Digest([0; 32])));
    let found = app.store.scan(&cursor.rest(&range)?, PAGE_ITEMS).await?;
    let next = (found.len() == PAGE_ITEMS).then(|| found.last()).flatten();
    let cursor = next.and_then(|entry| Cursor::after(&range, &entry.key));
    let items = found.iter().map(item_entry).collect::<Result<_, StoreFault>>()?;
    Ok(Json(Page { items, cursor }))
}

/// An item's row as the devices see it.
pub(super) fn item_entry(row: &Entry) -> Result<ItemEntry, StoreFault> {
    let Ok(Place::Row(vault, Row::VaultItem(item))) = Place::parse(&row.key) else {
        return Err(StoreFault::Corrupt("an item's row has another's key".into()));
    };
    let version: ItemVersion = record::decode(&row.value)
        .map_err(|error| StoreFault::Corrupt(format!("{vault} item {item}: {error}")))?;
    Ok(ItemEntry {
        item,
        version: version.version,
        epoch: version.epoch,
        object: Bytes(version.object.to_vec()),
        digest: version.digest,
        size: version.size,
        salt: Bytes(version.salt.to_vec()),
        tombstone: version.tombstone,
    })
}

/// The stored form of what a device commits.
///
/// # Errors
/// Names the field that is of the wrong length.
pub(super) fn item_version(entry: &ItemEntry) -> Answer<ItemVersion> {
    let invalid = |detail: &str| Problem::from(Rejection::InvalidRequest).detail(detail);
    Ok(ItemVersion {
        version: entry.version,
        epoch: entry.epoch,
        object: entry.object.0[..].try_into().map_err(|_| invalid("object must be 16 bytes"))?,
        digest: entry.digest,
        size: entry.size,
        salt: entry.salt.0[..].try_into().map_err(|_| invalid("salt must be 32 bytes"))?,
        tombstone: entry.tombstone,
    })
}

/// The stored form of what a recovery sheet needs.
///
/// # Errors
/// When the wrap cannot be one of a root key.
pub(super) fn recovery(key: P256Jwk, wrap: Wrap) -> Answer<Recovery> {
    if wrap.as_bytes().len() == ROOT_WRAP_BYTES {
        return Ok(Recovery { key: key.key, wrap });
    }
    let detail = format!("recovery.wrap must be {ROOT_WRAP_BYTES} bytes");
    Err(Problem::from(Rejection::InvalidRequest).detail(detail))
}

async fn renew_recovery(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    Json(signed): Json<SignedCommand>,
) -> Answer<StatusCode> {
    let commanded = commands::verify(&app, &asked, device.id, &device.head, &signed).await?;
    let Action::RenewRecovery { key, wrap } = commanded.action.clone() else {
        return Err(commands::another_action());
    };
    let command = Command::RenewRecovery(recovery(key, wrap)?);
    let mut call = asked.call(&app, device.head.vault, command);
    call.keep = Some(commanded.keep());
    send(&app, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn get_recovery(State(app): State<Arc<App>>, device: Device) -> Answer<Json<VaultRecovery>> {
    let head: Vault = app.head_of(device.head.vault).await?;
    head.live()?;
    Ok(Json(head.recovery.ok_or(Rejection::NotFound)?.into()))
}

async fn delete(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    Json(signed): Json<SignedCommand>,
) -> Answer<StatusCode> {
    let commanded = commands::verify(&app, &asked, device.id, &device.head, &signed).await?;
    commanded.demand(&Action::DeleteVault {})?;
    let mut call = asked.call(&app, device.head.vault, Command::Delete);
    call.keep = Some(commanded.keep());
    send(&app, call).await?;
    Ok(StatusCode::NO_CONTENT)
}
