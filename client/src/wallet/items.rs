//! Items: sealed here, stored as objects, named by a manifest that this device signs.

use super::Wallet;
use super::state::{KnownItem, PastVersion};
use crate::http3::Request;
use crate::{ClientError, ambient, pages};
use http::{HeaderName, Method, header};
use std::collections::BTreeMap;
use symbolon_domain::api::device::{CommitManifest, ItemEntry, ManifestView};
use symbolon_domain::bytes::{Digest, base64url};
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::crypto::item::{self, Item, Metadata};
use symbolon_domain::crypto::object::{Header, ObjectId};
use symbolon_domain::entity::vault::{CHANGES_MAX, ItemVersion};
use symbolon_domain::jws::{Typ, Unverified, Verified, sign};
use symbolon_domain::manifest::{Changes, ManifestCommit, apply, empty_root};
use symbolon_domain::{Path, Timestamp};

/// Where the wallet keeps the list of its paths: other devices cannot know them else, since
/// the server has none.
const INDEX: &str = "symbolon.paths";
/// How often a commit is rebased on what another device committed meanwhile.
const REBASES_MAX: usize = 3;
/// Most bytes of one object that is fetched.
const OBJECT_BYTES_MAX: usize = 256 << 20;

/// A value to store.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Where.
    pub path: Path,
    /// Its media type.
    pub media_type: String,
    /// The value.
    pub value: Vec<u8>,
}

/// An item as stored.
#[derive(Clone, Debug)]
pub struct StoredItem {
    /// Where.
    pub path: Path,
    /// The version.
    pub version: u64,
    /// The opened item.
    pub item: Item,
}

