//! The pages: the phone's and the front end's on the web listener, the institution's console
//! on the partners'. Nothing here knows anybody: what a page may see it asks for itself.

mod bundle;

use super::guard::Guard;
use super::json::At;
use super::pages;
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bundle::{File, media_type};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::sync::Arc;
use symbolon_domain::{Id, Kind};

/// Scripts, styles and requests of our own origin alone; text becomes a script nowhere but
/// through the one policy that names the service worker.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types symbolon";
/// The camera, for codes; nothing else that looks, listens, locates or pays.
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(), geolocation=(), \
    display-capture=(), payment=(), usb=(), serial=(), hid=(), midi=()";
/// Names that hold a hash of what is in the file.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATED: &str = "no-cache";
const HSTS: &str = "max-age=31536000";

const HTML: &str = "text/html";

/// What the web listener shows.
pub(super) fn web_routes() -> Vec<Route> {
    let page = |path, summary| Route::get(path, Guard::Anyone, phone, summary).gives_bytes(HTML);
    let file = |path, summary| Route::get(path, Guard::Anyone, fixed, summary);
    let mut routes = vec![
        page("/", "The phone's page"),
        page("/recover", "The phone's page, for a recovery sheet's link"),
        page("/h", "The phone's page, for a link that a terminal should have read"),
        Route::get("/s/{id}", Guard::Anyone, session, "The phone's page, for a scanned link")
            .gives_bytes(HTML),
        Route::get("/front-end", Guard::Anyone, front_end, "The front end's page")
            .gives_bytes(HTML),
        file("/service-worker.js", "Keeps the phone's page for when there is no network")
            .gives_bytes("text/javascript"),
        file("/manifest.webmanifest", "How the phone's page is installed")
            .gives_bytes("application/manifest+json"),
        Route::get("/icons/{name}", Guard::Anyone, icon, "An icon").gives_bytes("image/*"),
    ];
    routes.push(assets(Guard::Anyone));
    routes
}

/// What the partner listener shows to who has a certificate.
pub(super) fn partner_routes() -> Vec<Route> {
    vec![
        Route::get("/", Guard::Certificate, console, "The institution's console").gives_bytes(HTML),
        Route::get("/icons/{name}", Guard::Certificate, icon, "An icon").gives_bytes("image/*"),
        assets(Guard::Certificate),
    ]
}

fn assets(guard: Guard) -> Route {
    Route::get("/assets/{name}", guard, asset, "A script or style, for ever the same")
        .gives_bytes("text/javascript")
}

async fn phone(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer<Response> {
    give(&app, &headers, "phone.html", REVALIDATED).await
}

async fn front_end(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer<Response> {
    give(&app, &headers, "front-end.html", REVALIDATED).await
}

async fn console(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer<Response> {
    give(&app, &headers, "console.html", REVALIDATED).await
}

// The fragment of the link stays in the browser: the server never sees the thumbprint.
async fn session(
    State(app): State<Arc<App>>,
    At(id): At<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    if Id::parse(Kind::Session, &id).is_err() {
        let body = "<p>This link is incomplete.</p>";
        return Ok(pages::html(StatusCode::NOT_FOUND, "No such link", body));
    }
    give(&app, &headers, "phone.html", REVALIDATED).await
}

/// A file that has the name of its path.
async fn fixed(
    State(app): State<Arc<App>>,
    uri: http::Uri,
    headers: HeaderMap,
) -> Answer<Response> {
    give(&app, &headers, uri.path().trim_start_matches('/'), REVALIDATED).await
}

async fn icon(
    State(app): State<Arc<App>>,
    At(name): At<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    give(&app, &headers, &format!("icons/{name}"), REVALIDATED).await
}

async fn asset(
    State(app): State<Arc<App>>,
    At(name): At<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    give(&app, &headers, &format!("assets/{name}"), IMMUTABLE).await
}

async fn give(app: &App, asked: &HeaderMap, name: &str, cache: &'static str) -> Answer<Response> {
    let file = bundle::file(app.config.pages.as_deref(), name).await;
    let File { plain, brotli, tag } = file.ok_or(Problem::from(Trouble::NoSuchRoute))?;
    let brotli = brotli.filter(|_| takes_brotli(asked));
    // Each form has a tag of its own (RFC 9110 section 8.8.3.3).
    let tag = format!("\"{tag}{}\"", if brotli.is_some() { "-br" } else { "" });
    let mut response = match (knows(asked, &tag), brotli) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, Some(brotli)) => ([(header::CONTENT_ENCODING, "br")], brotli).into_response(),
        (false, None) => plain.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A development CA's host may be `localhost`, and the promise holds for all its ports.
    if app.config.tls.certificate.is_some() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    Ok(response)
}

/// Whether `br` is acceptable (RFC 9110 section 12.5.3).
fn takes_brotli(asked: &HeaderMap) -> bool {
    let weight = |coding: &str| {
        elements(asked, &header::ACCEPT_ENCODING).find_map(|element| {
            let mut parts = element.split(';').map(str::trim);
            let name = parts.next()?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
            name.eq_ignore_ascii_case(coding).then(|| weight.unwrap_or(1.0))
        })
    };
    weight("br").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// Whether the caller has what this tag stands for (RFC 9110 section 13.1.2).
fn knows(asked: &HeaderMap, tag: &str) -> bool {
    elements(asked, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}
