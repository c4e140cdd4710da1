//! Small files, written whole or not at all, and secret ones that nobody else can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A name that a crash may leave behind; the next start removes it.
pub(crate) const UNFINISHED: &str = ".unfinished";

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Others can read a secret.
    #[error(
        "{} can be read by other users (mode {mode:04o}): whoever read it has the key. Replace \
         the key, or if nobody did, run: chmod {wanted:04o} {}",
        path.display(), path.display()
    )]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// What it should be.
        wanted: u32,
    },
}

pub(crate) fn io_fault(path: &Path) -> impl FnOnce(io::Error) -> FileFault {
    let path = path.to_owned();
    move |source| FileFault::Io { path, source }
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileFault> {
    fs::read(path).map_err(io_fault(path))
}

/// Reads a secret that only the owner may read.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    refuse_mode(path, 0o077, 0o600)?;
    Ok(Zeroizing::new(read(path)?))
}

/// Reads a secret that an operator put somewhere: a group, such as `ssl-cert`, may read it.
pub(crate) fn read_secret_of_others(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    refuse_mode(path, 0o007, 0o640)?;
    Ok(Zeroizing::new(read(path)?))
}

/// Refuses a file or folder with any of these permission bits.
pub(crate) fn refuse_mode(path: &Path, bits: u32, wanted: u32) -> Result<(), FileFault> {
    let metadata = fs::metadata(path).map_err(io_fault(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & bits != 0 {
            return Err(FileFault::Exposed { path: path.into(), mode, wanted });
        }
    }
    #[cfg(not(unix))]
    let _ = (metadata, bits, wanted);
    Ok(())
}

/// Makes a folder that only the owner may enter, and what is above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), FileFault> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(io_fault(path))?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}

/// Lets nobody but the owner into a folder.
pub(crate) fn close_folder(path: &Path) -> Result<(), FileFault> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let owner_only = fs::Permissions::from_mode(0o700);
        fs::set_permissions(path, owner_only).map_err(io_fault(path))?;
    }
    Ok(())
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), FileFault> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_fault(path)(error)),
        _ => path.parent().map_or(Ok(()), sync_folder),
    }
}

/// Writes a file of mode 0600 so that after a crash it is there whole or not at all.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), FileFault> {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    let unfinished = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished).map_err(io_fault(&unfinished))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(io_fault(&unfinished))?;
    fs::rename(&unfinished, path).map_err(io_fault(path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> Result<(), FileFault> {
    // A rename is durable only when its folder is.
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(io_fault(folder))?;
    }
    Ok(())
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, FileFault> {
    let mut names = fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                .collect::<io::Result<Vec<_>>>()
        })
        .map_err(io_fault(folder))?;
    names.sort();
    Ok(names)
}

/// Removes what a crash left unfinished.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<(), FileFault> {
    for name in names(folder)?.iter().filter(|name| name.ends_with(UNFINISHED)) {
        remove(&folder.join(name))?;
    }
    Ok(())
}
