//! The link of a QR code: `https://{wallet host}/s/{id}#{16-byte thumbprint}`.

use crate::ClientError;
use symbolon_domain::bytes::{base64url, base64url_array};
use symbolon_domain::{Id, Kind};
use url::Url;

/// Most bytes of a link.
const LINK_BYTES_MAX: usize = 200;

/// What a QR code holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLink {
    /// The wallet origin that it points to.
    pub origin: String,
    /// The session.
    pub session: Id,
    /// The thumbprint of its statement.
    pub thumbprint: [u8; 16],
}

impl std::str::FromStr for SessionLink {
    type Err = ClientError;

    fn from_str(text: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::input("that is no link of a Symbolon QR code");
        let url = Url::parse(text.trim()).map_err(|_| wrong())?;
        let bare = url.query().is_none() && url.username().is_empty() && url.password().is_none();
        if text.len() > LINK_BYTES_MAX || url.scheme() != "https" || !bare {
            return Err(wrong());
        }
        let session = url.path().strip_prefix("/s/").ok_or_else(wrong)?;
        let session = Id::parse(Kind::Session, session).map_err(|_| wrong())?;
        let thumbprint = url.fragment().and_then(|text| base64url_array(text).ok());
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            session,
            thumbprint: thumbprint.ok_or_else(wrong)?,
        })
    }
}

impl std::fmt::Display for SessionLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/s/{}#{}", self.origin, self.session, base64url(&self.thumbprint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_only() {
        let id = Id::new(Kind::Session, "eu1".parse().unwrap(), [1; 16]);
        let link = SessionLink {
            origin: "https://wallet.example:4433".into(),
            session: id,
            thumbprint: [2; 16],
        };
        let text = link.to_string();
        assert!(text.len() < 120);
        assert_eq!(text.parse::<SessionLink>().unwrap(), link);
        let grant = Id { kind: Kind::Grant, ..id };
        for wrong in [
            text.replace("https", "http"),
            text.replace("/s/", "/t/"),
            text.replace('#', "?"),
            text.replace(&id.to_string(), &grant.to_string()),
            text.replace("wallet.", "a@wallet."),
            format!("{text}A"),
            String::new(),
        ] {
            assert!(wrong.parse::<SessionLink>().is_err(), "{wrong}");
        }
    }
}
