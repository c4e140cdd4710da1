//! Wake-ups: whoever reads an ordered queue is told that something was appended.
//!
//! They may be lost (a restart, another node's commit), so a reader also looks by itself
//! now and then; they make it fast, not right.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use symbolon_domain::port::Queue;
use tokio::sync::watch;

/// The readers of queues.
#[derive(Default)]
pub struct Wakeups {
    readers: RwLock<HashMap<Queue, watch::Sender<u64>>>,
}

impl Wakeups {
    /// A receiver that changes whenever something is appended to the queue. It is dropped
    /// to unsubscribe.
    pub fn subscribe(&self, queue: Queue) -> watch::Receiver<u64> {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        // Those who left make place for those who come.
        if readers.len() == readers.capacity() {
            readers.retain(|_, sender| sender.receiver_count() > 0);
        }
        readers.entry(queue).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Wakes the readers of the queue: for what is appended by other means than an entity.
    pub fn notify(&self, queue: &Queue) {
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = readers.get(queue) {
            sender.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}
