//! A request's body within its bounds: size, pace, and the length that was announced.

use super::limits::RequestLimits;
use axum::body::Body;
use bytes::{Buf, Bytes};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Why a body ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// More bytes than the route takes.
    #[error("the body is too large")]
    TooLarge,
    /// Nothing came for too long.
    #[error("the body came too slowly")]
    TooSlow,
    /// The peer ended it early, or sent another length than it announced.
    #[error("the body was cut short")]
    Cut,
}

/// Tells the listener afterwards what became of the body, whatever the handler made of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyFate(Arc<OnceLock<BodyFault>>);

impl BodyFate {
    pub(crate) fn fault(&self) -> Option<BodyFault> {
        self.0.get().copied()
    }
}

/// Time in which what is still coming is thrown away after an early answer on HTTP/1.1.
const LINGER: Duration = Duration::from_secs(1);

/// A body that is watched.
pub(crate) struct WatchedBody {
    inner: Body,
    limits: RequestLimits,
    fate: BodyFate,
    announced: Option<u64>,
    read: u64,
    pace: Duration,
    lingers: bool,
    ended: bool,
    // Made when the handler first has to wait: most bodies are there at once.
    patience: Option<Pin<Box<Sleep>>>,
}

impl WatchedBody {
    /// `announced` is the Content-Length, `pace` the time between two pieces.
    pub(crate) fn new(
        inner: Body,
        announced: Option<u64>,
        limits: RequestLimits,
        pace: Duration,
    ) -> (Self, BodyFate) {
        let fate = BodyFate::default();
        let body = Self {
            inner,
            limits,
            fate: fate.clone(),
            announced,
            read: 0,
            pace,
            lingers: false,
            ended: false,
            patience: None,
        };
        (body, fate)
    }

    /// HTTP/1.1 cannot stop a body. Closing at once would reset the connection and with it
    /// the answer on its way, so what comes is thrown away for a moment. (HTTP/2 and 3
    /// stop the one stream.)
    pub(crate) fn lingering(mut self, lingers: bool) -> Self {
        self.lingers = lingers;
        self
    }

    fn ended_as_announced(&self) -> bool {
        self.announced.is_none_or(|length| length == self.read)
    }

    fn stop(&mut self) {
        let mut body = std::mem::replace(&mut self.inner, Body::empty());
        if self.lingers && !self.ended && !body.is_end_stream() {
            tokio::spawn(tokio::time::timeout(LINGER, async move {
                while let Some(Ok(_)) = body.frame().await {}
            }));
        }
        self.ended = true;
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let _first_fault_stays = self.fate.0.set(fault);
        self.stop();
        Poll::Ready(Some(Err(fault)))
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let pace = self.pace;
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(pace)));
        ready!(patience.as_mut().poll(cx));
        self.fail(BodyFault::TooSlow)
    }
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        if let Some(fault) = this.fate.fault() {
            return Poll::Ready(Some(Err(fault)));
        }
        let limit = this.limits.body_bytes();
        // Judged at the first read and before it, so that a route can have raised its limit
        // and a client that waits for "100 Continue" hears the answer instead.
        if this.announced.is_some_and(|length| length > limit) {
            return this.fail(BodyFault::TooLarge);
        }
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Pending => this.wait(cx),
            Poll::Ready(None) if !this.ended_as_announced() => this.fail(BodyFault::Cut),
            Poll::Ready(None) => {
                this.ended = true;
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::debug!(%error, "a request body broke off");
                this.fail(BodyFault::Cut)
            }
            Poll::Ready(Some(Ok(frame))) => {
                this.read += frame.data_ref().map_or(0, |data| data.remaining() as u64);
                if this.read > limit {
                    return this.fail(BodyFault::TooLarge);
                }
                if let Some(patience) = &mut this.patience {
                    patience.as_mut().reset(Instant::now() + this.pace);
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.fate.fault().is_none() && self.ended_as_announced() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::Limits;

    fn watched(inner: Body, announced: Option<u64>) -> (WatchedBody, BodyFate) {
        let limits = Limits::from(&symbolon_cluster_config::Limits::default());
        let own = RequestLimits::new(&limits);
        own.set(10, Duration::from_secs(1));
        WatchedBody::new(inner, announced, own, Duration::from_secs(5))
    }

    async fn outcome(inner: Body, announced: Option<u64>) -> Result<usize, BodyFault> {
        let (body, fate) = watched(inner, announced);
        let result = body.collect().await.map(|whole| whole.to_bytes().len());
        assert_eq!(fate.fault(), result.err());
        result
    }

    #[tokio::test(start_paused = true)]
    async fn size_length_and_pace() {
        assert_eq!(outcome(Body::from("0123456789"), Some(10)).await, Ok(10));
        assert_eq!(outcome(Body::from("0123456789a"), None).await, Err(BodyFault::TooLarge));
        assert_eq!(outcome(Body::from("x"), Some(11)).await, Err(BodyFault::TooLarge));
        assert_eq!(outcome(Body::from("x"), Some(2)).await, Err(BodyFault::Cut));
        let broken = Body::from_stream(tokio_stream::once(Err::<Bytes, _>("gone")));
        assert_eq!(outcome(broken, None).await, Err(BodyFault::Cut));
        let silent = Body::from_stream(tokio_stream::pending::<Result<Bytes, BodyFault>>());
        assert_eq!(outcome(silent, None).await, Err(BodyFault::TooSlow));
    }

    /// The pace is between two pieces: many of them may take longer altogether.
    #[tokio::test(start_paused = true)]
    async fn each_piece_has_its_own_time() {
        let paced = |seconds: u64| {
            let wait = move |piece| async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                Ok::<_, BodyFault>(Bytes::from_static(piece))
            };
            let pieces = [&b"a"[..], b"b", b"c", b"d"];
            Body::from_stream(futures_util::StreamExt::then(tokio_stream::iter(pieces), wait))
        };
        assert_eq!(outcome(paced(4), None).await, Ok(4));
        assert_eq!(outcome(paced(6), None).await, Err(BodyFault::TooSlow));
    }

    #[tokio::test]
    async fn a_raised_limit_counts() {
        let (body, _) = watched(Body::from("0123456789a"), Some(11));
        body.limits.set(11, Duration::from_secs(1));
        assert_eq!(body.collect().await.unwrap().to_bytes().len(), 11);
    }
}
