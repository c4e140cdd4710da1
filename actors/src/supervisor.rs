//! Supervision: sharded supervisors over the entities, one root over them and the duties.
//!
//! Nothing is restarted eagerly: an entity starts with the next command, behind its
//! back-off gate if it crashed. Only supervisors and duties are started again, by the
//! root. ractor's default for `handle_supervisor_evt` stops a supervisor when any child
//! ends, so both override it.

use crate::directory::{Directory, SUPERVISORS_PER_KIND};
use crate::duty;
use crate::entity_actor::Crash;
use crate::idle::Idle;
use crate::outbox::Outbox;
use crate::sweeper::Sweeper;
use ractor::{Actor, ActorCell, ActorId, ActorProcessingErr, ActorRef, SpawnErr, SupervisionEvent};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::Kind;

/// How long after its crash a duty or supervisor is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// Watches the entities of one shard of a kind.
struct Supervisor;

impl Actor for Supervisor {
    type Msg = ();
    type State = Arc<Directory>;
    type Arguments = Arc<Directory>;

    async fn pre_start(
        &self,
        _: ActorRef<()>,
        directory: Arc<Directory>,
    ) -> Result<Arc<Directory>, ActorProcessingErr> {
        Ok(directory)
    }

    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<()>,
        event: SupervisionEvent,
        directory: &mut Arc<Directory>,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(_, error) = event {
            match error.downcast_ref::<Crash>() {
                Some(crash) => directory.count_crash(crash.id),
                None => tracing::error!(%error, "an actor failed without saying which"),
            }
        }
        Ok(())
    }
}

/// What the root watches.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child {
    /// The supervisor at this place of the directory.
    Supervisor(usize),
    /// Looks for the idle.
    Idle,
    /// Wakes what is due.
    Sweeper,
    /// Carries effects out.
    Outbox,
}

/// Watches the supervisors and the duties. Its message starts a child again.
pub(crate) struct Root;

/// What the root knows.
pub(crate) struct Watched {
    directory: Arc<Directory>,
    outbox: Outbox,
    children: HashMap<ActorId, Child>,
}

impl Actor for Root {
    type Msg = Child;
    type State = Watched;
    type Arguments = (Arc<Directory>, Outbox);

    async fn pre_start(
        &self,
        myself: ActorRef<Child>,
        (directory, outbox): Self::Arguments,
    ) -> Result<Watched, ActorProcessingErr> {
        let mut watched = Watched { directory, outbox, children: HashMap::new() };
        let supervisors = 0..Kind::ALL.len() * SUPERVISORS_PER_KIND;
        let duties = [Child::Idle, Child::Sweeper, Child::Outbox];
        for child in supervisors.map(Child::Supervisor).chain(duties) {
            watched.start(child, myself.get_cell()).await?;
        }
        Ok(watched)
    }

    async fn handle(
        &self,
        myself: ActorRef<Child>,
        child: Child,
        watched: &mut Watched,
    ) -> Result<(), ActorProcessingErr> {
        if let Err(error) = watched.start(child, myself.get_cell()).await {
            tracing::error!(?child, %error, "cannot be started again; trying once more");
            myself.send_after(PAUSE, move || child);
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Child>,
        event: SupervisionEvent,
        watched: &mut Watched,
    ) -> Result<(), ActorProcessingErr> {
        let (id, reason) = match event {
            SupervisionEvent::ActorFailed(cell, error) => (cell.get_id(), error.to_string()),
            SupervisionEvent::ActorTerminated(cell, _, reason) => {
                (cell.get_id(), reason.unwrap_or_default())
            }
            _ => return Ok(()),
        };
        if let Some(child) = watched.children.remove(&id) {
            tracing::error!(?child, reason, "has ended and is started again");
            if let Child::Supervisor(place) = child {
                watched.directory.set_supervisor(place, None);
            }
            myself.send_after(PAUSE, move || child);
        }
        Ok(())
    }
}

impl Watched {
    async fn start(&mut self, child: Child, root: ActorCell) -> Result<(), SpawnErr> {
        let directory = self.directory.clone();
        let cell = match child {
            Child::Supervisor(place) => {
                let (actor, _) =
                    Supervisor::spawn_linked(None, Supervisor, directory, root).await?;
                self.directory.set_supervisor(place, Some(actor.get_cell()));
                actor.get_cell()
            }
            Child::Idle => duty::start(Idle::new(directory), root).await?,
            Child::Sweeper => duty::start(Sweeper::new(directory), root).await?,
            Child::Outbox => duty::start(self.outbox.clone(), root).await?,
        };
        self.children.insert(cell.get_id(), child);
        Ok(())
    }
}
