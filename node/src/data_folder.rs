//! The node's folder: keys, certificates, and where the store and objects lie.
//!
//! ```text
//! layout                     written last at the first start: what follows is complete
//! lock                       held by the node that runs
//! tls/ca.{pem,key}           development CA: servers and institutions
//! tls/operator-ca.{pem,key}  development CA of operators
//! tls/server.{pem,key}       for localhost, its addresses and the configured hosts
//! tls/operator.{pem,key}     a client certificate for the operator
//! keys/PURPOSE/ID.key        the key ring
//! keys/public.jws            its public keys, signed by the root
//! store/ objects/            the embedded store, large ciphertext
//! ```

mod authority;
pub(crate) mod files;
mod key_ring;
mod purpose;

pub use authority::{AuthorityFault, DevelopmentCa, Issued, Role};
pub use files::FileFault;
pub use key_ring::{KeyEntry, KeyRing, KeyRingFault, PublicEntry};
pub use purpose::{Algorithm, NotAPurpose, PublicJwk, Purpose};

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use symbolon_domain::port::{Clock, Entropy};
use symbolon_domain::{Region, Timestamp};

const FORMAT: &str = "symbolon-data";
const VERSION: u32 = 1;
/// Everything that may lie at the top.
const KNOWN: [&str; 6] = ["keys", "layout", "lock", "objects", "store", "tls"];
// A server certificate is replaced this long before it ends.
const RENEWAL_MILLIS: u64 = 30 * 86_400_000;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderFault {
    /// A file cannot be read or written, or others can read a secret.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The key ring cannot be used.
    #[error(transparent)]
    KeyRing(#[from] KeyRingFault),
    /// The development CA cannot be used.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// It is something else's folder.
    #[error(
        "{} is not a data folder of Symbolon: it holds \"{found}\". Choose an empty or new folder \
         in data_folder",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        found: String,
    },
    /// It was made by a newer version.
    #[error(
        "{} has layout version {found}, and this program knows {VERSION}: run the version that \
         made it, or a newer one",
        path.display()
    )]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// It belongs to another region. Keys and ids of one region mean nothing in another.
    #[error(
        "{} belongs to region {found}, and the configuration says {wanted}: set region, or choose \
         another data_folder",
        path.display()
    )]
    OtherRegion {
        /// The folder.
        path: PathBuf,
        /// Its region.
        found: String,
        /// The configured one.
        wanted: Region,
    },
    /// Another node runs on it.
    #[error("{} is in use by another node: stop it, or choose another data_folder", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
}

/// An open data folder. While it lives no other node opens it.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    keys: KeyRing,
    _lock: File,
}

impl DataFolder {
    /// Opens the folder; the first time it is made, with keys and certificates. A first
    /// start that was interrupted is completed.
    ///
    /// # Errors
    /// When it is foreign, newer, another region's, in use, damaged or unreadable.
    pub fn open(
        path: &Path,
        region: Region,
        hosts: &[String],
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Self, DataFolderFault> {
        files::make_folder(path)?;
        if files::names(path)?.is_empty() {
            files::close_folder(path)?;
        }
        refuse_foreign(path)?;
        let lock = lock(path)?;
        let layout = path.join("layout");
        if layout.exists() {
            check_layout(path, &layout, region)?;
        } else {
            make(path, clock, entropy)?;
            // Written last: from now on a missing key is a loss and not a beginning.
            let text = format!("{FORMAT} {VERSION}\nregion {region}\ncreated {}\n", clock.now());
            files::write(&layout, text.as_bytes())?;
        }
        renew_server_certificate(&path.join("tls"), hosts, clock.now())?;
        let keys = KeyRing::load(&path.join("keys"))?;
        Ok(Self { path: path.into(), keys, _lock: lock })
    }

    /// The key ring.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// The embedded store's folder.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// The folder for large ciphertext.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    /// The file of a development certificate: `ca.pem`, `operator-ca.pem`, `server.pem`,
    /// `server.key`, `operator.pem`, `operator.key`.
    #[must_use]
    pub fn tls(&self, name: &str) -> PathBuf {
        self.path.join("tls").join(name)
    }

    /// The CA of servers and institutions.
    ///
    /// # Errors
    /// When its files are damaged or unreadable.
    pub fn authority(&self) -> Result<DevelopmentCa, AuthorityFault> {
        DevelopmentCa::load(&self.path.join("tls"), "ca")
    }

    /// The CA of operators.
    ///
    /// # Errors
    /// When its files are damaged or unreadable.
    pub fn operator_authority(&self) -> Result<DevelopmentCa, AuthorityFault> {
        DevelopmentCa::load(&self.path.join("tls"), "operator-ca")
    }
}

fn refuse_foreign(path: &Path) -> Result<(), DataFolderFault> {
    let known = |name: &str| KNOWN.contains(&name.strip_suffix(files::UNFINISHED).unwrap_or(name));
    match files::names(path)?.into_iter().find(|name| !known(name)) {
        Some(found) => Err(DataFolderFault::Foreign { path: path.into(), found }),
        None => Ok(files::refuse_mode(path, 0o077, 0o700)?),
    }
}

fn lock(path: &Path) -> Result<File, DataFolderFault> {
    let file = path.join("lock");
    let opened = File::options().create(true).truncate(false).write(true).open(&file);
    let lock = opened.map_err(files::io_fault(&file))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DataFolderFault::InUse { path: path.into() }),
        Err(TryLockError::Error(source)) => Err(FileFault::Io { path: file, source }.into()),
    }
}

