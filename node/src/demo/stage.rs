//! The stage: a folder, a running node, an operator.

use super::Demo;
use super::teller::Teller;
use crate::cli::{Failure, Place, Term, qr_text};
use crate::clock::SystemClock;
use crate::data_folder::{DevelopmentCa, Role};
use crate::http::authority;
use crate::node::Node;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use symbolon_client::folder::Folder;
use symbolon_client::http3::{Http3, Identity, Trust};
use symbolon_client::operator::Operator;
use symbolon_cluster_config::Config;
use symbolon_domain::api::partner::FrontEndInvitation;
use symbolon_domain::bytes::base64url;
use symbolon_domain::port::Clock;

/// The web port with `--listen`, if none is given.
const WEB_PORT: u16 = 8_443;

/// The stage.
pub(super) struct Stage {
    pub(super) place: Place,
    pub(super) operator: Operator,
    operator_http: Arc<Http3>,
    node: Node,
    // Removed after the node has gone.
    root: Root,
}

/// Where everything is. What is temporary goes with it, however the demo ends.
struct Root {
    path: PathBuf,
    is_temporary: bool,
}

impl Root {
    fn of(demo: &Demo) -> Result<Self, Failure> {
        Ok(match &demo.folder {
            Some(folder) => Self { path: folder.clone(), is_temporary: false },
            None => Self { path: temporary()?, is_temporary: !demo.keep },
        })
    }

    fn remove(&mut self) -> std::io::Result<()> {
        if std::mem::take(&mut self.is_temporary) && self.path.exists() {
            std::fs::remove_dir_all(&self.path)?;
        }
        Ok(())
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        // Only what ended early comes here with something left, and has its own error to tell.
        let _left_behind = self.remove();
    }
}

impl Stage {
    /// Starts the node.
    pub(super) async fn build(demo: &Demo, teller: &mut Teller) -> Result<Self, Failure> {
        teller.chapter("The node");
        let root = Root::of(demo)?;
        let data = root.path.join("node");
        let config = configure(demo, &data)?;
        if let Some(host) = &demo.host {
            // Everyone in the demo reaches the node by this name, from here too.
            let found = tokio::net::lookup_host((host.as_str(), 0)).await;
            if found.is_err() {
                return Err(Failure::usage(format!(
                    "--host {host}: leads nowhere from this machine: enter it in DNS, or in \
                     /etc/hosts with an address that --listen serves"
                )));
            }
        }
        let node = crate::cli::start(config, None).await?;
        let site = node.site().clone();
        let own = demo.certificate.is_none();
        let ca = own.then(|| std::fs::read_to_string(data.join("tls/ca.pem"))).transpose()?;
        let place = Place {
            web: site.issuer.clone(),
            partner: site.partner_origin.clone(),
            issuer: site.issuer.clone(),
            region: node.app().region.to_string(),
            ca: ca.clone(),
        };
        let operator_http = operator_http(&node, demo, &data, ca.as_deref())?;
        let operator = Operator::new(operator_http.clone());
        let status = operator.status().await?;
        teller.step(
            "node",
            &format!("region {}, version {}, serves:", status.region, status.version),
        );
        teller.step("node", &format!("  phones, pages, front ends: {}", place.web));
        teller.step("node", &format!("  institutions, with certificates: {}", place.partner));
        teller.step("operator", &format!("is connected; store and keys in {}", data.display()));
        Ok(Self { place, operator, operator_http, node, root })
    }

    /// A folder for one who takes part.
    pub(super) fn folder(&self, name: &str) -> Folder {
        Folder::new(self.root.path.join(name))
    }

    /// Issues a client certificate by the development CA into a folder.
    pub(super) fn issue_certificate(&self, name: &str, folder: &Folder) -> Result<(), Failure> {
        let wrong = |error: crate::data_folder::AuthorityFault| Failure::new(error.to_string());
        let authority =
            DevelopmentCa::load(&self.root.path.join("node/tls"), "ca").map_err(wrong)?;
        let issued =
            authority.issue(&[name.to_owned()], Role::Client, SystemClock.now()).map_err(wrong)?;
        Place::save_identity(folder, issued.certificate.as_bytes(), issued.key.as_bytes())
    }

