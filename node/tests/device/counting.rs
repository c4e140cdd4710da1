//! Authenticators that count, over the routes that ask for the person.

use super::site::{Node, ORIGIN, Wallet};
use super::stage::Stage;
use serde_json::json;
use std::time::Duration;
use symbolon_domain::act::approve::wraps_hash;
use symbolon_domain::api::Bytes;
use symbolon_domain::api::device::{ApproveSession, SessionOffer};
use symbolon_domain::bytes::Digest;
use symbolon_domain::document::command::Action;
use symbolon_domain::document::offer::Offer;
use symbolon_domain::document::selection::{SelectedItem, Selection};
use symbolon_domain::entity::vault::ItemVersion;
use symbolon_domain::jws::{Typ, Unverified, sign};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{Batch, BatchId, Operation};
use symbolon_domain::{Id, Kind, record};
use symbolon_node::crypto::AwsLc;

#[tokio::test]
async fn a_copied_authenticator_confirms_nothing() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let export = async |command: &_| wallet.post(&node, "/v1/vault/export", command).await.code();
    let counted = |count| wallet.counted(&node, Action::Export {}, count);
    // One that says 0 for ever is not asked to count.
    assert_eq!(
        (export(&counted(0)).await, export(&counted(0)).await),
        ("200".into(), "200".into())
    );
    let fifth = counted(5);
    assert_eq!(export(&fifth).await, "200");
    assert_eq!(export(&fifth).await, "200", "the same bytes again");
    for (count, what) in [(5, "it stood still"), (4, "it went back"), (0, "it forgot")] {
        assert_eq!(export(&counted(count)).await, "authenticator_copied", "{what}");
    }
    // Nothing of what it confirmed was done, wherever it is sent.
    let delete = wallet.counted(&node, Action::DeleteVault {}, 5);
    let deleted = wallet.post(&node, "/v1/vault/delete", &delete).await;
    assert_eq!((deleted.status.as_u16(), deleted.code()), (403, "authenticator_copied".into()));
    assert_eq!(deleted.json()["locus"], "subject");
    assert_eq!(export(&counted(6)).await, "200", "the right one goes on");
}

#[tokio::test]
async fn one_that_was_registered_counting_goes_on_from_there() {
    let node = Node::start().await;
    let mut wallet = Wallet::new(&node);
    let mut account = wallet.account();
    account.registration.registration.authenticator_data.0[33..37]
        .copy_from_slice(&5_u32.to_be_bytes());
    let made = wallet.post(&node, "/v1/accounts", &account).await;
    assert_eq!(made.code(), "200", "{}", made.json());
    wallet.take_token(&made);
    for (count, code) in [(0, "authenticator_copied"), (5, "authenticator_copied"), (6, "200")] {
        let export = wallet.counted(&node, Action::Export {}, count);
        assert_eq!(wallet.post(&node, "/v1/vault/export", &export).await.code(), code, "{count}");
    }
}

/// Puts one item into the phone's vault, as a commit would.
async fn with_item(stage: &Stage, phone: &Wallet) -> ItemVersion {
    let version = ItemVersion {
        version: 1,
        epoch: 1,
        object: [1; 16],
        digest: Digest::of(b"bytes"),
        size: 5,
        salt: [7; 32],
        tombstone: None,
    };
    let key = key::row(phone.vault, &Row::VaultItem(Digest::of(b"name")));
    let mut batch = Batch::new(BatchId(stage.node.app.entropy.bytes()));
    let value = record::encode(&version).unwrap();
    batch.operations.push(Operation::Put { key, value });
    stage.node.app.store.commit(batch).await.unwrap();
    version
}

/// A selection of that item.
fn selection(
    stage: &Stage,
    phone: &Wallet,
    session: Id,
    shown: &SessionOffer,
    version: &ItemVersion,
    wrap: Digest,
) -> String {
    let offer: Offer = Unverified::parse(&shown.offer, Typ::Offer).unwrap().claimed().unwrap();
    let now = stage.node.app.now();
    let selection = Selection {
        issuer: ORIGIN.into(),
        client_id: stage.institution,
        session,
        request: shown.request,
        offer: stage.offer,
        grant: stage.node.app.new_id(Kind::Grant),
        vault: phone.vault,
        device: phone.device,
        items: vec![SelectedItem {
            path: "person.name".parse().unwrap(),
            item: Digest::of(b"name"),
            version: version.version,
            digest: version.digest,
            epoch: None,
        }],
        refused: vec!["person.email".parse().unwrap()],
        purpose: offer.purpose.code.clone(),
        frequency: offer.frequency,
        data_life_seconds: offer.data_life_seconds,
        delivery: offer.delivery,
        statement: offer.statement("en").unwrap(),
        language: "en".into(),
        wrap,
        issued: now,
        expires: now.after(Duration::from_secs(offer.grant_life_seconds)),
    };
    sign(&AwsLc, &phone.key, Typ::Selection, None, &selection).unwrap()
}

#[tokio::test]
async fn nor_does_it_lend_anything() {
    let stage = Stage::set().await;
    let node = &stage.node;
    let phone = Wallet::enrolled(node).await;
    let version = with_item(&stage, &phone).await;
    let (path, opened) = stage.opened().await;
    let session: Id = opened["session"]["id"].as_str().unwrap().parse().unwrap();
    let claimed = phone.post(node, &format!("{path}/claim"), &json!({})).await.json();
    assert_eq!(stage.number(&path, claimed["number"].as_str().unwrap()).await, "200");
    let shown = phone.get(node, &format!("{path}/offer")).await;
    let shown: SessionOffer = serde_json::from_slice(&shown.body).unwrap();
    let (code_wrap, wrap, half) = (vec![6; 80], vec![5; 128], vec![4; 91]);
    let hash = wraps_hash(&code_wrap, Some(&half), &[&wrap]);
    let text = selection(&stage, &phone, session, &shown, &version, hash);
    let approve = async |count| {
        let approval = ApproveSession {
            selection: text.clone(),
            assertion: phone.confirm_at(&text, Typ::Selection, count),
            wraps: vec![Bytes(wrap.clone())],
            code_wrap: Bytes(code_wrap.clone()),
            sealed_half: Some(Bytes(half.clone())),
        };
        phone.post(node, &format!("{path}/approve"), &approval).await
    };
    let export = phone.counted(node, Action::Export {}, 7);
    assert_eq!(phone.post(node, "/v1/vault/export", &export).await.code(), "200");
    for count in [7, 6, 0] {
        assert_eq!(approve(count).await.code(), "authenticator_copied", "{count}");
    }
    assert_eq!(phone.get(node, "/v1/grants").await.json(), json!({"items": []}));
    let approved = approve(8).await;
    assert_eq!(approved.code(), "200", "{}", approved.json());
    assert_eq!(approve(8).await.body, approved.body, "the same again is the same approval");
}
