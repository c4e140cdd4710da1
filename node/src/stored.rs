//! What every place of a store must hold: for the check of a whole store.

use crate::webhook::Cursor;
use symbolon_domain::Id;
use symbolon_domain::entity::device::{HintPlace, SignCount};
use symbolon_domain::entity::grant::{GrantUse, GrantWrap, GrantedItem, StoredSelection};
use symbolon_domain::entity::notice::Notice;
use symbolon_domain::entity::vault::{Approval, ItemVersion, ManifestHead, StoredObject, Usage};
use symbolon_domain::entity::{Effect, Stored};
use symbolon_domain::key::{Place, Row, log_queue, outbox_queue};
use symbolon_domain::port::Kept;
use symbolon_domain::record::{self, Record};

/// Decodes a value as what its key names.
///
/// # Errors
/// What is wrong with it.
pub fn check(place: &Place, value: &[u8]) -> Result<(), String> {
    match place {
        Place::Head(id) => {
            Stored::decode(id.kind, value).map(drop).map_err(|error| error.to_string())
        }
        Place::Row(_, row) => check_row(row, value),
        Place::Index(_) => {
            let id = value.try_into().ok().and_then(|bytes| Id::from_bytes(bytes).ok());
            id.map(drop).ok_or_else(|| "does not name an entity".into())
        }
        Place::Queued(queue, _) if *queue == outbox_queue() => decodes::<Effect>(value),
        Place::Queued(queue, _) if *queue == log_queue() => nonempty(value),
        Place::Queued(..) => decodes::<Notice>(value),
        Place::Idempotency(_) => Kept::decode(value).map(drop).map_err(|error| error.to_string()),
        Place::Meta(_) | Place::Due(..) | Place::DueKept(..) | Place::Batch(_) => Ok(()),
    }
}

fn check_row(row: &Row, value: &[u8]) -> Result<(), String> {
    match row {
        Row::InstitutionDocument
        | Row::OfferDocument
        | Row::SessionStatement
        | Row::VaultCommit(_) => {
            let text = std::str::from_utf8(value).map_err(|error| error.to_string())?;
            if text.split('.').count() == 3 { Ok(()) } else { Err("is no compact JWS".into()) }
        }
        Row::GrantSelection => decodes::<StoredSelection>(value),
        Row::GrantItem(_) => decodes::<GrantedItem>(value),
        Row::GrantWrap(_) => decodes::<GrantWrap>(value),
        Row::GrantRead(_) => decodes::<GrantUse>(value),
        Row::VaultItem(_) => decodes::<ItemVersion>(value),
        Row::VaultObject(_) => decodes::<StoredObject>(value),
        Row::VaultApproval(_) => decodes::<Approval>(value),
        Row::VaultManifest => {
            ManifestHead::from_row(value).map(drop).ok_or_else(|| "is no manifest's head".into())
        }
        Row::InstitutionWebhook => decodes::<Cursor>(value),
        Row::DeviceHint(_) => {
            HintPlace::from_row(value).map(drop).ok_or_else(|| "is no place of a hint".into())
        }
        Row::DeviceSignCount => {
            SignCount::from_row(value).map(drop).ok_or_else(|| "is no counter".into())
        }
        Row::FrontEndSlot(_) => {
            let id = value.try_into().ok().and_then(|bytes| Id::from_bytes(bytes).ok());
            id.map(drop).ok_or_else(|| "does not name a session".into())
        }
        Row::FrontEndAsk => {
            if value.len() == 8 {
                Ok(())
            } else {
                Err("is no time".into())
            }
        }
        Row::SessionRequest
        | Row::GrantItemWrap(_)
        | Row::GrantRecord(_)
        | Row::VaultObjectPiece(..)
        | Row::VaultNode(_) => nonempty(value),
        Row::VaultUsage => {
            Usage::from_row(value).map(drop).ok_or_else(|| "is no vault's usage".into())
        }
        Row::VaultPin(..) | Row::VaultErase(..) => Ok(()),
    }
}

fn decodes<T: Record>(value: &[u8]) -> Result<(), String> {
    record::decode::<T>(value).map(drop).map_err(|error| error.to_string())
}

fn nonempty(value: &[u8]) -> Result<(), String> {
    if value.is_empty() { Err("is empty".into()) } else { Ok(()) }
}
