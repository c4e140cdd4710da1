//! Event queues forget: what is older than a week is removed from their beginning. Nothing
//! that counts is lost: an event repeats what the views say.

use crate::http::state::App;
use std::time::Duration;
use symbolon_domain::entity::notice::Notice;
use symbolon_domain::key::{self, Place, queues};
use symbolon_domain::port::{
    Batch, BatchId, CommitError, Operation, Queue, Range, SCAN_ENTRIES_MAX, StoreFault,
};
use symbolon_domain::{Timestamp, record};

/// How long an event can be read.
pub const EVENT_LIFE: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Entries looked at at once.
const ENTRIES: usize = 256;

/// Removes what is older than [`EVENT_LIFE`] now: how many events.
///
/// # Errors
/// When the store fails.
pub async fn forget(app: &App, now: Timestamp) -> Result<u64, StoreFault> {
    let store = app.store.as_ref();
    let mut rest = Range::prefix(&queues());
    let mut removed = 0;
    loop {
        let Some(first) = store.scan(&rest, 1).await?.into_iter().next() else {
            return Ok(removed);
        };
        let Ok(Place::Queued(queue, _)) = Place::parse(&first.key) else {
            return Err(StoreFault::Corrupt("an entry of a queue has no queue's key".into()));
        };
        if is_events(&queue) {
            removed += forget_old(app, &queue, now).await?;
        }
        rest.start = queue.entries().end;
    }
}

// The log and the outbox are others' to empty.
fn is_events(queue: &Queue) -> bool {
    *queue != key::log_queue() && *queue != key::outbox_queue()
}

async fn forget_old(app: &App, queue: &Queue, now: Timestamp) -> Result<u64, StoreFault> {
    let store = app.store.as_ref();
    let mut removed = 0;
    loop {
        let entries = store.scan(&queue.entries(), ENTRIES).await?;
        let is_old = |value: &[u8]| {
            // One that cannot be read is no use to anybody.
            record::decode::<Notice>(value).map_or(true, |n| now.since(n.at) > EVENT_LIFE)
        };
        let old = entries.iter().take_while(|entry| is_old(&entry.value)).count();
        let Some(last) = old.checked_sub(1).and_then(|last| entries.get(last)) else {
            return Ok(removed);
        };
        let mut range = queue.entries();
        range.end = [&last.key[..], &[0]].concat();
        let operations = vec![Operation::DeleteRange { range, limit: SCAN_ENTRIES_MAX }];
        let id = BatchId(app.entropy.bytes());
        match store.commit(Batch { id, preconditions: Vec::new(), operations }).await {
            Ok(_) => removed += old as u64,
            Err(CommitError::Fault(fault)) => return Err(fault),
            // The next round looks again.
            Err(CommitError::Unknown | CommitError::Refused { .. }) => return Ok(removed),
        }
        if old < entries.len() {
            return Ok(removed);
        }
    }
}
