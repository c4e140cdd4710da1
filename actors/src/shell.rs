//! The shell: the state machine around one live entity, without I/O.
//!
//! Commands come in, loads and commits go out, and no answer leaves before what it rests
//! on is durable. While a commit is in flight, commands that arrive are decided in turn
//! on the state as it evolves and become one next batch. A refused batch is decided
//! again, command by command, at most [`ATTEMPTS_MAX`] times.
//!
//! Whoever drives it (an actor, the simulation) carries every [`Output`] out and brings
//! the result back as an [`Input`]; `T` is whatever finds the way back to the caller.

mod draft;
mod group;
mod message;
mod result;
mod view;
mod work;

use draft::{Basis, Draft};
use group::{Flight, Group, Member};
pub use message::{Answers, Hint, Input, Load, Output};
use std::collections::VecDeque;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::{Command, Decision, Reply, Stored};
use symbolon_domain::port::{
    BATCH_BYTES_MAX, BatchId, Call, Fault, Outcome, Principal, Settled, StoreFault,
};
use symbolon_domain::{Id, Rejection, Timestamp};
use view::{Overlay, View};
use work::{Step, Work};

/// Most commands in one batch.
pub const GROUP_COMMANDS_MAX: usize = 64;
/// Most bytes of one batch of several commands.
pub const GROUP_BYTES_MAX: usize = 256 * 1_024;
/// How often a command is decided before the caller is told that the data keeps changing.
pub const ATTEMPTS_MAX: u8 = 5;
/// A live entity minds its own deadline when it is this near; the sweeper wakes the rest.
pub const NEAR_DEADLINE: Duration = Duration::from_secs(60);
/// When a caller turned away may try again.
pub const RETRY_AFTER_MS: u64 = 200;

/// A command that waits for its answer.
#[derive(Debug)]
struct Asked<T> {
    call: Box<Call>,
    /// None for what the shell asks itself.
    ticket: Option<T>,
    /// Counts the decisions, from 1.
    attempt: u8,
    /// It goes into a batch of its own.
    alone: bool,
    /// It is not decided again before this.
    not_before: Timestamp,
}

/// The state machine around one entity.
#[derive(Debug)]
pub struct Shell<T> {
    id: Id,
    queue_max: usize,
    /// The head as last known to be stored; `None` until it is loaded.
    head: Option<Option<Stored>>,
    queue: VecDeque<Asked<T>>,
    work: Option<Box<Work<T>>>,
    group: Option<Box<Group<T>>>,
    flight: Option<Box<Flight<T>>>,
    /// The next command did not fit into the group: it waits until the group has left.
    hold: bool,
    /// The copy of the head is dropped once nothing rests on it.
    forget: bool,
    stopping: bool,
    loads: u32,
    /// The wake-up asked for to go on with something.
    timer: Option<Timestamp>,
    /// The deadline of the entity that a wake-up was asked for.
    armed: Option<Timestamp>,
}

impl<T> Shell<T> {
    /// The shell of an entity of which nothing is loaded yet. At most `queue_max` commands
    /// wait in it.
    #[must_use]
    pub fn new(id: Id, queue_max: usize) -> Self {
        Self {
            id,
            queue_max,
            head: None,
            queue: VecDeque::new(),
            work: None,
            group: None,
            flight: None,
            hold: false,
            forget: false,
            stopping: false,
            loads: 0,
            timer: None,
            armed: None,
        }
    }

    /// Takes one input in and says what is to be done.
    pub fn handle(&mut self, now: Timestamp, input: Input<T>) -> Vec<Output<T>> {
        let mut out = Vec::new();
        let mut fresh = None;
        let idle = matches!(input, Input::Idle);
        match input {
            Input::Command(call, ticket) => fresh = self.accept(call, ticket, &mut out),
            Input::Loaded(number, answers) => self.loaded(number, answers, &mut out),
            Input::Committed => self.committed(&mut out),
            Input::Refused(precondition) => self.refused(now, Some(precondition), &mut out),
            Input::Unknown => self.settle(&mut out),
            Input::Settled(Ok(Settled::Applied)) => self.committed(&mut out),
            Input::Settled(Ok(Settled::Void)) => self.refused(now, None, &mut out),
            Input::Settled(Err(fault)) => self.unsettled(now, &fault, &mut out),
            Input::Failed(fault) => self.failed(&fault, &mut out),
            Input::Wake(seed) => fresh = self.wake(now, seed, &mut out),
            Input::Forget => self.forget = true,
            Input::Idle => {}
            Input::Stop => self.stopping = true,
        }
        self.advance(now, fresh, &mut out);
        self.rest(now, idle, &mut out);
        out
    }

