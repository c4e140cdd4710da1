//! TLS 1.3 for the listeners: one provider (aws-lc-rs), no early data, and what a
//! handler learns about the peer's certificate.

use crate::data_folder::files;
use quinn::crypto::rustls::QuicServerConfig;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, NoClientAuth, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use symbolon_domain::Timestamp;
use symbolon_domain::bytes::Digest;
use x509_parser::extensions::GeneralName;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read, or others can read it too.
    #[error(transparent)]
    File(#[from] files::FileFault),
    /// A file holds no PEM of the kind wanted.
    #[error("{}: {text}", path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        text: String,
    },
    /// The pieces do not fit together, for instance a key of another certificate.
    #[error("certificate and key do not make a TLS server: {0}")]
    Unfit(#[from] rustls::Error),
    /// The client CAs cannot be used.
    #[error("the client CAs cannot be used: {0}")]
    ClientCa(String),
}

/// The one cryptography provider.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Makes the provider the process's default. Everything here names it explicitly; this is
/// for what a dependency might build by itself. Call it first in `main`.
pub fn install_provider() {
    // An error says that one is installed already, which is what we want.
    let _installed_before = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A certificate chain and its private key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads both PEM files. The key must not be readable by everyone.
    ///
    /// # Errors
    /// When a file cannot be read, is readable by everyone, or holds something else.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsFault> {
        let chain = certificates(certificate)?;
        let text = files::read_secret_of_others(key)?;
        let key = PrivateKeyDer::from_pem_slice(&text)
            .map_err(|error| TlsFault::Pem { path: key.into(), text: error.to_string() })?;
        Ok(Self { chain, key })
    }

    /// The chain, the server's own certificate first.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The private key.
    #[must_use]
    pub fn key(&self) -> &PrivateKeyDer<'static> {
        &self.key
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({} certificates)", self.chain.len())
    }
}

/// Reads all certificates of a PEM file; at least one.
///
/// # Errors
/// When the file cannot be read or holds none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let wrong = |text: String| TlsFault::Pem { path: path.into(), text };
    let text = files::read(path)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() { Err(wrong("holds no certificate".into())) } else { Ok(chain) }
}

/// Who may connect.
#[derive(Debug)]
pub enum Clients {
    /// Anybody; no certificate is asked for.
    Anyone,
    /// Whoever shows a certificate that one of these CAs signed for client authentication.
    CertifiedBy(Vec<CertificateDer<'static>>),
}

/// What a listener needs: the same rules over TCP and QUIC.
#[derive(Clone)]
pub struct ListenerTls {
    pub(crate) tcp: Arc<rustls::ServerConfig>,
    pub(crate) quic: Arc<QuicServerConfig>,
    shown: Arc<Shown>,
}

/// The certificate that new connections are shown; another can take its place.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn certified(identity: &Identity) -> Result<Arc<CertifiedKey>, TlsFault> {
    let (chain, key) = (identity.chain.clone(), identity.key.clone_key());
    Ok(Arc::new(CertifiedKey::from_der(chain, key, &provider())?))
}

impl ListenerTls {
    /// Builds both configurations.
    ///
    /// # Errors
    /// When key and certificate do not fit, or a CA cannot be used.
    pub fn new(identity: &Identity, clients: &Clients) -> Result<Self, TlsFault> {
        let verifier = verifier(clients)?;
        let shown = Arc::new(Shown(RwLock::new(certified(identity)?)));
        let tcp = config(&shown, &verifier, &[b"h2", b"http/1.1"])?;
        let quic = config(&shown, &verifier, &[b"h3"])?;
        let quic = QuicServerConfig::try_from(quic)
            .map_err(|error| TlsFault::Unfit(rustls::Error::General(error.to_string())))?;
        Ok(Self { tcp: Arc::new(tcp), quic: Arc::new(quic), shown })
    }

    /// Shows new connections another certificate; those that are open go on.
    ///
    /// # Errors
    /// When key and certificate do not fit: then the one before stays.
    pub fn show(&self, identity: &Identity) -> Result<(), TlsFault> {
        let certified = certified(identity)?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(())
    }
}

impl std::fmt::Debug for ListenerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ListenerTls")
    }
}

fn verifier(clients: &Clients) -> Result<Arc<dyn ClientCertVerifier>, TlsFault> {
    let Clients::CertifiedBy(authorities) = clients else {
        return Ok(Arc::new(NoClientAuth));
    };
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.clone()).map_err(|error| TlsFault::ClientCa(error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map(|verifier| verifier as Arc<dyn ClientCertVerifier>)
        .map_err(|error| TlsFault::ClientCa(error.to_string()))
}

fn config(
    shown: &Arc<Shown>,
    verifier: &Arc<dyn ClientCertVerifier>,
    alpn: &[&[u8]],
) -> Result<rustls::ServerConfig, TlsFault> {
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier.clone())
        .with_cert_resolver(shown.clone());
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    // Early data can be replayed by whoever recorded it.
    config.max_early_data_size = 0;
    if verifier.offer_client_auth() {
        // A resumed session would carry a certificate that was checked in the past.
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

/// The certificate that the peer proved to hold: a request extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// SHA-256 of the DER bytes: `x5t#S256` of RFC 8705 section 3.1.
    pub x5t_s256: Digest,
    /// Its DNS names (RFC 8705 section 2.1.2, `tls_client_auth_san_dns`).
    pub dns_names: Vec<String>,
    /// Until when it is good.
    pub expires: Timestamp,
}

impl PeerCertificate {
    /// Reads thumbprint, names and time. rustls has verified the certificate before.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self {
            x5t_s256: Digest::of(certificate),
            dns_names: dns_names(certificate),
            expires: expires(certificate),
        }
    }
}

/// Until when a certificate is good; never if it is malformed.
pub(crate) fn expires(certificate: &CertificateDer<'_>) -> Timestamp {
    let parsed = x509_parser::parse_x509_certificate(certificate);
    let ends = parsed.map_or(0, |(_, parsed)| parsed.validity().not_after.timestamp());
    Timestamp::from_seconds(u64::try_from(ends).unwrap_or(0))
}

/// The DNS names among a certificate's subject alternative names; none if it is malformed.
#[must_use]
pub fn dns_names(certificate: &CertificateDer<'_>) -> Vec<String> {
    alternative_names(certificate, |name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    })
}

/// DNS names and addresses of a certificate.
pub(crate) fn subject_names(certificate: &CertificateDer<'_>) -> Vec<String> {
    alternative_names(certificate, |name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    })
}

fn alternative_names(
    certificate: &CertificateDer<'_>,
    pick: impl Fn(&GeneralName<'_>) -> Option<String>,
) -> Vec<String> {
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else {
        return Vec::new();
    };
    match parsed.subject_alternative_name() {
        Ok(Some(names)) => names.value.general_names.iter().filter_map(pick).collect(),
        _ => Vec::new(),
    }
}
