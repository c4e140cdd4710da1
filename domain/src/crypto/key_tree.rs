//! The key tree: from the root key, which never leaves the person's devices, to the
//! content secret of one version of one item, which is what is lent.
//!
//! `FORMAT.md` section 2 writes it down for other languages.

use super::kdf;
use crate::Id;
use crate::bytes::{Digest, lp};
use crate::path::Path;
use crate::secret::Secret;
use zeroize::Zeroizing;

/// The name of an item at the server: `HMAC-SHA-256(K_index, path)`. It tells nothing of
/// the path to whoever has not the root key.
pub type ItemId = Digest;

/// 32 random bytes, new for every version of an item, chosen by the device.
pub type Salt = [u8; 32];

/// The root key: 32 random bytes, made on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey(Secret<32>);

impl RootKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: Secret<32>) -> Self {
        Self(bytes)
    }

    /// The bytes, for wrapping them.
    #[must_use]
    pub fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// `K(path)`: one expansion a segment.
    #[must_use]
    fn node_key(&self, path: &Path) -> Secret<32> {
        path.segments().fold(self.0.clone(), |parent, segment| {
            kdf::hkdf_expand(&parent, &lp("node", &[segment.as_bytes()]))
        })
    }

    /// `E(path, epoch)`: opens the versions of a leaf written in this epoch, and nothing else.
    #[must_use]
    pub fn epoch_secret(&self, path: &Path, epoch: u32) -> EpochSecret {
        let info = lp("epoch", &[&epoch.to_be_bytes()]);
        EpochSecret(kdf::hkdf_expand(&self.node_key(path), &info))
    }

    /// The item's name at the server.
    #[must_use]
    pub fn item_id(&self, path: &Path) -> ItemId {
        let index_key = kdf::hkdf_expand(&self.0, &lp("index", &[]));
        Digest(kdf::hmac_sha256(index_key.expose(), &[path.as_str().as_bytes()]))
    }

    /// The key under which a grant's item secrets are wrapped. The device can make it again
    /// later, to lend the next epoch to a live grant.
    #[must_use]
    pub fn grant_key(&self, grant: Id) -> Secret<32> {
        let info = lp("grant", &[grant.to_string().as_bytes()]);
        kdf::hkdf(self.0.expose(), &info)
    }
}

/// What a grant that covers future versions lends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochSecret(Secret<32>);

impl EpochSecret {
    /// Takes what was lent.
    #[must_use]
    pub fn new(bytes: Secret<32>) -> Self {
        Self(bytes)
    }

    /// The bytes, for sealing or wrapping them.
    #[must_use]
    pub fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// `S`: the secret of the version with this salt.
    #[must_use]
    pub fn content_secret(&self, item: &ItemId, salt: &Salt) -> ContentSecret {
        let info = lp("content", &[item.as_bytes(), salt]);
        ContentSecret(kdf::hkdf_expand(&self.0, &info))
    }
}

/// What a grant that pins a version lends: opens exactly one version of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentSecret(Secret<32>);

impl ContentSecret {
    /// Takes what was lent.
    #[must_use]
    pub fn new(bytes: Secret<32>) -> Self {
        Self(bytes)
    }

    /// The bytes, for sealing or wrapping them.
    #[must_use]
    pub fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// The key of the object's chunks.
    #[must_use]
    pub fn aead_key(&self) -> Secret<32> {
        kdf::hkdf_expand(&self.0, &lp("aead", &[]))
    }

    /// The commitment in the object's header: whoever holds the secret can check it, so that
    /// no object opens to two texts under two keys.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        *kdf::hkdf_expand(&self.0, &lp("commit", &[])).expose()
    }
}

/// A secret of low entropy (a transfer code, a one-time password) as the store keeps it:
/// `HMAC-SHA-256(pepper, lp(label, fields…))`. The pepper is a key of the key ring, so that
/// a copy of the store cannot try them all. No key is ever derived from such a secret.
#[must_use]
pub fn peppered_hash(pepper: &Secret<32>, label: &str, fields: &[&[u8]]) -> Digest {
    let message = Zeroizing::new(lp(label, fields));
    Digest(kdf::hmac_sha256(pepper.expose(), &[message.as_slice()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> RootKey {
        RootKey::new(Secret::new([7; 32]))
    }

    #[test]
    fn leaves_epochs_and_versions_differ() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        let secret = |p: &str, n| root().epoch_secret(&path(p), n);
        assert_ne!(secret("a.b", 1), secret("a.b", 2));
        assert_ne!(secret("a.b", 1), secret("a.c", 1));
        assert_ne!(secret("ab", 1), secret("a.b", 1));
        assert_ne!(root().item_id(&path("a.b")), root().item_id(&path("ab")));
        let item = root().item_id(&path("a.b"));
        let version = |salt| secret("a.b", 1).content_secret(&item, &[salt; 32]);
        assert_ne!(version(1), version(2));
        assert_ne!(version(1).aead_key().expose(), &version(1).commitment());
    }
}
