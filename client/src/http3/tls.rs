//! Whom the client believes, and who it is: TLS 1.3 with aws-lc-rs.

use crate::ClientError;
use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// Where distributions keep the authorities that the system believes.
const SYSTEM_BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The authorities whose server certificates are believed.
#[derive(Clone, Debug)]
pub struct Trust(Arc<RootCertStore>);

impl Trust {
    /// Those of a PEM text.
    ///
    /// # Errors
    /// When there is none in it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, ClientError> {
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(ClientError::input("no certificate of an authority in PEM form"));
        }
        Ok(Self(Arc::new(roots)))
    }

    /// Those of a PEM file.
    ///
    /// # Errors
    /// When it cannot be read or holds none.
    pub fn from_file(path: &Path) -> Result<Self, ClientError> {
        let file = |reason: String| ClientError::File { path: path.into(), reason };
        let pem = std::fs::read(path).map_err(|error| file(error.to_string()))?;
        Self::from_pem(&pem).map_err(|error| file(error.to_string()))
    }

    /// Those that the operating system believes, or those of the file that `SSL_CERT_FILE`
    /// names, as with OpenSSL.
    ///
    /// # Errors
    /// When their file is not where it usually is.
    pub fn system() -> Result<Self, ClientError> {
        if let Some(named) = std::env::var_os("SSL_CERT_FILE") {
            return Self::from_file(Path::new(&named));
        }
        let found = SYSTEM_BUNDLES.iter().map(Path::new).find(|path| path.exists());
        let missing =
            || ClientError::input("no authorities of the operating system found: name a CA file");
        Self::from_file(found.ok_or_else(missing)?)
    }
}

/// A client certificate with its key.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// From PEM texts.
    ///
    /// # Errors
    /// When there is no certificate or no key in them.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, ClientError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| ClientError::input("no certificate in PEM form"))?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| ClientError::input(format!("no private key in PEM form: {error}")))?;
        Ok(Self { chain, key })
    }

    /// From PEM files.
    ///
    /// # Errors
    /// When they cannot be read or hold none.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, ClientError> {
        let read = |path: &Path| {
            std::fs::read(path)
                .map_err(|error| ClientError::File { path: path.into(), reason: error.to_string() })
        };
        let key_pem = zeroize::Zeroizing::new(read(key)?);
        Self::from_pem(&read(certificate)?, &key_pem)
    }
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

pub(super) fn client_config(
    trust: &Trust,
    identity: Option<&Identity>,
) -> Result<rustls::ClientConfig, ClientError> {
    let unfit = |error: rustls::Error| ClientError::input(format!("TLS: {error}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(unfit)?
        .with_root_certificates(trust.0.clone());
    let mut config = match identity.cloned() {
        Some(identity) => {
            builder.with_client_auth_cert(identity.chain, identity.key).map_err(unfit)?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h3".to_vec()];
    config.enable_early_data = false;
    Ok(config)
}
