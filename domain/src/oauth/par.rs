//! Pushed authorization requests (RFC 9126): the parameters, validated, and their hash.

use super::authorization_details::{ConsentRequest, DETAILS_BYTES_MAX};
use super::form::Form;
use super::{ErrorCode, OAuthError, pkce};
use crate::bytes::Digest;
use crate::crypto::token::{Token, TokenClass};
use crate::document::{URL_LENGTH_MAX, check_url};
use crate::entity::session::{Request, ResponseMode};
use crate::json::{JsonError, from_slice_strict};
use crate::{Id, Kind};
use serde::{Deserialize, Serialize};

/// What every `request_uri` of ours begins with (RFC 9126 section 2.2).
pub const REQUEST_URI_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// Most characters of `state`.
pub const STATE_LENGTH_MAX: usize = 512;
/// Most characters of `scope`.
pub const SCOPE_LENGTH_MAX: usize = 256;

/// A pushed request. Its JSON is what is kept and what its hash covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushedRequest {
    /// Who asks: as the parameter says, to be compared with the certificate.
    pub client_id: Id,
    /// How the code travels.
    pub response_mode: ResponseMode,
    /// Where a page takes the code: there with `query`, and as registered if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The client's own value, given back with the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Kept and given back; what is granted comes from `authorization_details` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The front end that it is for, if it is for one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front_end: Option<Id>,
    /// The PKCE challenge (S256).
    pub code_challenge: Digest,
    /// What is asked for.
    pub consent: ConsentRequest,
}

/// The answer (RFC 9126 section 2.2), with 201.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedAnswer {
    /// Names the request, once.
    pub request_uri: String,
    /// For so many seconds.
    pub expires_in: u64,
}

/// The session of a pushed request: its id comes from the reference, so that whoever has the
/// `request_uri` knows which session it will be.
#[must_use]
pub fn session_of(reference: &Token) -> Id {
    Id { kind: Kind::Session, ..reference.id() }
}

fn refuse<T>(error: ErrorCode, why: &str) -> Result<T, OAuthError> {
    Err(OAuthError::new(error, why))
}

/// Reads a `client_id`.
pub(super) fn take_client_id(form: &mut Form) -> Result<Id, OAuthError> {
    let text = form.demand("client_id", 64)?;
    Id::parse(Kind::Institution, &text)
        .or_else(|_| refuse(ErrorCode::InvalidRequest, "client_id is no institution's id"))
}

impl PushedRequest {
    /// Reads the form of `POST /oauth/par`.
    ///
    /// # Errors
    /// The OAuth error to answer with.
    pub fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut form = Form::parse(body)?;
        let client_id = take_client_id(&mut form)?;
        if form.take("request", usize::MAX)?.is_some() {
            return refuse(ErrorCode::RequestNotSupported, "push the parameters themselves");
        }
        if form.take("request_uri", usize::MAX)?.is_some() {
            return refuse(ErrorCode::InvalidRequest, "request_uri cannot be pushed");
        }
        if form.demand("response_type", 64)? != "code" {
            return refuse(ErrorCode::UnsupportedResponseType, "response_type must be code");
        }
        let challenge = form.demand("code_challenge", 64)?;
        let method = form.take("code_challenge_method", 16)?.unwrap_or_default();
        let code_challenge = pkce::parse_challenge(&challenge, &method)?;
        let consent =
            ConsentRequest::parse(&form.demand("authorization_details", DETAILS_BYTES_MAX)?)?;
        let response_mode = take_response_mode(&mut form)?;
        let redirect_uri = form.take("redirect_uri", URL_LENGTH_MAX)?;
        match &redirect_uri {
            Some(uri) => drop(check_url("redirect_uri", uri)?),
            None if response_mode == ResponseMode::Query => {
                return refuse(ErrorCode::InvalidRequest, "redirect_uri is missing");
            }
            None => {}
        }
        let front_end = take_front_end(&mut form, response_mode)?;
        let state = form.take("state", STATE_LENGTH_MAX)?;
        // VSCHAR of RFC 6749 appendix A.5.
        if !state.iter().all(|state| state.bytes().all(|byte| (0x20..=0x7e).contains(&byte))) {
            return refuse(ErrorCode::InvalidRequest, "state holds more than printable ASCII");
        }
        let scope = form.take("scope", SCOPE_LENGTH_MAX)?;
        if !scope.as_deref().is_none_or(is_scope) {
            return refuse(ErrorCode::InvalidScope, "scope is no list of scope tokens");
        }
        Ok(Self {
            client_id,
            response_mode,
            redirect_uri,
            state,
            scope,
            front_end,
            code_challenge,
            consent,
        })
    }

    /// The form that a client pushes.
    #[must_use]
    pub fn to_form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id.to_string())
            .append_pair("response_mode", response_mode_name(self.response_mode))
            .append_pair("code_challenge", &self.code_challenge.to_string())
            .append_pair("code_challenge_method", "S256")
            .append_pair("authorization_details", &self.consent.to_parameter());
        let front_end = self.front_end.map(|id| id.to_string());
        for (name, value) in [
            ("redirect_uri", &self.redirect_uri),
            ("state", &self.state),
            ("scope", &self.scope),
            ("front_end", &front_end),
        ] {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        form.finish()
    }

    /// Checks the redirect address against those registered, character by character
    /// (RFC 9700 section 4.1.3).
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn check_redirect_uri(&self, registered: &[String]) -> Result<(), OAuthError> {
        match &self.redirect_uri {
            Some(uri) if !registered.contains(uri) => {
                refuse(ErrorCode::InvalidRequest, "redirect_uri is not registered")
            }
            _ => Ok(()),
        }
    }

    /// The bytes that are kept and hashed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of text and numbers always becomes JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`PushedRequest::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are not that.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsonError> {
        from_slice_strict(bytes, super::form::FORM_BYTES_MAX * 2)
    }

    /// The hash of the request: what statement and selection call `request`.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::lp("request", &[&self.to_bytes()])
    }

    /// What the session keeps of it at hand; `offer` is the id of the offer with the hash.
    #[must_use]
    pub fn to_session_request(&self, offer: Id) -> Request {
        Request {
            offer,
            offer_hash: self.consent.offer,
            response_mode: self.response_mode,
            redirect_uri: self.redirect_uri.clone(),
            state: self.state.clone(),
            challenge: self.code_challenge,
            hash: self.hash(),
            front_end: self.front_end,
        }
    }
}

