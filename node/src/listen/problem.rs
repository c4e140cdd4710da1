//! The answers that a listener gives without a handler (RFC 9457).

use crate::clock::SystemEntropy;
use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use symbolon_domain::oauth::{ErrorCode, OAuthError};
use symbolon_domain::port::Entropy;

/// A problem that the listener itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    HeadersTooLarge,
    BodyTooLarge,
    BodyTooSlow,
    BodyCut,
    HandlerTooSlow,
    HandlerBroken,
}

/// How a handler has named the request whose answer the listener replaces: an extension of
/// its answer.
#[derive(Clone, Debug)]
pub struct Named {
    /// The origin that has the pages of problems.
    pub origin: String,
    /// Whether it went to an OAuth endpoint, which tells of errors in another form.
    pub is_oauth: bool,
    /// Names the request in the node's logs.
    pub trace_id: String,
}

impl Named {
    /// A request that no handler has come to name: its pages are where it was sent to.
    pub(crate) fn anew(is_oauth: bool) -> Self {
        let mut random = [0; 16];
        SystemEntropy.fill(&mut random);
        let trace_id = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { origin: String::new(), is_oauth, trace_id }
    }
}

/// Whether errors at this path are told as RFC 6749 section 5.2 has them.
pub(crate) fn is_oauth(path: &str) -> bool {
    path.starts_with("/oauth/")
}

#[derive(Serialize)]
struct Document {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    locus: &'static str,
    detail: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u32>,
    trace_id: String,
}

impl Problem {
    /// Every one of them, for the pages that their `type` resolves to.
    pub(crate) const ALL: [Self; 6] = [
        Self::HeadersTooLarge,
        Self::BodyTooLarge,
        Self::BodyTooSlow,
        Self::BodyCut,
        Self::HandlerTooSlow,
        Self::HandlerBroken,
    ];

    fn status(self) -> StatusCode {
        match self {
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyCut => StatusCode::BAD_REQUEST,
            Self::HandlerTooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Self::HandlerBroken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Code, who failed, title, what to do.
    pub(crate) fn texts(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::HeadersTooLarge => (
                "headers_too_large",
                "client",
                "The request's header fields are larger than this node takes",
                "Send fewer or shorter header fields, or a shorter address.",
            ),
            Self::BodyTooLarge => (
                "body_too_large",
                "client",
                "The request's body is larger than this route takes",
                "Send less, or in several requests.",
            ),
            Self::BodyTooSlow => (
                "body_too_slow",
                "client",
                "The request's body came too slowly",
                "Send the body without long pauses.",
            ),
            Self::BodyCut => (
                "body_cut",
                "client",
                "The request's body ended before its end",
                "Send as many bytes as announced, and end the stream after them.",
            ),
            Self::HandlerTooSlow => (
                "handler_timeout",
                "node",
                "The node did not answer in time",
                "Try again with the same Idempotency-Key; it may have been done.",
            ),
            Self::HandlerBroken => (
                "internal_error",
                "node",
                "The node failed at this request; that is its fault, not yours",
                "Tell the operator the trace_id.",
            ),
        }
    }

    /// What RFC 6749 section 5.2 calls it.
    fn oauth_error(self) -> OAuthError {
        let code = match self {
            Self::HandlerTooSlow => ErrorCode::TemporarilyUnavailable,
            Self::HandlerBroken => ErrorCode::ServerError,
            _ => ErrorCode::InvalidRequest,
        };
        let (_, _, title, detail) = self.texts();
        OAuthError::new(code, &format!("{title}. {detail}"))
    }

    fn document(self, named: Named) -> Document {
        let (code, locus, title, detail) = self.texts();
        Document {
            r#type: format!("{}/problems/{code}", named.origin),
            title,
            status: self.status().as_u16(),
            code,
            locus,
            detail,
            retry_after_ms: self.is_passing().then_some(1_000),
            trace_id: named.trace_id,
        }
    }

    /// Whether the same request can succeed a moment later.
    fn is_passing(self) -> bool {
        self.status() == StatusCode::SERVICE_UNAVAILABLE
    }

    pub(crate) fn response(self, named: Named) -> Response<Body> {
        // Texts and numbers always serialize.
        let (media_type, body) = if named.is_oauth {
            ("application/json", serde_json::to_vec(&self.oauth_error()))
        } else {
            ("application/problem+json", serde_json::to_vec(&self.document(named)))
        };
        let mut response = Response::new(Body::from(body.unwrap_or_default()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.is_passing() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
