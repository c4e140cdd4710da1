//! The person's answer to a session: a signed selection, or no.

use super::call::{Request as Asked, send, unexpected};
use super::commands::{self, relying_party};
use super::guard::{Device, Guard};
use super::json::{At, Json};
use super::problem::Answer;
use super::route::Route;
use super::state::App;
use axum::extract::State;
use http::StatusCode;
use std::sync::Arc;
use symbolon_domain::api::device::{ApproveSession, ApprovedSession};
use symbolon_domain::entity::{Reply, session};
use symbolon_domain::{Id, Kind, Rejection};

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/v1/sessions/{id}/approve",
            Guard::Device,
            approve,
            "Lends what was ticked; the same approval gets the same answer",
        )
        .takes::<ApproveSession>()
        .gives::<ApprovedSession>(),
        Route::post("/v1/sessions/{id}/deny", Guard::Device, deny, "Refuses the whole request"),
    ]
}

async fn approve(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    At(id): At<Id>,
    Json(request): Json<ApproveSession>,
) -> Answer<Json<ApprovedSession>> {
    let party = relying_party(&app);
    let approval = app.prepare.approve(&party, device.id, demand_session(id)?, &request).await?;
    commands::count(&app, &asked, device.id, &device.head, approval.count).await?;
    // The session is the idempotency key: the act itself knows an approval again.
    match send(&app, asked.call(&app, approval.grant, approval.command)).await? {
        Reply::Approved(approved) => Ok(Json(ApprovedSession {
            grant: approved.grant,
            handle: approved.handle,
            code_expires: approved.code_expires,
        })),
        _ => Err(unexpected()),
    }
}

async fn deny(
    State(app): State<Arc<App>>,
    asked: Asked,
    _: Device,
    At(id): At<Id>,
) -> Answer<StatusCode> {
    send(&app, asked.call(&app, demand_session(id)?, session::Command::Deny)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn demand_session(id: Id) -> Result<Id, Rejection> {
    if id.kind == Kind::Session { Ok(id) } else { Err(Rejection::NotFound) }
}
