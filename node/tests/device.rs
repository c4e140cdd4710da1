//! What a wallet's device does at the web listener's router: over the real router, actors
//! and stores, without sockets.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "device/accounts.rs"]
mod accounts;
#[path = "device/counter.rs"]
mod counter;
#[path = "device/counting.rs"]
mod counting;
#[path = "device/recovery.rs"]
mod recovery;
#[path = "device/reverse.rs"]
mod reverse;
#[path = "device/sessions.rs"]
mod sessions;
#[path = "device/site.rs"]
mod site;
#[path = "device/stage.rs"]
mod stage;
#[path = "device/vault.rs"]
mod vault;
