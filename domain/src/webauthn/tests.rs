//! Tests of `webauthn`: tables, standard vectors, properties.

use super::authenticator_data::{ATTESTED, BACKED_UP, EXTENSIONS, USER_PRESENT, USER_VERIFIED};
use super::software::{AAGUID, SoftwareAuthenticator};
use super::*;
use crate::bytes::base64url;
use crate::crypto::RustCrypto;
use crate::secret::Secret;
use proptest::prelude::*;

const PARTY: &str = "wallet.example";
const ORIGIN: &str = "https://wallet.example";
const FLAGS: usize = 32;

fn authenticator(party: &str, origin: &str) -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(&RustCrypto, Secret::new([4; 32]), party, origin).unwrap()
}

fn challenge() -> Digest {
    Digest::of(b"what is signed")
}

fn register(registration: &Registration) -> Result<Credential, WebauthnError> {
    let origins = [ORIGIN.to_owned()];
    let party = RelyingParty { id: PARTY, origins: &origins };
    verify_registration(&party, registration, &challenge())
}

fn confirm(assertion: &Assertion) -> Result<Confirmation, WebauthnError> {
    let origins = [ORIGIN.to_owned()];
    let party = RelyingParty { id: PARTY, origins: &origins };
    let authenticator = authenticator(PARTY, ORIGIN);
    let key = RustCrypto.p256_public(&Secret::new([4; 32])).unwrap();
    let id = authenticator.credential_id();
    verify_assertion(&RustCrypto, &party, id, &key, assertion, &challenge())
}

fn registration() -> Registration {
    authenticator(PARTY, ORIGIN).register(&RustCrypto, &challenge()).unwrap()
}

fn assertion() -> Assertion {
    authenticator(PARTY, ORIGIN).confirm(&RustCrypto, &challenge()).unwrap()
}

// Signs again after a change, as an authenticator would that made it itself.
fn assertion_with(change: impl FnOnce(&mut Assertion)) -> Assertion {
    let mut assertion = assertion();
    change(&mut assertion);
    let signed = signed_bytes(&assertion.authenticator_data, &assertion.client_data);
    let signature = RustCrypto.sign_es256(&Secret::new([4; 32]), &signed).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&signature.0).unwrap();
    assertion.signature = signature.to_der().as_bytes().to_vec();
    assertion
}

fn replace(bytes: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{text}");
    *bytes = text.replace(from, to).into_bytes();
}

#[test]
fn registers_and_confirms() {
    let credential = register(&registration()).unwrap();
    assert_eq!(credential.key, RustCrypto.p256_public(&Secret::new([4; 32])).unwrap());
    assert_eq!((credential.origin.as_str(), credential.amr), (ORIGIN, &["swk", "user"][..]));
    let confirmation = Confirmation { origin: ORIGIN.into(), sign_count: 0 };
    assert_eq!(confirm(&assertion()), Ok(confirmation));
}

#[test]
fn says_what_it_is() {
    let name = Digest::of(b"symbolon/v1/software-authenticator");
    assert_eq!(name.0[..16], AAGUID);
    assert_eq!(amr(&[0; 16]), ["pop", "user", "mfa"]);
}

