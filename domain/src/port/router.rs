//! The Router port: how a request reaches the entity that decides it. On one node that
//! is the local directory; in a cluster it forwards to the owner. A [`Call`] is plain
//! data, so that it can travel.

use super::BoxFuture;
use crate::bytes::Digest;
use crate::entity::{Command, Reply};
use crate::port::StoreFault;
use crate::record::{self, Record, RecordError};
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
    /// Under which idempotency key the answer is kept, if the caller brought one.
    pub keep: Option<Keep>,
}

/// Asks for an answer to be kept, so that the same request again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// Hash of principal, endpoint, home region and the client's `Idempotency-Key`.
    pub scope: Digest,
    /// Hash of the request's body: another body under the same key is refused.
    pub body_hash: Digest,
    /// For how long.
    pub ttl_seconds: u32,
    /// What is kept in place of the reply where the answer holds a secret: sealed under a
    /// key from the credential that the request presented. It is known beforehand, as the
    /// secret was made by the node that asks.
    pub sealed_answer: Option<Vec<u8>>,
}

/// A kept answer, as stored at [`crate::key::idempotency`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Counts the answers kept under this key, from 1: a new one may follow an expired one.
    #[serde(skip)]
    pub revision: u64,
    /// Hash of the request's body.
    pub body_hash: Digest,
    /// Until when it is an answer.
    pub expires: Timestamp,
    /// What was answered.
    pub answer: KeptAnswer,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum KeptAnswer {
    /// In the open.
    Open(Result<Reply, Rejection>),
    /// Sealed: comes back as [`Reply::Kept`].
    Sealed(Vec<u8>),
}

impl Record for Kept {
    const TAG: u8 = 0x44;
    const VERSION: u8 = 1;
}

impl Kept {
    /// The stored value: revision, eight big-endian bytes, then the record.
    ///
    /// # Errors
    /// When the answer is over the bound of a record.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        Ok([&self.revision.to_be_bytes()[..], &record::encode(self)?].concat())
    }

    /// Reads what [`Kept::encode`] wrote.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let (revision, kept) = value
            .split_first_chunk::<8>()
            .ok_or_else(|| RecordError::Malformed("shorter than a revision".into()))?;
        let kept: Self = record::decode(kept)?;
        Ok(Self { revision: u64::from_be_bytes(*revision), ..kept })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    // A change of these bytes is a new version of the record.
    #[test]
    fn golden() {
        let kept = Kept {
            revision: 2,
            body_hash: Digest([7; 32]),
            expires: Timestamp(250),
            answer: KeptAnswer::Open(Ok(Reply::Done)),
        };
        let bytes = kept.encode().unwrap();
        let expected = [&[0, 0, 0, 0, 0, 0, 0, 2, 0x44, 1][..], &[7; 32], &[250, 0, 0, 0]].concat();
        assert_eq!(bytes, expected);
        assert_eq!(Kept::decode(&bytes), Ok(kept));
        assert!(Kept::decode(&bytes[..7]).is_err());
        assert!(Kept::decode(&bytes[..20]).is_err());
    }
}
