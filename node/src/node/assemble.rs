//! What a node is assembled from, and the usual assembly.

use super::StartFault;
use crate::blobs::Blobs;
use crate::clock::{SystemClock, SystemEntropy};
use crate::crypto::AwsLc;
use crate::data_folder::DataFolder;
use crate::rule::AllowAll;
use crate::telemetry::Metrics;
use std::sync::{Arc, OnceLock};
use symbolon_actors::{EffectHandler, RoutedEffects};
use symbolon_cluster_config::{Config, Engine};
use symbolon_domain::Region;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::entity::Effect;
use symbolon_domain::port::{BoxFuture, Clock, ConsentRule, Entropy, Store, StoreFault};
use symbolon_store::{EmbeddedOptions, EmbeddedStore};

/// Flushes the store when the node has stopped.
pub type Close = Box<dyn FnOnce() -> BoxFuture<'static, Result<(), StoreFault>> + Send>;

/// What a node stands on.
pub struct Ports {
    /// Keys, certificates, large ciphertext.
    pub folder: DataFolder,
    /// The region's store.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Fast cryptography.
    pub crypto: Arc<dyn Crypto>,
    /// The rules of operator, region and institution, as one.
    pub rule: Arc<dyn ConsentRule>,
    /// The process's metrics, if it keeps any.
    pub metrics: Option<Metrics>,
    /// Flushes the store in the end.
    pub close: Close,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

/// The usual ports: the data folder with the embedded store in it, the system's clock and
/// randomness, aws-lc-rs, no rules. Blocks: opens the folder, the first time makes it, and
/// replays what a killed node left.
///
/// # Errors
/// When the folder or the store cannot be used.
pub fn default_ports(config: &Config, metrics: Option<Metrics>) -> Result<Ports, StartFault> {
    if config.store.engine != Engine::Embedded {
        let text = "store.engine: this program was built without FoundationDB; choose embedded";
        return Err(StartFault::Config(text.into()));
    }
    let region: Region =
        config.region.parse().map_err(|_| StartFault::Config("region is no name".into()))?;
    let hosts: Vec<String> =
        [config.issuer_host(), config.wallet_host()].into_iter().flatten().collect();
    let folder =
        DataFolder::open(&config.data_folder, region, &hosts, &SystemClock, &SystemEntropy)?;
    let options = EmbeddedOptions {
        reserve_bytes: config.store.disk_reserve_bytes,
        ..EmbeddedOptions::default()
    };
    let store = Arc::new(EmbeddedStore::open(&folder.store(), &options)?);
    let closing = store.clone();
    Ok(Ports {
        folder,
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        crypto: Arc::new(AwsLc),
        rule: Arc::new(AllowAll),
        metrics,
        close: Box::new(move || Box::pin(async move { closing.close().await })),
    })
}

/// Carries effects out: entities are told through the router, which exists once the actors
/// do, and blobs are removed.
pub(super) struct Effects {
    pub(super) blobs: Arc<Blobs>,
    pub(super) routed: OnceLock<RoutedEffects>,
}

impl EffectHandler for Effects {
    fn carry_out<'a>(
        &'a self,
        id: [u8; 16],
        effect: &'a Effect,
    ) -> BoxFuture<'a, Result<(), String>> {
        if let Effect::DeleteBlob { name } = effect {
            return Box::pin(async move {
                self.blobs.delete(name).await.map_err(|fault| fault.to_string())
            });
        }
        match self.routed.get() {
            Some(routed) => routed.carry_out(id, effect),
            None => Box::pin(async { Err("the node is starting".into()) }),
        }
    }
}
