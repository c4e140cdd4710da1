//! quinn under h3. Not `h3-quinn`, which panics when a stream is stopped while a read is
//! pending, boxes every read, and lets any frame grow in memory; this one watches the
//! frames of what a stranger sends ([`FrameWatch`]).

use super::frame::FrameWatch;
use bytes::{Buf, Bytes};
use h3::error::Code;
use h3::quic::{self, ConnectionErrorIncoming, StreamErrorIncoming, StreamId, WriteBuf};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio_util::sync::ReusableBoxFuture;

type Accepted<T> = ReusableBoxFuture<'static, Result<T, quinn::ConnectionError>>;
type Pair = (quinn::SendStream, quinn::RecvStream);

/// One QUIC connection.
pub(crate) struct Connection {
    connection: quinn::Connection,
    frame_limit: u64,
    requests: Accepted<Pair>,
    controls: Accepted<quinn::RecvStream>,
    opener: Opener,
}

impl Connection {
    /// Frames other than DATA may be `frame_limit` bytes long.
    pub(crate) fn new(connection: quinn::Connection, frame_limit: u64) -> Self {
        Self {
            requests: ReusableBoxFuture::new(accept_request(connection.clone())),
            controls: ReusableBoxFuture::new(accept_control(connection.clone())),
            opener: Opener { connection: connection.clone(), opening: None },
            connection,
            frame_limit,
        }
    }
}

async fn accept_request(connection: quinn::Connection) -> Result<Pair, quinn::ConnectionError> {
    connection.accept_bi().await
}

async fn accept_control(
    connection: quinn::Connection,
) -> Result<quinn::RecvStream, quinn::ConnectionError> {
    connection.accept_uni().await
}

impl quic::Connection<Bytes> for Connection {
    type RecvStream = Receiving;
    type OpenStreams = Opener;

    fn poll_accept_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::RecvStream, ConnectionErrorIncoming>> {
        let stream = ready!(self.controls.poll(cx)).map_err(connection_error)?;
        self.controls.set(accept_control(self.connection.clone()));
        let id = stream_id(stream.id())?;
        let watch = FrameWatch::unidirectional(self.frame_limit);
        Poll::Ready(Ok(Receiving { stream, id, watch }))
    }

    fn poll_accept_bidi(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::BidiStream, ConnectionErrorIncoming>> {
        let (send, stream) = ready!(self.requests.poll(cx)).map_err(connection_error)?;
        self.requests.set(accept_request(self.connection.clone()));
        let id = stream_id(stream.id())?;
        let watch = FrameWatch::request(self.frame_limit);
        let send = Sending { stream: send, id, writing: None };
        Poll::Ready(Ok(Both { send, recv: Receiving { stream, id, watch } }))
    }

    fn opener(&self) -> Self::OpenStreams {
        Opener { connection: self.connection.clone(), opening: None }
    }
}

impl quic::OpenStreams<Bytes> for Connection {
    type BidiStream = Both;
    type SendStream = Sending;

