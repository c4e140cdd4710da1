//! Objects, manifest, export and the end of a vault.

use super::site::{Answer, Node, Sent, Wallet};
use http::{Method, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use symbolon_domain::api::Bytes;
use symbolon_domain::api::device::{CommitManifest, ItemEntry, SignedCommand};
use symbolon_domain::bytes::{Digest, base64url};
use symbolon_domain::document::command::{Action, DeviceCommand};
use symbolon_domain::entity::vault::{ItemVersion, ManifestHead};
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::manifest::{Changes, ManifestCommit, apply, empty_root};
use symbolon_node::crypto::AwsLc;

fn object_path(object: [u8; 16]) -> String {
    format!("/v1/vault/objects/{}", base64url(&object))
}

async fn put(wallet: &Wallet, node: &Node, object: [u8; 16], bytes: &[u8]) -> Answer {
    wallet.send(node, Method::PUT, &object_path(object), Sent::bytes(bytes)).await
}

#[tokio::test]
async fn objects_small_and_large() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    for (number, bytes, blobs) in
        [(1, &large[..65_536], 0), (2, &large[..65_537], 1), (3, &large[..], 2)]
    {
        assert_eq!(put(&wallet, &node, [number; 16], bytes).await.code(), "204");
        assert_eq!(node.blobs(), blobs);
        // The same again is the same object, and leaves nothing behind.
        assert_eq!(put(&wallet, &node, [number; 16], bytes).await.code(), "204");
        assert_eq!(
            put(&wallet, &node, [number; 16], &large[1..99_999]).await.code(),
            "already_exists"
        );
        assert_eq!(node.blobs(), blobs);
        let got = wallet.get(&node, &object_path([number; 16])).await;
        assert!(got.body == bytes && !got.broken);
        assert_eq!(got.headers[header::CONTENT_LENGTH], bytes.len().to_string());
    }
    let stranger = Wallet::enrolled(&node).await;
    assert_eq!(stranger.get(&node, &object_path([1; 16])).await.code(), "not_found");
    assert_eq!(wallet.get(&node, "/v1/vault/objects/AAAA").await.code(), "not_found");
}

#[tokio::test]
async fn objects_refused() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let path = object_path([1; 16]);
    let send = async |sent| wallet.send(&node, Method::PUT, &path, sent).await.code();
    assert_eq!(send(Sent::bytes(b"")).await, "invalid_request");
    assert_eq!(send(Sent::json(&json!({}))).await, "unsupported_media_type");
    let other = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    assert_eq!(send(Sent::bytes(b"x").with("content-digest", other)).await, "digest_mismatch");
    assert_eq!(send(Sent::bytes(b"x").with("content-digest", "x")).await, "malformed_parameter");
    let too_large = vec![1; usize::try_from(node.app.config.limits.object_bytes).unwrap() + 1];
    assert_eq!(send(Sent::bytes(&too_large)).await, "too_large");
    assert_eq!(wallet.get(&node, &path).await.code(), "not_found");
    let right = Sent::bytes(b"{\"hello\": \"world\"}\n").with("content-digest", other);
    assert_eq!(send(right).await, "204");
}

/// A device's own copy of its manifest.
struct Manifest {
    head: ManifestHead,
    nodes: BTreeMap<Digest, Vec<u8>>,
}

impl Manifest {
    fn new() -> Self {
        let head = ManifestHead { epoch: 0, root: empty_root() };
        Self { head, nodes: BTreeMap::new() }
    }

    /// The request that commits these items, and the head that it leads to.
    fn commit(
        &mut self,
        node: &Node,
        wallet: &Wallet,
        items: &[ItemEntry],
    ) -> (Sent, ManifestHead) {
        let version = |entry: &ItemEntry| ItemVersion {
            version: entry.version,
            epoch: entry.epoch,
            object: entry.object.0[..].try_into().unwrap(),
            digest: entry.digest,
            size: entry.size,
            salt: entry.salt.0[..].try_into().unwrap(),
            tombstone: entry.tombstone,
        };
        let changes: Changes =
            items.iter().map(|entry| (entry.item, Some(version(entry)))).collect();
        let applied = apply(self.head.root, &changes, &self.nodes).unwrap();
        let now = node.app.now();
        let commit =
            ManifestCommit::next(wallet.vault, &self.head, applied.root, wallet.device, now);
        self.nodes.extend(applied.added);
        let text = sign(&AwsLc, &wallet.key, Typ::Manifest, None, &commit).unwrap();
        let body = CommitManifest { commit: text, items: items.to_vec() };
        (Sent::json(&body).with("if-match", format!("\"{}\"", self.head.root)), commit.head())
    }
}

fn entry(number: u16, version: u64, bytes: &[u8], object: [u8; 16]) -> ItemEntry {
    ItemEntry {
        item: Digest::of(&number.to_be_bytes()),
        version,
        epoch: 0,
        object: Bytes(object.to_vec()),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        salt: Bytes(vec![7; 32]),
        tombstone: None,
    }
}

