//! Grants as the person sees them: what was given, every use of it, and how to stop it.

use super::call::{Request as Asked, send, unexpected};
use super::commands;
use super::guard::{Device, Guard};
use super::json::{At, Json, Params};
use super::problem::Answer;
use super::route::Route;
use super::state::App;
use super::vault;
use super::view::{self, Cursor};
use axum::extract::State;
use std::collections::BTreeMap;
use std::sync::Arc;
use symbolon_domain::api::device::{RecordFact, RecordView, SignedCommand, UsedItem};
use symbolon_domain::api::partner::GrantView;
use symbolon_domain::api::{Bytes, Page};
use symbolon_domain::bytes::Digest;
use symbolon_domain::document::command::Action;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::grant::{Command, Grant, GrantState, GrantedItem};
use symbolon_domain::key::{self, Index, Row};
use symbolon_domain::log::{Fact, Leaf, Record};
use symbolon_domain::port::StoreFault;
use symbolon_domain::{Id, Kind, Rejection, Timestamp, record};

/// Most records of one page.
const PAGE_RECORDS: usize = 100;

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    // Three routes, one handler: the signed command must say the same as the path.
    let moving = |action: fn(Id) -> Action, to: GrantState| {
        move |State(app): State<Arc<App>>,
              asked: Asked,
              device: Device,
              At(id): At<Id>,
              Json(signed): Json<SignedCommand>| async move {
            move_to(&app, &asked, &device, id, &signed, (&action(id), to)).await
        }
    };
    let pause = moving(|grant| Action::PauseGrant { grant }, GrantState::Paused);
    let resume = moving(|grant| Action::ResumeGrant { grant }, GrantState::Active);
    let revoke = moving(|grant| Action::RevokeGrant { grant }, GrantState::Revoked);
    vec![
        Route::get("/v1/grants", Guard::Device, list, "The caller's grants, oldest first")
            .query(&["cursor"])
            .gives_page::<GrantView>(),
        Route::get("/v1/grants/{id}", Guard::Device, get, "One grant").gives::<GrantView>(),
        Route::get("/v1/grants/{id}/records", Guard::Device, records, "A grant's chain of records")
            .query(&["cursor"])
            .gives_page::<RecordView>(),
        Route::post("/v1/grants/{id}/pause", Guard::Device, pause, "Lends nothing for now")
            .takes::<SignedCommand>()
            .gives::<GrantView>(),
        Route::post("/v1/grants/{id}/resume", Guard::Device, resume, "Lends again")
            .takes::<SignedCommand>()
            .gives::<GrantView>(),
        Route::post("/v1/grants/{id}/revoke", Guard::Device, revoke, "Never lends again")
            .takes::<SignedCommand>()
            .gives::<GrantView>(),
    ]
}

