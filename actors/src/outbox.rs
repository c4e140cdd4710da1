//! The duty that carries effects out: at least once, in order for each target, and a
//! target that fails holds up no other.

mod lanes;

use crate::directory::Directory;
use crate::duty::Duty;
use lanes::{Entry, Lanes};
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::Effect;
use symbolon_domain::port::{
    Batch, BatchId, BoxFuture, Call, Operation, Principal, Range, Router, StoreFault,
};
use symbolon_domain::{key, record};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How many effects are carried out at once.
const AT_ONCE: usize = 64;
/// How many entries are read at once.
const PAGE: usize = 256;
/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a reader waits at the most before it looks by itself: another node may have
/// appended.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Carries out what an effect asks for. Told twice under the same id, it does it once.
pub trait EffectHandler: Send + Sync + 'static {
    /// Carries the effect out.
    ///
    /// # Errors
    /// With a text for the log; it is tried again later.
    fn carry_out<'a>(
        &'a self,
        id: [u8; 16],
        effect: &'a Effect,
    ) -> BoxFuture<'a, Result<(), String>>;
}

/// Removes blobs.
pub trait Blobs: Send + Sync + 'static {
    /// Removes the blob; one that is not there is removed.
    ///
    /// # Errors
    /// With a text for the log; it is tried again later.
    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), String>>;
}

/// Tells entities through a router, and removes blobs.
pub struct RoutedEffects {
    /// Finds the entity, wherever it is at home.
    pub router: Arc<dyn Router>,
    /// Where blobs are; without it their removal waits in the outbox.
    pub blobs: Option<Arc<dyn Blobs>>,
    /// For deadlines.
    pub clock: Arc<dyn symbolon_domain::port::Clock>,
    /// For the seeds of the calls.
    pub entropy: Arc<dyn symbolon_domain::port::Entropy>,
}

impl EffectHandler for RoutedEffects {
    fn carry_out<'a>(
        &'a self,
        id: [u8; 16],
        effect: &'a Effect,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            match effect {
                Effect::Tell { target, command } => {
                    let call = Call {
                        principal: Principal::System,
                        deadline: self.clock.now().after(PATIENCE),
                        request_id: id,
                        seed: self.entropy.bytes(),
                        trace: None,
                        target: *target,
                        command: (**command).clone(),
                        keep: None,
                    };
                    match self.router.call(call).await {
                        Ok(Ok(_)) => Ok(()),
                        // The entity has heard it and will never want it.
                        Ok(Err(rejection)) => {
                            tracing::info!(%target, %rejection, "an effect was rejected");
                            Ok(())
                        }
                        Err(fault) => Err(fault.to_string()),
                    }
                }
                Effect::DeleteBlob { name } => match &self.blobs {
                    Some(blobs) => blobs.delete(name).await,
                    None => Err("this node has no blob store".into()),
                },
            }
        })
    }
}

/// The duty.
#[derive(Clone)]
pub(crate) struct Outbox {
    directory: Arc<Directory>,
    handler: Arc<dyn EffectHandler>,
}

/// What is under way.
#[derive(Default)]
pub(crate) struct Memory {
    lanes: Lanes,
    /// The last key read; reading starts over when something was passed by.
    after: Option<Vec<u8>>,
    tasks: JoinSet<Done>,
    appended: Option<watch::Receiver<u64>>,
    /// When the queue's end was seen; nothing is to be read until something is appended.
    at_end: Option<Instant>,
}

/// An attempt's end.
struct Done {
    entry: Entry,
    result: Result<(), String>,
}

impl Outbox {
    pub(crate) fn new(directory: Arc<Directory>, handler: Arc<dyn EffectHandler>) -> Self {
        Self { directory, handler }
    }
}

impl Duty for Outbox {
    type Memory = Memory;

