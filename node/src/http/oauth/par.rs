//! `POST /oauth/par` (RFC 9126): a pushed request becomes a session.

use super::{FormBytes, demand_client};
use crate::http::call::{Request, send, unexpected};
use crate::http::guard::Institution;
use crate::http::json::json_bytes;
use crate::http::problem::{Answer, Problem};
use crate::http::state::App;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use std::sync::Arc;
use symbolon_domain::Id;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::document::offer::Offer as Document;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::front_end::{FrontEnd, FrontEndState};
use symbolon_domain::entity::offer::Offer;
use symbolon_domain::entity::session::{Command, PUSHED_LIFE};
use symbolon_domain::jws::{Typ, Unverified};
use symbolon_domain::key::Row;
use symbolon_domain::oauth::par::{PushedAnswer, PushedRequest, REQUEST_URI_PREFIX};
use symbolon_domain::oauth::{ErrorCode, OAuthError};

pub use symbolon_domain::oauth::par::session_of;

/// The reference in a `request_uri`.
///
/// # Errors
/// `invalid_request_uri` when it is none of ours.
pub fn reference(request_uri: &str) -> Answer<Token> {
    request_uri
        .strip_prefix(REQUEST_URI_PREFIX)
        .and_then(|reference| Token::parse(TokenClass::Request, reference).ok())
        .ok_or_else(|| {
            let why = "request_uri is none of this server's";
            OAuthError::new(ErrorCode::InvalidRequestUri, why).into()
        })
}

/// Takes the request in.
pub async fn push(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    FormBytes(body): FormBytes,
) -> Answer<Response> {
    let pushed = PushedRequest::parse(&body)?;
    demand_client(&institution, pushed.client_id)?;
    pushed.check_redirect_uri(&institution.head.description.redirect_uris)?;
    if let Some(front_end) = pushed.front_end {
        demand_front_end(&app, &institution, front_end).await?;
    }
    let offer = Offer::id(app.region, &pushed.consent.offer);
    let document = offer_document(&app, &institution, offer, &pushed).await?;
    pushed.consent.check(&document, &app.site.issuer)?;

    let reference = Token::new(TokenClass::Request, app.region, &app.entropy.bytes());
    let answer = PushedAnswer {
        request_uri: format!("{REQUEST_URI_PREFIX}{}", reference.text().expose()),
        expires_in: PUSHED_LIFE.as_secs(),
    };
    let command = Command::Push {
        request: Box::new(pushed.to_session_request(offer)),
        reference_hash: reference.hash(),
        document: pushed.to_bytes(),
    };
    let mut call = request.call(&app, session_of(&reference), command);
    call.keep = request.keep_sealed(&app, &body, None, &answer)?;
    match send(&app, call).await? {
        Reply::Session(_) => {
            let body = serde_json::to_vec(&answer).unwrap_or_default();
            Ok(json_bytes(StatusCode::CREATED, body))
        }
        Reply::Kept(kept) => {
            let text = request.open_kept_bytes(&app, &body, None, &kept)?;
            Ok(json_bytes(StatusCode::CREATED, text))
        }
        _ => Err(unexpected()),
    }
}

/// Demands an enrolled front end of the institution. The decision demands it again; here
/// the answer says what is wrong.
async fn demand_front_end(app: &App, institution: &Institution, id: Id) -> Answer<()> {
    let refused = |why| Err(OAuthError::new(ErrorCode::InvalidRequest, why).into());
    match app.head::<FrontEnd>(id).await? {
        Some(head) if head.institution == institution.id => match head.state {
            FrontEndState::Enrolled { .. } => Ok(()),
            _ => refused("front_end is not enrolled"),
        },
        _ => refused("front_end is none of the institution's"),
    }
}

async fn offer_document(
    app: &App,
    institution: &Institution,
    id: Id,
    pushed: &PushedRequest,
) -> Answer<Document> {
    let unknown = || {
        let why = "the institution has no offer with this hash";
        Problem::from(OAuthError::new(ErrorCode::InvalidAuthorizationDetails, why))
    };
    let head: Offer = app.head(id).await?.ok_or_else(unknown)?;
    if head.institution != institution.id || head.hash != pushed.consent.offer {
        return Err(unknown());
    }
    let bytes = app.row(id, &Row::OfferDocument).await?.ok_or_else(unknown)?;
    let text = String::from_utf8(bytes).map_err(|_| unknown())?;
    // Its signature was verified when it was proposed; its hash is its name.
    Ok(Unverified::parse(&text, Typ::Offer)?.claimed()?)
}
