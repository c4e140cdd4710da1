//! What the child writes and how it is found again: numbered batches per thread, each of
//! several keys, so that a lost or a half applied one shows.

use symbolon_domain::key;
use symbolon_domain::port::{
    Append, Batch, BatchId, Entry, Operation, Precondition, Queue, Range, Store,
};

pub(crate) const THREADS: u64 = 8;

/// The key and value that no other batch has: also what a trace shows of it.
pub(crate) fn name(thread: u64, number: u64) -> String {
    format!("entry/{thread}/{number:08}/")
}

pub(crate) fn counter(thread: u64) -> Vec<u8> {
    format!("counter/{thread}").into_bytes()
}

pub(crate) fn queue() -> Queue {
    key::outbox_queue()
}

/// The `number`-th batch of a thread: moves its counter and leaves three marks, one of them
/// large enough that the journal takes it in pieces.
pub(crate) fn batch(thread: u64, number: u64) -> Batch {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&thread.to_be_bytes());
    id[8..].copy_from_slice(&number.to_be_bytes());
    let mut batch = Batch::new(BatchId(id));
    let key = counter(thread);
    batch.preconditions.push(match number {
        1 => Precondition::Absent { key: key.clone() },
        _ => Precondition::RevisionIs { key: key.clone(), revision: number - 1 },
    });
    let large = if number.is_multiple_of(16) { 40_000 } else { 100 };
    let (first, last) = (name(thread, number) + "a", name(thread, number) + "z");
    batch.operations = vec![
        Operation::Put { key: first.into(), value: vec![b'v'; large] },
        Operation::Put { key, value: number.to_be_bytes().into() },
        Operation::Append(Append { queue: queue(), value: name(thread, number).into() }),
        Operation::Put { key: last.into(), value: number.to_be_bytes().into() },
    ];
    batch
}

/// How many batches of the thread are in the store.
pub(crate) async fn count(store: &dyn Store, thread: u64) -> u64 {
    let value = store.get(&counter(thread)).await.unwrap();
    value.map_or(0, |value| u64::from_be_bytes(value[..].try_into().unwrap()))
}

async fn all(store: &dyn Store, range: Range) -> Vec<Entry> {
    let (mut left, mut entries) = (range, Vec::new());
    loop {
        let page = store.scan(&left, 1_000).await.unwrap();
        let Some(last) = page.last() else { return entries };
        left = left.after(&last.key);
        entries.extend(page);
    }
}

/// Every batch up to its thread's counter is there whole, nothing of a later one is, and
/// the queue has each once, a thread's in order. Gives the counters.
pub(crate) async fn verify(store: &dyn Store) -> Vec<u64> {
    let mut queued: Vec<Vec<String>> = vec![Vec::new(); usize::try_from(THREADS).unwrap()];
    for entry in all(store, queue().entries()).await {
        let text = String::from_utf8(entry.value).unwrap();
        let thread: usize = text.split('/').nth(1).unwrap().parse().unwrap();
        queued[thread].push(text);
    }
    let mut counts = Vec::new();
    for (thread, queued) in (0..THREADS).zip(queued) {
        let count = count(store, thread).await;
        let expected: Vec<String> = (1..=count).map(|number| name(thread, number)).collect();
        assert_eq!(queued, expected, "the queue of thread {thread}");
        let mut found = Vec::new();
        for entry in all(store, Range::prefix(format!("entry/{thread}/").as_bytes())).await {
            found.push(String::from_utf8(entry.key).unwrap());
            assert!(entry.value.len() == 8 || entry.value.iter().all(|byte| *byte == b'v'));
        }
        let both = expected.iter().flat_map(|name| [name.clone() + "a", name.clone() + "z"]);
        assert_eq!(found, both.collect::<Vec<_>>(), "the entries of thread {thread}");
        counts.push(count);
    }
    counts
}
