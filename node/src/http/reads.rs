//! reads.

use super::route::Route;

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    Vec::new()
}
/// The routes.
#[must_use]
pub fn web_routes() -> Vec<Route> {
    Vec::new()
}
/// The routes.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    Vec::new()
}
