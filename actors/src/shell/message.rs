//! What goes into the shell and what comes out of it.

use symbolon_domain::key::Key;
use symbolon_domain::port::{
    Batch, BatchId, Call, CommitError, Committed, Outcome, Queue, Range, Settled, StoreFault,
};
use symbolon_domain::{Id, Timestamp};

/// What a driver tells the shell.
#[derive(Debug)]
pub enum Input<T> {
    /// Somebody asks something.
    Command(Box<Call>, T),
    /// What [`Output::Load`] with this number asked for.
    Loaded(u32, Result<Answers, StoreFault>),
    /// The batch is durable.
    Committed,
    /// A precondition, by its index, did not hold.
    Refused(usize),
    /// The store does not know what became of the batch.
    Unknown,
    /// It knows now, or failed to find out.
    Settled(Result<Settled, StoreFault>),
    /// The store failed; nothing was written.
    Failed(StoreFault),
    /// The time asked for by [`Output::WakeAt`] has come. The random bytes are for the
    /// decision that a deadline may ask for.
    Wake([u8; 32]),
    /// Another entity's act changed this one: drop the copy.
    Forget,
    /// Nobody has asked anything for a while.
    Idle,
    /// The node stops: finish, take nothing new.
    Stop,
}

impl<T> From<Result<Committed, CommitError>> for Input<T> {
    fn from(result: Result<Committed, CommitError>) -> Self {
        match result {
            Ok(_) => Self::Committed,
            Err(CommitError::Refused { precondition }) => Self::Refused(precondition),
            Err(CommitError::Unknown) => Self::Unknown,
            Err(CommitError::Fault(fault)) => Self::Failed(fault),
        }
    }
}

/// What the shell asks of its driver.
#[derive(Debug)]
pub enum Output<T> {
    /// Read this.
    Load(Load),
    /// Commit this. One commit is in flight at a time.
    Commit(Batch),
    /// Find out what became of the batch.
    Settle(BatchId),
    /// Answer.
    Reply(T, Outcome),
    /// Something that may be lost.
    Hint(Hint),
    /// Wake the shell then.
    WakeAt(Timestamp),
    /// Nothing keeps it in memory.
    Passivate,
    /// What is stored of the entity cannot be used: end, and count it as a crash.
    Crash(StoreFault),
}

/// Something that may be lost: it makes others faster, not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The entity's head was changed by an act that another led.
    Forget(Id),
    /// Something was appended to the queue.
    Appended(Queue),
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Comes back with the answers.
    pub number: u32,
    /// Values wanted.
    pub keys: Vec<Key>,
    /// Ranges of which it is wanted whether they hold anything.
    pub ranges: Vec<Range>,
}

/// What was read, in the order of the load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The values at the keys.
    pub values: Vec<Option<Vec<u8>>>,
    /// Whether the ranges hold anything.
    pub found: Vec<bool>,
}
