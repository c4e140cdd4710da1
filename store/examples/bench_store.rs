//! Durable writes and reads of the embedded store beside their bare counterparts.
//!
//! `cargo run --release -p symbolon-store --example bench_store -- [FOLDER] [SECONDS]
//! [ENTITIES]`: the folder decides which disk is measured; with ENTITIES (1000000 for the
//! project's table) it also fills a store and times its start, clean and after a kill.

use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use symbolon_domain::port::{Batch, BatchId, Operation, Precondition, Range, Store};
use symbolon_store::{EmbeddedOptions, EmbeddedStore};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Bytes of a value: an entity's head.
const VALUE_BYTES: usize = 200;
/// Heads that are updated in turn.
const HEADS: u64 = 100_000;
/// Set for the process that fills a store and waits to be killed.
const FILL: &str = "SYMBOLON_BENCH_FILL";

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let seconds: u64 = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let entities: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if std::env::var_os(FILL).is_some() {
        return runtime.block_on(fill_and_wait(&folder, entities));
    }
    let window = Duration::from_secs(seconds);
    let scratch = tempfile::tempdir_in(folder)?;
    let mut out = std::io::stdout().lock();

    let bare = bare_loop(&scratch.path().join("loop"), window)?;
    writeln!(out, "bare write+fdatasync loop        {bare:>10.0}/s")?;
    for clients in [1, 64] {
        let rate = bare_fjall(&scratch.path().join(format!("fjall{clients}")), clients, window)?;
        writeln!(out, "bare fjall committer, {clients:>2} clients {rate:>10.0}/s")?;
    }
    for clients in [1, 64] {
        let folder = scratch.path().join(format!("store{clients}"));
        let store = Arc::new(EmbeddedStore::open(&folder, &EmbeddedOptions::default())?);
        let rate = runtime.block_on(commits(&store, clients, window))?;
        let note = if clients == 1 {
            format!("  {:.2} of the bare loop", rate / bare)
        } else {
            String::new()
        };
        writeln!(out, "store, {clients:>2} clients                {rate:>10.0}/s{note}")?;
        let (gets, scans) = runtime.block_on(reads(&store, window))?;
        writeln!(out, "store, reads of one key          {gets:>10.0}/s")?;
        writeln!(out, "store, scans of 50               {scans:>10.0}/s")?;
    }
    if entities > 0 {
        starts(&scratch.path().join("starts"), entities, &mut out)?;
    }
    Ok(())
}

/// One 300-byte record appended and synced at a time.
fn bare_loop(path: &Path, window: Duration) -> Result<f64, Failure> {
    let mut file = File::create(path)?;
    file.set_len(64 * 1_024 * 1_024)?;
    file.sync_all()?;
    let record = [7; 300];
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < window {
        file.write_all(&record)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// A thread that reads one key and writes one key per request, one sync for all that wait.
fn bare_fjall(folder: &Path, clients: u64, window: Duration) -> Result<f64, Failure> {
    let database = Database::builder(folder).open()?;
    let data = database.keyspace("data", KeyspaceCreateOptions::default)?;
    let (sender, receiver) =
        std::sync::mpsc::sync_channel::<(u64, tokio::sync::oneshot::Sender<()>)>(4_096);
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
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let sender = sender.clone();
            runtime.spawn(async move {
                let mut count = 0_u64;
                while start.elapsed() < window {
                    let (answer, answered) = tokio::sync::oneshot::channel();
                    let key = (count * clients + client) % HEADS;
                    if sender.try_send((key, answer)).is_err() || answered.await.is_err() {
                        break;
                    }
                    count += 1;
                }
                count
            })
        })
        .collect();
    drop(sender);
    let mut total = 0;
    for task in tasks {
        total += runtime.block_on(task)?;
    }
    let elapsed = start.elapsed();
    committer.join().map_err(|_| "the bare committer failed")??;
    Ok(rate(total, elapsed))
}

