//! objects: see HTTP.md.

use super::route::Route;

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    Vec::new()
}
