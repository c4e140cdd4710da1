//! The `symbolon` binary: process globals only. What it does is in `cli`.

use std::process::ExitCode;

/// What a call is made of is made on one thread and dropped on another, in small pieces:
/// that costs a fifth of a redemption with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    symbolon_node::tls::install_provider();
    symbolon_node::cli::run()
}
