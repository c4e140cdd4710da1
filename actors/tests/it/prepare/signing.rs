//! The person's device: its keys, its authenticator, and what they sign.

use symbolon_domain::act::approve::wraps_hash;
use symbolon_domain::api::Bytes;
use symbolon_domain::api::device::{ApproveSession, WebAuthnAssertion};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::{Crypto, RustCrypto};
use symbolon_domain::document::selection::Selection;
use symbolon_domain::entity::device;
use symbolon_domain::jws::{Typ, Unverified, sign};
use symbolon_domain::secret::Secret;
use symbolon_domain::webauthn::software::SoftwareAuthenticator;

pub(super) const ORIGIN: &str = "https://wallet.example";

/// The device's signing key.
pub(super) fn signing_key() -> Secret<32> {
    Secret::new([10; 32])
}

pub(super) fn authenticator(key: u8, origin: &str) -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(&RustCrypto, Secret::new([key; 32]), "wallet.example", origin)
        .unwrap()
}

/// The one that is registered.
pub(super) fn registered() -> SoftwareAuthenticator {
    authenticator(30, ORIGIN)
}

pub(super) fn registration() -> device::Registration {
    let signing_key = RustCrypto.p256_public(&signing_key()).unwrap();
    device::Registration {
        name: "Phone".into(),
        signing_key,
        jkt: Digest([9; 32]),
        hpke_key: [9; 32],
        authenticator: device::Authenticator {
            credential_id: registered().credential_id().to_vec(),
            credential_key: RustCrypto.p256_public(&Secret::new([30; 32])).unwrap(),
            rp_id: "wallet.example".into(),
            origin: ORIGIN.into(),
            amr: vec!["swk".into(), "user".into()],
            sign_count: 0,
        },
    }
}

/// What travels beside a selection.
pub(super) struct Wraps {
    pub(super) items: Vec<Vec<u8>>,
    pub(super) code: Vec<u8>,
    pub(super) half: Option<Vec<u8>>,
}

/// Signed and confirmed, with the hash of the wraps.
pub(super) fn signed(selection: Selection, wraps: &Wraps) -> ApproveSession {
    let items: Vec<&[u8]> = wraps.items.iter().map(Vec::as_slice).collect();
    let wrap = wraps_hash(&wraps.code, wraps.half.as_deref(), &items);
    let selection = Selection { wrap, ..selection };
    let text = sign(&RustCrypto, &signing_key(), Typ::Selection, None, &selection).unwrap();
    ApproveSession {
        assertion: confirmed_by(&registered(), &text),
        selection: text,
        wraps: wraps.items.iter().cloned().map(Bytes).collect(),
        code_wrap: Bytes(wraps.code.clone()),
        sealed_half: wraps.half.clone().map(Bytes),
    }
}

/// A confirmation of a signed selection.
pub(super) fn confirmed_by(by: &SoftwareAuthenticator, text: &str) -> WebAuthnAssertion {
    let digest = Unverified::parse(text, Typ::Selection).unwrap().digest();
    let assertion = by.confirm(&RustCrypto, &digest).unwrap();
    WebAuthnAssertion {
        credential_id: assertion.credential_id.into(),
        client_data: assertion.client_data.into(),
        authenticator_data: assertion.authenticator_data.into(),
        signature: assertion.signature.into(),
    }
}
