//! `GET /.well-known/oauth-authorization-server` (RFC 8414).

use crate::http::state::App;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use symbolon_domain::oauth::metadata::Metadata;

/// The document.
pub async fn show(State(app): State<Arc<App>>) -> Json<Metadata> {
    let site = &app.site;
    Json(Metadata::new(&site.issuer, &site.issuer, &site.partner_origin))
}
