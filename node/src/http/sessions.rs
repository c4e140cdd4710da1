//! QR sessions: a front end opens one and types the number; a device claims it.
//!
//! What a phone is shown of a session is the session statement, signed by the region. The
//! link in the QR code carries a thumbprint of it, so that the phone sees the very session
//! whose code it scanned.

use super::call::{Request as Asked, send, unexpected};
use super::guard::{Device, FrontEnd, Guard, Party};
use super::json::{At, Json, Sent};
use super::oauth::par;
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::statement;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use std::sync::Arc;
use symbolon_domain::api::SessionView;
use symbolon_domain::api::device::SessionOffer;
use symbolon_domain::api::front_end::{OpenSession, OpenedSession, TypeNumber};
use symbolon_domain::bytes::{Digest, base64url};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::session::{Command, ResponseMode, Session, SessionStage};
use symbolon_domain::entity::token::Credential;
use symbolon_domain::key::Row;
use symbolon_domain::secret::SecretText;
use symbolon_domain::{Id, Kind, Rejection};

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/sessions", Guard::FrontEnd, post, "Opens a pushed request's session")
            .takes::<OpenSession>()
            .gives::<OpenedSession>(),
        Route::get("/v1/sessions/{id}", Guard::Party, get, "Looks at a session")
            .gives::<SessionView>(),
        Route::delete("/v1/sessions/{id}", Guard::FrontEnd, cancel, "Gives a session up"),
        Route::post(
            "/v1/sessions/{id}/number",
            Guard::FrontEnd,
            number,
            "Types the number; one try",
        )
        .takes::<TypeNumber>()
        .gives::<SessionView>(),
        Route::get(
            "/v1/sessions/{id}/statement",
            Guard::Anyone,
            stated,
            "What the phone checks before it claims: a JWS by the region",
        )
        .gives_bytes("application/jose"),
        Route::post("/v1/sessions/{id}/claim", Guard::Device, claim, "A device takes the session")
            .gives::<SessionView>(),
        Route::get(
            "/v1/sessions/{id}/offer",
            Guard::Device,
            offer,
            "What the claiming device shows",
        )
        .gives::<SessionOffer>(),
    ]
}

/// What the QR code holds; none before the session is opened.
pub(super) fn link(app: &App, id: Id, session: &Session) -> Option<String> {
    let thumbprint: &[u8; 16] = session.statement_hash.as_ref()?.0.first_chunk()?;
    Some(format!("{}/s/{id}#{}", app.site.wallet_origin, base64url(thumbprint)))
}

/// A session as one who takes part may see it.
pub(super) async fn look(app: &App, asked: &Asked, id: Id) -> Answer<Session> {
    session_of(send(app, asked.call(app, demand_session(id)?, Command::Look)).await?)
}

async fn post(
    State(app): State<Arc<App>>,
    asked: Asked,
    front_end: FrontEnd,
    sent: Sent<OpenSession>,
) -> Answer<Json<OpenedSession>> {
    let (id, reference_hash) = named(&sent.value)?;
    let pushed: Session = app.head_of(id).await?;
    let shown = Some((front_end.id, &front_end.head));
    let statement = statement::make(&app, id, &pushed, shown).await?;
    let command = Command::Open {
        reference_hash,
        hint: sent.value.login_hint_token.as_ref().map(hint).transpose()?,
        statement: statement.text.into_bytes(),
        statement_hash: statement.hash,
    };
    let mut call = asked.call(&app, id, command);
    call.keep = asked.keep(&app, &sent.bytes)?;
    let session = session_of(send(&app, call).await?)?;
    // Of the session as it is: with a kept answer that is the statement of the first time.
    let link = link(&app, id, &session).ok_or_else(unexpected)?;
    let expires = session.expires;
    Ok(Json(OpenedSession { session: SessionView::new(id, &session, false), link, expires }))
}

/// Which session is to be opened, and the hash of the reference if one was brought.
fn named(open: &OpenSession) -> Answer<(Id, Option<Digest>)> {
    let refused = |why: &str| Problem::from(Rejection::InvalidRequest).detail(why);
    match (&open.request_uri, open.session) {
        (Some(request_uri), None) => {
            let reference = par::reference(request_uri.expose())
                .map_err(|_| refused("request_uri is none that this server has given"))?;
            Ok((par::session_of(&reference), Some(reference.hash())))
        }
        (None, Some(session)) => Ok((demand_session(session)?, None)),
        _ => Err(refused("name either request_uri or session, and not both")),
    }
}

