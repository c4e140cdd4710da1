//! Any sequence of commands keeps the invariants, and the stored events replay to the live
//! state. A world of maps takes the place of shell and store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "acts/cast.rs"]
mod cast;
#[path = "acts/counter.rs"]
mod counter;
#[path = "acts/counting.rs"]
mod counting;
#[path = "acts/devices.rs"]
mod devices;
#[path = "acts/invariants.rs"]
mod invariants;
#[path = "acts/objects.rs"]
mod objects;
#[path = "acts/recovery.rs"]
mod recovery;
#[path = "acts/reverse.rs"]
mod reverse;
#[path = "acts/scenes.rs"]
mod scenes;
#[path = "acts/world.rs"]
mod world;
