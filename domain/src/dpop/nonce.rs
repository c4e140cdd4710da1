//! Server nonces: an HMAC of the minute, so that none has to be remembered.

use crate::Timestamp;
use crate::bytes::{base64url, lp};
use crate::crypto::kdf::hmac_sha256;
use crate::secret::Secret;
use subtle::ConstantTimeEq;

/// The key of a node's nonces, made from randomness when the node starts.
#[derive(Debug)]
pub struct NonceKey(Secret<32>);

impl NonceKey {
    /// Takes the key.
    #[must_use]
    pub fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    /// The nonce of this minute: the value of the `DPoP-Nonce` header.
    #[must_use]
    pub fn nonce(&self, now: Timestamp) -> String {
        self.of_minute(now.minute())
    }

    /// Until when a nonce is good, if it is: it is of this minute or of the one before.
    #[must_use]
    pub fn expiry(&self, nonce: &str, now: Timestamp) -> Option<Timestamp> {
        let this = now.minute();
        [Some(this), this.checked_sub(1)]
            .into_iter()
            .flatten()
            .find(|minute| self.of_minute(*minute).as_bytes().ct_eq(nonce.as_bytes()).into())
            .map(|minute| Timestamp::from_seconds(minute.saturating_add(2).saturating_mul(60)))
    }

    fn of_minute(&self, minute: u64) -> String {
        let tag = hmac_sha256(self.0.expose(), &[&lp("dpop-nonce", &[&minute.to_be_bytes()])]);
        base64url(tag.first_chunk::<16>().map_or(&[], |half| half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_for_its_minute_and_the_next() {
        let key = NonceKey::new(Secret::new([1; 32]));
        let nonce = key.nonce(Timestamp(60_000));
        assert_eq!(nonce.len(), 22);
        assert_eq!(key.expiry(&nonce, Timestamp(60_000)), Some(Timestamp(180_000)));
        assert_eq!(key.expiry(&nonce, Timestamp(179_999)), Some(Timestamp(180_000)));
        assert_eq!(key.expiry(&nonce, Timestamp(180_000)), None, "too old");
        assert_eq!(key.expiry(&nonce, Timestamp(59_999)), None, "of the future");
        assert_eq!(key.expiry("", Timestamp(60_000)), None);
        let restarted = NonceKey::new(Secret::new([2; 32]));
        assert_eq!(restarted.expiry(&nonce, Timestamp(60_000)), None, "another node's");
    }
}
