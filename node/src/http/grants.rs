//! Grants as their institution sees them: list, look, give up.

use super::call::{Request, send, unexpected};
use super::device_grants;
use super::guard::{Guard, Institution};
use super::json::{At, Json, Params};
use super::problem::Answer;
use super::route::Route;
use super::state::App;
use super::view::{Cursor, grant_view, page};
use axum::extract::State;
use std::sync::Arc;
use symbolon_domain::api::Page;
use symbolon_domain::api::device::RecordView;
use symbolon_domain::api::partner::GrantView;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::grant::{Command, Grant, GrantState};
use symbolon_domain::key::Index;
use symbolon_domain::{Id, Timestamp};

/// The routes.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    vec![
        Route::get("/v1/grants", Guard::Institution, list, "The caller's grants, oldest first")
            .query(&["cursor"])
            .gives_page::<GrantView>(),
        Route::get("/v1/grants/{id}", Guard::Institution, look, "One grant").gives::<GrantView>(),
        Route::get(
            "/v1/grants/{id}/records",
            Guard::Institution,
            records,
            "A grant's chain of records: the person's devices see the same",
        )
        .query(&["cursor"])
        .gives_page::<RecordView>(),
        Route::delete(
            "/v1/grants/{id}",
            Guard::Institution,
            relinquish,
            "Gives a grant up: nothing can be read under it any more",
        )
        .gives::<GrantView>(),
    ]
}

async fn list(
    State(app): State<Arc<App>>,
    institution: Institution,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<GrantView>>> {
    let id = institution.id;
    let range = Index::GrantsOfInstitution(id, Timestamp(0), id).siblings();
    let found: Page<(Id, Grant)> = page(&app, &range, &cursor).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for (id, grant) in &found.items {
        items.push(grant_view(&app, *id, grant).await?);
    }
    Ok(Json(Page { items, cursor: found.cursor }))
}

async fn look(
    State(app): State<Arc<App>>,
    request: Request,
    At(id): At<Id>,
) -> Answer<Json<GrantView>> {
    ask(&app, &request, id, Command::Look).await
}

async fn records(
    State(app): State<Arc<App>>,
    request: Request,
    At(id): At<Id>,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<RecordView>>> {
    let grant = reply(send(&app, request.call(&app, id, Command::Look)).await?)?;
    let paths = device_grants::paths(&app, id, &grant).await?;
    Ok(Json(device_grants::records_page(&app, id, &paths, &cursor).await?))
}

async fn relinquish(
    State(app): State<Arc<App>>,
    request: Request,
    At(id): At<Id>,
) -> Answer<Json<GrantView>> {
    let command = Command::Move { to: GrantState::Revoked, document_hash: None };
    ask(&app, &request, id, command).await
}

async fn ask(app: &App, request: &Request, id: Id, command: Command) -> Answer<Json<GrantView>> {
    let grant = reply(send(app, request.call(app, id, command)).await?)?;
    Ok(Json(grant_view(app, id, &grant).await?))
}

fn reply(reply: Reply) -> Answer<Grant> {
    match reply {
        Reply::Grant(grant) => Ok(*grant),
        _ => Err(unexpected()),
    }
}
