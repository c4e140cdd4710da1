//! The authorization server's metadata (RFC 8414).

use super::authorization_details::CONSENT_TYPE;
use super::par::response_mode_names;
use serde::{Deserialize, Serialize};

/// Where the metadata is, below the issuer.
pub const WELL_KNOWN_PATH: &str = "/.well-known/oauth-authorization-server";
/// The authorization endpoint's path.
pub const AUTHORIZATION_PATH: &str = "/oauth/authorize";
/// The token endpoint's path.
pub const TOKEN_PATH: &str = "/oauth/token";
/// The pushed request endpoint's path.
pub const PAR_PATH: &str = "/oauth/par";
/// The introspection endpoint's path.
pub const INTROSPECTION_PATH: &str = "/oauth/introspect";
/// The revocation endpoint's path.
pub const REVOCATION_PATH: &str = "/oauth/revoke";

/// The endpoints that ask for a client certificate (RFC 8705 section 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Where codes and refresh tokens are redeemed.
    pub token_endpoint: String,
    /// Where requests are pushed (RFC 9126).
    pub pushed_authorization_request_endpoint: String,
    /// What a token is (RFC 7662).
    pub introspection_endpoint: String,
    /// Where tokens are given back (RFC 7009).
    pub revocation_endpoint: String,
}

/// The metadata document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The cluster.
    pub issuer: String,
    /// Where a browser brings a `request_uri`.
    pub authorization_endpoint: String,
    /// Where codes and refresh tokens are redeemed.
    pub token_endpoint: String,
    /// Where requests are pushed (RFC 9126).
    pub pushed_authorization_request_endpoint: String,
    /// What a token is (RFC 7662).
    pub introspection_endpoint: String,
    /// Where tokens are given back (RFC 7009).
    pub revocation_endpoint: String,
    /// The same with a client certificate (RFC 8705 section 5).
    pub mtls_endpoint_aliases: Endpoints,
    /// No request is taken that was not pushed.
    pub require_pushed_authorization_requests: bool,
    /// `code`.
    pub response_types_supported: Vec<String>,
    /// How a code travels.
    pub response_modes_supported: Vec<String>,
    /// `authorization_code` and `refresh_token`.
    pub grant_types_supported: Vec<String>,
    /// `S256`.
    pub code_challenge_methods_supported: Vec<String>,
    /// `tls_client_auth`, everywhere.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// `tls_client_auth`, everywhere.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// `tls_client_auth`, everywhere.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// Access tokens are bound to the client's certificate (RFC 8705 section 3.3).
    pub tls_client_certificate_bound_access_tokens: bool,
    /// `ES256` (RFC 9449).
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Our consent (RFC 9396).
    pub authorization_details_types_supported: Vec<String>,
    /// Answers carry `iss` (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// Request objects are not taken (RFC 9101).
    pub request_parameter_supported: bool,
    /// A page about it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
}

impl Metadata {
    /// Of a cluster: `web` is the origin without client certificates, `partner` the one
    /// that asks for them; neither ends with a slash.
    #[must_use]
    pub fn new(issuer: &str, web: &str, partner: &str) -> Self {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let methods = list(&["tls_client_auth"]);
        let plain = Endpoints::at(web);
        Self {
            issuer: issuer.into(),
            authorization_endpoint: format!("{web}{AUTHORIZATION_PATH}"),
            token_endpoint: plain.token_endpoint,
            pushed_authorization_request_endpoint: plain.pushed_authorization_request_endpoint,
            introspection_endpoint: plain.introspection_endpoint,
            revocation_endpoint: plain.revocation_endpoint,
            mtls_endpoint_aliases: Endpoints::at(partner),
            require_pushed_authorization_requests: true,
            response_types_supported: list(&["code"]),
            response_modes_supported: list(&response_mode_names()),
            grant_types_supported: list(&["authorization_code", "refresh_token"]),
            code_challenge_methods_supported: list(&["S256"]),
            token_endpoint_auth_methods_supported: methods.clone(),
            introspection_endpoint_auth_methods_supported: methods.clone(),
            revocation_endpoint_auth_methods_supported: methods,
            tls_client_certificate_bound_access_tokens: true,
            dpop_signing_alg_values_supported: list(&["ES256"]),
            authorization_details_types_supported: list(&[CONSENT_TYPE]),
            authorization_response_iss_parameter_supported: true,
            request_parameter_supported: false,
            service_documentation: Some(format!("{web}/openapi.json")),
        }
    }
}

impl Endpoints {
    fn at(origin: &str) -> Self {
        Self {
            token_endpoint: format!("{origin}{TOKEN_PATH}"),
            pushed_authorization_request_endpoint: format!("{origin}{PAR_PATH}"),
            introspection_endpoint: format!("{origin}{INTROSPECTION_PATH}"),
            revocation_endpoint: format!("{origin}{REVOCATION_PATH}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_what_its_rfcs_name() {
        let issuer = "https://id.example";
        let metadata = Metadata::new(issuer, issuer, "https://id.example:8444");
        let json = serde_json::to_value(&metadata).unwrap();
        assert_eq!(json["issuer"], issuer);
        assert_eq!(json["token_endpoint"], "https://id.example/oauth/token");
        let aliases = &json["mtls_endpoint_aliases"];
        assert_eq!(aliases.as_object().unwrap().len(), 4);
        assert_eq!(
            aliases["pushed_authorization_request_endpoint"],
            "https://id.example:8444/oauth/par"
        );
        let modes = ["symbolon.session", "symbolon.scan", "query"];
        assert_eq!(json["response_modes_supported"], serde_json::json!(modes));
        assert_eq!(serde_json::from_value::<Metadata>(json).unwrap(), metadata);
    }
}
