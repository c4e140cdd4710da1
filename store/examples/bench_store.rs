//! Sides of the rows about durable batches, and what fills a store for the rows about
//! starts. `scripts/bench` runs them; by hand:
//!
//! `cargo run --release -p symbolon-store --example bench_store -- SIDE --folder FOLDER
//! --seconds 3 --clients 64 --entities 1000000`; the folder says which disk.

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "an example")]

#[path = "../../scripts/benchmark/side.rs"]
#[allow(dead_code, reason = "no example uses all of it")]
mod side;

use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use side::{CLIENT_CORE, Failure, SERVER_CORE, Window, Words};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::token::{Binding, Credential, Token, TokenClass};
use symbolon_domain::entity::{Head, Stored};
use symbolon_domain::port::{Batch, BatchId, Operation, Precondition, Store};
use symbolon_domain::{Id, Kind, Region, Timestamp, key};
use symbolon_store::{EmbeddedOptions, EmbeddedStore};
use tokio::sync::oneshot;

/// Bytes of a value: an entity's head.
const VALUE_BYTES: usize = 200;
/// Heads that are updated in turn, as many as the rows of pgbench's table.
const HEADS: u64 = 100_000;
/// Heads written at once when a store is filled.
const FILL_BATCH: u64 = 1_000;

fn main() -> Result<(), Failure> {
    let words = Words::read();
    let folder: PathBuf = words.get("--folder")?;
    // What the store starts runs on the server's core.
    side::pin(SERVER_CORE)?;
    match words.side()? {
        "loop" => bare_loop(&folder.join("loop"), words.get("--seconds")?),
        "fjall" => {
            bare_fjall(&folder.join("fjall"), words.get("--clients")?, words.get("--seconds")?)
        }
        "commits" => {
            commits(&folder.join("store"), words.get("--clients")?, words.get("--seconds")?)
        }
        "fill" => fill(&folder, words.get("--entities")?),
        "load" => load(&folder, words.get("--entities")?),
        other => Err(format!("no side is called {other}").into()),
    }
}

/// One 300-byte record appended and synced at a time.
fn bare_loop(path: &Path, seconds: f64) -> Result<(), Failure> {
    let mut file = File::create(path)?;
    file.set_len(64 * 1_024 * 1_024)?;
    file.sync_all()?;
    let record = [7; 300];
    let (window, mut count) = (Window::open(seconds), 0);
    while window.is_open() {
        file.write_all(&record)?;
        file.sync_data()?;
        count += 1;
    }
    window.close(count);
    Ok(())
}

/// A thread that reads one key and writes one key per request, one sync for all that wait.
fn bare_fjall(folder: &Path, clients: u64, seconds: f64) -> Result<(), Failure> {
    let database = Database::builder(folder).open()?;
    let data = database.keyspace("data", KeyspaceCreateOptions::default)?;
    let (sender, receiver) = std::sync::mpsc::sync_channel::<(u64, oneshot::Sender<()>)>(4_096);
    let committer = std::thread::spawn(move || -> Result<(), fjall::Error> {
        while let Ok(first) = receiver.recv() {
            let group: Vec<_> = std::iter::once(first).chain(receiver.try_iter()).collect();
            let mut batch = database.batch().durability(Some(PersistMode::SyncData));
            for (key, _) in &group {
                data.get(key.to_be_bytes())?;
                batch.insert(&data, key.to_be_bytes(), [7; VALUE_BYTES]);
            }
            batch.commit()?;
            for (_, answer) in group {
                let _ = answer.send(());
            }
        }
        Ok(())
    });
    measure(clients, seconds, move |key, _| {
        let sender = sender.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            sender.try_send((key, answer)).map_err(|error| error.to_string())?;
            Ok(answered.await?)
        }
    })?;
    committer.join().map_err(|_| "the bare committer failed")??;
    Ok(())
}

/// Each client updates heads of its own: `revision is n`, put revision n + 1.
fn commits(folder: &Path, clients: u64, seconds: f64) -> Result<(), Failure> {
    let store = Arc::new(EmbeddedStore::open(folder, &EmbeddedOptions::default())?);
    measure(clients, seconds, move |number, revision| {
        let store = Arc::clone(&store);
        async move {
            store.commit(update(head(number), revision)).await?;
            Ok(())
        }
    })
}

