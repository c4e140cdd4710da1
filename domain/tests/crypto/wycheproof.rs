//! Wycheproof's vectors of the primitives that are the same with every provider: HMAC, HKDF,
//! X25519. Those of the port are in `provider.rs`.

use symbolon_domain::crypto::{hpke, kdf};
use symbolon_domain::secret::Secret;
use wycheproof::{hkdf, mac, xdh};

#[test]
fn hmac_sha256() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        for case in group.tests {
            let tag = kdf::hmac_sha256(&case.key, &[&case.msg]);
            // Some groups have shortened tags, which are prefixes.
            let fits = tag.starts_with(&case.tag);
            assert_eq!(fits, !case.result.must_fail(), "case {}", case.tc_id);
            if fits { valid += 1 } else { invalid += 1 }
        }
    }
    assert_eq!((valid, invalid), (66, 108));
}

#[test]
fn hkdf_sha256() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let (mut valid, mut too_large) = (0, 0);
    for group in set.test_groups {
        for case in group.tests {
            if case.result.must_fail() {
                // More than 255 blocks; ours is always one.
                assert!(case.size > 255 * 32);
                too_large += 1;
                continue;
            }
            let key = kdf::hkdf_extract(&case.salt, &case.ikm);
            let okm = kdf::hkdf_expand(&key, &case.info);
            let shared = case.okm.len().min(32);
            assert_eq!(okm.expose()[..shared], case.okm[..shared], "case {}", case.tc_id);
            if case.salt.is_empty() {
                assert_eq!(kdf::hkdf(&case.ikm, &case.info), okm);
            }
            valid += 1;
        }
    }
    assert_eq!((valid, too_large), (83, 3));
}

#[test]
fn x25519() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut equal, mut without_secret) = (0, 0);
    for group in set.test_groups {
        for case in group.tests {
            let public = case.public_key.as_slice().try_into().unwrap();
            let secret: [u8; 32] = case.private_key.as_slice().try_into().unwrap();
            let shared = x25519_dalek::x25519(secret, public);
            assert_eq!(shared[..], case.shared_secret[..], "case {}", case.tc_id);
            assert!(!case.result.must_fail());
            equal += 1;

            let sealed = hpke::seal(&public, b"info", b"", b"text", &Secret::new([7; 32]));
            if shared == [0; 32] {
                assert!(sealed.is_err(), "a key that gives no secret is refused");
                without_secret += 1;
            } else {
                assert!(sealed.is_ok());
            }
        }
    }
    assert_eq!((equal, without_secret), (518, 31));
}
