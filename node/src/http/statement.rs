//! The session statement: made and signed when a session is opened.

use super::problem::Answer;
use super::state::App;
use super::trouble::Trouble;
use crate::data_folder::Purpose;
use symbolon_domain::Id;
use symbolon_domain::bytes::{Digest, base64url};
use symbolon_domain::document::session_statement::{
    Operation, SessionStatement, StatedFrontEnd, StatedInstitution, thumbprint,
};
use symbolon_domain::entity::front_end::FrontEnd;
use symbolon_domain::entity::institution::Institution;
use symbolon_domain::entity::session::{CLAIMED_LIFE, OPEN_LIFE, Session};
use symbolon_domain::jwk::X25519Jwk;
use symbolon_domain::jws::{Typ, Unverified, sign};

/// A signed statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The JWS.
    pub text: String,
    /// SHA-256 of its payload.
    pub hash: Digest,
    /// The link of the QR code: the wallet's page, the session, the thumbprint.
    pub link: String,
}

/// The statement of a session that is about to be opened; `front_end` is the screen that
/// shows it, none on the same device.
///
/// # Errors
/// When the institution may not act, or the store fails.
pub async fn make(
    app: &App,
    id: Id,
    session: &Session,
    front_end: Option<(Id, &FrontEnd)>,
) -> Answer<Statement> {
    let institution: Institution = app.head_of(session.institution).await?;
    let description = institution.approved_description()?;
    let now = app.now();
    let statement = SessionStatement {
        issuer: app.site.issuer.clone(),
        session: id,
        operation: Operation::Consent {
            offer: session.request.offer_hash,
            request: session.request.hash,
            response_mode: session.request.response_mode,
        },
        front_end: front_end.map(|(id, head)| StatedFrontEnd {
            id,
            name: head.name.clone(),
            place: head.place.clone(),
        }),
        institution: StatedInstitution {
            id: session.institution,
            name: description.name.clone(),
            hpke_key: X25519Jwk { key: description.hpke_key, kid: description.hpke_kid.clone() },
        },
        issued: now,
        // Claimed at the last moment, it may still take its whole time.
        expires: now.after(OPEN_LIFE).after(CLAIMED_LIFE),
    };
    let key = app.key(Purpose::SessionStatement)?;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a session statement cannot be signed");
        Trouble::Internal
    };
    let text = sign(app.crypto.as_ref(), &key.secret, Typ::Session, Some(&key.id), &statement)
        .map_err(|error| failed(&error))?;
    // The bytes that were signed, not another rendering of them.
    let payload = payload(&text).ok_or_else(|| failed(&"its payload is unreadable"))?;
    let link = format!("{}/s/{id}#{}", app.site.wallet_origin, base64url(&thumbprint(&payload)));
    Ok(Statement { hash: Digest::of(&payload), text, link })
}

/// The link of an opened session, again: from its stored statement.
///
/// # Errors
/// When the statement is damaged.
pub fn link(app: &App, id: Id, statement: &str) -> Answer<String> {
    Unverified::parse(statement, Typ::Session)?;
    let payload = payload(statement).ok_or(Trouble::StoreFailed)?;
    let thumbprint = base64url(&thumbprint(&payload));
    Ok(format!("{}/s/{id}#{thumbprint}", app.site.wallet_origin))
}

fn payload(jws: &str) -> Option<Vec<u8>> {
    symbolon_domain::bytes::base64url_decode(jws.split('.').nth(1)?).ok()
}