/// The hint that was brought.
fn hint(text: &SecretText) -> Answer<Credential> {
    let hint = Token::parse(TokenClass::Hint, text.expose()).map_err(|_| {
        Problem::from(Rejection::InvalidHint).detail("login_hint_token: is no code from a phone")
    })?;
    Ok(Credential { id: hint.id(), hash: hint.hash() })
}

async fn get(
    State(app): State<Arc<App>>,
    asked: Asked,
    party: Party,
    At(id): At<Id>,
) -> Answer<Json<SessionView>> {
    let session = look(&app, &asked, id).await?;
    Ok(Json(SessionView::new(id, &session, matches!(party, Party::Device(_)))))
}

async fn cancel(
    State(app): State<Arc<App>>,
    asked: Asked,
    _: FrontEnd,
    At(id): At<Id>,
) -> Answer<StatusCode> {
    send(&app, asked.call(&app, demand_session(id)?, Command::Cancel)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn number(
    State(app): State<Arc<App>>,
    asked: Asked,
    At(id): At<Id>,
    sent: Sent<TypeNumber>,
) -> Answer<Json<SessionView>> {
    let number = two_digits(&sent.value.number).ok_or_else(|| {
        Problem::from(Rejection::InvalidRequest).detail("number: must be two digits")
    })?;
    let mut call = asked.call(&app, demand_session(id)?, Command::Confirm { number });
    call.keep = asked.keep(&app, &sent.bytes)?;
    let session = session_of(send(&app, call).await?)?;
    Ok(Json(SessionView::new(id, &session, false)))
}

async fn stated(State(app): State<Arc<App>>, At(id): At<Id>) -> Answer<Response> {
    // Whoever has the link may read it: it names nobody but who asks.
    let session: Session = app.head_of(demand_session(id)?).await?;
    session.still_running(app.now())?;
    let row = app.row(id, &Row::SessionStatement).await?.ok_or(Rejection::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "application/jose"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, row).into_response())
}

async fn claim(
    State(app): State<Arc<App>>,
    asked: Asked,
    _: Device,
    At(id): At<Id>,
) -> Answer<Json<SessionView>> {
    let number = two_random_digits(|| app.entropy.bytes::<1>()[0]);
    let call = asked.call(&app, demand_session(id)?, Command::Claim { number });
    let session = session_of(send(&app, call).await?)?;
    Ok(Json(SessionView::new(id, &session, true)))
}

async fn offer(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    At(id): At<Id>,
) -> Answer<Json<SessionOffer>> {
    let session = look(&app, &asked, id).await?;
    session.claimed_by(Some(device.id))?;
    match session.still_running(app.now())? {
        SessionStage::Confirmed => {}
        SessionStage::Claimed => return Err(Rejection::NumberRequired.into()),
        _ => return Err(Rejection::WrongState.into()),
    }
    let document = app.prepare.offer_document(&session).await?;
    let paths = app.prepare.asked(id, &session, &document).await?;
    let row = app.row(session.request.offer, &Row::OfferDocument).await?;
    let offer = row.and_then(|row| String::from_utf8(row).ok()).ok_or(Rejection::NotFound)?;
    // Only the page on the same device has something to do with these two.
    let page = session.request.response_mode == ResponseMode::Query;
    Ok(Json(SessionOffer {
        offer,
        request: session.request.hash,
        paths: paths.iter().map(ToString::to_string).collect(),
        state: session.request.state.filter(|_| page),
        redirect_uri: session.request.redirect_uri.filter(|_| page),
    }))
}

fn demand_session(id: Id) -> Result<Id, Rejection> {
    if id.kind == Kind::Session { Ok(id) } else { Err(Rejection::NotFound) }
}

fn session_of(reply: Reply) -> Answer<Session> {
    match reply {
        Reply::Session(session) => Ok(*session),
        _ => Err(unexpected()),
    }
}

fn two_digits(text: &str) -> Option<u8> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

// Bytes from 200 on would make some numbers likelier than others.
fn two_random_digits(mut random: impl FnMut() -> u8) -> u8 {
    loop {
        let byte = random();
        if byte < 200 {
            return byte % 100;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_typed() {
        assert_eq!(two_digits("07"), Some(7));
        assert_eq!(two_digits("99"), Some(99));
        for wrong in ["", "7", "007", "+7", "-7", " 7", "7 ", "x7", "٧٧"] {
            assert_eq!(two_digits(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_number_is_as_likely() {
        let mut counts = [0; 100];
        let mut bytes = (0..=255).cycle();
        for _ in 0..200 {
            counts[usize::from(two_random_digits(|| bytes.next().unwrap()))] += 1;
        }
        assert_eq!(counts, [2; 100]);
    }
}
