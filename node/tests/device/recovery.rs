//! The recovery sheet: what lets a device in that no other device lets in.

use super::site::{Answer, Node, Wallet};
use serde_json::{Value, json};
use symbolon_domain::Timestamp;
use symbolon_domain::api::device::{JoinVault, SignedCommand, VaultRecovery};
use symbolon_domain::bytes::base64url;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::crypto::wrap::Wrap;
use symbolon_domain::document::command::{Action, DeviceCommand};
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::secret::Secret;
use symbolon_node::crypto::AwsLc;

const SHEET: [u8; 32] = [21; 32];

fn kept(key: [u8; 32]) -> VaultRecovery {
    let key = AwsLc.p256_public(&Secret::new(key)).unwrap();
    VaultRecovery { key: P256Jwk::new(key), wrap: Wrap::from_bytes(vec![key.0[0]; 80]) }
}

fn renewal(key: [u8; 32]) -> Action {
    let VaultRecovery { key, wrap } = kept(key);
    Action::RenewRecovery { key, wrap }
}

/// A wallet whose vault has a sheet from the beginning.
async fn with_sheet(node: &Node) -> Wallet {
    let mut wallet = Wallet::new(node);
    let mut account = wallet.account();
    account.recovery = Some(kept(SHEET));
    let answer = wallet.post(node, "/v1/accounts", &account).await;
    assert_eq!(answer.code(), "200", "{}", answer.json());
    wallet.take_token(&answer);
    wallet
}

/// A phone that has nothing but the sheet of this vault.
fn found(node: &Node, of: &Wallet) -> Wallet {
    let mut wallet = Wallet::new(node);
    wallet.vault = of.vault;
    wallet
}

fn recover(wallet: &Wallet) -> Action {
    let registration = wallet.registration();
    Action::Recover {
        device: wallet.device,
        name: registration.name,
        signing_key: registration.signing_key,
        hpke_key: registration.hpke_key,
    }
}

/// What the wallet signs with the sheet in place of its own key.
fn by_sheet(node: &Node, wallet: &Wallet, sheet: [u8; 32], action: Action) -> SignedCommand {
    wallet.command_by(node, &Secret::new(sheet), action)
}

async fn join(node: &Node, wallet: &Wallet, approval: SignedCommand) -> Answer {
    let (vault, device) = (wallet.vault, wallet.device);
    let registration = wallet.registration();
    wallet.post(node, "/v1/devices", &JoinVault { vault, device, registration, approval }).await
}

#[tokio::test]
async fn the_sheet_lets_a_device_in_and_the_others_are_told() {
    let node = Node::start().await;
    let lost = with_sheet(&node).await;
    let mut found = found(&node, &lost);
    let approval = by_sheet(&node, &found, SHEET, recover(&found));
    let joined = join(&node, &found, approval.clone()).await;
    assert_eq!(joined.code(), "200", "{}", joined.json());
    assert_eq!(join(&node, &found, approval).await.code(), "already_exists");
    found.take_token(&joined);
    let wrapped = found.get(&node, "/v1/vault/recovery").await.json();
    assert_eq!(wrapped, serde_json::to_value(kept(SHEET)).unwrap());
    let devices = found.get(&node, "/v1/devices").await.json();
    let admitted = |wallet: &Wallet| {
        let device = devices["items"].as_array().unwrap().iter();
        let id = json!(wallet.device);
        device.clone().find(|device| device["id"] == id).unwrap()["admitted"].clone()
    };
    assert_eq!((admitted(&lost), admitted(&found)), (json!("first"), json!("recovery")));
    let told = lost.events(&node, 1).await;
    assert_eq!(
        told[0]["device"],
        json!({"device": found.device, "name": "Test", "admitted": "recovery", "revoked": false})
    );
}

