//! From a request to a [`Call`]: who asks, until when, under which names.

use super::json::json_bytes;
use super::problem::{Answer, Problem};
use super::state::App;
use super::trouble::Trouble;
use axum::extract::{FromRequestParts, MatchedPath};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::bytes::{Digest, lp};
use symbolon_domain::crypto::kdf;
use symbolon_domain::entity::{Command, Reply};
use symbolon_domain::port::{Call, Keep, Principal};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Rejection};

/// How long an answer without a secret is kept.
const KEPT_SECONDS: u32 = 24 * 3_600;
/// How long an answer with a secret is kept.
const KEPT_SEALED_SECONDS: u32 = 60;
/// Most characters of an `Idempotency-Key`.
const IDEMPOTENCY_KEY_MAX: usize = 255;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One request: its names and its asker. The outermost layer makes it, the guard adds who
/// asks, and handlers take it as an argument.
#[derive(Clone, Debug)]
pub struct Request {
    /// Names it in logs and answers.
    pub request_id: [u8; 16],
    /// The caller's W3C trace id, if it brought one.
    pub trace: Option<[u8; 16]>,
    /// Who asks, as proved by the route's guard.
    pub principal: Principal,
    /// Method and route, such as `POST /v1/offers`.
    pub endpoint: String,
    idempotency_key: Option<Result<String, ()>>,
}

impl Request {
    /// Names a request that has just come.
    #[must_use]
    pub fn begin(app: &App, request: &axum::extract::Request) -> Self {
        Self {
            request_id: app.entropy.bytes(),
            trace: trace(request.headers()),
            principal: Principal::Anyone,
            endpoint: String::new(),
            idempotency_key: idempotency_key(request.headers()),
        }
    }

    /// What names it in the node's logs: the caller's trace id, or our own.
    #[must_use]
    pub fn trace_id(&self) -> String {
        let id = self.trace.unwrap_or(self.request_id);
        id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A call to an entity.
    #[must_use]
    pub fn call(&self, app: &App, target: Id, command: impl Into<Command>) -> Call {
        let timeout = Duration::from_secs(app.config.limits.handler_timeout_seconds.into());
        Call {
            principal: self.principal.clone(),
            deadline: app.now().after(timeout),
            request_id: self.request_id,
            seed: app.entropy.bytes(),
            trace: self.trace,
            target,
            command: command.into(),
            keep: None,
        }
    }

    /// Under which key the answer is kept, if the caller brought an `Idempotency-Key`:
    /// `body` is what must be the same the next time.
    ///
    /// # Errors
    /// When the key is none.
    pub fn keep(&self, app: &App, body: &[u8]) -> Answer<Option<Keep>> {
        let Some(key) = self.idempotency_key()? else { return Ok(None) };
        let principal = format!("{:?}", self.principal);
        let region = app.region.padded();
        let fields: [&[u8]; 4] =
            [principal.as_bytes(), self.endpoint.as_bytes(), &region, key.as_bytes()];
        Ok(Some(Keep {
            scope: Digest::lp("idempotency", &fields),
            body_hash: Digest::of(body),
            ttl_seconds: KEPT_SECONDS,
            sealed_answer: None,
        }))
    }

    /// As [`Request::keep`] for an answer that holds a secret: it is kept sealed, for a
    /// minute. `credential` is a secret that the request presented and will present again;
    /// where it presents none, the key itself is one: the store knows only its hash.
    ///
    /// # Errors
    /// When the key is none, or the answer cannot be written.
    pub fn keep_sealed<T: Serialize>(
        &self,
        app: &App,
        body: &[u8],
        credential: Option<&[u8]>,
        answer: &T,
    ) -> Answer<Option<Keep>> {
        let Some(keep) = self.keep(app, body)? else { return Ok(None) };
        let key = self.answer_key(&keep, credential)?;
        let failed = |_| Problem::from(Trouble::Internal);
        let mut sealed = serde_json::to_vec(answer).map_err(|_| Trouble::Internal)?;
        // Every kept answer has its own nonce: the same scope can be used again later.
        let nonce: [u8; 12] = app.entropy.bytes();
        app.crypto.seal(&key, &nonce, &keep.scope.0, &mut sealed).map_err(failed)?;
        let sealed_answer = Some([&nonce[..], &sealed].concat());
        Ok(Some(Keep { ttl_seconds: KEPT_SEALED_SECONDS, sealed_answer, ..keep }))
    }

    /// Opens what [`Request::keep_sealed`] sealed when this request came first.
    ///
    /// # Errors
    /// When the credential is another.
    pub fn open_kept(
        &self,
        app: &App,
        body: &[u8],
        credential: Option<&[u8]>,
        kept: &[u8],
    ) -> Answer<Response> {
        let text = self.open_kept_bytes(app, body, credential, kept)?;
        Ok(json_bytes(StatusCode::OK, text))
    }

    /// As [`Request::open_kept`], the JSON itself.
    ///
    /// # Errors
    /// When the credential is another.
    pub fn open_kept_bytes(
        &self,
        app: &App,
        body: &[u8],
        credential: Option<&[u8]>,
        kept: &[u8],
    ) -> Answer<Vec<u8>> {
        let other = || Problem::from(Rejection::IdempotencyMismatch);
        let keep = self.keep(app, body)?.ok_or_else(other)?;
        let key = self.answer_key(&keep, credential)?;
        let (nonce, sealed) = kept.split_first_chunk::<12>().ok_or_else(other)?;
        let mut text = sealed.to_vec();
        app.crypto.open(&key, nonce, &keep.scope.0, &mut text).map_err(|_| other())?;
        Ok(text)
    }

    fn answer_key(&self, keep: &Keep, credential: Option<&[u8]>) -> Answer<Secret<32>> {
        let own = self.idempotency_key()?.unwrap_or_default();
        let credential = credential.unwrap_or(own.as_bytes());
        Ok(kdf::hkdf(credential, &lp("kept-answer", &[&keep.scope.0, &keep.body_hash.0])))
    }

    fn idempotency_key(&self) -> Answer<Option<&str>> {
        match &self.idempotency_key {
            None => Ok(None),
            Some(Ok(key)) => Ok(Some(key)),
            Some(Err(())) => Err(Problem::from(Trouble::MalformedParameter)
                .detail("Idempotency-Key must be 1 to 255 printable ASCII characters")),
        }
    }
}

/// Carries a call out: the reply, or what became of it.
///
/// # Errors
/// The rejection or the fault.
pub async fn send(app: &App, call: Call) -> Answer<Reply> {
    // What is at home elsewhere is not known here.
    if call.target.region != app.region {
        return Err(Rejection::NotFound.into());
    }
    Ok(app.router.call(call).await??)
}

/// A reply of another sort than the command gives: our own fault.
#[must_use]
pub fn unexpected() -> Problem {
    tracing::error!("an entity gave another sort of reply than its command has");
    Trouble::Internal.into()
}

impl FromRequestParts<Arc<App>> for Request {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Trouble::Internal.into())
    }
}

