//! The ports: what the rest of the system provides. Each is object-safe, so that a
//! node takes its ports as arguments and a test can hand in its own.

mod clock;
mod router;
mod rule;
mod store;

pub use clock::{Clock, Entropy};
pub use router::{Call, Fault, Keep, Kept, KeptAnswer, Outcome, Principal, Router};
pub use rule::{ConsentRule, RuleInput, Stage, Verdict};
pub use store::{
    Append, BATCH_BYTES_MAX, Batch, BatchId, CommitError, Committed, Entry, KEY_BYTES_MAX,
    Operation, Position, Precondition, Queue, Range, SCAN_ENTRIES_MAX, Settled, Store, StoreFault,
    VALUE_BYTES_MAX,
};

/// A boxed future: what an object-safe asynchronous port returns.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
