//! The answer of the introspection endpoint (RFC 7662).

use super::authorization_details::ConsentGranted;
use crate::bytes::Digest;
use crate::{Id, Timestamp};
use serde::{Deserialize, Serialize};

/// What a token is. Of an unknown, dead or another's token nothing but `active: false`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introspection {
    /// Whether it may be used.
    pub active: bool,
    /// The cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The institution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Id>,
    /// `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// When it was made, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<u64>,
    /// When it ends, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// The key that it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// What was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<Vec<ConsentGranted>>,
    /// How strongly the person was authenticated (RFC 9470).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// When, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
}

/// What a token is bound to (RFC 7800).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// A certificate: SHA-256 of its DER (RFC 8705 section 3.1).
    #[serde(rename = "x5t#S256")]
    Certificate(Digest),
    /// A key: its thumbprint (RFC 9449 section 6.1).
    #[serde(rename = "jkt")]
    Key(Digest),
}

/// What is told of a live token.
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// The cluster.
    pub issuer: String,
    /// The institution.
    pub client_id: Id,
    /// When it was made.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The key that it is bound to.
    pub confirmation: Confirmation,
    /// What was granted.
    pub granted: ConsentGranted,
    /// How strongly the person was authenticated.
    pub acr: String,
    /// By which methods.
    pub amr: Vec<String>,
    /// When.
    pub auth_time: Timestamp,
}

impl Introspection {
    /// Of a token about which the caller learns nothing.
    #[must_use]
    pub fn inactive() -> Self {
        Self::default()
    }

    /// Of a live token.
    #[must_use]
    pub fn of(token: LiveToken) -> Self {
        Self {
            active: true,
            iss: Some(token.issuer),
            client_id: Some(token.client_id),
            token_type: Some("Bearer".into()),
            iat: Some(token.issued.seconds()),
            exp: Some(token.expires.seconds()),
            cnf: Some(token.confirmation),
            authorization_details: Some(vec![token.granted]),
            acr: Some(token.acr),
            amr: Some(token.amr),
            auth_time: Some(token.auth_time.seconds()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inactive_says_nothing_more() {
        let json = serde_json::to_value(Introspection::inactive()).unwrap();
        assert_eq!(json, json!({"active": false}));
    }

    #[test]
    fn confirmation_has_the_names_of_its_rfc() {
        let digest = Digest([1; 32]);
        let certificate = serde_json::to_value(Confirmation::Certificate(digest)).unwrap();
        assert_eq!(certificate, json!({"x5t#S256": digest.to_string()}));
        let key = serde_json::to_value(Confirmation::Key(digest)).unwrap();
        assert_eq!(key, json!({"jkt": digest.to_string()}));
    }
}
