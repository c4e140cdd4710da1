//! Ciphertext in and out: small objects in the store, large ones in a blob beside it. The
//! node never holds more of an object than a piece of it.

use super::call::{Request as Asked, send};
use super::guard::{Device, Guard};
use super::json::{At, demand_media_type};
use super::problem::{Answer, Cause, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use super::vault;
use crate::blobs::{BlobFault, BlobStream, Upload};
use crate::listen::raise;
use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, StatusCode, header};
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::bytes::{Digest, base64url_array};
use symbolon_domain::entity::vault::{Command, StoredObject};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::StoreFault;
use symbolon_domain::{Id, Rejection};

/// Most bytes of an object that the store itself keeps.
pub const INLINE_BYTES_MAX: usize = 64 << 10;
/// Time for one upload, if it keeps coming.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(3_600);
const OCTETS: &str = "application/octet-stream";

static CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    const PATH: &str = "/v1/vault/objects/{object}";
    vec![
        Route::put(PATH, Guard::Device, put, "Stores ciphertext that no manifest names yet")
            .takes_bytes(OCTETS),
        Route::get(PATH, Guard::Device, get, "An object's ciphertext").gives_bytes(OCTETS),
    ]
}

impl From<BlobFault> for Problem {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::Store(fault) => fault.into(),
            fault => {
                tracing::error!(%fault, "large ciphertext");
                Trouble::StoreFailed.into()
            }
        }
    }
}

/// What came of an upload before any record names it.
struct Received {
    digest: Digest,
    size: u64,
    held: Held,
}

enum Held {
    Inline(Vec<u8>),
    Blob(Upload),
}

