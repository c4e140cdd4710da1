//! The store's folder: whose it is, who holds it, which format it has.
//!
//! `lock` is held by the process that has the store open and says which. `store/` is the
//! store: `format` names the version of files and keys, `fjall/` is the engine's. A first
//! start builds it as `new/` and renames it, so that a kill at any moment leaves a folder
//! that opens.

use super::engine::Engine;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The version of the format file, the engine's folder and the keys' layout together.
const FORMAT_VERSION: u32 = 1;
const FORMAT_NAME: &str = "symbolon-store";
const FORMAT_BYTES_MAX: u64 = 256;

/// Why a folder's store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has it open.
    #[error(
        "the store in {folder} is already open: it is held by {holder}; stop that one first, or use another folder"
    )]
    Held {
        /// The folder.
        folder: PathBuf,
        /// Who holds it, in words.
        holder: String,
    },
    /// The folder has files in it, but no store.
    #[error("{folder} is not empty and holds no store of Symbolon; name another folder")]
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// The store was written by a newer version.
    #[error(
        "the store in {folder} has format version {found}, this program knows versions up to {known}; use a newer program"
    )]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The operating system refused.
    #[error("the store in {folder} cannot be read or written: {source}")]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The files are not what was written.
    #[error("the store in {folder} is damaged: {reason}; restore a backup into an empty folder")]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// In which way.
        reason: String,
    },
    /// A restore into it was cut short.
    #[error("a restore into {folder} was cut short; empty the folder and restore again")]
    HalfRestored {
        /// The folder.
        folder: PathBuf,
    },
}

/// A folder that this process holds.
pub(super) struct Folder {
    path: PathBuf,
    // Closing the file gives the lock back.
    _lock: File,
}

impl Folder {
    /// Takes the lock and reads or writes the format.
    pub(super) fn claim(path: &Path) -> Result<Self, OpenError> {
        let unreadable = |source| OpenError::Unreadable { folder: path.into(), source };
        match fs::create_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(OpenError::Foreign { folder: path.into() });
            }
            made => made.map_err(unreadable)?,
        }
        // Before anything is written: a foreign folder stays as it is.
        if !is_ours(path).map_err(unreadable)? {
            return Err(OpenError::Foreign { folder: path.into() });
        }
        Ok(Self { path: path.into(), _lock: lock(path)? })
    }

    /// Opens the engine, or makes it.
    pub(super) fn engine(&self, cache_bytes: u64) -> Result<Engine, OpenError> {
        let store = self.path.join("store");
        if !store.try_exists().map_err(|error| self.unreadable(error))? {
            self.make(&store, cache_bytes)?;
        }
        match read_format(&store.join("format")).map_err(|error| self.unreadable(error))? {
            Some(FORMAT_VERSION) => {}
            Some(found) if found > FORMAT_VERSION => {
                let folder = self.path.clone();
                return Err(OpenError::Newer { folder, found, known: FORMAT_VERSION });
            }
            _ => return Err(self.damaged("its format file is not one of Symbolon's")),
        }
        let engine = self.open_engine(&store, cache_bytes)?;
        let mark = symbolon_domain::key::restoring();
        match engine.view().get(&mark).map_err(|fault| self.damaged(&fault))? {
            None => Ok(engine),
            Some(_) => Err(OpenError::HalfRestored { folder: self.path.clone() }),
        }
    }

    fn make(&self, store: &Path, cache_bytes: u64) -> Result<(), OpenError> {
        let unfinished = self.path.join("new");
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.map_err(|error| self.unreadable(error))?,
        }
        fs::create_dir(&unfinished).map_err(|error| self.unreadable(error))?;
        drop(self.open_engine(&unfinished, cache_bytes)?);
        let finish = || {
            let mut format = File::create_new(unfinished.join("format"))?;
            writeln!(format, "{FORMAT_NAME} {FORMAT_VERSION}")?;
            format.sync_all()?;
            sync_folder(&unfinished)?;
            fs::rename(&unfinished, store)?;
            sync_folder(&self.path)
        };
        finish().map_err(|error| self.unreadable(error))
    }

    fn open_engine(&self, store: &Path, cache_bytes: u64) -> Result<Engine, OpenError> {
        Engine::open(&store.join("fjall"), cache_bytes).map_err(|error| match error {
            fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => {
                self.unreadable(source)
            }
            fjall::Error::Locked => {
                let holder = "a process that does not say who it is".into();
                OpenError::Held { folder: self.path.clone(), holder }
            }
            other => self.damaged(&other),
        })
    }

    pub(super) fn unreadable(&self, source: io::Error) -> OpenError {
        OpenError::Unreadable { folder: self.path.clone(), source }
    }

    pub(super) fn damaged(&self, reason: &(impl std::fmt::Display + ?Sized)) -> OpenError {
        OpenError::Damaged { folder: self.path.clone(), reason: reason.to_string() }
    }
}

/// Whether the folder holds a store, or nothing but what a first start left that was cut
/// short.
fn is_ours(path: &Path) -> io::Result<bool> {
    if path.join("store").try_exists()? {
        return path.join("store").join("format").try_exists();
    }
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if name != "lock" && name != "new" {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let unreadable = |source| OpenError::Unreadable { folder: path.into(), source };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.join("lock"))
        .map_err(unreadable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(error)) => return Err(unreadable(error)),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Not worth failing for: it only says who.
            let _ = file.take(FORMAT_BYTES_MAX).read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "a process that has just started".to_owned(),
                named => named.to_owned(),
            };
            return Err(OpenError::Held { folder: path.into(), holder });
        }
    }
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy();
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| writeln!(file, "process {} on {host}", std::process::id()))
        .map_err(unreadable)?;
    Ok(file)
}

/// The version of a format file; `None` if it is not one.
fn read_format(path: &Path) -> io::Result<Option<u32>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FORMAT_BYTES_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    Ok(text.strip_prefix(FORMAT_NAME).and_then(|version| version.trim().parse().ok()))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
