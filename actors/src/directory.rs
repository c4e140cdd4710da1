//! The directory: which entities live here, and the permits before their mailboxes.
//!
//! A ractor mailbox has no bound, so the bound is here: a call needs a permit of the node
//! and one of its entity, and keeps both until it is answered. An idle entity leaves the
//! directory first and drains then: what still reaches it comes back here.

use crate::Limits;
use crate::entity_actor::{EntityActor, Start};
use crate::gate::Gates;
use crate::names::Meters;
use crate::shell::{Input, RETRY_AFTER_MS};
use crate::wakeups::Wakeups;
use ractor::{ActorCell, ActorRef, ActorRuntime, MessagingErr};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use symbolon_domain::port::{Call, Clock, Entropy, Fault, Outcome, Store};
use symbolon_domain::{Id, Kind};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

const SHARDS: usize = 64;
/// Supervisors of each kind of entity.
pub(crate) const SUPERVISORS_PER_KIND: usize = 2;

/// A live entity's mailbox.
pub(crate) type Mailbox = ActorRef<Input<Ticket>>;

/// What the actors of a node share.
pub(crate) struct Directory {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) limits: Limits,
    pub(crate) wakeups: Arc<Wakeups>,
    pub(crate) meters: Meters,
    shards: [Mutex<Shard>; SHARDS],
    supervisors: RwLock<Vec<Option<ActorCell>>>,
    in_flight: AtomicUsize,
    live: AtomicUsize,
    /// Counts the rounds of looking for idle entities.
    round: AtomicU32,
    /// Someone was turned away for want of a place in memory: the idle leave early.
    crowded: AtomicBool,
    stopping: AtomicBool,
    emptied: Notify,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Id, Entry>,
    gates: Gates,
}

struct Entry {
    mailbox: Mailbox,
    seat: Arc<Seat>,
}

/// A live entity's place: it lasts as long as anything of the activation does.
pub(crate) struct Seat {
    directory: Arc<Directory>,
    /// Calls that are not answered yet.
    pending: AtomicUsize,
    /// The round in which it was last asked something.
    used: AtomicU32,
}

impl Seat {
    pub(crate) fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire) > 0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let directory = &self.directory;
        directory.meters.live.decrement(1.0);
        if directory.live.fetch_sub(1, Ordering::AcqRel) == 1 {
            directory.emptied.notify_waiters();
        }
    }
}

/// The way back to the caller, with the permits of the call.
pub(crate) struct Ticket {
    answer: oneshot::Sender<Outcome>,
    permit: Permit,
}

struct Permit {
    seat: Arc<Seat>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.seat.pending.fetch_sub(1, Ordering::AcqRel);
        self.seat.directory.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Ticket {
    /// Gives the permits back, then the answer: who was answered finds them free.
    pub(crate) fn answer(self, outcome: Outcome) {
        drop(self.permit);
        // A caller that has gone wants no answer.
        let _ = self.answer.send(outcome);
    }
}

impl Directory {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        limits: Limits,
    ) -> Self {
        Self {
            store,
            clock,
            entropy,
            limits,
            wakeups: Arc::default(),
            meters: Meters::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            supervisors: RwLock::new(vec![None; Kind::ALL.len() * SUPERVISORS_PER_KIND]),
            in_flight: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            round: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            emptied: Notify::new(),
        }
    }

    /// Brings a call to its entity, and the outcome back to whoever awaits it. The call is on
    /// its way when this returns: the future holds the way back alone.
    pub(crate) fn call(
        self: &Arc<Self>,
        call: Call,
    ) -> impl Future<Output = Outcome> + Send + use<> {
        let (answer, outcome) = oneshot::channel();
        self.dispatch(Box::new(call), answer);
        // The sender is dropped unanswered only when the entity's actor ends in mid-call.
        async move { outcome.await.unwrap_or(Err(Fault::Crashed)) }
    }

    /// Puts a call into its entity's mailbox, or answers why not.
    pub(crate) fn dispatch(
        self: &Arc<Self>,
        mut call: Box<Call>,
        mut answer: oneshot::Sender<Outcome>,
    ) {
        // A mailbox that has closed under our hands is another's after the next look.
        for _ in 0..8 {
            let (mailbox, permit) = match self.admit(call.target) {
                Ok(admitted) => admitted,
                Err(fault) => {
                    let _ = answer.send(Err(fault));
                    return;
                }
            };
            let id = call.target;
            match mailbox.send_message(Input::Command(call, Ticket { answer, permit })) {
                Ok(()) => return,
                Err(MessagingErr::SendErr(Input::Command(back, ticket))) => {
                    self.leave(id, &ticket.permit.seat);
                    (call, answer) = (back, ticket.answer);
                }
                Err(_) => return,
            }
        }
        let _ = answer.send(Err(Fault::Crashed));
    }

    /// A call that reached an entity that has left.
    pub(crate) fn redirect(self: &Arc<Self>, call: Box<Call>, ticket: Ticket) {
        drop(ticket.permit);
        self.dispatch(call, ticket.answer);
    }

