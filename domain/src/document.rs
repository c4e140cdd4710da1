//! The signed documents: what is in each, and what makes it valid on its own.
//!
//! Each is the payload of a JWS with a `typ` of its own ([`crate::jws`]). Members that are not
//! known are refused, every length has a bound, and whoever reads a document calls its
//! `validate` (or, with what it refers to, its `check`) before believing a field.

pub mod command;
pub mod institution;
pub mod offer;
pub mod selection;
pub mod session_statement;
pub mod text;

use crate::rejection::Rejection;
use url::{Host, Url};

/// Most characters of an address.
pub const URL_LENGTH_MAX: usize = 2_048;

/// A field whose value cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct Invalid {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it, as the rest of the sentence.
    pub reason: &'static str,
}

impl Invalid {
    /// Says what is wrong with a field.
    #[must_use]
    pub fn new(field: &'static str, reason: &'static str) -> Self {
        Self { field, reason }
    }
}

impl From<Invalid> for Rejection {
    fn from(_: Invalid) -> Self {
        Self::InvalidRequest
    }
}

/// Refuses the field unless the condition holds.
pub(crate) fn demand(
    condition: bool,
    field: &'static str,
    reason: &'static str,
) -> Result<(), Invalid> {
    if condition { Ok(()) } else { Err(Invalid::new(field, reason)) }
}

/// Demands an absolute https address without user information and fragment. Plain http is
/// let through for the machine itself (RFC 8252 section 7.3), so that one can try things out.
pub(crate) fn check_url(field: &'static str, text: &str) -> Result<Url, Invalid> {
    demand(text.len() <= URL_LENGTH_MAX, field, "is longer than 2,048 characters")?;
    let url = Url::parse(text).map_err(|_| Invalid::new(field, "is not an absolute URL"))?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    demand(scheme, field, "must begin with https://")?;
    let bare = url.username().is_empty() && url.password().is_none();
    demand(bare, field, "must not hold a user name or password")?;
    demand(url.fragment().is_none(), field, "must not have a fragment")?;
    Ok(url)
}

/// Demands an issuer: an address without query and fragment (RFC 8414 section 2).
pub(crate) fn check_issuer(text: &str) -> Result<(), Invalid> {
    let url = check_url("issuer", text)?;
    demand(url.query().is_none(), "issuer", "must not have a query")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for right in [
            "https://bank.example/callback",
            "https://bank.example:8443/cb?x=1",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:3000/cb",
        ] {
            assert!(check_url("url", right).is_ok(), "{right}");
        }
        for wrong in [
            "http://bank.example/",
            "http://localhost.evil.example/",
            "javascript:alert(1)",
            "/callback",
            "https://",
            "https://user@bank.example/",
            "https://user:word@bank.example/",
            "https://bank.example/#fragment",
            "ftp://localhost/",
            "",
        ] {
            assert!(check_url("url", wrong).is_err(), "{wrong}");
        }
        assert!(check_url("url", &format!("https://a.example/{}", "a".repeat(2_048))).is_err());
        assert!(check_issuer("https://id.example").is_ok());
        assert!(check_issuer("https://id.example?a").is_err());
    }
}
