//! A disk that fills up: writes are refused, reads go on, nothing acknowledged is lost, and
//! room made is room used. On a small tmpfs in a mount namespace of its own.

use crate::{child_command, ledger, left_out};
use std::path::{Path, PathBuf};
use std::process::Command;
use symbolon_domain::port::{CommitError, Settled, Store, StoreFault};
use symbolon_store::{EmbeddedOptions, EmbeddedStore};

/// The small disk: set for the process inside the namespace only.
const DISK: &str = "SYMBOLON_SMALL_DISK";
const DISK_MEGABYTES: u64 = 48;
const BALLAST_BYTES: usize = 24 * 1_024 * 1_024;

/// Runs the ignored test of this file on a small disk of its own.
fn on_a_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={DISK_MEGABYTES}m tmpfs \"$0\"");
    let permitted =
        Command::new("unshare").args(["-m", "sh", "-c", &mount]).arg(folder.path()).output();
    if !permitted.is_ok_and(|output| output.status.success()) {
        left_out("the full disk", "this user may not mount a tmpfs (unshare -m)");
        return;
    }
    let inner = child_command(folder.path());
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &format!("{mount} && exec \"$@\"")])
        .arg(folder.path())
        .arg(inner.get_program())
        .args(["--ignored", "--exact", "--nocapture", test])
        .env(DISK, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{errors}");
}

fn small_disk() -> Option<PathBuf> {
    std::env::var_os(DISK).map(PathBuf::from)
}

fn open(disk: &Path, reserve_bytes: u64) -> EmbeddedStore {
    let options = EmbeddedOptions { reserve_bytes, ..EmbeddedOptions::default() };
    EmbeddedStore::open(&disk.join("store"), &options).unwrap()
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

/// Commits one thread's batches until one is not; gives the number of the last that was.
async fn fill(store: &EmbeddedStore) -> (u64, CommitError) {
    let mut number = ledger::count(store, 0).await;
    loop {
        match store.commit(ledger::batch(0, number + 1)).await {
            Ok(_) => number += 1,
            Err(error) => return (number, error),
        }
    }
}

#[test]
fn below_the_reserve_writes_are_refused_until_there_is_room() {
    on_a_small_disk("disk::reserve");
}

#[test]
#[ignore = "started by the test above, on a small disk"]
fn reserve() {
    let Some(disk) = small_disk() else { return };
    block_on(async {
        let ballast = disk.join("ballast");
        std::fs::write(&ballast, vec![1; BALLAST_BYTES]).unwrap();
        let store = open(&disk, 12 * 1_024 * 1_024);
        let (last, error) = fill(&store).await;
        let full = |fault: &StoreFault| matches!(fault, StoreFault::DiskFull { .. });
        assert!(matches!(&error, CommitError::Fault(fault) if full(fault)), "{error}");
        assert!(last > 0 && store.health().is_err_and(|fault| full(&fault)));
        assert_eq!(ledger::verify(&store).await[0], last, "reads go on");
        std::fs::remove_file(&ballast).unwrap();
        assert_eq!(store.health(), Ok(()));
        store.commit(ledger::batch(0, last + 1)).await.unwrap();
        drop(store);
        assert_eq!(ledger::verify(&open(&disk, 0)).await[0], last + 1);
    });
}

#[test]
fn a_disk_that_is_full_all_the_same_loses_nothing() {
    on_a_small_disk("disk::full");
}

#[test]
#[ignore = "started by the test above, on a small disk"]
fn full() {
    let Some(disk) = small_disk() else { return };
    block_on(async {
        let ballast = disk.join("ballast");
        std::fs::write(&ballast, vec![1; BALLAST_BYTES]).unwrap();
        let store = open(&disk, 0);
        let (last, error) = fill(&store).await;
        // The journal's write failed half way, or a flush in the background did before.
        let poisoned = |fault: &StoreFault| matches!(fault, StoreFault::Poisoned(_));
        match &error {
            CommitError::Unknown => {}
            CommitError::Fault(fault) if poisoned(fault) => {}
            other => panic!("{other}"),
        }
        assert!(last > 0 && store.health().is_err_and(|fault| poisoned(&fault)));
        let (again, refused) = fill(&store).await;
        assert_eq!(again, last);
        assert!(matches!(&refused, CommitError::Fault(fault) if poisoned(fault)), "{refused}");
        assert_eq!(ledger::verify(&store).await[0], last, "reads go on");
        let unknown = ledger::batch(0, last + 1);
        assert!(store.settle(unknown.id).await.is_err_and(|fault| poisoned(&fault)));
        drop(store);

        std::fs::remove_file(&ballast).unwrap();
        let store = open(&disk, 0);
        let found = ledger::verify(&store).await[0];
        assert!(found == last || found == last + 1, "{found} of {last}");
        let settled = store.settle(unknown.id).await.unwrap();
        assert_eq!(settled == Settled::Applied, found > last);
        // A batch that was settled void never comes: the next one has an id of its own.
        let mut next = ledger::batch(0, found + 1);
        next.id.0[0] = 1;
        store.commit(next).await.unwrap();
    });
}
