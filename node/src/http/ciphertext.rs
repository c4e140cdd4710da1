//! An object's ciphertext, from the store's rows or from its blob, whole.

use super::problem::{Answer, Problem};
use super::state::App;
use super::trouble::Trouble;
use crate::blobs::BlobFault;
use futures_util::TryStreamExt;
use symbolon_domain::Id;
use symbolon_domain::entity::vault::StoredObject;
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::SCAN_ENTRIES_MAX;

/// Bytes of the largest object that is read as a whole: what a node opens for somebody.
pub const WHOLE_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// The whole ciphertext.
///
/// # Errors
/// When it is missing or over the bound.
pub async fn ciphertext(
    app: &App,
    vault: Id,
    object: [u8; 16],
    stored: &StoredObject,
) -> Answer<Vec<u8>> {
    if stored.size > WHOLE_BYTES_MAX {
        return Err(Problem::from(Trouble::TooLarge).detail("the item is over 64 MiB"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stored.size).unwrap_or_default());
    if let Some(blob) = &stored.blob {
        let mut stream = app.blobs.read(blob).await.map_err(broken)?;
        while let Some(piece) = stream.try_next().await.map_err(broken)? {
            bytes.extend_from_slice(&piece);
        }
    } else {
        // Pieces are numbered from 0: the range's order is theirs.
        let first = key::row(vault, &Row::VaultObjectPiece(object, 0));
        let end = key::row(vault, &Row::VaultObjectPiece(object, u32::MAX));
        let mut rest = symbolon_domain::port::Range { start: first, end };
        loop {
            let page = app.store.scan(&rest, SCAN_ENTRIES_MAX.min(16)).await?;
            let Some(last) = page.last() else { break };
            rest = rest.after(&last.key);
            page.iter().for_each(|entry| bytes.extend_from_slice(&entry.value));
        }
    }
    if u64::try_from(bytes.len()).ok() == Some(stored.size) {
        return Ok(bytes);
    }
    tracing::error!(%vault, "an object is shorter or longer than its record says");
    Err(Trouble::StoreFailed.into())
}

fn broken(fault: BlobFault) -> Problem {
    match fault {
        BlobFault::Store(fault) => fault.into(),
        fault => {
            tracing::error!(%fault, "ciphertext cannot be read");
            Trouble::StoreFailed.into()
        }
    }
}
