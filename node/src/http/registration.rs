//! What a new device registers: its keys, its name, and how the person proves to be there.

use super::commands::relying_party;
use super::guard::Proof;
use super::problem::{Answer, Problem};
use super::state::App;
use symbolon_domain::api::device::{DeviceCredential, DeviceRegistration};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::document::text::check_line;
use symbolon_domain::entity::device::{Authenticator, Registration};
use symbolon_domain::entity::token::Credential;
use symbolon_domain::port::Keep;
use symbolon_domain::webauthn::{self, RelyingParty};
use symbolon_domain::{Id, Kind, Rejection};

/// Verifies a registration: the caller holds the signing key, and the person's new
/// credential is bound to these keys, this device and this vault.
///
/// # Errors
/// What does not hold.
pub(super) fn verify(
    app: &App,
    proof: &Proof,
    vault: Id,
    device: Id,
    sent: &DeviceRegistration,
) -> Answer<Registration> {
    let invalid = |detail: &str| Problem::from(Rejection::InvalidRequest).detail(detail);
    if vault.kind != Kind::Vault || device.kind != Kind::Device {
        return Err(invalid("vault must be a vault's id and device a device's"));
    }
    if vault.region != app.region || device.region != app.region {
        return Err(invalid(&format!("vault and device must be at home in {}", app.region)));
    }
    check_line("registration.name", &sent.name, 80)?;
    if proof.jkt != sent.signing_key.thumbprint() {
        return Err(Problem::from(Rejection::BadSignature)
            .detail("the DPoP proof must be by registration.signing_key"));
    }
    let party = relying_party(app);
    let registration = webauthn::Registration {
        credential_id: sent.registration.credential_id.0.clone(),
        client_data: sent.registration.client_data.0.clone(),
        authenticator_data: sent.registration.authenticator_data.0.clone(),
    };
    let credential = webauthn::verify_registration(
        &RelyingParty { id: &party.id, origins: &party.origins },
        &registration,
        &sent.challenge(vault, device),
    )
    .map_err(|error| {
        Problem::from(Rejection::UserVerificationRequired).detail(error.to_string())
    })?;
    Ok(Registration {
        name: sent.name.clone(),
        signing_key: sent.signing_key.key,
        jkt: proof.jkt,
        hpke_key: sent.hpke_key.key,
        authenticator: Authenticator {
            credential_id: credential.id,
            credential_key: credential.key,
            rp_id: party.id,
            origin: credential.origin,
            // What the authenticator data says, whatever the page says.
            amr: credential.amr.iter().map(ToString::to_string).collect(),
            sign_count: credential.sign_count,
        },
    })
}

/// A kept answer of one key's own: what one caller names its request says nothing about
/// another's.
pub(super) fn own(proof: &Proof, keep: Option<Keep>) -> Option<Keep> {
    keep.map(|keep| {
        let scope = Digest::lp("idempotency-of-key", &[&keep.scope.0, &proof.jkt.0]);
        Keep { scope, ..keep }
    })
}

/// A new token for a device: what the store keeps of it, and what the device gets once.
pub(super) fn issue(app: &App, vault: Id, device: Id) -> (Credential, DeviceCredential) {
    let token = Token::new(TokenClass::Device, app.region, &app.entropy.bytes());
    let kept = Credential { id: token.id(), hash: token.hash() };
    (kept, DeviceCredential { vault, device, token: token.text().clone() })
}
