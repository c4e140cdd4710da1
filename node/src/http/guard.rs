//! Guards: what a caller must prove before a handler sees the request.
//!
//! A route names its guard in the table ([`super::route`]); the guard runs before the
//! handler and leaves what it proved in the request. A handler takes that as an argument:
//! one whose route has another guard fails at its first request.

use super::call::{Request as Asked, endpoint};
use super::problem::{Answer, Problem};
use super::state::App;
use super::trouble::Trouble;
use crate::tls::PeerCertificate;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::sync::Arc;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::dpop::{self, Demand};
use symbolon_domain::entity::{self, token::Binding};
use symbolon_domain::jwk::P256Jwk;
use symbolon_domain::key::Index;
use symbolon_domain::port::Principal;
use symbolon_domain::{Id, Rejection};

/// The header of a `DPoP` proof.
pub static DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header of the next nonce.
pub static DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// What a route demands of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// Nothing.
    Anyone,
    /// A `DPoP` proof by any key ([`Proof`]).
    Proof,
    /// A front end's token with a proof by its key ([`FrontEnd`]).
    FrontEnd,
    /// A device's token with a proof by its key ([`Device`]).
    Device,
    /// Either of the two ([`Party`]).
    Party,
    /// A client certificate of the listener's CAs ([`Certificate`]).
    Certificate,
    /// One that names a known institution, whatever the operator says of it
    /// ([`Registered`]).
    Registered,
    /// One that names an institution that the operator has approved ([`Institution`]).
    Institution,
    /// A client certificate of the operators' CA ([`Operator`]).
    Operator,
}

/// A key that the caller holds.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// The key.
    pub key: P256Jwk,
    /// Its thumbprint.
    pub jkt: Digest,
}

/// An enrolled front end.
#[derive(Clone, Debug)]
pub struct FrontEnd {
    /// Which.
    pub id: Id,
    /// As stored.
    pub head: entity::front_end::FrontEnd,
}

/// A subject's device that was not revoked.
#[derive(Clone, Debug)]
pub struct Device {
    /// Which.
    pub id: Id,
    /// As stored.
    pub head: entity::device::Device,
}

/// A front end or a device.
#[derive(Clone, Debug)]
pub enum Party {
    /// A front end.
    FrontEnd(Box<FrontEnd>),
    /// A device.
    Device(Box<Device>),
}

/// A client certificate that one of the listener's CAs signed.
#[derive(Clone, Debug)]
pub struct Certificate(pub PeerCertificate);

/// A known institution, whatever the operator says of it.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Which: its `client_id`.
    pub id: Id,
    /// As stored.
    pub head: entity::institution::Institution,
    /// The certificate's thumbprint (`x5t#S256`).
    pub certificate: Digest,
}

/// An institution that the operator has approved.
#[derive(Clone, Debug)]
pub struct Institution {
    /// Which: its `client_id`.
    pub id: Id,
    /// As stored.
    pub head: entity::institution::Institution,
    /// The certificate's thumbprint (`x5t#S256`).
    pub certificate: Digest,
}

/// A person who runs the node.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The first DNS name of the certificate.
    pub name: String,
}

macro_rules! proven {
    ($($proof:ident),*) => {$(
        impl FromRequestParts<Arc<App>> for $proof {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
                parts.extensions.get::<Self>().cloned().ok_or_else(|| {
                    tracing::error!("a route without the guard {}", stringify!($proof));
                    Trouble::Internal.into()
                })
            }
        }
    )*};
}

proven!(Proof, FrontEnd, Device, Party, Certificate, Registered, Institution, Operator);

/// The layer in front of every handler.
pub async fn stand(
    State((app, guard)): State<(Arc<App>, Guard)>,
    request: Request,
    next: Next,
) -> Response {
    // Without its body, which cannot be shared, a request can be held while the store is asked.
    let (mut parts, body) = request.into_parts();
    if let Err(problem) = prove(&app, guard, &mut parts).await {
        return problem.into_response();
    }
    let request = Request::from_parts(parts, body);
    let fresh_nonce =
        matches!(guard, Guard::Proof | Guard::FrontEnd | Guard::Device | Guard::Party)
            .then(|| app.nonces.nonce(app.now()));
    let mut response = next.run(request).await;
    if let Some(nonce) = fresh_nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
        // The next proof can be made without asking for a nonce first (RFC 9449 section 8.2).
        response.headers_mut().insert(DPOP_NONCE.clone(), nonce);
    }
    response
}

