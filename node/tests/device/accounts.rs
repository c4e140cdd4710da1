//! Accounts and devices.

use super::site::{Node, Sent, Wallet};
use http::Method;
use symbolon_domain::Kind;
use symbolon_domain::api::device::{DeviceRegistration, JoinVault};
use symbolon_domain::document::command::Action;
use symbolon_domain::jwk::X25519Jwk;

#[tokio::test]
async fn an_account_is_made_once() {
    let node = Node::start().await;
    let mut wallet = Wallet::new(&node);
    let account = wallet.account();
    let post = |body: &_, key: &str| Sent::json(body).with("idempotency-key", key);
    let send = async |wallet: &Wallet, body: &_, key| {
        wallet.send(&node, Method::POST, "/v1/accounts", post(body, key)).await
    };
    let first = send(&wallet, &account, "k1").await;
    assert_eq!(first.code(), "200");
    let again = send(&wallet, &account, "k1").await;
    assert_eq!((again.code(), again.body), ("200".into(), first.body.clone()));
    assert_eq!(send(&wallet, &account, "k2").await.code(), "already_exists");
    let mut renamed = account.clone();
    renamed.registration.name = "Other".into();
    assert_eq!(send(&wallet, &renamed, "k1").await.code(), "idempotency_mismatch");
    // Another key's request of the same name is another request.
    let other = Wallet::new(&node);
    assert_eq!(send(&other, &other.account(), "k1").await.code(), "200");
    wallet.take_token(&first);
    let devices = wallet.get(&node, "/v1/devices").await.json();
    assert_eq!(devices["items"].as_array().unwrap().len(), 1);
    assert_eq!(devices["items"][0]["name"], "Test");
}

#[tokio::test]
async fn an_account_that_is_not_the_callers() {
    let node = Node::start().await;
    let wallet = Wallet::new(&node);
    let stranger = Wallet::new(&node);
    let refused = async |change: &dyn Fn(&mut symbolon_domain::api::device::CreateAccount)| {
        let mut account = wallet.account();
        change(&mut account);
        wallet.post(&node, "/v1/accounts", &account).await.code()
    };
    assert_eq!(refused(&|a| a.registration = stranger.registration()).await, "bad_signature");
    let other_key = |r: &mut DeviceRegistration| r.hpke_key = X25519Jwk::new([8; 32]);
    assert_eq!(refused(&|a| other_key(&mut a.registration)).await, "user_verification_required");
    assert_eq!(refused(&|a| a.vault.random = [1; 16]).await, "user_verification_required");
    assert_eq!(refused(&|a| a.vault.kind = Kind::Grant).await, "invalid_request");
    assert_eq!(refused(&|a| a.device.region = "us1".parse().unwrap()).await, "invalid_request");
    assert_eq!(refused(&|a| a.registration.name = "a\nb".into()).await, "invalid_request");
    assert_eq!(refused(&|_| ()).await, "200");
}

#[tokio::test]
async fn a_device_lets_another_in_and_ends_it() {
    let node = Node::start().await;
    let first = Wallet::enrolled(&node).await;
    let mut second = Wallet::new(&node);
    second.vault = first.vault;
    let registration = second.registration();
    let enrol = |name: &str| Action::EnrolDevice {
        device: second.device,
        name: name.into(),
        signing_key: registration.signing_key,
        hpke_key: registration.hpke_key.clone(),
    };
    let join = |approval| JoinVault {
        vault: first.vault,
        device: second.device,
        registration: registration.clone(),
        approval,
    };
    let tries = [
        (first.command(&node, enrol("Test"), false), "user_verification_required"),
        (first.command(&node, enrol("Another"), true), "invalid_request"),
        (second.command(&node, enrol("Test"), true), "not_found"),
    ];
    for (approval, code) in tries {
        let answer = second.post(&node, "/v1/devices", &join(approval)).await;
        assert_eq!(answer.code(), code);
    }
    // Let into one vault, it says it joins another.
    let stranger = Wallet::enrolled(&node).await;
    second.vault = stranger.vault;
    let approval = first.command(&node, enrol("Test"), true);
    let (vault, device) = (second.vault, second.device);
    let elsewhere = JoinVault { vault, device, registration: second.registration(), approval };
    assert_eq!(second.post(&node, "/v1/devices", &elsewhere).await.code(), "not_found");
    second.vault = first.vault;

    let approval = first.command(&node, enrol("Test"), true);
    let joined = second.post(&node, "/v1/devices", &join(approval.clone())).await;
    assert_eq!(joined.code(), "200");
    let replayed = second.post(&node, "/v1/devices", &join(approval)).await;
    assert_eq!(replayed.code(), "already_exists");
    second.take_token(&joined);
    let devices = second.get(&node, "/v1/devices").await.json();
    assert_eq!(devices["items"].as_array().unwrap().len(), 2);

    let path = format!("/v1/devices/{}/revoke", second.device);
    let wrong = first.command(&node, Action::RevokeDevice { device: first.device }, false);
    assert_eq!(first.post(&node, &path, &wrong).await.code(), "invalid_request");
    let action = Action::RevokeDevice { device: second.device };
    let forged = second.command(&node, action.clone(), false);
    assert_eq!(first.post(&node, &path, &forged).await.code(), "bad_signature");
    let revoke = first.command(&node, action, false);
    assert_eq!(first.post(&node, &path, &revoke).await.code(), "204");
    assert_eq!(second.get(&node, "/v1/devices").await.code(), "device_revoked");
    let left = first.get(&node, "/v1/devices").await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_is_its_devices_alone() {
    let node = Node::start().await;
    let owner = Wallet::enrolled(&node).await;
    let mut thief = Wallet::new(&node);
    thief.set_token(owner.token());
    let stolen = thief.get(&node, "/v1/devices").await;
    assert_eq!((stolen.status.as_u16(), stolen.code().as_str()), (401, "invalid_token"));
    assert_eq!(owner.get(&node, "/v1/devices").await.code(), "200");
}
