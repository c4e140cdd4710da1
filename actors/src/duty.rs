//! A duty: something that a node does again and again, as an actor of its own.

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, SpawnErr};
use std::marker::PhantomData;
use std::time::Duration;

/// Something done again and again.
pub(crate) trait Duty: Send + Sync + 'static {
    /// What it knows from round to round; lost when it crashes.
    type Memory: Default + Send + 'static;

    /// Does one round; how long to wait before the next. A round waits for the store or
    /// for others: no entity waits for a duty.
    fn round(&self, memory: &mut Self::Memory) -> impl Future<Output = Duration> + Send;
}

struct DutyActor<D>(PhantomData<D>);

impl<D: Duty> Actor for DutyActor<D> {
    type Msg = ();
    type State = (D, D::Memory);
    type Arguments = D;

    async fn pre_start(
        &self,
        myself: ActorRef<()>,
        duty: D,
    ) -> Result<Self::State, ActorProcessingErr> {
        myself.send_message(())?;
        Ok((duty, D::Memory::default()))
    }

    async fn handle(
        &self,
        myself: ActorRef<()>,
        (): (),
        (duty, memory): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        let wait = duty.round(memory).await;
        if wait.is_zero() {
            myself.send_message(())?;
        } else {
            myself.send_after(wait, || ());
        }
        Ok(())
    }
}

/// Starts a duty under a supervisor.
pub(crate) async fn start<D: Duty>(duty: D, supervisor: ActorCell) -> Result<ActorCell, SpawnErr> {
    let (actor, _) =
        DutyActor::<D>::spawn_linked(None, DutyActor(PhantomData), duty, supervisor).await?;
    Ok(actor.get_cell())
}
