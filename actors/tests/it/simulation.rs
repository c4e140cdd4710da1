//! Random interleavings of commands, refusals, unknown results, faults and crashes,
//! chosen by a seed: whatever happens, it is as if the commands had come one by one.

use super::fixtures::{
    START, call, describe, device_id, front_end_id, id, institution_id, open, push, run_alone,
    world,
};
use super::world::World;
use std::collections::{BTreeMap, BTreeSet};
use symbolon_actors::shell::{Answers, Hint, Input, Load, Output, Shell};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::institution::{self, InstitutionState};
use symbolon_domain::entity::session::{self, EndReason, Session, SessionStage};
use symbolon_domain::entity::{Command, FromHead, Reply};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{Batch, BatchId, Call, Fault, Keep, Outcome, Principal, StoreFault};
use symbolon_domain::{Id, Kind, Rejection, Timestamp};

/// SplitMix64: small, good enough, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// What is under way between a shell and the store.
enum Event {
    Load(Load),
    Loaded(u32, Result<Answers, StoreFault>),
    Commit(Batch),
    Done(Input<usize>),
    Settle(BatchId),
    Forget,
}

struct Simulation {
    random: Random,
    /// Crashes, lost hints and leaps of time too.
    wild: bool,
    world: World,
    now: Timestamp,
    shells: BTreeMap<Id, (u32, Shell<usize>)>,
    events: Vec<(Id, u32, Event)>,
    timers: BTreeSet<(Timestamp, Id, u32)>,
    calls: Vec<Call>,
    outcomes: BTreeMap<usize, Outcome>,
    /// Calls whose shell crashed.
    lost: BTreeSet<usize>,
    /// Which calls wait at which activation.
    waiting: BTreeMap<usize, (Id, u32)>,
    /// Answered calls in the order of their commits, with the time.
    history: Vec<(u64, usize, Timestamp)>,
    applied_at: BTreeMap<Id, u64>,
    activations: u32,
    most_in_a_group: usize,
    refusals: usize,
}

impl Simulation {
    fn new(seed: u64, wild: bool) -> Self {
        Self {
            random: Random(seed),
            wild,
            world: world(),
            now: START,
            shells: BTreeMap::new(),
            events: Vec::new(),
            timers: BTreeSet::new(),
            calls: Vec::new(),
            outcomes: BTreeMap::new(),
            lost: BTreeSet::new(),
            waiting: BTreeMap::new(),
            history: Vec::new(),
            applied_at: BTreeMap::new(),
            activations: 0,
            most_in_a_group: 0,
            refusals: 0,
        }
    }

    fn run(&mut self, commands: usize) {
        while self.calls.len() < commands || !self.events.is_empty() || !self.waiting.is_empty() {
            let more = self.calls.len() < commands;
            if more && (self.events.is_empty() || self.random.percent(40)) {
                self.ask();
            } else if !self.events.is_empty() {
                let place = self.random.below(self.events.len());
                let (id, activation, event) = self.events.swap_remove(place);
                self.carry_out(id, activation, event);
            } else {
                self.pass_time();
            }
            if self.wild && self.random.percent(1) {
                self.crash();
            }
        }
    }

    /// A random command to a random entity.
    fn ask(&mut self) {
        let number = u8::try_from(self.random.below(4)).unwrap() + 1;
        let target = id(Kind::Session, number);
        let front_end = Principal::FrontEnd(front_end_id(1 + number % 2));
        let bank = Principal::Institution(institution_id());
        let device = u8::try_from(self.random.below(3)).unwrap() + 1;
        let device = Principal::Device(device_id(device));
        let operator = Principal::Operator("op".into());
        let judged = [InstitutionState::Suspended, InstitutionState::Approved];
        let mut keep = None;
        let (principal, target, command): (_, _, Command) = match self.random.below(20) {
            0..=2 => (bank, target, push().into()),
            3 => {
                keep = Some(Keep {
                    scope: Digest([number; 32]),
                    body_hash: Digest([0; 32]),
                    ttl_seconds: 3_600,
                    sealed_answer: None,
                });
                (bank, target, push().into())
            }
            4..=6 => (front_end, target, open().into()),
            7..=10 => (device, target, session::Command::Claim { number: 42 }.into()),
            11..=12 => (front_end, target, session::Command::Confirm { number: 42 }.into()),
            13 => (front_end, target, session::Command::Confirm { number: 41 }.into()),
            14 => (device, target, session::Command::Deny.into()),
            15 => (bank, target, session::Command::Cancel.into()),
            16 => (bank, target, session::Command::Look.into()),
            17 => {
                let name = ["one.example", "two.example"][self.random.below(2)];
                (Principal::Anyone, id(Kind::Institution, 10 + number), describe(name).into())
            }
            _ => {
                let judged = judged[self.random.below(2)];
                (operator, institution_id(), institution::Command::Judge(judged).into())
            }
        };
        let ticket = self.calls.len();
        let call = Call { keep, ..call(ticket as u64, principal, target, command) };
        self.calls.push(call.clone());
        let activation = self.activation(target);
        self.waiting.insert(ticket, (target, activation));
        self.tell(target, activation, Input::Command(Box::new(call), ticket));
    }

