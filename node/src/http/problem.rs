//! Every refusal and failure as one answer (RFC 9457).
//!
//! A handler returns a [`Problem`]; [`finish`], the outermost layer, writes it down once,
//! with the issuer's address of its page and the id that names the request in the logs.

use super::call::Request as Asked;
use super::state::App;
use super::trouble::Trouble;
use crate::listen::{Named, is_oauth};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use std::sync::Arc;
use symbolon_actors::prepare::Refusal;
use symbolon_domain::document::Invalid;
use symbolon_domain::dpop::{DpopError, Replay};
use symbolon_domain::entity::front_end::ASK_INTERVAL;
use symbolon_domain::json::JsonError;
use symbolon_domain::jws::JwsError;
use symbolon_domain::oauth::{ErrorCode, OAuthError};
use symbolon_domain::port::{Fault, StoreFault};
use symbolon_domain::rejection::Locus;
use symbolon_domain::{Rejection, api};

const RETRY_AFTER_MS: u64 = 1_000;

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The domain refused.
    Rejection(Rejection),
    /// HTTP, a proof or the world.
    Trouble(Trouble),
}

impl Cause {
    /// Every cause, for the pages.
    pub fn all() -> impl Iterator<Item = Self> {
        let rejections = Rejection::ALL.iter().copied().map(Self::Rejection);
        rejections.chain(Trouble::ALL.iter().copied().map(Self::Trouble))
    }

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Rejection(rejection) => rejection.code(),
            Self::Trouble(trouble) => trouble.code(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        let status = match self {
            Self::Rejection(rejection) => rejection.status(),
            Self::Trouble(trouble) => trouble.status(),
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Who has to do something.
    #[must_use]
    pub fn locus(self) -> &'static str {
        match self {
            Self::Rejection(rejection) => match rejection.locus() {
                Locus::Client => "client",
                Locus::Institution => "institution",
                Locus::Subject => "subject",
                Locus::Rule => "rule",
            },
            Self::Trouble(trouble) => trouble.locus(),
        }
    }

    /// One line for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rejection(rejection) => rejection.title(),
            Self::Trouble(trouble) => trouble.title(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Rejection(rejection) => rejection.help(),
            Self::Trouble(trouble) => trouble.help(),
        }
    }
}

/// A refusal or failure on its way to the caller.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What kind.
    pub cause: Cause,
    /// Which field, and what is wrong with it; the cause's own help otherwise.
    pub detail: Option<String>,
    /// When another try makes sense.
    pub retry_after_ms: Option<u64>,
    /// Headers that belong to it, such as `DPoP-Nonce`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What an OAuth endpoint says instead (RFC 6749 section 5.2).
    pub oauth: Option<Box<OAuthError>>,
}

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// With what is wrong in this very request. It must not repeat a secret.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.headers.push((name, value));
        }
        self
    }

    fn of(cause: Cause) -> Self {
        let retry_after_ms = match cause {
            Cause::Rejection(Rejection::AskedTooSoon) => {
                Some(ASK_INTERVAL.as_millis().try_into().unwrap_or(RETRY_AFTER_MS))
            }
            _ if cause.status() == StatusCode::SERVICE_UNAVAILABLE => Some(RETRY_AFTER_MS),
            _ => None,
        };
        Self { cause, detail: None, retry_after_ms, headers: Vec::new(), oauth: None }
    }

    fn document(&self, app: &App, trace_id: String) -> api::Problem {
        let cause = self.cause;
        api::Problem {
            r#type: format!("{}/problems/{}", app.site.issuer, cause.code()),
            title: cause.title().into(),
            status: cause.status().as_u16(),
            detail: self.detail.clone().unwrap_or_else(|| cause.help().into()),
            code: cause.code().into(),
            locus: cause.locus().into(),
            retry_after_ms: self.retry_after_ms,
            trace_id,
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::of(Cause::Rejection(rejection))
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        Self::of(Cause::Trouble(trouble))
    }
}

impl From<OAuthError> for Problem {
    fn from(error: OAuthError) -> Self {
        let detail = error.error_description.clone();
        let problem = Self::from(Rejection::InvalidRequest).detail(detail);
        Self { oauth: Some(Box::new(error)), ..problem }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => rejection.into(),
            Refusal::Fault(fault) => fault.into(),
        }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::from(Rejection::InvalidRequest).detail(invalid.to_string())
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::TooLong { .. } => Self::from(Trouble::TooLarge).detail(error.to_string()),
            JsonError::Refused(_) => Self::from(Trouble::MalformedBody).detail(error.to_string()),
        }
    }
}

