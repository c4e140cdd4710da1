//! `POST /oauth/token`: a code becomes tokens, a refresh token a further access token.

use super::{FormBytes, as_grant, demand_client, granted};
use crate::http::call::{Request, send, unexpected};
use crate::http::guard::Institution;
use crate::http::json::Json;
use crate::http::problem::{Answer, Problem};
use crate::http::state::App;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use symbolon_actors::prepare::{CodeRequest, RefreshRequest};
use symbolon_domain::Rejection;
use symbolon_domain::crypto::token::Token;
use symbolon_domain::entity::{Reply, grant::Grant, token};
use symbolon_domain::json::from_slice_strict;
use symbolon_domain::oauth::token_request::{TokenAnswer, TokenRequest};
use symbolon_domain::secret::SecretText;

/// What is kept, sealed, for a retry under the same `Idempotency-Key`: the tokens. The rest
/// of the answer is read again, so that it says what is true then.
#[derive(Serialize, Deserialize)]
struct KeptTokens {
    access_token: SecretText,
    refresh_token: Option<SecretText>,
}

/// Issues tokens.
pub async fn issue(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    FormBytes(body): FormBytes,
) -> Answer<Json<TokenAnswer>> {
    let asked = TokenRequest::parse(&body)?;
    demand_client(&institution, asked.client_id())?;
    let (client, certificate) = (institution.id, institution.certificate);
    // What was presented: a retry presents it again, and nobody else can.
    let credential = match &asked {
        TokenRequest::AuthorizationCode { code, .. } => code.to_text(),
        TokenRequest::RefreshToken { refresh_token, .. } => refresh_token.text().clone(),
    };
    let issued = match &asked {
        TokenRequest::AuthorizationCode { redirect_uri, code_verifier, .. } => {
            let prepared = CodeRequest {
                client,
                certificate,
                code: credential.expose(),
                verifier: code_verifier.expose(),
                redirect_uri: redirect_uri.clone(),
            };
            app.prepare.redeem(&prepared).await
        }
        TokenRequest::RefreshToken { .. } => {
            let refresh_token = credential.expose();
            app.prepare.refresh(&RefreshRequest { client, certificate, refresh_token }).await
        }
    };
    let issued = issued.map_err(|refusal| as_grant(refusal.into()))?;
    let kept = KeptTokens {
        access_token: issued.access.text().clone(),
        refresh_token: issued.refresh.as_ref().map(|token| token.text().clone()),
    };
    let credential = Some(credential.expose().as_bytes());
    let mut call = request.call(&app, issued.target, issued.command);
    call.keep = request.keep_sealed(&app, &body, credential, &kept)?;
    let tokens = match send(&app, call).await.map_err(as_grant)? {
        Reply::Redeemed(_) => kept,
        Reply::Kept(sealed) => {
            let text = request.open_kept_bytes(&app, &body, credential, &sealed)?;
            from_slice_strict(&text, 4_096)?
        }
        _ => return Err(unexpected()),
    };
    answer(&app, tokens).await.map(Json)
}

async fn answer(app: &App, tokens: KeptTokens) -> Answer<TokenAnswer> {
    let gone = || Problem::from(Rejection::InvalidGrant);
    let access = Token::parse_any(tokens.access_token.expose()).map_err(|_| gone())?;
    let head: token::Token = app.head(access.id()).await?.ok_or_else(gone)?;
    let grant_id = head.grant.ok_or_else(gone)?;
    let grant: Grant = app.head(grant_id).await?.ok_or_else(gone)?;
    // The act issued it only if the grant can be read more than once.
    let mut refresh_token = None;
    if let Some(text) = tokens.refresh_token {
        let refresh = Token::parse_any(text.expose()).map_err(|_| gone())?;
        let issued: Option<token::Token> = app.head(refresh.id()).await?;
        refresh_token = issued.map(|_| text);
    }
    Ok(TokenAnswer {
        access_token: tokens.access_token,
        token_type: "Bearer".into(),
        expires_in: head.expires.since(app.now()).as_secs(),
        refresh_token,
        scope: None,
        authorization_details: vec![granted::consent(app, grant_id, &grant).await?],
    })
}
