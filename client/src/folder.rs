//! A folder of a client's state: mode 0700, its files 0600, written as a whole or not at all.
//!
//! What is in it is not encrypted: it is as safe as the account it belongs to. A phone keeps
//! its keys in the secure element instead.

use crate::ClientError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder that may or may not be there yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where a file of it is.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it has this file.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    /// Reads a JSON file.
    ///
    /// # Errors
    /// When it is not there, others may read it, or it is not what it should be.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, ClientError> {
        let path = self.file(name);
        let wrong = |reason: String| ClientError::File { path: path.clone(), reason };
        let bytes = std::fs::read(&path).map(Zeroizing::new);
        let bytes = bytes.map_err(|error| wrong(error.to_string()))?;
        check_mode(&path)?;
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
    }

    /// Writes a JSON file: to a new file first, then in the old one's place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), ClientError> {
        let bytes = serde_json::to_vec_pretty(value).map(Zeroizing::new);
        let bytes = bytes.map_err(|error| ClientError::input(error.to_string()))?;
        self.write_bytes(name, &bytes)
    }

    /// Writes a file likewise.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<(), ClientError> {
        let path = self.file(name);
        self.write_whole(&path, bytes)
            .map_err(|error| ClientError::File { path, reason: error.to_string() })
    }

    fn write_whole(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        create_private(&self.path)?;
        let unfinished = path.with_extension("unfinished");
        let mut file = open_private(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        std::fs::File::open(&self.path)?.sync_all()
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(unix)]
fn open_private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    // What a crash left behind may have any mode.
    let _was_there = std::fs::remove_file(path);
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), ClientError> {
    use std::os::unix::fs::PermissionsExt;
    let wrong = |reason: String| ClientError::File { path: path.into(), reason };
    let metadata = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(wrong("it holds secrets and others can read it; run chmod 600 on it".into()))
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> std::io::Result<std::fs::File> {
    let _was_there = std::fs::remove_file(path);
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), ClientError> {
    Ok(())
}

/// Secret bytes as base64url in a state file; for `#[serde(with)]`.
pub(crate) mod secret_text {
    use serde::{Deserialize, Deserializer, Serializer};
    use symbolon_domain::bytes::{base64url, base64url_array};
    use symbolon_domain::secret::Secret;
    use zeroize::Zeroizing;

    pub(crate) fn serialize<S: Serializer>(
        secret: &Secret<32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(base64url(secret.expose())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret<32>, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        base64url_array(&text).map(Secret::new).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn private_and_whole() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path().join("a/b"));
        folder.write("x.json", &vec![1]).unwrap();
        folder.write("x.json", &vec![2]).unwrap();
        assert_eq!(folder.read::<Vec<u8>>("x.json").unwrap(), [2]);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&folder.file("x.json"))), (0o700, 0o600));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished");
        std::fs::set_permissions(folder.file("x.json"), PermissionsExt::from_mode(0o640)).unwrap();
        assert!(folder.read::<Vec<u8>>("x.json").is_err(), "readable by others");
    }
}