    fn activation(&mut self, id: Id) -> u32 {
        self.activations += 1;
        let fresh = self.activations;
        self.shells.entry(id).or_insert_with(|| (fresh, Shell::new(id, 1_000))).0
    }

    fn tell(&mut self, id: Id, activation: u32, input: Input<usize>) {
        let committed = matches!(
            input,
            Input::Committed | Input::Settled(Ok(symbolon_domain::port::Settled::Applied))
        );
        let Some((current, shell)) = self.shells.get_mut(&id) else { return };
        if *current != activation {
            return;
        }
        let outputs = shell.handle(self.now, input);
        let mut answered = 0;
        for output in outputs {
            match output {
                Output::Load(load) => self.events.push((id, activation, Event::Load(load))),
                Output::Commit(batch) => self.events.push((id, activation, Event::Commit(batch))),
                Output::Settle(batch) => self.events.push((id, activation, Event::Settle(batch))),
                Output::Reply(ticket, outcome) => {
                    answered += 1;
                    self.waiting.remove(&ticket);
                    assert!(self.outcomes.insert(ticket, outcome).is_none(), "answered twice");
                    if committed {
                        self.history.push((self.applied_at[&id], ticket, self.now));
                    }
                }
                Output::Hint(Hint::Forget(other)) => {
                    if let Some((activation, _)) = self.shells.get(&other)
                        && !(self.wild && self.random.percent(30))
                    {
                        self.events.push((other, *activation, Event::Forget));
                    }
                }
                Output::Hint(Hint::Appended(_)) | Output::Passivate => {}
                Output::WakeAt(at) => {
                    self.timers.insert((at, id, activation));
                }
                Output::Crash(fault) => panic!("{fault}"),
            }
        }
        if committed {
            self.most_in_a_group = self.most_in_a_group.max(answered);
        }
    }

    fn carry_out(&mut self, id: Id, activation: u32, event: Event) {
        match event {
            Event::Load(load) => {
                let answers = if self.random.percent(3) {
                    Err(StoreFault::Busy)
                } else {
                    Ok(self.world.load(&load))
                };
                self.events.push((id, activation, Event::Loaded(load.number, answers)));
            }
            Event::Loaded(number, answers) => {
                self.tell(id, activation, Input::Loaded(number, answers));
            }
            Event::Commit(batch) => {
                let input = match self.random.below(20) {
                    0 => Input::Failed(StoreFault::Busy),
                    // Lost on the way there.
                    1 => Input::Unknown,
                    fate => match self.world.commit(&batch) {
                        // Lost on the way back.
                        Ok(()) | Err(_) if fate == 2 => Input::Unknown,
                        Ok(()) => Input::Committed,
                        Err(precondition) => {
                            self.refusals += 1;
                            Input::Refused(precondition)
                        }
                    },
                };
                self.applied_at.insert(id, self.world.commits);
                self.events.push((id, activation, Event::Done(input)));
            }
            Event::Done(input) => self.tell(id, activation, input),
            Event::Settle(batch) => {
                let settled = self.world.settle(batch);
                self.events.push((id, activation, Event::Done(Input::Settled(Ok(settled)))));
            }
            Event::Forget => self.tell(id, activation, Input::Forget),
        }
    }

    /// Nothing is under way: the next timer fires.
    fn pass_time(&mut self) {
        let timer = self.timers.pop_first();
        let (at, id, activation) = timer.expect("somebody waits for nothing");
        if self.wild || at <= START.after(std::time::Duration::from_secs(5)) {
            self.now = self.now.max(at);
        }
        self.activations += 1;
        let seed = Digest::of(&self.activations.to_be_bytes()).0;
        self.tell(id, activation, Input::Wake(seed));
    }

    fn crash(&mut self) {
        let place = self.random.below(self.shells.len().max(1));
        let Some((id, (activation, _))) = self.shells.iter().nth(place) else { return };
        let (id, activation) = (*id, *activation);
        self.shells.remove(&id);
        let lost = |waiting: &(Id, u32)| *waiting == (id, activation);
        self.lost.extend(self.waiting.iter().filter(|(_, w)| lost(w)).map(|(ticket, _)| *ticket));
        self.waiting.retain(|_, waiting| !lost(waiting));
        // What was on its way to the store may arrive all the same.
        self.events.retain(|(to, _, event)| *to != id || matches!(event, Event::Commit(_)));
    }

