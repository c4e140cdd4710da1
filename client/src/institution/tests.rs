//! What an institution opens: only what was sealed to it, for this grant, path and version.

use super::*;
use symbolon_domain::api::event::EventBody;
use symbolon_domain::api::partner::ItemValue;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::format_half;
use symbolon_domain::crypto::hpke::Purpose;
use symbolon_domain::crypto::item::{self, Item, Metadata};
use symbolon_domain::crypto::key_tree::RootKey;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::crypto::wrap::{Context, Lent};
use symbolon_domain::entity::grant::{Authentication, Delivery, GrantState};
use symbolon_domain::{Path, Timestamp};

const ISSUER: &str = "https://id.example";
const STATEMENT: Digest = Digest([6; 32]);
const OBJECT: [u8; 16] = [5; 16];
const EPOCH: u32 = 3;

fn id(kind: Kind, number: u8) -> Id {
    Id::new(kind, "eu1".parse().unwrap(), [number; 16])
}

fn keys() -> InstitutionKeys {
    InstitutionKeys {
        id: id(Kind::Institution, 1),
        signing: Secret::new([1; 32]),
        hpke: Secret::new([2; 32]),
    }
}

fn path() -> Path {
    "person.name".parse().unwrap()
}

fn grant(covers_future: bool) -> GrantView {
    GrantView {
        id: id(Kind::Grant, 1),
        institution: keys().id,
        offer: id(Kind::Offer, 1),
        session: id(Kind::Session, 1),
        statement_hash: STATEMENT,
        state: GrantState::Active,
        paths: vec![path().to_string()],
        purpose: "dpv:ServiceProvision".into(),
        delivery: Delivery::Institution,
        covers_future,
        uses_max: 1,
        period_seconds: None,
        uses: 0,
        last_use: None,
        chain: Digest([0; 32]),
        authentication: Authentication {
            amr: Vec::new(),
            acr: "1".into(),
            auth_time: Timestamp(0),
        },
        created: Timestamp(0),
        expires: Timestamp(u64::MAX),
    }
}

fn info(purpose: Purpose) -> Vec<u8> {
    hpke::info(&STATEMENT, purpose, ISSUER, keys().id, id(Kind::Session, 1))
}

/// A value as the person's device seals it.
fn value(covers_future: bool) -> ItemValue {
    let (root, salt) = (RootKey::new(Secret::new([3; 32])), [4; 32]);
    let item = root.item_id(&path());
    let epoch = root.epoch_secret(&path(), EPOCH);
    let secret = epoch.content_secret(&item, &salt);
    let metadata = Metadata {
        path: path(),
        media_type: "text/plain".into(),
        created: Timestamp(0),
        modified: Timestamp(0),
    };
    let object = item::seal(&RustCrypto, &secret, &OBJECT, EPOCH, &salt, &metadata, b"Ada");
    let object = object.unwrap();
    let (lent, secret) = if covers_future {
        (Lent::Epoch(EPOCH), epoch.secret())
    } else {
        (Lent::Version(OBJECT), secret.secret())
    };
    let context = Context::item(id(Kind::Grant, 1), &path(), &item, lent);
    let to = hpke::public_key(&keys().hpke).unwrap();
    let random = Secret::new([9; 32]);
    let context = context.as_bytes();
    let sealed = hpke::seal(&to, &info(Purpose::Item), context, secret.expose(), &random);
    ItemValue {
        version: 1,
        digest: Digest::of(&object),
        object_id: OBJECT.to_vec().into(),
        item,
        plaintext: None,
        media_type: None,
        sealed_secret: Some(sealed.unwrap().into()),
        object: Some(object.into()),
        link: None,
    }
}

fn untrusted<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> bool {
    matches!(outcome, Err(ClientError::Untrusted(_)))
}

