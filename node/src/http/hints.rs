//! Hints: the one-time code that a phone shows a terminal, which starts a session with it
//! (CIBA `login_hint_token`).

use super::call::{Request, send, unexpected};
use super::guard::{Device, Guard};
use super::json::Json;
use super::problem::Answer;
use super::route::Route;
use super::state::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use symbolon_domain::api::device::LoginHint;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::device::{Command, HINT_LIFE};
use symbolon_domain::entity::token::Credential;

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    let summary = "A code to show a terminal: it starts one session, for this device alone";
    vec![Route::post("/v1/hints", Guard::Device, give, summary).gives::<LoginHint>()]
}

async fn give(State(app): State<Arc<App>>, request: Request, device: Device) -> Answer<Response> {
    let hint = Token::new(TokenClass::Hint, app.region, &app.entropy.bytes());
    // A little before the decision's own time: never later than it holds.
    let expires = app.now().after(HINT_LIFE);
    let answer = LoginHint { hint: hint.text().clone(), expires };
    let token = Credential { id: hint.id(), hash: hint.hash() };
    let mut call = request.call(&app, device.id, Command::Hint { token });
    call.keep = request.keep_sealed(&app, &[], None, &answer)?;
    match send(&app, call).await? {
        Reply::Done => Ok(Json(answer).into_response()),
        Reply::Kept(kept) => request.open_kept(&app, &[], None, &kept),
        _ => Err(unexpected()),
    }
}
