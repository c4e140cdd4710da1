//! Cryptography from outside: vectors of ours and of others, objects under every knife.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests, with their helpers")]

#[path = "crypto/hex.rs"]
mod hex;
#[path = "crypto/manifest.rs"]
mod manifest;
#[path = "crypto/object.rs"]
mod object;
#[path = "crypto/provider.rs"]
mod provider;
#[path = "crypto/vectors.rs"]
mod vectors;
#[path = "crypto/wycheproof.rs"]
mod wycheproof;

#[test]
fn rustcrypto_passes_what_aws_lc_passes() {
    provider::check(&symbolon_domain::crypto::RustCrypto);
}
