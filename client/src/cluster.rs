//! The cluster as a client knows it: its addresses, and the keys that its root certifies.
//!
//! A wallet pins the root when it is made. From then on a region's key is believed only if
//! that root signed it, so that a node can neither slip in a key of its own nor become
//! another cluster.

use crate::ClientError;
use crate::http3::{Http3, Request};
use serde::{Deserialize, Serialize};
use symbolon_domain::Timestamp;
use symbolon_domain::api::Cluster;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::jwk::P256Jwk;
use symbolon_domain::jws::{Typ, Unverified, Verified};

/// The purpose of keys that sign session statements.
const SESSION_STATEMENT: &str = "session-statement";

/// A cluster whose root is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedCluster {
    /// The OAuth issuer.
    pub issuer: String,
    /// Where links for wallets point.
    pub wallet_origin: String,
    /// The `WebAuthn` relying party id.
    pub rp_id: String,
    /// The region in which things are made.
    pub region: String,
    /// The root.
    pub root: P256Jwk,
}

// The document of `/.well-known/symbolon`'s `keys`.
#[derive(Deserialize)]
struct KeysDocument {
    keys: Vec<KeyEntry>,
}

#[derive(Deserialize)]
struct KeyEntry {
    purpose: String,
    kid: String,
    #[serde(rename = "alg")]
    _alg: String,
    #[serde(rename = "created")]
    _created: Timestamp,
    jwk: serde_json::Value,
}

/// Reads what a node says of its cluster.
///
/// # Errors
/// As [`Http3::send`].
pub async fn fetch(http: &Http3) -> Result<Cluster, ClientError> {
    http.send(&Request::get("/.well-known/symbolon")).await?.json()
}

impl PinnedCluster {
    /// Pins the root that the node shows: once, when a wallet is made.
    ///
    /// # Errors
    /// When that root has not signed the region's keys.
    pub fn pin(cluster: &Cluster) -> Result<Self, ClientError> {
        let pinned = Self {
            issuer: cluster.issuer.clone(),
            wallet_origin: cluster.wallet_origin.clone(),
            rp_id: cluster.rp_id.clone(),
            region: cluster.region.clone(),
            root: cluster.root,
        };
        pinned.certified(cluster)?;
        Ok(pinned)
    }

    /// Verifies a document that a session key of the region signed.
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when the root did not certify the key, or the signature
    /// does not fit.
    pub fn verify_statement<T: serde::de::DeserializeOwned>(
        &self,
        cluster: &Cluster,
        text: &str,
    ) -> Result<Verified<T>, ClientError> {
        let unverified = Unverified::parse(text, Typ::Session)?;
        let kid = unverified.kid().unwrap_or_default().to_owned();
        let keys = self.certified(cluster)?;
        let entry = keys
            .keys
            .into_iter()
            .find(|entry| entry.purpose == SESSION_STATEMENT && entry.kid == kid);
        let unknown = || {
            ClientError::untrusted(format!("the session statement's key {kid} is not certified"))
        };
        let key: P256Jwk = serde_json::from_value(entry.ok_or_else(unknown)?.jwk)
            .map_err(|error| ClientError::untrusted(format!("the key {kid}: {error}")))?;
        Ok(unverified.verify(&RustCrypto, &key.key)?)
    }

    fn certified(&self, cluster: &Cluster) -> Result<KeysDocument, ClientError> {
        if cluster.root != self.root {
            return Err(ClientError::untrusted(
                "the cluster's root is another than the one pinned when this wallet was made",
            ));
        }
        let keys = Unverified::parse(&cluster.keys, Typ::Keys)?;
        let verified: Verified<KeysDocument> = keys.verify(&RustCrypto, &self.root.key)?;
        Ok(verified.payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::crypto::Crypto;
    use symbolon_domain::jws::sign;
    use symbolon_domain::secret::Secret;

    fn jwk(key: u8) -> P256Jwk {
        P256Jwk::new(RustCrypto.p256_public(&Secret::new([key; 32])).unwrap())
    }

    fn cluster(root: u8, certified: u8) -> Cluster {
        cluster_for(SESSION_STATEMENT, root, certified)
    }

    fn cluster_for(purpose: &str, root: u8, certified: u8) -> Cluster {
        let keys = serde_json::json!({ "keys": [{
            "purpose": purpose, "kid": "k1", "alg": "ES256",
            "created": "2026-01-01T00:00:00Z", "jwk": jwk(certified),
        }] });
        let root_key = Secret::new([root; 32]);
        Cluster {
            issuer: "https://id.example".into(),
            wallet_origin: "https://wallet.example".into(),
            region: "eu1".into(),
            rp_id: "wallet.example".into(),
            keys: sign(&RustCrypto, &root_key, Typ::Keys, Some("r"), &keys).unwrap(),
            root: jwk(root),
            partner_origin: "https://partner.example".into(),
        }
    }

    fn statement(key: u8, kid: &str) -> String {
        let payload = serde_json::json!({ "a": 1 });
        sign(&RustCrypto, &Secret::new([key; 32]), Typ::Session, Some(kid), &payload).unwrap()
    }

    #[test]
    fn only_what_the_pinned_root_certified() {
        let pinned = PinnedCluster::pin(&cluster(1, 2)).unwrap();
        let verify = |cluster: &Cluster, text: &str| {
            pinned.verify_statement::<serde_json::Value>(cluster, text).is_ok()
        };
        assert!(verify(&cluster(1, 2), &statement(2, "k1")));
        assert!(!verify(&cluster(1, 2), &statement(3, "k1")), "another key's signature");
        assert!(!verify(&cluster(1, 2), &statement(2, "k2")), "an unknown key");
        assert!(!verify(&cluster(9, 3), &statement(3, "k1")), "another root");
        let webhook = cluster_for("webhook", 1, 2);
        assert!(!verify(&webhook, &statement(2, "k1")), "certified for something else");
        let forged = Cluster { keys: cluster(9, 3).keys, ..cluster(1, 2) };
        assert!(!verify(&forged, &statement(3, "k1")), "certified by another root");
        assert!(PinnedCluster::pin(&forged).is_err());
    }
}
