//! The whole store, read through while the node works: as a dump, or to check it.

use crate::http::json::Json;
use crate::http::problem::{Answer, Problem};
use crate::http::state::App;
use crate::http::trouble::Trouble;
use crate::stored;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use symbolon_domain::bytes::base64url;
use symbolon_store::dump;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

/// Bytes of one piece of the stream.
const PIECE_BYTES: usize = 64 * 1_024;
/// Pieces that may wait for a slow reader.
const PIECES_WAITING: usize = 8;

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckReport {
    /// Entries looked at.
    pub entries: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// How many are not what they should be.
    pub problems_count: u64,
    /// The first of them: key in base64url, and what is wrong.
    pub problems: Vec<String>,
}

/// `GET /v1/operator/store/backup`. A dump that ends early was cut: its end is missing.
pub async fn backup(State(app): State<Arc<App>>) -> Response {
    let (pieces, written) = std::sync::mpsc::sync_channel(PIECES_WAITING);
    let (out, waiting) = mpsc::channel(1);
    // The dump blocks while it writes, which a tokio channel forbids inside `block_on`: a
    // second thread hands the pieces on.
    tokio::task::spawn_blocking(move || {
        for piece in written {
            if out.blocking_send(piece).is_err() {
                break;
            }
        }
    });
    tokio::task::spawn_blocking(move || {
        let out = Pieces { sender: pieces.clone(), buffer: Vec::new() };
        match Handle::current().block_on(dump::backup(app.store.as_ref(), out)) {
            Ok(summary) => {
                tracing::info!(entries = summary.entries, bytes = summary.bytes, "backed up");
            }
            Err(error) => {
                tracing::warn!(%error, "a backup broke off");
                // The stream is broken off, so that nobody takes it for whole.
                let _reader_gone = pieces.send(Err(io::Error::other(error.to_string())));
            }
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(waiting)));
    let octets = HeaderValue::from_static("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, octets);
    response
}

/// `GET /v1/operator/store/check`.
pub async fn check(State(app): State<Arc<App>>) -> Answer<Json<CheckReport>> {
    let checked = tokio::task::spawn_blocking(move || {
        Handle::current().block_on(dump::check(app.store.as_ref(), stored::check))
    });
    let report = checked.await.map_err(|_| Trouble::Internal)?.map_err(|error| {
        tracing::error!(%error, "a check broke off");
        Problem::from(Trouble::StoreFailed).detail(error.to_string())
    })?;
    let line = |problem: &dump::Problem| format!("{}: {}", base64url(&problem.key), problem.reason);
    Ok(Json(CheckReport {
        entries: report.checked.entries,
        bytes: report.checked.bytes,
        problems_count: report.problems_count,
        problems: report.problems.iter().map(line).collect(),
    }))
}

/// Writes into a stream that somebody reads at their own pace.
struct Pieces {
    sender: SyncSender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.buffer));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone");
        self.sender.send(Ok(piece)).map_err(gone)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
