//! Scanning: what stands behind a QR code is verified before any of it is shown.

use super::{SessionLink, Wallet};
use crate::http3::Request;
use crate::{ClientError, ambient, cluster};
use serde::{Deserialize, Serialize};
use symbolon_domain::api::SessionView;
use symbolon_domain::api::device::SessionOffer;
use symbolon_domain::bytes::Digest;
use symbolon_domain::document::offer::{Necessity, Offer};
use symbolon_domain::document::session_statement::{Operation, SessionStatement};
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::jws::{Typ, Unverified};
use symbolon_domain::{Id, Path};

/// A session whose statement was verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scanned {
    /// The statement: whose it is, where it was opened, what for.
    pub statement: SessionStatement,
    /// SHA-256 of its payload: what is sealed is bound to it.
    pub statement_hash: Digest,
}

impl Scanned {
    /// Offer, request and channel of a consent.
    ///
    /// # Errors
    /// When the session is for something else.
    pub fn consent(&self) -> Result<(Digest, Digest, ResponseMode), ClientError> {
        match &self.statement.operation {
            Operation::Consent { offer, request, response_mode } => {
                Ok((*offer, *request, *response_mode))
            }
            _ => Err(ClientError::input("this session is no request for consent")),
        }
    }
}

/// What is asked for, as the person is shown it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The session.
    pub scanned: Scanned,
    /// The offer that the institution signed.
    pub offer: Offer,
    /// The items asked for, in the offer's order.
    pub items: Vec<AskedItem>,
    pub(super) state: Option<String>,
    pub(super) redirect_uri: Option<String>,
}

/// One item asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedItem {
    /// Which.
    pub path: Path,
    /// Whether it can be left out.
    pub necessity: Necessity,
    /// The version in the vault; none if there is nothing to lend.
    pub version: Option<u64>,
}

impl Asked {
    /// Everything asked for that is in the vault; of alternatives the first.
    #[must_use]
    pub fn everything(&self) -> Vec<Path> {
        everything(&self.items)
    }
}

fn everything(items: &[AskedItem]) -> Vec<Path> {
    let mut answered: Vec<&str> = Vec::new();
    let mut ticked = Vec::new();
    for item in items.iter().filter(|item| item.version.is_some()) {
        if let Necessity::OneOf(group) = &item.necessity {
            if answered.contains(&group.as_str()) {
                continue;
            }
            answered.push(group);
        }
        ticked.push(item.path.clone());
    }
    ticked
}

impl Wallet {
    /// Fetches the statement behind a link and verifies it: certified by the pinned root,
    /// fitting the thumbprint that was scanned, of this cluster and session, not over.
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when anything of that does not hold.
    pub async fn scan(&mut self, link: &SessionLink) -> Result<Scanned, ClientError> {
        let pinned = &self.state.cluster;
        if link.origin != pinned.wallet_origin {
            return Err(ClientError::untrusted(format!(
                "the code points to {}, and this wallet belongs to {}",
                link.origin, pinned.wallet_origin
            )));
        }
        let request = Request::get(format!("/v1/sessions/{}/statement", link.session));
        let text = self.http.send(&request).await?.text()?;
        let told = cluster::fetch(&self.http).await?;
        let verified = pinned.verify_statement::<SessionStatement>(&told, text.trim())?;
        SessionStatement::check_scanned(
            &verified,
            &pinned.issuer,
            link.session,
            &link.thumbprint,
            ambient::now(),
        )
        .map_err(|invalid| ClientError::untrusted(invalid.to_string()))?;
        let scanned = Scanned {
            statement_hash: Digest::of(&verified.payload_bytes),
            statement: verified.payload,
        };
        let now = ambient::now();
        self.state.sessions.retain(|_, old| old.statement.expires > now);
        self.state.sessions.insert(link.session, scanned.clone());
        self.save()?;
        Ok(scanned)
    }

    /// A session that was scanned before.
    ///
    /// # Errors
    /// When it was not, or is answered.
    pub fn scanned(&self, session: Id) -> Result<&Scanned, ClientError> {
        let unknown =
            || ClientError::input("this session was not scanned, or is over: `scan` its link");
        self.state.sessions.get(&session).ok_or_else(unknown)
    }

    /// Claims a session for this device: nobody else can from now on. The answer has the
    /// number that the person types at the front end.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn claim(&self, session: Id) -> Result<SessionView, ClientError> {
        self.send(Request::post(format!("/v1/sessions/{session}/claim"))).await?.json()
    }

    /// Where a session is that this device claimed.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn session(&self, session: Id) -> Result<SessionView, ClientError> {
        self.send(Request::get(format!("/v1/sessions/{session}"))).await?.json()
    }

    /// What is asked for. The offer must be the one that the statement names.
    ///
    /// # Errors
    /// What the node refuses, and [`ClientError::Untrusted`] for another offer.
    pub async fn asked(&self, session: Id) -> Result<Asked, ClientError> {
        let scanned = self.scanned(session)?.clone();
        let (offer_hash, request_hash, _) = scanned.consent()?;
        let told: SessionOffer =
            self.send(Request::get(format!("/v1/sessions/{session}/offer"))).await?.json()?;
        let document = Unverified::parse(&told.offer, Typ::Offer)?;
        let offer: Offer = document.claimed()?;
        let fits = document.digest() == offer_hash
            && told.request == request_hash
            && offer.institution == scanned.statement.institution.id;
        if !fits {
            return Err(ClientError::untrusted("the offer is another than the statement names"));
        }
        offer.validate().map_err(|invalid| ClientError::untrusted(invalid.to_string()))?;
        let asked = offer
            .items
            .iter()
            .filter(|item| told.paths.iter().any(|path| path == item.path.as_str()));
        let items = asked
            .map(|item| AskedItem {
                version: self.version(&item.path),
                path: item.path.clone(),
                necessity: item.necessity.clone(),
            })
            .collect();
        Ok(Asked { scanned, offer, items, state: told.state, redirect_uri: told.redirect_uri })
    }

    /// Refuses everything and ends the session.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn deny(&mut self, session: Id) -> Result<(), ClientError> {
        self.send(Request::post(format!("/v1/sessions/{session}/deny"))).await?.ok()?;
        self.forget_session(session)
    }

    pub(super) fn forget_session(&mut self, session: Id) -> Result<(), ClientError> {
        self.state.sessions.remove(&session);
        self.save()
    }

    fn version(&self, path: &Path) -> Option<u64> {
        let known = self.state.items.get(path)?;
        known.entry.tombstone.is_none().then_some(known.entry.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_one_of_each_group() {
        let one_of = |group: &str| Necessity::OneOf(group.into());
        let item = |path: &str, necessity, version| AskedItem {
            path: path.parse().unwrap(),
            necessity,
            version,
        };
        let items = [
            item("name", Necessity::Required, Some(1)),
            item("fax", one_of("contact"), None),
            item("email", one_of("contact"), Some(2)),
            item("phone", one_of("contact"), Some(1)),
            item("passport", one_of("proof"), Some(1)),
            item("card", one_of("proof"), Some(1)),
            item("gender", Necessity::Optional, Some(3)),
            item("scan", Necessity::Optional, None),
        ];
        let ticked: Vec<String> = everything(&items).iter().map(ToString::to_string).collect();
        assert_eq!(ticked, ["name", "email", "passport", "gender"]);
    }
}
