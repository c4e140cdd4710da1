//! Accounts: a person makes a vault with their first device.

use super::call::{Request as Asked, send, unexpected};
use super::guard::{Guard, Proof};
use super::json::{Json, Sent};
use super::problem::Answer;
use super::registration;
use super::route::Route;
use super::state::App;
use super::vault;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use symbolon_domain::api::device::{CreateAccount, DeviceCredential};
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::vault::Command;
use symbolon_domain::manifest::empty_root;

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/accounts", Guard::Proof, post, "Makes a vault with its first device")
            .takes::<CreateAccount>()
            .gives::<DeviceCredential>(),
    ]
}

async fn post(
    State(app): State<Arc<App>>,
    asked: Asked,
    proof: Proof,
    sent: Sent<CreateAccount>,
) -> Answer<Response> {
    let CreateAccount { vault, device, registration, recovery } = sent.value;
    let recovery =
        recovery.map(|recovery| vault::recovery(recovery.key, recovery.wrap)).transpose()?;
    let registration = registration::verify(&app, &proof, vault, device, &registration)?;
    let (token, credential) = registration::issue(&app, vault, device);
    let command = Command::Create {
        device,
        registration: Box::new(registration),
        token,
        recovery,
        empty_root: empty_root(),
    };
    let mut call = asked.call(&app, vault, command);
    call.keep = registration::own(&proof, asked.keep_sealed(&app, &sent.bytes, None, &credential)?);
    match send(&app, call).await? {
        Reply::Device(_) => Ok(Json(credential).into_response()),
        Reply::Kept(kept) => asked.open_kept(&app, &sent.bytes, None, &kept),
        _ => Err(unexpected()),
    }
}
