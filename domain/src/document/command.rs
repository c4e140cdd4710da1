//! A device's signed command: what a node may not do on anybody else's word.

use super::text::check_line;
use super::{Invalid, check_issuer, demand};
use crate::bytes::Digest;
use crate::crypto::recovery::ROOT_WRAP_BYTES;
use crate::crypto::wrap::Wrap;
use crate::jwk::{P256Jwk, X25519Jwk};
use crate::rejection::Rejection;
use crate::{Id, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How old a command may be when it arrives.
pub const AGE_MAX: Duration = Duration::from_secs(300);
/// How far a device's clock may be ahead.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// A command, signed by a device; one alone is signed with a recovery sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceCommand {
    /// The cluster.
    pub issuer: String,
    /// Whose vault.
    pub vault: Id,
    /// Which device signs, or comes in by the recovery sheet.
    pub device: Id,
    /// Random: the same command sent twice is one command.
    pub nonce: Digest,
    /// When it was signed.
    pub issued: Timestamp,
    /// What is to be done.
    pub action: Action,
}

/// What a device can command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Lend nothing under this grant for now.
    PauseGrant {
        /// Which.
        grant: Id,
    },
    /// Lend again.
    ResumeGrant {
        /// Which.
        grant: Id,
    },
    /// Never lend under this grant again.
    RevokeGrant {
        /// Which.
        grant: Id,
    },
    /// Let another device in.
    EnrolDevice {
        /// Its id.
        device: Id,
        /// What the person calls it, at most 80 characters.
        name: String,
        /// Its signing key, also its `DPoP` key.
        signing_key: P256Jwk,
        /// What is sealed to it is sealed to this key.
        hpke_key: X25519Jwk,
    },
    /// Let this device in: signed with the vault's recovery sheet, and by no device.
    Recover {
        /// Its id, also the command's `device`.
        device: Id,
        /// What the person calls it, at most 80 characters.
        name: String,
        /// Its signing key, also its `DPoP` key.
        signing_key: P256Jwk,
        /// What is sealed to it is sealed to this key.
        hpke_key: X25519Jwk,
    },
    /// From now on another recovery sheet is the vault's, or the first.
    RenewRecovery {
        /// Verifies what the new sheet signs.
        key: P256Jwk,
        /// The root key, wrapped for the new sheet.
        wrap: Wrap,
    },
    /// Let a device in no more.
    RevokeDevice {
        /// Which.
        device: Id,
    },
    /// Hand out all that is stored of this vault.
    Export {},
    /// Erase all that is stored of this vault.
    DeleteVault {},
}

impl Action {
    /// Whether the person must confirm it too, by a `WebAuthn` assertion over the digest of
    /// the signed bytes.
    #[must_use]
    pub fn needs_user_verification(&self) -> bool {
        match self {
            Self::EnrolDevice { .. }
            | Self::RenewRecovery { .. }
            | Self::DeleteVault {}
            | Self::Export {} => true,
            // Less access never waits for the person's finger, and a resumed grant lends
            // nothing that the person did not confirm when they gave it. Who recovers has the
            // sheet, and no credential yet.
            Self::PauseGrant { .. }
            | Self::ResumeGrant { .. }
            | Self::RevokeGrant { .. }
            | Self::Recover { .. }
            | Self::RevokeDevice { .. } => false,
        }
    }

    fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::PauseGrant { grant }
            | Self::ResumeGrant { grant }
            | Self::RevokeGrant { grant } => {
                demand(grant.kind == Kind::Grant, "action.grant", "is no grant's id")
            }
            Self::EnrolDevice { device, name, .. } | Self::Recover { device, name, .. } => {
                demand(device.kind == Kind::Device, "action.device", "is no device's id")?;
                check_line("action.name", name, 80)
            }
            Self::RevokeDevice { device } => {
                demand(device.kind == Kind::Device, "action.device", "is no device's id")
            }
            Self::RenewRecovery { wrap, .. } => {
                let whole = wrap.as_bytes().len() == ROOT_WRAP_BYTES;
                demand(whole, "action.wrap", "is no wrapped root key: 80 bytes")
            }
            Self::Export {} | Self::DeleteVault {} => Ok(()),
        }
    }
}

