//! Preconditions, and all or nothing.

use super::*;

pub(super) const SENTENCES: Sentences = &[
    ("`absent` holds for a key that is not there", |s| Box::pin(absent(s))),
    ("`revision is n` holds for a value that starts with n", |s| Box::pin(revisions(s))),
    ("a refusal names the first precondition that fails", |s| Box::pin(first_refusal(s))),
    ("a refused batch changes nothing", |s| Box::pin(refused_whole(s))),
    ("preconditions look at the store before the batch", |s| Box::pin(before_the_batch(s))),
    ("operations are done in order", |s| Box::pin(in_order(s))),
    ("a delete range takes at most its limit, from its start", |s| Box::pin(delete_ranges(s))),
    ("a delete range sees the batch's earlier operations", |s| Box::pin(delete_range_sees(s))),
    ("a batch may only ask", |s| Box::pin(only_asks(s))),
];

fn absent_key(key: &[u8]) -> Precondition {
    Precondition::Absent { key: key.into() }
}

fn at_revision(key: &[u8], revision: u64) -> Precondition {
    Precondition::RevisionIs { key: key.into(), revision }
}

async fn absent(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut creation = puts(&[(b"a", b"1")]);
    creation.preconditions = vec![absent_key(b"a")];
    commit(&*store, creation.clone()).await?;
    creation.id = batch().id;
    matching!(store.commit(creation).await, Err(CommitError::Refused { precondition: 0 }));
    Ok(())
}

async fn revisions(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", &revision(7)), (b"short", b"1234567")])).await?;
    let ask = async |key, revision| {
        let mut question = batch();
        question.preconditions = vec![at_revision(key, revision)];
        store.commit(question).await
    };
    same!(ask(b"a", 7).await.is_ok(), true);
    for (key, revision) in [(&b"a"[..], 8), (b"a", 6), (b"a", 7 << 32), (b"b", 0), (b"short", 0)] {
        matching!(ask(key, revision).await, Err(CommitError::Refused { precondition: 0 }));
    }
    Ok(())
}

async fn first_refusal(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", &revision(1))])).await?;
    let mut question = batch();
    question.preconditions =
        vec![at_revision(b"a", 1), absent_key(b"a"), absent_key(b"b"), at_revision(b"a", 2)];
    matching!(store.commit(question).await, Err(CommitError::Refused { precondition: 1 }));
    Ok(())
}

async fn refused_whole(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", b"1"), (b"b", b"1")])).await?;
    let mut refused = puts(&[(b"a", b"2"), (b"c", b"2")]);
    refused.operations.push(Operation::Delete { key: b"b".into() });
    refused.operations.push(delete_range(b"a", b"z", 9));
    refused.operations.push(append(b"q", b"2"));
    refused.preconditions = vec![absent_key(b"a")];
    matching!(store.commit(refused).await, Err(CommitError::Refused { .. }));
    let kept = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "1".to_owned())];
    same!(scan(&*store, &Range::all(), 9).await?, kept);
    drop(store);
    same!(scan(&*subject.reopen(), &Range::all(), 9).await?, kept);
    Ok(())
}

async fn before_the_batch(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", &revision(1))])).await?;
    let mut change = puts(&[(b"a", &revision(2)), (b"b", b"")]);
    change.preconditions = vec![at_revision(b"a", 1), absent_key(b"b")];
    commit(&*store, change).await?;
    same!(get(&*store, b"a").await?, Some(revision(2)));
    Ok(())
}

async fn in_order(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut ordered = puts(&[(b"a", b"1"), (b"a", b"2"), (b"b", b"1")]);
    ordered.operations.push(Operation::Delete { key: b"b".into() });
    ordered.operations.push(Operation::Delete { key: b"c".into() });
    ordered.operations.push(put(b"c", b"3"));
    commit(&*store, ordered).await?;
    let expected = [("a".to_owned(), "2".to_owned()), ("c".to_owned(), "3".to_owned())];
    same!(scan(&*store, &Range::all(), 9).await?, expected);
    Ok(())
}

async fn delete_ranges(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let entries = [b"a", b"b", b"c", b"d", b"e"].map(|key| put(key, b""));
    let mut all = batch();
    all.operations = entries.into();
    commit(&*store, all).await?;
    for (deletion, left) in [
        (delete_range(b"b", b"e", 2), "ade"),
        (delete_range(b"b", b"e", 0), "ade"),
        (delete_range(b"e", b"b", 9), "ade"),
        (delete_range(b"b", b"e", 9), "ae"),
    ] {
        let mut change = batch();
        change.operations = vec![deletion];
        commit(&*store, change).await?;
        same!(keys(&*store, &Range::all(), 9).await?, left);
    }
    Ok(())
}

async fn delete_range_sees(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"b", b""), (b"d", b""), (b"f", b"")])).await?;
    let mut change = puts(&[(b"a", b""), (b"c", b""), (b"e", b"")]);
    change.operations.push(Operation::Delete { key: b"b".into() });
    // There are now a, c, d, e, f.
    change.operations.push(delete_range(b"a", b"z", 3));
    change.operations.push(put(b"c", b""));
    commit(&*store, change).await?;
    same!(keys(&*store, &Range::all(), 9).await?, "cef");
    Ok(())
}

async fn only_asks(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut question = batch();
    question.preconditions = vec![absent_key(b"a")];
    commit(&*store, question).await?;
    commit(&*store, batch()).await?;
    same!(keys(&*store, &Range::all(), 9).await?, "");
    Ok(())
}