/// `POST /v1/offers/{id}`: the route as declared.
#[must_use]
pub fn endpoint(request: &Parts) -> String {
    let path = request.extensions.get::<MatchedPath>();
    let path = path.map_or(request.uri.path(), MatchedPath::as_str);
    // Two entities of one route are two endpoints.
    format!("{} {path} {}", request.method, request.uri.path())
}

fn idempotency_key(headers: &HeaderMap) -> Option<Result<String, ()>> {
    let value = headers.get(&IDEMPOTENCY_KEY)?.to_str().unwrap_or_default();
    let fits = (1..=IDEMPOTENCY_KEY_MAX).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    Some(if fits { Ok(value.to_owned()) } else { Err(()) })
}

/// The trace id of `traceparent` (W3C Trace Context, version 00).
fn trace(headers: &HeaderMap) -> Option<[u8; 16]> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = value.split('-');
    let (version, id) = (parts.next()?, parts.next()?);
    if version.len() != 2 || version == "ff" || id.len() != 32 {
        return None;
    }
    if !id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return None;
    }
    let number = u128::from_str_radix(id, 16).ok().filter(|number| *number != 0)?;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn trace_ids() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |text: &str| trace(&headers("traceparent", text));
        let number = u128::from_str_radix(id, 16).unwrap();
        assert_eq!(of(&format!("00-{id}-00f067aa0ba902b7-01")), Some(number.to_be_bytes()));
        let zero = "0".repeat(32);
        for wrong in [
            "",
            "00",
            "00-",
            &id.to_uppercase(),
            &format!("ff-{id}-1-1"),
            &format!("00-{zero}-1-1"),
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn idempotency_keys() {
        let of = |text: &str| idempotency_key(&headers("idempotency-key", text));
        assert_eq!(idempotency_key(&HeaderMap::new()), None);
        assert_eq!(of("8e03978e"), Some(Ok("8e03978e".into())));
        assert_eq!(of(""), Some(Err(())));
        assert_eq!(of(&"x".repeat(255)), Some(Ok("x".repeat(255))));
        assert_eq!(of(&"x".repeat(256)), Some(Err(())));
        assert_eq!(of("a\tb"), Some(Err(())));
        assert_eq!(of("\u{e9}"), Some(Err(())));
    }
}
