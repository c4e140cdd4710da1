//! The operators' API: who may act, with which offers, and the node's own state.

pub mod dump;

use super::call::{Request, send, unexpected};
use super::guard::Guard;
use super::json::{At, Json, Params};
use super::pages::unready;
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use super::view::{Cursor, map_page, page};
use super::{institutions, offers};
use crate::data_folder::{KeyEntry, Purpose};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Deserialize;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use symbolon_domain::api::Page;
use symbolon_domain::api::operator::{KeyView, NodeStatus};
use symbolon_domain::api::partner::{InstitutionView, OfferView};
use symbolon_domain::entity::institution::{self, Institution, InstitutionState};
use symbolon_domain::entity::offer::{self, Offer, OfferState};
use symbolon_domain::entity::{Command, Reply};
use symbolon_domain::key::Index;
use symbolon_domain::{Id, Kind, Rejection};

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    let operator = Guard::Operator;
    let hours = Duration::from_secs(6 * 3_600);
    vec![
        Route::get("/metrics", operator, metrics, "Metrics in Prometheus' text format")
            .gives_bytes("text/plain"),
        Route::get("/v1/operator/status", operator, status, "The node's state")
            .gives::<NodeStatus>(),
        Route::get("/v1/operator/institutions", operator, institutions, "Institutions in a state")
            .query(&["state", "cursor"])
            .gives_page::<InstitutionView>(),
        Route::post(
            "/v1/operator/institutions/{id}/{verdict}",
            operator,
            judge_institution,
            "Decides about an institution: approve, refuse or suspend",
        )
        .gives::<InstitutionView>(),
        Route::get("/v1/operator/offers", operator, offers, "Offers in a state")
            .query(&["state", "cursor"])
            .gives_page::<OfferView>(),
        Route::get("/v1/operator/offers/{id}", operator, offer, "One offer, with its document")
            .gives::<OfferView>(),
        Route::post(
            "/v1/operator/offers/{id}/{verdict}",
            operator,
            judge_offer,
            "Decides about an offer: approve or refuse",
        )
        .gives::<OfferView>(),
        Route::get("/v1/operator/keys", operator, keys, "The key ring, without its secrets")
            .gives_json(200),
        Route::post(
            "/v1/operator/keys/{purpose}/rotate",
            operator,
            rotate,
            "Makes a new current key for a purpose; what the old ones made stays good",
        )
        .gives::<KeyView>(),
        Route::get(
            "/v1/operator/store/backup",
            operator,
            dump::backup,
            "The whole store as a dump",
        )
        .gives_bytes("application/octet-stream")
        .bounded(0, hours),
        Route::get(
            "/v1/operator/store/check",
            operator,
            dump::check,
            "Reads the whole store through",
        )
        .gives::<dump::CheckReport>()
        .bounded(0, hours),
    ]
}

async fn metrics(State(app): State<Arc<App>>) -> Answer<Response> {
    let Some(metrics) = &app.metrics else {
        return Err(Problem::from(Rejection::NotFound).detail("this process keeps no metrics"));
    };
    let mut response = metrics.render().into_response();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    Ok(response)
}

