//! Wraps: short secrets encrypted under another key, bound to what they are for.
//!
//! A wrap is made with a synthetic salt, as in RFC 5297's SIV: the salt is a MAC of the
//! context and the secret, the cipher's key is derived from it, and whoever unwraps computes
//! it again. So wrapping needs no randomness; the same secret in the same context has
//! the same wrap, which lets an answer be repeated byte for byte; another secret under the
//! same key (a device that seals an item again) gets another cipher key and never reuses a
//! nonce; and no wrap opens under two keys.

use super::kdf;
use super::key_tree::ItemId;
use super::token::{Token, TokenClass};
use super::{Crypto, CryptoError};
use crate::bytes::{Digest, base64url_serde, lp};
use crate::path::Path;
use crate::secret::Secret;
use crate::{Id, Kind};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of the synthetic salt.
const SALT_BYTES: usize = 32;
/// The cipher's key is used once, so its nonce can be zero.
const NONCE: [u8; 12] = [0; 12];

/// A wrapped secret: salt, ciphertext, tag; 48 bytes longer than what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wrap(#[serde(with = "base64url_serde")] Vec<u8>);

impl Wrap {
    /// Takes bytes that came from elsewhere. Whether they are a wrap shows on unwrapping.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The wrap hash that a selection holds.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::lp("wrap-hash", &[&self.0])
    }
}

/// What a wrap is for. It is authenticated: a wrap moved to another grant, client, path,
/// item or version does not unwrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context(Vec<u8>);

impl Context {
    /// A grant key, wrapped for one client.
    #[must_use]
    pub fn grant_key(grant: Id, client: Id) -> Self {
        Self(lp("wrap/grant-key", &[grant.to_string().as_bytes(), client.to_string().as_bytes()]))
    }

    /// An item's secret, wrapped under the grant key.
    #[must_use]
    pub fn item(grant: Id, path: &Path, item: &ItemId, lent: Lent) -> Self {
        let (kind, which): (&[u8], Vec<u8>) = match lent {
            Lent::Version(object) => (b"version", object.to_vec()),
            Lent::Epoch(epoch) => (b"epoch", epoch.to_be_bytes().to_vec()),
        };
        let grant = grant.to_string();
        let path = path.as_str().as_bytes();
        Self(lp("wrap/item", &[grant.as_bytes(), path, item.as_bytes(), kind, &which]))
    }

    /// The root key of a vault, wrapped for the recovery sheet.
    #[must_use]
    pub fn root_key(vault: Id) -> Self {
        Self(lp("wrap/root-key", &[vault.to_string().as_bytes()]))
    }

    /// The bytes, also the associated data when the same secret is sealed by HPKE.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Which secret of an item is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lent {
    /// The content secret of the version stored as this object.
    Version([u8; 16]),
    /// The epoch secret: this version and those that follow in the epoch.
    Epoch(u32),
}

/// `HKDF(half, lp("wrap/code", grant id, client id))`: the key that waits for the code.
#[must_use]
pub fn code_wrap_key(half: &Secret<32>, grant: Id, client: Id) -> Secret<32> {
    let (grant, client) = (grant.to_string(), client.to_string());
    kdf::hkdf(half.expose(), &lp("wrap/code", &[grant.as_bytes(), client.as_bytes()]))
}

/// `HKDF(token, lp("wrap/access" or "wrap/refresh", grant id, client id))`: the key that
/// each request with the token brings along.
///
/// # Errors
/// When the token is neither an access nor a refresh token, or the ids name other things.
pub fn token_wrap_key(token: &Token, grant: Id, client: Id) -> Result<Secret<32>, CryptoError> {
    let label = match token.class() {
        TokenClass::Access => "wrap/access",
        TokenClass::Refresh => "wrap/refresh",
        _ => return Err(CryptoError),
    };
    if grant.kind != Kind::Grant || client.kind != Kind::Institution {
        return Err(CryptoError);
    }
    let (grant, client) = (grant.to_string(), client.to_string());
    Ok(token.derive_key(label, &[grant.as_bytes(), client.as_bytes()]))
}

fn salt(key: &Secret<32>, context: &Context, secret: &[u8]) -> [u8; SALT_BYTES] {
    let salt_key = kdf::hkdf_expand(key, &lp("wrap/salt", &[]));
    let message = Zeroizing::new(lp("wrap/salt", &[context.as_bytes(), secret]));
    kdf::hmac_sha256(salt_key.expose(), &[message.as_slice()])
}

/// Wraps a short secret (a key, or a key already sealed to somebody).
///
/// # Errors
/// When it is longer than the cipher allows.
pub fn wrap(
    crypto: &dyn Crypto,
    key: &Secret<32>,
    context: &Context,
    secret: &[u8],
) -> Result<Wrap, CryptoError> {
    let salt = salt(key, context, secret);
    let cipher_key = kdf::hkdf_expand(key, &lp("wrap/key", &[&salt]));
    let mut out = Vec::with_capacity(SALT_BYTES + secret.len() + super::TAG_BYTES);
    out.extend_from_slice(&salt);
    out.extend_from_slice(secret);
    let text = out.get_mut(SALT_BYTES..).unwrap_or_default();
    let tag = crypto.seal_in_place(&cipher_key, &NONCE, context.as_bytes(), text)?;
    out.extend_from_slice(&tag);
    Ok(Wrap(out))
}

