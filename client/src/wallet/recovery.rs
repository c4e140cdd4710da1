//! The recovery sheet: shown once when it is made, and what it is for, to come back with
//! nothing but it.

use super::state::WalletState;
use super::{STATE, Wallet};
use crate::cluster::{self, PinnedCluster};
use crate::folder::Folder;
use crate::http3::{Http3, Request};
use crate::proof::ProofKey;
use crate::{ClientError, ambient};
use bip39::{Language, Mnemonic};
use std::sync::Arc;
use symbolon_domain::api::device::{DeviceCredential, JoinVault, SignedCommand, VaultRecovery};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::crypto::recovery::{LINK_PATH, RecoverySheet, parse_fragment};
use symbolon_domain::document::command::{Action, DeviceCommand};
use symbolon_domain::jwk::P256Jwk;
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::secret::{Secret, SecretText};
use url::Url;

/// Words of a sheet.
const WORDS: usize = 24;

/// A new sheet, to be written down now: nobody keeps it.
#[derive(Clone, Debug)]
pub struct NewSheet {
    /// 24 words (BIP39, English), with a space between.
    pub words: SecretText,
    /// The same as a link, for a QR code.
    pub link: SecretText,
}

/// What somebody has typed or scanned from a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedSheet {
    bytes: Secret<32>,
    /// Where the link points; words point nowhere.
    origin: Option<String>,
}

impl std::str::FromStr for TypedSheet {
    type Err = ClientError;

    /// Takes the words in any case and spacing, or the link.
    fn from_str(text: &str) -> Result<Self, ClientError> {
        let text = text.trim();
        if text.starts_with("https:") { from_link(text) } else { from_words(text) }
    }
}

fn from_link(text: &str) -> Result<TypedSheet, ClientError> {
    let wrong = || ClientError::input("that is no link of a recovery sheet");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let bare = url.query().is_none() && url.username().is_empty() && url.password().is_none();
    if url.path() != LINK_PATH || !bare {
        return Err(wrong());
    }
    let bytes = url.fragment().and_then(|text| parse_fragment(text).ok()).ok_or_else(wrong)?;
    Ok(TypedSheet { bytes, origin: Some(url.origin().ascii_serialization()) })
}

fn from_words(text: &str) -> Result<TypedSheet, ClientError> {
    let words = text.split_whitespace().map(str::to_ascii_lowercase).collect::<Vec<_>>();
    if words.len() != WORDS {
        let text = format!("a recovery sheet has {WORDS} words; these are {}", words.len());
        return Err(ClientError::input(text));
    }
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, &words.join(" "));
    let mnemonic = mnemonic.map_err(|error| {
        ClientError::input(match error {
            bip39::Error::UnknownWord(at) => {
                format!("word {} is not one of the list: compare it with the sheet", at + 1)
            }
            _ => "the words do not belong together: one is another, or two are swapped".into(),
        })
    })?;
    let (bytes, _) = mnemonic.to_entropy_array();
    let bytes = bytes.first_chunk::<32>().ok_or_else(|| ClientError::input("too few words"))?;
    Ok(TypedSheet { bytes: Secret::new(*bytes), origin: None })
}

impl NewSheet {
    fn of(sheet: &RecoverySheet, wallet_origin: &str) -> Result<Self, ClientError> {
        let words = Mnemonic::from_entropy_in(Language::English, sheet.to_bytes().expose());
        let words = words.map_err(|error| ClientError::input(error.to_string()))?;
        let words = SecretText::new(words.to_string());
        Ok(Self { words, link: sheet.link(wallet_origin) })
    }
}

impl WalletState {
    // A sheet for this vault, and what the vault keeps for it.
    pub(super) fn new_sheet(&self) -> Result<(NewSheet, VaultRecovery), ClientError> {
        let sheet = RecoverySheet::new(self.vault, Secret::new(ambient::random()?));
        let kept = VaultRecovery {
            key: P256Jwk::new(sheet.public_key(&RustCrypto)?),
            wrap: sheet.wrap_root(&RustCrypto, &self.root_key())?,
        };
        Ok((NewSheet::of(&sheet, &self.cluster.wallet_origin)?, kept))
    }

    // What lets this device in, signed with the sheet.
    fn recover_command(&self, sheet: &RecoverySheet) -> Result<SignedCommand, ClientError> {
        let command = DeviceCommand {
            issuer: self.cluster.issuer.clone(),
            vault: self.vault,
            device: self.device,
            nonce: Digest(ambient::random()?),
            issued: ambient::now(),
            action: Action::Recover {
                device: self.device,
                name: self.name.clone(),
                signing_key: self.signing_jwk()?,
                hpke_key: self.hpke_jwk()?,
            },
        };
        command.validate()?;
        let key = sheet.signing_key(&RustCrypto)?;
        let command = sign(&RustCrypto, &key, Typ::Command, None, &command)?;
        Ok(SignedCommand { command, assertion: None })
    }
}

