//! `POST /oauth/revoke` (RFC 7009): the token and all that was issued for it end. What is
//! unknown, or another's, is answered as if it had been revoked.

use super::{FormBytes, demand_client};
use crate::http::call::{Request, send};
use crate::http::guard::Institution;
use crate::http::problem::Answer;
use crate::http::state::App;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;
use symbolon_domain::crypto::token::TokenClass;
use symbolon_domain::entity::token::Command;
use symbolon_domain::oauth::token_request::TokenReference;

/// Ends a token.
pub async fn end(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    FormBytes(body): FormBytes,
) -> Answer<StatusCode> {
    let asked = TokenReference::parse(&body)?;
    demand_client(&institution, asked.client_id)?;
    let token = asked.token.filter(|token| {
        let kind = matches!(token.class(), TokenClass::Access | TokenClass::Refresh);
        kind && token.region() == app.region
    });
    if let Some(token) = token {
        send(&app, request.call(&app, token.id(), Command::Revoke)).await?;
    }
    Ok(StatusCode::OK)
}
