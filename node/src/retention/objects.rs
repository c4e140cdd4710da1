//! Ciphertext that no manifest and no grant names is erased when its time is over.
//!
//! Pins are looked at here, before the vault decides: an object that the manifest does not
//! name can only lose pins, because a grant is given for current versions.

use crate::http::state::App;
use std::time::Duration;
use symbolon_domain::entity::vault::{Command, ERASED_MAX};
use symbolon_domain::key::{self, Place, Row};
use symbolon_domain::port::{Call, Principal, Range, StoreFault};
use symbolon_domain::{Id, Kind, Timestamp};

/// Vaults looked at at once.
const VAULTS: usize = 256;
/// Time for one vault's command.
const PATIENCE: Duration = Duration::from_secs(30);

/// Erases what may be erased now: how many objects.
///
/// # Errors
/// When the store fails.
pub async fn erase(app: &App) -> Result<u64, StoreFault> {
    let mut rest = key::heads(Kind::Vault);
    let mut erased = 0;
    loop {
        let heads = app.store.scan(&rest, VAULTS).await?;
        let Some(last) = heads.last() else { return Ok(erased) };
        rest.start = [&last.key[..], &[0]].concat();
        for head in &heads {
            let Ok(Place::Head(vault)) = Place::parse(&head.key) else {
                return Err(StoreFault::Corrupt("a vault's head has another's key".into()));
            };
            erased += erase_in(app, vault).await?;
            if app.stopping.is_cancelled() {
                return Ok(erased);
            }
        }
        // Requests come first.
        tokio::task::yield_now().await;
    }
}

async fn erase_in(app: &App, vault: Id) -> Result<u64, StoreFault> {
    let mut range = key::rows_like(vault, &Row::VaultErase(Timestamp(0), [0; 16]));
    range.end = key::row(vault, &Row::VaultErase(Timestamp(app.now().0 + 1), [0; 16]));
    let mut erased = 0;
    loop {
        let over = app.store.scan(&range, ERASED_MAX).await?;
        let Some(last) = over.last() else { return Ok(erased) };
        range.start = [&last.key[..], &[0]].concat();
        let mut objects = Vec::new();
        for entry in &over {
            let Ok(Place::Row(_, Row::VaultErase(_, object))) = Place::parse(&entry.key) else {
                return Err(StoreFault::Corrupt(format!("{vault}: a row has another's key")));
            };
            if !is_pinned(app, vault, object).await? {
                objects.push(object);
            }
        }
        if objects.is_empty() {
            continue;
        }
        let count = objects.len() as u64;
        let call = Call {
            principal: Principal::System,
            deadline: app.now().after(PATIENCE),
            request_id: app.entropy.bytes(),
            seed: app.entropy.bytes(),
            trace: None,
            target: vault,
            command: Command::Erase { objects }.into(),
            keep: None,
        };
        match app.router.call(call).await {
            Ok(Ok(_)) => erased += count,
            Ok(Err(rejection)) => tracing::warn!(%vault, %rejection, "objects were not erased"),
            // Its next round looks again.
            Err(fault) => tracing::warn!(%vault, %fault, "objects were not erased"),
        }
    }
}

async fn is_pinned(app: &App, vault: Id, object: [u8; 16]) -> Result<bool, StoreFault> {
    let range = Range::prefix(&key::pins(vault, object));
    Ok(!app.store.scan(&range, 1).await?.is_empty())
}
