//! An institution: the OAuth client of FAPI 2.0, with its certificate, its signing key and
//! its HPKE key.

mod consent;
mod reading;

pub use consent::{PushRequest, Pushed, granted};
pub use reading::{ReadItem, Reading};

use crate::chain::verify_chain;
use crate::folder::secret_text;
use crate::http3::{Answer, EventStream, Http3, Request};
use crate::{ClientError, EventSource, Following, ambient, events_request, pages};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use symbolon_domain::api::device::RecordView;
use symbolon_domain::api::partner::{
    DescribeInstitution, FrontEndInvitation, FrontEndView, GrantView, InstitutionView, OfferView,
    ProposeOffer, RegisterFrontEnd, WebhookStatus,
};
use symbolon_domain::crypto::{Crypto, RustCrypto, hpke};
use symbolon_domain::document::institution::InstitutionDocument;
use symbolon_domain::document::offer::Offer;
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Kind, Region};

/// What an institution keeps beside its certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstitutionKeys {
    /// Its id: the `client_id`.
    pub id: Id,
    #[serde(with = "secret_text")]
    signing: Secret<32>,
    #[serde(with = "secret_text")]
    hpke: Secret<32>,
}

/// What an institution says of itself.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// The name that people see.
    pub name: String,
    /// The DNS name in its certificate.
    pub dns_name: String,
    /// Where a browser may be sent back to.
    pub redirect_uris: Vec<String>,
    /// Where events are posted, if anywhere.
    pub webhook: Option<String>,
}

impl InstitutionKeys {
    /// New keys and a new id, at home in this region.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(region: Region) -> Result<Self, ClientError> {
        Ok(Self {
            id: Id::new(Kind::Institution, region, ambient::random()?),
            signing: ambient::signing_key()?,
            hpke: ambient::secret()?,
        })
    }

    /// The signed description.
    ///
    /// # Errors
    /// When a field cannot be what it is.
    pub fn describe(&self, description: &Description) -> Result<String, ClientError> {
        let document = InstitutionDocument {
            institution: self.id,
            name: description.name.clone(),
            dns_name: description.dns_name.clone(),
            signing_key: P256Jwk::new(RustCrypto.p256_public(&self.signing)?),
            hpke_key: X25519Jwk::new(hpke::public_key(&self.hpke)?),
            redirect_uris: description.redirect_uris.clone(),
            webhook: description.webhook.clone(),
            issued: ambient::now(),
        };
        document.validate()?;
        Ok(sign(&RustCrypto, &self.signing, Typ::Institution, None, &document)?)
    }

    /// The signed offer.
    ///
    /// # Errors
    /// When a field cannot be what it is.
    pub fn sign_offer(&self, offer: &Offer) -> Result<String, ClientError> {
        offer.validate()?;
        Ok(sign(&RustCrypto, &self.signing, Typ::Offer, None, offer)?)
    }
}

/// An institution at a node's partner listener.
#[derive(Debug)]
pub struct Institution {
    http: Arc<Http3>,
    keys: InstitutionKeys,
    issuer: String,
}

impl Institution {
    /// With a client that shows the institution's certificate, and the cluster's issuer.
    #[must_use]
    pub fn new(http: Arc<Http3>, keys: InstitutionKeys, issuer: String) -> Self {
        Self { http, keys, issuer }
    }

    /// Its id: the `client_id`.
    #[must_use]
    pub fn id(&self) -> Id {
        self.keys.id
    }

    /// The connection to the partner listener.
    #[must_use]
    pub fn http(&self) -> &Arc<Http3> {
        &self.http
    }