    fn admit(self: &Arc<Self>, id: Id) -> Result<(Mailbox, Permit), Fault> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(Fault::Stopping);
        }
        let busy = Fault::Busy { retry_after_ms: RETRY_AFTER_MS };
        if self.in_flight.fetch_add(1, Ordering::AcqRel) >= self.limits.calls_max {
            self.in_flight.fetch_sub(1, Ordering::AcqRel);
            self.meters.refused_node.increment(1);
            return Err(busy);
        }
        let seated = self.seat(id).and_then(|(mailbox, seat)| {
            if seat.pending.fetch_add(1, Ordering::AcqRel) >= self.limits.calls_per_entity_max {
                seat.pending.fetch_sub(1, Ordering::AcqRel);
                self.meters.refused_entity.increment(1);
                return Err(busy);
            }
            Ok((mailbox, Permit { seat }))
        });
        if seated.is_err() {
            self.in_flight.fetch_sub(1, Ordering::AcqRel);
        }
        seated
    }

    /// The entity's mailbox; starts it if it is not live.
    fn seat(self: &Arc<Self>, id: Id) -> Result<(Mailbox, Arc<Seat>), Fault> {
        let round = self.round.load(Ordering::Relaxed);
        let mut shard = self.shard(id);
        if let Some(entry) = shard.entries.get(&id) {
            entry.seat.used.store(round, Ordering::Relaxed);
            return Ok((entry.mailbox.clone(), entry.seat.clone()));
        }
        if let Some(shut) = shard.gates.shut_for(id, Instant::now()) {
            self.meters.refused_gate.increment(1);
            let retry_after_ms = u64::try_from(shut.as_millis()).unwrap_or(u64::MAX).max(1);
            return Err(Fault::Busy { retry_after_ms });
        }
        if self.live.fetch_add(1, Ordering::AcqRel) >= self.limits.live_max {
            self.live.fetch_sub(1, Ordering::AcqRel);
            self.meters.refused_live.increment(1);
            self.crowded.store(true, Ordering::Release);
            return Err(Fault::Busy { retry_after_ms: RETRY_AFTER_MS * 5 });
        }
        self.meters.live.increment(1.0);
        self.meters.spawned.increment(1);
        let seat = Arc::new(Seat {
            directory: self.clone(),
            pending: AtomicUsize::new(0),
            used: AtomicU32::new(round),
        });
        let start = Start { id, directory: self.clone(), seat: seat.clone() };
        let supervisor = self.supervisor(id).ok_or(Fault::Stopping)?;
        // Does not wait for the actor to start: messages wait in its mailbox.
        let started = ActorRuntime::spawn_linked_instant(None, EntityActor, start, supervisor);
        let (mailbox, _) = started.map_err(|_| Fault::Crashed)?;
        shard.entries.insert(id, Entry { mailbox: mailbox.clone(), seat: seat.clone() });
        Ok((mailbox, seat))
    }

    /// The activation takes no further calls; whether it was still in the directory.
    pub(crate) fn leave(&self, id: Id, seat: &Arc<Seat>) -> bool {
        let mut shard = self.shard(id);
        let same = shard.entries.get(&id).is_some_and(|entry| Arc::ptr_eq(&entry.seat, seat));
        let entry = if same { shard.entries.remove(&id) } else { None };
        // Dropped outside the lock.
        drop(shard);
        entry.is_some()
    }

    /// Tells a live entity something; nothing if it is not live.
    pub(crate) fn tell(&self, id: Id, input: Input<Ticket>) {
        let mailbox = self.shard(id).entries.get(&id).map(|entry| entry.mailbox.clone());
        if let Some(mailbox) = mailbox {
            let _ = mailbox.send_message(input);
        }
    }

    /// The entity crashed: its gate shuts for a while.
    pub(crate) fn count_crash(&self, id: Id) {
        self.meters.crashed.increment(1);
        let crashes = self.shard(id).gates.count_crash(id, Instant::now());
        tracing::warn!(%id, crashes, "an entity crashed");
    }

    /// Tells those whom nobody has asked anything for a while.
    pub(crate) fn tell_idle(&self) {
        let round = self.round.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "calls are bounded far below 2^52")]
        self.meters.in_flight.set(self.calls_in_flight() as f64);
        let crowded = self.crowded.swap(false, Ordering::AcqRel);
        let rounds = if crowded { 0 } else { self.limits.idle_rounds };
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in shard.entries.values() {
                let unused = round.wrapping_sub(entry.seat.used.load(Ordering::Relaxed));
                if unused >= rounds && !entry.seat.is_pending() {
                    let _ = entry.mailbox.send_message(Input::Idle);
                }
            }
        }
    }

    /// Takes no further calls and lets every entity finish; how many did not in time.
    pub(crate) async fn drain(&self) -> usize {
        self.stopping.store(true, Ordering::Release);
        let deadline = Instant::now() + self.limits.drain;
        while self.live() > 0 {
            let emptied = self.emptied.notified();
            for shard in &self.shards {
                let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
                for entry in shard.entries.values() {
                    let _ = entry.mailbox.send_message(Input::Stop);
                }
            }
            // Told again: one that was told while starting, or that crashed meanwhile.
            let pause = Instant::now() + std::time::Duration::from_millis(200);
            let _ = tokio::time::timeout_at(pause.min(deadline), emptied).await;
            if Instant::now() >= deadline {
                break;
            }
        }
        self.live()
    }

    /// Entities with a live actor.
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Acquire)
    }

    pub(crate) fn calls_in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    pub(crate) fn set_supervisor(&self, place: usize, supervisor: Option<ActorCell>) {
        let mut supervisors = self.supervisors.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = supervisors.get_mut(place) {
            *known = supervisor;
        }
    }

    fn supervisor(&self, id: Id) -> Option<ActorCell> {
        let kind = Kind::ALL.iter().position(|kind| *kind == id.kind).unwrap_or_default();
        let place = kind * SUPERVISORS_PER_KIND + spread(id) % SUPERVISORS_PER_KIND;
        let supervisors = self.supervisors.read().unwrap_or_else(PoisonError::into_inner);
        supervisors.get(place).cloned().flatten()
    }

    fn shard(&self, id: Id) -> MutexGuard<'_, Shard> {
        // Ids are random, so any byte of one spreads them.
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
        let shard = &self.shards[spread(id) % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spread(id: Id) -> usize {
    id.random.first().copied().map_or(0, usize::from)
}
