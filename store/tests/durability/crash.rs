//! SIGKILL at random moments, again and again: no acknowledged batch is lost, none is half
//! applied.

use crate::{child_command, ledger};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use symbolon_store::{EmbeddedOptions, EmbeddedStore};

/// A new folder after so many kills, so that first starts are killed too.
const KILLS_PER_FOLDER: u64 = 10;

/// SplitMix64 (Steele, Lea, Flood 2014): the same moments in every run, as far as the
/// machine's scheduling goes.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Runs the child for so long, kills it, and gives the last acknowledged number per thread.
fn kill_after(folder: &Path, moment: Duration) -> Vec<u64> {
    let mut child = child_command(folder).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let mut last = vec![0; usize::try_from(ledger::THREADS).unwrap()];
        for line in lines {
            let line = line.unwrap();
            let Some((thread, number)) =
                line.strip_prefix("ack ").and_then(|ack| ack.split_once(' '))
            else {
                continue;
            };
            // The pipe may end in the middle of the very last line.
            if number.len() == 8 {
                last[thread.parse::<usize>().unwrap()] = number.parse().unwrap();
            }
        }
        last
    });
    std::thread::sleep(moment);
    assert_eq!(child.try_wait().unwrap(), None, "the child ended by itself");
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn no_acknowledged_batch_is_lost_and_none_is_half_applied() {
    let kills: u64 = std::env::var("SYMBOLON_KILLS").map_or(50, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options = EmbeddedOptions { reserve_bytes: 0, ..EmbeddedOptions::default() };
    let (mut seed, mut batches, mut in_flight) = (1, 0, 0);
    let mut folder = tempfile::tempdir().unwrap();
    for kill in 0..kills {
        if kill.is_multiple_of(KILLS_PER_FOLDER) {
            folder = tempfile::tempdir().unwrap();
        }
        // A first start takes some tens of milliseconds.
        let moment = Duration::from_micros(random(&mut seed) % 200_000);
        let acknowledged = kill_after(folder.path(), moment);
        let store = EmbeddedStore::open(folder.path(), &options).unwrap();
        let found = runtime.block_on(ledger::verify(&store));
        for (thread, (found, acknowledged)) in found.iter().zip(&acknowledged).enumerate() {
            assert!(
                // Acknowledged before this start or in it; at most one more was on its way.
                *found >= *acknowledged && (*acknowledged == 0 || *found <= acknowledged + 1),
                "kill {kill}, thread {thread}: {found} found, {acknowledged} acknowledged"
            );
            in_flight += u64::from(*acknowledged > 0 && found > acknowledged);
        }
        if kill % KILLS_PER_FOLDER == KILLS_PER_FOLDER - 1 || kill == kills - 1 {
            batches += found.iter().sum::<u64>();
        }
    }
    println!("{kills} kills, {batches} batches, {in_flight} durable before their answer");
    assert!(batches > kills, "the kills came before there was anything to lose");
}