    /// The same commands one by one leave the same store behind.
    fn check_serial(&self) -> usize {
        let mut serial = world();
        let mut history = self.history.clone();
        history.sort_by_key(|(commit, _, _)| *commit);
        let mut replayed = 0;
        for (_, ticket, now) in history {
            let outcome = &self.outcomes[&ticket];
            // Those that changed nothing leave no trace to compare.
            if !matches!(outcome, Ok(Ok(_) | Err(Rejection::WrongNumber))) {
                continue;
            }
            let again = run_alone(&mut serial, now, self.calls[ticket].clone());
            assert_eq!(again.unwrap(), *outcome.as_ref().unwrap(), "{:?}", self.calls[ticket]);
            replayed += 1;
        }
        assert_eq!(serial.map, self.world.map);
        replayed
    }

    /// What may never happen, whatever went wrong.
    fn check_invariants(&self) {
        let mut claimed: BTreeMap<Id, Id> = BTreeMap::new();
        for (ticket, outcome) in &self.outcomes {
            let call = &self.calls[*ticket];
            let Ok(Ok(Reply::Session(answered))) = outcome else { continue };
            let stored = self.world.head(call.target).expect("an acknowledged session is there");
            let stored = Session::from_head(&stored.head).unwrap();
            assert!(rank(stored) >= rank(answered), "{answered:?} was forgotten: {stored:?}");
            if let Some(claim) = answered.claim {
                let first = *claimed.entry(call.target).or_insert(claim.device);
                assert_eq!(first, claim.device, "two devices claimed one session");
                assert_eq!(stored.claim.unwrap().device, first);
            }
        }
        for number in 1..=2 {
            let front_end = front_end_id(number);
            let row = self.world.map.get(&key::row(front_end, &Row::FrontEndSlot(0)));
            let holders: Vec<Id> = self
                .world
                .heads()
                .into_iter()
                .filter(|(_, stored)| {
                    Session::from_head(&stored.head)
                        .is_some_and(|s| s.front_end == Some(front_end) && s.end.is_none())
                })
                .map(|(id, _)| id)
                .collect();
            assert_eq!(row.cloned(), holders.first().map(|id| id.to_bytes().to_vec()));
            assert!(holders.len() <= 1, "a place was given twice");
        }
    }
}

fn rank(session: &Session) -> u8 {
    match (session.stage, session.end) {
        (SessionStage::Pushed, _) => 0,
        (SessionStage::Open, _) => 1,
        (SessionStage::Claimed, _) => 2,
        (SessionStage::Confirmed, _) => 3,
        (SessionStage::Ended, None | Some(EndReason::Expired)) => 4,
        (SessionStage::Ended, Some(_)) => 4,
    }
}

fn seeds() -> std::ops::Range<u64> {
    let count = std::env::var("SYMBOLON_SEEDS").ok().and_then(|text| text.parse().ok());
    0..count.unwrap_or(150)
}

#[test]
fn as_if_one_by_one() {
    let (mut replayed, mut grouped, mut refusals) = (0, 0, 0);
    for seed in seeds() {
        let mut simulation = Simulation::new(seed, false);
        simulation.run(120);
        simulation.check_invariants();
        check_world(&simulation);
        assert_eq!(simulation.outcomes.len(), 120, "seed {seed}");
        replayed += simulation.check_serial();
        grouped = grouped.max(simulation.most_in_a_group);
        refusals += simulation.refusals;
    }
    // The runs did meet what they are for.
    assert!(replayed > 1_000 && grouped >= 3 && refusals > 50, "{replayed} {grouped} {refusals}");
}

#[test]
fn crashes_lose_nothing_acknowledged() {
    let mut lost = 0;
    for seed in seeds() {
        let mut simulation = Simulation::new(seed, true);
        simulation.run(120);
        simulation.check_invariants();
        check_world(&simulation);
        assert_eq!(simulation.outcomes.len() + simulation.lost.len(), 120, "seed {seed}");
        lost += simulation.lost.len();
        let contended = |outcome: &&Outcome| matches!(outcome, Err(Fault::Contended));
        assert_eq!(simulation.outcomes.values().filter(contended).count(), 0, "seed {seed}");
    }
    assert!(lost > 20, "{lost}");
}

fn check_world(simulation: &Simulation) {
    // Kept answers have due rows of their own.
    let mut world = simulation.world.clone();
    world.map.retain(|key, _| key::due_kept_scope(key).is_none());
    world.check_indexes();
    let names = |name: &str| {
        world
            .heads()
            .iter()
            .filter(|(_, stored)| {
                institution::Institution::from_head(&stored.head)
                    .is_some_and(|institution| institution.description.dns_name == name)
            })
            .count()
    };
    assert!(names("one.example") <= 1 && names("two.example") <= 1, "a unique name twice");
}
