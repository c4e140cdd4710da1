//! Large ciphertext, outside the store: one blob holds one object, durable before the
//! command that names it. What no record names after an hour is swept.
//!
//! A blob is `VAULT/OBJECT.RANDOM`: the random part keeps two uploads of one object apart,
//! so that the one that loses never touches the bytes of the one that won.

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path as BlobPath;
use object_store::{GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::entity::vault::StoredObject;
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{Entropy, Store, StoreFault};
use symbolon_domain::{Id, Kind, Timestamp, record};

/// How long a blob may lie there before a record names it.
pub const ORPHAN_LIFE: Duration = Duration::from_secs(3_600);
/// Bytes of one write.
const PART_BYTES: usize = 1 << 20;
/// Bytes of one piece of what is read.
const READ_BYTES: usize = 128 << 10;

/// Blob storage is in trouble.
#[derive(Debug, thiserror::Error)]
pub enum BlobFault {
    /// A record names a blob that is not there.
    #[error("the ciphertext {0} is missing from the data folder")]
    Missing(String),
    /// The medium failed.
    #[error("large ciphertext cannot be read or written: {0}")]
    Io(String),
    /// The store could not say which blobs are named.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl From<object_store::Error> for BlobFault {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::Missing(path),
            other => Self::Io(other.to_string()),
        }
    }
}

