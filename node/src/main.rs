//! The `symbolon` binary: process globals only. What it does is in `cli`.

use std::process::ExitCode;

/// What a call is made of is made on one thread and dropped on another, in small pieces:
/// with glibc's allocator that was about a fifth of a profile of consents and redemptions.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    symbolon_node::tls::install_provider();
    symbolon_node::cli::run()
}
