//! The Router port: how a request reaches the entity that decides it. On one node that
//! is the local directory; in a cluster it forwards to the owner. A [`Call`] is plain
//! data, so that it can travel.

use super::BoxFuture;
use crate::entity::{Command, Reply};
use crate::port::StoreFault;
use crate::{Id, Rejection, Timestamp};
use serde::{Deserialize, Serialize};

/// Who asks, as the node that received the request has proved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// Nobody in particular.
    Anyone,
    /// A partner, by its client certificate.
    Institution(Id),
    /// A front end, by its `DPoP` key and token.
    FrontEnd(Id),
    /// A subject's device, by its `DPoP` key and token.
    Device(Id),
    /// A person who runs the node, by name.
    Operator(String),
    /// The system itself: the sweeper and the outbox.
    System,
}

impl Principal {
    /// The institution, if it is one.
    #[must_use]
    pub fn institution(&self) -> Option<Id> {
        if let Self::Institution(id) = self { Some(*id) } else { None }
    }

    /// The device, if it is one.
    #[must_use]
    pub fn device(&self) -> Option<Id> {
        if let Self::Device(id) = self { Some(*id) } else { None }
    }

    /// The front end, if it is one.
    #[must_use]
    pub fn front_end(&self) -> Option<Id> {
        if let Self::FrontEnd(id) = self { Some(*id) } else { None }
    }
}

/// One request to one entity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Who asks.
    pub principal: Principal,
    /// After this nobody waits for the answer; a call not yet begun is dropped.
    pub deadline: Timestamp,
    /// Names the request in logs; also the id that makes a retry of a read one use.
    pub request_id: [u8; 16],
    /// Random: what the act hashes into its log leaf and names its batch with.
    pub seed: [u8; 32],
    /// W3C trace id, if the caller brought one.
    pub trace: Option<[u8; 16]>,
    /// The entity that leads.
    pub target: Id,
    /// What it is asked.
    pub command: Command,
}

/// The world broke; the caller did nothing wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// No permit was free, or the entity is behind its back-off gate.
    #[error("too busy; try again in {retry_after_ms} ms")]
    Busy {
        /// Milliseconds.
        retry_after_ms: u64,
    },
    /// Five attempts met a changed world each time.
    #[error("the data kept changing while the request was decided; try again")]
    Contended,
    /// The entity crashed while it decided.
    #[error("the entity failed while it handled the request")]
    Crashed,
    /// The node is stopping.
    #[error("the node is stopping")]
    Stopping,
    /// The deadline passed first.
    #[error("the deadline passed")]
    Deadline,
}

/// The end of a call.
pub type Outcome = Result<Result<Reply, Rejection>, Fault>;

/// Brings a call to its entity and the outcome back.
pub trait Router: Send + Sync + 'static {
    /// Carries the call out.
    fn call(&self, call: Call) -> BoxFuture<'_, Outcome>;
}
