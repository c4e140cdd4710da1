//! One node: store, actors, listeners, webhooks. Nothing here is global to the process, so
//! that several nodes can live in one.

mod assemble;

use assemble::Effects;
pub use assemble::{Close, Ports, default_ports};

use crate::blobs::Blobs;
use crate::data_folder::DataFolder;
use crate::http;
use crate::http::state::{App, PROOFS_MAX, Site};
use crate::listen::{self, BindFault, BoundListener, Limits};
use crate::retention;
use crate::shutdown::{Drained, Shutdown};
use crate::tls::{Clients, Identity, ListenerTls, TlsFault, certificates};
use crate::webhook::{self, Poster};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Duration;
use symbolon_actors::prepare::Prepare;
use symbolon_actors::{Actors, RoutedEffects};
use symbolon_cluster_config::{Addresses, Config};
use symbolon_domain::Region;
use symbolon_domain::dpop::{NonceKey, ReplayCache};
use symbolon_domain::secret::Secret;
use url::Url;

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] crate::data_folder::DataFolderFault),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] symbolon_store::OpenError),
    /// The folder of large ciphertext cannot be used.
    #[error(transparent)]
    Blobs(#[from] crate::blobs::BlobFault),
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindFault),
    /// Certificates or keys do not make a server.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The actors do not start.
    #[error("the actors do not start: {0}")]
    Actors(String),
    /// The runtime cannot take the sockets.
    #[error("the listeners cannot be served: {0}")]
    Serve(#[from] std::io::Error),
}

/// Where a node listens.
#[derive(Clone, Debug)]
pub struct ListenAddresses {
    /// Phones, pages, front ends.
    pub web: Vec<SocketAddr>,
    /// Institutions.
    pub partner: Vec<SocketAddr>,
    /// Operators.
    pub operators: Vec<SocketAddr>,
}

/// A node that runs.
pub struct Node {
    app: Arc<App>,
    addresses: ListenAddresses,
    shutdown: Shutdown,
    actors: Arc<Actors>,
    drain: Duration,
    close: Close,
    tls: Tls,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({:?}, {:?})", self.app, self.addresses)
    }
}

impl Node {
    /// Starts a node on these ports. Port 0 of a listener is a free one; an issuer or wallet
    /// origin with port 0 gets the web listener's.
    ///
    /// # Errors
    /// Says what to change.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, StartFault> {
        let region: Region =
            config.region.parse().map_err(|_| StartFault::Config("region is no name".into()))?;
        if let Some(pages) = &config.pages
            && !pages.join("phone.html").is_file()
        {
            let text = format!("pages: {} holds no phone.html", pages.display());
            return Err(StartFault::Config(text));
        }
        let bound = Bound::new(&config)?;
        let tls = Tls::load(&config, &ports.folder)?;
        let site = site(&config, bound.web.port(), bound.partner.port())?;
        let limits = Limits::from(&config.limits);
        let drain = Duration::from_secs(config.limits.drain_seconds.into());
        let blobs = Arc::new(Blobs::open(&ports.folder.objects())?);
        let actors = Arc::new(start_actors(&config, &ports, &blobs, drain).await?);
        let shutdown = Shutdown::new();
        let poster = poster(&config, &ports.folder)?;
        let live = Arc::downgrade(&actors);
        let app = Arc::new(App {
            region,
            site,
            prepare: Prepare {
                store: ports.store.clone(),
                crypto: ports.crypto.clone(),
                rule: ports.rule.clone(),
                clock: ports.clock.clone(),
                entropy: ports.entropy.clone(),
            },
            router: Arc::new(actors.router()),
            wakeups: actors.wakeups(),
            nonces: NonceKey::new(Secret::new(ports.entropy.bytes())),
            replays: Mutex::new(ReplayCache::new(PROOFS_MAX)),
            development_ca: development_ca(&config, &ports.folder)?,
            keys: RwLock::new(ports.folder.keys().clone()),
            live_entities: Box::new(move || {
                live.upgrade().map_or(0, |actors| actors.live() as u64)
            }),
            started: ports.clock.now(),
            stopping: shutdown.draining().clone(),
            store: ports.store,
            rule: ports.rule,
            clock: ports.clock,
            entropy: ports.entropy,
            crypto: ports.crypto,
            metrics: ports.metrics,
            blobs,
            config,
        });
        let addresses = ListenAddresses {
            web: bound.web.addresses(),
            partner: bound.partner.addresses(),
            operators: bound.operators.addresses(),
        };
        let router = |routes| http::router(&app, routes);
        bound.web.serve(router(http::web_routes()), &tls.web, limits.clone(), &shutdown)?;
        bound.partner.serve(
            router(http::partner_routes()),
            &tls.partner,
            limits.clone(),
            &shutdown,
        )?;
        bound.operators.serve(
            router(http::operator_routes()),
            &tls.operators,
            limits,
            &shutdown,
        )?;
        shutdown.spawn(webhook::run(app.clone(), Arc::new(poster)));
        shutdown.spawn(retention::run(app.clone()));
        tracing::info!(?addresses, issuer = app.site.issuer, "the node listens");
        Ok(Self { app, addresses, shutdown, actors, drain, close: ports.close, tls })
    }

    /// Where it listens, as bound.
    #[must_use]
    pub fn addresses(&self) -> &ListenAddresses {
        &self.addresses
    }

    /// Where the cluster is, as clients see it.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.app.site
    }

    /// What its handlers have at hand.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Reads the server's certificate and key again and shows them to new connections, on
    /// every listener. Those that are open go on.
    ///
    /// # Errors
    /// When the files do not make a server: then the certificate of before stays.
    pub fn renew_certificate(&self) -> Result<(), TlsFault> {
        let Tls { certificate, key, web, partner, operators } = &self.tls;
        let identity = Identity::load(certificate, key)?;
        [web, partner, operators].into_iter().try_for_each(|listener| listener.show(&identity))
    }

    /// Stops: no new connections, what is under way finishes, entities commit what they
    /// have begun, the store is flushed.
    pub async fn shutdown(self) -> Drained {
        let drained = self.shutdown.drain(self.drain).await;
        // The others hold it for a moment only, to count.
        let unfinished = match Arc::into_inner(self.actors) {
            Some(actors) => actors.shutdown().await,
            None => 0,
        };
        if unfinished > 0 {
            tracing::warn!(unfinished, "entities did not finish in time");
        }
        if let Err(fault) = (self.close)().await {
            tracing::warn!(%fault, "the store was not flushed; the next start replays its journal");
        }
        drained
    }
}

