//! The region's keys: files outside the store, one a key, the newest of a purpose current.
//!
//! Old ones stay, because what they made names them by id. The root signs the public
//! halves into `public.jws`.

use super::files::{self, FileFault};
use super::purpose::{Algorithm, PublicJwk, Purpose};
use crate::crypto::AwsLc;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use symbolon_domain::Timestamp;
use symbolon_domain::bytes::{base64url, base64url_array, base64url_decode};
use symbolon_domain::crypto::{Crypto, P256Signature};
use symbolon_domain::port::{Clock, Entropy};
use symbolon_domain::secret::Secret;
use zeroize::Zeroizing;

const FORMAT: &str = "symbolon-key 1";
const PUBLIC: &str = "public.jws";
const TYPE: &str = "symbolon-keys+jwt";

/// What is wrong with the key ring.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingFault {
    /// A file cannot be read or written, or others can read it.
    #[error(transparent)]
    File(#[from] FileFault),
    /// A key file is none of ours, or damaged.
    #[error("{}: {text}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        text: String,
    },
    /// A purpose has no key. Making one silently would orphan all that the lost one made.
    #[error(
        "{} holds no key: restore it from your backup. What it made cannot be read without it",
        path.display()
    )]
    Missing {
        /// The purpose's folder.
        path: PathBuf,
    },
}

/// One key.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// Written beside everything that the key makes.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Since when.
    pub created: Timestamp,
    /// The key.
    pub secret: Secret<32>,
}

impl KeyEntry {
    /// The public half; none of a symmetric key.
    #[must_use]
    pub fn public(&self) -> Option<PublicJwk> {
        // That it is a key was checked when it was loaded.
        self.purpose.algorithm().public(&self.secret).ok().flatten()
    }
}

