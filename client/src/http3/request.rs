//! A request, with the bounds that its answer must keep.

use crate::ClientError;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use std::time::Duration;
use symbolon_domain::bytes::base64url;

/// Most bytes of an ordinary answer.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// How long an ordinary answer may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// A request to the client's origin.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// How long the whole exchange may take.
    pub deadline: Duration,
    /// Most bytes of the answer.
    pub bytes_max: usize,
}

impl Request {
    /// A request without a body; the path begins with a slash and may have a query.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            deadline: DEADLINE,
            bytes_max: ANSWER_BYTES_MAX,
        }
    }

    /// `GET`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// `DELETE`.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// `POST` without a body.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Adds a body.
    #[must_use]
    pub fn body(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = body.into();
        self
    }

    /// Adds a JSON body.
    ///
    /// # Errors
    /// When the value does not become JSON.
    pub fn json<T: Serialize>(self, value: &T) -> Result<Self, ClientError> {
        let bytes = serde_json::to_vec(value)
            .map_err(|error| ClientError::input(format!("not JSON: {error}")))?;
        Ok(self.body("application/json", bytes))
    }

    /// Adds a form body.
    #[must_use]
    pub fn form(self, form: String) -> Self {
        self.body("application/x-www-form-urlencoded", form.into_bytes())
    }

    /// Adds a header.
    ///
    /// # Errors
    /// When the value cannot be one.
    pub fn header(mut self, name: HeaderName, value: &str) -> Result<Self, ClientError> {
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| ClientError::input(format!("not a value for the header {name}")))?;
        value.set_sensitive(name == header::AUTHORIZATION);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Names the request, so that it may be sent again without happening twice
    /// (draft-ietf-httpapi-idempotency-key-header).
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn keyed(self) -> Result<Self, ClientError> {
        let key = base64url(&crate::ambient::random::<16>()?);
        self.header(HeaderName::from_static("idempotency-key"), &format!("\"{key}\""))
    }

    /// Gives the exchange more or less time.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Path and query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it may be sent twice (RFC 9110 section 9.2.2).
    pub(super) fn is_idempotent(&self) -> bool {
        self.method.is_idempotent() || self.headers.contains_key("idempotency-key")
    }

    pub(super) fn head(&self, origin: &str) -> Result<http::Request<()>, String> {
        let mut head = http::Request::builder()
            .method(self.method.clone())
            .uri(format!("{origin}{}", self.path))
            .body(())
            .map_err(|error| format!("{}: {error}", self.path))?;
        *head.headers_mut() = self.headers.clone();
        let agent = concat!("symbolon-client/", env!("CARGO_PKG_VERSION"));
        head.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(agent));
        head.headers_mut().insert(header::CONTENT_LENGTH, self.body.len().into());
        if self.body.is_empty() && self.method == Method::GET {
            head.headers_mut().remove(header::CONTENT_LENGTH);
        }
        Ok(head)
    }
}