#[test]
fn a_value_opens_as_it_was_sealed_and_no_other() {
    type Change = fn(&mut GrantView, &mut ItemValue);
    let table: &[(&str, Change)] = &[
        ("another grant", |grant, _| grant.id = id(Kind::Grant, 2)),
        ("another session", |grant, _| grant.session = id(Kind::Session, 2)),
        ("another statement", |grant, _| grant.statement_hash = Digest([7; 32])),
        ("lent otherwise", |grant, _| grant.covers_future ^= true),
        ("another item", |_, value| value.item = Digest([7; 32])),
        ("another object", |_, value| value.object_id.0[0] ^= 1),
        ("another digest", |_, value| value.digest = Digest([7; 32])),
        ("a secret that was changed", |_, value| value.sealed_secret.as_mut().unwrap().0[0] ^= 1),
        ("an object that was cut", |_, value| value.object.as_mut().unwrap().0.truncate(80)),
        ("one with a digest of its own", |_, value| {
            let object = &mut value.object.as_mut().unwrap().0;
            *object.last_mut().unwrap() ^= 1;
            value.digest = Digest::of(object);
        }),
    ];
    for covers_future in [false, true] {
        let open = |grant: &GrantView, value: &ItemValue| -> Result<Item, ClientError> {
            keys().open_value(ISSUER, grant, &path(), value)
        };
        let (right, good) = (grant(covers_future), value(covers_future));
        assert_eq!(open(&right, &good).unwrap().value, b"Ada");
        for (what, change) in table {
            let (mut grant, mut value) = (right.clone(), good.clone());
            change(&mut grant, &mut value);
            assert!(untrusted(open(&grant, &value)), "{what}, covers future: {covers_future}");
        }
        let other = "person.nickname".parse().unwrap();
        assert!(untrusted(keys().open_value(ISSUER, &right, &other, &good)), "another path");
        let elsewhere = keys().open_value("https://x.example", &right, &path(), &good);
        assert!(untrusted(elsewhere), "another cluster");
        for keys in [
            InstitutionKeys { id: id(Kind::Institution, 2), ..keys() },
            InstitutionKeys { hpke: Secret::new([8; 32]), ..keys() },
        ] {
            assert!(untrusted(keys.open_value(ISSUER, &right, &path(), &good)), "not for us");
        }
        let without = ItemValue { sealed_secret: None, ..good };
        assert!(matches!(open(&right, &without), Err(ClientError::Answer(_))));
    }
}

#[test]
fn a_code_is_put_together_from_what_was_sealed_to_us() {
    let (grant, session) = (id(Kind::Grant, 1), id(Kind::Session, 1));
    let half = Secret::new([3; 32]);
    let to = hpke::public_key(&keys().hpke).unwrap();
    let seal = |purpose| {
        let text = format_half(&half);
        let grant = grant.to_string();
        let random = Secret::new([9; 32]);
        hpke::seal(&to, &info(purpose), grant.as_bytes(), text.as_bytes(), &random).unwrap()
    };
    let handle = Token::new(TokenClass::Code, grant.region, &[4; 32]);
    let event = |grant, session, statement_hash, purpose| EventBody::Code {
        session,
        grant,
        handle: handle.text().clone(),
        sealed_half: seal(purpose).into(),
        statement_hash,
        expires: Timestamp(0),
    };
    let right = event(grant, session, STATEMENT, Purpose::Half);
    let code = keys().open_code(ISSUER, &right).unwrap();
    assert_eq!((code.handle, code.half), (handle.clone(), half.clone()));
    for (what, event) in [
        ("grant", event(id(Kind::Grant, 2), session, STATEMENT, Purpose::Half)),
        ("session", event(grant, id(Kind::Session, 2), STATEMENT, Purpose::Half)),
        ("statement", event(grant, session, Digest([7; 32]), Purpose::Half)),
        ("purpose", event(grant, session, STATEMENT, Purpose::Item)),
    ] {
        assert!(untrusted(keys().open_code(ISSUER, &event)), "another {what}");
    }
    assert!(untrusted(keys().open_code("https://x.example", &right)), "another cluster");
    let other = InstitutionKeys { id: id(Kind::Institution, 2), ..keys() };
    assert!(untrusted(other.open_code(ISSUER, &right)), "another institution");
}
