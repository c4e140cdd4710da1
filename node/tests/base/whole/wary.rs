//! A node that lies: what a wallet does not believe.

use super::stage::{Whole, path};
use symbolon_client::ClientError;
use symbolon_client::folder::Folder;
use symbolon_client::wallet::{NewItem, SessionLink, TypedSheet, Wallet};
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::vault::{ItemVersion, ManifestHead};
use symbolon_domain::key::{self, Row};
use symbolon_domain::log::{Leaf, Record};
use symbolon_domain::manifest::empty_root;
use symbolon_domain::record;

/// What was refused here, in its words.
fn untrusted<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> String {
    match outcome {
        Err(ClientError::Untrusted(why)) => why,
        other => panic!("it was believed, or refused otherwise: {other:?}"),
    }
}

fn item(value: &str) -> Vec<NewItem> {
    let (path, value) = (path("person.nickname"), value.as_bytes().to_vec());
    vec![NewItem { path, media_type: "text/plain".into(), value }]
}

/// Changes what the wallet remembers, and opens it again.
fn remembering(whole: &Whole, change: impl FnOnce(&mut serde_json::Value)) -> Wallet {
    let folder = Folder::new(whole.root.path().join("alice"));
    let mut state: serde_json::Value = folder.read("wallet.json").unwrap();
    change(&mut state);
    folder.write("wallet.json", &state).unwrap();
    Wallet::open(whole.web.clone(), folder).unwrap()
}

#[tokio::test]
async fn a_manifest_neither_goes_back_nor_forks() {
    let mut whole = Whole::start().await;
    let manifest = whole.alice.state().manifest;
    assert_eq!(manifest.epoch, 1);
    // As if the node had come back from an old backup.
    let mut ahead = remembering(&whole, |state| state["manifest"]["epoch"] = 2.into());
    assert!(untrusted(ahead.pull().await).contains("older manifest"));
    let other = symbolon_domain::bytes::Digest([7; 32]).to_string();
    let mut forked = remembering(&whole, |state| {
        state["manifest"]["epoch"] = 1.into();
        state["manifest"]["root"] = other.into();
    });
    assert!(untrusted(forked.pull().await).contains("another manifest"));
    whole.alice = remembering(&whole, |state| {
        state["manifest"]["root"] = manifest.root.to_string().into();
    });
    whole.alice.pull().await.unwrap();
    whole.alice.put(item("Countess")).await.unwrap();
    whole.stop().await;
}

#[tokio::test]
async fn only_the_items_that_were_signed() {
    let whole = Whole::start().await;
    let sheet: TypedSheet =
        whole.alice.renew_sheet().await.unwrap().words.expose().parse().unwrap();
    let vault = whole.alice.vault();
    let recover = async |folder: &str| {
        let folder = Folder::new(whole.root.path().join(folder));
        Wallet::recover(whole.web.clone(), folder, "Found", &sheet).await
    };
    let at = whole.alice.state().items[&path("person.name")].entry.item;
    let row = key::row(vault, &Row::VaultItem(at));
    let good = whole.row(&row).await;
    let mut version: ItemVersion = record::decode(&good).unwrap();
    version.version += 1;
    whole.overwrite(&row, record::encode(&version).unwrap()).await;
    assert!(untrusted(recover("one").await).contains("not those that were signed"));
    whole.overwrite(&row, good).await;

    let manifest = key::row(vault, &Row::VaultManifest);
    let good = whole.row(&manifest).await;
    let head = ManifestHead::from_row(&good).unwrap();
    let ahead = ManifestHead { epoch: head.epoch + 1, ..head };
    whole.overwrite(&manifest, ahead.to_row()).await;
    assert!(untrusted(recover("two").await).contains("nobody signed"));
    // Its number with another commit's signature.
    let commit = whole.row(&key::row(vault, &Row::VaultCommit(head.epoch))).await;
    whole.overwrite(&key::row(vault, &Row::VaultCommit(ahead.epoch)), commit).await;
    assert!(untrusted(recover("three").await).contains("another manifest"));
    whole.overwrite(&manifest, good).await;
    let found = recover("four").await.unwrap();
    assert_eq!(found.show(&path("person.name")).await.unwrap().item.value, b"Ada");
    whole.stop().await;
}