    fn accept(&mut self, call: Box<Call>, ticket: T, out: &mut Vec<Output<T>>) -> Option<Asked<T>> {
        let fault = match (self.stopping, self.queue.len() >= self.queue_max) {
            (true, _) => Fault::Stopping,
            (false, true) => Fault::Busy { retry_after_ms: RETRY_AFTER_MS },
            (false, false) => return Some(Asked::new(call, Some(ticket))),
        };
        out.push(Output::Reply(ticket, Err(fault)));
        None
    }

    fn wake(
        &mut self,
        now: Timestamp,
        seed: [u8; 32],
        out: &mut Vec<Output<T>>,
    ) -> Option<Asked<T>> {
        if self.timer.is_some_and(|timer| timer <= now) {
            self.timer = None;
        }
        if self.flight.as_ref().is_some_and(|flight| flight.settle_at.is_some_and(|at| at <= now)) {
            self.settle(out);
        }
        let head = self.head.as_ref().and_then(Option::as_ref);
        let deadline = head.and_then(|stored| stored.head.next_deadline());
        if self.stopping || self.armed.is_none() || deadline.is_none_or(|deadline| deadline > now) {
            return None;
        }
        let call = Call {
            principal: Principal::System,
            deadline: now.after(NEAR_DEADLINE),
            request_id: [0; 16],
            seed,
            trace: None,
            target: self.id,
            command: Command::Due,
            keep: None,
        };
        Some(Asked::new(Box::new(call), None))
    }

    /// Whether nothing is on its way to the store.
    fn is_quiet(&self) -> bool {
        self.flight.is_none() && self.group.is_none()
    }

    /// Decides what can be decided and sends what can be sent.
    fn advance(&mut self, now: Timestamp, mut fresh: Option<Asked<T>>, out: &mut Vec<Output<T>>) {
        if !self.queue.is_empty() || self.work.is_some() {
            self.queue.extend(fresh.take());
        }
        loop {
            if self.flight.is_none()
                && let Some(group) = self.group.take()
            {
                self.launch(*group, out);
            }
            if self.forget && self.is_quiet() {
                self.forget = false;
                self.head = None;
            }
            let Some(work) = self.next(now, &mut fresh, out) else { break };
            self.run(now, work, out);
        }
        self.queue.extend(fresh);
    }

    fn launch(&mut self, group: Group<T>, out: &mut Vec<Output<T>>) {
        self.hold = false;
        let name = group
            .members
            .first()
            .map(|first| Digest::lp("batch", &[&first.asked.call.seed, &[first.asked.attempt]]));
        let mut id = [0; 16];
        id.copy_from_slice(name.unwrap_or(Digest([0; 32])).0.split_at(16).0);
        let (flight, batch) = group.launch(self.id, BatchId(id));
        self.flight = Some(Box::new(flight));
        out.push(Output::Commit(batch));
    }

    /// What can be decided next.
    fn next(
        &mut self,
        now: Timestamp,
        fresh: &mut Option<Asked<T>>,
        out: &mut Vec<Output<T>>,
    ) -> Option<Work<T>> {
        if let Some(work) = &self.work {
            let waits = work.waits_for.is_some() || (work.waits_for_quiet && !self.is_quiet());
            return if waits { None } else { self.work.take().map(|work| *work) };
        }
        loop {
            let asked = self.queue.front().or(fresh.as_ref())?;
            if asked.not_before > now {
                let at = asked.not_before;
                self.wake_at(at, out);
                return None;
            }
            let full = self.group.as_ref().is_some_and(|group| group.is_full());
            if self.hold || full || (asked.alone && !self.is_quiet()) {
                return None;
            }
            let asked = self.queue.pop_front().or_else(|| fresh.take())?;
            if asked.call.deadline >= now {
                return Some(Work::new(asked));
            }
            reply(asked, Err(Fault::Deadline), out);
        }
    }

