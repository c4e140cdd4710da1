//! The session statement: what a phone is shown of a session before it claims it.
//!
//! The region's session key signs it. The QR code carries a thumbprint of its payload, so
//! that the phone sees the very session whose code it scanned.

use super::text::check_line;
use super::{Invalid, check_issuer, demand};
use crate::bytes::Digest;
use crate::entity::session::ResponseMode;
use crate::jwk::X25519Jwk;
use crate::jws::Verified;
use crate::{Id, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What a phone is shown of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionStatement {
    /// The cluster.
    pub issuer: String,
    /// The session.
    pub session: Id,
    /// What it is for.
    pub operation: Operation,
    /// Where it was opened; a session on the person's own device has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front_end: Option<StatedFrontEnd>,
    /// Who is behind it.
    pub institution: StatedInstitution,
    /// When it was opened.
    pub issued: Timestamp,
    /// When it ends, claimed or not.
    pub expires: Timestamp,
}

/// A front end as its institution registered it, never as a request describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedFrontEnd {
    /// Which.
    pub id: Id,
    /// Its name, at most 80 characters.
    pub name: String,
    /// Where it stands, at most 80 characters.
    pub place: String,
}

/// An institution as the operator approved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedInstitution {
    /// Its `client_id`.
    pub id: Id,
    /// Its name, at most 80 characters.
    pub name: String,
    /// What is lent to it is sealed to this key.
    pub hpke_key: X25519Jwk,
}

/// What a session is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// A consent.
    Consent {
        /// The hash of the signed offer.
        offer: Digest,
        /// The hash of the pushed request.
        request: Digest,
        /// How the code will reach the institution.
        response_mode: ResponseMode,
    },
    /// The front end stores items in the vault.
    Store {
        /// The session's own key, to which content secrets are sealed.
        hpke_key: X25519Jwk,
        /// The node that holds its private half.
        node: String,
    },
    /// The front end fetches one object of the vault.
    Fetch {
        /// Which, in base64url.
        object: String,
        /// The session's own key, to which the content secret is sealed.
        hpke_key: X25519Jwk,
        /// The node that holds its private half.
        node: String,
    },
}

/// The thumbprint of a statement, as the QR code carries it: the first 16 bytes of the
/// SHA-256 of its payload.
#[must_use]
pub fn thumbprint(payload: &[u8]) -> [u8; 16] {
    let digest = Digest::of(payload).0;
    digest.first_chunk().copied().unwrap_or_default()
}

