//! What every handler has at hand.

use crate::data_folder::{KeyEntry, KeyRing, Purpose};
use crate::http::problem::Problem;
use crate::http::trouble::Trouble;
use crate::telemetry::Metrics;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use symbolon_actors::Wakeups;
use symbolon_actors::prepare::Prepare;
use symbolon_cluster_config::Config;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::dpop::{NonceKey, Proof, Replay, ReplayCache};
use symbolon_domain::entity::{FromHead, Stored};
use symbolon_domain::key::{self, Index, Row};
use symbolon_domain::port::{Clock, ConsentRule, Entropy, Range, Router, Store, StoreFault};
use symbolon_domain::record::{self, Record};
use symbolon_domain::{Id, Kind, Region, Rejection, Timestamp};
use tokio_util::sync::CancellationToken;

/// Most proofs remembered: more in two minutes than a node can verify.
pub const PROOFS_MAX: usize = 1_000_000;

/// Where the cluster is, as clients see it.
#[derive(Clone, Debug)]
pub struct Site {
    /// The issuer (RFC 8414), without a slash at its end.
    pub issuer: String,
    /// The wallet's origin.
    pub wallet_origin: String,
    /// The wallet's host name: the `WebAuthn` relying party.
    pub rp_id: String,
    /// The origin of the partner listener.
    pub partner_origin: String,
    /// Origins at which the web listener is reached: a `DPoP` proof names one of them.
    pub web_origins: Vec<String>,
}

/// The node's parts, shared by all handlers.
pub struct App {
    /// As configured.
    pub config: Config,
    /// Our region.
    pub region: Region,
    /// Addresses.
    pub site: Site,
    /// For what is read outside a decision.
    pub store: Arc<dyn Store>,
    /// Brings commands to their entities.
    pub router: Arc<dyn Router>,
    /// All rules as one.
    pub rule: Arc<dyn ConsentRule>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Fast cryptography.
    pub crypto: Arc<dyn Crypto>,
    /// Verifies, unwraps and wraps before an act.
    pub prepare: Prepare,
    /// Large ciphertext outside the store.
    pub blobs: Arc<crate::blobs::Blobs>,
    /// Tells readers of queues that something came.
    pub wakeups: Arc<Wakeups>,
    /// The certificate (DER) of the development CA, if the node's own comes from it.
    pub development_ca: Option<Vec<u8>>,
    /// The region's keys.
    pub keys: RwLock<KeyRing>,
    /// Makes `DPoP` nonces; new at each start.
    pub nonces: NonceKey,
    /// `DPoP` proofs seen.
    pub replays: Mutex<ReplayCache>,
    /// The process's metrics, if it keeps any.
    pub metrics: Option<Metrics>,
    /// How many entities have a live actor.
    pub live_entities: Box<dyn Fn() -> u64 + Send + Sync>,
    /// When the node started.
    pub started: Timestamp,
    /// Cancelled when the node begins to stop.
    pub stopping: CancellationToken,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "App({}/{})", self.region, self.config.node)
    }
}

impl App {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id of this region.
    #[must_use]
    pub fn new_id(&self, kind: Kind) -> Id {
        Id::new(kind, self.region, self.entropy.bytes())
    }

    /// The key that makes new things.
    ///
    /// # Errors
    /// Never with a loaded ring.
    pub fn key(&self, purpose: Purpose) -> Result<KeyEntry, Problem> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.current(purpose).cloned().map_err(|fault| {
            tracing::error!(%fault, "a key is missing");
            Trouble::Internal.into()
        })
    }

    /// Refuses a proof that was seen before.
    ///
    /// # Errors
    /// As [`ReplayCache::check`].
    pub fn remember(&self, proof: &Proof) -> Result<(), Replay> {
        let mut replays = self.replays.lock().unwrap_or_else(PoisonError::into_inner);
        replays.check(self.now(), proof)
    }

    /// A head as it is stored now: for what is only shown. What is decided goes through
    /// the router.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn head<T: FromHead + Clone>(&self, id: Id) -> Result<Option<T>, StoreFault> {
        if id.region != self.region {
            return Ok(None);
        }
        let Some(value) = self.store.get(&key::head(id)).await? else { return Ok(None) };
        let stored = Stored::decode(id.kind, &value).map_err(|error| corrupt(id, &error))?;
        Ok(T::from_head(&stored.head).cloned())
    }

    /// A head that must be there.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], or the store's.
    pub async fn head_of<T: FromHead + Clone>(&self, id: Id) -> Result<T, Problem> {
        self.head(id).await?.ok_or_else(|| Rejection::NotFound.into())
    }

    /// A row's bytes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn row(&self, owner: Id, row: &Row) -> Result<Option<Vec<u8>>, StoreFault> {
        self.store.get(&key::row(owner, row)).await
    }

    /// A row, decoded.
    ///
    /// # Errors
    /// When the store fails, or the row is damaged.
    pub async fn row_as<T: Record>(&self, owner: Id, row: &Row) -> Result<Option<T>, StoreFault> {
        match self.row(owner, row).await? {
            Some(value) => record::decode(&value).map(Some).map_err(|error| corrupt(owner, &error)),
            None => Ok(None),
        }
    }

    /// The ids of an index range, at most `limit`, each with its row's key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn index(
        &self,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Id)>, StoreFault> {
        let entries = self.store.scan(range, limit).await?;
        let read = |entry: symbolon_domain::port::Entry| {
            let bytes = entry.value.as_slice().try_into();
            let id = bytes.ok().and_then(|bytes| Id::from_bytes(bytes).ok());
            let fault = || StoreFault::Corrupt("an index row does not name an id".into());
            id.map(|id| (entry.key, id)).ok_or_else(fault)
        };
        entries.into_iter().map(read).collect()
    }

    /// The one entity of a unique index row.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unique(&self, index: &Index) -> Result<Option<Id>, StoreFault> {
        let key = index.key();
        let value = self.store.get(&key).await?;
        Ok(value.and_then(|value| Id::from_bytes(value.as_slice().try_into().ok()?).ok()))
    }
}

fn corrupt(id: Id, error: &record::RecordError) -> StoreFault {
    StoreFault::Corrupt(format!("{id}: {error}"))
}
