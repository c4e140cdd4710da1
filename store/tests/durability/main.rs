//! Durability with real processes: this binary starts itself as the process that commits.
//!
//! `SYMBOLON_KILLS` says how often the crash test kills (50 unless told; the soak 500).

// Clippy knows only functions marked as tests for tests; here all is one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

mod child;
mod crash;
mod disk;
mod ledger;
mod trace;

use std::path::Path;
use std::process::Command;

/// This binary, started as the child of `child.rs` on a folder.
fn child_command(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "child::child"]);
    command.env(child::FOLDER, folder);
    command
}

/// Says what was left out and why: a skipped check must not look like a passed one.
fn left_out(check: &str, reason: &str) {
    println!("LEFT OUT: {check}: {reason}");
}
