//! An object's ciphertext, from the store's rows or from its blob, whole.

use super::objects;
use super::problem::{Answer, Problem};
use super::state::App;
use super::trouble::Trouble;
use futures_util::TryStreamExt;
use symbolon_domain::Id;
use symbolon_domain::entity::vault::StoredObject;

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
    let mut pieces = objects::pieces(app, vault, object, stored).await?;
    while let Some(piece) = pieces.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    if u64::try_from(bytes.len()).ok() == Some(stored.size) {
        return Ok(bytes);
    }
    tracing::error!(%vault, "an object is shorter or longer than its record says");
    Err(Trouble::StoreFailed.into())
}
