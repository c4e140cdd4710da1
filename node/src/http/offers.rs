//! Offers: an institution proposes a signed list of items; the operator decides.

use super::call::{Request, send, unexpected};
use super::guard::{Guard, Institution};
use super::json::{At, Json, Params, Sent};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use super::view::{Cursor, map_page, page};
use axum::extract::State;
use std::sync::Arc;
use symbolon_domain::api::Page;
use symbolon_domain::api::partner::{OfferView, ProposeOffer};
use symbolon_domain::document::offer::Offer as Document;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::offer::{Command, Offer};
use symbolon_domain::jws::{JwsError, Typ, Unverified, Verified};
use symbolon_domain::key::{Index, Row};
use symbolon_domain::{Id, Rejection};

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/offers", Guard::Institution, propose, "Proposes a signed offer")
            .takes::<ProposeOffer>()
            .gives::<OfferView>(),
        Route::get("/v1/offers", Guard::Institution, list, "The institution's offers")
            .query(&["cursor"])
            .gives_page::<OfferView>(),
        Route::get("/v1/offers/{id}", Guard::Institution, look, "One offer, with its document")
            .gives::<OfferView>(),
        Route::delete(
            "/v1/offers/{id}",
            Guard::Institution,
            withdraw,
            "Takes an offer back: no new consent is given; grants go on",
        )
        .gives::<OfferView>(),
    ]
}

/// The view of an offer, without its document.
#[must_use]
pub fn view(id: Id, offer: &Offer) -> OfferView {
    OfferView {
        id,
        hash: offer.hash,
        institution: offer.institution,
        state: offer.state,
        title: offer.title.clone(),
        expires: offer.expires,
        created: offer.created,
        document: None,
    }
}

/// The view of an offer with its signed document.
///
/// # Errors
/// When there is none, or the store fails.
pub async fn full_view(app: &App, id: Id) -> Answer<OfferView> {
    let offer: Offer = app.head_of(id).await?;
    let document = app.row(id, &Row::OfferDocument).await?.ok_or(Trouble::StoreFailed)?;
    let document = String::from_utf8(document).map_err(|_| Trouble::StoreFailed)?;
    Ok(OfferView { document: Some(document), ..view(id, &offer) })
}

async fn propose(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    sent: Sent<ProposeOffer>,
) -> Answer<Json<OfferView>> {
    let key = &institution.head.description.signing_key;
    let unverified = Unverified::parse(&sent.value.document, Typ::Offer)?;
    let verified: Verified<Document> =
        unverified.verify(app.crypto.as_ref(), key).map_err(|error| match error {
            JwsError::Signature => Problem::from(Rejection::OfferSignedByAnother),
            other => other.into(),
        })?;
    let offer = &verified.payload;
    offer.validate()?;
    if offer.institution != institution.id {
        return Err(Rejection::OfferSignedByAnother.into());
    }
    if offer.expires <= app.now() {
        return Err(Rejection::OfferExpired.into());
    }
    let id = Offer::id(app.region, &verified.digest);
    let command = Command::Propose {
        hash: verified.digest,
        title: offer.title.get("en").unwrap_or_default().to_owned(),
        expires: Some(offer.expires),
        document: verified.text.into_bytes(),
    };
    let mut call = request.call(&app, id, command);
    call.keep = request.keep(&app, &sent.bytes)?;
    answer(id, send(&app, call).await?)
}

async fn list(
    State(app): State<Arc<App>>,
    institution: Institution,
    Params(cursor): Params<Cursor>,
) -> Answer<Json<Page<OfferView>>> {
    let range = Index::OffersOf(institution.id, institution.id).siblings();
    let found: Page<(Id, Offer)> = page(&app, &range, &cursor).await?;
    Ok(Json(map_page(found, |(id, offer)| view(id, &offer))))
}

async fn look(
    State(app): State<Arc<App>>,
    institution: Institution,
    At(id): At<Id>,
) -> Answer<Json<OfferView>> {
    let view = full_view(&app, id).await?;
    if view.institution == institution.id {
        Ok(Json(view))
    } else {
        Err(Rejection::NotFound.into())
    }
}

async fn withdraw(
    State(app): State<Arc<App>>,
    request: Request,
    At(id): At<Id>,
) -> Answer<Json<OfferView>> {
    answer(id, send(&app, request.call(&app, id, Command::Withdraw)).await?)
}

fn answer(id: Id, reply: Reply) -> Answer<Json<OfferView>> {
    match reply {
        Reply::Offer(offer) => Ok(Json(view(id, &offer))),
        _ => Err(unexpected()),
    }
}