impl From<JwsError> for Problem {
    fn from(error: JwsError) -> Self {
        let text = error.to_string();
        Self::from(Rejection::from(error)).detail(text)
    }
}

impl From<DpopError> for Problem {
    fn from(error: DpopError) -> Self {
        let trouble = match error {
            DpopError::UseNonce => Trouble::UseDpopNonce,
            _ => Trouble::InvalidDpopProof,
        };
        Self::from(trouble).detail(error.to_string())
    }
}

impl From<Replay> for Problem {
    fn from(replay: Replay) -> Self {
        match replay {
            Replay::Full => Self::from(Trouble::Busy).detail(replay.to_string()),
            Replay::Seen | Replay::Expired => {
                Self::from(Trouble::InvalidDpopProof).detail(replay.to_string())
            }
        }
    }
}

impl From<StoreFault> for Problem {
    fn from(fault: StoreFault) -> Self {
        // The operator learns the details; a stranger does not learn the disk's.
        if fault.is_retryable() {
            tracing::warn!(%fault, "the store refused");
            return Self::from(Trouble::StoreUnavailable);
        }
        tracing::error!(%fault, "the store failed");
        Self::from(Trouble::StoreFailed)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let trouble = match fault {
            Fault::Store(fault) => return fault.into(),
            Fault::Busy { retry_after_ms } => {
                let busy = Self::from(Trouble::Busy);
                return Self { retry_after_ms: Some(retry_after_ms), ..busy };
            }
            Fault::Contended => Trouble::Contended,
            Fault::Crashed => Trouble::Internal,
            Fault::Stopping => Trouble::Stopping,
            Fault::Deadline => Trouble::TimedOut,
        };
        Self::from(trouble)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.cause.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The outermost layer: names the request, and writes its problem down if it ends in one.
pub async fn finish(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let asked = Asked::begin(&app, &request);
    let trace_id = asked.trace_id();
    let is_oauth = is_oauth(request.uri().path());
    request.extensions_mut().insert(asked);
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if problem.cause.status().is_server_error() {
        tracing::warn!(trace_id, code = problem.cause.code(), "a request failed");
    }
    let (status, media_type, body) = if is_oauth {
        let error = problem.oauth_error();
        let body = serde_json::to_vec(&error).unwrap_or_default();
        (problem.oauth_status(&error), "application/json", body)
    } else {
        let document = problem.document(&app, trace_id.clone());
        let body = serde_json::to_vec(&document).unwrap_or_default();
        (problem.cause.status(), "application/problem+json", body)
    };
    // What axum or a handler has set, such as Allow, stays.
    let mut headers = response.headers().clone();
    headers.remove(header::CONTENT_LENGTH);
    for (name, value) in problem.headers {
        headers.insert(name, value);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(millis) = problem.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(millis.div_ceil(1_000)));
    }
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    // Should the listener know better what was wrong with the body.
    answer.extensions_mut().insert(Named { origin: app.site.issuer.clone(), is_oauth, trace_id });
    answer
}

impl Problem {
    /// What an OAuth endpoint says of it.
    fn oauth_error(&self) -> OAuthError {
        if let Some(error) = &self.oauth {
            return (**error).clone();
        }
        let code = match self.cause {
            Cause::Rejection(rejection) => rejection.into(),
            Cause::Trouble(Trouble::CertificateRequired) => ErrorCode::InvalidClient,
            Cause::Trouble(_) => match self.cause.status().as_u16() {
                503 => ErrorCode::TemporarilyUnavailable,
                500.. => ErrorCode::ServerError,
                _ => ErrorCode::InvalidRequest,
            },
        };
        let detail = self.detail.as_deref().unwrap_or_else(|| self.cause.help());
        OAuthError::new(code, &format!("{}. {detail}", self.cause.title()))
    }

    /// A wrong content type or method keeps its status; all else has the code's.
    fn oauth_status(&self, error: &OAuthError) -> StatusCode {
        match (&self.oauth, self.cause) {
            (None, Cause::Trouble(_) | Cause::Rejection(Rejection::IdempotencyMismatch)) => {
                self.cause.status()
            }
            _ => StatusCode::from_u16(error.error.status()).unwrap_or(StatusCode::BAD_REQUEST),
        }
    }
}