impl SessionStatement {
    /// Checks all that can be checked without anything else.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        check_issuer(&self.issuer)?;
        demand(self.session.kind == Kind::Session, "session", "is no session's id")?;
        let institution = &self.institution;
        let is_institution = institution.id.kind == Kind::Institution;
        demand(is_institution, "institution.id", "is no institution's id")?;
        check_line("institution.name", &institution.name, 80)?;
        if let Some(front_end) = &self.front_end {
            let is_front_end = front_end.id.kind == Kind::FrontEnd;
            demand(is_front_end, "front_end.id", "is no front end's id")?;
            check_line("front_end.name", &front_end.name, 80)?;
            check_line("front_end.place", &front_end.place, 80)?;
        }
        if let Operation::Store { node, .. } | Operation::Fetch { node, .. } = &self.operation {
            check_line("operation.node", node, 64)?;
        }
        if let Operation::Fetch { object, .. } = &self.operation {
            let is_object = crate::bytes::base64url_array::<16>(object).is_ok();
            demand(is_object, "operation.object", "is not 16 bytes in base64url")?;
        }
        demand(self.expires > self.issued, "expires", "is not after issued")
    }

    /// What the phone checks once the signature fitted: the statement belongs to the code that
    /// was scanned, to this cluster and to this session, and is not over.
    ///
    /// # Errors
    /// Names what does not fit.
    pub fn check_scanned(
        verified: &Verified<Self>,
        issuer: &str,
        session: Id,
        scanned: &[u8; 16],
        now: Timestamp,
    ) -> Result<(), Invalid> {
        let statement = &verified.payload;
        statement.validate()?;
        let fits: bool = thumbprint(&verified.payload_bytes).ct_eq(scanned).into();
        demand(fits, "thumbprint", "of the code is not that of the statement")?;
        demand(statement.issuer == issuer, "issuer", "is another cluster")?;
        demand(statement.session == session, "session", "is another one")?;
        demand(statement.expires > now, "expires", "has passed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Crypto;
    use crate::crypto::RustCrypto;
    use crate::jws::{Typ, Unverified, sign};
    use crate::secret::Secret;

    const ISSUER: &str = "https://id.example";

    fn id(kind: Kind) -> Id {
        Id::new(kind, "eu1".parse().unwrap(), [5; 16])
    }

    fn statement() -> SessionStatement {
        SessionStatement {
            issuer: ISSUER.into(),
            session: id(Kind::Session),
            operation: Operation::Consent {
                offer: Digest([1; 32]),
                request: Digest([2; 32]),
                response_mode: ResponseMode::Session,
            },
            front_end: Some(StatedFrontEnd {
                id: id(Kind::FrontEnd),
                name: "Counter 3".into(),
                place: "Main Street".into(),
            }),
            institution: StatedInstitution {
                id: id(Kind::Institution),
                name: "Example Bank".into(),
                hpke_key: X25519Jwk::new([9; 32]),
            },
            issued: Timestamp(1_000),
            expires: Timestamp(121_000),
        }
    }

    fn verified(statement: &SessionStatement) -> Verified<SessionStatement> {
        let key = Secret::new([1; 32]);
        let text = sign(&RustCrypto, &key, Typ::Session, Some("k1"), statement).unwrap();
        let public = RustCrypto.p256_public(&key).unwrap();
        Unverified::parse(&text, Typ::Session).unwrap().verify(&RustCrypto, &public).unwrap()
    }

    #[test]
    fn the_code_belongs_to_the_statement() {
        let read = verified(&statement());
        let scanned = thumbprint(&read.payload_bytes);
        let check = |issuer, session, scanned: &[u8; 16], now| {
            SessionStatement::check_scanned(&read, issuer, session, scanned, Timestamp(now))
                .map_err(|invalid| invalid.field)
        };
        let session = id(Kind::Session);
        assert_eq!(check(ISSUER, session, &scanned, 2_000), Ok(()));
        assert_eq!(check(ISSUER, session, &[0; 16], 2_000), Err("thumbprint"));
        assert_eq!(check("https://x.example", session, &scanned, 2_000), Err("issuer"));
        let other = Id::new(Kind::Session, session.region, [6; 16]);
        assert_eq!(check(ISSUER, other, &scanned, 2_000), Err("session"));
        assert_eq!(check(ISSUER, session, &scanned, 121_000), Err("expires"));
    }

    #[test]
    fn fields_refused() {
        let vault = |object: &str, node: &str| Operation::Fetch {
            object: object.into(),
            hpke_key: X25519Jwk::new([9; 32]),
            node: node.into(),
        };
        let with = |change: &dyn Fn(&mut SessionStatement)| {
            let mut statement = statement();
            change(&mut statement);
            statement.validate().map_err(|invalid| invalid.field)
        };
        let object = crate::bytes::base64url(&[1; 16]);
        assert_eq!(with(&|s| s.operation = vault(&object, "node-1")), Ok(()));
        assert_eq!(with(&|s| s.operation = vault("AA", "node-1")), Err("operation.object"));
        assert_eq!(with(&|s| s.operation = vault(&object, "")), Err("operation.node"));
        assert_eq!(with(&|s| s.session.kind = Kind::Grant), Err("session"));
        assert_eq!(with(&|s| s.institution.id.kind = Kind::Grant), Err("institution.id"));
        assert_eq!(with(&|s| s.institution.name.clear()), Err("institution.name"));
        let place = |s: &mut SessionStatement| s.front_end.as_mut().unwrap().place.clear();
        assert_eq!(with(&place), Err("front_end.place"));
        assert_eq!(with(&|s| s.front_end = None), Ok(()));
        assert_eq!(with(&|s| s.expires = s.issued), Err("expires"));
        assert_eq!(with(&|s| s.issuer = "http://id.example".into()), Err("issuer"));
    }
}