impl DeviceCommand {
    /// Checks all that can be checked without anything else.
    ///
    /// # Errors
    /// Names the first field that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        check_issuer(&self.issuer)?;
        demand(self.vault.kind == Kind::Vault, "vault", "is no vault's id")?;
        demand(self.device.kind == Kind::Device, "device", "is no device's id")?;
        self.action.validate()
    }

    /// Checks that the command is for this cluster and vault, of the device whose signature
    /// was verified, and fresh. That it was not carried out before is for its `nonce` to tell.
    ///
    /// # Errors
    /// [`Rejection::InvalidRequest`] for a field that cannot be, [`Rejection::Forbidden`] for
    /// another's vault or device, [`Rejection::BadSignature`] for a signature that is too old
    /// or from the future.
    pub fn check(
        &self,
        issuer: &str,
        vault: Id,
        device: Id,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        self.validate()?;
        if self.issuer != issuer || self.vault != vault || self.device != device {
            return Err(Rejection::Forbidden);
        }
        let fresh = self.issued <= now.after(CLOCK_SKEW) && now.since(self.issued) <= AGE_MAX;
        if fresh { Ok(()) } else { Err(Rejection::BadSignature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::base64url;
    use crate::crypto::P256Public;
    use serde_json::json;

    const ISSUER: &str = "https://id.example";
    const NOW: Timestamp = Timestamp(1_780_000_000_000);

    fn id(kind: Kind) -> Id {
        Id::new(kind, "eu1".parse().unwrap(), [5; 16])
    }

    fn command(action: Action) -> DeviceCommand {
        DeviceCommand {
            issuer: ISSUER.into(),
            vault: id(Kind::Vault),
            device: id(Kind::Device),
            nonce: Digest([1; 32]),
            issued: NOW,
            action,
        }
    }

    fn key() -> P256Jwk {
        P256Jwk::new(P256Public([1; 64]))
    }

    fn recover(device: Id) -> Action {
        let hpke_key = X25519Jwk::new([2; 32]);
        Action::Recover { device, name: "Phone".into(), signing_key: key(), hpke_key }
    }

    fn renew(bytes: usize) -> Action {
        Action::RenewRecovery { key: key(), wrap: Wrap::from_bytes(vec![7; bytes]) }
    }

    #[test]
    fn bound_and_fresh() {
        let command = command(Action::PauseGrant { grant: id(Kind::Grant) });
        let check =
            |issuer, vault, device, now| command.check(issuer, vault, device, Timestamp(now));
        let (vault, device) = (command.vault, command.device);
        let mut other = vault;
        other.random = [6; 16];
        assert_eq!(check(ISSUER, vault, device, NOW.0), Ok(()));
        assert_eq!(check("https://x.example", vault, device, NOW.0), Err(Rejection::Forbidden));
        assert_eq!(check(ISSUER, other, device, NOW.0), Err(Rejection::Forbidden));
        assert_eq!(check(ISSUER, vault, other, NOW.0), Err(Rejection::Forbidden));
        assert_eq!(check(ISSUER, vault, device, NOW.0 + 300_000), Ok(()));
        assert_eq!(check(ISSUER, vault, device, NOW.0 + 300_001), Err(Rejection::BadSignature));
        assert_eq!(check(ISSUER, vault, device, NOW.0 - 60_001), Err(Rejection::BadSignature));
    }

    #[test]
    fn json_form() {
        let grant = id(Kind::Grant);
        for (action, json) in [
            (Action::RevokeGrant { grant }, json!({"revoke_grant": {"grant": grant}})),
            (Action::DeleteVault {}, json!({"delete_vault": {}})),
            (
                recover(id(Kind::Device)),
                json!({"recover": {
                    "device": id(Kind::Device), "name": "Phone",
                    "signing_key": key(), "hpke_key": X25519Jwk::new([2; 32]),
                }}),
            ),
            (
                renew(ROOT_WRAP_BYTES),
                json!({"renew_recovery": {
                    "key": key(), "wrap": base64url(&[7; ROOT_WRAP_BYTES]),
                }}),
            ),
        ] {
            assert_eq!(serde_json::to_value(&action).unwrap(), json);
            assert_eq!(serde_json::from_value::<Action>(json).unwrap(), action);
        }
        for wrong in [
            json!({"revoke_grant": {"grant": grant, "more": 1}}),
            json!({"delete_vault": {"more": 1}}),
            json!({"pause_grant": {"grant": grant}, "export": {}}),
            json!("export"),
        ] {
            assert!(serde_json::from_value::<Action>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ids_of_the_wrong_kind() {
        let wrong = id(Kind::Session);
        for action in [
            Action::PauseGrant { grant: wrong },
            Action::ResumeGrant { grant: wrong },
            Action::RevokeGrant { grant: wrong },
            Action::RevokeDevice { device: wrong },
            recover(wrong),
        ] {
            assert!(command(action).validate().is_err());
        }
    }

    #[test]
    fn what_cannot_be_is_no_command_whoever_signed_it() {
        let check =
            |command: DeviceCommand| command.check(ISSUER, command.vault, command.device, NOW);
        let good = command(Action::Export {});
        assert_eq!(check(good.clone()), Ok(()));
        let wrong = [
            DeviceCommand { vault: id(Kind::Grant), ..good.clone() },
            DeviceCommand { device: id(Kind::Vault), ..good },
            command(Action::PauseGrant { grant: id(Kind::Session) }),
            command(renew(ROOT_WRAP_BYTES + 1)),
        ];
        for command in wrong {
            assert_eq!(check(command), Err(Rejection::InvalidRequest));
        }
    }

    #[test]
    fn a_wrap_of_another_length() {
        assert_eq!(command(renew(ROOT_WRAP_BYTES)).validate(), Ok(()));
        for bytes in [0, ROOT_WRAP_BYTES - 1, ROOT_WRAP_BYTES + 1] {
            assert!(command(renew(bytes)).validate().is_err());
        }
    }

    #[test]
    fn what_opens_the_vault_needs_the_person() {
        assert!(Action::DeleteVault {}.needs_user_verification());
        assert!(Action::Export {}.needs_user_verification());
        assert!(renew(ROOT_WRAP_BYTES).needs_user_verification());
        assert!(!Action::RevokeGrant { grant: id(Kind::Grant) }.needs_user_verification());
    }
}
