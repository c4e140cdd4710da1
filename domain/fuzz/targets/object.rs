//! Object header and opener: nothing but what was sealed opens, whatever the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::crypto::key_tree::ContentSecret;
use symbolon_domain::crypto::object::{self, Header};
use symbolon_domain::secret::Secret;

fuzz_target!(|data: &[u8]| {
    if let Ok(header) = Header::parse(data) {
        assert_eq!(data[..header.to_bytes().len()], header.to_bytes(), "a header has one form");
    }
    // Sealed bytes, cut and changed as the data says, never open to something else.
    let secret = ContentSecret::new(Secret::new([7; 32]));
    let (id, salt) = ([1; 16], [2; 32]);
    let plain = b"what the person's device sealed";
    let Ok(sealed) = object::seal(&RustCrypto, &secret, &id, 3, &salt, plain) else { return };
    let mut changed = sealed.clone();
    for pair in data.chunks_exact(2) {
        let at = usize::from(pair[0]) % changed.len();
        changed[at] ^= pair[1];
    }
    match object::open(&RustCrypto, &secret, &id, &changed) {
        Ok(opened) => {
            assert_eq!(changed, sealed, "a changed object opened");
            assert_eq!(opened, plain);
        }
        Err(_) => assert_ne!(changed, sealed, "a sealed object did not open"),
    }
    let _ = object::open(&RustCrypto, &secret, &id, data);
});
