//! What needs no guard: health, metadata, problem pages.

use super::guard::Guard;
use super::json::{At, Json};
use super::openapi;
use super::problem::{Answer, Cause, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use crate::data_folder::Purpose;
use crate::listen;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};
use symbolon_domain::api;
use symbolon_domain::jwk::P256Jwk;

/// What every listener but the partners' answers: is it alive, does it take requests?
#[must_use]
pub fn health_routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Guard::Anyone, healthz, "Whether the process answers")
            .gives_bytes("text/plain"),
        Route::get(
            "/readyz",
            Guard::Anyone,
            readyz,
            "Whether it takes requests; why not, with 503",
        )
        .gives_bytes("text/plain"),
    ]
}

/// The pages of the web listener.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = health_routes();
    routes.extend([
        Route::get("/openapi.json", Guard::Anyone, openapi::document, "This description")
            .gives_bytes("application/json"),
        Route::get("/problems/{code}", Guard::Anyone, problem_page, "The page of a problem's type")
            .gives_bytes("text/html"),
    ]);
    routes.extend(partner_routes());
    routes
}

/// What the partner listener answers to anyone with a certificate.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    vec![
        Route::get("/.well-known/symbolon", Guard::Anyone, cluster, "The cluster and its keys")
            .gives::<api::Cluster>(),
    ]
}

async fn healthz() -> &'static str {
    "ok\n"
}

/// Why the node takes no requests now, if it does not.
pub(crate) fn unready(app: &App) -> Result<(), Problem> {
    if app.stopping.is_cancelled() {
        return Err(Trouble::Stopping.into());
    }
    // The operator's status says what is wrong with it.
    app.store.health().map_err(|_| Trouble::StoreUnavailable.into())
}

async fn readyz(State(app): State<Arc<App>>) -> Answer<&'static str> {
    unready(&app).map(|()| "ready\n")
}

async fn cluster(State(app): State<Arc<App>>) -> Answer<Json<api::Cluster>> {
    let root = app.key(Purpose::ClusterRoot)?;
    let root = app.crypto.p256_public(&root.secret).map_err(|_| Trouble::Internal)?;
    let keys = app.keys.read().unwrap_or_else(PoisonError::into_inner).public_document().to_owned();
    Ok(Json(api::Cluster {
        issuer: app.site.issuer.clone(),
        wallet_origin: app.site.wallet_origin.clone(),
        region: app.region.to_string(),
        rp_id: app.site.rp_id.clone(),
        keys,
        root: P256Jwk::new(root),
        partner_origin: app.site.partner_origin.clone(),
    }))
}

async fn problem_page(At(code): At<String>) -> Response {
    let ours = Cause::all()
        .find(|cause| cause.code() == code)
        .map(|cause| (cause.title(), cause.help(), cause.locus()));
    let listeners = listen::problems()
        .into_iter()
        .find(|(known, ..)| *known == code)
        .map(|(_, locus, title, help)| (title, help, locus));
    match ours.or(listeners) {
        Some((title, help, locus)) => {
            let who = match locus {
                "client" => "whoever sent the request",
                "institution" => "the institution",
                "subject" => "the person whose data it is",
                "rule" => "a consent rule",
                "store" => "the node's store",
                _ => "the node",
            };
            let body = format!("<p>{help}</p><p>Whose it is: {who}. Code: <code>{code}</code></p>");
            html(StatusCode::OK, title, &body)
        }
        None => {
            let body = "<p>No problem has this code.</p>";
            html(StatusCode::NOT_FOUND, "Unknown problem", body)
        }
    }
}

/// Text that is safe in a page.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A small page without scripts. `title` and `body` must be safe: no text from a request.
#[must_use]
pub fn html(status: StatusCode, title: &str, body: &str) -> Response {
    html_in("en", status, title, body)
}

/// The same in another language (RFC 5646).
#[must_use]
pub fn html_in(language: &str, status: StatusCode, title: &str, body: &str) -> Response {
    let mut page = String::new();
    let _infallible = write!(
        page,
        "<!doctype html><html lang=\"{language}\"><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <body style=\"font:1rem/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem\">\
         <h1>{title}</h1>{body}"
    );
    let mut response = (status, page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
                  base-uri 'none'; form-action 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