    fn run(&mut self, now: Timestamp, mut work: Work<T>, out: &mut Vec<Output<T>>) {
        work.waits_for_quiet = false;
        let overlays: [Option<&Overlay>; 2] = [
            self.group.as_ref().map(|group| &group.overlay),
            self.flight.as_ref().map(|flight| &flight.overlay),
        ];
        let view = View { layers: overlays, own: self.head.as_ref(), id: self.id };
        match work.step(now, view) {
            Step::Load(load) => {
                self.loads = self.loads.wrapping_add(1);
                work.waits_for = Some(self.loads);
                self.work = Some(Box::new(work));
                out.push(Output::Load(Load { number: self.loads, ..load }));
            }
            Step::Quiet => {
                work.waits_for_quiet = true;
                self.work = Some(Box::new(work));
            }
            Step::Answered(answer) => self.answer(work.asked, answer, out),
            Step::Fault(fault) => reply(work.asked, Err(fault), out),
            Step::Decided(decision) => self.adopt(now, work, *decision, out),
        }
    }

    /// Gives an answer that changes nothing: at once, or with the commit that it may rest on.
    fn answer(
        &mut self,
        asked: Asked<T>,
        answer: Result<Reply, Rejection>,
        out: &mut Vec<Output<T>>,
    ) {
        let members = match (&mut self.group, &mut self.flight) {
            (Some(group), _) => &mut group.members,
            (None, Some(flight)) => &mut flight.members,
            (None, None) => return reply(asked, Ok(answer), out),
        };
        members.push(Member { asked, answer, commits: false });
    }

    /// Takes a decision into the group.
    fn adopt(
        &mut self,
        now: Timestamp,
        work: Work<T>,
        decision: Decision,
        out: &mut Vec<Output<T>>,
    ) {
        if !decision.commits() && decision.relied.is_empty() && decision.conditions.is_empty() {
            return self.answer(work.asked, decision.reply, out);
        }
        let overlays = [
            self.group.as_ref().map(|group| &group.overlay),
            self.flight.as_ref().map(|flight| &flight.overlay),
        ];
        let view = View { layers: overlays, own: self.head.as_ref(), id: self.id };
        let basis = Basis {
            id: self.id,
            own: view.head(self.id).unwrap_or(&None),
            loaded: &work.loaded,
            keep: work.asked.call.keep.as_ref(),
            earlier: &work.earlier,
            now,
        };
        let (draft, answer) = match Draft::new(decision, &basis) {
            Ok(draft) if draft.0.size_bytes() <= BATCH_BYTES_MAX => draft,
            Ok(_) => {
                let fault = StoreFault::TooLarge("a batch");
                return reply(work.asked, Err(fault.into()), out);
            }
            Err(fault) => return reply(work.asked, Err(fault.into()), out),
        };
        let group = self.group.get_or_insert_default();
        if group.fits(&draft) {
            group.add(draft, Member { asked: work.asked, answer, commits: true });
        } else {
            // Decided again when the group has left: it will have changed what this saw.
            self.hold = true;
            self.queue.push_front(work.asked);
        }
    }

    fn wake_at(&mut self, at: Timestamp, out: &mut Vec<Output<T>>) {
        if self.timer.is_none_or(|timer| timer > at) {
            self.timer = Some(at);
            out.push(Output::WakeAt(at));
        }
    }

    /// Minds the deadline, and says when nothing keeps the entity in memory.
    fn rest(&mut self, now: Timestamp, idle: bool, out: &mut Vec<Output<T>>) {
        if !self.is_quiet() || self.work.is_some() || !self.queue.is_empty() {
            return;
        }
        self.queue = VecDeque::new();
        let head = self.head.as_ref().map(Option::as_ref);
        let deadline = head.flatten().and_then(|stored| stored.head.next_deadline());
        let near = deadline.filter(|deadline| *deadline <= now.after(NEAR_DEADLINE));
        if let Some(near) = near
            && self.armed != deadline
            && !self.stopping
        {
            self.armed = Some(near);
            out.push(Output::WakeAt(near));
        }
        let absent = matches!(head, Some(None));
        let awaits = near.is_some_and(|near| near > now);
        if self.stopping || absent || (idle && !awaits) {
            out.push(Output::Passivate);
        }
    }
}

impl<T> Asked<T> {
    fn new(call: Box<Call>, ticket: Option<T>) -> Self {
        Self { call, ticket, attempt: 1, alone: false, not_before: Timestamp(0) }
    }
}

fn reply<T>(asked: Asked<T>, outcome: Outcome, out: &mut Vec<Output<T>>) {
    if let Some(ticket) = asked.ticket {
        out.push(Output::Reply(ticket, outcome));
    }
}