impl Wallet {
    /// Stores values: objects first, then one commit that names them.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn put(&mut self, items: Vec<NewItem>) -> Result<(), ClientError> {
        if items.iter().any(|new| new.path.as_str().starts_with("symbolon.")) {
            return Err(ClientError::input("paths below symbolon are the wallet's own"));
        }
        for _ in 0..REBASES_MAX {
            match self.put_once(items.clone()).await {
                Err(error) if error.code() == Some("manifest_conflict") => self.pull().await?,
                other => return other,
            }
        }
        self.put_once(items).await
    }

    async fn put_once(&mut self, mut items: Vec<NewItem>) -> Result<(), ClientError> {
        if items.iter().any(|new| !self.state.items.contains_key(&new.path)) {
            items.push(self.index_with(&items)?);
        }
        if items.len() > CHANGES_MAX {
            return Err(ClientError::input("more than 255 items at once"));
        }
        let now = ambient::now();
        let mut changed = BTreeMap::new();
        for new in &items {
            let (entry, object) = self.seal(new, now)?;
            self.put_object(&entry, object).await?;
            changed.insert(new.path.clone(), entry);
        }
        self.commit(changed, now).await
    }

    // The list of paths with those to come.
    fn index_with(&self, items: &[NewItem]) -> Result<NewItem, ClientError> {
        let mut paths: Vec<&Path> = self.state.items.keys().collect();
        paths.extend(items.iter().map(|new| &new.path));
        paths.retain(|path| path.as_str() != INDEX);
        paths.sort();
        paths.dedup();
        let value =
            serde_json::to_vec(&paths).map_err(|error| ClientError::input(error.to_string()))?;
        Ok(NewItem { path: index_path()?, media_type: "application/json".into(), value })
    }

    fn seal(&self, new: &NewItem, now: Timestamp) -> Result<(ItemEntry, Vec<u8>), ClientError> {
        let known = self.state.items.get(&new.path);
        let root = self.state.root_key();
        let item = root.item_id(&new.path);
        let epoch = known.map_or(1, |known| known.next_epoch);
        let (salt, object_id) = (ambient::random::<32>()?, ambient::random::<16>()?);
        let metadata = Metadata {
            path: new.path.clone(),
            media_type: new.media_type.clone(),
            created: known.map_or(now, |known| known.created),
            modified: now,
        };
        let secret = root.epoch_secret(&new.path, epoch).content_secret(&item, &salt);
        let object =
            item::seal(&RustCrypto, &secret, &object_id, epoch, &salt, &metadata, &new.value)?;
        let entry = ItemEntry {
            item,
            version: known.map_or(1, |known| known.entry.version + 1),
            epoch,
            object: object_id.to_vec().into(),
            digest: Digest::of(&object),
            size: object.len() as u64,
            salt: salt.to_vec().into(),
            tombstone: None,
        };
        Ok((entry, object))
    }

    async fn put_object(&self, entry: &ItemEntry, object: Vec<u8>) -> Result<(), ClientError> {
        let digest = base64_standard(&entry.digest.0);
        let request = Request::new(Method::PUT, object_path(&entry.object.0))
            .body("application/octet-stream", object)
            .header(HeaderName::from_static("content-digest"), &format!("sha-256=:{digest}:"))?;
        self.send(request).await?.ok().map(drop)
    }

    async fn commit(
        &mut self,
        changed: BTreeMap<Path, ItemEntry>,
        now: Timestamp,
    ) -> Result<(), ClientError> {
        let previous = self.state.manifest;
        let entries = self.state.items.iter().map(|(path, known)| (path, &known.entry));
        let mut all: BTreeMap<&Path, &ItemEntry> = entries.collect();
        all.extend(&changed);
        let root = root_of(all.into_values())?;
        let (vault, device) = (self.state.vault, self.state.device);
        let commit = ManifestCommit::next(vault, &previous, root, device, now);
        let text = sign(&RustCrypto, &self.state.signing, Typ::Manifest, None, &commit)?;
        let body = CommitManifest { commit: text, items: changed.values().cloned().collect() };
        let request = Request::post("/v1/vault/manifest")
            .json(&body)?
            .header(header::IF_MATCH, &format!("\"{}\"", previous.root))?;
        self.send(request).await?.ok()?;
        self.state.manifest = commit.head();
        for (path, entry) in changed {
            let past = PastVersion {
                version: entry.version,
                at: now,
                size: entry.size,
                digest: entry.digest,
            };
            let next_epoch = entry.epoch;
            match self.state.items.get_mut(&path) {
                Some(known) => {
                    (known.entry, known.next_epoch) = (entry, next_epoch);
                    known.history.push(past);
                }
                None => {
                    let history = vec![past];
                    let known = KnownItem { entry, next_epoch, created: now, history };
                    self.state.items.insert(path, known);
                }
            }
        }
        self.save()
    }

    /// The items, without the wallet's own.
    pub fn items(&self) -> impl Iterator<Item = (&Path, &KnownItem)> {
        self.state
            .items
            .iter()
            .filter(|(path, known)| path.as_str() != INDEX && known.entry.tombstone.is_none())
    }

    /// Fetches and opens an item.
    ///
    /// # Errors
    /// When there is none, or it is not what this person's devices sealed.
    pub async fn show(&self, path: &Path) -> Result<StoredItem, ClientError> {
        let known = self.state.items.get(path).filter(|known| known.entry.tombstone.is_none());
        let none = || ClientError::input(format!("there is no item {path}; see `item list`"));
        let entry = &known.ok_or_else(none)?.entry;
        let item = self.open_entry(path, entry).await?;
        Ok(StoredItem { path: path.clone(), version: entry.version, item })
    }

    async fn open_entry(&self, path: &Path, entry: &ItemEntry) -> Result<Item, ClientError> {
        let mut request = Request::get(object_path(&entry.object.0));
        request.bytes_max = OBJECT_BYTES_MAX;
        let object = self.send(request).await?.ok()?.body;
        if Digest::of(&object) != entry.digest {
            return Err(ClientError::untrusted(format!("the object of {path} was changed")));
        }
        let header = Header::parse(&object)?;
        let object_id = object_id(entry)?;
        let epoch = self.state.root_key().epoch_secret(path, header.epoch);
        let secret = epoch.content_secret(&entry.item, &header.salt);
        Ok(item::open(&RustCrypto, &secret, &object_id, path, &object)?)
    }

    /// Brings the wallet up to date with what other devices have committed.
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when the node shows a manifest that goes back, forks, or
    /// does not have the root that it claims.
    pub async fn pull(&mut self) -> Result<(), ClientError> {
        let view: ManifestView = self.send(Request::get("/v1/vault/manifest")).await?.json()?;
        let known = self.state.manifest;
        if view.epoch < known.epoch {
            return Err(ClientError::untrusted(
                "the node shows an older manifest than this wallet has seen",
            ));
        }
        if view.epoch == known.epoch {
            let same = view.root == known.root;
            let forked = "the node shows another manifest than this wallet has seen";
            return if same { Ok(()) } else { Err(ClientError::untrusted(forked)) };
        }
        self.check_commit(&view)?;
        let entries: Vec<ItemEntry> =
            pages::all("/v1/vault/items", async |request| self.send(request).await).await?;
        if root_of(entries.iter())? != view.root {
            return Err(ClientError::untrusted("the items are not those that were signed"));
        }
        self.take_entries(entries).await?;
        self.state.manifest.epoch = view.epoch;
        self.state.manifest.root = view.root;
        self.save()
    }

    // The commit says what the view says, and if it is this device's, it signed it.
    fn check_commit(&self, view: &ManifestView) -> Result<(), ClientError> {
        let unsigned = || ClientError::untrusted("the node shows a manifest that nobody signed");
        let text = view.commit.as_deref().ok_or_else(unsigned)?;
        let claimed: ManifestCommit = Unverified::parse(text, Typ::Manifest)?.claimed()?;
        let fits = claimed.subject == self.state.vault
            && claimed.epoch == view.epoch
            && claimed.root == view.root;
        if !fits {
            return Err(ClientError::untrusted("the signed commit is of another manifest"));
        }
        if claimed.device == self.state.device {
            let key = self.state.signing_jwk()?.key;
            let _: Verified<ManifestCommit> =
                Unverified::parse(text, Typ::Manifest)?.verify(&RustCrypto, &key)?;
        }
        Ok(())
    }

    async fn take_entries(&mut self, entries: Vec<ItemEntry>) -> Result<(), ClientError> {
        let root = self.state.root_key();
        let mut by_id: BTreeMap<Digest, ItemEntry> =
            entries.into_iter().map(|entry| (entry.item, entry)).collect();
        let index = index_path()?;
        let mut paths: Vec<Path> = self.state.items.keys().cloned().collect();
        if let Some(entry) = by_id.get(&root.item_id(&index)) {
            let opened = self.open_entry(&index, entry).await?;
            let listed: Vec<Path> = serde_json::from_slice(&opened.value)
                .map_err(|_| ClientError::untrusted("the wallet's list of paths is damaged"))?;
            paths.extend(listed);
        }
        paths.push(index);
        paths.sort();
        paths.dedup();
        for path in paths {
            let Some(entry) = by_id.remove(&root.item_id(&path)) else { continue };
            let now = ambient::now();
            let known = self.state.items.entry(path).or_insert_with(|| KnownItem {
                next_epoch: entry.epoch,
                created: now,
                history: Vec::new(),
                entry: entry.clone(),
            });
            known.next_epoch = known.next_epoch.max(entry.epoch);
            known.entry = entry;
        }
        Ok(())
    }
}

