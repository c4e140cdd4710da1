//! The engines behind the Store port: [`EmbeddedStore`] keeps one folder on one disk
//! (fjall), [`MemoryStore`] keeps a map and forgets it. Both pass [`conformance`], and
//! [`dump`] moves what one holds into the other.
//!
//! What this crate deliberately does not do: it knows no entity, retries nothing, decides
//! no conflict and caches no answer. It keeps bytes in order, commits batches whole and
//! durably, and says exactly what became of each.
//!
//! Metrics: `symbolon_store_batches_total{result}`, `symbolon_store_groups_total`,
//! `symbolon_store_commit_seconds` (one group, preconditions to answers),
//! `symbolon_store_group_batches`, `symbolon_store_stalled` (1 while the watchdog barks).

pub mod conformance;
pub mod dump;

mod apply;
mod embedded;
mod memory;

pub use embedded::{EmbeddedOptions, EmbeddedStore, OpenError};
pub use memory::MemoryStore;
