//! Time and randomness, which the domain takes as arguments and its callers from here.

use crate::Timestamp;

/// Tells the time of day.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Makes random bytes fit for keys.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the whole slice. An operating system that cannot give randomness is no
    /// place to go on: implementations end the process then.
    fn fill(&self, out: &mut [u8]);
}

impl dyn Entropy {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}
