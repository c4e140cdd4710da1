//! Strict extractors: a JSON body, a path segment, query parameters, raw bytes. What is
//! refused is refused as a problem that names the place.

use super::problem::Problem;
use super::state::App;
use super::trouble::Trouble;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use symbolon_domain::Rejection;
use symbolon_domain::json::from_slice_strict;

/// A JSON body: `application/json`, bounded, no unknown or repeated members. As an answer:
/// JSON that no cache keeps.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// A JSON body with the bytes it came in, for an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Sent<T> {
    /// What they say.
    pub value: T,
    /// As received.
    pub bytes: Bytes,
}

/// A path segment. One that cannot be names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct At<T>(pub T);

/// Query parameters; unknown ones are refused if the type says so.
#[derive(Clone, Debug)]
pub struct Params<T>(pub T);

/// Reads the whole body, within the bounds that the listener set for the route.
///
/// # Errors
/// When it is too large, too slow or cut short: the listener knows which and says so.
pub async fn read_body(body: Body) -> Result<Bytes, Problem> {
    match body.collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) => Err(Problem::from(Trouble::MalformedBody).detail(error.to_string())),
    }
}

/// The content type without its parameters, in lower case.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Demands a content type.
///
/// # Errors
/// [`Trouble::UnsupportedMediaType`].
pub fn demand_media_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let sent = media_type(headers);
    if sent == wanted {
        return Ok(());
    }
    let sent = if sent.is_empty() { "none" } else { sent.get(..100).unwrap_or(&sent) };
    Err(Problem::from(Trouble::UnsupportedMediaType)
        .detail(format!("the content type must be {wanted}; it was {sent}")))
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        demand_media_type(request.headers(), "application/json")?;
        let bytes = read_body(request.into_body()).await?;
        let bytes_max = usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX);
        let value = from_slice_strict(&bytes, bytes_max)?;
        Ok(Self { value, bytes })
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        Sent::from_request(request, app).await.map(|sent| Self(sent.value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json_bytes(StatusCode::OK, body),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written");
                Problem::from(Trouble::Internal).into_response()
            }
        }
    }
}

/// JSON that is written already, as an answer that no cache keeps.
#[must_use]
pub fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(error) => Err(Problem::from(Rejection::NotFound).detail(error.body_text())),
        }
    }
}

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(error) => Err(Problem::from(Trouble::MalformedParameter).detail(error.body_text())),
        }
    }
}
