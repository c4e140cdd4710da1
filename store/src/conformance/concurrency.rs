//! Many callers at once.

use super::*;

pub(super) const SENTENCES: Sentences = &[
    ("concurrent increments under `revision is n` lose nothing", |s| Box::pin(increments(s))),
    ("of many creations under `absent` exactly one succeeds", |s| Box::pin(creations(s))),
    ("readers see each batch whole", |s| Box::pin(whole_batches(s))),
    ("concurrent appends get positions of their own, in commit order", |s| Box::pin(appends(s))),
];

const CALLERS: u64 = 16;

/// Runs all at once and gives their results.
async fn together<T, F>(calls: impl Iterator<Item = F>) -> Result<Vec<T>, String>
where
    T: Send + 'static,
    F: Future<Output = Result<T, String>> + Send + 'static,
{
    let tasks: Vec<_> = calls.map(tokio::spawn).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.map_err(|error| error.to_string())??);
    }
    Ok(results)
}

async fn increments(subject: &mut dyn Subject) -> Outcome {
    const EACH: u64 = 20;
    let store = subject.empty();
    commit(&*store, puts(&[(b"n", &revision(0))])).await?;
    let tries = together((0..CALLERS).map(|_| {
        let store = Arc::clone(&store);
        async move {
            let (mut done, mut tries) = (0, 0_u64);
            while done < EACH {
                let value = get(&*store, b"n").await?.unwrap_or_default();
                let seen = value.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
                let mut increment = puts(&[(b"n", &revision(seen + 1))]);
                let key = b"n".to_vec();
                increment.preconditions = vec![Precondition::RevisionIs { key, revision: seen }];
                tries += 1;
                match store.commit(increment).await {
                    Ok(_) => done += 1,
                    Err(CommitError::Refused { precondition: 0 }) => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
            Ok(tries)
        }
    }))
    .await?;
    same!(get(&*store, b"n").await?, Some(revision(CALLERS * EACH)));
    if tries.iter().sum::<u64>() < CALLERS * EACH {
        return Err("more increments than tries".into());
    }
    drop(store);
    same!(get(&*subject.reopen(), b"n").await?, Some(revision(CALLERS * EACH)));
    Ok(())
}

async fn creations(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    for round in 0..20_u32 {
        let created = together((0..CALLERS).map(|caller| {
            let store = Arc::clone(&store);
            async move {
                let key = round.to_be_bytes();
                let mut creation = puts(&[(&key, &caller.to_be_bytes())]);
                creation.preconditions = vec![Precondition::Absent { key: key.into() }];
                match store.commit(creation).await {
                    Ok(_) => Ok(Some(caller)),
                    Err(CommitError::Refused { precondition: 0 }) => Ok(None),
                    Err(error) => Err(error.to_string()),
                }
            }
        }))
        .await?;
        let winners: Vec<u64> = created.into_iter().flatten().collect();
        let [winner] = winners[..] else { return Err(format!("created by {winners:?}")) };
        let found = get(&*store, &round.to_be_bytes()).await?;
        same!(found, Some(winner.to_be_bytes().to_vec()));
    }
    Ok(())
}

async fn whole_batches(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    commit(&*store, puts(&[(b"a", b""), (b"b", b"")])).await?;
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for number in 0..300_u32 {
                let value = number.to_be_bytes();
                commit(&*store, puts(&[(b"a", &value), (b"b", &value)])).await?;
            }
            Ok::<_, String>(())
        }
    });
    let pair: Vec<Vec<u8>> = vec![b"a".into(), b"b".into()];
    while !writer.is_finished() {
        let values = store.get_many(&pair).await.map_err(|fault| fault.to_string())?;
        same!(values.first(), values.last());
        let entries = scan(&*store, &Range::all(), 9).await?;
        same!(entries.first().map(|entry| &entry.1), entries.last().map(|entry| &entry.1));
        // What one read saw, a later one sees too.
        let later = get(&*store, b"b").await?;
        if later.as_ref() < values.first().and_then(Option::as_ref) {
            return Err(format!("{later:?} was read after {values:?}"));
        }
        tokio::task::yield_now().await;
    }
    writer.await.map_err(|error| error.to_string())?
}

async fn appends(subject: &mut dyn Subject) -> Outcome {
    const EACH: u64 = 30;
    let store = subject.empty();
    let positions = together((0..CALLERS).map(|caller| {
        let store = Arc::clone(&store);
        async move {
            let mut positions = Vec::new();
            for _ in 0..EACH {
                let mut one = batch();
                one.operations = vec![append(b"q", &caller.to_be_bytes())];
                positions.push(commit(&*store, one).await?.position);
            }
            Ok(positions)
        }
    }))
    .await?;
    for own in &positions {
        if !own.is_sorted_by(|one, next| one < next) {
            return Err(format!("a caller's positions went back: {own:?}"));
        }
    }
    let mut all: Vec<Position> = positions.into_iter().flatten().collect();
    all.sort();
    all.dedup();
    same!(u64::try_from(all.len()).unwrap_or(0), CALLERS * EACH);
    let found = store.scan(&Queue(b"q".into()).entries(), 1_000).await;
    let found = found.map_err(|fault| fault.to_string())?;
    let found: Vec<Position> = found.iter().filter_map(|e| Position::of_key(&e.key)).collect();
    same!(found, all);
    Ok(())
}
