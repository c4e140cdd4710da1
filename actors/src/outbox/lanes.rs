//! The outbox in memory: one lane for each target, each in order, all bounded. What finds
//! no place is passed by and read again later; nothing is lost, as the store keeps it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;
use symbolon_domain::Id;
use symbolon_domain::entity::Effect;
use tokio::time::Instant;

/// Most entries in memory.
const ENTRIES_MAX: usize = 4_096;
/// Most entries of one target in memory.
const LANE_MAX: usize = 16;
/// Pause after the first failure; doubled with each.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long after something was passed by reading starts over, at the earliest.
const START_OVER_AFTER: Duration = Duration::from_secs(1);

/// An effect with its key in the queue.
pub(super) struct Entry {
    pub(super) key: Vec<u8>,
    pub(super) effect: Effect,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Target {
    Entity(Id),
    Blob(String),
}

impl Entry {
    fn target(&self) -> Target {
        match &self.effect {
            Effect::Tell { target, .. } => Target::Entity(*target),
            Effect::DeleteBlob { name } => Target::Blob(name.clone()),
        }
    }
}

#[derive(Default)]
struct Lane {
    entries: VecDeque<Entry>,
    running: bool,
    failures: u32,
    not_before: Option<Instant>,
    /// Later entries of the target were passed by: none may overtake them.
    cut: bool,
}

/// The lanes.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: HashMap<Target, Lane>,
    /// Those with something to do, in the order of asking.
    ready: VecDeque<Target>,
    known: HashSet<Vec<u8>>,
    passed_by: Option<Instant>,
}

impl Lanes {
    /// Entries in memory.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is no place for more.
    pub(super) fn is_full(&self) -> bool {
        self.len() >= ENTRIES_MAX
    }

    /// Takes an entry in; entries come in the order of the queue.
    pub(super) fn add(&mut self, entry: Entry) {
        if self.known.contains(&entry.key) {
            return;
        }
        let target = entry.target();
        let full = self.is_full();
        let lane = self.lanes.entry(target.clone()).or_default();
        if full || lane.cut || lane.entries.len() >= LANE_MAX {
            lane.cut = true;
            self.passed_by.get_or_insert_with(Instant::now);
            return;
        }
        self.known.insert(entry.key.clone());
        if lane.entries.is_empty() && !lane.running {
            self.ready.push_back(target);
        }
        lane.entries.push_back(entry);
    }

    /// The next entry to attempt: the first of a lane that nothing holds up.
    pub(super) fn next(&mut self, now: Instant) -> Option<Entry> {
        for _ in 0..self.ready.len() {
            let target = self.ready.pop_front()?;
            let Some(lane) = self.lanes.get_mut(&target) else { continue };
            if lane.not_before.is_some_and(|at| at > now) {
                self.ready.push_back(target);
                continue;
            }
            if let Some(entry) = lane.entries.pop_front() {
                lane.running = true;
                return Some(entry);
            }
        }
        None
    }

    /// When the next attempt is due that has to wait.
    pub(super) fn next_attempt(&self) -> Option<Instant> {
        let waiting = self.ready.iter().filter_map(|target| self.lanes.get(target)?.not_before);
        // While there is no place, nothing can be read: what is done makes some.
        let passed_by = self.passed_by.filter(|_| !self.is_full());
        let over = passed_by.map(|since| since + START_OVER_AFTER);
        waiting.chain(over).min()
    }

    /// The entry is done with.
    pub(super) fn done(&mut self, entry: &Entry) {
        self.known.remove(&entry.key);
        let target = entry.target();
        let Some(lane) = self.lanes.get_mut(&target) else { return };
        lane.running = false;
        lane.failures = 0;
        lane.not_before = None;
        if !lane.entries.is_empty() {
            self.ready.push_back(target);
        } else if !lane.cut {
            self.lanes.remove(&target);
        }
    }

    /// The entry is attempted again, and nothing after it before it.
    pub(super) fn failed(&mut self, entry: Entry, now: Instant) {
        let target = entry.target();
        let lane = self.lanes.entry(target.clone()).or_default();
        lane.running = false;
        let pause = FIRST_PAUSE.saturating_mul(1 << lane.failures.min(16)).min(LONGEST_PAUSE);
        lane.failures += 1;
        lane.not_before = Some(now + pause);
        lane.entries.push_front(entry);
        self.ready.push_back(target);
    }