    fn poll_open_bidi(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::BidiStream, StreamErrorIncoming>> {
        self.opener.poll_open_bidi(cx)
    }

    fn poll_open_send(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::SendStream, StreamErrorIncoming>> {
        self.opener.poll_open_send(cx)
    }

    fn close(&mut self, code: Code, reason: &[u8]) {
        self.opener.close(code, reason);
    }
}

type Opening =
    Pin<Box<dyn Future<Output = Result<quinn::SendStream, quinn::ConnectionError>> + Send>>;

/// Opens the server's control streams.
pub(crate) struct Opener {
    connection: quinn::Connection,
    opening: Option<Opening>,
}

impl quic::OpenStreams<Bytes> for Opener {
    type BidiStream = Both;
    type SendStream = Sending;

    fn poll_open_bidi(
        &mut self,
        _cx: &mut Context<'_>,
    ) -> Poll<Result<Self::BidiStream, StreamErrorIncoming>> {
        // A server opens no request streams (RFC 9114 section 6.1).
        let text = "an HTTP/3 server opens no bidirectional streams".to_owned();
        Poll::Ready(Err(StreamErrorIncoming::ConnectionErrorIncoming {
            connection_error: ConnectionErrorIncoming::InternalError(text),
        }))
    }

    fn poll_open_send(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Self::SendStream, StreamErrorIncoming>> {
        let connection = &self.connection;
        let opening = self.opening.get_or_insert_with(|| {
            let connection = connection.clone();
            Box::pin(async move { connection.open_uni().await })
        });
        let opened = ready!(opening.as_mut().poll(cx));
        self.opening = None;
        let stream = opened.map_err(lost)?;
        let id = stream_id(stream.id()).map_err(|connection_error| {
            StreamErrorIncoming::ConnectionErrorIncoming { connection_error }
        })?;
        Poll::Ready(Ok(Sending { stream, id, writing: None }))
    }

    fn close(&mut self, code: Code, reason: &[u8]) {
        self.connection.close(varint(code.value()), reason);
    }
}

/// A request stream before it is split.
pub(crate) struct Both {
    send: Sending,
    recv: Receiving,
}

impl quic::BidiStream<Bytes> for Both {
    type SendStream = Sending;
    type RecvStream = Receiving;

    fn split(self) -> (Self::SendStream, Self::RecvStream) {
        (self.send, self.recv)
    }
}

impl quic::RecvStream for Both {
    type Buf = Bytes;

    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Self::Buf>, StreamErrorIncoming>> {
        let polled = self.recv.poll_data(cx);
        if let Poll::Ready(Err(StreamErrorIncoming::StreamTerminated { error_code })) = &polled {
            // Nobody will answer any more: an empty answer would look like one.
            quic::SendStream::<Bytes>::reset(&mut self.send, *error_code);
        }
        polled
    }

    fn stop_sending(&mut self, error_code: u64) {
        self.recv.stop_sending(error_code);
    }

    fn recv_id(&self) -> StreamId {
        self.recv.recv_id()
    }
}

impl quic::SendStream<Bytes> for Both {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        self.send.poll_ready(cx)
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<(), StreamErrorIncoming> {
        self.send.send_data(data)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        self.send.poll_finish(cx)
    }

    fn reset(&mut self, reset_code: u64) {
        self.send.reset(reset_code);
    }

    fn send_id(&self) -> StreamId {
        self.send.send_id()
    }
}

/// What the peer sends, frame by frame within bounds.
pub(crate) struct Receiving {
    stream: quinn::RecvStream,
    id: StreamId,
    watch: FrameWatch,
}

impl quic::RecvStream for Receiving {
    type Buf = Bytes;

    fn poll_data(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Self::Buf>, StreamErrorIncoming>> {
        // `read_chunk` keeps no state of its own: quinn remembers the waker by stream.
        let read = ready!(pin!(self.stream.read_chunk(usize::MAX, true)).poll(cx));
        let (chunk, passed) = match read.map_err(read_error)? {
            Some(chunk) => {
                let passed = self.watch.see(&chunk.bytes);
                (Some(chunk.bytes), passed)
            }
            None => (None, self.watch.end()),
        };
        Poll::Ready(match passed {
            Ok(()) => Ok(chunk),
            Err(fault) => {
                tracing::debug!(%fault, "stopping an HTTP/3 stream");
                let error_code = Code::H3_EXCESSIVE_LOAD.value();
                self.stop_sending(error_code);
                Err(StreamErrorIncoming::StreamTerminated { error_code })
            }
        })
    }

    fn stop_sending(&mut self, error_code: u64) {
        // An error says that the stream has ended, which is what we want.
        let _ended_before = self.stream.stop(varint(error_code));
    }

    fn recv_id(&self) -> StreamId {
        self.id
    }
}

/// What the node sends.
pub(crate) struct Sending {
    stream: quinn::SendStream,
    id: StreamId,
    writing: Option<WriteBuf<Bytes>>,
}

impl quic::SendStream<Bytes> for Sending {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        if let Some(data) = &mut self.writing {
            while data.has_remaining() {
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, data.chunk()));
                data.advance(written.map_err(write_error)?);
            }
        }
        self.writing = None;
        Poll::Ready(Ok(()))
    }

    fn send_data<T: Into<WriteBuf<Bytes>>>(&mut self, data: T) -> Result<(), StreamErrorIncoming> {
        if self.writing.is_some() {
            let text = "h3 wrote before the stream was ready".to_owned();
            return Err(StreamErrorIncoming::ConnectionErrorIncoming {
                connection_error: ConnectionErrorIncoming::InternalError(text),
            });
        }
        self.writing = Some(data.into());
        Ok(())
    }

    fn poll_finish(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), StreamErrorIncoming>> {
        let finished = self.stream.finish();
        Poll::Ready(finished.map_err(|error| StreamErrorIncoming::Unknown(Box::new(error))))
    }

    fn reset(&mut self, reset_code: u64) {
        let _ended_before = self.stream.reset(varint(reset_code));
    }

    fn send_id(&self) -> StreamId {
        self.id
    }
}

fn varint(code: u64) -> quinn::VarInt {
    quinn::VarInt::from_u64(code).unwrap_or(quinn::VarInt::MAX)
}

fn stream_id(id: quinn::StreamId) -> Result<StreamId, ConnectionErrorIncoming> {
    StreamId::try_from(u64::from(id))
        .map_err(|error| ConnectionErrorIncoming::InternalError(format!("{error:?}")))
}

fn connection_error(error: quinn::ConnectionError) -> ConnectionErrorIncoming {
    match error {
        quinn::ConnectionError::ApplicationClosed(closed) => {
            ConnectionErrorIncoming::ApplicationClose { error_code: closed.error_code.into() }
        }
        quinn::ConnectionError::TimedOut => ConnectionErrorIncoming::Timeout,
        other => ConnectionErrorIncoming::Undefined(Arc::new(other)),
    }
}

fn lost(error: quinn::ConnectionError) -> StreamErrorIncoming {
    StreamErrorIncoming::ConnectionErrorIncoming { connection_error: connection_error(error) }
}

fn read_error(error: quinn::ReadError) -> StreamErrorIncoming {
    match error {
        quinn::ReadError::Reset(code) => {
            StreamErrorIncoming::StreamTerminated { error_code: code.into_inner() }
        }
        quinn::ReadError::ConnectionLost(error) => lost(error),
        other => StreamErrorIncoming::Unknown(Box::new(other)),
    }
}

fn write_error(error: quinn::WriteError) -> StreamErrorIncoming {
    match error {
        quinn::WriteError::Stopped(code) => {
            StreamErrorIncoming::StreamTerminated { error_code: code.into_inner() }
        }
        quinn::WriteError::ConnectionLost(error) => lost(error),
        other => StreamErrorIncoming::Unknown(Box::new(other)),
    }
}
