//! The replay cache: which proofs were seen. Bounded, and complete for as long as it says so.

use super::Proof;
use crate::Timestamp;
use crate::bytes::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// Why a proof was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Replay {
    /// It was used before.
    #[error("the DPoP proof was used before")]
    Seen,
    /// So many live proofs are remembered that no other can be: the node's trouble, to be
    /// answered with 503. To forget one instead would let it be used twice.
    #[error("the node remembers as many DPoP proofs as it can; try again in a minute")]
    Full,
    /// Its time was over before it was looked up.
    #[error("the DPoP proof expired")]
    Expired,
}

/// Remembers proofs until they expire. A plain value: its owner guards it.
#[derive(Debug)]
pub struct ReplayCache {
    // By expiry, of which only two or three are live at once (nonces change by the minute);
    // within, SHA-256 of key and id, which nobody can steer into one branch.
    seen: BTreeMap<Timestamp, BTreeSet<Digest>>,
    count: usize,
    count_max: usize,
}

impl ReplayCache {
    /// A cache of at most `count_max` live proofs, about 50 bytes each.
    #[must_use]
    pub fn new(count_max: usize) -> Self {
        Self { seen: BTreeMap::new(), count: 0, count_max }
    }

    /// Takes the proof, once.
    ///
    /// # Errors
    /// When it was taken before, or cannot be remembered.
    pub fn check(&mut self, now: Timestamp, proof: &Proof) -> Result<(), Replay> {
        self.forget(now);
        if proof.expires <= now {
            return Err(Replay::Expired);
        }
        let name = Digest::lp("dpop-proof", &[&proof.jkt.0, proof.jti.as_bytes()]);
        if self.seen.values().any(|names| names.contains(&name)) {
            return Err(Replay::Seen);
        }
        if self.count >= self.count_max {
            return Err(Replay::Full);
        }
        self.seen.entry(proof.expires).or_default().insert(name);
        self.count += 1;
        Ok(())
    }

    /// How many proofs are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some(oldest) = self.seen.first_entry() {
            if *oldest.key() > now {
                break;
            }
            self.count = self.count.saturating_sub(oldest.remove().len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::P256Public;
    use crate::jwk::P256Jwk;
    use proptest::prelude::*;

    fn proof(key: u8, jti: &str, expires: u64) -> Proof {
        let jwk = P256Jwk::new(P256Public([key; 64]));
        Proof { key: jwk, jkt: jwk.thumbprint(), jti: jti.into(), expires: Timestamp(expires) }
    }

    #[test]
    fn once_by_key_and_id() {
        let mut cache = ReplayCache::new(10);
        let now = Timestamp(0);
        assert_eq!(cache.check(now, &proof(1, "a", 100)), Ok(()));
        assert_eq!(cache.check(now, &proof(1, "a", 100)), Err(Replay::Seen));
        assert_eq!(cache.check(now, &proof(1, "a", 200)), Err(Replay::Seen), "other nonce");
        assert_eq!(cache.check(now, &proof(1, "b", 100)), Ok(()));
        assert_eq!(cache.check(now, &proof(2, "a", 100)), Ok(()));
        assert_eq!(cache.check(Timestamp(100), &proof(1, "c", 100)), Err(Replay::Expired));
        assert!(cache.is_empty());
    }

    #[test]
    fn full_is_said_and_passes() {
        let mut cache = ReplayCache::new(2);
        assert_eq!(cache.check(Timestamp(0), &proof(1, "a", 100)), Ok(()));
        assert_eq!(cache.check(Timestamp(0), &proof(1, "b", 200)), Ok(()));
        assert_eq!(cache.check(Timestamp(0), &proof(1, "c", 200)), Err(Replay::Full));
        assert_eq!(cache.check(Timestamp(0), &proof(1, "a", 100)), Err(Replay::Seen));
        assert_eq!(cache.check(Timestamp(100), &proof(1, "c", 200)), Ok(()));
        assert_eq!(cache.len(), 2);
    }

    proptest! {
        // No live proof is ever taken twice, and the count is what is remembered.
        #[test]
        fn never_twice(steps in proptest::collection::vec((0_u64..50, 0_u8..8), 1..100)) {
            let mut cache = ReplayCache::new(6);
            let (mut now, mut taken) = (0, BTreeMap::new());
            for (step, jti) in steps {
                now += step / 10;
                let proof = proof(1, &jti.to_string(), now / 20 * 20 + 40);
                taken.retain(|_, expires: &mut Timestamp| expires.0 > now);
                let result = cache.check(Timestamp(now), &proof);
                let seen = taken.contains_key(&jti);
                prop_assert_eq!(result == Err(Replay::Seen), seen);
                prop_assert_eq!(result == Err(Replay::Full), !seen && taken.len() == 6);
                if result.is_ok() {
                    taken.insert(jti, proof.expires);
                }
                prop_assert_eq!(cache.len(), taken.len());
            }
        }
    }
}