    /// Whether something was passed by and it is time to read from the start.
    pub(super) fn is_behind(&mut self, now: Instant) -> bool {
        let over = self.passed_by.is_some_and(|since| since + START_OVER_AFTER <= now);
        if over && !self.is_full() {
            self.passed_by = None;
            self.lanes.values_mut().for_each(|lane| lane.cut = false);
            self.lanes.retain(|_, lane| lane.running || !lane.entries.is_empty());
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::Kind;
    use symbolon_domain::entity::Command;

    fn entry(target: u8, number: u16) -> Entry {
        let target = Id::new(Kind::Session, "eu1".parse().unwrap(), [target; 16]);
        let effect = Effect::Tell { target, command: Box::new(Command::Due) };
        Entry { key: number.to_be_bytes().to_vec(), effect }
    }

    fn number(entry: &Entry) -> u16 {
        u16::from_be_bytes(entry.key[..].try_into().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_failing_target_holds_up_no_other_and_keeps_its_order() {
        let mut lanes = Lanes::default();
        for (target, number) in [(1, 1), (2, 2), (1, 3)] {
            lanes.add(entry(target, number));
            lanes.add(entry(target, number));
        }
        let now = Instant::now();
        let first = lanes.next(now).unwrap();
        assert_eq!(number(&first), 1);
        let second = lanes.next(now).unwrap();
        assert_eq!(number(&second), 2);
        assert!(lanes.next(now).is_none(), "the first target is at work");
        lanes.failed(first, now);
        lanes.done(&second);
        assert!(lanes.next(now).is_none(), "not at once");
        assert_eq!(lanes.next_attempt(), Some(now + FIRST_PAUSE));
        let again = lanes.next(now + FIRST_PAUSE).unwrap();
        assert_eq!(number(&again), 1);
        lanes.done(&again);
        let third = lanes.next(now).unwrap();
        assert_eq!(number(&third), 3);
        lanes.done(&third);
        assert_eq!(lanes.len(), 0);
        assert!(lanes.lanes.is_empty() && lanes.ready.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_finds_no_place_is_read_again() {
        let mut lanes = Lanes::default();
        let all = 0..40;
        all.clone().for_each(|number| lanes.add(entry(1, number)));
        assert_eq!(lanes.len(), LANE_MAX);
        let mut order = Vec::new();
        for _ in 0..3 {
            while let Some(entry) = lanes.next(Instant::now()) {
                order.push(number(&entry));
                lanes.done(&entry);
                // One that comes later may not overtake those that were passed by.
                if order.len() == 5 {
                    lanes.add(super::tests::entry(1, 100));
                }
            }
            assert!(!lanes.is_behind(Instant::now()), "not at once");
            tokio::time::advance(START_OVER_AFTER).await;
            assert_eq!(lanes.is_behind(Instant::now()), order.len() < 40);
            let left = all.clone().filter(|number| !order.contains(number));
            left.for_each(|number| lanes.add(entry(1, number)));
        }
        assert_eq!(order, all.collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn who_ran_dry_is_not_overtaken_and_then_takes_no_place() {
        let mut lanes = Lanes::default();
        let many = u16::try_from(LANE_MAX).unwrap();
        // The last one finds no place.
        (0..=many).for_each(|number| lanes.add(entry(1, number)));
        while let Some(entry) = lanes.next(Instant::now()) {
            lanes.done(&entry);
        }
        lanes.add(entry(1, many + 1));
        assert_eq!(lanes.len(), 0, "the one that was passed by comes first");
        tokio::time::advance(START_OVER_AFTER).await;
        assert!(lanes.is_behind(Instant::now()));
        assert!(lanes.lanes.is_empty(), "what is empty goes");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_to_a_bound_and_begin_anew() {
        let mut lanes = Lanes::default();
        (1..=2).for_each(|number| lanes.add(entry(1, number)));
        let mut now = Instant::now();
        for failures in 0..12 {
            let tried = lanes.next(now).unwrap();
            lanes.failed(tried, now);
            let pause = FIRST_PAUSE.saturating_mul(1 << failures).min(LONGEST_PAUSE);
            assert_eq!(lanes.next_attempt(), Some(now + pause));
            now += pause;
        }
        let first = lanes.next(now).unwrap();
        lanes.done(&first);
        let second = lanes.next(now).unwrap();
        lanes.failed(second, now);
        assert_eq!(lanes.next_attempt(), Some(now + FIRST_PAUSE));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_the_bound_waits_until_there_is_a_place() {
        let mut lanes = Lanes::default();
        let blob = |number: usize| {
            let effect = Effect::DeleteBlob { name: number.to_string() };
            Entry { key: number.to_be_bytes().to_vec(), effect }
        };
        (0..=ENTRIES_MAX).for_each(|number| lanes.add(blob(number)));
        assert_eq!(lanes.len(), ENTRIES_MAX);
        let now = Instant::now() + START_OVER_AFTER;
        assert!(!lanes.is_behind(now) && lanes.next_attempt().is_none(), "there is no place");
        let first = lanes.next(now).unwrap();
        lanes.done(&first);
        assert!(lanes.next_attempt().is_some() && lanes.is_behind(now));
        lanes.add(blob(ENTRIES_MAX));
        assert_eq!(lanes.len(), ENTRIES_MAX);
    }
}