/// Each client updates heads of its own: `revision is n`, put revision n + 1.
async fn commits(
    store: &Arc<EmbeddedStore>,
    clients: u64,
    window: Duration,
) -> Result<f64, Failure> {
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let own = (HEADS / clients).min(1_000);
                let mut count = 0_u64;
                while start.elapsed() < window {
                    let key = head(client * own + count % own);
                    store.commit(update(key, count / own)).await?;
                    count += 1;
                }
                Ok::<_, Failure>(count)
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    Ok(rate(total, start.elapsed()))
}

async fn reads(store: &EmbeddedStore, window: Duration) -> Result<(f64, f64), Failure> {
    let (start, mut gets) = (Instant::now(), 0);
    while start.elapsed() < window / 3 {
        store.get(&head(gets * 7_919 % 1_000)).await?;
        gets += 1;
    }
    let gets = rate(gets, start.elapsed());
    let (start, mut scans) = (Instant::now(), 0);
    while start.elapsed() < window / 3 {
        store.scan(&Range { start: head(scans % 900), end: vec![0xfe] }, 50).await?;
        scans += 1;
    }
    Ok((gets, rate(scans, start.elapsed())))
}

/// How long an open takes when so many heads are stored.
fn starts(folder: &Path, entities: u64, out: &mut impl Write) -> Result<(), Failure> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([folder.as_os_str(), "0".as_ref(), entities.to_string().as_ref()])
        .env(FILL, "1")
        .stdout(Stdio::piped())
        .spawn()?;
    // It says when it has filled the store, and waits.
    let mut filled = [0];
    std::io::Read::read_exact(&mut child.stdout.take().ok_or("no pipe")?, &mut filled)?;
    child.kill()?;
    child.wait()?;
    for state in ["after SIGKILL", "clean"] {
        let start = Instant::now();
        let store = EmbeddedStore::open(folder, &EmbeddedOptions::default())?;
        let seconds = start.elapsed().as_secs_f64();
        let megabytes = store.size_bytes()? / 1_000_000;
        writeln!(out, "start, {entities} entities, {state}: {seconds:.2} s ({megabytes} MB)")?;
    }
    Ok(())
}

async fn fill_and_wait(folder: &Path, entities: u64) -> Result<(), Failure> {
    let store = Arc::new(EmbeddedStore::open(folder, &EmbeddedOptions::default())?);
    for chunk in 0..entities.div_ceil(1_000) {
        let mut batch = Batch::new(fresh_id());
        for number in chunk * 1_000..entities.min((chunk + 1) * 1_000) {
            // Scattered, as random ids are.
            let key = head((number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            batch.operations.push(Operation::Put { key, value: vec![7; VALUE_BYTES] });
        }
        store.commit(batch).await?;
    }
    // Then the usual small batches, whose ids the next start finds noted.
    commits(&store, 64, Duration::from_secs(2)).await?;
    let mut out = std::io::stdout();
    out.write_all(b"!")?;
    out.flush()?;
    std::future::pending().await
}

fn head(number: u64) -> Vec<u8> {
    [&[1, 6][..], &number.to_be_bytes(), &[0; 16]].concat()
}

fn update(key: Vec<u8>, revision: u64) -> Batch {
    let mut batch = Batch::new(fresh_id());
    batch.preconditions.push(match revision {
        0 => Precondition::Absent { key: key.clone() },
        revision => Precondition::RevisionIs { key: key.clone(), revision },
    });
    let mut value = vec![7; VALUE_BYTES];
    if let Some(bytes) = value.first_chunk_mut() {
        *bytes = (revision + 1).to_be_bytes();
    }
    batch.operations.push(Operation::Put { key, value });
    batch
}

fn fresh_id() -> BatchId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    BatchId(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes())
}

fn rate(count: u64, elapsed: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / elapsed.as_secs_f64()
}