fn response_mode_name(mode: ResponseMode) -> &'static str {
    match mode {
        ResponseMode::Session => "symbolon.session",
        ResponseMode::Scan => "symbolon.scan",
        ResponseMode::Query => "query",
    }
}

/// Every response mode's name: `response_modes_supported`.
#[must_use]
pub fn response_mode_names() -> [&'static str; 3] {
    [ResponseMode::Session, ResponseMode::Scan, ResponseMode::Query].map(response_mode_name)
}

// Without one, `query` is what `code` means (OAuth 2.0 Multiple Response Types, section 2.1).
fn take_response_mode(form: &mut Form) -> Result<ResponseMode, OAuthError> {
    match form.take("response_mode", 64)?.as_deref() {
        Some("symbolon.session") => Ok(ResponseMode::Session),
        Some("symbolon.scan") => Ok(ResponseMode::Scan),
        Some("query") | None => Ok(ResponseMode::Query),
        Some(_) => refuse(
            ErrorCode::InvalidRequest,
            "response_mode must be symbolon.session, symbolon.scan or query",
        ),
    }
}

// Ours: the request is shown at this front end and nowhere else.
fn take_front_end(form: &mut Form, mode: ResponseMode) -> Result<Option<Id>, OAuthError> {
    let Some(text) = form.take("front_end", 64)? else { return Ok(None) };
    if mode == ResponseMode::Query {
        let why = "front_end goes with response_mode symbolon.session or symbolon.scan alone";
        return refuse(ErrorCode::InvalidRequest, why);
    }
    Id::parse(Kind::FrontEnd, &text)
        .map(Some)
        .or_else(|_| refuse(ErrorCode::InvalidRequest, "front_end is no front end's id"))
}

// RFC 6749 section 3.3.
fn is_scope(scope: &str) -> bool {
    let token = |token: &str| {
        !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    scope.split(' ').all(token)
}

/// A request of the authorization endpoint: nothing but `client_id` and `request_uri`, since
/// pushing is required (RFC 9126 section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: Id,
    /// The reference in the `request_uri`.
    pub reference: Token,
}

impl AuthorizationRequest {
    /// Reads the query of `GET /oauth/authorize`.
    ///
    /// # Errors
    /// The OAuth error to show: nothing is sent back to anybody.
    pub fn parse(query: &str) -> Result<Self, OAuthError> {
        let mut form = Form::parse(query.as_bytes())?;
        let client_id = take_client_id(&mut form)?;
        let uri = form.demand("request_uri", 256)?;
        let reference = uri
            .strip_prefix(REQUEST_URI_PREFIX)
            .and_then(|reference| Token::parse(TokenClass::Request, reference).ok());
        match reference {
            Some(reference) => Ok(Self { client_id, reference }),
            None => refuse(ErrorCode::InvalidRequestUri, "request_uri is none of this server's"),
        }
    }
}

#[cfg(test)]
mod tests;