async fn list(
    State(app): State<Arc<App>>,
    device: Device,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<GrantView>>> {
    let vault = vault::live(&app, &device).await?;
    let page = view::page::<Grant>(&app, &grants_of(vault), &cursor).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for (id, grant) in &page.items {
        items.push(view::grant_view(&app, *id, grant).await?);
    }
    Ok(Json(Page { items, cursor: page.cursor }))
}

async fn get(
    State(app): State<Arc<App>>,
    asked: Asked,
    _: Device,
    At(id): At<Id>,
) -> Answer<Json<GrantView>> {
    let grant = look(&app, &asked, id).await?;
    Ok(Json(view::grant_view(&app, id, &grant).await?))
}

async fn records(
    State(app): State<Arc<App>>,
    asked: Asked,
    _: Device,
    At(id): At<Id>,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<RecordView>>> {
    let grant = look(&app, &asked, id).await?;
    let paths = paths(&app, id, &grant).await?;
    Ok(Json(records_page(&app, id, &paths, &cursor).await?))
}

async fn move_to(
    app: &App,
    asked: &Asked,
    device: &Device,
    id: Id,
    signed: &SignedCommand,
    (action, to): (&Action, GrantState),
) -> Answer<Json<GrantView>> {
    let commanded = commands::verify(app, asked, device.id, &device.head, signed).await?;
    commanded.demand(action)?;
    let command = Command::Move { to, document_hash: Some(commanded.digest) };
    let mut call = asked.call(app, demand_grant(id)?, command);
    call.keep = Some(commanded.keep());
    let grant = grant_of(send(app, call).await?)?;
    Ok(Json(view::grant_view(app, id, &grant).await?))
}

async fn look(app: &App, asked: &Asked, id: Id) -> Answer<Grant> {
    grant_of(send(app, asked.call(app, demand_grant(id)?, Command::Look)).await?)
}

fn demand_grant(id: Id) -> Result<Id, Rejection> {
    if id.kind == Kind::Grant { Ok(id) } else { Err(Rejection::NotFound) }
}

fn grant_of(reply: Reply) -> Answer<Grant> {
    match reply {
        Reply::Grant(grant) => Ok(*grant),
        _ => Err(unexpected()),
    }
}

/// The index rows of a vault's grants.
pub(super) fn grants_of(vault: Id) -> symbolon_domain::port::Range {
    Index::GrantsOfVault(vault, Timestamp(0), vault).siblings()
}

/// The path of each item, as granted.
pub(super) async fn paths(
    app: &App,
    id: Id,
    grant: &Grant,
) -> Result<BTreeMap<Digest, String>, StoreFault> {
    let keys: Vec<_> =
        (0..grant.items).map(|number| key::row(id, &Row::GrantItem(number))).collect();
    let mut paths = BTreeMap::new();
    for value in app.store.get_many(&keys).await?.into_iter().flatten() {
        let item: GrantedItem = record::decode(&value)
            .map_err(|error| StoreFault::Corrupt(format!("{id}: {error}")))?;
        paths.insert(item.item, item.path);
    }
    Ok(paths)
}

/// A page of a grant's records, in the chain's order.
pub(super) async fn records_page(
    app: &App,
    id: Id,
    paths: &BTreeMap<Digest, String>,
    cursor: &Cursor,
) -> Answer<Page<RecordView>> {
    let range = key::rows_like(id, &Row::GrantRecord(0));
    let found = app.store.scan(&cursor.rest(&range)?, PAGE_RECORDS).await?;
    let next = (found.len() == PAGE_RECORDS).then(|| found.last()).flatten();
    let cursor = next.and_then(|entry| Cursor::after(&range, &entry.key));
    let damaged = || StoreFault::Corrupt(format!("{id}: a record is damaged"));
    let mut items = Vec::with_capacity(found.len());
    for entry in &found {
        let leaf: Leaf = record::decode(&entry.value).map_err(|_| damaged())?;
        items.push(record_view(leaf, paths).ok_or_else(damaged)?);
    }
    Ok(Page { items, cursor })
}

fn record_view(leaf: Leaf, paths: &BTreeMap<Digest, String>) -> Option<RecordView> {
    let record = Record::from_bytes(&leaf.record).ok()?;
    let (kind, state, items) = match record.fact {
        Fact::Given { .. } => ("given", None, Vec::new()),
        Fact::Moved { to, .. } => ("moved", Some(state_text(to)?), Vec::new()),
        Fact::Used { items, .. } => {
            let used = items.into_iter().map(|used| UsedItem {
                path: paths.get(&used.item).cloned().unwrap_or_default(),
                item: used.item,
                version: used.version,
                digest: used.digest,
            });
            ("used", None, used.collect())
        }
    };
    Some(RecordView {
        sequence: leaf.sequence,
        leaf: leaf.hash,
        salt: Bytes(leaf.salt.to_vec()),
        record: Bytes(leaf.record),
        fact: RecordFact { kind: kind.to_owned(), at: record.at, state, items },
    })
}

// The same word as everywhere else in JSON.
fn state_text(state: GrantState) -> Option<String> {
    serde_json::to_value(state).ok()?.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::log::ItemUse;

    fn leaf(fact: Fact) -> Leaf {
        let grant = Id::new(Kind::Grant, "eu1".parse().unwrap(), [1; 16]);
        let previous = Digest([0; 32]);
        Record { grant, at: Timestamp(5), sequence: 3, previous, fact }.into_leaf([9; 32])
    }

    #[test]
    fn a_record_in_words() {
        let used = ItemUse { item: Digest([1; 32]), version: 4, digest: Digest([2; 32]) };
        let paths = BTreeMap::from([(used.item, "name.family".to_owned())]);
        let leaf_used = leaf(Fact::Used { read: [7; 16], items: vec![used] });
        let view = record_view(leaf_used.clone(), &paths).unwrap();
        assert_eq!((view.sequence, view.leaf), (3, leaf_used.hash));
        assert_eq!(Digest::lp("leaf", &[&view.salt.0, &view.record.0]), view.leaf);
        assert_eq!((view.fact.kind.as_str(), view.fact.at), ("used", Timestamp(5)));
        let item = &view.fact.items[0];
        assert_eq!((item.path.as_str(), item.version), ("name.family", 4));

        let moved = leaf(Fact::Moved { to: GrantState::Paused, document_hash: None });
        let fact = record_view(moved, &paths).unwrap().fact;
        assert_eq!((fact.kind.as_str(), fact.state.as_deref()), ("moved", Some("paused")));
    }

    #[test]
    fn a_damaged_record_is_none() {
        let mut damaged = leaf(Fact::Moved { to: GrantState::Paused, document_hash: None });
        damaged.record.push(0);
        assert!(record_view(damaged, &BTreeMap::new()).is_none());
    }
}
