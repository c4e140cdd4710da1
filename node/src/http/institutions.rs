//! Institutions: a partner introduces itself with a signed document, and looks at what the
//! operator has made of it.

use super::call::{Request, send, unexpected};
use super::guard::{Certificate, Guard, Registered};
use super::json::{Json, Sent};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use crate::tls::PeerCertificate;
use axum::Extension;
use axum::extract::State;
use std::sync::Arc;
use symbolon_domain::api::partner::{
    CertificateView, DescribeInstitution, InstitutionView, WebhookStatus,
};
use symbolon_domain::crypto::P256Public;
use symbolon_domain::document::institution::InstitutionDocument;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::institution::{Command, Description, Institution};
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::jws::{Typ, Unverified, Verified};
use symbolon_domain::key::Row;
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Rejection};

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/v1/institutions",
            Guard::Certificate,
            describe,
            "Introduces the institution that the certificate names, or changes what it says of \
             itself; the operator looks at it then",
        )
        .takes::<DescribeInstitution>()
        .gives::<InstitutionView>(),
        Route::get("/v1/institution", Guard::Registered, look, "The institution itself")
            .gives::<InstitutionView>(),
        Route::get("/v1/webhook", Guard::Registered, webhook, "The last tries of its webhook")
            .gives::<WebhookStatus>(),
    ]
}

/// The view of an institution.
#[must_use]
pub fn view(id: Id, head: &Institution) -> InstitutionView {
    InstitutionView {
        id,
        name: head.description.name.clone(),
        dns_name: head.description.dns_name.clone(),
        state: head.state,
        since: head.since,
        webhook: head.description.webhook.clone(),
        redirect_uris: head.description.redirect_uris.clone(),
        signing_key: P256Jwk::new(head.description.signing_key),
        hpke_key: X25519Jwk {
            key: head.description.hpke_key,
            kid: head.description.hpke_kid.clone(),
        },
        certificate: None,
    }
}

async fn look(
    institution: Registered,
    Extension(shown): Extension<PeerCertificate>,
) -> Json<InstitutionView> {
    let certificate = CertificateView {
        thumbprint: shown.x5t_s256,
        dns_names: shown.dns_names,
        expires: shown.expires,
    };
    let view = view(institution.id, &institution.head);
    Json(InstitutionView { certificate: Some(certificate), ..view })
}

async fn describe(
    State(app): State<Arc<App>>,
    mut request: Request,
    Certificate(certificate): Certificate,
    sent: Sent<DescribeInstitution>,
) -> Answer<Json<InstitutionView>> {
    let text = &sent.value.document;
    let claimed: InstitutionDocument = Unverified::parse(text, Typ::Institution)?.claimed()?;
    let id = claimed.institution;
    claimed.validate()?;
    if id.region != app.region {
        let detail = format!("its id must begin with ins_{}_", app.region);
        return Err(Problem::from(Rejection::InvalidRequest).detail(detail));
    }
    let known: Option<Institution> = app.head(id).await?;
    let (verified, signed_by) = match &known {
        None => {
            let verified = InstitutionDocument::open(text, app.crypto.as_ref())?;
            let key = verified.payload.signing_key.key;
            (verified, key)
        }
        Some(head) => {
            demand_name(&certificate, &head.description.dns_name)?;
            request.principal = Principal::Institution(id);
            let key = head.description.signing_key;
            (next(&app, id, text, key).await?, key)
        }
    };
    demand_name(&certificate, &verified.payload.dns_name)?;
    let command = Command::Describe {
        description: Box::new(description(&verified)),
        document: verified.text.into_bytes(),
        signed_by,
    };
    let mut call = request.call(&app, id, command);
    call.keep = request.keep(&app, &sent.bytes)?;
    match send(&app, call).await? {
        Reply::Institution(head) => Ok(Json(view(id, &head))),
        _ => Err(unexpected()),
    }
}

/// A document that replaces the stored one; the very same again is no replacement.
async fn next(
    app: &App,
    id: Id,
    text: &str,
    key: P256Public,
) -> Answer<Verified<InstitutionDocument>> {
    let stored = app.row(id, &Row::InstitutionDocument).await?.unwrap_or_default();
    if stored == text.as_bytes() {
        return Ok(Unverified::parse(text, Typ::Institution)?
            .verify(app.crypto.as_ref(), &key)
            .or_else(|_| InstitutionDocument::open(text, app.crypto.as_ref()))?);
    }
    let stored = String::from_utf8(stored).map_err(|_| Trouble::StoreFailed)?;
    let current: InstitutionDocument = Unverified::parse(&stored, Typ::Institution)?.claimed()?;
    Ok(current.open_next(text, app.crypto.as_ref())?)
}

fn description(verified: &Verified<InstitutionDocument>) -> Description {
    let document = &verified.payload;
    Description {
        name: document.name.clone(),
        dns_name: document.dns_name.clone(),
        signing_key: document.signing_key.key,
        hpke_key: document.hpke_key.key,
        hpke_kid: document.hpke_key.kid.clone(),
        redirect_uris: document.redirect_uris.clone(),
        webhook: document.webhook.clone(),
        document_hash: verified.digest,
    }
}

// A name that is not in the certificate is somebody else's.
fn demand_name(certificate: &PeerCertificate, name: &str) -> Answer<()> {
    if certificate.dns_names.iter().any(|held| held.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let detail = format!("the client certificate does not hold the DNS name {name}");
    Err(Problem::from(Rejection::InvalidClient).detail(detail))
}

async fn webhook(
    State(app): State<Arc<App>>,
    institution: Registered,
) -> Answer<Json<WebhookStatus>> {
    let url = institution.head.description.webhook.ok_or_else(|| {
        Problem::from(Rejection::NotFound).detail("the institution's document names no webhook")
    })?;
    let cursor = crate::webhook::Cursor::load(app.store.as_ref(), institution.id).await?;
    Ok(Json(WebhookStatus {
        url,
        delivered: cursor.delivered.map(super::events::format_position),
        delivered_at: cursor.delivered_at,
        failures: cursor.failures,
        last_error: cursor.last_error,
    }))
}
