//! What is well-formed and still cannot work.

use crate::config::{Config, Engine};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use url::{Host, Url};

/// One thing to change before a node can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The dotted key.
    pub key: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.key, self.text)
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, key: &str, text: impl Into<String>) {
        self.0.push(Problem { key: key.into(), text: text.into() });
    }
}

impl Config {
    /// Everything that keeps this configuration from working; empty when nothing does.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Problems::default();
        self.check_names(&mut problems);
        self.check_urls(&mut problems);
        self.check_listeners(&mut problems);
        self.check_tls(&mut problems);
        self.check_limits(&mut problems);
        self.check_cluster(&mut problems);
        problems.0
    }

    /// The issuer's host name or address.
    #[must_use]
    pub fn issuer_host(&self) -> Option<String> {
        host_of(&self.issuer)
    }

    /// The host in QR codes and `WebAuthn`'s relying party id.
    #[must_use]
    pub fn wallet_host(&self) -> Option<String> {
        host_of(&self.wallet.origin)
    }

    fn check_names(&self, problems: &mut Problems) {
        if self.region.parse::<symbolon_domain::Region>().is_err() {
            problems.add(
                "region",
                format!("\"{}\" is no region name: one to eight of a-z and 0-9", self.region),
            );
        }
        if !is_node_name(&self.node) {
            problems.add(
                "node",
                format!("\"{}\" is no node name: 1 to 32 of a-z, 0-9 and -", self.node),
            );
        }
    }

    fn check_urls(&self, problems: &mut Problems) {
        match Url::parse(&self.issuer) {
            Ok(url) if url.scheme() != "https" => {
                problems.add("issuer", "must begin with https://")
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                problems.add("issuer", "must have no query and no fragment (RFC 8414)");
            }
            Ok(_) => {}
            Err(error) => problems.add("issuer", format!("is no URL: {error}")),
        }
        let key = "wallet.origin";
        match Url::parse(&self.wallet.origin) {
            Ok(url) if url.scheme() != "https" => {
                problems.add(key, "must begin with https://: phones open it and keep keys for it");
            }
            Ok(url) if matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) => {
                problems.add(key, "must be a host name: WebAuthn accepts no addresses");
            }
            Ok(url) if url.origin().ascii_serialization() != self.wallet.origin => problems.add(
                key,
                format!(
                    "must be an origin and nothing more, such as {}",
                    url.origin().ascii_serialization()
                ),
            ),
            Ok(_) => {}
            Err(error) => problems.add(key, format!("is no URL: {error}")),
        }
    }

    fn check_listeners(&self, problems: &mut Problems) {
        let listeners = [
            ("listeners.web", &self.listeners.web),
            ("listeners.partner", &self.listeners.partner),
            ("listeners.operators", &self.listeners.operators),
        ];
        let mut taken: Vec<(SocketAddr, &str)> = Vec::new();
        for (key, addresses) in listeners {
            if addresses.is_empty() {
                problems.add(key, "needs at least one address");
            }
            let ports: BTreeSet<u16> = addresses.iter().map(SocketAddr::port).collect();
            if ports.len() > 1 {
                problems.add(key, "must use one port number on all addresses: Alt-Svc names one");
            }
            for address in addresses {
                if let Some((_, other)) = taken.iter().find(|(one, _)| overlap(one, address)) {
                    problems.add(
                        key,
                        format!("{address} is taken by {other} already; give it its own port"),
                    );
                }
                taken.push((*address, key));
            }
        }
    }

    fn check_tls(&self, problems: &mut Problems) {
        let tls = &self.tls;
        if tls.certificate.is_some() != tls.key.is_some() {
            problems.add("tls", "certificate and key belong together: give both or neither");
        }
        if tls.partner_ca.is_some() && tls.partner_ca == tls.operator_ca {
            problems.add(
                "tls.operator_ca",
                "must differ from tls.partner_ca, or every institution would be an operator",
            );
        }
    }

    fn check_limits(&self, problems: &mut Problems) {
        let limits = &self.limits;
        // hyper's HTTP/1 buffer cannot be smaller; above 1 MiB a header section is an attack.
        if !(8_192..=1 << 20).contains(&limits.header_bytes) {
            problems.add("limits.header_bytes", "must be 8192 to 1048576");
        }
        if limits.body_bytes < 65_536 {
            problems.add("limits.body_bytes", "must be at least 65536: requests need that much");
        }
        if limits.object_bytes < 65_536 {
            problems.add("limits.object_bytes", "must be at least 65536: one piece of an object");
        }
        if limits.vault_bytes < limits.object_bytes {
            problems.add("limits.vault_bytes", "must be at least limits.object_bytes");
        }
        let positive = [
            ("connections", limits.connections),
            ("streams_per_connection", limits.streams_per_connection),
            ("handshake_timeout_seconds", limits.handshake_timeout_seconds),
            ("header_timeout_seconds", limits.header_timeout_seconds),
            ("body_idle_timeout_seconds", limits.body_idle_timeout_seconds),
            ("handler_timeout_seconds", limits.handler_timeout_seconds),
            ("idle_timeout_seconds", limits.idle_timeout_seconds),
            ("event_stream_seconds", limits.event_stream_seconds),
            ("sessions_per_front_end", limits.sessions_per_front_end),
            ("codes_per_device", limits.codes_per_device),
            ("live_entities", limits.live_entities),
        ];
        for (key, _) in positive.iter().filter(|(_, value)| *value == 0) {
            problems.add(&format!("limits.{key}"), "must not be 0: nothing could be served");
        }
    }

    fn check_cluster(&self, problems: &mut Problems) {
        let key = "cluster.nodes";
        let nodes = &self.cluster.nodes;
        let in_region = nodes.iter().filter(|member| member.region == self.region).count();
        if in_region > 1 && self.store.engine == Engine::Embedded {
            problems.add(
                key,
                format!(
                    "region {} has {in_region} nodes, and the embedded engine serves one: set \
                     store.engine = \"foundationdb\", or give each node a region of its own. \
                     Several nodes in a region need FoundationDB",
                    self.region
                ),
            );
        }
        if self.store.engine == Engine::FoundationDb && self.store.cluster_file.is_none() {
            problems.add("store.cluster_file", "is needed by the engine foundationdb");
        }
        let mut seen = BTreeSet::new();
        for member in nodes {
            if !seen.insert((&member.region, &member.node)) {
                problems.add(key, format!("{}/{} is listed twice", member.region, member.node));
            }
            if member.region.parse::<symbolon_domain::Region>().is_err() {
                problems.add(key, format!("\"{}\" is no region name", member.region));
            }
            if !is_node_name(&member.node) {
                problems.add(key, format!("\"{}\" is no node name", member.node));
            }
            let port = member.peer.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            if port.is_none() {
                problems.add(key, format!("peer \"{}\" is not host:port", member.peer));
            }
        }
        if !nodes.is_empty() && !seen.contains(&(&self.region, &self.node)) {
            problems.add(
                key,
                format!(
                    "does not list this node ({}/{}); list all of them",
                    self.region, self.node
                ),
            );
        }
    }
}

fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

fn is_node_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('-')
}

/// Whether both cannot be bound at once. `[::]` takes IPv4 along.
fn overlap(one: &SocketAddr, other: &SocketAddr) -> bool {
    let covers = |wide: IpAddr, narrow: IpAddr| match wide {
        IpAddr::V6(address) if address.is_unspecified() => true,
        IpAddr::V4(address) if address.is_unspecified() => narrow.is_ipv4(),
        _ => wide == narrow,
    };
    one.port() == other.port()
        && one.port() != 0
        && (covers(one.ip(), other.ip()) || covers(other.ip(), one.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Member;

    fn keys(change: impl FnOnce(&mut Config)) -> Vec<String> {
        let mut config = Config::default();
        change(&mut config);
        config.check().into_iter().map(|problem| problem.key).collect()
    }

    #[test]
    fn defaults_work() {
        assert_eq!(Config::default().check(), []);
    }

    #[test]
    fn each_problem_is_told() {
        assert_eq!(keys(|c| c.region = "Europe-1".into()), ["region"]);
        assert_eq!(keys(|c| c.node = String::new()), ["node"]);
        assert_eq!(keys(|c| c.issuer = "http://localhost".into()), ["issuer"]);
        assert_eq!(keys(|c| c.issuer = "https://a.example/?x".into()), ["issuer"]);
        for origin in ["http://a.example", "https://127.0.0.1", "https://a.example/", "wallet"] {
            assert_eq!(keys(|c| c.wallet.origin = origin.into()), ["wallet.origin"], "{origin}");
        }
        assert_eq!(keys(|c| c.listeners.web.clear()), ["listeners.web"]);
        assert_eq!(keys(|c| c.limits.header_bytes = 100), ["limits.header_bytes"]);
        assert_eq!(keys(|c| c.limits.connections = 0), ["limits.connections"]);
        assert_eq!(keys(|c| c.tls.key = Some("k".into())), ["tls"]);
        assert_eq!(keys(|c| c.store.engine = Engine::FoundationDb), ["store.cluster_file"]);
    }

    #[test]
    fn ports_are_not_shared() {
        let taken = keys(|c| c.listeners.partner = c.listeners.web.clone());
        assert_eq!(taken, ["listeners.partner"; 2]);
        let wildcard = |c: &mut Config| c.listeners.partner = vec!["[::]:8443".parse().unwrap()];
        assert_eq!(keys(wildcard), ["listeners.partner"]);
        let free = |c: &mut Config| {
            for list in [&mut c.listeners.web, &mut c.listeners.partner, &mut c.listeners.operators]
            {
                *list = vec!["127.0.0.1:0".parse().unwrap()];
            }
        };
        assert_eq!(keys(free), [""; 0], "port 0 is a new one each time");
    }

    #[test]
    fn several_nodes_of_a_region_need_foundationdb() {
        let member =
            |node: &str| Member { region: "eu1".into(), node: node.into(), peer: "h:1".into() };
        let mut config = Config::default();
        config.cluster.nodes = vec![member("a"), member("b")];
        let problems = config.check();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].text.contains("need FoundationDB"), "{}", problems[0]);
        config.store.engine = Engine::FoundationDb;
        config.store.cluster_file = Some("fdb.cluster".into());
        assert_eq!(config.check(), []);
        config.node = "c".into();
        assert_eq!(config.check().len(), 1, "this node is not listed");
    }
}
