//! The settings, their units and defaults. Every key has a default, so an empty file is
//! a node for development on this machine.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Everything that a node is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The region this node belongs to: one to eight of `a-z0-9`. Part of every id.
    pub region: String,
    /// The node's name, unique in its region.
    pub node: String,
    /// The cluster's issuer (RFC 8414): an https URL without query or fragment.
    pub issuer: String,
    /// Where keys, certificates and the embedded store live.
    pub data_folder: PathBuf,
    /// Where the phone's pages are.
    pub wallet: Wallet,
    /// A folder whose pages are served instead of those in the program, read at each
    /// request: for who works on them.
    pub pages: Option<PathBuf>,
    /// Addresses to listen on.
    pub listeners: Listeners,
    /// Certificates. Without any, a development CA is made in the data folder.
    pub tls: Tls,
    /// What is refused rather than queued.
    pub limits: Limits,
    /// The store's engine.
    pub store: StoreConfig,
    /// Events posted to institutions.
    pub webhooks: Webhooks,
    /// Logs.
    pub telemetry: Telemetry,
    /// The other nodes.
    pub cluster: Cluster,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            region: "eu1".into(),
            node: "a".into(),
            issuer: "https://localhost:8443".into(),
            data_folder: "symbolon-data".into(),
            wallet: Wallet::default(),
            pages: None,
            listeners: Listeners::default(),
            tls: Tls::default(),
            limits: Limits::default(),
            store: StoreConfig::default(),
            webhooks: Webhooks::default(),
            telemetry: Telemetry::default(),
            cluster: Cluster::default(),
        }
    }
}

/// The wallet's one origin: browser keys are bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wallet {
    /// An https origin with a host name, such as `https://wallet.example`. QR codes carry
    /// its host; `WebAuthn` takes it as the relying party, so it can't be an address.
    pub origin: String,
}

impl Default for Wallet {
    fn default() -> Self {
        Self { origin: "https://localhost:8443".into() }
    }
}

/// Addresses, each served over UDP (HTTP/3) and TCP (HTTP/2 and 1.1) on one port number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listeners {
    /// Phones, pages and front ends; asks for no client certificate.
    pub web: Vec<SocketAddr>,
    /// Institutions; requires a client certificate.
    pub partner: Vec<SocketAddr>,
    /// Operators; requires a client certificate of the operators' CA.
    pub operators: Vec<SocketAddr>,
}

impl Default for Listeners {
    fn default() -> Self {
        // `localhost` resolves to ::1 first, so both.
        let both =
            |port| vec![(Ipv6Addr::LOCALHOST, port).into(), (Ipv4Addr::LOCALHOST, port).into()];
        Self { web: both(8443), partner: both(8444), operators: both(8445) }
    }
}

/// Paths of PEM files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The server's certificate chain.
    pub certificate: Option<PathBuf>,
    /// Its private key, readable by nobody else.
    pub key: Option<PathBuf>,
    /// CAs that sign institutions' client certificates.
    pub partner_ca: Option<PathBuf>,
    /// CAs that sign operators' client certificates.
    pub operator_ca: Option<PathBuf>,
}

/// Bounds on what a stranger can send or hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// A request's body; a route that takes objects allows more by itself.
    pub body_bytes: u64,
    /// One object of a vault: its ciphertext.
    pub object_bytes: u64,
    /// All objects of one vault.
    pub vault_bytes: u64,
    /// Days that an earlier version of an item is kept, and longer while a grant pins it.
    pub earlier_versions_days: u32,
    /// A request's header section.
    pub header_bytes: u32,
    /// Open connections of one listener, TCP and QUIC together.
    pub connections: u32,
    /// Requests at once on one connection.
    pub streams_per_connection: u32,
    /// Time for a TLS or QUIC handshake.
    pub handshake_timeout_seconds: u32,
    /// Time for a whole header section.
    pub header_timeout_seconds: u32,
    /// Time between two pieces of a body.
    pub body_idle_timeout_seconds: u32,
    /// Time until a handler answers.
    pub handler_timeout_seconds: u32,
    /// Time a connection without requests stays open.
    pub idle_timeout_seconds: u32,
    /// Time after which an event stream ends, so that its reader proves itself again.
    pub event_stream_seconds: u32,
    /// Time in which requests may finish when the node stops.
    pub drain_seconds: u32,
    /// Open sessions of one front end.
    pub sessions_per_front_end: u32,
    /// Unredeemed codes of one device.
    pub codes_per_device: u32,
    /// Live entity actors of this node.
    pub live_entities: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            object_bytes: 64 << 20,
            vault_bytes: 4 << 30,
            earlier_versions_days: 30,
            header_bytes: 16 << 10,
            connections: 10_000,
            streams_per_connection: 100,
            handshake_timeout_seconds: 10,
            header_timeout_seconds: 10,
            body_idle_timeout_seconds: 20,
            handler_timeout_seconds: 30,
            idle_timeout_seconds: 60,
            event_stream_seconds: 900,
            drain_seconds: 20,
            sessions_per_front_end: 32,
            codes_per_device: 8,
            live_entities: 200_000,
        }
    }
}

impl Limits {
    /// How long an earlier version of an item is kept.
    #[must_use]
    pub fn versions_kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.earlier_versions_days) * 24 * 3_600)
    }
}

/// The region's store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Which engine.
    pub engine: Engine,
    /// Free disk below which writes are refused.
    pub disk_reserve_bytes: u64,
    /// `FoundationDB`'s cluster file.
    pub cluster_file: Option<PathBuf>,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { engine: Engine::default(), disk_reserve_bytes: 256 << 20, cluster_file: None }
    }
}

/// A store's engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Inside the node's process, in the data folder: for a region of one node.
    #[default]
    Embedded,
    /// `FoundationDB`, for a region of several nodes.
    FoundationDb,
}

/// Events posted to institutions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Which addresses may be posted to.
    pub addresses: Addresses,
    /// A PEM file of CAs that sign institutions' servers; without one, the system's, and in
    /// development also the data folder's own.
    pub ca: Option<PathBuf>,
}

/// Which addresses a node posts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addresses {
    /// Public ones: otherwise an institution could make the node knock at its neighbours.
    #[default]
    Public,
    /// Those of private networks and of this machine too: for development.
    Any,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Levels by module, as in `info,symbolon_node=debug`.
    pub log_filter: String,
    /// How a line looks.
    pub log_format: LogFormat,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log_filter: "info,ractor=warn".into(), log_format: LogFormat::default() }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line, for machines.
    Json,
}

/// The cluster's nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// All nodes of all regions, this one included. Empty means: this one only.
    pub nodes: Vec<Member>,
}

/// One node of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its region.
    pub region: String,
    /// Its name.
    pub node: String,
    /// `host:port` at which its peers reach it.
    pub peer: String,
}
