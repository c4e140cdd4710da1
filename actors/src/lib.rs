//! The shell around the entities and its ractor actors.
//!
//! [`shell`] is the state machine of one live entity, without I/O. [`Actors`] runs one
//! ractor actor per live entity around it, with the directory that hands out permits,
//! supervisors, the sweeper and the outbox. [`prepare`] is what the receiving node does
//! before an act. This crate knows no engine, no plugin host and no network: they come
//! as ports.

pub mod names;
pub mod prepare;
pub mod shell;

mod directory;
mod duty;
mod entity_actor;
mod gate;
mod idle;
mod local_router;
mod outbox;
mod supervisor;
mod sweeper;
mod wakeups;

use directory::Directory;
pub use local_router::LocalRouter;
use outbox::Outbox;
pub use outbox::{Blobs, EffectHandler, RoutedEffects};
use ractor::{Actor, ActorRef, SpawnErr};
use std::sync::Arc;
use std::time::Duration;
use supervisor::{Child, Root};
use symbolon_domain::port::{Clock, Entropy, Store};
pub use wakeups::Wakeups;

/// What the actors work with.
#[derive(Clone)]
pub struct Ports {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Carries effects out; without one they are told to the entities of this node, and
    /// the removal of blobs waits.
    pub effects: Option<Arc<dyn EffectHandler>>,
}

/// The bounds.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most calls handled at once on this node.
    pub calls_max: usize,
    /// Most calls of one entity that wait or are handled.
    pub calls_per_entity_max: usize,
    /// Most entities in memory.
    pub live_max: usize,
    /// How often idle entities are looked for.
    pub idle_round: Duration,
    /// After how many rounds without a call an entity leaves memory.
    pub idle_rounds: u32,
    /// How often what is due is looked for.
    pub sweep_every: Duration,
    /// How long entities may take to finish when the node stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_max: 16_384,
            calls_per_entity_max: 256,
            live_max: 200_000,
            idle_round: Duration::from_secs(5),
            idle_rounds: 12,
            sweep_every: Duration::from_secs(1),
            drain: Duration::from_secs(20),
        }
    }
}

/// The actors of a node.
pub struct Actors {
    directory: Arc<Directory>,
    root: ActorRef<Child>,
}

impl Actors {
    /// Starts supervisors and duties; entities start with their first command. Metrics
    /// go to the recorder that is installed by now.
    ///
    /// # Errors
    /// When an actor cannot be started.
    pub async fn start(ports: Ports, limits: Limits) -> Result<Self, SpawnErr> {
        let Ports { store, clock, entropy, effects } = ports;
        let directory = Arc::new(Directory::new(store, clock.clone(), entropy.clone(), limits));
        let router = LocalRouter { directory: directory.clone() };
        let effects = effects.unwrap_or_else(|| {
            Arc::new(RoutedEffects { router: Arc::new(router), blobs: None, clock, entropy })
        });
        let outbox = Outbox::new(directory.clone(), effects);
        let (root, _) = Root::spawn(None, Root, (directory.clone(), outbox)).await?;
        Ok(Self { directory, root })
    }

    /// Brings calls to the entities of this node.
    #[must_use]
    pub fn router(&self) -> LocalRouter {
        LocalRouter { directory: self.directory.clone() }
    }

    /// Wakes the readers of queues.
    #[must_use]
    pub fn wakeups(&self) -> Arc<Wakeups> {
        self.directory.wakeups.clone()
    }

    /// Entities in memory.
    #[must_use]
    pub fn live(&self) -> usize {
        self.directory.live()
    }

    /// Calls that are not answered yet.
    #[must_use]
    pub fn calls_in_flight(&self) -> usize {
        self.directory.calls_in_flight()
    }

    /// Takes no further calls, lets every entity finish what it has begun, and ends the
    /// actors. How many entities did not finish in time ([`Limits::drain`]).
    pub async fn shutdown(self) -> usize {
        let unfinished = self.directory.drain().await;
        self.root.stop(None);
        let _ = self.root.get_cell().wait(Some(Duration::from_secs(1))).await;
        unfinished
    }
}
