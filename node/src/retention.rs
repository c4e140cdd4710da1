//! What a node forgets when its time is over: events, ciphertext that nothing names, blobs.
//!
//! Nothing here is needed for correctness: expiry is judged where it matters. It keeps what
//! is stored from growing for ever, and what a person has replaced or deleted from staying.

pub mod events;
pub mod objects;

use crate::http::state::App;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

/// How often queues and vaults are gone through.
const HOURLY: Duration = Duration::from_secs(3_600);
/// How often blobs that no record names are looked for.
const BLOBS_EVERY: Duration = Duration::from_secs(600);

/// Forgets until the node stops.
pub async fn run(app: Arc<App>) {
    tokio::join!(
        every(HOURLY, &app, "old events", async |app| events::forget(app, app.now()).await),
        every(HOURLY, &app, "objects that nothing names", async |app| objects::erase(app).await),
        every(BLOBS_EVERY, &app, "blobs that nothing names", async |app| {
            app.blobs.sweep(app.store.as_ref(), app.now()).await
        }),
    );
}

async fn every<F, Fault>(period: Duration, app: &App, what: &str, forget: F)
where
    F: AsyncFn(&App) -> Result<u64, Fault>,
    Fault: Display,
{
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(period) => {}
        }
        match forget(app).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "{what} were removed"),
            Err(fault) => tracing::warn!(%fault, "{what} cannot be removed"),
        }
    }
}