fn index_path() -> Result<Path, ClientError> {
    INDEX.parse().map_err(|_| ClientError::input("no path"))
}

fn object_path(object: &[u8]) -> String {
    format!("/v1/vault/objects/{}", base64url(object))
}

pub(super) fn object_id(entry: &ItemEntry) -> Result<ObjectId, ClientError> {
    let id = entry.object.0.as_slice().try_into();
    id.map_err(|_| ClientError::Answer("an object's id is not 16 bytes".into()))
}

// The root of a manifest with exactly these items: canonical, whatever their order.
fn root_of<'a>(entries: impl Iterator<Item = &'a ItemEntry>) -> Result<Digest, ClientError> {
    let mut changes = Changes::new();
    for entry in entries {
        let wrong = |_| ClientError::Answer("a salt is not 32 bytes".into());
        let version = ItemVersion {
            version: entry.version,
            epoch: entry.epoch,
            object: object_id(entry)?,
            digest: entry.digest,
            size: entry.size,
            salt: entry.salt.0.as_slice().try_into().map_err(wrong)?,
            tombstone: entry.tombstone,
        };
        changes.insert(entry.item, Some(version));
    }
    apply(empty_root(), &changes, &BTreeMap::<Digest, Vec<u8>>::new())
        .map(|applied| applied.root)
        .map_err(|error| ClientError::Answer(error.to_string()))
}

// Content-Digest is a structured field: base64 with padding (RFC 8941 section 3.3.5).
fn base64_standard(bytes: &[u8; 32]) -> String {
    let mut text = base64url(bytes).replace('-', "+").replace('_', "/");
    text.push('=');
    text
}
