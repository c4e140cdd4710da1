//! The ractor actor of one live entity: it moves messages in and out of its shell and
//! never awaits the store; what the shell asks of the store and is not there at once runs
//! as a task that sends the result back.

use crate::directory::{Directory, Mailbox, Seat, Ticket};
use crate::shell::{Answers, Hint, Input, Load, Output, Shell};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use symbolon_domain::Id;
use symbolon_domain::port::{Batch, CommitError, Store, StoreFault};
use tokio::time::Instant;

/// The actor; what it knows is in its [`Activation`].
pub(crate) struct EntityActor;

/// What an actor starts with.
pub(crate) struct Start {
    pub(crate) id: Id,
    pub(crate) directory: Arc<Directory>,
    pub(crate) seat: Arc<Seat>,
}

/// One life of an entity in memory.
pub(crate) struct Activation {
    id: Id,
    directory: Arc<Directory>,
    seat: Arc<Seat>,
    shell: Shell<Ticket>,
    /// It is out of the directory: calls that still come are sent back there.
    left: bool,
}

/// Why an actor ended: for the supervisor, who counts.
#[derive(Debug, thiserror::Error)]
#[error("{id} failed: {reason}")]
pub(crate) struct Crash {
    pub(crate) id: Id,
    pub(crate) reason: String,
}

impl Drop for Activation {
    fn drop(&mut self) {
        self.directory.leave(self.id, &self.seat);
    }
}

impl Actor for EntityActor {
    type Msg = Input<Ticket>;
    type State = Activation;
    type Arguments = Start;

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        start: Start,
    ) -> Result<Activation, ActorProcessingErr> {
        let Start { id, directory, seat } = start;
        let shell = Shell::new(id, directory.limits.calls_per_entity_max);
        Ok(Activation { id, directory, seat, shell, left: false })
    }

    async fn handle(
        &self,
        myself: Mailbox,
        input: Input<Ticket>,
        activation: &mut Activation,
    ) -> Result<(), ActorProcessingErr> {
        if activation.left {
            if let Input::Command(call, ticket) = input {
                activation.directory.redirect(call, ticket);
            }
            return Ok(());
        }
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let Activation { directory, shell, .. } = &mut *activation;
            let outputs = catch(|| shell.handle(directory.clock.now(), input));
            for output in outputs.map_err(|reason| activation.crash(reason))? {
                // A shell has one load under way, so there is at most one.
                next = activation.carry_out(&myself, output)?.or(next);
            }
        }
        Ok(())
    }
}

impl Activation {
    /// Does what the shell asks. What the store answered at once comes back as the next input.
    fn carry_out(
        &mut self,
        myself: &Mailbox,
        output: Output<Ticket>,
    ) -> Result<Option<Input<Ticket>>, Crash> {
        let directory = &self.directory;
        match output {
            Output::Reply(ticket, outcome) => ticket.answer(outcome),
            Output::Load(load) => return Ok(self.load(myself, load)),
            Output::Commit(batch) => {
                // Broken off, it may or may not be durable.
                let result = Return::new(myself, Input::Unknown);
                let directory = directory.clone();
                tokio::spawn(async move { result.send(commit(&directory, batch).await) });
            }
            Output::Settle(batch) => {
                let fault = StoreFault::Io("settling was broken off".into());
                let result = Return::new(myself, Input::Settled(Err(fault)));
                let store = directory.store.clone();
                tokio::spawn(async move { result.send(Input::Settled(store.settle(batch).await)) });
            }
            Output::Hint(Hint::Forget(id)) => directory.tell(id, Input::Forget),
            Output::Hint(Hint::Appended(queue)) => directory.wakeups.notify(&queue),
            Output::WakeAt(at) => {
                let wait = at.since(directory.clock.now());
                let (myself, entropy) = (myself.clone(), directory.entropy.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    let _ = myself.send_message(Input::Wake(entropy.bytes()));
                });
            }
            Output::Passivate => self.passivate(myself),
            Output::Crash(fault) => return Err(self.crash(fault.to_string())),
        }
        Ok(None)
    }

    /// Begins to read. An engine in this process is mostly done at once, which saves a task
    /// and a message; whatever takes longer is awaited by a task.
    fn load(&self, myself: &Mailbox, load: Load) -> Option<Input<Ticket>> {
        let (number, store) = (load.number, self.directory.store.clone());
        let mut reading = Box::pin(async move { read(&*store, load).await });
        let begun = catch(|| reading.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        let lost = || Input::Loaded(number, Err(StoreFault::Io("reading was broken off".into())));
        match begun {
            Ok(Poll::Ready(answers)) => Some(Input::Loaded(number, answers)),
            Ok(Poll::Pending) => {
                let result = Return::new(myself, lost());
                tokio::spawn(async move { result.send(Input::Loaded(number, reading.await)) });
                None
            }
            // The store's failure, not the entity's.
            Err(_) => Some(lost()),
        }
    }

    /// Leaves the directory, then drains, then ends. A call that is in the mailbox already
    /// keeps the entity: it would come back at once.
    fn passivate(&mut self, myself: &Mailbox) {
        if self.seat.is_pending() || self.left {
            return;
        }
        self.left = true;
        self.directory.leave(self.id, &self.seat);
        self.directory.meters.passivated.increment(1);
        // What was sent before this is handled (and goes back to the directory); what is
        // sent after it is refused and handed back to the sender.
        let _ = myself.drain();
    }

    fn crash(&self, reason: String) -> Crash {
        tracing::error!(id = %self.id, reason, "an entity's actor ends");
        Crash { id: self.id, reason }
    }
}

/// Brings a result back into the mailbox; if the task ends without one, the loss.
struct Return {
    mailbox: Mailbox,
    lost: Option<Input<Ticket>>,
}

impl Return {
    fn new(mailbox: &Mailbox, lost: Input<Ticket>) -> Self {
        Self { mailbox: mailbox.clone(), lost: Some(lost) }
    }

    fn send(mut self, result: Input<Ticket>) {
        self.lost = Some(result);
    }
}

impl Drop for Return {
    fn drop(&mut self) {
        if let Some(input) = self.lost.take() {
            // An actor that has ended wants no result.
            let _ = self.mailbox.send_message(input);
        }
    }
}

async fn read(store: &dyn Store, load: Load) -> Result<Answers, StoreFault> {
    let values = match load.keys.as_slice() {
        [] => Vec::new(),
        [key] => vec![store.get(key).await?],
        keys => store.get_many(keys).await?,
    };
    let mut found = Vec::with_capacity(load.ranges.len());
    for range in &load.ranges {
        found.push(!store.scan(range, 1).await?.is_empty());
    }
    Ok(Answers { values, found })
}

async fn commit(directory: &Directory, batch: Batch) -> Input<Ticket> {
    let meters = &directory.meters;
    #[expect(clippy::cast_precision_loss, reason = "a batch has fewer operations than 2^52")]
    meters.commit_operations.record(batch.operations.len() as f64);
    let begun = Instant::now();
    let result = directory.store.commit(batch).await;
    meters.commit_seconds.record(begun.elapsed().as_secs_f64());
    match &result {
        Err(CommitError::Refused { .. }) => meters.commits_refused.increment(1),
        Err(CommitError::Unknown) => meters.commits_unknown.increment(1),
        _ => {}
    }
    result.into()
}

/// Panics are caught here and not by ractor, so that the supervisor learns whose crash it was.
fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
    })
}
