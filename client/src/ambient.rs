//! The two things that a client takes from the operating system: time and randomness.

use crate::ClientError;
use std::time::{SystemTime, UNIX_EPOCH};
use symbolon_domain::Timestamp;
use symbolon_domain::crypto::{Crypto, RustCrypto};
use symbolon_domain::secret::Secret;

/// Now, by this machine's clock.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Random bytes.
///
/// # Errors
/// [`ClientError::Entropy`].
pub fn random<const N: usize>() -> Result<[u8; N], ClientError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| ClientError::Entropy(error.to_string()))?;
    Ok(bytes)
}

/// A random secret.
///
/// # Errors
/// [`ClientError::Entropy`].
pub fn secret() -> Result<Secret<32>, ClientError> {
    random().map(Secret::new)
}

/// A new P-256 signing key.
///
/// # Errors
/// [`ClientError::Entropy`].
pub fn signing_key() -> Result<Secret<32>, ClientError> {
    loop {
        let key = secret()?;
        // One in 2^32 is none.
        if RustCrypto.p256_public(&key).is_ok() {
            return Ok(key);
        }
    }
}