    /// Introduces the institution, or changes what it says of itself.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn describe(
        &self,
        description: &Description,
    ) -> Result<InstitutionView, ClientError> {
        let document = self.keys.describe(description)?;
        let request = Request::post("/v1/institutions").json(&DescribeInstitution { document })?;
        self.send(request).await?.json()
    }

    /// What the node knows of it.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn look(&self) -> Result<InstitutionView, ClientError> {
        self.send(Request::get("/v1/institution")).await?.json()
    }

    /// Proposes an offer; the operator decides about it.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn propose(&self, offer: &Offer) -> Result<OfferView, ClientError> {
        let document = self.keys.sign_offer(offer)?;
        self.propose_signed(document).await
    }

    /// Proposes an offer that was signed before.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn propose_signed(&self, document: String) -> Result<OfferView, ClientError> {
        let request = Request::post("/v1/offers").json(&ProposeOffer { document })?;
        self.send(request).await?.json()
    }

    /// Its offers.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn offers(&self) -> Result<Vec<OfferView>, ClientError> {
        self.list("/v1/offers").await
    }

    /// One offer.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn offer(&self, id: Id) -> Result<OfferView, ClientError> {
        self.send(Request::get(format!("/v1/offers/{id}"))).await?.json()
    }

    /// Takes an offer back: nothing new is given under it.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn withdraw(&self, id: Id) -> Result<(), ClientError> {
        self.send(Request::delete(format!("/v1/offers/{id}"))).await?.ok().map(drop)
    }

    /// Registers a front end and gets its enrolment code.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn register_front_end(
        &self,
        name: &str,
        place: &str,
        sessions_max: u16,
    ) -> Result<FrontEndInvitation, ClientError> {
        let front_end = RegisterFrontEnd { name: name.into(), place: place.into(), sessions_max };
        self.send(Request::post("/v1/front-ends").json(&front_end)?).await?.json()
    }

    /// A new enrolment code for a front end; its old key is good no more once it is used.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn invite(&self, front_end: Id) -> Result<FrontEndInvitation, ClientError> {
        self.send(Request::post(format!("/v1/front-ends/{front_end}/invite"))).await?.json()
    }

    /// Its front ends.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn front_ends(&self) -> Result<Vec<FrontEndView>, ClientError> {
        self.list("/v1/front-ends").await
    }

    /// Removes a front end.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn remove_front_end(&self, id: Id) -> Result<(), ClientError> {
        self.send(Request::delete(format!("/v1/front-ends/{id}"))).await?.ok().map(drop)
    }

    /// The grants that people gave it.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn grants(&self) -> Result<Vec<GrantView>, ClientError> {
        self.list("/v1/grants").await
    }

    /// One grant.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn grant(&self, id: Id) -> Result<GrantView, ClientError> {
        self.send(Request::get(format!("/v1/grants/{id}"))).await?.json()
    }

    /// What happened under a grant: the records that the person's devices see too, verified
    /// as a chain.
    ///
    /// # Errors
    /// What the node refuses; [`ClientError::Untrusted`] when the chain is broken.
    pub async fn records(&self, grant: Id) -> Result<Vec<RecordView>, ClientError> {
        let records = self.list(&format!("/v1/grants/{grant}/records")).await?;
        verify_chain(grant, &records)?;
        Ok(records)
    }

    /// Gives a grant back: it lends nothing from now on.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn relinquish(&self, id: Id) -> Result<(), ClientError> {
        self.send(Request::delete(format!("/v1/grants/{id}"))).await?.ok().map(drop)
    }

    /// How the webhook does.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn webhook(&self) -> Result<WebhookStatus, ClientError> {
        self.send(Request::get("/v1/webhook")).await?.json()
    }

    /// What happens to the institution's sessions, grants and offers, from the
    /// oldest event kept or after a position.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn events(&self, after: Option<&str>) -> Result<EventStream, ClientError> {
        match self.http.stream(&events_request(after)?).await? {
            Ok(body) => Ok(EventStream::new(body)),
            Err(refused) => Err(refused.refusal()),
        }
    }

    /// The same followed from stream to stream.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn follow(&self, after: Option<&str>) -> Result<Following<'_, Self>, ClientError> {
        Following::start(self, after).await
    }

    async fn list<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Vec<T>, ClientError> {
        pages::all(path, async |request| self.send(request).await).await
    }

    async fn send(&self, request: Request) -> Result<Answer, ClientError> {
        self.http.send(&request).await
    }
}

impl EventSource for Institution {
    async fn open(&self, after: Option<&str>) -> Result<EventStream, ClientError> {
        self.events(after).await
    }
}

#[cfg(test)]
mod tests;
