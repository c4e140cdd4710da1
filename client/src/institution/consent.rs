//! From the pushed request to tokens and back: PAR, code, token, refresh, introspection.

use super::{Institution, InstitutionKeys};
use crate::http3::Request;
use crate::{ClientError, ambient};
use symbolon_domain::api::event::EventBody;
use symbolon_domain::bytes::{Digest, base64url};
use symbolon_domain::crypto::code::{Code, parse_half};
use symbolon_domain::crypto::hpke::{self, Purpose};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::oauth::authorization_details::{ConsentRequest, ItemWish};
use symbolon_domain::oauth::introspection::Introspection;
use symbolon_domain::oauth::metadata::{INTROSPECTION_PATH, PAR_PATH, REVOCATION_PATH, TOKEN_PATH};
use symbolon_domain::oauth::par::{PushedAnswer, PushedRequest, REQUEST_URI_PREFIX, session_of};
use symbolon_domain::oauth::pkce::Verifier;
use symbolon_domain::oauth::token_request::{TokenAnswer, TokenRequest};
use symbolon_domain::secret::SecretText;
use symbolon_domain::{Id, Path};

/// What an institution asks for.
#[derive(Clone, Debug)]
pub struct PushRequest {
    /// The hash of the signed offer.
    pub offer: Digest,
    /// How the code will travel.
    pub response_mode: ResponseMode,
    /// Where a page takes the code (`query`).
    pub redirect_uri: Option<String>,
    /// The front end that it is for, if it is for one alone.
    pub front_end: Option<Id>,
    /// The items wanted, if not all of the offer.
    pub paths: Option<Vec<Path>>,
}

/// A pushed request, with what its code will be redeemed with.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// Names the request, once: for a front end or a browser.
    pub request_uri: String,
    /// The session that it will be.
    pub session: Id,
    /// For so many seconds.
    pub expires_in: u64,
    /// Kept until the code is redeemed.
    pub verifier: Verifier,
    /// Comes back with the code (`query`): demand that it is the same.
    pub state: String,
    /// As in the request.
    pub redirect_uri: Option<String>,
}

impl InstitutionKeys {
    /// Puts the code of an event together: its handle, and the half that was sealed to this
    /// institution.
    ///
    /// # Errors
    /// When the event holds no code, or the half is not for this institution.
    pub fn open_code(&self, issuer: &str, event: &EventBody) -> Result<Code, ClientError> {
        let EventBody::Code { session, grant, handle, sealed_half, statement_hash, .. } = event
        else {
            return Err(ClientError::input("the event holds no code"));
        };
        let info = hpke::info(statement_hash, Purpose::Half, issuer, self.id, *session);
        let half = hpke::open(&self.hpke, &info, grant.to_string().as_bytes(), &sealed_half.0)
            .map_err(|_| ClientError::untrusted("the half of the code was not sealed to us"))?;
        let half = std::str::from_utf8(&half).ok().and_then(|text| parse_half(text).ok());
        let handle = Token::parse(TokenClass::Code, handle.expose()).ok();
        handle
            .zip(half)
            .map(|(handle, half)| Code { handle, half })
            .ok_or_else(|| ClientError::Answer("handle and half make no code".into()))
    }

    // The item's secret, as it was sealed to this institution.
    pub(super) fn hpke_key(&self) -> &symbolon_domain::secret::Secret<32> {
        &self.hpke
    }
}

impl Institution {
    /// Pushes a request (RFC 9126) with PKCE S256 and a fresh `state`.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn push(&self, request: &PushRequest) -> Result<Pushed, ClientError> {
        let verifier = Verifier::new(&ambient::secret()?);
        let state = base64url(&ambient::random::<16>()?);
        let mut consent = ConsentRequest::new(request.offer);
        consent.items = request
            .paths
            .as_ref()
            .map(|paths| paths.iter().map(|path| ItemWish { path: path.clone() }).collect());
        let form = PushedRequest {
            client_id: self.keys.id,
            response_mode: request.response_mode,
            redirect_uri: request.redirect_uri.clone(),
            state: Some(state.clone()),
            scope: None,
            front_end: request.front_end,
            code_challenge: verifier.challenge(),
            consent,
        }
        .to_form();
        let answer: PushedAnswer = self.send(Request::post(PAR_PATH).form(form)).await?.json()?;
        let reference = answer
            .request_uri
            .strip_prefix(REQUEST_URI_PREFIX)
            .and_then(|text| Token::parse(TokenClass::Request, text).ok())
            .ok_or_else(|| ClientError::Answer("the request_uri is none".into()))?;
        Ok(Pushed {
            session: session_of(&reference),
            request_uri: answer.request_uri,
            expires_in: answer.expires_in,
            verifier,
            state,
            redirect_uri: request.redirect_uri.clone(),
        })
    }

    /// The code of an event, put together.
    ///
    /// # Errors
    /// As [`InstitutionKeys::open_code`].
    pub fn open_code(&self, event: &EventBody) -> Result<Code, ClientError> {
        self.keys.open_code(&self.issuer, event)
    }

    /// Redeems a code. Safe to repeat within the call: the request carries its key.
    ///
    /// # Errors
    /// What the node refuses: `invalid_grant` for a code that is not this client's, used or
    /// expired.
    pub async fn redeem(
        &self,
        code: &Code,
        verifier: &Verifier,
        redirect_uri: Option<&str>,
    ) -> Result<TokenAnswer, ClientError> {
        let form = TokenRequest::AuthorizationCode {
            client_id: self.keys.id,
            code: code.clone(),
            redirect_uri: redirect_uri.map(ToOwned::to_owned),
            code_verifier: verifier.clone(),
        };
        self.token(&form).await
    }

    /// Gets a new access token.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn refresh(&self, refresh_token: &SecretText) -> Result<TokenAnswer, ClientError> {
        let refresh_token = Token::parse(TokenClass::Refresh, refresh_token.expose())
            .map_err(|_| ClientError::input("that is no refresh token"))?;
        self.token(&TokenRequest::RefreshToken { client_id: self.keys.id, refresh_token }).await
    }

    /// What a token is (RFC 7662).
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn introspect(&self, token: &SecretText) -> Result<Introspection, ClientError> {
        let request = Request::post(INTROSPECTION_PATH).form(self.token_form(token));
        self.send(request).await?.json()
    }

    /// Gives a token back (RFC 7009).
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn revoke_token(&self, token: &SecretText) -> Result<(), ClientError> {
        let request = Request::post(REVOCATION_PATH).form(self.token_form(token));
        self.send(request).await?.ok().map(drop)
    }

    async fn token(&self, form: &TokenRequest) -> Result<TokenAnswer, ClientError> {
        let form = form.to_form().expose().to_owned();
        self.send(Request::post(TOKEN_PATH).form(form).keyed()?).await?.json()
    }

    fn token_form(&self, token: &SecretText) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.keys.id.to_string())
            .append_pair("token", token.expose())
            .finish()
    }
}

/// The grant that a token answer is for.
///
/// # Errors
/// When the answer names none.
pub fn granted(answer: &TokenAnswer) -> Result<Id, ClientError> {
    let granted = answer.authorization_details.first();
    granted
        .map(|granted| granted.grant)
        .ok_or_else(|| ClientError::Answer("the tokens come without what was granted".into()))
}
