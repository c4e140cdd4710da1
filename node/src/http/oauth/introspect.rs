//! `POST /oauth/introspect` (RFC 7662): what a token is. Of another's, and of one whose grant
//! lends nothing now, `active: false` and nothing more.

use super::{FormBytes, demand_client, granted};
use crate::http::guard::Institution;
use crate::http::json::Json;
use crate::http::problem::Answer;
use crate::http::state::App;
use axum::extract::State;
use std::sync::Arc;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::grant::Grant;
use symbolon_domain::entity::token::{self, Binding};
use symbolon_domain::oauth::introspection::{Confirmation, Introspection, LiveToken};
use symbolon_domain::oauth::token_request::TokenReference;

/// Looks at a token.
pub async fn show(
    State(app): State<Arc<App>>,
    institution: Institution,
    FormBytes(body): FormBytes,
) -> Answer<Json<Introspection>> {
    let asked = TokenReference::parse(&body)?;
    demand_client(&institution, asked.client_id)?;
    let live = match &asked.token {
        Some(token) => live(&app, &institution, token).await?,
        None => None,
    };
    Ok(Json(live.unwrap_or_else(Introspection::inactive)))
}

async fn live(
    app: &App,
    institution: &Institution,
    token: &Token,
) -> Answer<Option<Introspection>> {
    if !matches!(token.class(), TokenClass::Access | TokenClass::Refresh) {
        return Ok(None);
    }
    let now = app.now();
    let head: Option<token::Token> = app.head(token.id()).await?;
    let theirs = |head: &token::Token| {
        head.owner == institution.id
            && head.class == token.class()
            && head.hash == token.hash()
            && head.is_live(now)
    };
    let Some(head) = head.filter(theirs) else { return Ok(None) };
    let Some(grant_id) = head.grant else { return Ok(None) };
    let grant: Option<Grant> = app.head(grant_id).await?;
    let Some(grant) = grant.filter(|grant| grant.live(now).is_ok()) else { return Ok(None) };
    let confirmation = match head.binding {
        Binding::Certificate(x5t) => Confirmation::Certificate(x5t),
        Binding::Key(jkt) => Confirmation::Key(jkt),
        // A refresh token is bound to the client, whatever certificate it shows.
        Binding::Client(_) => Confirmation::Certificate(institution.certificate),
        Binding::Holder => return Ok(None),
    };
    let is_refresh = head.class == TokenClass::Refresh;
    let told = Introspection::of(LiveToken {
        issuer: app.site.issuer.clone(),
        client_id: institution.id,
        issued: head.created,
        expires: head.expires,
        confirmation,
        granted: granted::consent(app, grant_id, &grant).await?,
        acr: grant.authentication.acr,
        amr: grant.authentication.amr,
        auth_time: grant.authentication.auth_time,
    });
    Ok(Some(if is_refresh { Introspection { cnf: None, token_type: None, ..told } } else { told }))
}
