//! The forms of the token, introspection and revocation endpoints, and the token answer.

use super::authorization_details::ConsentGranted;
use super::form::Form;
use super::par::take_client_id;
use super::pkce::Verifier;
use super::{ErrorCode, OAuthError};
use crate::Id;
use crate::crypto::code::Code;
use crate::crypto::token::{NotAToken, Token, TokenClass};
use crate::document::URL_LENGTH_MAX;
use crate::secret::SecretText;
use serde::{Deserialize, Serialize};

/// Most characters of a code or token.
const TOKEN_LENGTH_MAX: usize = 256;

/// A request of `POST /oauth/token`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRequest {
    /// A code is redeemed (RFC 6749 section 4.1.3).
    AuthorizationCode {
        /// Who redeems: as the parameter says, to be compared with the certificate.
        client_id: Id,
        /// The code.
        code: Code,
        /// The redirect address of the pushed request, if it had one.
        redirect_uri: Option<String>,
        /// The PKCE verifier.
        code_verifier: Verifier,
    },
    /// An access token is renewed (RFC 6749 section 6).
    RefreshToken {
        /// Who renews: as the parameter says, to be compared with the certificate.
        client_id: Id,
        /// The refresh token.
        refresh_token: Token,
    },
}

fn refuse<T>(error: ErrorCode, why: &str) -> Result<T, OAuthError> {
    Err(OAuthError::new(error, why))
}

impl TokenRequest {
    /// Reads the form.
    ///
    /// # Errors
    /// The OAuth error to answer with. A code or token that cannot be one of ours is
    /// `invalid_grant`, as an unknown one is.
    pub fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut form = Form::parse(body)?;
        let grant_type = form.demand("grant_type", 128)?;
        match grant_type.as_str() {
            "authorization_code" => Self::parse_code(&mut form),
            "refresh_token" => Self::parse_refresh(&mut form),
            _ => refuse(
                ErrorCode::UnsupportedGrantType,
                "grant_type must be authorization_code or refresh_token",
            ),
        }
    }

    fn parse_code(form: &mut Form) -> Result<Self, OAuthError> {
        let client_id = take_client_id(form)?;
        let code = SecretText::new(form.demand("code", TOKEN_LENGTH_MAX)?);
        let redirect_uri = form.take("redirect_uri", URL_LENGTH_MAX)?;
        let verifier = SecretText::new(form.demand("code_verifier", 128)?);
        let code_verifier = Verifier::parse(verifier.expose())?;
        let code = Code::parse(code.expose())
            .or_else(|NotAToken| refuse(ErrorCode::InvalidGrant, "the code is not known"))?;
        Ok(Self::AuthorizationCode { client_id, code, redirect_uri, code_verifier })
    }

    fn parse_refresh(form: &mut Form) -> Result<Self, OAuthError> {
        let client_id = take_client_id(form)?;
        let token = SecretText::new(form.demand("refresh_token", TOKEN_LENGTH_MAX)?);
        // A scope would narrow the token; ours have none to narrow (RFC 6749 section 6).
        let refresh_token = Token::parse(TokenClass::Refresh, token.expose())
            .or_else(|NotAToken| refuse(ErrorCode::InvalidGrant, "the token is not known"))?;
        Ok(Self::RefreshToken { client_id, refresh_token })
    }

    /// The form that a client sends.
    #[must_use]
    pub fn to_form(&self) -> SecretText {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        match self {
            Self::AuthorizationCode { client_id, code, redirect_uri, code_verifier } => {
                form.append_pair("grant_type", "authorization_code")
                    .append_pair("client_id", &client_id.to_string())
                    .append_pair("code", code.to_text().expose())
                    .append_pair("code_verifier", code_verifier.expose());
                if let Some(uri) = redirect_uri {
                    form.append_pair("redirect_uri", uri);
                }
            }
            Self::RefreshToken { client_id, refresh_token } => {
                form.append_pair("grant_type", "refresh_token")
                    .append_pair("client_id", &client_id.to_string())
                    .append_pair("refresh_token", refresh_token.text().expose());
            }
        }
        SecretText::new(form.finish())
    }

    /// Who sends it, as the parameter says.
    #[must_use]
    pub fn client_id(&self) -> Id {
        match self {
            Self::AuthorizationCode { client_id, .. } | Self::RefreshToken { client_id, .. } => {
                *client_id
            }
        }
    }
}

/// A request of the introspection (RFC 7662) or revocation (RFC 7009) endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenReference {
    /// Who asks: as the parameter says, to be compared with the certificate.
    pub client_id: Id,
    /// The token; `None` is text that cannot be one of ours, to be answered as an unknown one.
    pub token: Option<Token>,
}

