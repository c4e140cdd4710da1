//! Export: everything that is stored of a vault, one JSON object a line.
//!
//! Lines in their order: `vault`, `device` …, `manifest`, `item` …, `object` …,
//! then for each grant `grant` with the signed selection and its `record`s, and last `end`
//! with the number of lines before it. Without that line an export is not whole.

use super::call::Request as Asked;
use super::commands;
use super::device_grants::{grants_of, paths, records_page};
use super::devices::device_view;
use super::guard::{Device, Guard};
use super::json::Json;
use super::objects;
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use super::vault;
use super::view::{self, Cursor};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use http::header;
use serde::Serialize;
use std::sync::Arc;
use symbolon_domain::Id;
use symbolon_domain::api::device::{ManifestView, SignedCommand, VaultRecovery};
use symbolon_domain::bytes::{Digest, base64url};
use symbolon_domain::document::command::Action;
use symbolon_domain::entity::vault::{ManifestHead, StoredObject};
use symbolon_domain::entity::{device, grant};
use symbolon_domain::key::{self, Index, Place, Row};
use symbolon_domain::port::{Entry, Range, StoreFault};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

const NDJSON: &str = "application/x-ndjson";
/// Pieces that wait for a slow reader.
const PIECES_WAITING: usize = 4;
/// Rows looked at together.
const ROWS: usize = 250;

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/vault/export", Guard::Device, export, "All that is stored of the vault")
            .takes::<SignedCommand>()
            .gives_bytes(NDJSON),
    ]
}

// Nothing is written, so nothing keeps the command's nonce: within the minutes of its age the
// same device can begin again with it, when an answer broke off.
async fn export(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    Json(signed): Json<SignedCommand>,
) -> Answer<Response> {
    let commanded = commands::verify(&app, &asked, device.id, &device.head, &signed).await?;
    commanded.demand(&Action::Export {})?;
    let vault = vault::live(&app, &device).await?;
    let (sender, receiver) = channel(PIECES_WAITING);
    let mut out = Lines { sender, count: 0 };
    tokio::spawn(async move {
        if let Err(Stop::Failed(problem)) = write(&app, vault, &mut out).await {
            tracing::warn!(code = problem.cause.code(), "an export broke off");
            // Breaks the answer off: what has come is not taken for all there is.
            let _gone = out.sender.send(Err(std::io::Error::other(problem.cause.code()))).await;
        }
    });
    let headers = [
        (header::CONTENT_TYPE, NDJSON),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"vault.ndjson\""),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(receiver))).into_response())
}

/// Why an export stops before its end.
enum Stop {
    /// Nobody reads any more.
    Gone,
    /// The world broke.
    Failed(Problem),
}

impl<T: Into<Problem>> From<T> for Stop {
    fn from(problem: T) -> Self {
        Self::Failed(problem.into())
    }
}

type Written = Result<(), Stop>;

/// The lines on their way out.
struct Lines {
    sender: Sender<std::io::Result<Bytes>>,
    count: u64,
}

impl Lines {
    async fn piece(&self, piece: impl Into<Bytes>) -> Written {
        self.sender.send(Ok(piece.into())).await.map_err(|_| Stop::Gone)
    }

