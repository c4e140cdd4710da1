//! An answer: its head at once, its body piece by piece or whole.

use super::{Sender, Stream};
use crate::ClientError;
use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use symbolon_domain::api::Problem;
use symbolon_domain::oauth::OAuthError;

/// Most bytes of a body that are shown in an error.
const SHOWN_BYTES: usize = 200;

/// An answer whose body is still to be read.
pub struct Body {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    stream: Stream,
    // The connection lives as long as somebody can send on it.
    _sender: Sender,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({})", self.status)
    }
}

impl Body {
    pub(super) fn new(head: http::Response<()>, stream: Stream, sender: Sender) -> Self {
        let (head, ()) = head.into_parts();
        Self { status: head.status, headers: head.headers, stream, _sender: sender }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// When the stream or the connection ends before the body does.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        let received = self.stream.recv_data().await;
        let piece = received
            .map_err(|error| ClientError::Answer(format!("the body broke off: {error}")))?;
        Ok(piece.map(|mut piece| piece.copy_to_bytes(piece.remaining())))
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Reads the rest.
    ///
    /// # Errors
    /// When it is longer than `bytes_max`, or breaks off.
    pub async fn collect(mut self, bytes_max: usize) -> Result<Answer, ClientError> {
        let mut body = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            if body.len() + piece.len() > bytes_max {
                return Err(ClientError::Answer(format!("it is longer than {bytes_max} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status: self.status, headers: self.headers, body: body.freeze() })
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The answer if the node carried the request out, else what it refused.
    ///
    /// # Errors
    /// [`Answer::refusal`].
    pub fn ok(self) -> Result<Self, ClientError> {
        if self.status.is_success() { Ok(self) } else { Err(self.refusal()) }
    }

    /// What the node refused, from the body of an error status.
    #[must_use]
    pub fn refusal(&self) -> ClientError {
        if let Ok(problem) = serde_json::from_slice::<Problem>(&self.body) {
            return ClientError::Problem(Box::new(problem));
        }
        if let Ok(error) = serde_json::from_slice::<OAuthError>(&self.body) {
            return ClientError::OAuth(error);
        }
        let shown = self.body.get(..self.body.len().min(SHOWN_BYTES)).unwrap_or_default();
        let text = String::from_utf8_lossy(shown).into_owned();
        ClientError::Status { status: self.status.as_u16(), text }
    }

    /// The body as JSON, if the node carried the request out.
    ///
    /// # Errors
    /// What it refused, or an answer of another shape.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        let answer = self.ok()?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| ClientError::Answer(format!("not the JSON expected: {error}")))
    }

    /// The body as text, if the node carried the request out.
    ///
    /// # Errors
    /// What it refused, or bytes that are no text.
    pub fn text(self) -> Result<String, ClientError> {
        let body = self.ok()?.body;
        String::from_utf8(body.to_vec())
            .map_err(|_| ClientError::Answer("it is no UTF-8 text".into()))
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where the node says it is now.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header(header::LOCATION.as_str())
    }
}
