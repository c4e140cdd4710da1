//! Back-off gates: an entity that crashed is not started again at once.
//!
//! Crashes are counted per entity; each doubles the time for which commands are turned
//! away. Nothing is restarted eagerly: the next command after that starts the entity.

use std::collections::HashMap;
use std::time::Duration;
use symbolon_domain::Id;
use tokio::time::Instant;

/// How long a gate stays shut after the first crash.
const FIRST: Duration = Duration::from_millis(100);
/// How long it stays shut at the most.
const LONGEST: Duration = Duration::from_secs(60);
/// After this long without a crash the crashes are forgotten.
const MEMORY: Duration = Duration::from_secs(600);
/// Most gates of one shard of the directory.
const GATES_MAX: usize = 1_024;

/// The gates of one shard.
#[derive(Default)]
pub(crate) struct Gates {
    gates: HashMap<Id, Gate>,
}

struct Gate {
    crashes: u32,
    opens: Instant,
    forgotten: Instant,
}

impl Gates {
    /// For how long commands to the entity are turned away.
    pub(crate) fn shut_for(&mut self, id: Id, now: Instant) -> Option<Duration> {
        if self.gates.is_empty() {
            return None;
        }
        let gate = self.gates.get(&id)?;
        if gate.forgotten <= now {
            self.gates.remove(&id);
            return None;
        }
        Some(gate.opens.saturating_duration_since(now)).filter(|shut| !shut.is_zero())
    }

    /// The entity crashed. How often it has by now.
    pub(crate) fn count_crash(&mut self, id: Id, now: Instant) -> u32 {
        if self.gates.len() >= GATES_MAX && !self.gates.contains_key(&id) {
            self.gates.retain(|_, gate| gate.forgotten > now);
            let oldest = self.gates.iter().min_by_key(|(_, gate)| gate.forgotten);
            if let Some(oldest) = oldest.map(|(id, _)| *id)
                && self.gates.len() >= GATES_MAX
            {
                self.gates.remove(&oldest);
            }
        }
        let gate = self.gates.entry(id).or_insert(Gate { crashes: 0, opens: now, forgotten: now });
        if gate.forgotten <= now {
            gate.crashes = 0;
        }
        let shut = FIRST.saturating_mul(1 << gate.crashes.min(16)).min(LONGEST);
        gate.crashes += 1;
        gate.opens = now + shut;
        gate.forgotten = now + MEMORY;
        gate.crashes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::Kind;

    fn id(number: u128) -> Id {
        Id::new(Kind::Session, "eu1".parse().unwrap(), number.to_be_bytes())
    }

    #[tokio::test(start_paused = true)]
    async fn doubles_and_forgets() {
        let mut gates = Gates::default();
        let now = Instant::now();
        assert_eq!(gates.shut_for(id(1), now), None);
        assert_eq!(gates.count_crash(id(1), now), 1);
        assert_eq!(gates.shut_for(id(1), now), Some(FIRST));
        assert_eq!(gates.shut_for(id(2), now), None, "another's crash is no concern");
        assert_eq!(gates.shut_for(id(1), now + FIRST), None);
        assert_eq!(gates.count_crash(id(1), now + FIRST), 2);
        assert_eq!(gates.shut_for(id(1), now + FIRST), Some(FIRST * 2));
        for _ in 0..40 {
            gates.count_crash(id(1), now);
        }
        assert_eq!(gates.shut_for(id(1), now), Some(LONGEST));
        assert_eq!(gates.count_crash(id(1), now + MEMORY), 1);
        assert_eq!(gates.shut_for(id(1), now + MEMORY * 2), None);
        assert!(gates.gates.is_empty(), "what is forgotten takes no place");
    }

    #[tokio::test(start_paused = true)]
    async fn are_bounded() {
        let mut gates = Gates::default();
        for number in 0..3 * GATES_MAX as u128 {
            gates.count_crash(id(number), Instant::now());
        }
        assert_eq!(gates.gates.len(), GATES_MAX);
    }
}