struct Bound {
    web: BoundListener,
    partner: BoundListener,
    operators: BoundListener,
}

impl Bound {
    fn new(config: &Config) -> Result<Self, BindFault> {
        Ok(Self {
            web: listen::bind("web", &config.listeners.web)?,
            partner: listen::bind("partner", &config.listeners.partner)?,
            operators: listen::bind("operators", &config.listeners.operators)?,
        })
    }
}

struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    web: ListenerTls,
    partner: ListenerTls,
    operators: ListenerTls,
}

impl Tls {
    fn load(config: &Config, folder: &DataFolder) -> Result<Self, TlsFault> {
        let file =
            |set: &Option<PathBuf>, own: &str| set.clone().unwrap_or_else(|| folder.tls(own));
        let certificate = file(&config.tls.certificate, "server.pem");
        let key = file(&config.tls.key, "server.key");
        let identity = Identity::load(&certificate, &key)?;
        let partners = certificates(&file(&config.tls.partner_ca, "ca.pem"))?;
        let operators = certificates(&file(&config.tls.operator_ca, "operator-ca.pem"))?;
        Ok(Self {
            web: ListenerTls::new(&identity, &Clients::Anyone)?,
            partner: ListenerTls::new(&identity, &Clients::CertifiedBy(partners))?,
            operators: ListenerTls::new(&identity, &Clients::CertifiedBy(operators))?,
            certificate,
            key,
        })
    }
}

fn development_ca(config: &Config, folder: &DataFolder) -> Result<Option<Vec<u8>>, TlsFault> {
    if config.tls.certificate.is_some() {
        return Ok(None);
    }
    Ok(certificates(&folder.tls("ca.pem"))?.first().map(|certificate| certificate.to_vec()))
}

async fn start_actors(
    config: &Config,
    ports: &Ports,
    blobs: &Arc<Blobs>,
    drain: Duration,
) -> Result<Actors, StartFault> {
    let limits = symbolon_actors::Limits {
        live_max: usize::try_from(config.limits.live_entities).unwrap_or(usize::MAX),
        drain,
        ..symbolon_actors::Limits::default()
    };
    let effects = Arc::new(Effects { blobs: blobs.clone(), routed: OnceLock::new() });
    let (clock, entropy) = (ports.clock.clone(), ports.entropy.clone());
    let ports = symbolon_actors::Ports {
        store: ports.store.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        effects: Some(effects.clone()),
    };
    let started = Actors::start(ports, limits).await;
    let actors = started.map_err(|error| StartFault::Actors(error.to_string()))?;
    let router = Arc::new(actors.router());
    let routed = RoutedEffects { router, blobs: None, clock, entropy };
    // Set once: this is the only place.
    let _already = effects.routed.set(routed);
    Ok(actors)
}

/// An origin without a slash at its end; port 0 becomes `port`.
fn origin(name: &str, text: &str, port: u16) -> Result<(String, String), StartFault> {
    let wrong = || StartFault::Config(format!("{name} \"{text}\" is no https origin"));
    let mut url = Url::parse(text).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?.to_owned();
    if url.port() == Some(0) {
        url.set_port(Some(port)).map_err(|()| wrong())?;
    }
    Ok((url.as_str().trim_end_matches('/').to_owned(), host))
}

fn site(config: &Config, web_port: u16, partner_port: u16) -> Result<Site, StartFault> {
    let (issuer, host) = origin("issuer", &config.issuer, web_port)?;
    let (wallet_origin, rp_id) = origin("wallet.origin", &config.wallet.origin, web_port)?;
    // Partners reach the same host; the default port of https is left out as URLs do.
    let (partner_origin, _) =
        origin("issuer", &format!("https://{host}:{partner_port}"), partner_port)?;
    let mut web_origins = vec![issuer.clone()];
    if wallet_origin != issuer {
        web_origins.push(wallet_origin.clone());
    }
    Ok(Site { issuer, wallet_origin, rp_id, partner_origin, web_origins })
}

fn poster(config: &Config, folder: &DataFolder) -> Result<Poster, TlsFault> {
    let private = config.webhooks.addresses == Addresses::Any;
    let mut authorities = match &config.webhooks.ca {
        Some(path) => certificates(path)?,
        None => SYSTEM_AUTHORITIES
            .iter()
            .find_map(|path| certificates(std::path::Path::new(path)).ok())
            .unwrap_or_default(),
    };
    if private {
        authorities.extend(certificates(&folder.tls("ca.pem"))?);
    }
    Ok(Poster::new(&authorities, private)?)
}

/// Where systems keep the CAs that they trust.
const SYSTEM_AUTHORITIES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
