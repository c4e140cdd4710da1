//! OAuth's errors, by their stable codes.

use crate::document::Invalid;
use crate::rejection::Rejection;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        /// What went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The `error` member.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// The HTTP status of the answer.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }
        }
    };
}

codes! {
    /// RFC 6749: a parameter is missing, twice or wrong.
    InvalidRequest = "invalid_request", 400;
    /// RFC 6749: the client could not be authenticated.
    InvalidClient = "invalid_client", 401;
    /// RFC 6749: code or refresh token unknown, used, expired, revoked or another's.
    InvalidGrant = "invalid_grant", 400;
    /// RFC 6749: the client may not do this.
    UnauthorizedClient = "unauthorized_client", 403;
    /// RFC 6749: another grant type than ours.
    UnsupportedGrantType = "unsupported_grant_type", 400;
    /// RFC 6749: another response type than `code`.
    UnsupportedResponseType = "unsupported_response_type", 400;
    /// RFC 6749: the scope is none.
    InvalidScope = "invalid_scope", 400;
    /// RFC 6749: the person or a rule said no.
    AccessDenied = "access_denied", 403;
    /// RFC 6749: the server broke.
    ServerError = "server_error", 500;
    /// RFC 6749: the server is too busy.
    TemporarilyUnavailable = "temporarily_unavailable", 503;
    /// RFC 9101: the `request_uri` is unknown, used or expired.
    InvalidRequestUri = "invalid_request_uri", 400;
    /// RFC 9101: request objects are not taken.
    RequestNotSupported = "request_not_supported", 400;
    /// RFC 9396: the `authorization_details` cannot be granted.
    InvalidAuthorizationDetails = "invalid_authorization_details", 400;
    /// RFC 9449: the proof does not hold.
    InvalidDpopProof = "invalid_dpop_proof", 400;
    /// RFC 9449: the proof needs the nonce of this answer.
    UseDpopNonce = "use_dpop_nonce", 400;
    /// RFC 9470: a stronger authentication is needed.
    InsufficientUserAuthentication = "insufficient_user_authentication", 401;
    /// RFC 6750: the access token does not authenticate.
    InvalidToken = "invalid_token", 401;
    /// RFC 7009: the token is of a type that cannot be revoked.
    UnsupportedTokenType = "unsupported_token_type", 400;
    /// RFC 8693: no token for this target.
    InvalidTarget = "invalid_target", 400;
}

/// An error answer (RFC 6749 section 5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {error_description}", error.as_str())]
pub struct OAuthError {
    /// The code.
    pub error: ErrorCode,
    /// What to do about it, for a developer.
    pub error_description: String,
}

impl OAuthError {
    /// Puts an error together. What a description may not hold (RFC 6749 section 5.2:
    /// printable ASCII without quotes and backslash) is replaced.
    #[must_use]
    pub fn new(error: ErrorCode, description: &str) -> Self {
        let allowed = |c: char| match c {
            '"' | '\\' => '\'',
            ' '..='~' => c,
            _ => '?',
        };
        Self { error, error_description: description.chars().map(allowed).collect() }
    }
}

impl From<Rejection> for ErrorCode {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::InvalidClient => Self::InvalidClient,
            Rejection::InvalidGrant
            | Rejection::GrantPaused
            | Rejection::GrantRevoked
            | Rejection::GrantExpired
            | Rejection::VaultGone => Self::InvalidGrant,
            Rejection::InvalidToken => Self::InvalidToken,
            Rejection::InstitutionNotApproved | Rejection::Forbidden => Self::UnauthorizedClient,
            Rejection::OfferNotApproved
            | Rejection::OfferExpired
            | Rejection::OfferSignedByAnother
            | Rejection::PathNotInOffer => Self::InvalidAuthorizationDetails,
            Rejection::RuleDenied => Self::AccessDenied,
            Rejection::StepUpRequired => Self::InsufficientUserAuthentication,
            Rejection::LimitReached => Self::TemporarilyUnavailable,
            _ => Self::InvalidRequest,
        }
    }
}

impl From<Rejection> for OAuthError {
    fn from(rejection: Rejection) -> Self {
        Self::new(rejection.into(), &format!("{}. {}", rejection.title(), rejection.help()))
    }
}

impl From<Invalid> for OAuthError {
    fn from(invalid: Invalid) -> Self {
        Self::new(ErrorCode::InvalidRequest, &invalid.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_their_own_json() {
        let codes: std::collections::BTreeSet<_> =
            ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..=503).contains(&code.status()));
        }
    }

    #[test]
    fn descriptions_hold_what_they_may() {
        let error = OAuthError::new(ErrorCode::InvalidRequest, "the \"x\"\\\n\u{e9} is wrong");
        assert_eq!(error.error_description, "the 'x''?? is wrong");
        for rejection in Rejection::ALL {
            let description = OAuthError::from(*rejection).error_description;
            assert!(!description.contains('?'), "{description}");
        }
    }
}