#[test]
fn client_data_refused() {
    use WebauthnError::{Ceremony, Challenge, ClientData, Origin};
    let challenge = base64url(&challenge().0);
    for (from, to, error) in [
        ("webauthn.get", "webauthn.create", Ceremony),
        (challenge.as_str(), &base64url(&[0; 32]), Challenge),
        (&challenge, &challenge[..42], Challenge),
        (ORIGIN, "https://wallet.example.evil", Origin),
        (ORIGIN, "http://wallet.example", Origin),
        (r#""crossOrigin":false"#, r#""crossOrigin":true"#, Origin),
        (r#""crossOrigin":false"#, r#""origin":"https://wallet.example""#, ClientData),
        ("{", "[", ClientData),
    ] {
        let changed = assertion_with(|a| replace(&mut a.client_data, from, to));
        assert_eq!(confirm(&changed), Err(error), "{from} to {to}");
    }
    let more = assertion_with(|a| replace(&mut a.client_data, "{", r#"{"more":{"a":1},"#));
    assert!(confirm(&more).is_ok(), "browsers may add members");
    let mut created = registration();
    created.client_data = assertion().client_data;
    assert_eq!(register(&created), Err(Ceremony));
}

#[test]
fn authenticator_data_refused() {
    use WebauthnError::{AuthenticatorData, NotVerified, RelyingParty};
    for (flags, error) in [
        (USER_PRESENT, NotVerified),
        (USER_VERIFIED, NotVerified),
        (USER_PRESENT | USER_VERIFIED | BACKED_UP, AuthenticatorData),
        (USER_PRESENT | USER_VERIFIED | EXTENSIONS, AuthenticatorData),
        (USER_PRESENT | USER_VERIFIED | ATTESTED, AuthenticatorData),
    ] {
        let changed = assertion_with(|a| a.authenticator_data[FLAGS] = flags);
        assert_eq!(confirm(&changed), Err(error), "{flags:08b}");
    }
    let foreign = authenticator("evil.example", ORIGIN).confirm(&RustCrypto, &challenge()).unwrap();
    let foreign = Assertion { credential_id: assertion().credential_id, ..foreign };
    assert_eq!(confirm(&foreign), Err(RelyingParty));
    let longer = assertion_with(|a| a.authenticator_data.push(0));
    assert_eq!(confirm(&longer), Err(AuthenticatorData));
    let extended = assertion_with(|a| {
        a.authenticator_data[FLAGS] |= EXTENSIONS;
        a.authenticator_data.push(0xa0);
    });
    assert!(confirm(&extended).is_ok());
}

#[test]
fn another_credential_or_signature() {
    let other = Assertion { credential_id: vec![1], ..assertion() };
    assert_eq!(confirm(&other), Err(WebauthnError::Credential));
    let mut unsigned = assertion();
    unsigned.authenticator_data[FLAGS + 4] = 1;
    assert_eq!(confirm(&unsigned), Err(WebauthnError::Signature));
    for signature in [vec![], vec![0; 64], vec![0x30; 73]] {
        let wrong = Assertion { signature, ..assertion() };
        assert_eq!(confirm(&wrong), Err(WebauthnError::Signature));
    }
}

#[test]
fn registrations_refused() {
    use WebauthnError::{AuthenticatorData, Credential};
    let other = Registration { credential_id: vec![1], ..registration() };
    assert_eq!(register(&other), Err(Credential));
    let none =
        Registration { authenticator_data: assertion().authenticator_data, ..registration() };
    assert_eq!(register(&none), Err(AuthenticatorData));
    // alg (-7 at its place in the COSE key) becomes EdDSA (-8).
    let mut eddsa = registration();
    let alg = 32 + 1 + 4 + 16 + 2 + 32 + 4;
    assert_eq!(eddsa.authenticator_data[alg], 0x26);
    eddsa.authenticator_data[alg] = 0x27;
    assert_eq!(register(&eddsa), Err(AuthenticatorData));
    let mut empty_id = registration();
    empty_id.authenticator_data.drain(55..87);
    empty_id.authenticator_data[53..55].copy_from_slice(&[0, 0]);
    assert_eq!(register(&empty_id), Err(AuthenticatorData));
}

proptest! {
    #[test]
    fn cut_anywhere_is_refused(at in any::<prop::sample::Index>()) {
        let mut cut = registration();
        cut.authenticator_data.truncate(at.index(cut.authenticator_data.len()));
        prop_assert!(register(&cut).is_err());
        let assertion = assertion_with(|a| {
            a.authenticator_data.truncate(at.index(a.authenticator_data.len()));
        });
        prop_assert!(confirm(&assertion).is_err());
    }

    #[test]
    fn never_panics(client_data: Vec<u8>, authenticator_data: Vec<u8>, signature: Vec<u8>) {
        let credential_id = assertion().credential_id;
        let assertion = Assertion { credential_id, client_data, authenticator_data, signature };
        prop_assert!(confirm(&assertion).is_err());
    }
}
