//! The HTTP API: three listeners, each a table of routes.
//!
//! A handler is thin: guard, parse, prepare, call the router, show. It decides nothing.

pub mod call;
pub mod ciphertext;
pub mod guard;
pub mod json;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod route;
pub mod state;
pub mod statement;
pub mod trouble;

mod commands;
mod registration;

pub mod accounts;
pub mod approvals;
pub mod authority;
pub mod device_grants;
pub mod devices;
pub mod events;
pub mod export;
pub mod front_ends;
pub mod grants;
pub mod hints;
pub mod institutions;
pub mod manifest;
pub mod oauth;
pub mod objects;
pub mod offers;
pub mod operator;
pub mod qr;
pub mod reads;
pub mod sessions;
pub mod vault;
pub mod view;
pub mod web;

use axum::Router;
use axum::middleware;
use problem::Problem;
use route::Route;
use state::App;
use std::sync::Arc;
use trouble::Trouble;

/// What the web listener answers: phones, pages, front ends.
#[must_use]
pub fn web_routes() -> Vec<Route> {
    [
        pages::routes(),
        web::web_routes(),
        authority::routes(),
        oauth::web_routes(),
        front_ends::web_routes(),
        sessions::routes(),
        hints::routes(),
        qr::routes(),
        events::web_routes(),
        accounts::routes(),
        devices::routes(),
        approvals::routes(),
        objects::routes(),
        manifest::routes(),
        vault::routes(),
        export::routes(),
        device_grants::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the partner listener answers: institutions.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    [
        pages::partner_routes(),
        web::partner_routes(),
        oauth::partner_routes(),
        institutions::routes(),
        offers::routes(),
        front_ends::partner_routes(),
        grants::partner_routes(),
        reads::routes(),
        events::partner_routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the operators' listener answers.
#[must_use]
pub fn operator_routes() -> Vec<Route> {
    [pages::health_routes(), operator::routes()].into_iter().flatten().collect()
}

/// A table as a router: every handler behind its guard, every problem written down.
pub fn router(app: &Arc<App>, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        router = router.route(route.path, route.into_handler(app));
    }
    router
        .fallback(|| async { Problem::from(Trouble::NoSuchRoute) })
        .method_not_allowed_fallback(|| async { Problem::from(Trouble::MethodNotAllowed) })
        .layer(middleware::from_fn_with_state(app.clone(), problem::finish))
        .with_state(app.clone())
}

#[cfg(test)]
mod tests;