fn check_layout(path: &Path, layout: &Path, wanted: Region) -> Result<(), DataFolderFault> {
    let text = files::read(layout)?;
    let text = String::from_utf8_lossy(&text);
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let version = field(FORMAT).and_then(|version| version.parse::<u32>().ok());
    match version {
        Some(VERSION) => {}
        Some(found) => return Err(DataFolderFault::Newer { path: path.into(), found }),
        None => {
            let found = "layout, of another program".into();
            return Err(DataFolderFault::Foreign { path: path.into(), found });
        }
    }
    match field("region") {
        Some(found) if found == wanted.as_str() => Ok(()),
        found => Err(DataFolderFault::OtherRegion {
            path: path.into(),
            found: found.unwrap_or("(none)").into(),
            wanted,
        }),
    }
}

/// The first start, also the rest of one that was interrupted.
fn make(path: &Path, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<(), DataFolderFault> {
    files::remove_unfinished(path)?;
    let tls = path.join("tls");
    for folder in [&tls, &path.join("store"), &path.join("objects")] {
        files::make_folder(folder)?;
    }
    files::remove_unfinished(&tls)?;
    let now = clock.now();
    DevelopmentCa::complete(&tls, "ca", "Symbolon development CA", now)?;
    let operators =
        DevelopmentCa::complete(&tls, "operator-ca", "Symbolon development CA of operators", now)?;
    if !has_pair(&tls, "operator") {
        let issued = operators.issue(&["operator".into()], Role::Client, now)?;
        write_pair(&tls, "operator", &issued)?;
    }
    Ok(KeyRing::complete(&path.join("keys"), clock, entropy)?)
}

fn has_pair(tls: &Path, name: &str) -> bool {
    ["pem", "key"].iter().all(|kind| tls.join(format!("{name}.{kind}")).exists())
}

fn write_pair(tls: &Path, name: &str, issued: &Issued) -> Result<(), FileFault> {
    // The certificate goes first and comes last: at no moment does it lie beside another key.
    files::remove(&tls.join(format!("{name}.pem")))?;
    files::write(&tls.join(format!("{name}.key")), issued.key.as_bytes())?;
    files::write(&tls.join(format!("{name}.pem")), issued.certificate.as_bytes())
}

/// Issues the server certificate when there is none, it ends soon, or lacks a host.
fn renew_server_certificate(
    tls: &Path,
    hosts: &[String],
    now: Timestamp,
) -> Result<(), DataFolderFault> {
    let mut names: Vec<String> = vec!["localhost".into(), "::1".into(), "127.0.0.1".into()];
    for host in hosts {
        if !host.is_empty() && !names.contains(host) {
            names.push(host.clone());
        }
    }
    if !has_pair(tls, "server") || !serves(&tls.join("server.pem"), &names, now) {
        let issued = DevelopmentCa::load(tls, "ca")?.issue(&names, Role::Server, now)?;
        write_pair(tls, "server", &issued)?;
    }
    Ok(())
}

fn serves(certificate: &Path, names: &[String], now: Timestamp) -> bool {
    let Ok(chain) = crate::tls::certificates(certificate) else { return false };
    let Some(der) = chain.first() else { return false };
    let held = crate::tls::subject_names(der);
    let named = names.iter().all(|name| held.contains(name));
    named && crate::tls::expires(der) > Timestamp(now.0.saturating_add(RENEWAL_MILLIS))
}

#[cfg(test)]
mod tests;
