//! What is read.

use super::*;

pub(super) const SENTENCES: Sentences = &[
    ("what was put is read, over an earlier value", |s| Box::pin(put_and_get(s))),
    ("`get_many` answers in the order of its keys, of one moment", |s| Box::pin(get_many(s))),
    ("a scan has its start, not its end, and key order", |s| Box::pin(scan_bounds(s))),
    ("a scan answers at most its limit and at most 1,000", |s| Box::pin(scan_limits(s))),
    ("a scan goes on after the last key it gave", |s| Box::pin(scan_pages(s))),
    ("keys and values are any bytes, values also empty", |s| Box::pin(any_bytes(s))),
    ("what was acknowledged is there after a restart", |s| Box::pin(reopen(s))),
    ("a snapshot stays as it was", |s| Box::pin(snapshot(s))),
];

async fn put_and_get(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    same!(get(&*store, b"a").await?, None);
    commit(&*store, puts(&[(b"a", b"1")])).await?;
    same!(get(&*store, b"a").await?, Some(b"1".to_vec()));
    commit(&*store, puts(&[(b"a", b"2")])).await?;
    same!(get(&*store, b"a").await?, Some(b"2".to_vec()));
    let mut deletion = batch();
    deletion.operations = vec![
        Operation::Delete { key: b"a".into() },
        Operation::Delete { key: b"never there".into() },
    ];
    commit(&*store, deletion).await?;
    same!(get(&*store, b"a").await?, None);
    same!(get(&*store, b"").await?, None);
    Ok(())
}

async fn get_many(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", b"1"), (b"b", b"2")])).await?;
    let keys: Vec<Vec<u8>> = vec![b"b".into(), b"x".into(), b"a".into(), b"b".into()];
    let values = store.get_many(&keys).await.map_err(|fault| fault.to_string())?;
    let (one, two) = (Some(b"1".to_vec()), Some(b"2".to_vec()));
    same!(values, [two.clone(), None, one, two]);
    Ok(())
}

async fn scan_bounds(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"c", b""), (b"a", b""), (b"b", b""), (b"bb", b""), (b"d", b"")]))
        .await?;
    same!(keys(&*store, &range(b"a", b"d"), 10).await?, "abbbc");
    same!(keys(&*store, &range(b"b", b"c"), 10).await?, "bbb");
    same!(keys(&*store, &range(b"aa", b"bb"), 10).await?, "b");
    same!(keys(&*store, &range(b"", b"z"), 10).await?, "abbbcd");
    same!(keys(&*store, &Range::all(), 10).await?, "abbbcd");
    same!(keys(&*store, &Range::prefix(b"b"), 10).await?, "bbb");
    same!(keys(&*store, &range(b"c", b"c"), 10).await?, "");
    same!(keys(&*store, &range(b"d", b"a"), 10).await?, "");
    Ok(())
}

async fn scan_limits(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut many = batch();
    many.operations = (0..1_100).map(|n: u32| put(&n.to_be_bytes(), b"")).collect();
    commit(&*store, many).await?;
    let count = async |limit| scan(&*store, &Range::all(), limit).await.map(|found| found.len());
    same!(count(0).await?, 0);
    same!(count(1).await?, 1);
    same!(count(1_000).await?, 1_000);
    same!(count(usize::MAX).await?, 1_000);
    Ok(())
}

async fn scan_pages(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", b""), (b"a\0", b""), (b"b", b"")])).await?;
    let first = scan(&*store, &Range::all(), 1).await?;
    same!(first, [("a".to_owned(), String::new())]);
    let rest = keys(&*store, &Range::all().after(b"a"), 10).await?;
    same!(rest, "a\0b");
    same!(keys(&*store, &Range::all().after(b"b"), 10).await?, "");
    Ok(())
}

async fn any_bytes(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let keys: [&[u8]; 5] = [&[0], &[0, 0], &[0, 0xff], &[0x7f, 0x80], &[0xfe, 0xff, 0xff]];
    let mut odd = batch();
    odd.operations = keys.iter().map(|key| put(key, key)).collect();
    odd.operations.push(put(b"empty", b""));
    commit(&*store, odd).await?;
    for key in keys {
        same!(get(&*store, key).await?, Some(key.to_vec()));
    }
    same!(get(&*store, b"empty").await?, Some(Vec::new()));
    Ok(())
}

async fn reopen(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", b"1"), (b"b", b"2")])).await?;
    let mut deletion = batch();
    deletion.operations = vec![Operation::Delete { key: b"a".into() }];
    commit(&*store, deletion).await?;
    drop(store);
    let store = subject.reopen();
    same!(scan(&*store, &Range::all(), 9).await?, [("b".to_owned(), "2".to_owned())]);
    Ok(())
}

async fn snapshot(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", b"1"), (b"b", b"1")])).await?;
    let Some(snapshot) = store.snapshot() else { return Ok(()) };
    let mut later = puts(&[(b"a", b"2"), (b"c", b"2")]);
    later.operations.push(Operation::Delete { key: b"b".into() });
    commit(&*store, later).await?;
    let entries = snapshot.scan(&Range::all(), 9).await.map_err(|fault| fault.to_string())?;
    let entry = |key: &[u8]| Entry { key: key.into(), value: b"1".into() };
    same!(entries, [entry(b"a"), entry(b"b")]);
    same!(keys(&*store, &Range::all(), 9).await?, "ac");
    Ok(())
}