/// One public key as the root signs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicEntry {
    /// What it is for.
    pub purpose: Purpose,
    /// Its id.
    pub kid: String,
    /// How it is used.
    pub alg: Algorithm,
    /// Since when.
    pub created: Timestamp,
    /// The key.
    pub jwk: PublicJwk,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct PublicDocument {
    keys: Vec<PublicEntry>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// All keys of the region.
#[derive(Clone, Debug)]
pub struct KeyRing {
    folder: PathBuf,
    // Oldest first; at least one each.
    keys: BTreeMap<Purpose, Vec<KeyEntry>>,
    public: String,
}

impl KeyRing {
    /// Loads the ring of the folder `keys`.
    ///
    /// # Errors
    /// When a file is unreadable, readable by others, damaged or missing.
    pub fn load(folder: &Path) -> Result<Self, KeyRingFault> {
        files::refuse_mode(folder, 0o077, 0o700)?;
        let mut keys = BTreeMap::new();
        for purpose in Purpose::ALL {
            let path = folder.join(purpose.as_str());
            let entries = load_purpose(&path, *purpose)?;
            if entries.is_empty() {
                return Err(KeyRingFault::Missing { path });
            }
            keys.insert(*purpose, entries);
        }
        let mut ring = Self { folder: folder.into(), keys, public: String::new() };
        let path = folder.join(PUBLIC);
        let kept = if path.exists() { files::read(&path)? } else { Vec::new() };
        // A crash between a new key and its signature is repaired here.
        match ring.verified(&kept) {
            Some(text) => ring.public = text,
            None => ring.sign()?,
        }
        Ok(ring)
    }

    /// Makes what is missing of a ring: all of it at first, the rest after a crash.
    pub(super) fn complete(
        folder: &Path,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), KeyRingFault> {
        files::make_folder(folder)?;
        for purpose in Purpose::ALL {
            let path = folder.join(purpose.as_str());
            files::make_folder(&path)?;
            files::remove_unfinished(&path)?;
            if load_purpose(&path, *purpose)?.is_empty() {
                write_new(&path, *purpose, clock.now(), entropy)?;
            }
        }
        Ok(())
    }

    /// The key that makes new things.
    ///
    /// # Errors
    /// Never with a loaded ring, which has a key for each purpose.
    pub fn current(&self, purpose: Purpose) -> Result<&KeyEntry, KeyRingFault> {
        self.keys
            .get(&purpose)
            .and_then(|entries| entries.last())
            .ok_or_else(|| KeyRingFault::Missing { path: self.folder.join(purpose.as_str()) })
    }

    /// The key that made something.
    #[must_use]
    pub fn by_id(&self, purpose: Purpose, id: &str) -> Option<&KeyEntry> {
        self.keys.get(&purpose)?.iter().find(|entry| entry.id == id)
    }

    /// Every key, by purpose, oldest first.
    pub fn list(&self) -> impl Iterator<Item = &KeyEntry> {
        self.keys.values().flatten()
    }

    /// The public keys, signed by the current root: a compact JWS, `typ` `symbolon-keys+jwt`.
    #[must_use]
    pub fn public_document(&self) -> &str {
        &self.public
    }

    /// Makes a new current key and signs the public ones anew. A node that runs takes it
    /// at its next start.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn rotate(
        &mut self,
        purpose: Purpose,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<&KeyEntry, KeyRingFault> {
        let newest = self.current(purpose)?.created;
        // Also after a clock that was set back the new one is the newest.
        let created = clock.now().max(Timestamp(newest.0 + 1));
        let entry = write_new(&self.folder.join(purpose.as_str()), purpose, created, entropy)?;
        self.keys.entry(purpose).or_default().push(entry);
        self.sign()?;
        self.current(purpose)
    }

    fn public_entries(&self) -> Vec<PublicEntry> {
        let public = |entry: &KeyEntry| {
            Some(PublicEntry {
                purpose: entry.purpose,
                kid: entry.id.clone(),
                alg: entry.purpose.algorithm(),
                created: entry.created,
                jwk: entry.public()?,
            })
        };
        self.list().filter_map(public).collect()
    }

    fn sign(&mut self) -> Result<(), KeyRingFault> {
        let path = self.folder.join(PUBLIC);
        let damaged = |text: String| KeyRingFault::Damaged { path: path.clone(), text };
        let root = self.current(Purpose::ClusterRoot)?;
        let header = Header { alg: "ES256".into(), typ: TYPE.into(), kid: root.id.clone() };
        let document = PublicDocument { keys: self.public_entries() };
        let part = |bytes: Result<Vec<u8>, serde_json::Error>| {
            bytes.map(|bytes| base64url(&bytes)).map_err(|error| damaged(error.to_string()))
        };
        let mut text = part(serde_json::to_vec(&header))?;
        text.push('.');
        text.push_str(&part(serde_json::to_vec(&document))?);
        let signed = AwsLc
            .sign_es256(&root.secret, text.as_bytes())
            .map_err(|error| damaged(error.to_string()))?;
        text.push('.');
        text.push_str(&base64url(&signed.0));
        files::write(&path, text.as_bytes())?;
        self.public = text;
        Ok(())
    }

    /// The document, if the current root signed it over exactly these keys.
    fn verified(&self, kept: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(kept).ok()?;
        let (message, signed) = text.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let root = self.current(Purpose::ClusterRoot).ok()?;
        let header: Header = serde_json::from_slice(&base64url_decode(header).ok()?).ok()?;
        let public = AwsLc.p256_public(&root.secret).ok()?;
        let signed = P256Signature(base64url_array(signed).ok()?);
        AwsLc.verify_es256(&public, message.as_bytes(), &signed).ok()?;
        let document: PublicDocument =
            serde_json::from_slice(&base64url_decode(payload).ok()?).ok()?;
        let same = header.kid == root.id && document.keys == self.public_entries();
        same.then(|| text.to_owned())
    }
}

fn load_purpose(folder: &Path, purpose: Purpose) -> Result<Vec<KeyEntry>, KeyRingFault> {
    let mut entries = Vec::new();
    for name in files::names(folder)? {
        let path = folder.join(&name);
        match name.strip_suffix(".key") {
            Some(id) => entries.push(read_key(&path, purpose, id)?),
            // A crash left it; nothing was made with it yet.
            None if name.ends_with(files::UNFINISHED) => {}
            None => {
                let text = "is no key file; what does it do here?".into();
                return Err(KeyRingFault::Damaged { path, text });
            }
        }
    }
    entries.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    Ok(entries)
}

fn write_new(
    folder: &Path,
    purpose: Purpose,
    created: Timestamp,
    entropy: &dyn Entropy,
) -> Result<KeyEntry, KeyRingFault> {
    let id = base64url(&entropy.bytes::<9>()).replace(['-', '_'], "x");
    let secret = purpose.algorithm().generate(entropy);
    let encoded = Zeroizing::new(base64url(secret.expose()));
    let algorithm = serde_json::to_string(&purpose.algorithm()).unwrap_or_default();
    let text = Zeroizing::new(format!(
        "{FORMAT}\npurpose {purpose}\nalgorithm {}\ncreated {created}\nsecret {}\n",
        algorithm.trim_matches('"'),
        encoded.as_str()
    ));
    files::write(&folder.join(format!("{id}.key")), text.as_bytes())?;
    Ok(KeyEntry { id, purpose, created, secret })
}

fn read_key(path: &Path, purpose: Purpose, id: &str) -> Result<KeyEntry, KeyRingFault> {
    let content = files::read_secret(path)?;
    let damaged = |text: &str| KeyRingFault::Damaged { path: path.into(), text: text.into() };
    let text = std::str::from_utf8(&content).map_err(|_| damaged("is no key file"))?;
    let mut lines = text.lines();
    if lines.next() != Some(FORMAT) {
        return Err(damaged("is no key file of this version: its first line differs"));
    }
    let mut field = |name: &str| {
        let line = lines.next().and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.ok_or_else(|| damaged(&format!("lacks its line \"{name}\"")))
    };
    if field("purpose")? != purpose.as_str() {
        return Err(damaged("is a key for another purpose than its folder's"));
    }
    let algorithm: Algorithm = serde_json::from_value(field("algorithm")?.into())
        .map_err(|_| damaged("names an unknown algorithm"))?;
    if algorithm != purpose.algorithm() {
        return Err(damaged("names an algorithm that its purpose does not use"));
    }
    let created =
        field("created")?.parse().map_err(|_| damaged("has no readable creation time"))?;
    let secret = base64url_array(field("secret")?)
        .map(Secret::new)
        .map_err(|_| damaged("holds no key of 32 bytes"))?;
    algorithm.public(&secret).map_err(|_| damaged("holds no key of its algorithm"))?;
    Ok(KeyEntry { id: id.into(), purpose, created, secret })
}