impl Wallet {
    /// Makes another recovery sheet. The one before is of no use any more.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn renew_sheet(&self) -> Result<NewSheet, ClientError> {
        let (sheet, VaultRecovery { key, wrap }) = self.state.new_sheet()?;
        let command = self.command(Action::RenewRecovery { key, wrap })?;
        let request = Request::post("/v1/vault/recovery").json(&command)?;
        self.send(request).await?.ok()?;
        Ok(sheet)
    }

    /// Comes back into a vault with nothing but its recovery sheet, as a new device, and
    /// fetches what the vault holds.
    ///
    /// # Errors
    /// When the folder has a wallet already, the sheet is another cluster's, or the node
    /// refuses it.
    pub async fn recover(
        http: Arc<Http3>,
        folder: Folder,
        name: &str,
        typed: &TypedSheet,
    ) -> Result<Self, ClientError> {
        if folder.has(STATE) {
            return Err(ClientError::input("the folder holds a wallet already"));
        }
        let pinned = PinnedCluster::pin(&cluster::fetch(&http).await?)?;
        if typed.origin.as_ref().is_some_and(|origin| *origin != pinned.wallet_origin) {
            return Err(ClientError::untrusted("the sheet belongs to another cluster"));
        }
        let region = pinned.region.parse();
        let region = region.map_err(|_| ClientError::Answer("no region's name".into()))?;
        let sheet = RecoverySheet::from_bytes(region, &typed.bytes);
        let state = WalletState::generate(pinned, name, Some(sheet.vault()))?;
        let join = JoinVault {
            vault: state.vault,
            device: state.device,
            registration: state.registration()?,
            approval: state.recover_command(&sheet)?,
        };
        let mut wallet = Self { http, proof: ProofKey::new(state.signing.clone()), folder, state };
        let request = Request::post("/v1/devices").json(&join)?;
        let given: DeviceCredential =
            wallet.proof.send(&wallet.http, None, &request).await?.json()?;
        wallet.recovered(given, &sheet).await?;
        Ok(wallet)
    }

    // The folder is written when the root key is known: before that the sheet can be tried
    // again, which only leaves a device behind.
    async fn recovered(
        &mut self,
        given: DeviceCredential,
        sheet: &RecoverySheet,
    ) -> Result<(), ClientError> {
        let request = Request::get("/v1/vault/recovery");
        let kept: VaultRecovery =
            self.proof.send(&self.http, Some(&given.token), &request).await?.json()?;
        let root = sheet.unwrap_root(&RustCrypto, &kept.wrap);
        let root = root.map_err(|_| {
            ClientError::untrusted("the vault's root key was not wrapped for this sheet")
        })?;
        self.state.root = root.secret().clone();
        self.take_credential(given)?;
        self.pull().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::bytes::base64url;

    fn cases() -> Vec<serde_json::Value> {
        let file = include_str!("../../../domain/vectors/recovery.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        file["cases"].as_array().unwrap().clone()
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16))
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn words_and_link_of_the_vectors() {
        for case in cases() {
            let text = |name: &str| case[name].as_str().unwrap().to_owned();
            let bytes = Secret::new(unhex(&text("sheet")).try_into().unwrap());
            let sheet = RecoverySheet::from_bytes("eu1".parse().unwrap(), &bytes);
            assert_eq!(sheet.vault().to_string(), text("vault"));
            let new = NewSheet::of(&sheet, "https://wallet.example").unwrap();
            assert_eq!(new.words.expose(), text("words"));
            assert_eq!(new.link.expose(), text("link"));
            let typed: TypedSheet =
                format!("  {}\n", text("words").to_uppercase().replace(' ', "  \n"))
                    .parse()
                    .unwrap();
            assert_eq!((typed.bytes, typed.origin), (bytes.clone(), None));
            let typed: TypedSheet = text("link").parse().unwrap();
            assert_eq!(typed.origin.as_deref(), Some("https://wallet.example"));
            assert_eq!(typed.bytes, bytes);
        }
    }

    #[test]
    fn what_is_no_sheet() {
        let words = cases()[0]["words"].as_str().unwrap().to_owned();
        let refused = |text: &str| text.parse::<TypedSheet>().unwrap_err().to_string();
        assert!(refused(&words.replacen("amount", "mount", 1)).contains("word 2 is not"));
        assert!(refused(&words.replacen("amount", "abandon", 1)).contains("do not belong"));
        let swapped = words.replacen("abandon amount", "amount abandon", 1);
        assert!(refused(&swapped).contains("do not belong"));
        assert!(refused(words.rsplit_once(' ').unwrap().0).contains("these are 23"));
        assert!(refused("").contains("these are 0"));
        let fragment = base64url(&[7; 32]);
        for wrong in [
            format!("https://wallet.example/s#{fragment}"),
            format!("https://wallet.example/recover?x#{fragment}"),
            format!("https://a@wallet.example/recover#{fragment}"),
            format!("https://wallet.example/recover#{fragment}A"),
            "https://wallet.example/recover".into(),
        ] {
            assert!(refused(&wrong).contains("no link"), "{wrong}");
        }
    }
}
