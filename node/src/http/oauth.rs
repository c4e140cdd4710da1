//! The OAuth endpoints (FAPI 2.0 Security Profile), each a file. Their errors are those of
//! RFC 6749: [`super::problem::finish`] writes them so for every path below `/oauth/`.

pub mod authorize;
pub mod granted;
pub mod introspect;
pub mod metadata;
pub mod par;
pub mod revoke;
pub mod token;

use super::guard::{Guard, Institution};
use super::json::{demand_media_type, read_body};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use std::sync::Arc;
use symbolon_domain::oauth::{ErrorCode, OAuthError, metadata as paths};
use symbolon_domain::{Id, Rejection};

const FORM: &str = "application/x-www-form-urlencoded";

/// Without a client certificate.
#[must_use]
pub fn web_routes() -> Vec<Route> {
    vec![
        Route::get(
            paths::WELL_KNOWN_PATH,
            Guard::Anyone,
            metadata::show,
            "The authorization server's metadata (RFC 8414)",
        )
        .gives_bytes("application/json"),
        Route::get(
            paths::AUTHORIZATION_PATH,
            Guard::Anyone,
            authorize::begin,
            "Opens the same-device session of a pushed request and sends the browser to the wallet",
        )
        .query(&["client_id", "request_uri"])
        .gives_status(303),
    ]
}

/// With a client certificate.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    let institution = Guard::Institution;
    vec![
        Route::post(paths::PAR_PATH, institution, par::push, "Pushes a request (RFC 9126)")
            .takes_bytes(FORM)
            .gives_json(201),
        Route::post(
            paths::TOKEN_PATH,
            institution,
            token::issue,
            "Redeems a code or a refresh token (RFC 6749)",
        )
        .takes_bytes(FORM)
        .gives_json(200),
        Route::post(
            paths::INTROSPECTION_PATH,
            institution,
            introspect::show,
            "What a token is (RFC 7662); another's is inactive",
        )
        .takes_bytes(FORM)
        .gives_json(200),
        Route::post(
            paths::REVOCATION_PATH,
            institution,
            revoke::end,
            "Gives a token back with all that was issued for it (RFC 7009)",
        )
        .takes_bytes(FORM)
        .gives_status(200),
    ]
}

/// The bytes of a form. What they say may hold secrets: they are not printed.
pub struct FormBytes(pub Bytes);

impl FromRequest<Arc<App>> for FormBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Problem> {
        demand_media_type(request.headers(), FORM)?;
        read_body(request.into_body()).await.map(Self)
    }
}

/// Demands that the parameter names the institution of the certificate (RFC 8705 section 2).
///
/// # Errors
/// `invalid_client`.
pub fn demand_client(institution: &Institution, client_id: Id) -> Answer<()> {
    if client_id == institution.id {
        return Ok(());
    }
    let why = "client_id is not the institution that the client certificate names";
    Err(OAuthError::new(ErrorCode::InvalidClient, why).into())
}

/// A rejection of the act as an answer of the token endpoint: what is not there is no grant.
pub(crate) fn as_grant(problem: Problem) -> Problem {
    use super::problem::Cause;
    match problem.cause {
        Cause::Rejection(Rejection::NotFound) => Rejection::InvalidGrant.into(),
        _ => problem,
    }
}
