//! The `symbolon` binary: process globals only. What it does is in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    symbolon_node::tls::install_provider();
    symbolon_node::cli::run()
}
