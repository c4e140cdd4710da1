//! The system's clock and randomness.

use std::time::{SystemTime, UNIX_EPOCH};
use symbolon_domain::Timestamp;
use symbolon_domain::port::{Clock, Entropy};

/// The operating system's time of day.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        if let Err(error) = getrandom::fill(out) {
            // Keys made of anything else would be worse than no node.
            tracing::error!(%error, "the operating system gives no randomness; ending");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_randomness() {
        assert!(SystemClock.now() > Timestamp::from_seconds(1_700_000_000));
        let entropy: &dyn Entropy = &SystemEntropy;
        assert_ne!(entropy.bytes::<32>(), entropy.bytes::<32>());
    }
}
