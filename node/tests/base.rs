//! The listeners as a stranger meets them: every version of HTTP, every bound.

#[path = "base/bounds.rs"]
mod bounds;
#[path = "base/client.rs"]
mod client;
#[path = "base/drain.rs"]
mod drain;
#[path = "base/hostile.rs"]
mod hostile;
#[path = "base/site.rs"]
mod site;
#[path = "base/versions.rs"]
mod versions;
