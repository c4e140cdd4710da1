//! Sizes: what is within a bound works, what is over it is refused and changes nothing.

use super::*;
use symbolon_domain::port::{
    BATCH_BYTES_MAX, KEY_BYTES_MAX, SCAN_ENTRIES_MAX, StoreFault, VALUE_BYTES_MAX,
};

pub(super) const SENTENCES: Sentences = &[
    ("the longest key and the longest value are kept", |s| Box::pin(longest(s))),
    ("a batch as large as it may be is committed", |s| Box::pin(largest(s))),
    ("what is over a bound is refused", |s| Box::pin(over(s))),
];

async fn longest(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let (key, value) = (vec![0xfe; KEY_BYTES_MAX], vec![0xaa; VALUE_BYTES_MAX]);
    commit(&*store, puts(&[(&key, &value)])).await?;
    same!(get(&*store, &key).await?.map(|found| found == value), Some(true));
    drop(store);
    same!(get(&*subject.reopen(), &key).await?.map(|found| found == value), Some(true));
    Ok(())
}

async fn largest(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut large = batch();
    let value = vec![0xbb; 1_000];
    let count = BATCH_BYTES_MAX / (4 + value.len());
    large.operations =
        (0..count).map(|n| put(&u32::try_from(n).unwrap_or(0).to_be_bytes(), &value)).collect();
    commit(&*store, large).await?;
    let last = u32::try_from(count - 1).unwrap_or(0).to_be_bytes();
    same!(get(&*store, &last).await?, Some(value));
    Ok(())
}

async fn over(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let long_key = vec![1; KEY_BYTES_MAX + 1];
    let long_value = vec![1; VALUE_BYTES_MAX + 1];
    let half = vec![1; BATCH_BYTES_MAX / 2];
    let single = |operation| vec![put(b"a", b""), operation];
    for operations in [
        single(put(b"", b"")),
        single(put(&[0xff], b"")),
        single(put(&long_key, b"")),
        single(put(b"b", &long_value)),
        single(Operation::Delete { key: long_key.clone() }),
        single(append(&vec![1; KEY_BYTES_MAX - 9], b"")),
        single(append(b"q", &long_value)),
        single(delete_range(b"a", b"b", SCAN_ENTRIES_MAX + 1)),
        vec![put(b"a", &half), put(b"b", &half)],
        vec![append(b"q", b""); 65_537],
    ] {
        let mut wrong = batch();
        wrong.operations = operations;
        matching!(store.commit(wrong).await, Err(CommitError::Fault(StoreFault::TooLarge(_))));
    }
    let mut wrong = puts(&[(b"a", b"")]);
    wrong.preconditions = vec![Precondition::Absent { key: long_key }];
    matching!(store.commit(wrong).await, Err(CommitError::Fault(StoreFault::TooLarge(_))));
    same!(keys(&*store, &Range::all(), 9).await?, "");
    Ok(())
}