    async fn round(&self, memory: &mut Memory) -> Duration {
        if memory.appended.is_none() {
            memory.appended = Some(self.directory.wakeups.subscribe(key::outbox_queue()));
        }
        if let Err(error) = self.read(memory).await {
            tracing::warn!(%error, "the outbox cannot be read");
            return Duration::from_secs(1);
        }
        let now = Instant::now();
        while memory.tasks.len() < AT_ONCE
            && let Some(entry) = memory.lanes.next(now)
        {
            let outbox = self.clone();
            memory.tasks.spawn(async move { outbox.attempt(entry).await });
        }
        #[expect(clippy::cast_precision_loss, reason = "the lanes are bounded far below 2^52")]
        self.directory.meters.outbox_depth.set(memory.lanes.len() as f64);
        self.wait(memory).await;
        Duration::ZERO
    }
}

impl Outbox {
    /// Reads on from where it was.
    async fn read(&self, memory: &mut Memory) -> Result<(), StoreFault> {
        let now = Instant::now();
        if memory.lanes.is_behind(now) {
            memory.after = None;
            memory.at_end = None;
        }
        let appended = memory.appended.as_mut().is_none_or(|appended| {
            let changed = appended.has_changed().unwrap_or(true);
            appended.mark_unchanged();
            changed
        });
        if !appended && memory.at_end.is_some_and(|seen| now < seen + LOOK_EVERY) {
            return Ok(());
        }
        memory.at_end = None;
        while !memory.lanes.is_full() {
            let queue = Range::prefix(&key::outbox_queue().0);
            let range = memory.after.as_ref().map_or(queue.clone(), |after| queue.after(after));
            let page = self.directory.store.scan(&range, PAGE).await?;
            let Some(last) = page.last() else {
                memory.at_end = Some(now);
                break;
            };
            memory.after = Some(last.key.clone());
            for stored in page {
                match record::decode::<Effect>(&stored.value) {
                    Ok(effect) => memory.lanes.add(Entry { key: stored.key, effect }),
                    Err(error) => tracing::error!(%error, "an effect cannot be read; it stays"),
                }
            }
        }
        Ok(())
    }

    /// One attempt; a success is taken out of the queue.
    async fn attempt(self, entry: Entry) -> Done {
        let name = Digest::lp("effect", &[&entry.key]);
        let mut id = [0; 16];
        id.copy_from_slice(name.0.split_at(16).0);
        let attempt = self.handler.carry_out(id, &entry.effect);
        let result = match tokio::time::timeout(PATIENCE, attempt).await {
            Ok(Ok(())) => {
                let batch = BatchId(self.directory.entropy.bytes());
                let mut batch = Batch::new(batch);
                batch.operations.push(Operation::Delete { key: entry.key.clone() });
                let removed = self.directory.store.commit(batch).await;
                removed.map(drop).map_err(|error| error.to_string())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err("no answer in time".into()),
        };
        Done { entry, result }
    }

    /// Waits until there is something to do, and takes in what has ended.
    async fn wait(&self, memory: &mut Memory) {
        let Memory { lanes, tasks, appended, after, at_end } = memory;
        let look = Instant::now() + LOOK_EVERY;
        // With all hands full an attempt that is due waits for one of them, not for the time.
        let next = lanes.next_attempt().filter(|_| tasks.len() < AT_ONCE);
        let until = next.map_or(look, |at| at.min(look));
        let appended = async {
            match appended {
                Some(appended) => drop(appended.changed().await),
                None => std::future::pending().await,
            }
        };
        let done = tokio::select! {
            Some(done) = tasks.join_next() => Some(done),
            () = appended => {
                // Waiting has marked it as seen: the next round must still read.
                *at_end = None;
                None
            }
            () = tokio::time::sleep_until(until) => None,
        };
        match done {
            Some(Ok(Done { entry, result: Ok(()) })) => {
                self.directory.meters.effects_done.increment(1);
                lanes.done(&entry);
            }
            Some(Ok(Done { entry, result: Err(error) })) => {
                self.directory.meters.effects_failed.increment(1);
                tracing::warn!(error, "an effect is tried again later");
                lanes.failed(entry, Instant::now());
            }
            // A handler that panics: which effect it was is not known any more, so all
            // that is under way is forgotten here and read again from the store.
            Some(Err(error)) => {
                tracing::error!(%error, "an effect's handler failed");
                tasks.shutdown().await;
                *lanes = Lanes::default();
                (*after, *at_end) = (None, None);
            }
            None => {}
        }
    }
}
