//! The recovery sheet: what lets a person in who has lost every device.
//!
//! It holds 32 bytes, as words and as a link: the random part of the vault's id, so that
//! nothing else has to be kept, and a secret. The secret unwraps the root key, which the node
//! keeps wrapped, and signs the command that lets a new device in. `FORMAT.md` section 9
//! writes it down for other languages.

use super::key_tree::RootKey;
use super::wrap::{self, Context, Wrap};
use super::{Crypto, CryptoError, P256Public, kdf};
use crate::bytes::{base64url, base64url_array, lp};
use crate::secret::{Secret, SecretText};
use crate::{Id, Kind, Region};
use zeroize::Zeroizing;

/// Bytes of a wrapped root key.
pub const ROOT_WRAP_BYTES: usize = 80;
/// Where a wallet's page takes a sheet's link.
pub const LINK_PATH: &str = "/recover";

/// A recovery sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverySheet {
    vault: Id,
    secret: Secret<16>,
}

impl RecoverySheet {
    /// A sheet for a vault, from 16 random bytes.
    #[must_use]
    pub fn new(vault: Id, secret: Secret<16>) -> Self {
        Self { vault, secret }
    }

    /// Reads the 32 bytes of a sheet. They do not say the vault's region: the cluster does.
    #[must_use]
    pub fn from_bytes(region: Region, bytes: &Secret<32>) -> Self {
        let (vault, secret) = bytes.expose().split_at(16);
        let half = |from: &[u8]| std::array::from_fn(|at| from.get(at).copied().unwrap_or(0));
        let vault = Id::new(Kind::Vault, region, half(vault));
        Self { vault, secret: Secret::new(half(secret)) }
    }

    /// The 32 bytes: the random part of the vault's id, then the secret.
    #[must_use]
    pub fn to_bytes(&self) -> Secret<32> {
        let mut bytes = Zeroizing::new([0; 32]);
        let (vault, secret) = bytes.split_at_mut(16);
        vault.copy_from_slice(&self.vault.random);
        secret.copy_from_slice(self.secret.expose());
        Secret::new(*bytes)
    }

    /// The link of the sheet's QR code: `{wallet origin}/recover#{32 bytes in base64url}`.
    #[must_use]
    pub fn link(&self, wallet_origin: &str) -> SecretText {
        let bytes = Zeroizing::new(base64url(self.to_bytes().expose()));
        SecretText::new(format!("{wallet_origin}{LINK_PATH}#{}", bytes.as_str()))
    }

    /// Whose sheet it is.
    #[must_use]
    pub fn vault(&self) -> Id {
        self.vault
    }

    /// The secret P-256 scalar that signs the command that lets a new device in: the first
    /// of `HKDF(secret, lp("recovery/sign", vault id, n))`, n a byte from 0, that is one.
    ///
    /// # Errors
    /// When none of 256 is, which does not happen: one in 2^32 is none.
    pub fn signing_key(&self, crypto: &dyn Crypto) -> Result<Secret<32>, CryptoError> {
        let vault = self.vault.to_string();
        (0..=u8::MAX)
            .map(|n| {
                kdf::hkdf(self.secret.expose(), &lp("recovery/sign", &[vault.as_bytes(), &[n]]))
            })
            .find(|scalar| crypto.p256_public(scalar).is_ok())
            .ok_or(CryptoError)
    }

    /// What the vault keeps to verify what the sheet signs.
    ///
    /// # Errors
    /// As [`RecoverySheet::signing_key`].
    pub fn public_key(&self, crypto: &dyn Crypto) -> Result<P256Public, CryptoError> {
        crypto.p256_public(&self.signing_key(crypto)?)
    }

    /// Wraps the root key, for the vault to keep.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn wrap_root(&self, crypto: &dyn Crypto, root: &RootKey) -> Result<Wrap, CryptoError> {
        let context = Context::root_key(self.vault);
        wrap::wrap(crypto, &self.wrap_key(), &context, root.secret().expose())
    }

    /// Unwraps the root key.
    ///
    /// # Errors
    /// When the wrap is of another sheet or vault, or was changed.
    pub fn unwrap_root(&self, crypto: &dyn Crypto, wrap: &Wrap) -> Result<RootKey, CryptoError> {
        let context = Context::root_key(self.vault);
        wrap::unwrap_key(crypto, &self.wrap_key(), &context, wrap).map(RootKey::new)
    }

    fn wrap_key(&self) -> Secret<32> {
        let vault = self.vault.to_string();
        kdf::hkdf(self.secret.expose(), &lp("wrap/recovery", &[vault.as_bytes()]))
    }
}

/// The 32 bytes of a sheet from the fragment of its link.
///
/// # Errors
/// When it is not 32 bytes in base64url.
pub fn parse_fragment(text: &str) -> Result<Secret<32>, CryptoError> {
    base64url_array(text).map(Secret::new).map_err(|_| CryptoError)
}

#[cfg(test)]
mod tests {
    use super::super::RustCrypto;
    use super::*;

    fn sheet(vault: u8, secret: u8) -> RecoverySheet {
        let vault = Id::new(Kind::Vault, "eu1".parse().unwrap(), [vault; 16]);
        RecoverySheet::new(vault, Secret::new([secret; 16]))
    }

    #[test]
    fn bytes_and_link_and_back() {
        let sheet = sheet(1, 2);
        let region = "eu1".parse().unwrap();
        assert_eq!(RecoverySheet::from_bytes(region, &sheet.to_bytes()), sheet);
        let link = sheet.link("https://wallet.example");
        let fragment = link.expose().strip_prefix("https://wallet.example/recover#").unwrap();
        assert_eq!(parse_fragment(fragment), Ok(sheet.to_bytes()));
        for wrong in ["", &fragment[1..], &format!("{fragment}A"), &format!("{fragment}=")] {
            assert_eq!(parse_fragment(wrong), Err(CryptoError), "{wrong}");
        }
    }

    #[test]
    fn another_sheet_or_vault_opens_nothing() {
        let root = RootKey::new(Secret::new([7; 32]));
        let wrap = sheet(1, 2).wrap_root(&RustCrypto, &root).unwrap();
        assert_eq!(wrap.as_bytes().len(), ROOT_WRAP_BYTES);
        assert_eq!(sheet(1, 2).unwrap_root(&RustCrypto, &wrap), Ok(root));
        assert_eq!(sheet(1, 3).unwrap_root(&RustCrypto, &wrap), Err(CryptoError));
        assert_eq!(sheet(2, 2).unwrap_root(&RustCrypto, &wrap), Err(CryptoError));
        let key = |sheet: RecoverySheet| sheet.public_key(&RustCrypto).unwrap();
        assert_ne!(key(sheet(1, 2)), key(sheet(1, 3)));
        assert_ne!(key(sheet(1, 2)), key(sheet(2, 2)));
    }

    #[test]
    fn signing_key_and_wrap_key_differ() {
        let sheet = sheet(1, 2);
        assert_ne!(sheet.signing_key(&RustCrypto).unwrap(), sheet.wrap_key());
    }

    #[test]
    fn prints_nothing() {
        let text = format!("{:?}", sheet(1, 2));
        assert!(text.contains("Secret") && !text.contains("[2, 2"), "{text}");
    }
}