async fn commit(wallet: &Wallet, node: &Node, sent: Sent) -> Answer {
    wallet.send(node, Method::POST, "/v1/vault/manifest", sent).await
}

#[tokio::test]
async fn commits_follow_one_another() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let mut manifest = Manifest::new();
    let start = wallet.get(&node, "/v1/vault/manifest").await.json();
    assert_eq!(start, json!({"epoch": 0, "root": empty_root()}));
    let missing = entry(0, 1, b"bytes", [1; 16]);
    let (sent, _) = Manifest::new().commit(&node, &wallet, &[missing]);
    assert_eq!(commit(&wallet, &node, sent).await.code(), "invalid_request", "no such object");
    let object = |number: u16| u128::from(number).to_be_bytes();
    for number in 0..256 {
        assert_eq!(put(&wallet, &node, object(number), b"bytes").await.code(), "204");
    }

    for round in 1..=3_u64 {
        let items: Vec<_> =
            (0..256).map(|number| entry(number * 3, round, b"bytes", object(number))).collect();
        let (sent, head) = manifest.commit(&node, &wallet, &items);
        let (headers, body) = (sent.headers.clone(), sent.body.clone());
        let answer = commit(&wallet, &node, sent).await;
        assert_eq!(answer.code(), "200", "{}", answer.json());
        assert_eq!(answer.json()["root"], json!(head.root));
        // The answer was lost: the same again is the same commit.
        let again = commit(&wallet, &node, Sent { headers, body }).await;
        assert_eq!(again.json(), answer.json());
        manifest.head = head;
    }
    let page = wallet.get(&node, "/v1/vault/items").await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 250);
    let cursor = page["cursor"].as_str().unwrap();
    let answer = wallet
        .send(&node, Method::GET, &format!("/v1/vault/items?cursor={cursor}"), Sent::default())
        .await;
    assert_eq!(answer.json()["items"].as_array().unwrap().len(), 6);
    assert_eq!(answer.json()["cursor"], Value::Null);
    let tag = wallet.get(&node, "/v1/vault/manifest").await.headers[header::ETAG].clone();
    let known = Sent::default().with("if-none-match", tag.to_str().unwrap());
    let same = wallet.send(&node, Method::GET, "/v1/vault/manifest", known).await;
    assert_eq!(same.status, http::StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn commits_refused() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    assert_eq!(put(&wallet, &node, [1; 16], b"bytes").await.code(), "204");
    let one = [entry(1, 1, b"bytes", [1; 16])];
    let fresh = || Manifest::new().commit(&node, &wallet, &one).0;
    let without = Sent { headers: fresh().headers[..1].to_vec(), body: fresh().body };
    assert_eq!(commit(&wallet, &node, without).await.code(), "precondition_required");
    let mut other = fresh();
    other.headers[1].1 = format!("\"{}\"", Digest([3; 32]));
    assert_eq!(commit(&wallet, &node, other).await.code(), "invalid_request");
    // Signed for one item, sent with another.
    let mut swapped: CommitManifest = serde_json::from_slice(&fresh().body).unwrap();
    swapped.items = vec![entry(2, 1, b"bytes", [1; 16])];
    let swapped = Sent { body: serde_json::to_vec(&swapped).unwrap(), ..fresh() };
    assert_eq!(commit(&wallet, &node, swapped).await.code(), "invalid_request");
    let stranger = Wallet::enrolled(&node).await;
    assert_eq!(commit(&stranger, &node, fresh()).await.code(), "bad_signature");
    assert_eq!(commit(&wallet, &node, fresh()).await.code(), "200");
    // A second device that has not heard of it: 412 with both roots.
    assert_eq!(put(&wallet, &node, [9; 16], b"bytes").await.code(), "204");
    let late = [entry(9, 1, b"bytes", [9; 16])];
    let (sent, _) = Manifest::new().commit(&node, &wallet, &late);
    let conflict = commit(&wallet, &node, sent).await;
    assert_eq!((conflict.status.as_u16(), conflict.code()), (412, "manifest_conflict".into()));
    let current = wallet.get(&node, "/v1/vault/manifest").await;
    assert_eq!(conflict.headers[header::ETAG], current.headers[header::ETAG]);
    let detail = conflict.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&empty_root().to_string()), "{detail}");
}

#[tokio::test]
async fn what_was_replaced_goes_and_room_is_counted() {
    let node = Node::configured(|config| {
        config.limits.earlier_versions_days = 0;
        config.limits.vault_bytes = 100;
        config.limits.object_bytes = 100;
    })
    .await;
    let wallet = Wallet::enrolled(&node).await;
    let mut manifest = Manifest::new();
    for version in 1..=2 {
        let object = [version; 16];
        assert_eq!(put(&wallet, &node, object, &[version; 40]).await.code(), "204");
        let named = [entry(1, u64::from(version), &[version; 40], object)];
        let (sent, head) = manifest.commit(&node, &wallet, &named);
        assert_eq!(commit(&wallet, &node, sent).await.code(), "200");
        manifest.head = head;
    }
    assert_eq!(put(&wallet, &node, [3; 16], &[3; 40]).await.code(), "vault_full");
    let erased = symbolon_node::retention::objects::erase(&node.app).await.unwrap();
    assert_eq!(erased, 1, "the first version, and nothing else");
    let is_there = async |object| wallet.get(&node, &object_path(object)).await.code();
    assert_eq!(is_there([1; 16]).await, "not_found");
    assert_eq!(is_there([2; 16]).await, "200");
    assert_eq!(put(&wallet, &node, [3; 16], &[3; 40]).await.code(), "204");
    assert_eq!(symbolon_node::retention::objects::erase(&node.app).await.unwrap(), 0);
}

