//! An institution about itself: signed with the key that it names, approved by the operator.

use super::text::check_line;
use super::{Invalid, check_url, demand};
use crate::crypto::Crypto;
use crate::jwk::{P256Jwk, X25519Jwk};
use crate::jws::{Typ, Unverified, Verified};
use crate::rejection::Rejection;
use crate::{Id, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most redirect addresses.
pub const REDIRECT_URIS_MAX: usize = 16;

/// What an institution registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstitutionDocument {
    /// Its id, which it chose, and its `client_id`; the region in it is its home.
    pub institution: Id,
    /// The name that people are shown, at most 80 characters.
    pub name: String,
    /// The DNS name in its client certificates (RFC 8705, `tls_client_auth_san_dns`).
    pub dns_name: String,
    /// Signs this document and its offers.
    pub signing_key: P256Jwk,
    /// What is lent to it is sealed to this key.
    pub hpke_key: X25519Jwk,
    /// Where a person's browser may be sent back to, compared character by character.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where events are sent, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// When it was signed: a later one replaces an earlier.
    pub issued: Timestamp,
}

impl InstitutionDocument {
    /// Reads a signed document and verifies it with the key that it names: who signed holds
    /// that key. Whether they are who they say is the operator's to decide.
    ///
    /// # Errors
    /// [`Rejection::BadSignature`], or [`Rejection::InvalidRequest`] for all else.
    pub fn open(text: &str, crypto: &dyn Crypto) -> Result<Verified<Self>, Rejection> {
        let unverified = Unverified::parse(text, Typ::Institution)?;
        let claimed: Self = unverified.claimed()?;
        let verified: Verified<Self> = unverified.verify(crypto, &claimed.signing_key.key)?;
        verified.payload.validate()?;
        Ok(verified)
    }

    /// Reads a document that replaces one: signed by the key that was registered until now,
    /// for the same institution, and later.
    ///
    /// # Errors
    /// As [`InstitutionDocument::open`], and [`Rejection::WrongState`] for an earlier one.
    pub fn open_next(&self, text: &str, crypto: &dyn Crypto) -> Result<Verified<Self>, Rejection> {
        let unverified = Unverified::parse(text, Typ::Institution)?;
        let verified: Verified<Self> = unverified.verify(crypto, &self.signing_key.key)?;
        verified.payload.validate()?;
        if verified.payload.institution != self.institution {
            return Err(Rejection::Forbidden);
        }
        if verified.payload.issued <= self.issued {
            return Err(Rejection::WrongState);
        }
        Ok(verified)
    }

    /// Checks all that can be checked without anything else.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        demand(
            self.institution.kind == Kind::Institution,
            "institution",
            "is no institution's id",
        )?;
        check_line("name", &self.name, 80)?;
        demand(is_dns_name(&self.dns_name), "dns_name", "is no DNS name in lower case")?;
        let uris: BTreeSet<&String> = self.redirect_uris.iter().collect();
        let distinct = uris.len() == self.redirect_uris.len();
        demand(distinct, "redirect_uris", "names an address twice")?;
        demand(uris.len() <= REDIRECT_URIS_MAX, "redirect_uris", "has more than 16 addresses")?;
        for uri in uris {
            check_url("redirect_uris", uri)?;
        }
        if let Some(webhook) = &self.webhook {
            check_url("webhook", webhook)?;
        }
        Ok(())
    }
}

// RFC 1123 section 2.1. An address is none: certificates name those otherwise.
fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let last_is_number =
        name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(label) && !last_is_number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::RustCrypto;
    use crate::jws::sign;
    use crate::secret::Secret;

    fn document(key: u8) -> InstitutionDocument {
        InstitutionDocument {
            institution: "ins_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
            name: "Example Bank".into(),
            dns_name: "bank.example".into(),
            signing_key: P256Jwk::new(RustCrypto.p256_public(&Secret::new([key; 32])).unwrap()),
            hpke_key: X25519Jwk::new([9; 32]),
            redirect_uris: vec!["https://bank.example/callback".into()],
            webhook: None,
            issued: Timestamp(1_000),
        }
    }

    fn signed(key: u8, document: &InstitutionDocument) -> String {
        sign(&RustCrypto, &Secret::new([key; 32]), Typ::Institution, None, document).unwrap()
    }

    #[test]
    fn signed_by_the_key_it_names() {
        let open = |text: &str| InstitutionDocument::open(text, &RustCrypto);
        assert_eq!(open(&signed(1, &document(1))).unwrap().payload, document(1));
        assert_eq!(open(&signed(2, &document(1))), Err(Rejection::BadSignature));
        let nameless = InstitutionDocument { name: String::new(), ..document(1) };
        assert_eq!(open(&signed(1, &nameless)), Err(Rejection::InvalidRequest));
    }

    #[test]
    fn replaced_only_by_the_old_key_and_later() {
        let old = document(1);
        let next = |key, document: &InstitutionDocument| {
            old.open_next(&signed(key, document), &RustCrypto).map(|verified| verified.payload)
        };
        let later = InstitutionDocument { issued: Timestamp(2_000), ..document(2) };
        assert_eq!(next(1, &later), Ok(later.clone()));
        assert_eq!(next(2, &later), Err(Rejection::BadSignature));
        assert_eq!(next(1, &old), Err(Rejection::WrongState));
        let other = "ins_eu1_baaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let foreign = InstitutionDocument { institution: other, ..later };
        assert_eq!(next(1, &foreign), Err(Rejection::Forbidden));
    }

    #[test]
    fn fields_refused() {
        type Change = fn(&mut InstitutionDocument);
        let table: &[(Change, &str)] = &[
            (|d| d.institution.kind = Kind::Device, "institution"),
            (|d| d.name = "two\nlines".into(), "name"),
            (|d| d.name = "x".repeat(81), "name"),
            (|d| d.dns_name = "Bank.example".into(), "dns_name"),
            (|d| d.dns_name = "127.0.0.1".into(), "dns_name"),
            (|d| d.dns_name = "bank..example".into(), "dns_name"),
            (|d| d.dns_name = "*.example".into(), "dns_name"),
            (|d| d.redirect_uris.push("http://bank.example/".into()), "redirect_uris"),
            (|d| d.redirect_uris.push(d.redirect_uris[0].clone()), "redirect_uris"),
            (
                |d| d.redirect_uris = (0..17).map(|n| format!("https://a.example/{n}")).collect(),
                "redirect_uris",
            ),
            (|d| d.webhook = Some("ftp://bank.example/".into()), "webhook"),
        ];
        for (change, field) in table {
            let mut document = document(1);
            change(&mut document);
            assert_eq!(document.validate().unwrap_err().field, *field);
        }
    }
}