async fn prove(app: &App, guard: Guard, request: &mut Parts) -> Answer<()> {
    let endpoint = endpoint(request);
    let principal = match guard {
        Guard::Anyone => Principal::Anyone,
        Guard::Proof => {
            let proof = proof(app, request, None)?;
            request.extensions.insert(proof);
            Principal::Anyone
        }
        Guard::FrontEnd | Guard::Device | Guard::Party => {
            let party = party(app, guard, request).await?;
            let principal = match &party {
                Party::FrontEnd(front_end) => Principal::FrontEnd(front_end.id),
                Party::Device(device) => Principal::Device(device.id),
            };
            let extensions = &mut request.extensions;
            match party.clone() {
                Party::FrontEnd(front_end) => extensions.insert(*front_end).map(drop),
                Party::Device(device) => extensions.insert(*device).map(drop),
            };
            extensions.insert(party);
            principal
        }
        Guard::Certificate => {
            let certificate = certificate(request)?;
            request.extensions.insert(Certificate(certificate));
            Principal::Anyone
        }
        Guard::Registered | Guard::Institution => {
            let registered = registered(app, &certificate(request)?).await?;
            let id = registered.id;
            if guard == Guard::Institution {
                registered.head.approved()?;
                let Registered { id, head, certificate } = registered.clone();
                request.extensions.insert(Institution { id, head, certificate });
            }
            request.extensions.insert(registered);
            Principal::Institution(id)
        }
        Guard::Operator => {
            let name = certificate(request)?.dns_names.into_iter().next();
            let name = name.ok_or_else(|| {
                Problem::from(Rejection::InvalidClient)
                    .detail("the certificate names nobody: it has no DNS name")
            })?;
            request.extensions.insert(Operator { name: name.clone() });
            Principal::Operator(name)
        }
    };
    match request.extensions.get_mut::<Asked>() {
        Some(asked) => (asked.principal, asked.endpoint) = (principal, endpoint),
        None => return Err(Trouble::Internal.into()),
    }
    Ok(())
}

fn certificate(request: &Parts) -> Answer<PeerCertificate> {
    refuse_other_sites(request)?;
    let certificate = request.extensions.get::<PeerCertificate>().cloned();
    certificate.ok_or_else(|| Trouble::CertificateRequired.into())
}

/// A browser shows its certificate for any page that makes it send something, so whatever
/// changes something must not come from another origin's (Fetch Metadata). Programs say nothing.
fn refuse_other_sites(request: &Parts) -> Answer<()> {
    let site = request.headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let own = matches!(site, None | Some(b"same-origin" | b"none"));
    if own || request.method.is_safe() { Ok(()) } else { Err(Trouble::CrossSite.into()) }
}

/// The institution that a certificate names (RFC 8705 section 2.1.2).
async fn registered(app: &App, certificate: &PeerCertificate) -> Answer<Registered> {
    let mut found = Vec::new();
    for name in &certificate.dns_names {
        let index = Index::InstitutionByName(name.to_ascii_lowercase());
        found.extend(app.unique(&index).await?);
    }
    found.sort();
    found.dedup();
    let unknown = |detail: &str| Problem::from(Rejection::InvalidClient).detail(detail);
    let id = match found.as_slice() {
        [id] => *id,
        [] => return Err(unknown("no institution is registered under a name of this certificate")),
        _ => return Err(unknown("the certificate names several institutions: use one for each")),
    };
    let head = app.head_of(id).await?;
    Ok(Registered { id, head, certificate: certificate.x5t_s256 })
}