    /// Says what to try while the node stays up.
    pub(super) fn invite(&self, screen: &FrontEndInvitation, term: Term) {
        let root = self.root.path.display();
        let (web, partner) = (&self.place.web, &self.place.partner);
        term.note(&format!(
            "\nThe node stays up until Ctrl-C, and the bank answers whoever asks at its front \
             ends.\n\n  \
             a phone     {web}/\n  \
             a counter   {web}/front-end#enrol={}:{}\n              \
             (its code is good once, for 15 minutes; the next: symbolon institution front-end \
             add NAME PLACE --folder {root}/bank.example)\n  \
             the bank    {partner}/\n              \
             (with its certificate: openssl pkcs12 -export -in {root}/bank.example/certificate.pem \
             -inkey {root}/bank.example/certificate.key -out bank.p12)\n",
            screen.front_end,
            screen.enrolment_code.expose(),
        ));
        term.note(&format!(
            "In another terminal:\n\n  \
             symbolon wallet item list --folder {root}/alice\n  \
             symbolon wallet grants    --folder {root}/alice\n  \
             symbolon institution offers  --folder {root}/bank.example\n  \
             symbolon institution request --folder {root}/bank.example --offer OFFER\n  \
             symbolon front-end open REQUEST_URI --folder {root}/counter\n  \
             symbolon wallet scan LINK --folder {root}/alice\n  \
             symbolon front-end number SESSION NUMBER --folder {root}/counter\n  \
             symbolon wallet approve SESSION --tick ITEMS --folder {root}/alice\n  \
             symbolon institution redeem --folder {root}/bank.example\n  \
             curl --cacert {root}/node/tls/ca.pem {web}/openapi.json\n"
        ));
    }

    /// Says how a real phone gets in: the link as a code to scan, and the development CA's
    /// certificate if phones do not know ours.
    pub(super) fn invite_phone(&self, term: Term) {
        let web = &self.place.web;
        if let Some(certificate) = &self.node.app().development_ca {
            term.note(&format!(
                "A phone makes keys only at a site whose certificate it trusts. First, once:\n\n  \
                 1. Open {web}{} on the phone, past its warning, and load the certificate.\n  \
                 2. Compare its SHA-256:\n     {}\n  \
                 3. iPhone: Settings, Profile Downloaded, Install; then General, About, \
                 Certificate Trust Settings.\n     \
                 Android: Settings, Security, Encryption & credentials, Install a certificate, \
                 CA certificate.\n\nRemove it from the phone when you have finished.\n",
                authority::PATH,
                authority::fingerprint(certificate),
            ));
        }
        if let Some(code) = qr_text(&format!("{web}/")) {
            term.note(&format!("Then scan this, or open {web}/\n\n{code}"));
        }
    }

    /// Stops the node and removes what was temporary.
    pub(super) async fn strike(self, term: Term) {
        let Self { operator_http, node, mut root, .. } = self;
        operator_http.close().await;
        node.shutdown().await;
        if let Err(error) = root.remove() {
            term.note(&format!("{} is left behind: {error}", root.path.display()));
        }
    }
}

fn operator_http(
    node: &Node,
    demo: &Demo,
    data: &Path,
    ca: Option<&str>,
) -> Result<Arc<Http3>, Failure> {
    let trust = ca.map_or_else(Trust::system, |pem| Trust::from_pem(pem.as_bytes()))?;
    let identity =
        Identity::from_files(&data.join("tls/operator.pem"), &data.join("tls/operator.key"))?;
    let address = node.addresses().operators.first().copied();
    let port = address.ok_or_else(|| Failure::new("nobody listens for operators"))?.port();
    let host = demo.host.as_deref().filter(|_| ca.is_none()).unwrap_or("localhost");
    Ok(Arc::new(Http3::new(&format!("https://{host}:{port}"), &trust, Some(&identity))?))
}

fn configure(demo: &Demo, data: &Path) -> Result<Config, Failure> {
    let mut config = Config { data_folder: data.to_path_buf(), ..Config::default() };
    let listeners = &mut config.listeners;
    for address in
        listeners.web.iter_mut().chain(&mut listeners.partner).chain(&mut listeners.operators)
    {
        address.set_port(0);
    }
    let mut port = 0;
    if let Some(listen) = &demo.listen {
        let web = address_of(listen)?;
        port = web.port();
        let next = port.checked_add(1).ok_or_else(|| Failure::usage("--listen: no port above"))?;
        listeners.web = vec![web];
        listeners.partner = vec![SocketAddr::new(web.ip(), next)];
    }
    let host = demo.host.as_deref().unwrap_or("localhost");
    if host.parse::<IpAddr>().is_ok() {
        let text = format!("--host {host}: is an address, and phones bind keys to a name");
        return Err(Failure::usage(text));
    }
    config.issuer = format!("https://{host}:{port}");
    config.wallet.origin.clone_from(&config.issuer);
    config.tls.certificate.clone_from(&demo.certificate);
    config.tls.key.clone_from(&demo.key);
    config.pages.clone_from(&demo.pages);
    config.store.disk_reserve_bytes = 64 << 20;
    match config.check() {
        problems if problems.is_empty() => Ok(config),
        problems => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Err(Failure::usage(lines.join("\n")))
        }
    }
}

fn address_of(text: &str) -> Result<SocketAddr, Failure> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(address);
    }
    let wrong = |_| Failure::usage(format!("--listen {text}: is no address such as 0.0.0.0:8443"));
    Ok(SocketAddr::new(text.parse::<IpAddr>().map_err(wrong)?, WEB_PORT))
}

fn temporary() -> Result<PathBuf, Failure> {
    let random = symbolon_client::ambient::random::<6>()?;
    Ok(std::env::temp_dir().join(format!("symbolon-demo-{}", base64url(&random))))
}