/// So many clients, each with heads of its own in turn, one operation at a time.
fn measure<F, A>(clients: u64, seconds: f64, operate: F) -> Result<(), Failure>
where
    F: Fn(u64, u64) -> A + Clone + Send + 'static,
    A: Future<Output = Result<(), Failure>> + Send,
{
    let runtime = side::runtime(CLIENT_CORE)?;
    runtime.block_on(async move {
        let window = Arc::new(Window::open(seconds));
        let mut tasks = tokio::task::JoinSet::new();
        for client in 0..clients {
            let (window, operate) = (Arc::clone(&window), operate.clone());
            tasks.spawn(async move {
                let own = HEADS / clients;
                let mut count = 0;
                while window.is_open() {
                    operate(client * own + count % own, count / own).await?;
                    count += 1;
                }
                Ok::<_, Failure>(count)
            });
        }
        let mut total = 0;
        while let Some(count) = tasks.join_next().await {
            total += count??;
        }
        window.close(total);
        Ok(())
    })
}

/// Fills a store with so many tokens: heads with their due rows.
fn fill(folder: &Path, entities: u64) -> Result<(), Failure> {
    let store = EmbeddedStore::open(folder, &EmbeddedOptions::default())?;
    let window = Window::open(0.0);
    side::runtime(CLIENT_CORE)?.block_on(async {
        for chunk in 0..entities.div_ceil(FILL_BATCH) {
            let mut batch = Batch::new(fresh_id());
            for number in chunk * FILL_BATCH..entities.min((chunk + 1) * FILL_BATCH) {
                let (id, token) = token(number)?;
                let value = Stored { revision: 1, head: Head::Token(token.clone()) }.encode()?;
                let due = Operation::Put { key: key::due(token.expires, id), value: Vec::new() };
                batch.operations.extend([Operation::Put { key: key::head(id), value }, due]);
            }
            store.commit(batch).await?;
        }
        Ok::<_, Failure>(())
    })?;
    window.close(entities);
    Ok(())
}

/// Small batches on the heads of a filled store until the process is killed; says how many
/// were acknowledged once there is something to replay.
fn load(folder: &Path, entities: u64) -> Result<(), Failure> {
    let store = Arc::new(EmbeddedStore::open(folder, &EmbeddedOptions::default())?);
    side::runtime(CLIENT_CORE)?.block_on(async {
        let window = Arc::new(Window::open(2.0));
        let done = Arc::new(AtomicU64::new(0));
        for client in 0..64 {
            let (store, done) = (Arc::clone(&store), Arc::clone(&done));
            tokio::spawn(async move {
                for count in 0.. {
                    let (id, token) = token((count * 64 + client) % entities)?;
                    let stored = Stored { revision: 2 + count, head: Head::Token(token) };
                    let mut batch = Batch::new(fresh_id());
                    let (key, value) = (key::head(id), stored.encode()?);
                    batch.operations.push(Operation::Put { key, value });
                    store.commit(batch).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, Failure>(())
            });
        }
        while window.is_open() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        window.close(done.load(Ordering::Relaxed));
        std::future::pending::<()>().await;
        Ok(())
    })
}

/// An access token that lives for a year; its id is as far from its neighbours' as random
/// ones are.
fn token(number: u64) -> Result<(Id, Token), Failure> {
    let hash = Digest::of(&number.to_be_bytes());
    let random = hash.0.first_chunk::<16>().copied().unwrap_or_default();
    let region: Region = "eu1".parse()?;
    let id = Id::new(Kind::Token, region, random);
    let bank = Id::new(Kind::Institution, region, [1; 16]);
    let credential = Credential { id, hash };
    let now = Timestamp::from_seconds(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
    let expires = now.after(Duration::from_secs(365 * 24 * 3_600));
    let binding = Binding::Certificate(Digest([1; 32]));
    let token = Token::issue(&credential, TokenClass::Access, bank, binding, now, expires);
    Ok((id, Token { grant: Some(Id::new(Kind::Grant, region, random)), ..token }))
}

fn head(number: u64) -> Vec<u8> {
    [&[1, 6][..], &number.to_be_bytes(), &[0; 16]].concat()
}

fn value(revision: u64) -> Vec<u8> {
    let mut value = vec![7; VALUE_BYTES];
    if let Some(bytes) = value.first_chunk_mut() {
        *bytes = revision.to_be_bytes();
    }
    value
}

fn update(key: Vec<u8>, revision: u64) -> Batch {
    let mut batch = Batch::new(fresh_id());
    batch.preconditions.push(match revision {
        0 => Precondition::Absent { key: key.clone() },
        revision => Precondition::RevisionIs { key: key.clone(), revision },
    });
    batch.operations.push(Operation::Put { key, value: value(revision + 1) });
    batch
}

fn fresh_id() -> BatchId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    BatchId(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}