async fn status(State(app): State<Arc<App>>) -> Json<NodeStatus> {
    Json(NodeStatus {
        node: app.config.node.clone(),
        region: app.region.to_string(),
        version: env!("CARGO_PKG_VERSION").into(),
        started: app.started,
        ready: unready(&app).is_ok(),
        actors: (app.live_entities)(),
        store_fault: app.store.health().err().map(|fault| fault.to_string()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing<S> {
    state: S,
    cursor: Option<String>,
}

async fn institutions(
    State(app): State<Arc<App>>,
    Params(Listing { state, cursor }): Params<Listing<InstitutionState>>,
) -> Answer<Json<Page<InstitutionView>>> {
    let example = Id::new(Kind::Institution, app.region, [0; 16]);
    let range = Index::Institutions(state as u8, example).siblings();
    let found: Page<(Id, Institution)> = page(&app, &range, &Cursor { cursor }).await?;
    Ok(Json(map_page(found, |(id, head)| institutions::view(id, &head))))
}

async fn offers(
    State(app): State<Arc<App>>,
    Params(Listing { state, cursor }): Params<Listing<OfferState>>,
) -> Answer<Json<Page<OfferView>>> {
    let example = Id::new(Kind::Offer, app.region, [0; 16]);
    let range = Index::Offers(state as u8, example).siblings();
    let found: Page<(Id, Offer)> = page(&app, &range, &Cursor { cursor }).await?;
    Ok(Json(map_page(found, |(id, offer)| offers::view(id, &offer))))
}

async fn offer(State(app): State<Arc<App>>, At(id): At<Id>) -> Answer<Json<OfferView>> {
    offers::full_view(&app, id).await.map(Json)
}

async fn judge_institution(
    State(app): State<Arc<App>>,
    request: Request,
    At((id, verdict)): At<(Id, String)>,
) -> Answer<Json<InstitutionView>> {
    let state = match verdict.as_str() {
        "approve" => InstitutionState::Approved,
        "refuse" => InstitutionState::Refused,
        "suspend" => InstitutionState::Suspended,
        _ => return Err(Trouble::NoSuchRoute.into()),
    };
    let command: Command = institution::Command::Judge(state).into();
    match send(&app, request.call(&app, id, command)).await? {
        Reply::Institution(head) => Ok(Json(institutions::view(id, &head))),
        _ => Err(unexpected()),
    }
}

async fn judge_offer(
    State(app): State<Arc<App>>,
    request: Request,
    At((id, verdict)): At<(Id, String)>,
) -> Answer<Json<OfferView>> {
    let state = match verdict.as_str() {
        "approve" => OfferState::Approved,
        "refuse" => OfferState::Refused,
        _ => return Err(Trouble::NoSuchRoute.into()),
    };
    let command: Command = offer::Command::Judge(state).into();
    match send(&app, request.call(&app, id, command)).await? {
        Reply::Offer(offer) => Ok(Json(offers::view(id, &offer))),
        _ => Err(unexpected()),
    }
}

fn key_view(entry: &KeyEntry, current: bool) -> KeyView {
    KeyView {
        purpose: entry.purpose.to_string(),
        id: entry.id.clone(),
        current,
        created: entry.created,
    }
}

async fn keys(State(app): State<Arc<App>>) -> Json<Vec<KeyView>> {
    let keys = app.keys.read().unwrap_or_else(PoisonError::into_inner);
    let is_current =
        |entry: &KeyEntry| keys.current(entry.purpose).is_ok_and(|current| current.id == entry.id);
    Json(keys.list().map(|entry| key_view(entry, is_current(entry))).collect())
}

async fn rotate(State(app): State<Arc<App>>, At(purpose): At<String>) -> Answer<Json<KeyView>> {
    let purpose = Purpose::ALL.iter().find(|known| known.as_str() == purpose).copied();
    let purpose = purpose
        .ok_or_else(|| Problem::from(Rejection::NotFound).detail("no key has this purpose"))?;
    if purpose == Purpose::ClusterRoot {
        let detail = "wallets have pinned the root: a new one would be a new cluster to them";
        return Err(Problem::from(Rejection::Forbidden).detail(detail));
    }
    let rotated = tokio::task::spawn_blocking(move || {
        let mut keys = app.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.rotate(purpose, app.clock.as_ref(), app.entropy.as_ref())
            .map(|entry| key_view(entry, true))
            .map_err(|fault| {
                tracing::error!(%fault, "a key cannot be rotated");
                Problem::from(Trouble::Internal).detail(fault.to_string())
            })
    });
    rotated.await.map_err(|_| Trouble::Internal)?.map(Json)
}
