//! Dumps from one engine into the other, cut and changed ones, and the check.

use super::*;
use crate::{EmbeddedOptions, EmbeddedStore, MemoryStore, OpenError};
use std::sync::atomic::{AtomicU8, Ordering};
use symbolon_domain::key::Row;
use symbolon_domain::{Id, Kind};

/// Each call gives other bytes; batch ids need no more here.
struct Counter(AtomicU8);

impl Entropy for Counter {
    fn fill(&self, out: &mut [u8]) {
        out.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn entropy() -> Counter {
    Counter(AtomicU8::new(0))
}

fn grant(number: u8) -> Id {
    Id::new(Kind::Grant, "eu1".parse().unwrap(), [number; 16])
}

/// Two hundred heads and rows, the queue's entries, one large value.
async fn filled() -> MemoryStore {
    let store = MemoryStore::new();
    for number in 0..100 {
        let mut batch = fresh_batch(&entropy());
        let owner = grant(number);
        batch.operations = vec![
            Operation::Put { key: key::head(owner), value: vec![number; 100] },
            Operation::Put { key: key::row(owner, &Row::GrantRecord(7)), value: vec![number; 9] },
        ];
        store.commit(batch).await.unwrap();
    }
    let mut batch = fresh_batch(&entropy());
    let piece = Row::VaultObjectPiece([1; 16], 0);
    let value = vec![7; symbolon_domain::port::VALUE_BYTES_MAX];
    batch.operations.push(Operation::Put { key: key::row(grant(3), &piece), value });
    batch.operations.push(Operation::Append(symbolon_domain::port::Append {
        queue: key::log_queue(),
        value: b"leaf".into(),
    }));
    store.commit(batch).await.unwrap();
    store
}

async fn everything(store: &dyn Store) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut pages = Pages::of(store);
    while let Some(page) = pages.next().await.unwrap() {
        entries.extend(page);
    }
    entries
}

fn same(entry: Entry) -> Result<Option<Entry>, String> {
    Ok(Some(entry))
}

#[tokio::test]
async fn a_dump_moves_a_store_to_another_engine_and_back() {
    let memory = filled().await;
    let mut dump = Vec::new();
    let summary = backup(&memory, &mut dump).await.unwrap();
    assert_eq!(summary.entries, 202);
    assert!(summary.one_moment);

    let folder = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions { reserve_bytes: 0, ..EmbeddedOptions::default() };
    let embedded = EmbeddedStore::open(folder.path(), &options).unwrap();
    assert_eq!(restore(&embedded, &entropy(), &dump[..], same).await.unwrap(), summary);
    assert_eq!(everything(&embedded).await, everything(&memory).await);

    drop(embedded);
    let embedded = EmbeddedStore::open(folder.path(), &options).unwrap();
    let mut second = Vec::new();
    backup(&embedded, &mut second).await.unwrap();
    assert_eq!(second, dump);
}

#[tokio::test]
async fn a_restore_changes_and_leaves_out_what_its_caller_says() {
    let memory = filled().await;
    let mut dump = Vec::new();
    backup(&memory, &mut dump).await.unwrap();
    let restored = MemoryStore::new();
    let map = |entry: Entry| {
        Ok(match Place::parse(&entry.key).map_err(|error| error.to_string())? {
            Place::Head(_) => Some(Entry { value: b"paused".into(), ..entry }),
            Place::Queued(..) => Some(entry),
            _ => None,
        })
    };
    restore(&restored, &entropy(), &dump[..], map).await.unwrap();
    let entries = everything(&restored).await;
    assert_eq!(entries.len(), 101);
    assert_eq!(entries.iter().filter(|entry| entry.value == b"paused").count(), 100);
}

#[tokio::test]
async fn only_an_empty_store_is_restored() {
    let memory = filled().await;
    let mut dump = Vec::new();
    backup(&memory, &mut dump).await.unwrap();
    let outcome = restore(&memory, &entropy(), &dump[..], same).await;
    assert!(matches!(outcome, Err(DumpError::NotEmpty)), "{outcome:?}");
}

#[tokio::test]
async fn every_cut_and_every_flipped_bit_is_found() {
    let store = MemoryStore::new();
    let mut batch = fresh_batch(&entropy());
    batch.operations = vec![Operation::Put { key: key::head(grant(1)), value: b"value".into() }];
    store.commit(batch).await.unwrap();
    let mut dump = Vec::new();
    backup(&store, &mut dump).await.unwrap();
    let is_refused =
        async |dump: &[u8]| restore(&MemoryStore::new(), &entropy(), dump, same).await.is_err();
    assert!(!is_refused(&dump).await);
    for cut in 0..dump.len() {
        assert!(is_refused(&dump[..cut]).await, "cut at {cut}");
    }
    for byte in 0..dump.len() {
        for bit in 0..8 {
            let mut flipped = dump.clone();
            flipped[byte] ^= 1 << bit;
            assert!(is_refused(&flipped).await, "bit {bit} of byte {byte}");
        }
    }
    dump.push(0);
    assert!(is_refused(&dump).await, "one byte more");
}

#[tokio::test]
async fn a_restore_that_was_cut_short_is_not_opened() {
    let mut dump = Vec::new();
    backup(&filled().await, &mut dump).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let options = EmbeddedOptions { reserve_bytes: 0, ..EmbeddedOptions::default() };
    let embedded = EmbeddedStore::open(folder.path(), &options).unwrap();
    let half = &dump[..dump.len() / 2];
    assert!(restore(&embedded, &entropy(), half, same).await.is_err());
    let report = check(&embedded, |_, _| Ok(())).await.unwrap();
    assert_eq!(report.problems_count, 1);
    drop(embedded);
    let opened = EmbeddedStore::open(folder.path(), &options);
    assert!(matches!(opened, Err(OpenError::HalfRestored { .. })));
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_writes_go_on() {
    let store = filled().await;
    let before = everything(&store).await;
    let mut pages = Pages::of(&store);
    let mut seen = pages.next().await.unwrap().unwrap();
    let mut batch = fresh_batch(&entropy());
    batch.operations = vec![
        Operation::Put { key: key::head(grant(200)), value: b"new".into() },
        Operation::Delete { key: key::head(grant(99)) },
    ];
    store.commit(batch).await.unwrap();
    while let Some(page) = pages.next().await.unwrap() {
        seen.extend(page);
    }
    assert_eq!(seen, before);
}

#[tokio::test]
async fn a_check_finds_foreign_keys_and_wrong_records() {
    let store = filled().await;
    let mut batch = fresh_batch(&entropy());
    batch.operations = vec![Operation::Put { key: b"\x01foreign".into(), value: Vec::new() }];
    store.commit(batch).await.unwrap();
    let report = check(&store, |place, value| match place {
        Place::Head(id) if *id == grant(5) && value.len() == 100 => Err("damaged".into()),
        _ => Ok(()),
    })
    .await
    .unwrap();
    assert_eq!(report.checked.entries, 203);
    let reasons: Vec<_> = report.problems.iter().map(|problem| &problem.reason[..]).collect();
    assert_eq!(reasons, ["damaged", "not a key of this version's layout"]);
}
