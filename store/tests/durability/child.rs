//! The process that is killed or traced: commits from eight threads and writes a line to
//! its standard output for every acknowledged batch.

use crate::ledger;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use symbolon_domain::port::Store;
use symbolon_store::{EmbeddedOptions, EmbeddedStore};

/// The folder of the store: set for a child only.
pub(crate) const FOLDER: &str = "SYMBOLON_STORE_FOLDER";
/// How many batches each thread commits; without it, until it is killed.
pub(crate) const BATCHES: &str = "SYMBOLON_STORE_BATCHES";
/// How many threads commit.
pub(crate) const THREADS: &str = "SYMBOLON_STORE_THREADS";

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
#[ignore = "started by the other tests, as a process of its own"]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let options = EmbeddedOptions { reserve_bytes: 0, ..EmbeddedOptions::default() };
    let store = Arc::new(EmbeddedStore::open(&folder, &options).unwrap());
    // The harness has begun a line.
    println!();
    let threads: Vec<_> = (0..number(THREADS, ledger::THREADS))
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(commit_all(&store, thread));
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

async fn commit_all(store: &EmbeddedStore, thread: u64) {
    let done = ledger::count(store, thread).await;
    let last = done.saturating_add(number(BATCHES, u64::MAX));
    for number in done + 1..=last {
        store.commit(ledger::batch(thread, number)).await.unwrap();
        // One write call: a line is never mixed with another's.
        let line = format!("ack {thread} {number:08}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}