#[tokio::test]
async fn nothing_else_lets_it_in() {
    let node = Node::start().await;
    let owner = with_sheet(&node).await;
    let thief = found(&node, &owner);
    let refused = async |approval| join(&node, &thief, approval).await.code();
    let right = || recover(&thief);
    let by = |sheet, action| by_sheet(&node, &thief, sheet, action);
    assert_eq!(refused(by([22; 32], right())).await, "recovery_refused", "another sheet");
    // Its own word, and a device's word for what the sheet alone may say, or the other way.
    assert_eq!(refused(thief.command(&node, right(), true)).await, "recovery_refused");
    let foreign = Wallet::enrolled(&node).await;
    assert_eq!(refused(foreign.command(&node, right(), true)).await, "recovery_refused");
    let Action::Recover { device, name, signing_key, hpke_key } = right() else { unreachable!() };
    let enrol = Action::EnrolDevice { device, name, signing_key, hpke_key };
    assert_eq!(refused(by(SHEET, enrol)).await, "not_found", "the sheet is no device");
    let mut told_by_owner = owner.command(&node, right(), true);
    assert_eq!(refused(told_by_owner.clone()).await, "recovery_refused");
    told_by_owner.command.push('A');
    assert_eq!(refused(told_by_owner).await, "invalid_request");
    // Signed for other keys than those that come.
    let mut other = right();
    if let Action::Recover { hpke_key, .. } = &mut other {
        *hpke_key = X25519Jwk::new([1; 32]);
    }
    assert_eq!(refused(by(SHEET, other)).await, "invalid_request");
    let nobody = found(&node, &Wallet::new(&node));
    let approval = by_sheet(&node, &nobody, SHEET, recover(&nobody));
    assert_eq!(join(&node, &nobody, approval).await.code(), "recovery_refused", "no such vault");
    let without = Wallet::enrolled(&node).await;
    let hopeful = found(&node, &without);
    let approval = by_sheet(&node, &hopeful, SHEET, recover(&hopeful));
    assert_eq!(join(&node, &hopeful, approval).await.code(), "recovery_refused", "no sheet");
    assert_eq!(without.get(&node, "/v1/vault/recovery").await.code(), "not_found");
    let devices = owner.get(&node, "/v1/devices").await.json();
    assert_eq!(devices["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_sheet_signed_is_for_this_cluster_device_and_moment() {
    let node = Node::start().await;
    let owner = with_sheet(&node).await;
    let found = found(&node, &owner);
    let refused = async |change: &dyn Fn(&mut DeviceCommand)| {
        let mut command = found.unsigned(&node, recover(&found));
        change(&mut command);
        let command = sign(&AwsLc, &Secret::new(SHEET), Typ::Command, None, &command).unwrap();
        join(&node, &found, SignedCommand { command, assertion: None }).await.code()
    };
    let other = Wallet::new(&node);
    assert_eq!(
        refused(&|command| command.issuer = "https://evil.example".into()).await,
        "forbidden"
    );
    assert_eq!(refused(&|command| command.vault = other.vault).await, "forbidden");
    assert_eq!(refused(&|command| command.device = other.device).await, "forbidden");
    let old = node.app.now().0 - 301_000;
    assert_eq!(refused(&|command| command.issued = Timestamp(old)).await, "bad_signature", "old");
    let devices = owner.get(&node, "/v1/devices").await.json();
    assert_eq!(devices["items"].as_array().unwrap().len(), 1);
    assert_eq!(refused(&|_| ()).await, "200");
}

#[tokio::test]
async fn a_sheet_is_renewed_by_the_person() {
    let node = Node::start().await;
    let wallet = with_sheet(&node).await;
    let post = async |command: SignedCommand| {
        wallet.post(&node, "/v1/vault/recovery", &command).await.code()
    };
    let renewed = [23; 32];
    let command = |confirmed| wallet.command(&node, renewal(renewed), confirmed);
    assert_eq!(post(command(false)).await, "user_verification_required");
    assert_eq!(post(wallet.command(&node, Action::Export {}, true)).await, "invalid_request");
    let mut short = renewal(renewed);
    if let Action::RenewRecovery { wrap, .. } = &mut short {
        *wrap = Wrap::from_bytes(vec![1; 79]);
    }
    assert_eq!(post(wallet.command(&node, short, true)).await, "invalid_request");
    let same = command(true);
    assert_eq!(post(same.clone()).await, "204");
    assert_eq!(post(same).await, "204", "the same command again is one command");
    let renewed_by = json!({"recovery_renewed": {"device": wallet.device}});
    assert_eq!(wallet.events(&node, 1).await[0], renewed_by);
    let old = found(&node, &wallet);
    let approval = by_sheet(&node, &old, SHEET, recover(&old));
    assert_eq!(join(&node, &old, approval).await.code(), "recovery_refused");
    let approval = by_sheet(&node, &old, renewed, recover(&old));
    assert_eq!(join(&node, &old, approval).await.code(), "200");
    let told = wallet.events(&node, 2).await;
    assert_eq!(told[0], renewed_by);
    assert_eq!(told[1]["device"]["admitted"], "recovery", "renewed once, joined once");
    let kept_now = wallet.get(&node, "/v1/vault/recovery").await.json();
    assert_eq!(kept_now, serde_json::to_value(kept(renewed)).unwrap(), "key and wrap together");
}

#[tokio::test]
async fn an_account_with_a_wrong_wrap_is_not_made() {
    let node = Node::start().await;
    let wallet = Wallet::new(&node);
    let account = serde_json::to_value(wallet.account()).unwrap();
    let with = |recovery: Value| {
        let mut account = account.clone();
        account["recovery"] = recovery;
        account
    };
    let key = serde_json::to_value(kept(SHEET).key).unwrap();
    for (recovery, code) in [
        (json!({"key": key, "wrap": base64url(&[1; 81])}), "invalid_request"),
        (json!({"key": key}), "malformed_body"),
        (json!({"key": key, "wrap": base64url(&[1; 80]), "more": 1}), "malformed_body"),
    ] {
        let answer = wallet.post(&node, "/v1/accounts", &with(recovery)).await;
        assert_eq!(answer.code(), code, "{}", answer.json());
    }
    assert_eq!(wallet.post(&node, "/v1/accounts", &account).await.code(), "200");
}
