//! Sealing to someone: HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256, ChaCha20-Poly1305.
//!
//! The randomness of the ephemeral key is an argument, as everywhere in this crate.

use super::{CryptoError, kdf};
use crate::Id;
use crate::bytes::{Digest, lp};
use crate::secret::Secret;
use ::hpke::aead::ChaCha20Poly1305;
use ::hpke::kdf::HkdfSha256;
use ::hpke::kem::X25519HkdfSha256;
use ::hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use ::hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Bytes that sealing adds: the encapsulated key before, the tag after.
pub const OVERHEAD_BYTES: usize = 32 + super::TAG_BYTES;

/// An X25519 public key (RFC 7748).
pub type X25519Public = [u8; 32];

/// The public key of a secret one (32 random bytes; RFC 7748 clamps them where it uses them).
///
/// # Errors
/// None of the 2^256 secrets has one.
pub fn public_key(secret: &Secret<32>) -> Result<X25519Public, CryptoError> {
    let secret = PrivateKey::from_bytes(secret.expose()).map_err(|_| CryptoError)?;
    Ok(X25519HkdfSha256::sk_to_pk(&secret).to_bytes().into())
}

/// What a sealed message is for. It is part of `info`, so that a message for one purpose
/// does not open as another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An item's secret, lent to an institution.
    Item,
    /// The half of a code, for `symbolon.session`.
    Half,
    /// The root key, for a new device of the same person.
    RootKey,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Half => "half",
            Self::RootKey => "root-key",
        }
    }
}

/// `info`: the hash of the statement that named the recipient's key, the purpose, and
/// between whom, as `lp("hpke", statement hash, purpose, issuer, client id, session id)`.
#[must_use]
pub fn info(
    statement_hash: &Digest,
    purpose: Purpose,
    issuer: &str,
    client: Id,
    session: Id,
) -> Vec<u8> {
    let (client, session) = (client.to_string(), session.to_string());
    let purpose = purpose.as_str().as_bytes();
    let fields = [
        statement_hash.as_bytes(),
        purpose,
        issuer.as_bytes(),
        client.as_bytes(),
        session.as_bytes(),
    ];
    lp("hpke", &fields)
}

/// Seals: the encapsulated key, then ciphertext and tag. `random` must be new every time.
///
/// # Errors
/// When the recipient's key is one of the few that give no secret.
pub fn seal(
    recipient: &X25519Public,
    info: &[u8],
    associated_data: &[u8],
    text: &[u8],
    random: &Secret<32>,
) -> Result<Vec<u8>, CryptoError> {
    let recipient = PublicKey::from_bytes(recipient).map_err(|_| CryptoError)?;
    let (encapsulated, sealed) =
        ::hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            info,
            text,
            associated_data,
            &mut Given::new(random),
        )
        .map_err(|_| CryptoError)?;
    Ok([&encapsulated.to_bytes()[..], &sealed].concat())
}

/// Opens what [`seal`] made.
///
/// # Errors
/// When key, `info` or associated data are others, or the message was changed.
pub fn open(
    secret: &Secret<32>,
    info: &[u8],
    associated_data: &[u8],
    message: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let secret = PrivateKey::from_bytes(secret.expose()).map_err(|_| CryptoError)?;
    let (encapsulated, sealed) = message.split_first_chunk::<32>().ok_or(CryptoError)?;
    let encapsulated = Encapsulated::from_bytes(encapsulated).map_err(|_| CryptoError)?;
    ::hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &encapsulated,
        info,
        sealed,
        associated_data,
    )
    .map(Zeroizing::new)
    .map_err(|_| CryptoError)
}

// Randomness that was handed in. The first 32 bytes are it (RFC 9180's `ikmE`, all that is
// asked for); were more asked for, they would be derived from it and never repeat.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Given {
    seed: Secret<32>,
    block: [u8; 32],
    used: usize,
    blocks: u64,
}

impl Given {
    fn new(random: &Secret<32>) -> Self {
        Self { seed: random.clone(), block: *random.expose(), used: 0, blocks: 1 }
    }

    fn next_byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            let info = lp("hpke/random", &[&self.blocks.to_be_bytes()]);
            self.block = *kdf::hkdf_expand(&self.seed, &info).expose();
            self.used = 0;
            self.blocks += 1;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next_byte())
    }
}

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.array()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.array()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill_with(|| self.next_byte());
        Ok(())
    }
}

impl TryCryptoRng for Given {}
