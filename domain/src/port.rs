//! The ports: what the rest of the system provides. Each is object-safe, so that a
//! node takes its ports as arguments and a test can hand in its own.

mod batch;
mod clock;
mod router;
mod rule;
mod store;

pub use batch::{
    Append, BATCH_APPENDS_MAX, BATCH_BYTES_MAX, Batch, BatchId, Entry, KEY_BYTES_MAX, Operation,
    Position, Precondition, Queue, Range, SCAN_ENTRIES_MAX, SETTLE_WITHIN_SECONDS, VALUE_BYTES_MAX,
};
pub use clock::{Clock, Entropy};
pub use router::{Call, Fault, Keep, Kept, KeptAnswer, Outcome, Principal, Router};
pub use rule::{ConsentRule, RuleInput, Stage, Verdict};
pub use store::{CommitError, Committed, Settled, Snapshot, Store, StoreFault};

/// A boxed future: what an object-safe asynchronous port returns.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
