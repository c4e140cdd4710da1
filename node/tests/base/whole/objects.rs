//! Objects: cut, with swapped chunks, or another in its place, in the folder of a node that
//! opens them and in the hands of a device.

use super::stage::{Whole, path, problem, refusal, refused};
use symbolon_client::http3::Request;
use symbolon_domain::entity::grant::Delivery;

/// The one blob of alice's large item.
fn blob(whole: &Whole) -> std::path::PathBuf {
    let objects = whole.root.path().join("node/objects");
    let mut found = Vec::new();
    for vault in std::fs::read_dir(objects).unwrap().map(Result::unwrap) {
        if vault.path().is_dir() {
            let files = std::fs::read_dir(vault.path()).unwrap();
            found.extend(files.map(|file| file.unwrap().path()));
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test]
async fn a_damaged_object_is_told_and_never_given() {
    let mut whole = Whole::start().await;
    let offer = whole.offer(Delivery::Server).await;
    let approved = whole.approved(offer).await;
    let tokens = whole.bank.redeem(&approved.code, &approved.pushed.verifier, None).await.unwrap();
    let token = &tokens.access_token;
    let (name, scan) = (path("person.name"), path("person.scan"));
    let file = blob(&whole);
    let good = std::fs::read(&file).unwrap();
    let chunk = 65_536 + 16;
    let mut swapped = good.clone();
    let (first, second) = swapped[76..].split_at_mut(chunk);
    first.swap_with_slice(&mut second[..chunk]);
    let mut flipped = good.clone();
    flipped[100] ^= 1;
    let mut header = good.clone();
    header[20] ^= 1;
    let cut = good[..good.len() - 1].to_vec();
    let shorter = good[..76 + chunk].to_vec();
    for (what, bytes) in [
        ("swapped chunks", swapped),
        ("a flipped bit", flipped),
        ("a changed header", header),
        ("cut by a byte", cut),
        ("cut at a chunk", shorter),
        ("empty", Vec::new()),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let read =
            refusal(whole.bank.read(approved.grant, token, std::slice::from_ref(&scan)).await);
        assert_eq!(read, refused(500, "store_failed", "store"), "{what}");
        let other =
            whole.bank.read(approved.grant, token, std::slice::from_ref(&name)).await.unwrap();
        assert_eq!(other.items[0].value.as_deref(), Some(&b"Ada"[..]), "the others are given");
    }
    std::fs::write(&file, &good).unwrap();
    let whole_again = whole.bank.read(approved.grant, token, &[scan]).await.unwrap();
    assert_eq!(whole_again.items[0].value.as_ref().unwrap().len(), 200_000);
    whole.alive().await;
    whole.stop().await;
}

#[tokio::test]
async fn a_device_is_not_fooled() {
    let whole = Whole::start().await;
    let (name, scan) = (path("person.name"), path("person.scan"));
    let file = blob(&whole);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = whole.alice.show(&scan).await.unwrap_err();
    assert!(error.to_string().contains("was changed"), "{error}");
    assert_eq!(whole.alice.show(&name).await.unwrap().item.value, b"Ada");
    let bare = whole.web.send(&Request::get("/v1/vault/items")).await.unwrap();
    assert_eq!(problem(bare), refused(401, "invalid_token", "client"));
    whole.stop().await;
}