impl From<std::io::Error> for BlobFault {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// The ciphertext of one blob, piece by piece.
pub type BlobStream = BoxStream<'static, Result<Bytes, BlobFault>>;

/// All blobs of a node's data folder.
#[derive(Clone, Debug)]
pub struct Blobs {
    blobs: Arc<LocalFileSystem>,
}

/// A blob that is being written; gone if it is dropped before [`Upload::finish`].
#[derive(Debug)]
pub struct Upload {
    name: String,
    writer: Box<dyn MultipartUpload>,
    waiting: Vec<u8>,
}

impl Blobs {
    /// Opens the folder and removes what an interrupted upload left there. The data
    /// folder's lock says that nobody else writes in it.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path) -> Result<Self, BlobFault> {
        std::fs::create_dir_all(folder)?;
        remove_unfinished(folder)?;
        let blobs = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { blobs: Arc::new(blobs) })
    }

    /// Begins a blob for an object.
    ///
    /// # Errors
    /// When the medium fails.
    pub async fn begin(
        &self,
        vault: Id,
        object: &[u8; 16],
        entropy: &dyn Entropy,
    ) -> Result<Upload, BlobFault> {
        let name = name(vault, object, entropy.bytes());
        let writer = self.blobs.put_multipart(&path(&name)?).await?;
        Ok(Upload { name, writer, waiting: Vec::new() })
    }

    /// Reads a blob from its start.
    ///
    /// # Errors
    /// [`BlobFault::Missing`], or when the medium fails.
    pub async fn read(&self, name: &str) -> Result<BlobStream, BlobFault> {
        match self.blobs.get(&path(name)?).await?.payload {
            GetResultPayload::File(file, _) => {
                let file = tokio::fs::File::from_std(file);
                let pieces = tokio_util::io::ReaderStream::with_capacity(file, READ_BYTES);
                Ok(pieces.map(|piece| piece.map_err(Into::into)).boxed())
            }
            GetResultPayload::Stream(pieces) => {
                Ok(pieces.map(|piece| piece.map_err(Into::into)).boxed())
            }
        }
    }

    /// Removes a blob; one that is gone already is no error.
    ///
    /// # Errors
    /// When the medium fails.
    pub async fn delete(&self, name: &str) -> Result<(), BlobFault> {
        match self.blobs.delete(&path(name)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes every blob older than [`ORPHAN_LIFE`] that no record names, and says how
    /// many there were.
    ///
    /// # Errors
    /// When the medium or the store fails; what was removed until then stays removed.
    pub async fn sweep(&self, store: &dyn Store, now: Timestamp) -> Result<u64, BlobFault> {
        let mut removed = 0;
        let mut blobs = self.blobs.list(None);
        while let Some(blob) = blobs.next().await {
            let blob = blob?;
            let written = u64::try_from(blob.last_modified.timestamp_millis()).unwrap_or(0);
            if now.since(Timestamp(written)) < ORPHAN_LIFE {
                continue;
            }
            let name = blob.location.as_ref();
            if !is_named(store, name).await? {
                self.delete(name).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

impl Upload {
    /// Adds bytes.
    ///
    /// # Errors
    /// When the medium fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobFault> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PART_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Makes the blob durable and gives its name. Only now may a record name it.
    ///
    /// # Errors
    /// When the medium fails; then there is no blob.
    pub async fn finish(mut self) -> Result<String, BlobFault> {
        self.flush().await?;
        self.writer.complete().await?;
        Ok(self.name)
    }

    async fn flush(&mut self) -> Result<(), BlobFault> {
        let part = PutPayload::from(std::mem::take(&mut self.waiting));
        Ok(self.writer.put_part(part).await?)
    }
}

async fn is_named(store: &dyn Store, name: &str) -> Result<bool, BlobFault> {
    // What this program did not name it does not remove.
    let Some((vault, object)) = owner(name) else { return Ok(true) };
    let row = store.get(&key::row(vault, &Row::VaultObject(object))).await?;
    let Some(row) = row else { return Ok(false) };
    match record::decode::<StoredObject>(&row) {
        Ok(stored) => Ok(stored.blob.as_deref() == Some(name)),
        Err(error) => Err(StoreFault::Corrupt(error.to_string()).into()),
    }
}

fn path(name: &str) -> Result<BlobPath, BlobFault> {
    BlobPath::parse(name).map_err(|error| BlobFault::Io(error.to_string()))
}

fn name(vault: Id, object: &[u8; 16], random: [u8; 16]) -> String {
    // Both parts in the alphabet of ids: the same on a file system that folds case.
    let text = |bytes| Id::new(Kind::Vault, vault.region, bytes).to_string();
    let last = |text: String| text.rsplit('_').next().unwrap_or_default().to_owned();
    format!("{vault}/{}.{}", last(text(*object)), last(text(random)))
}

// The inverse of `name`, without its random part.
fn owner(name: &str) -> Option<(Id, [u8; 16])> {
    let (vault, rest) = name.split_once('/')?;
    let vault = Id::parse(Kind::Vault, vault).ok()?;
    let (object, _) = rest.split_once('.')?;
    let object: Id = format!("vlt_{}_{object}", vault.region).parse().ok()?;
    Some((vault, object.random))
}

// object_store writes `NAME#NUMBER` and renames; it never looks at such a file again.
fn remove_unfinished(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_unfinished(&entry.path())?;
        } else if entry.file_name().to_string_lossy().contains('#') {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::bytes::Digest;
    use symbolon_domain::port::{Batch, BatchId, Operation};
    use symbolon_store::MemoryStore;

    struct Counter(std::sync::atomic::AtomicU8);

    impl Entropy for Counter {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn vault() -> Id {
        Id::new(Kind::Vault, "eu1".parse().unwrap(), [7; 16])
    }

    async fn stored(blobs: &Blobs, entropy: &Counter, bytes: &[u8]) -> String {
        let mut upload = blobs.begin(vault(), &[3; 16], entropy).await.unwrap();
        for piece in bytes.chunks(700_000) {
            upload.write(piece).await.unwrap();
        }
        upload.finish().await.unwrap()
    }

    async fn read(blobs: &Blobs, name: &str) -> Vec<u8> {
        let pieces: Vec<_> = blobs.read(name).await.unwrap().collect().await;
        pieces.into_iter().flat_map(|piece| piece.unwrap()).collect()
    }

    #[tokio::test]
    async fn written_read_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let entropy = Counter(0.into());
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n as u8).collect();
        let one = stored(&blobs, &entropy, &bytes).await;
        let two = stored(&blobs, &entropy, b"other").await;
        assert_ne!(one, two, "two uploads of one object never meet");
        assert_eq!(owner(&one), Some((vault(), [3; 16])));
        assert_eq!(read(&blobs, &one).await, bytes);
        blobs.delete(&one).await.unwrap();
        blobs.delete(&one).await.unwrap();
        assert!(matches!(blobs.read(&one).await, Err(BlobFault::Missing(_))));
        assert_eq!(read(&blobs, &two).await, b"other");
    }

    #[tokio::test]
    async fn an_interrupted_upload_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let mut upload = blobs.begin(vault(), &[3; 16], &Counter(0.into())).await.unwrap();
        upload.write(&[1; PART_BYTES]).await.unwrap();
        // As a killed process leaves it: nobody tidies up.
        std::mem::forget(upload);
        let files = || std::fs::read_dir(folder.path().join(vault().to_string())).unwrap().count();
        assert_eq!(files(), 1);
        Blobs::open(folder.path()).unwrap();
        assert_eq!(files(), 0);
    }

    #[tokio::test]
    async fn sweeps_what_no_record_names() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let (entropy, store) = (Counter(0.into()), MemoryStore::default());
        let named = stored(&blobs, &entropy, b"named").await;
        let orphan = stored(&blobs, &entropy, b"orphan").await;
        let object = StoredObject {
            digest: Digest::of(b"named"),
            size: 5,
            blob: Some(named.clone()),
            pieces: 0,
            created: Timestamp(0),
            erase: None,
        };
        let mut batch = Batch::new(BatchId([1; 16]));
        batch.operations.push(Operation::Put {
            key: key::row(vault(), &Row::VaultObject([3; 16])),
            value: record::encode(&object).unwrap(),
        });
        store.commit(batch).await.unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = Timestamp(now.as_millis() as u64);
        assert_eq!(blobs.sweep(&store, now).await.unwrap(), 0, "still young");
        let later = now.after(ORPHAN_LIFE * 2);
        assert_eq!(blobs.sweep(&store, later).await.unwrap(), 1);
        assert!(blobs.read(&orphan).await.is_err());
        assert_eq!(read(&blobs, &named).await, b"named");
    }
}
