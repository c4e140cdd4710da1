//! Front ends: registered by their institution, enrolled with a one-time code.

use super::call::{Request, send, unexpected};
use super::guard::{Guard, Institution, Proof};
use super::json::{At, Json, Params, Sent};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::view::{Cursor, map_page, page};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use std::sync::Arc;
use symbolon_domain::api::Page;
use symbolon_domain::api::front_end::{EnrolFrontEnd, FrontEndCredential};
use symbolon_domain::api::partner::{FrontEndInvitation, FrontEndView, RegisterFrontEnd};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::document::text::check_line;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::front_end::{Command, FrontEnd, FrontEndState};
use symbolon_domain::entity::token::Credential;
use symbolon_domain::key::Index;
use symbolon_domain::{Id, Kind, Rejection};

/// Of institutions.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    let institution = Guard::Institution;
    vec![
        Route::post("/v1/front-ends", institution, register, "Registers a screen or terminal")
            .takes::<RegisterFrontEnd>()
            .gives::<FrontEndInvitation>(),
        Route::get("/v1/front-ends", institution, list, "The institution's front ends")
            .query(&["cursor"])
            .gives_page::<FrontEndView>(),
        Route::delete(
            "/v1/front-ends/{id}",
            institution,
            remove,
            "Removes a front end; its token is good for nothing any more",
        )
        .gives_status(204),
        Route::post(
            "/v1/front-ends/{id}/invite",
            institution,
            invite,
            "A new enrolment code for a front end; its key so far is bound no longer",
        )
        .gives::<FrontEndInvitation>(),
    ]
}

/// Of front ends.
#[must_use]
pub fn web_routes() -> Vec<Route> {
    vec![
        Route::post(
            "/v1/front-ends/{id}/enrol",
            Guard::Proof,
            enrol,
            "Binds the key of the DPoP proof to the front end whose enrolment code this is",
        )
        .takes::<EnrolFrontEnd>()
        .gives::<FrontEndCredential>(),
        Route::post(
            "/v1/front-ends/{id}/asks",
            Guard::FrontEnd,
            ask,
            "Asks the institution for a request: it is told, and may push one for the front end",
        )
        .gives_status(202),
    ]
}

fn view(id: Id, front_end: &FrontEnd) -> FrontEndView {
    let state = match front_end.state {
        FrontEndState::Invited { .. } => "invited",
        FrontEndState::Enrolled { .. } => "enrolled",
        FrontEndState::Removed => "removed",
    };
    FrontEndView {
        id,
        name: front_end.name.clone(),
        place: front_end.place.clone(),
        state: state.into(),
        sessions_max: front_end.sessions_max,
    }
}

async fn register(
    State(app): State<Arc<App>>,
    request: Request,
    sent: Sent<RegisterFrontEnd>,
) -> Answer<Response> {
    let wanted = &sent.value;
    check_line("name", &wanted.name, 80)?;
    check_line("place", &wanted.place, 80)?;
    let most = app.config.limits.sessions_per_front_end;
    if wanted.sessions_max == 0 || u32::from(wanted.sessions_max) > most {
        let detail = format!("sessions_max must be between 1 and {most}");
        return Err(Problem::from(Rejection::InvalidRequest).detail(detail));
    }
    let id = app.new_id(Kind::FrontEnd);
    invitation(&app, &request, id, wanted, &sent.bytes).await
}

async fn invite(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    At(id): At<Id>,
) -> Answer<Response> {
    let head: FrontEnd = app.head_of(id).await?;
    if head.institution != institution.id {
        return Err(Rejection::NotFound.into());
    }
    if head.state == FrontEndState::Removed {
        return Err(Problem::from(Rejection::WrongState).detail("the front end was removed"));
    }
    let FrontEnd { name, place, sessions_max, .. } = head;
    let wanted = RegisterFrontEnd { name, place, sessions_max };
    invitation(&app, &request, id, &wanted, &[]).await
}

async fn invitation(
    app: &App,
    request: &Request,
    id: Id,
    wanted: &RegisterFrontEnd,
    body: &[u8],
) -> Answer<Response> {
    let code = Token::new(TokenClass::Enrolment, app.region, &app.entropy.bytes());
    let answer = FrontEndInvitation { front_end: id, enrolment_code: code.text().clone() };
    let command = Command::Register {
        name: wanted.name.clone(),
        place: wanted.place.clone(),
        sessions_max: wanted.sessions_max,
        code_hash: code.hash(),
    };
    let mut call = request.call(app, id, command);
    call.keep = request.keep_sealed(app, body, None, &answer)?;
    match send(app, call).await? {
        Reply::FrontEnd(_) => Ok(Json(answer).into_response()),
        Reply::Kept(kept) => request.open_kept(app, body, None, &kept),
        _ => Err(unexpected()),
    }
}

async fn list(
    State(app): State<Arc<App>>,
    institution: Institution,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<FrontEndView>>> {
    let range = Index::FrontEndsOf(institution.id, institution.id).siblings();
    let found: Page<(Id, FrontEnd)> = page(&app, &range, &cursor).await?;
    Ok(Json(map_page(found, |(id, head)| view(id, &head))))
}

async fn remove(
    State(app): State<Arc<App>>,
    request: Request,
    At(id): At<Id>,
) -> Answer<StatusCode> {
    send(&app, request.call(&app, id, Command::Remove)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn enrol(
    State(app): State<Arc<App>>,
    request: Request,
    proof: Proof,
    At(id): At<Id>,
    sent: Sent<EnrolFrontEnd>,
) -> Answer<Response> {
    let presented = sent.value.enrolment_code.expose();
    let code = Token::parse(TokenClass::Enrolment, presented)
        .map_err(|_| Problem::from(Rejection::InvalidGrant).detail("this is no enrolment code"))?;
    let token = Token::new(TokenClass::FrontEnd, app.region, &app.entropy.bytes());
    let head: FrontEnd = app.head(id).await?.ok_or(Rejection::InvalidGrant)?;
    let answer = FrontEndCredential {
        front_end: id,
        name: head.name,
        place: head.place,
        token: token.text().clone(),
    };
    let command = Command::Enrol {
        code_hash: code.hash(),
        jkt: proof.jkt,
        token: Credential { id: token.id(), hash: token.hash() },
    };
    let credential = Some(presented.as_bytes());
    let mut call = request.call(&app, id, command);
    call.keep = request.keep_sealed(&app, &sent.bytes, credential, &answer)?;
    match send(&app, call).await? {
        Reply::FrontEnd(_) => Ok(Json(answer).into_response()),
        Reply::Kept(kept) => request.open_kept(&app, &sent.bytes, credential, &kept),
        _ => Err(unexpected()),
    }
}

async fn ask(State(app): State<Arc<App>>, request: Request, At(id): At<Id>) -> Answer<StatusCode> {
    let mut call = request.call(&app, demand_front_end(id)?, Command::Ask);
    call.keep = request.keep(&app, &[])?;
    send(&app, call).await?;
    Ok(StatusCode::ACCEPTED)
}

fn demand_front_end(id: Id) -> Result<Id, Rejection> {
    if id.kind == Kind::FrontEnd { Ok(id) } else { Err(Rejection::NotFound) }
}
