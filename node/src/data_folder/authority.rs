//! A certificate authority for development: it makes the first start work without one.

use super::files::{self, FileFault};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use std::path::{Path, PathBuf};
use symbolon_domain::Timestamp;
use zeroize::Zeroizing;

const DAYS: u64 = 86_400_000;

/// What is wrong with the authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityFault {
    /// A file cannot be read or written, or others can read it.
    #[error(transparent)]
    File(#[from] FileFault),
    /// A certificate or key is none, or a name cannot be in one.
    #[error("{}: {source}", path.display())]
    Certificate {
        /// The authority's certificate.
        path: PathBuf,
        /// The library's words.
        source: rcgen::Error,
    },
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A TLS server.
    Server,
    /// A TLS client: an institution or an operator.
    Client,
}

/// A certificate and its key, both PEM.
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its private key (PKCS #8).
    pub key: Zeroizing<String>,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issued")
    }
}

/// Signs certificates with a key that lies in the data folder. For development.
pub struct DevelopmentCa {
    path: PathBuf,
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for DevelopmentCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DevelopmentCa({})", self.path.display())
    }
}

impl DevelopmentCa {
    /// Loads `NAME.pem` and `NAME.key`.
    ///
    /// # Errors
    /// When they cannot be read, others can read the key, or they are something else.
    pub fn load(folder: &Path, name: &str) -> Result<Self, AuthorityFault> {
        let path = folder.join(format!("{name}.pem"));
        let fault = |source| AuthorityFault::Certificate { path: path.clone(), source };
        let certificate = text(files::read(&path)?);
        let key = files::read_secret(&folder.join(format!("{name}.key")))?;
        let key = KeyPair::from_pem(&Zeroizing::new(text(key.to_vec()))).map_err(fault)?;
        let issuer = Issuer::from_ca_cert_pem(&certificate, key).map_err(fault)?;
        Ok(Self { path, certificate, issuer })
    }

    /// Loads it, or makes it when either file is missing: after a crash in between, the
    /// certificate is the one that lacks.
    pub(super) fn complete(
        folder: &Path,
        name: &str,
        title: &str,
        now: Timestamp,
    ) -> Result<Self, AuthorityFault> {
        let path = folder.join(format!("{name}.pem"));
        let key_path = folder.join(format!("{name}.key"));
        if path.exists() && key_path.exists() {
            return Self::load(folder, name);
        }
        let fault = |source| AuthorityFault::Certificate { path: path.clone(), source };
        let key = KeyPair::generate().map_err(fault)?;
        let mut params = params(title, &[], now, 3_650).map_err(fault)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(fault)?.pem();
        files::write(&key_path, Zeroizing::new(key.serialize_pem()).as_bytes())?;
        files::write(&path, certificate.as_bytes())?;
        Self::load(folder, name)
    }

    /// The authority's own certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Issues a certificate with a new P-256 key. `names` are DNS names and addresses; the
    /// first is also the common name.
    ///
    /// # Errors
    /// When a name cannot be in a certificate.
    pub fn issue(
        &self,
        names: &[String],
        role: Role,
        now: Timestamp,
    ) -> Result<Issued, AuthorityFault> {
        let fault = |source| AuthorityFault::Certificate { path: self.path.clone(), source };
        let key = KeyPair::generate().map_err(fault)?;
        let title = names.first().map_or("symbolon", String::as_str);
        // Browsers refuse servers' certificates of over 398 days.
        let mut params = params(title, names, now, 397).map_err(fault)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match role {
            Role::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Role::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(fault)?.pem();
        Ok(Issued { certificate, key: Zeroizing::new(key.serialize_pem()) })
    }
}

fn params(
    title: &str,
    names: &[String],
    now: Timestamp,
    days: u64,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, title);
    // A day early, for clocks that are late.
    let (year, month, day) = date(Timestamp(now.0.saturating_sub(DAYS)));
    params.not_before = rcgen::date_time_ymd(year, month, day);
    let (year, month, day) = date(Timestamp(now.0.saturating_add(days * DAYS)));
    params.not_after = rcgen::date_time_ymd(year, month, day);
    Ok(params)
}

/// Year, month, day in UTC.
fn date(time: Timestamp) -> (i32, u8, u8) {
    let text = time.to_string();
    let mut parts = text.splitn(3, '-');
    let year = parts.next().and_then(|part| part.parse().ok()).unwrap_or(1970);
    let month = parts.next().and_then(|part| part.parse().ok()).unwrap_or(1);
    let day = parts.next().and_then(|part| part.get(..2)?.parse().ok()).unwrap_or(1);
    (year, month, day)
}

fn text(bytes: Vec<u8>) -> String {
    // What is no UTF-8 is no PEM either, and the parser says so.
    String::from_utf8(bytes).unwrap_or_default()
}
