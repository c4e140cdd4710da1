//! A shell alone with its world.

use crate::fixtures::{START, id};
use crate::world::World;
use symbolon_actors::shell::{Input, Load, Output, Shell};
use symbolon_domain::port::{Batch, Call, Outcome};
use symbolon_domain::{Id, Kind, Timestamp};

/// A shell with its world: loads are answered at once, everything else is kept.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) shell: Shell<u64>,
    pub(crate) now: Timestamp,
    pub(crate) loads: Vec<Load>,
    pub(crate) commits: Vec<Batch>,
    pub(crate) replies: Vec<(u64, Outcome)>,
    pub(crate) rest: Vec<Output<u64>>,
}

impl Bench {
    pub(crate) fn new(world: World) -> Self {
        Self::of(id(Kind::Session, 1), 4, world)
    }

    pub(crate) fn of(entity: Id, queue_max: usize, world: World) -> Self {
        let shell = Shell::new(entity, queue_max);
        let (loads, commits, replies, rest) = Default::default();
        Self { world, shell, now: START, loads, commits, replies, rest }
    }

    pub(crate) fn ask(&mut self, ticket: u64, call: Call) {
        self.tell(Input::Command(Box::new(call), ticket));
    }

    pub(crate) fn tell(&mut self, input: Input<u64>) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in self.shell.handle(self.now, input) {
                match output {
                    Output::Load(load) => {
                        inputs.push(Input::Loaded(load.number, Ok(self.world.load(&load))));
                        self.loads.push(load);
                    }
                    Output::Commit(batch) => self.commits.push(batch),
                    Output::Reply(ticket, outcome) => self.replies.push((ticket, outcome)),
                    other => self.rest.push(other),
                }
            }
        }
    }

    /// Commits the last batch for good.
    pub(crate) fn commit(&mut self) {
        let batch = self.commits.last().unwrap().clone();
        match self.world.commit(&batch) {
            Ok(()) => self.tell(Input::Committed),
            Err(precondition) => self.tell(Input::Refused(precondition)),
        }
    }

    pub(crate) fn tickets(&self) -> Vec<u64> {
        self.replies.iter().map(|(ticket, _)| *ticket).collect()
    }
}