/// Unwraps.
///
/// # Errors
/// When the key or the context is another, or the wrap was changed.
pub fn unwrap(
    crypto: &dyn Crypto,
    key: &Secret<32>,
    context: &Context,
    wrap: &Wrap,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (expected, sealed) = wrap.0.split_first_chunk::<SALT_BYTES>().ok_or(CryptoError)?;
    let cipher_key = kdf::hkdf_expand(key, &lp("wrap/key", &[expected]));
    let mut secret = Zeroizing::new(sealed.to_vec());
    crypto.open(&cipher_key, &NONCE, context.as_bytes(), &mut secret)?;
    let fits = salt(key, context, &secret).ct_eq(expected);
    if fits.into() { Ok(secret) } else { Err(CryptoError) }
}

/// Unwraps a key of 32 bytes.
///
/// # Errors
/// When it does not unwrap, or holds something else.
pub fn unwrap_key(
    crypto: &dyn Crypto,
    key: &Secret<32>,
    context: &Context,
    wrap: &Wrap,
) -> Result<Secret<32>, CryptoError> {
    let secret = unwrap(crypto, key, context, wrap)?;
    secret.as_slice().try_into().map(Secret::new).map_err(|_| CryptoError)
}

#[cfg(test)]
mod tests {
    use super::super::RustCrypto;
    use super::*;

    fn id(kind: Kind, fill: u8) -> Id {
        Id::new(kind, "eu1".parse().unwrap(), [fill; 16])
    }

    #[test]
    fn bound_to_key_and_context() {
        let (grant, client) = (id(Kind::Grant, 1), id(Kind::Institution, 2));
        let path: Path = "identity.birthdate".parse().unwrap();
        let item = ItemId::of(b"item");
        let key = Secret::new([3; 32]);
        let context = Context::item(grant, &path, &item, Lent::Version([4; 16]));
        let wrap = wrap(&RustCrypto, &key, &context, &[5; 32]).unwrap();
        assert_eq!(wrap.as_bytes().len(), 80);
        assert_eq!(unwrap_key(&RustCrypto, &key, &context, &wrap), Ok(Secret::new([5; 32])));

        let mut others = vec![
            Context::item(id(Kind::Grant, 9), &path, &item, Lent::Version([4; 16])),
            Context::item(grant, &"identity.name".parse().unwrap(), &item, Lent::Version([4; 16])),
            Context::item(grant, &path, &ItemId::of(b"other"), Lent::Version([4; 16])),
            Context::item(grant, &path, &item, Lent::Version([9; 16])),
            Context::item(grant, &path, &item, Lent::Epoch(4)),
            Context::grant_key(grant, client),
        ];
        for other in others.drain(..) {
            assert_eq!(unwrap_key(&RustCrypto, &key, &other, &wrap), Err(CryptoError));
        }
        let other_key = Secret::new([6; 32]);
        assert_eq!(unwrap_key(&RustCrypto, &other_key, &context, &wrap), Err(CryptoError));
        for bit in 0..wrap.as_bytes().len() * 8 {
            let mut changed = wrap.clone();
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unwrap_key(&RustCrypto, &key, &context, &changed), Err(CryptoError));
        }
        for length in 0..wrap.as_bytes().len() {
            let cut = Wrap::from_bytes(wrap.as_bytes()[..length].to_vec());
            assert_eq!(unwrap_key(&RustCrypto, &key, &context, &cut), Err(CryptoError));
        }
    }

    #[test]
    fn another_secret_has_another_cipher_key() {
        let context = Context::grant_key(id(Kind::Grant, 1), id(Kind::Institution, 2));
        let key = Secret::new([3; 32]);
        let stream = |secret: [u8; 32]| {
            let wrapped = wrap(&RustCrypto, &key, &context, &secret).unwrap();
            std::array::from_fn::<u8, 32, _>(|at| wrapped.as_bytes()[32 + at] ^ secret[at])
        };
        assert_eq!(stream([5; 32]), stream([5; 32]));
        assert_ne!(stream([5; 32]), stream([6; 32]), "the key stream must not repeat");
    }

    #[test]
    fn a_salt_that_was_not_computed_is_refused() {
        let context = Context::grant_key(id(Kind::Grant, 1), id(Kind::Institution, 2));
        let key = Secret::new([3; 32]);
        let sealed_under = |salt: [u8; SALT_BYTES]| {
            let cipher_key = kdf::hkdf_expand(&key, &lp("wrap/key", &[&salt]));
            let mut text = vec![5; 32];
            RustCrypto.seal(&cipher_key, &NONCE, context.as_bytes(), &mut text).unwrap();
            Wrap::from_bytes([&salt[..], &text].concat())
        };
        let right = sealed_under(salt(&key, &context, &[5; 32]));
        assert_eq!(wrap(&RustCrypto, &key, &context, &[5; 32]), Ok(right));
        let chosen = sealed_under([7; SALT_BYTES]);
        assert_eq!(unwrap_key(&RustCrypto, &key, &context, &chosen), Err(CryptoError));
    }

    #[test]
    fn keys_have_their_own_labels() {
        let (grant, client) = (id(Kind::Grant, 1), id(Kind::Institution, 2));
        let token = |class| Token::new(class, grant.region, &[1; 32]);
        let key = |class| token_wrap_key(&token(class), grant, client);
        assert_ne!(key(TokenClass::Access), key(TokenClass::Refresh));
        assert_eq!(key(TokenClass::Device), Err(CryptoError));
        // The tokens' own prefixes would tell them apart too; the labels are the format.
        let (grant_text, client_text) = (grant.to_string(), client.to_string());
        let fields = [grant_text.as_bytes(), client_text.as_bytes()];
        for (class, label) in
            [(TokenClass::Access, "wrap/access"), (TokenClass::Refresh, "wrap/refresh")]
        {
            assert_eq!(key(class), Ok(token(class).derive_key(label, &fields)));
        }
        let half = Secret::new([1; 32]);
        assert_ne!(code_wrap_key(&half, grant, client), code_wrap_key(&half, grant, grant));
    }
}
