//! `GET /oauth/authorize`: the same-device flow. The browser brings the reference of a
//! pushed request; its session is opened and the browser goes on to the wallet.

use crate::http::call::{Request, send, unexpected};
use crate::http::pages::{escaped, html};
use crate::http::problem::{Answer, Problem};
use crate::http::state::App;
use crate::http::statement;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use std::sync::Arc;
use symbolon_domain::Rejection;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::session::{Command, ResponseMode, Session};
use symbolon_domain::oauth::par::AuthorizationRequest;
use symbolon_domain::oauth::{ErrorCode, OAuthError};

/// Opens the session. What is wrong is shown as a page: nothing is sent back to anybody,
/// because nothing here proves whose redirect address it would be.
pub async fn begin(
    State(app): State<Arc<App>>,
    request: Request,
    RawQuery(query): RawQuery,
) -> Response {
    match open(&app, &request, &query.unwrap_or_default()).await {
        Ok(link) => redirect(&link),
        Err(problem) => page(&problem),
    }
}

async fn open(app: &App, request: &Request, query: &str) -> Answer<String> {
    let asked = AuthorizationRequest::parse(query)?;
    let unknown = || {
        let why = "the request is unknown, used or too old; begin again at the institution";
        Problem::from(OAuthError::new(ErrorCode::InvalidRequestUri, why))
    };
    let id = super::par::session_of(&asked.reference);
    let session: Session = app.head(id).await?.ok_or_else(unknown)?;
    if session.institution != asked.client_id || session.reference_hash != asked.reference.hash() {
        return Err(unknown());
    }
    if session.request.response_mode != ResponseMode::Query {
        return Err(Rejection::WrongResponseMode.into());
    }
    let statement = statement::make(app, id, &session, None).await?;
    let command = Command::Open {
        reference_hash: Some(asked.reference.hash()),
        hint: None,
        statement: statement.text.into_bytes(),
        statement_hash: statement.hash,
    };
    match send(app, request.call(app, id, command)).await? {
        Reply::Session(_) => Ok(statement.link),
        _ => Err(unexpected()),
    }
}

fn redirect(link: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(link) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn page(problem: &Problem) -> Response {
    let detail = problem.detail.as_deref().unwrap_or_else(|| problem.cause.help());
    let status = match &problem.oauth {
        Some(error) => {
            StatusCode::from_u16(error.error.status()).unwrap_or(StatusCode::BAD_REQUEST)
        }
        None => problem.cause.status(),
    };
    html(status, "This request cannot be opened", &format!("<p>{}</p>", escaped(detail)))
}
