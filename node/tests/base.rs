//! The listeners and the whole node as a stranger meets them: every version of HTTP, every
//! bound, everything that can be sent wrong.

// Helpers of tests are tests to people, but not to clippy.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "base/bounds.rs"]
mod bounds;
#[path = "base/client.rs"]
mod client;
#[path = "base/drain.rs"]
mod drain;
#[path = "base/hostile.rs"]
mod hostile;
#[path = "base/pages.rs"]
mod pages;
#[path = "base/site.rs"]
mod site;
#[path = "base/versions.rs"]
mod versions;
#[path = "base/whole.rs"]
mod whole;
#[path = "base/wire.rs"]
mod wire;
