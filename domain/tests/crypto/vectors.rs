//! The vector files, for whoever writes another reader: made here from fixed inputs and
//! compared to what is in the files. `SYMBOLON_WRITE_VECTORS=1 cargo test -p symbolon-domain`
//! writes them anew, which is right only together with a new format version.

use super::hex::{unhex, unhex_array};
use serde_json::{Value, json};
use symbolon_domain::bytes::{Digest, base64url, lp};
use symbolon_domain::crypto::code::Code;
use symbolon_domain::crypto::hpke::{self, Purpose};
use symbolon_domain::crypto::item::{self, Metadata};
use symbolon_domain::crypto::key_tree::{RootKey, peppered_hash};
use symbolon_domain::crypto::object;
use symbolon_domain::crypto::recovery::RecoverySheet;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::crypto::wrap::{Context, Lent, code_wrap_key, token_wrap_key, wrap};
use symbolon_domain::crypto::{Crypto, RustCrypto};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Kind, Path, Region, Timestamp};

pub(crate) fn hold(file: &str, about: &str, cases: Vec<Value>) {
    let made = json!({ "about": about, "cases": cases });
    let path = format!("{}/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("SYMBOLON_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert!(kept == made, "{path} does not hold what the code makes: the format has changed");
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

// Inputs that are all different and easily told apart: 00 01 02 … from a first byte on.
pub(crate) fn bytes<const N: usize>(first: u8) -> [u8; N] {
    std::array::from_fn(|at| first.wrapping_add(at as u8))
}

fn region() -> Region {
    "eu1".parse().unwrap()
}

pub(crate) fn id(kind: Kind, first: u8) -> Id {
    Id::new(kind, region(), bytes(first))
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

#[test]
fn encoding() {
    let fields: [&[&[u8]]; 4] = [&[], &[b""], &[b"ab", b"c"], &[b"a", b"bc"]];
    let lps = fields.map(|fields| {
        let encoded = lp("example", fields);
        let fields: Vec<String> = fields.iter().map(|field| hex(field)).collect();
        json!({ "label": "example", "fields": fields, "lp": hex(&encoded), "sha256": hex(&Digest::of(&encoded).0) })
    });
    let ids = Kind::ALL.iter().map(|kind| {
        let id = id(*kind, kind.tag());
        json!({ "id": id.to_string(), "bytes": hex(&id.to_bytes()) })
    });
    hold(
        "encoding.json",
        "lp(label, fields) and ids: text and bytes",
        lps.into_iter().chain(ids).collect(),
    );
}

#[test]
fn key_tree() {
    let root = RootKey::new(Secret::new(bytes(0)));
    let cases = [("identity", 0), ("identity.birthdate", 1), ("a.b.c.d.e.f.g.h", u32::MAX)];
    let mut cases: Vec<Value> = cases
        .iter()
        .map(|(text, epoch)| {
            let epoch_secret = root.epoch_secret(&path(text), *epoch);
            let (item, salt) = (root.item_id(&path(text)), bytes(0x40));
            let content = epoch_secret.content_secret(&item, &salt);
            json!({
                "root_key": hex(root.secret().expose()), "path": text, "epoch": epoch,
                "salt": hex(&salt), "item_id": hex(&item.0),
                "epoch_secret": hex(epoch_secret.secret().expose()),
                "content_secret": hex(content.secret().expose()),
                "aead_key": hex(content.aead_key().expose()),
                "commitment": hex(&content.commitment()),
            })
        })
        .collect();
    let grant = id(Kind::Grant, 0x10);
    cases.push(json!({
        "root_key": hex(root.secret().expose()), "grant": grant.to_string(),
        "grant_key": hex(root.grant_key(grant).expose()),
    }));
    let pepper = Secret::new(bytes(0x60));
    cases.push(json!({
        "pepper": hex(pepper.expose()), "label": "transfer-code", "fields": [hex(b"612345")],
        "peppered_hash": hex(&peppered_hash(&pepper, "transfer-code", &[b"612345"]).0),
    }));
    hold("key_tree.json", "from the root key to what is lent", cases);
}

#[test]
fn wraps() {
    let (grant, client) = (id(Kind::Grant, 0x10), id(Kind::Institution, 0x20));
    let root = RootKey::new(Secret::new(bytes(0)));
    let grant_key = root.grant_key(grant);
    let half = Secret::new(bytes(0x70));
    let token = |class| Token::new(class, region(), &bytes(0x80));
    let token_key = |class| token_wrap_key(&token(class), grant, client).unwrap();
    let holders = [
        ("half", hex(half.expose()), code_wrap_key(&half, grant, client)),
        (
            "access_token",
            token(TokenClass::Access).text().expose().into(),
            token_key(TokenClass::Access),
        ),
        (
            "refresh_token",
            token(TokenClass::Refresh).text().expose().into(),
            token_key(TokenClass::Refresh),
        ),
    ];
    let context = Context::grant_key(grant, client);
    let mut cases: Vec<Value> = holders
        .into_iter()
        .map(|(name, holder, key)| {
            let wrapped = wrap(&RustCrypto, &key, &context, grant_key.expose()).unwrap();
            json!({
                "grant": grant.to_string(), "client": client.to_string(), name: holder,
                "key": hex(key.expose()), "context": hex(context.as_bytes()),
                "secret": hex(grant_key.expose()), "wrap": hex(wrapped.as_bytes()),
                "wrap_hash": hex(&wrapped.hash().0),
            })
        })
        .collect();
    let item = root.item_id(&path("identity.birthdate"));
    for (lent, name) in [(Lent::Version(bytes(0xa0)), "version"), (Lent::Epoch(7), "epoch")] {
        let context = Context::item(grant, &path("identity.birthdate"), &item, lent);
        let secret: [u8; 32] = bytes(0xb0);
        let wrapped = wrap(&RustCrypto, &grant_key, &context, &secret).unwrap();
        let which = match lent {
            Lent::Version(object) => json!(hex(&object)),
            Lent::Epoch(epoch) => json!(epoch),
        };
        cases.push(json!({
            "grant": grant.to_string(), "path": "identity.birthdate", "item_id": hex(&item.0),
            name: which, "key": hex(grant_key.expose()), "context": hex(context.as_bytes()),
            "secret": hex(&secret), "wrap": hex(wrapped.as_bytes()),
            "wrap_hash": hex(&wrapped.hash().0),
        }));
    }
    hold("wrap.json", "grant keys and item secrets under other keys", cases);
}

#[test]
fn tokens() {
    let mut cases: Vec<Value> = TokenClass::ALL
        .iter()
        .map(|class| {
            let token = Token::new(*class, region(), &bytes(0xf0));
            json!({
                "prefix": class.prefix(), "region": "eu1", "random": hex(&bytes::<32>(0xf0)),
                "token": token.text().expose(), "hash": hex(&token.hash().0),
                "id": token.id().to_string(),
                "derived_key": {
                    "label": "example", "fields": [hex(b"field")],
                    "key": hex(token.derive_key("example", &[b"field"]).expose()),
                },
            })
        })
        .collect();
    let handle = Token::new(TokenClass::Code, region(), &bytes(0));
    let code = Code { handle: handle.clone(), half: Secret::new(bytes(0x20)) };
    cases.push(json!({
        "handle": handle.text().expose(), "half": hex(code.half.expose()),
        "code": code.to_text().expose(),
    }));
    hold("token.json", "tokens, their ids and keys, and the code", cases);
}

#[test]
fn objects() {
    let root = RootKey::new(Secret::new(bytes(0)));
    let long: Vec<u8> = (0..object::CHUNK_BYTES).map(|at| (at % 251) as u8).collect();
    let cases = [
        ("identity.birthdate", 1_u32, &br#""1990-01-01""#[..]),
        ("notes", 0, b""),
        ("documents.passport.image", 65_536, &long),
    ];
    let cases = cases.iter().enumerate().map(|(number, (text, epoch, value))| {
        let number = u8::try_from(number).unwrap();
        let (object_id, salt) = (bytes(0xa0 + number), bytes(0x40 + number));
        let item_id = root.item_id(&path(text));
        let content = root.epoch_secret(&path(text), *epoch).content_secret(&item_id, &salt);
        let metadata = Metadata {
            path: path(text),
            media_type: "application/json".into(),
            created: Timestamp(1_700_000_000_000),
            modified: Timestamp(1_700_000_000_000 + u64::from(number)),
        };
        let object = item::seal(&RustCrypto, &content, &object_id, *epoch, &salt, &metadata, value);
        let object = object.unwrap();
        let opened = item::open(&RustCrypto, &content, &object_id, &path(text), &object).unwrap();
        assert_eq!((&opened.metadata, &opened.value[..]), (&metadata, *value));
        json!({
            "root_key": hex(root.secret().expose()), "path": text, "epoch": epoch,
            "salt": hex(&salt), "item_id": hex(&item_id.0), "object_id": hex(&object_id),
            "content_secret": hex(content.secret().expose()),
            "metadata": {
                "path": text, "media_type": metadata.media_type,
                "created": metadata.created.0, "modified": metadata.modified.0,
            },
            "value_digest": hex(&Digest::of(value).0), "object": hex(&object), "digest": hex(&Digest::of(&object).0),
        })
    });
    hold("object.json", "items sealed as objects; all under one root key", cases.collect());
}

/// The words are BIP39's own (English): the crate that knows them is not one of this crate's,
/// so they stand here and the client's tests compare them.
#[test]
fn recovery_sheets() {
    let words = [
        "abandon amount liar amount expire adjust cage candy arch gather drum business \
         amount scout asthma mouse make detail carbon bench rhythm egg demand violin",
        "valley moon rude try garage know token dismiss winner tree leisure wrap \
         letter lunar club like asthma joy affair category course appear flame unknown",
    ];
    let cases = [(0x00, 0x80), (0xf0, 0x08)].iter().zip(words).map(|((vault, secret), words)| {
        let vault = id(Kind::Vault, *vault);
        let sheet = RecoverySheet::new(vault, Secret::new(bytes(*secret)));
        let root = RootKey::new(Secret::new(bytes(0x30)));
        let wrap = sheet.wrap_root(&RustCrypto, &root).unwrap();
        assert_eq!(sheet.unwrap_root(&RustCrypto, &wrap), Ok(root.clone()));
        json!({
            "vault": vault.to_string(), "secret": hex(&bytes::<16>(*secret)),
            "sheet": hex(sheet.to_bytes().expose()), "words": words,
            "link": sheet.link("https://wallet.example").expose(),
            "signing_key": hex(sheet.signing_key(&RustCrypto).unwrap().expose()),
            "public_key": hex(&sheet.public_key(&RustCrypto).unwrap().0),
            "root_key": hex(root.secret().expose()),
            "context": hex(Context::root_key(vault).as_bytes()), "wrap": hex(wrap.as_bytes()),
        })
    });
    hold("recovery.json", "recovery sheets; region eu1", cases.collect());
}

/// RFC 9180 appendix A.2.1, the message with sequence number 0, then one with our `info`.
#[test]
fn hpke_messages() {
    let secret = Secret::new(unhex_array(
        "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
    ));
    let public = hpke::public_key(&secret).unwrap();
    assert_eq!(hex(&public), "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a");
    let rfc = [
        ("random", "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b"),
        ("info", "4f6465206f6e2061204772656369616e2055726e"),
        ("aad", "436f756e742d30"),
        ("text", "4265617574792069732074727574682c20747275746820626561757479"),
    ]
    .map(|(_, value)| unhex(value));
    let statement = Digest::of(b"statement");
    let (client, session) = (id(Kind::Institution, 0x20), id(Kind::Session, 0x30));
    let info = |purpose| hpke::info(&statement, purpose, "https://example.org", client, session);
    let ours = [Purpose::Item, Purpose::Half].map(|purpose| {
        [bytes::<32>(0x11).to_vec(), info(purpose), b"associated data".to_vec(), vec![7; 32]]
    });
    let cases: Vec<Value> = [rfc]
        .iter()
        .chain(&ours)
        .map(|[random, info, associated_data, text]| {
            let random = Secret::new(random.as_slice().try_into().unwrap());
            let sealed = hpke::seal(&public, info, associated_data, text, &random).unwrap();
            assert_eq!(sealed.len(), text.len() + hpke::OVERHEAD_BYTES);
            let opened = hpke::open(&secret, info, associated_data, &sealed);
            assert_eq!(opened.as_ref().map(|text| text.as_slice()), Ok(&text[..]));
            hpke_refusals(&secret, info, associated_data, &sealed);
            json!({
                "secret_key": hex(secret.expose()), "public_key": hex(&public),
                "random": hex(random.expose()), "info": hex(info),
                "associated_data": hex(associated_data), "text": hex(text),
                "sealed": hex(&sealed),
            })
        })
        .collect();
    let published = concat!(
        "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
        "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db",
        "21993c62ce81883d2dd1b51a28"
    );
    assert_eq!(cases[0]["sealed"], published);
    hold("hpke.json", "HPKE base mode; the first case is RFC 9180 A.2.1", cases);
}

fn hpke_refusals(secret: &Secret<32>, info: &[u8], associated_data: &[u8], sealed: &[u8]) {
    let other = Secret::new([5; 32]);
    assert!(hpke::open(&other, info, associated_data, sealed).is_err());
    assert!(hpke::open(secret, b"another", associated_data, sealed).is_err());
    assert!(hpke::open(secret, info, b"another", sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.to_vec();
        changed[at] ^= 1;
        assert!(hpke::open(secret, info, associated_data, &changed).is_err());
        assert!(hpke::open(secret, info, associated_data, &sealed[..at]).is_err());
    }
}

/// RFC 6979 appendix A.2.5, and the JWS of RFC 7515 appendix A.3 signed anew.
#[test]
fn es256() {
    let rfc6979 = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
    let rfc7515 = "8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2";
    let jws = concat!(
        "eyJhbGciOiJFUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    );
    let cases =
        [(rfc6979, "sample"), (rfc6979, "test"), (rfc7515, jws)].map(|(secret, message)| {
            let key = Secret::new(unhex_array(secret));
            let public = RustCrypto.p256_public(&key).unwrap();
            let signature = RustCrypto.sign_es256(&key, message.as_bytes()).unwrap();
            let (x, y) = public.0.split_at(32);
            let mut case = json!({
                "secret_key": secret, "public_key": hex(&public.0),
                "message": hex(message.as_bytes()), "signature": hex(&signature.0),
                "jwk": { "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) },
            });
            if message == jws {
                case["jws"] = json!(format!("{jws}.{}", base64url(&signature.0)));
            }
            case
        });
    let published = [
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
         f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367\
         019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    ];
    for (case, published) in cases.iter().zip(published) {
        assert_eq!(case["signature"], published);
    }
    assert_eq!(cases[2]["jwk"]["x"], "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    hold("es256.json", "ES256, deterministic (RFC 6979); the third message is a JWS", cases.into());
}
