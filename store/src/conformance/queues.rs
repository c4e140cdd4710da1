//! Ordered queues.

use super::*;
use symbolon_domain::key;

pub(super) const SENTENCES: Sentences = &[
    ("an append is stored at its queue's key and position", |s| Box::pin(stored_at(s))),
    ("a batch's appends follow in order, over its queues", |s| Box::pin(within_a_batch(s))),
    ("later commits have greater positions", |s| Box::pin(later_is_greater(s))),
    ("positions never repeat, a restart and an emptied queue included", |s| {
        Box::pin(never_repeat(s))
    }),
    ("positions are greater than those that were put", |s| Box::pin(greater_than_put(s))),
];

async fn stored_at(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let queue = Queue(b"q".into());
    let mut one = batch();
    one.operations = vec![append(b"q", b"first")];
    let position = commit(&*store, one).await?.position;
    same!(get(&*store, &queue.key(position)).await?, Some(b"first".to_vec()));
    same!(scan(&*store, &queue.entries(), 9).await?.len(), 1);
    same!(scan(&*store, &queue.entries_after(position), 9).await?.len(), 0);
    Ok(())
}

async fn within_a_batch(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut several = batch();
    several.operations = vec![
        append(b"q", b"0"),
        put(b"other", b""),
        append(b"r", b"1"),
        append(b"q", b"2"),
        append(b"q", b"3"),
    ];
    let first = commit(&*store, several).await?.position;
    let values = async |queue: &[u8]| {
        let entries = scan(&*store, &Queue(queue.into()).entries(), 9).await?;
        Ok::<_, String>(entries.into_iter().map(|(_, value)| value).collect::<String>())
    };
    same!(values(b"q").await?, "023");
    same!(values(b"r").await?, "1");
    let third = Queue(b"q".into()).key(Position::new(first.commit(), 2));
    same!(get(&*store, &third).await?, Some(b"2".to_vec()));
    Ok(())
}

async fn later_is_greater(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut last = None;
    for number in 0..600_u32 {
        let mut one = batch();
        one.operations = vec![append(b"q", &number.to_be_bytes()), append(b"q", b"second")];
        let position = commit(&*store, one).await?.position;
        if last >= Some(position) {
            return Err(format!("{position:?} came after {last:?}"));
        }
        last = Some(position);
    }
    let entries = store.scan(&Queue(b"q".into()).entries(), 1_000).await;
    let entries = entries.map_err(|fault| fault.to_string())?;
    let firsts: Vec<Vec<u8>> = entries.into_iter().step_by(2).map(|entry| entry.value).collect();
    let expected: Vec<Vec<u8>> = (0..500_u32).map(|number| number.to_be_bytes().into()).collect();
    same!(firsts, expected);
    Ok(())
}

async fn never_repeat(subject: &mut dyn Subject) -> Outcome {
    let mut store = subject.empty();
    let mut last = None;
    for _ in 0..4 {
        for _ in 0..3 {
            let mut one = batch();
            one.operations = vec![append(b"q", b"")];
            let position = commit(&*store, one).await?.position;
            if last >= Some(position) {
                return Err(format!("{position:?} came after {last:?}"));
            }
            last = Some(position);
            let mut emptied = batch();
            emptied.operations = vec![delete_range(b"q", b"r", 9)];
            commit(&*store, emptied).await?;
        }
        drop(store);
        store = subject.reopen();
    }
    Ok(())
}

async fn greater_than_put(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let restored = Position::new(1 << 40, 7);
    commit(&*store, puts(&[(&key::outbox_queue().key(restored), b"old")])).await?;
    drop(store);
    let store = subject.reopen();
    let mut one = batch();
    one.operations =
        vec![Operation::Append(Append { queue: key::outbox_queue(), value: b"new".into() })];
    let position = commit(&*store, one).await?.position;
    if position <= restored {
        return Err(format!("{position:?} is not after {restored:?}"));
    }
    Ok(())
}
