//! An operator at the node's own listener: who may act, with which offers, and the store.

use crate::http3::{Body, Http3, Request};
use crate::{ClientError, pages};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::Id;
use symbolon_domain::api::operator::{KeyView, NodeStatus};
use symbolon_domain::api::partner::{InstitutionView, OfferView};

/// How long a whole store may take to be read through.
const STORE_DEADLINE: Duration = Duration::from_secs(6 * 3_600);

/// What a check of the store found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckReport {
    /// Entries looked at.
    pub entries: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// How many are not what they should be.
    pub problems_count: u64,
    /// The first of them.
    pub problems: Vec<String>,
}

/// An operator.
#[derive(Debug)]
pub struct Operator {
    http: Arc<Http3>,
}

impl Operator {
    /// With a client that shows a certificate of the operators' CA.
    #[must_use]
    pub fn new(http: Arc<Http3>) -> Self {
        Self { http }
    }

    /// The node's state.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn status(&self) -> Result<NodeStatus, ClientError> {
        self.http.send(&Request::get("/v1/operator/status")).await?.json()
    }

    /// Institutions in a state: pending, approved, refused or suspended.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn institutions(&self, state: &str) -> Result<Vec<InstitutionView>, ClientError> {
        self.list("/v1/operator/institutions", state).await
    }

    /// Offers in a state: proposed, approved, refused or withdrawn.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn offers(&self, state: &str) -> Result<Vec<OfferView>, ClientError> {
        self.list("/v1/operator/offers", state).await
    }

    /// One offer, with its signed document.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn offer(&self, id: Id) -> Result<OfferView, ClientError> {
        self.http.send(&Request::get(format!("/v1/operator/offers/{id}"))).await?.json()
    }

    /// Decides about an institution: approve, refuse or suspend.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn judge_institution(
        &self,
        id: Id,
        verdict: &str,
    ) -> Result<InstitutionView, ClientError> {
        let path = format!("/v1/operator/institutions/{id}/{verdict}");
        self.http.send(&Request::post(path)).await?.json()
    }

    /// Decides about an offer: approve or refuse.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn judge_offer(&self, id: Id, verdict: &str) -> Result<OfferView, ClientError> {
        let path = format!("/v1/operator/offers/{id}/{verdict}");
        self.http.send(&Request::post(path)).await?.json()
    }

    /// The key ring, without its secrets.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn keys(&self) -> Result<Vec<KeyView>, ClientError> {
        self.http.send(&Request::get("/v1/operator/keys")).await?.json()
    }

    /// Makes a new current key for a purpose.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn rotate(&self, purpose: &str) -> Result<KeyView, ClientError> {
        let path = format!("/v1/operator/keys/{purpose}/rotate");
        self.http.send(&Request::post(path)).await?.json()
    }

    /// The whole store as a dump, while the node goes on.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn backup(&self) -> Result<Body, ClientError> {
        let request = Request::get("/v1/operator/store/backup");
        match self.http.stream(&request).await? {
            Ok(body) => Ok(body),
            Err(refused) => Err(refused.refusal()),
        }
    }

    /// Reads the whole store through.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn check(&self) -> Result<CheckReport, ClientError> {
        let request = Request::get("/v1/operator/store/check").within(STORE_DEADLINE);
        self.http.send(&request).await?.json()
    }

    async fn list<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        state: &str,
    ) -> Result<Vec<T>, ClientError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", state)
            .finish();
        pages::all(&format!("{path}?{query}"), async |request| self.http.send(&request).await).await
    }
}