#[tokio::test]
async fn export_and_the_end() {
    let node = Node::start().await;
    let wallet = Wallet::enrolled(&node).await;
    let large = vec![5; 400_001];
    for (object, bytes) in [([1; 16], &b"bytes"[..]), ([2; 16], &large[..])] {
        assert_eq!(put(&wallet, &node, object, bytes).await.code(), "204");
    }
    let items = [entry(1, 1, b"bytes", [1; 16]), entry(2, 1, &large, [2; 16])];
    let (sent, _) = Manifest::new().commit(&node, &wallet, &items);
    assert_eq!(commit(&wallet, &node, sent).await.code(), "200");

    let export = async |action, confirmed| {
        let command = wallet.command(&node, action, confirmed);
        wallet.post(&node, "/v1/vault/export", &command).await
    };
    assert_eq!(export(Action::Export {}, false).await.code(), "user_verification_required");
    assert_eq!(export(Action::DeleteVault {}, true).await.code(), "invalid_request");
    let stranger = Wallet::enrolled(&node).await.command(&node, Action::Export {}, true);
    let foreign = wallet.post(&node, "/v1/vault/export", &stranger).await;
    assert_eq!(foreign.code(), "bad_signature");
    let changed = async |change: &dyn Fn(&mut DeviceCommand)| {
        let mut command = wallet.unsigned(&node, Action::Export {});
        change(&mut command);
        let text = sign(&AwsLc, &wallet.key, Typ::Command, None, &command).unwrap();
        let assertion = Some(wallet.confirm_at(&text, Typ::Command, 0));
        let signed = SignedCommand { command: text, assertion };
        wallet.post(&node, "/v1/vault/export", &signed).await.code()
    };
    let other = Wallet::new(&node);
    assert_eq!(changed(&|it| it.issuer = "https://evil.example".into()).await, "forbidden");
    assert_eq!(changed(&|it| it.vault = other.vault).await, "forbidden");
    assert_eq!(changed(&|it| it.device = other.device).await, "forbidden");
    assert_eq!(changed(&|it| it.issued.0 -= 301_000).await, "bad_signature", "five minutes");
    assert_eq!(changed(&|it| it.issued.0 += 90_000).await, "bad_signature", "of the future");
    assert_eq!(changed(&|it| it.issued.0 -= 240_000).await, "200");
    assert_eq!(wallet.get(&node, "/v1/vault/export").await.status.as_u16(), 405);
    let whole = export(Action::Export {}, true).await;
    assert!(!whole.broken);
    let lines: Vec<Value> = whole
        .body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    let expected = ["vault", "device", "manifest", "item", "item", "object", "object", "end"];
    assert_eq!(kinds, expected);
    assert_eq!(lines[6]["bytes"], base64url(&large));
    assert_eq!(lines[5]["bytes"], base64url(b"bytes"));
    assert_eq!(lines[7]["lines"], 7);
    // A blob that was cut, and one that is gone: the answer breaks off, and no last line
    // pretends otherwise.
    let vaults = std::fs::read_dir(node.folder.path().join("data/objects")).unwrap();
    let blobs = vaults.flat_map(|vault| std::fs::read_dir(vault.unwrap().path()).unwrap());
    let blobs: Vec<_> = blobs.map(|blob| blob.unwrap().path()).collect();
    for harm in [|blob| std::fs::write(blob, [5; 400_000]), |blob| std::fs::remove_file(blob)] {
        blobs.iter().for_each(|blob: &PathBuf| harm(blob).unwrap());
        let cut = export(Action::Export {}, true).await;
        assert!(cut.broken && !String::from_utf8_lossy(&cut.body).contains("\"end\""));
    }

    let delete = |confirmed| wallet.command(&node, Action::DeleteVault {}, confirmed);
    let send = async |command| wallet.post(&node, "/v1/vault/delete", &command).await.code();
    assert_eq!(send(delete(false)).await, "user_verification_required");
    let export_alone = wallet.command(&node, Action::Export {}, true);
    assert_eq!(send(export_alone).await, "invalid_request", "what was confirmed is another thing");
    assert_eq!(send(delete(true)).await, "204");
    for path in ["/v1/vault/recovery", "/v1/vault/items", "/v1/vault/manifest", "/v1/grants"] {
        assert_eq!(wallet.get(&node, path).await.code(), "vault_gone", "{path}");
    }
    assert_eq!(export(Action::Export {}, true).await.code(), "vault_gone");
}