async fn put(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    At(object): At<String>,
    request: Request,
) -> Answer<StatusCode> {
    let object: [u8; 16] = base64url_array(&object).map_err(|_| {
        Problem::from(Rejection::InvalidRequest).detail("an object's id is 16 bytes in base64url")
    })?;
    demand_media_type(request.headers(), OCTETS)?;
    let wanted = content_digest(request.headers())?;
    let vault = vault::live(&app, &device).await?;
    // A blob is written beside the store, and must not fill the disk's reserve.
    app.store.health()?;
    raise(&request, app.config.limits.object_bytes, UPLOAD_TIMEOUT);
    let received = receive(&app, vault, &object, request.into_body()).await?;
    if wanted.is_some_and(|wanted| wanted != received.digest) {
        return Err(Trouble::DigestMismatch.into());
    }
    store(&app, &asked, vault, object, received).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn receive(app: &App, vault: Id, object: &[u8; 16], body: Body) -> Answer<Received> {
    let mut pieces = body.into_data_stream();
    let mut hash = Context::new(&SHA256);
    let mut size = 0_u64;
    let mut held = Held::Inline(Vec::new());
    while let Some(piece) = pieces.next().await {
        let piece = piece
            .map_err(|error| Problem::from(Trouble::MalformedBody).detail(error.to_string()))?;
        hash.update(&piece);
        size += piece.len() as u64;
        if size > app.config.limits.object_bytes {
            return Err(Trouble::TooLarge.into());
        }
        held = match held {
            Held::Inline(mut bytes) if bytes.len() + piece.len() <= INLINE_BYTES_MAX => {
                bytes.extend_from_slice(&piece);
                Held::Inline(bytes)
            }
            Held::Inline(bytes) => {
                let mut upload = app.blobs.begin(vault, object, app.entropy.as_ref()).await?;
                upload.write(&bytes).await?;
                upload.write(&piece).await?;
                Held::Blob(upload)
            }
            Held::Blob(mut upload) => {
                upload.write(&piece).await?;
                Held::Blob(upload)
            }
        };
    }
    if size == 0 {
        return Err(Problem::from(Rejection::InvalidRequest).detail("an object is never empty"));
    }
    let digest = hash.finish().as_ref().try_into().map_err(|_| Trouble::Internal)?;
    Ok(Received { digest: Digest(digest), size, held })
}

// The blob is durable first; the command that names it follows.
async fn store(
    app: &App,
    asked: &Asked,
    vault: Id,
    object: [u8; 16],
    received: Received,
) -> Answer<()> {
    let (blob, pieces) = match received.held {
        Held::Inline(bytes) => (None, vec![bytes]),
        Held::Blob(upload) => (Some(upload.finish().await?), Vec::new()),
    };
    let stored = StoredObject {
        digest: received.digest,
        size: received.size,
        blob: blob.clone(),
        // The vault counts the pieces and decides how long it may wait for its commit.
        pieces: 0,
        created: app.now(),
        erase: None,
    };
    let bytes_max = app.config.limits.vault_bytes;
    let command = Command::PutObject { object, stored, pieces, bytes_max };
    let outcome = send(app, asked.call(app, vault, command)).await;
    if let Some(blob) = blob {
        let unnamed = match &outcome {
            // The same bytes may have been there already, under another name.
            Ok(_) => named(app, vault, object).await?.as_ref() != Some(&blob),
            Err(problem) => matches!(problem.cause, Cause::Rejection(_)),
        };
        // What is left after a fault is the sweeper's: the command may have been carried out.
        if unnamed {
            app.blobs.delete(&blob).await?;
        }
    }
    outcome.map(|_| ())
}

async fn named(app: &App, vault: Id, object: [u8; 16]) -> Answer<Option<String>> {
    let stored: Option<StoredObject> = app.row_as(vault, &Row::VaultObject(object)).await?;
    Ok(stored.and_then(|stored| stored.blob))
}

async fn get(
    State(app): State<Arc<App>>,
    device: Device,
    At(object): At<String>,
) -> Answer<Response> {
    let object = base64url_array(&object).map_err(|_| Rejection::NotFound)?;
    let vault = vault::live(&app, &device).await?;
    let (stored, pieces) = open(&app, vault, object).await?.ok_or(Rejection::NotFound)?;
    Ok(answer(&stored, pieces))
}

/// An object's ciphertext as an answer, with its length and digest.
#[must_use]
pub fn answer(stored: &StoredObject, pieces: BlobStream) -> Response {
    let headers = [
        (header::CONTENT_TYPE, OCTETS.to_owned()),
        (header::CONTENT_LENGTH, stored.size.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::ETAG, format!("\"{}\"", stored.digest)),
        (CONTENT_DIGEST.clone(), format!("sha-256=:{}:", Base64::encode_string(&stored.digest.0))),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// An object's record and its ciphertext, piece by piece; `None` if there is none.
///
/// # Errors
/// When the store or the medium fails.
pub async fn open(
    app: &App,
    vault: Id,
    object: [u8; 16],
) -> Result<Option<(StoredObject, BlobStream)>, BlobFault> {
    let stored: Option<StoredObject> = app.row_as(vault, &Row::VaultObject(object)).await?;
    let Some(stored) = stored else { return Ok(None) };
    let pieces = pieces(app, vault, object, &stored).await?;
    Ok(Some((stored, pieces)))
}

/// The ciphertext of an object whose record is known, piece by piece.
///
/// # Errors
/// When the store or the medium fails.
pub async fn pieces(
    app: &App,
    vault: Id,
    object: [u8; 16],
    stored: &StoredObject,
) -> Result<BlobStream, BlobFault> {
    if let Some(name) = &stored.blob {
        return app.blobs.read(name).await;
    }
    let rows = (0..stored.pieces).map(|piece| Row::VaultObjectPiece(object, piece));
    let keys: Vec<_> = rows.map(|row| key::row(vault, &row)).collect();
    let pieces = app.store.get_many(&keys).await?.into_iter().map(move |piece| {
        let missing = || StoreFault::Corrupt(format!("{vault}: a piece of an object is missing"));
        Ok(piece.ok_or_else(missing)?.into())
    });
    Ok(stream::iter(pieces).boxed())
}

/// The SHA-256 that `Content-Digest` names (RFC 9530), if it is there. Other algorithms
/// are let through unlooked at.
fn content_digest(headers: &HeaderMap) -> Answer<Option<Digest>> {
    let refused = || {
        Problem::from(Trouble::MalformedParameter)
            .detail("Content-Digest must be a dictionary such as sha-256=:…base64…:")
    };
    let mut found = None;
    for value in headers.get_all(&CONTENT_DIGEST) {
        for member in value.to_str().map_err(|_| refused())?.split(',') {
            let (name, value) = member.trim().split_once('=').ok_or_else(refused)?;
            let bytes = value.strip_prefix(':').and_then(|value| value.strip_suffix(':'));
            let bytes = Base64::decode_vec(bytes.ok_or_else(refused)?).map_err(|_| refused())?;
            if name == "sha-256" {
                found = Some(Digest(bytes.try_into().map_err(|_| refused())?));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<Digest>, Cause> {
        let value = |text: &&str| (CONTENT_DIGEST.clone(), text.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in values.iter().map(value) {
            headers.append(name, value);
        }
        content_digest(&headers).map_err(|problem| problem.cause)
    }

    // The example of RFC 9530 appendix D, and what goes wrong.
    #[test]
    fn content_digests() {
        let right = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        let digest = Digest::of(b"{\"hello\": \"world\"}\n");
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[right]), Ok(Some(digest)));
        assert_eq!(read(&["sha-512=:AAAA:", right]), Ok(Some(digest)));
        assert_eq!(read(&[&format!("md5=:AAAA:, {right}")]), Ok(Some(digest)));
        assert_eq!(read(&["sha-512=:AAAA:"]), Ok(None));
        let refused = Err(Cause::Trouble(Trouble::MalformedParameter));
        for wrong in ["", "sha-256", "sha-256=AAAA", "sha-256=:AAAA:", "sha-256=:-_:", "sha-256=:"]
        {
            assert_eq!(read(&[wrong]), refused, "{wrong}");
        }
    }
}