#[tokio::test]
async fn its_own_commits_are_signed_by_itself() {
    let whole = Whole::start().await;
    let row = key::row(whole.alice.vault(), &Row::VaultCommit(1));
    let good = whole.row(&row).await;
    let mut bad = good.clone();
    let at = bad.len() - 10;
    bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
    whole.overwrite(&row, bad).await;
    let behind = || {
        remembering(&whole, |state| {
            state["manifest"]["epoch"] = 0.into();
            state["manifest"]["root"] = empty_root().to_string().into();
        })
    };
    assert!(untrusted(behind().pull().await).contains("signature"));
    whole.overwrite(&row, good).await;
    behind().pull().await.unwrap();
    whole.stop().await;
}

#[tokio::test]
async fn no_record_is_another_than_both_sides_see() {
    let mut whole = Whole::start().await;
    let hash = whole.offer(Delivery::Institution).await;
    let grant = whole.approved(hash).await.grant;
    let row = key::row(grant, &Row::GrantRecord(0));
    let good = whole.row(&row).await;
    let leaf: Leaf = record::decode(&good).unwrap();
    let mut told = Record::from_bytes(&leaf.record).unwrap();
    told.at.0 += 1;
    whole.overwrite(&row, told.into_leaf(leaf.salt).to_row()).await;
    assert!(untrusted(whole.alice.uses(grant).await).contains("another head"));
    whole.overwrite(&row, good).await;
    assert_eq!(whole.alice.uses(grant).await.unwrap().len(), 1);
    whole.stop().await;
}

#[tokio::test]
async fn only_what_was_scanned_and_named() {
    let mut whole = Whole::start().await;
    let hash = whole.offer(Delivery::Institution).await;
    let (_, link) = whole.shown(hash).await;
    let forged = SessionLink { thumbprint: [7; 16], ..link.clone() };
    untrusted(whole.alice.scan(&forged).await);
    let elsewhere = SessionLink { origin: "https://evil.example".into(), ..link.clone() };
    assert!(untrusted(whole.alice.scan(&elsewhere).await).contains("evil.example"));
    // Another root than the one that was pinned.
    let mut moved = remembering(&whole, |state| {
        let key = state["cluster"]["root"].clone();
        let mut other = key.clone();
        (other["x"], other["y"]) = (key["y"].clone(), key["x"].clone());
        state["cluster"]["root"] = other;
    });
    assert!(untrusted(moved.scan(&link).await).contains("root"));
    // Another offer than the one that the statement names.
    whole.alice.scan(&link).await.unwrap();
    let claimed = whole.alice.claim(link.session).await.unwrap();
    whole.counter.type_number(link.session, &claimed.number.unwrap()).await.unwrap();
    let other = symbolon_domain::bytes::Digest([9; 32]).to_string();
    let bank = whole.bank.id();
    let another = symbolon_domain::Id::new(bank.kind, bank.region, [9; 16]).to_string();
    for (at, value) in [
        ("/operation/consent/offer", &other),
        ("/operation/consent/request", &other),
        ("/institution/id", &another),
    ] {
        let wary = remembering(&whole, |state| {
            let statement = &mut state["sessions"][link.session.to_string()]["statement"];
            *statement.pointer_mut(at).unwrap() = value.as_str().into();
        });
        assert!(untrusted(wary.asked(link.session).await).contains("another"), "{at}");
        // As it was: what is changed here is on the disk.
        remembering(&whole, |state| {
            *state = serde_json::to_value(whole.alice.state()).unwrap();
        });
    }
    assert!(whole.alice.asked(link.session).await.is_ok());
    let foreign: TypedSheet =
        format!("https://evil.example/recover#{}", "A".repeat(43)).parse().unwrap();
    let folder = Folder::new(whole.root.path().join("foreign"));
    let recovered = Wallet::recover(whole.web.clone(), folder, "Found", &foreign).await;
    assert!(untrusted(recovered).contains("another cluster"));
    whole.stop().await;
}