/// Verifies the request's proof, and remembers it.
fn proof(app: &App, request: &Parts, access_token: Option<&str>) -> Answer<Proof> {
    let nonce = || app.nonces.nonce(app.now());
    let challenge = |problem: Problem, error: &str| {
        let value = format!("DPoP error=\"{error}\", algs=\"ES256\"");
        problem.header(header::WWW_AUTHENTICATE, &value).header(DPOP_NONCE.clone(), &nonce())
    };
    let text = match one_header(&request.headers, &DPOP) {
        Ok(Some(text)) => text,
        Ok(None) => {
            let problem = Problem::from(Trouble::InvalidDpopProof);
            return Err(challenge(problem.detail("there is no DPoP header"), "invalid_dpop_proof"));
        }
        Err(problem) => return Err(challenge(problem, "invalid_dpop_proof")),
    };
    let url = address(app, request);
    let demand = Demand {
        method: request.method.as_str(),
        url: &url,
        access_token,
        nonces: &app.nonces,
        now: app.now(),
    };
    let proof = dpop::verify(app.crypto.as_ref(), text, &demand).map_err(|error| {
        let code = error.code();
        challenge(error.into(), code)
    })?;
    app.remember(&proof).map_err(|replay| challenge(replay.into(), "invalid_dpop_proof"))?;
    Ok(Proof { key: proof.key, jkt: proof.jkt })
}

/// The address of the request as its sender sees it. The authority must be one of ours: a
/// proof that was made for another site is worth nothing here.
fn address(app: &App, request: &Parts) -> String {
    let host = request.uri.authority().map(http::uri::Authority::as_str);
    let host = host.or_else(|| request.headers.get(header::HOST)?.to_str().ok());
    let sent = host.map(|host| format!("https://{}", host.to_ascii_lowercase()));
    let known = app.site.web_origins.iter().find(|origin| Some(*origin) == sent.as_ref());
    format!("{}{}", known.unwrap_or(&app.site.issuer), request.uri.path())
}

async fn party(app: &App, guard: Guard, request: &Parts) -> Answer<Party> {
    let text = authorization(&request.headers, "DPoP ").ok_or_else(|| {
        let nonce = app.nonces.nonce(app.now());
        Problem::from(Rejection::InvalidToken)
            .detail("an Authorization header \"DPoP <token>\" is needed")
            .header(header::WWW_AUTHENTICATE, "DPoP algs=\"ES256\"")
            .header(DPOP_NONCE.clone(), &nonce)
    })?;
    let refused = || {
        Problem::from(Rejection::InvalidToken)
            .header(header::WWW_AUTHENTICATE, "DPoP error=\"invalid_token\", algs=\"ES256\"")
    };
    let token = Token::parse_any(text).map_err(|_| refused())?;
    let fits = match (guard, token.class()) {
        (Guard::FrontEnd | Guard::Party, TokenClass::FrontEnd)
        | (Guard::Device | Guard::Party, TokenClass::Device) => true,
        (_, TokenClass::FrontEnd | TokenClass::Device) => {
            return Err(Rejection::Forbidden.into());
        }
        _ => false,
    };
    if !fits {
        return Err(refused());
    }
    let proof = proof(app, request, Some(text))?;
    let stored: Option<entity::token::Token> = app.head(token.id()).await?;
    let stored = stored.ok_or_else(refused)?;
    let binding = Binding::Key(proof.jkt);
    stored.accept(token.class(), &token.hash(), &binding, app.now()).map_err(|_| refused())?;
    let id = stored.owner;
    if token.class() == TokenClass::FrontEnd {
        let head: entity::front_end::FrontEnd = app.head(id).await?.ok_or_else(refused)?;
        // One that was invited anew is bound to its next key, and its old token is over.
        match &head.state {
            entity::front_end::FrontEndState::Enrolled { jkt } if *jkt == proof.jkt => {}
            _ => return Err(refused()),
        }
        return Ok(Party::FrontEnd(Box::new(FrontEnd { id, head })));
    }
    let head: entity::device::Device = app.head(id).await?.ok_or_else(refused)?;
    head.active()?;
    Ok(Party::Device(Box::new(Device { id, head })))
}

/// The credentials of an `Authorization` header of this scheme (`scheme` ends with a space).
#[must_use]
pub fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (start, rest) = value.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn one_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Answer<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    let malformed = |why: &str| Problem::from(Trouble::InvalidDpopProof).detail(why);
    if values.next().is_some() {
        return Err(malformed("there is more than one DPoP header"));
    }
    first
        .map(|value| value.to_str().map_err(|_| malformed("the DPoP header is no text")))
        .transpose()
}
