//! What wallets send and get.

use super::{Bytes, wire};
use crate::bytes::Digest;
use crate::crypto::wrap::Wrap;
use crate::entity::device::Admission;
use crate::entity::vault::Recovery;
use crate::jwk::{P256Jwk, X25519Jwk};
use crate::secret::SecretText;
use crate::{Id, Timestamp};

wire! {
    /// The keys and the name a device registers. Its signing key is its `DPoP` key.
    pub struct DeviceRegistration {
        /// What the person calls it, at most 80 characters.
        pub name: String,
        /// Signs, and proves possession (`DPoP`).
        pub signing_key: P256Jwk,
        /// For what is sealed to the device.
        pub hpke_key: X25519Jwk,
        /// The `WebAuthn` registration; its challenge is the SHA-256 of
        /// `lp("enrol", vault, device, signing key's thumbprint, hpke key)`.
        pub registration: WebAuthnRegistration,
    }

    /// What `navigator.credentials.create` gave.
    pub struct WebAuthnRegistration {
        /// The credential's id.
        pub credential_id: Bytes,
        /// `clientDataJSON`.
        pub client_data: Bytes,
        /// `getAuthenticatorData()`.
        pub authenticator_data: Bytes,
        /// Methods (RFC 8176), such as `hwk` or `swk`.
        pub amr: Vec<String>,
    }

    /// What `navigator.credentials.get` gave; the challenge is the SHA-256 of the signed
    /// bytes that it confirms.
    pub struct WebAuthnAssertion {
        /// The credential's id.
        pub credential_id: Bytes,
        /// `clientDataJSON`.
        pub client_data: Bytes,
        /// `authenticatorData`.
        pub authenticator_data: Bytes,
        /// The signature, ASN.1 DER as `WebAuthn` has it.
        pub signature: Bytes,
    }

    /// `POST /v1/accounts`, with a `DPoP` proof by the signing key: a vault and its first
    /// device. The wallet chooses both ids.
    pub struct CreateAccount {
        /// The vault.
        pub vault: Id,
        /// The device.
        pub device: Id,
        /// Its keys and name.
        pub registration: DeviceRegistration,
        /// What its recovery sheet needs; it can also be made later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub recovery: Option<VaultRecovery>,
    }

    /// `GET /v1/vault/recovery`: what the vault keeps for its recovery sheet.
    pub struct VaultRecovery {
        /// Verifies what is signed with the sheet.
        pub key: P256Jwk,
        /// The root key, wrapped for the sheet: 80 bytes.
        pub wrap: Wrap,
    }

    /// `POST /v1/devices`, with a `DPoP` proof by the new device's signing key.
    pub struct JoinVault {
        /// The vault.
        pub vault: Id,
        /// The new device.
        pub device: Id,
        /// Its keys and name.
        pub registration: DeviceRegistration,
        /// JWS `symbolon-command+jwt` that names this registration: `enrol_device` by a
        /// device of the vault, or `recover` signed with the recovery sheet.
        pub approval: SignedCommand,
    }

    /// A device's credential, bound to its `DPoP` key.
    pub struct DeviceCredential {
        /// The vault.
        pub vault: Id,
        /// The device.
        pub device: Id,
        /// The token, scheme `DPoP`.
        pub token: SecretText,
    }

    /// A command that a device signed, with the person's confirmation where it needs one.
    pub struct SignedCommand {
        /// JWS `symbolon-command+jwt`.
        pub command: String,
        /// Over its SHA-256.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub assertion: Option<WebAuthnAssertion>,
    }

    /// A device of the vault.
    pub struct DeviceView {
        /// Its id.
        pub id: Id,
        /// What the person calls it.
        pub name: String,
        /// Whether it was revoked.
        pub revoked: bool,
        /// On whose word it came in.
        pub admitted: Admission,
        /// When it was enrolled.
        pub created: Timestamp,
    }

    /// `POST /v1/hints`: what the device shows a terminal, as
    /// `https://{wallet host}/h#{hint}`.
    pub struct LoginHint {
        /// Good once.
        pub hint: SecretText,
        /// Until when.
        pub expires: Timestamp,
    }

    /// `GET /v1/sessions/{id}/offer`: what the claiming device shows.
    pub struct SessionOffer {
        /// The signed offer, by the institution in the session statement.
        pub offer: String,
        /// Hash of the pushed request: the selection names it.
        pub request: Digest,
        /// The paths asked for that the rules let through.
        pub paths: Vec<String>,
        /// The client's `state` (`query` only: the page takes it back).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub state: Option<String>,
        /// Where the page goes with the code (`query` only).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub redirect_uri: Option<String>,
    }

    /// `POST /v1/sessions/{id}/approve`.
    pub struct ApproveSession {
        /// JWS `symbolon-selection+jwt` by the device.
        pub selection: String,
        /// The person's confirmation over its SHA-256.
        pub assertion: WebAuthnAssertion,
        /// One per ticked item, in the selection's order: its secret (sealed to the
        /// institution first, with delivery `institution`) wrapped under the grant key.
        pub wraps: Vec<Bytes>,
        /// The grant key wrapped under a key from the code's second half.
        pub code_wrap: Bytes,
        /// The second half sealed to the institution (`symbolon.session` only).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sealed_half: Option<Bytes>,
    }

    /// The answer: the code's first half. No secret; the same approval gets it again.
    pub struct ApprovedSession {
        /// The grant.
        pub grant: Id,
        /// `code = handle.half`.
        pub handle: String,
        /// Until when the code is good.
        pub code_expires: Timestamp,
    }

    /// The current version of an item, as the manifest has it.
    pub struct ItemEntry {
        /// The item's id: `HMAC-SHA-256(K_index, path)`.
        pub item: Digest,
        /// Counts its versions, from 1.
        pub version: u64,
        /// Key epoch of the leaf.
        pub epoch: u32,
        /// The object that holds it.
        pub object: Bytes,
        /// SHA-256 of the object.
        pub digest: Digest,
        /// Bytes of the object.
        pub size: u64,
        /// The object's salt.
        pub salt: Bytes,
        /// When it was deleted, if it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub tombstone: Option<Timestamp>,
    }

    /// The manifest's state.
    pub struct ManifestView {
        /// Counts the commits.
        pub epoch: u64,
        /// The tree's root.
        pub root: Digest,
        /// The signed commit that led here; none before the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub commit: Option<String>,
    }

    /// `POST /v1/vault/manifest`, with `If-Match: "<previous root>"`.
    pub struct CommitManifest {
        /// JWS `symbolon-manifest+jwt` by the device.
        pub commit: String,
        /// The items that change, at most 256.
        pub items: Vec<ItemEntry>,
    }

    /// A record of a grant's chain: what was given, used, paused, ended.
    pub struct RecordView {
        /// Its place in the chain, from 0.
        pub sequence: u64,
        /// Its leaf in the log.
        pub leaf: Digest,
        /// Opens the leaf: `SHA-256(lp("leaf", salt, record))`.
        pub salt: Bytes,
        /// The record, deterministic CBOR.
        pub record: Bytes,
        /// The same for people and programs without CBOR.
        pub fact: RecordFact,
    }

    /// What a record says.
    pub struct RecordFact {
        /// given, used or moved.
        pub kind: String,
        /// When.
        pub at: Timestamp,
        /// The state after it (moved).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub state: Option<String>,
        /// What was lent (used).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub items: Vec<UsedItem>,
    }

    /// One item of a use: compare it with the current version to see "changed since".
    pub struct UsedItem {
        /// The item.
        pub item: Digest,
        /// Its path, as granted.
        pub path: String,
        /// The version read.
        pub version: u64,
        /// SHA-256 of its ciphertext.
        pub digest: Digest,
    }
}

impl From<Recovery> for VaultRecovery {
    fn from(Recovery { key, wrap }: Recovery) -> Self {
        Self { key: P256Jwk::new(key), wrap }
    }
}

impl DeviceRegistration {
    /// The challenge of the `WebAuthn` registration: it binds the credential to these keys,
    /// this device and this vault.
    #[must_use]
    pub fn challenge(&self, vault: Id, device: Id) -> Digest {
        let fields: [&[u8]; 4] = [
            &vault.to_bytes(),
            &device.to_bytes(),
            &self.signing_key.thumbprint().0,
            &self.hpke_key.key,
        ];
        Digest::lp("enrol", &fields)
    }
}
