//! What a read hands out: opened as far as the delivery allows, and only if it is whole.

use super::stage::{CERTIFICATE, Stage, TICKED, bank, code_request, grant_id, path};
use crate::fixtures::{id, institution_id};
use symbolon_actors::prepare::{OpenFault, Opened};
use symbolon_domain::Kind;
use symbolon_domain::act::read::{Lent, ReadReply};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::secret::Secret;

/// A read's answer, and the grant key that its token opened.
async fn read(stage: &mut Stage) -> (ReadReply, Secret<32>) {
    let code = stage.approved().await;
    let issued = stage.prepare().await.redeem(&code_request(&code)).await.unwrap();
    stage.run(bank(), issued.target, issued.command).unwrap();
    let prepare = stage.prepare().await;
    let paths = TICKED.map(str::to_owned).to_vec();
    let command = prepare.read(grant_id(), &issued.access, CERTIFICATE, [1; 16], paths).await;
    let reply = stage.run(bank(), grant_id(), command.unwrap());
    let Ok(Reply::Read(reply)) = reply else { panic!("{reply:?}") };
    let key = prepare.grant_key(&reply, &issued.access, grant_id(), institution_id()).unwrap();
    (*reply, key)
}

fn lent(reply: &ReadReply, at: usize) -> Lent {
    reply.items[at].value.clone().unwrap()
}

#[tokio::test]
async fn as_far_as_the_delivery_allows() {
    for covers_future in [false, true] {
        for delivery in [Delivery::Institution, Delivery::Server] {
            let mut stage = Stage::of(delivery, covers_future);
            let (reply, key) = read(&mut stage).await;
            let prepare = stage.prepare().await;
            for (at, text) in TICKED.into_iter().enumerate() {
                let path = path(text);
                let object = stage.object(&path);
                let opened = prepare.open(&reply, &key, grant_id(), &lent(&reply, at), &object);
                match (delivery, opened.unwrap()) {
                    (Delivery::Institution, Opened::Sealed(sealed)) => {
                        assert_eq!(&sealed[..], stage.secret(&path).expose());
                    }
                    (Delivery::Server, Opened::Plain(item)) => {
                        assert_eq!(item.value, text.as_bytes());
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn what_was_changed_or_is_another_does_not_open() {
    let mut stage = Stage::of(Delivery::Server, false);
    let (reply, key) = read(&mut stage).await;
    let prepare = stage.prepare().await;
    let (right, other) = (lent(&reply, 0), lent(&reply, 1));
    let object = stage.object(&path(TICKED[0]));
    let open =
        |lent: &Lent, object: &[u8]| prepare.open(&reply, &key, grant_id(), lent, object).map(drop);
    assert_eq!(open(&right, &object), Ok(()));
    let mut flipped = object.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(open(&right, &flipped), Err(OpenFault), "not the digest's");
    let mut known = right.clone();
    known.stored.digest = Digest::of(&flipped);
    assert_eq!(open(&known, &flipped), Err(OpenFault), "not what was sealed");
    // Whole, but not the bytes that the store has it by.
    let mut stale = right.clone();
    stale.stored.digest = other.stored.digest;
    assert_eq!(open(&stale, &object), Err(OpenFault), "another digest");
    type Change = fn(&mut Lent, &Lent);
    let table: &[(&str, Change)] = &[
        ("wrap", |lent, other| lent.wrap.clone_from(&other.wrap)),
        ("path", |lent, other| lent.granted.path.clone_from(&other.granted.path)),
        ("item", |lent, other| lent.granted.item = other.granted.item),
        ("version", |lent, other| lent.granted.object = other.granted.object),
        ("object", |lent, other| lent.object = other.object),
        ("no path", |lent, _| lent.granted.path = "A b".into()),
    ];
    for (what, change) in table {
        let mut changed = right.clone();
        change(&mut changed, &other);
        assert_eq!(open(&changed, &object), Err(OpenFault), "{what}");
    }
    let elsewhere = prepare.open(&reply, &key, id(Kind::Grant, 6), &right, &object);
    assert!(elsewhere.is_err(), "of another grant");
    let key = Secret::new([0; 32]);
    assert!(prepare.open(&reply, &key, grant_id(), &right, &object).is_err(), "another key");
    let future = ReadReply { covers_future: true, ..reply.clone() };
    let (_, key) = (reply, stage.grant_key());
    assert!(prepare.open(&future, &key, grant_id(), &right, &object).is_err(), "an epoch's");
}
