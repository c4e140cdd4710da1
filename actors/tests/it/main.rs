//! Tests of the shell and of its actors, over real entities.

// Helpers of tests are tests too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod batches;
mod bench;
mod duties;
mod erasing;
mod fixtures;
mod groups;
mod live;
mod node;
mod prepare;
mod simulation;
mod store_faults;
mod sweeping;
mod tables;
mod world;
