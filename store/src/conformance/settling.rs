//! What becomes of a batch whose result was lost.

use super::*;
use symbolon_domain::port::Settled;

pub(super) const SENTENCES: Sentences = &[
    ("a batch that was applied settles so, also after a restart", |s| Box::pin(applied(s))),
    ("a refused batch settles as void", |s| Box::pin(refused(s))),
    ("a batch that was settled as void is refused when it comes", |s| Box::pin(void(s))),
    ("a batch whose caller gave up is settled for certain", |s| Box::pin(given_up(s))),
];

async fn settle(store: &dyn Store, id: BatchId) -> Result<Settled, String> {
    store.settle(id).await.map_err(|fault| fault.to_string())
}

async fn applied(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let (one, other) = (puts(&[(b"a", b"1")]), puts(&[(b"b", b"1")]));
    let ids = [one.id, other.id];
    commit(&*store, one).await?;
    commit(&*store, other).await?;
    for id in ids {
        same!(settle(&*store, id).await?, Settled::Applied);
    }
    drop(store);
    let store = subject.reopen();
    for id in ids {
        same!(settle(&*store, id).await?, Settled::Applied);
    }
    Ok(())
}

async fn refused(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let mut refused = puts(&[(b"a", b"1")]);
    refused.preconditions = vec![Precondition::RevisionIs { key: b"a".into(), revision: 1 }];
    let id = refused.id;
    matching!(store.commit(refused).await, Err(CommitError::Refused { precondition: 0 }));
    same!(settle(&*store, id).await?, Settled::Void);
    Ok(())
}

async fn void(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    let late = puts(&[(b"a", b"1")]);
    same!(settle(&*store, late.id).await?, Settled::Void);
    matching!(store.commit(late.clone()).await, Err(CommitError::Refused { precondition: 0 }));
    same!(settle(&*store, late.id).await?, Settled::Void);
    same!(get(&*store, b"a").await?, None);
    Ok(())
}

async fn given_up(subject: &mut dyn Subject) -> Outcome {
    let store = subject.empty();
    for number in 0..100_u32 {
        let key = number.to_be_bytes();
        let lost = puts(&[(&key, b"1")]);
        let id = lost.id;
        // Polled once, then dropped: the batch may be on its way.
        let mut running = store.commit(lost);
        std::future::poll_fn(|context| {
            let _ = running.as_mut().poll(context);
            std::task::Poll::Ready(())
        })
        .await;
        drop(running);
        let settled = settle(&*store, id).await?;
        let is_there = get(&*store, &key).await?.is_some();
        same!(settled == Settled::Applied, is_there);
    }
    Ok(())
}
