//! JWS and `DPoP`: no bytes panic, and nothing unsigned verifies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolon_domain::crypto::{P256Public, RustCrypto};
use symbolon_domain::document::selection::Selection;
use symbolon_domain::jws::{Typ, Unverified, Verified};

fuzz_target!(|data: &[u8]| {
    let Some((typ, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let typ = Typ::ALL[usize::from(*typ) % Typ::ALL.len()];
    if let Ok(unverified) = Unverified::parse(text, typ) {
        let _ = unverified.claimed::<Selection>();
        let _ = unverified.jwk();
        // No point of the curve: whatever verifies under it is a bug.
        let key = P256Public([0x11; 64]);
        let verified: Result<Verified<Selection>, _> = unverified.verify(&RustCrypto, &key);
        assert!(verified.is_err(), "something unsigned verified");
    }
});