    async fn line(&mut self, kind: &'static str, value: &impl Serialize) -> Written {
        let line = Line { r#type: kind, value };
        let mut text = serde_json::to_vec(&line).map_err(|_| Trouble::Internal)?;
        text.push(b'\n');
        self.count += 1;
        self.piece(text).await
    }
}

#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

async fn write(app: &App, vault: Id, out: &mut Lines) -> Written {
    let head: symbolon_domain::entity::vault::Vault = app.head_of(vault).await?;
    let recovery = head.recovery.map(VaultRecovery::from);
    let line = serde_json::json!({ "id": vault, "created": head.created, "recovery": recovery });
    out.line("vault", &line).await?;
    devices(app, vault, out).await?;
    manifest(app, vault, out).await?;
    // Items first: an object that a later item names is among those found after it.
    items(app, vault, out).await?;
    all_objects(app, vault, out).await?;
    grants(app, vault, out).await?;
    let count = out.count;
    out.line("end", &serde_json::json!({ "lines": count })).await
}

async fn devices(app: &App, vault: Id, out: &mut Lines) -> Written {
    let range = Index::DevicesOf(vault, vault).siblings();
    let mut cursor = Some(Cursor::default());
    while let Some(from) = cursor.take() {
        let page = view::page::<device::Device>(app, &range, &from).await?;
        for (id, head) in &page.items {
            out.line("device", &device_view(*id, head)).await?;
        }
        cursor = following(page.cursor);
    }
    Ok(())
}

async fn manifest(app: &App, vault: Id, out: &mut Lines) -> Written {
    let row = app.row(vault, &Row::VaultManifest).await?;
    let Some(head) = row.as_deref().and_then(ManifestHead::from_row) else { return Ok(()) };
    let commit = app.row(vault, &Row::VaultCommit(head.epoch)).await?;
    let commit = commit.and_then(|commit| String::from_utf8(commit).ok());
    let view = ManifestView { epoch: head.epoch, root: head.root, commit };
    out.line("manifest", &view).await
}

async fn items(app: &App, vault: Id, out: &mut Lines) -> Written {
    let mut rows = Rows::new(key::rows_like(vault, &Row::VaultItem(Digest([0; 32]))));
    while let Some(found) = rows.next(app).await? {
        for entry in &found {
            out.line("item", &vault::item_entry(entry)?).await?;
        }
    }
    Ok(())
}

async fn all_objects(app: &App, vault: Id, out: &mut Lines) -> Written {
    let mut rows = Rows::new(key::rows_like(vault, &Row::VaultObject([0; 16])));
    while let Some(found) = rows.next(app).await? {
        for entry in found {
            let Ok(Place::Row(_, Row::VaultObject(id))) = Place::parse(&entry.key) else {
                return Err(damaged(vault, "an object's row").into());
            };
            object(app, vault, id, out).await?;
        }
    }
    Ok(())
}

// One line in pieces: an object need not fit into memory.
async fn object(app: &App, vault: Id, id: [u8; 16], out: &mut Lines) -> Written {
    let Some((stored, mut pieces)) = objects::open(app, vault, id).await? else {
        return Ok(());
    };
    let StoredObject { digest, size, created, .. } = stored;
    let id = base64url(&id);
    out.piece(format!(
        r#"{{"type":"object","id":"{id}","digest":"{digest}","size":{size},"created":"{created}","bytes":""#
    ))
    .await?;
    // Three bytes are four characters: only the last piece may end elsewhere.
    let mut rest: Vec<u8> = Vec::new();
    let mut sent = 0_u64;
    while let Some(piece) = pieces.next().await {
        rest.extend_from_slice(&piece?);
        let whole = rest.len() - rest.len() % 3;
        let left = rest.split_off(whole);
        sent += rest.len() as u64;
        out.piece(base64url(&rest)).await?;
        rest = left;
    }
    sent += rest.len() as u64;
    if sent != size {
        return Err(damaged(vault, "an object").into());
    }
    out.count += 1;
    out.piece(base64url(&rest) + "\"}\n").await
}

async fn grants(app: &App, vault: Id, out: &mut Lines) -> Written {
    let range = grants_of(vault);
    let mut cursor = Some(Cursor::default());
    while let Some(from) = cursor.take() {
        let page = view::page::<grant::Grant>(app, &range, &from).await?;
        for (id, grant) in &page.items {
            one_grant(app, *id, grant, out).await?;
        }
        cursor = following(page.cursor);
    }
    Ok(())
}

async fn one_grant(app: &App, id: Id, grant: &grant::Grant, out: &mut Lines) -> Written {
    let view = view::grant_view(app, id, grant).await?;
    let selection: Option<grant::StoredSelection> = app.row_as(id, &Row::GrantSelection).await?;
    let selection = selection.map(|stored| {
        serde_json::json!({
            "selection": stored.selection,
            "credential_id": base64url(&stored.credential_id),
            "client_data": base64url(&stored.client_data),
            "authenticator_data": base64url(&stored.authenticator_data),
            "signature": base64url(&stored.signature),
        })
    });
    let line = serde_json::json!({ "grant": view, "selection": selection });
    out.line("grant", &line).await?;
    let paths = paths(app, id, grant).await?;
    let mut cursor = Some(Cursor::default());
    while let Some(from) = cursor.take() {
        let page = records_page(app, id, &paths, &from).await?;
        for record in &page.items {
            out.line("record", &serde_json::json!({ "grant": id, "record": record })).await?;
        }
        cursor = following(page.cursor);
    }
    Ok(())
}

fn following(cursor: Option<String>) -> Option<Cursor> {
    cursor.map(|cursor| Cursor { cursor: Some(cursor) })
}

fn damaged(vault: Id, what: &str) -> StoreFault {
    StoreFault::Corrupt(format!("{vault}: {what} is damaged"))
}

/// The rows of a range, some at a time.
struct Rows {
    rest: Option<Range>,
}

impl Rows {
    fn new(range: Range) -> Self {
        Self { rest: Some(range) }
    }

    async fn next(&mut self, app: &App) -> Result<Option<Vec<Entry>>, StoreFault> {
        let Some(range) = self.rest.take() else { return Ok(None) };
        let found = app.store.scan(&range, ROWS).await?;
        if let Some(last) = found.last().filter(|_| found.len() == ROWS) {
            self.rest = Some(range.after(&last.key));
        }
        Ok(Some(found))
    }
}
