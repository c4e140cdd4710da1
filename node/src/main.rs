//! The `symbolon` binary: process globals only.

fn main() {
    symbolon_node::tls::install_provider();
}