impl TokenReference {
    /// Reads the form. `token_type_hint` is not needed: our tokens say what they are.
    ///
    /// # Errors
    /// The OAuth error to answer with.
    pub fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut form = Form::parse(body)?;
        let client_id = take_client_id(&mut form)?;
        let token = SecretText::new(form.demand("token", 4_096)?);
        Ok(Self { client_id, token: Token::parse_any(token.expose()).ok() })
    }
}

/// The answer of the token endpoint (RFC 6749 section 5.1, RFC 9396 section 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: SecretText,
    /// `Bearer`: what binds it is the certificate (RFC 8705 section 3).
    pub token_type: String,
    /// For so many seconds.
    pub expires_in: u64,
    /// The refresh token, where the frequency needs later reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<SecretText>,
    /// The scope of the request, if it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What was granted: one consent.
    pub authorization_details: Vec<ConsentGranted>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use proptest::prelude::*;

    const CLIENT: &str = "ins_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn token(class: TokenClass) -> Token {
        Token::new(class, "eu1".parse().unwrap(), &[5; 32])
    }

    fn redemption() -> TokenRequest {
        TokenRequest::AuthorizationCode {
            client_id: CLIENT.parse().unwrap(),
            code: Code { handle: token(TokenClass::Code), half: Secret::new([6; 32]) },
            redirect_uri: Some("https://bank.example/callback".into()),
            code_verifier: Verifier::new(&Secret::new([7; 32])),
        }
    }

    fn renewal() -> TokenRequest {
        let refresh_token = token(TokenClass::Refresh);
        TokenRequest::RefreshToken { client_id: CLIENT.parse().unwrap(), refresh_token }
    }

    #[test]
    fn form_and_back() {
        for request in [redemption(), renewal()] {
            let form = request.to_form();
            assert_eq!(TokenRequest::parse(form.expose().as_bytes()), Ok(request.clone()));
            assert_eq!(request.client_id().to_string(), CLIENT);
            assert!(!format!("{request:?}").contains("BQUFBQ"), "no secret in debug output");
        }
    }

    #[test]
    fn refusals() {
        use ErrorCode::{InvalidGrant, InvalidRequest, UnsupportedGrantType};
        let access = token(TokenClass::Access).text().expose().to_owned();
        let verifier = "v".repeat(43);
        for (form, error) in [
            (String::new(), InvalidRequest),
            (format!("grant_type=password&client_id={CLIENT}"), UnsupportedGrantType),
            (format!("grant_type=client_credentials&client_id={CLIENT}"), UnsupportedGrantType),
            (format!("grant_type=refresh_token&client_id={CLIENT}"), InvalidRequest),
            (
                format!("grant_type=refresh_token&client_id={CLIENT}&refresh_token={access}"),
                InvalidGrant,
            ),
            (format!("grant_type=refresh_token&refresh_token={access}"), InvalidRequest),
            (
                format!(
                    "grant_type=authorization_code&client_id={CLIENT}&code=x&code_verifier={verifier}"
                ),
                InvalidGrant,
            ),
            (
                format!(
                    "grant_type=authorization_code&client_id={CLIENT}&code=x&code_verifier=short"
                ),
                InvalidRequest,
            ),
            (format!("grant_type=authorization_code&client_id={CLIENT}&code=x"), InvalidRequest),
            (
                format!(
                    "grant_type=authorization_code&client_id={CLIENT}&code={}",
                    "x".repeat(257)
                ),
                InvalidRequest,
            ),
        ] {
            assert_eq!(TokenRequest::parse(form.as_bytes()).unwrap_err().error, error, "{form}");
        }
    }

    #[test]
    fn references() {
        let access = token(TokenClass::Access);
        let form = format!("client_id={CLIENT}&token={}&token_type_hint=x", access.text().expose());
        assert_eq!(TokenReference::parse(form.as_bytes()).unwrap().token, Some(access));
        let foreign = format!("client_id={CLIENT}&token=eyJhbGciOiJub25lIn0");
        assert_eq!(TokenReference::parse(foreign.as_bytes()).unwrap().token, None);
        assert!(TokenReference::parse(b"token=x").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(body in "\\PC{0,60}", kind in 0_usize..3) {
            let prefix = ["", "grant_type=refresh_token&client_id=", "grant_type=authorization_code&code="];
            let _ = TokenRequest::parse(format!("{}{body}", prefix[kind]).as_bytes());
        }
    }
}
