//! `symbolon serve`: a node, until it is asked to stop.

use super::{Failure, Term};
use crate::node::{Node, default_ports};
use crate::shutdown::Renewals;
use crate::telemetry::{Metrics, install_logs};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use symbolon_cluster_config::Config;

const EXAMPLES: &str = "\
Examples:
  symbolon serve
      A node for development: keys, certificates and store in ./symbolon-data,
      web on https://localhost:8443, partners on 8444, operators on 8445.
  symbolon serve --config node.toml --set telemetry.log_format=json
  SYMBOLON_DATA_FOLDER=/var/lib/symbolon symbolon serve

SIGTERM and Ctrl-C stop it when what is under way has finished. SIGHUP reads the server's
certificate and key again, for new connections.

Check a configuration without starting with `symbolon config check`.";

/// Where the configuration comes from: file, then environment (SYMBOLON_…), then flags.
#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// The configuration file (TOML). Every key has a default.
    #[arg(long, value_name = "FILE", env = "SYMBOLON_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Set one key, over file and environment.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl Source {
    /// Loads and checks it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        let mut flags = Vec::new();
        for set in &self.set {
            let (key, value) = set
                .split_once('=')
                .ok_or_else(|| Failure::usage(format!("--set {set}: is not KEY=VALUE")))?;
            flags.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        let environment = std::env::vars().filter(|(name, _)| name != "SYMBOLON_CONFIG");
        symbolon_cluster_config::load(self.config.as_deref(), environment, &flags)
            .map_err(|error| Failure::usage(error.to_string()))
    }
}

/// Run a node until SIGTERM or Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    #[command(flatten)]
    source: Source,
}

impl Serve {
    /// Runs it.
    ///
    /// # Errors
    /// When the node does not start.
    pub(crate) async fn run(self, term: &Term) -> Result<(), Failure> {
        let config = self.source.load()?;
        let logs = install_logs(&config.telemetry);
        logs.map_err(|fault| Failure::usage(fault.to_string()))?;
        let metrics = Metrics::install().map_err(|fault| Failure::new(fault.to_string()))?;
        let folder = config.data_folder.clone();
        let node = start(config, Some(metrics)).await?;
        let site = node.site();
        term.note(&format!(
            "web        {}\npartner    {}\noperators  {}\ndata       {}",
            site.issuer,
            site.partner_origin,
            node.addresses().operators.first().map_or("nobody listens".into(), operators_origin),
            folder.display()
        ));
        serve(&node, *term).await?;
        term.note("stopping: what is under way finishes");
        node.shutdown().await;
        Ok(())
    }
}

// Until it is asked to stop. A certificate that does not fit is told, and the old one stays.
async fn serve(node: &Node, term: Term) -> std::io::Result<()> {
    let mut renewals = Renewals::listen()?;
    let stop = crate::shutdown::requested();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            stopped = &mut stop => return stopped,
            () = renewals.next() => match node.renew_certificate() {
                Ok(()) => term.note("the certificate was read again"),
                Err(fault) => term.note(&format!("the certificate stays as it was: {fault}")),
            },
        }
    }
}

// As `--operators` takes it: the development certificate names `localhost`.
fn operators_origin(address: &SocketAddr) -> String {
    match address.ip().is_loopback() {
        true => format!("https://localhost:{}", address.port()),
        false => format!("https://{address}"),
    }
}

/// Starts a node with the usual ports.
///
/// # Errors
/// Says what to change.
pub(crate) async fn start(config: Config, metrics: Option<Metrics>) -> Result<Node, Failure> {
    let opened = tokio::task::spawn_blocking(move || {
        default_ports(&config, metrics).map(|ports| (config, ports))
    });
    let opened = opened.await.map_err(|error| Failure::new(error.to_string()))?;
    let (config, ports) = opened.map_err(|fault| Failure::new(fault.to_string()))?;
    Node::start(config, ports).await.map_err(|fault| Failure::new(fault.to_string()))
}
