//! The pages' files: those in the program, or those of a folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use symbolon_domain::bytes::{Digest, base64url};

/// One file, as it is and compressed.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) plain: Cow<'static, [u8]>,
    pub(super) brotli: Option<&'static [u8]>,
    /// An entity tag without its quotes.
    pub(super) tag: String,
}

impl File {
    fn new(plain: Cow<'static, [u8]>, brotli: Option<&'static [u8]>) -> Self {
        let Digest(digest) = Digest::of(&plain);
        Self { plain, brotli, tag: base64url(&digest) }
    }
}

type Embedded = (&'static str, &'static [u8], Option<&'static [u8]>);

// Made by the build script.
static FILES: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

static BUNDLE: LazyLock<BTreeMap<&'static str, File>> = LazyLock::new(|| {
    let file = |(name, plain, brotli): &Embedded| (*name, File::new(Cow::Borrowed(plain), *brotli));
    FILES.iter().map(file).collect()
});

/// A file of the bundle, `assets/phone-….js`; of the folder, if there is one.
pub(super) async fn file(folder: Option<&Path>, name: &str) -> Option<File> {
    let Some(folder) = folder else { return BUNDLE.get(name).cloned() };
    if !name.split('/').all(is_plain) {
        return None;
    }
    let plain = tokio::fs::read(folder.join(name)).await.ok()?;
    Some(File::new(Cow::Owned(plain), None))
}

/// A name that stays in its folder.
fn is_plain(segment: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(allowed)
}

/// Names of all files in the program.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BUNDLE.keys().copied()
}

/// What a file is, by its name.
pub(super) fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_gives_its_own_files_alone() {
        let root = tempfile::tempdir().unwrap();
        let dist = root.path().join("dist");
        std::fs::create_dir_all(dist.join("assets")).unwrap();
        std::fs::write(root.path().join("secret.txt"), "no").unwrap();
        std::fs::write(dist.join("assets/.hidden"), "no").unwrap();
        std::fs::write(dist.join("assets/a-1.js"), "yes").unwrap();
        let get = async |name: &str| file(Some(&dist), name).await.map(|file| file.plain);
        assert_eq!(get("assets/a-1.js").await.as_deref(), Some(&b"yes"[..]));
        for name in [
            "../secret.txt",
            "assets/../../secret.txt",
            "assets/.hidden",
            "",
            "assets",
            "/etc/hosts",
        ] {
            assert_eq!(get(name).await, None, "{name}");
        }
    }

    #[test]
    fn every_file_has_a_media_type() {
        for name in names() {
            assert_ne!(media_type(name), "application/octet-stream", "{name}");
        }
    }
}
