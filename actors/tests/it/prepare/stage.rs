//! A session that waits for its approval, with real keys, signatures and sealed items.

use super::signing::{ORIGIN, Wraps, registration, signed};
use crate::fixtures::{START, call, device_id, front_end_id, id, institution_id, open, run_alone};
use crate::node::Counted;
use crate::world::World;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use symbolon_actors::prepare::{Approval, CodeRequest, Prepare, Refusal, RelyingParty};
use symbolon_domain::api::device::ApproveSession;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::RustCrypto;
use symbolon_domain::crypto::code::{Code, format_half};
use symbolon_domain::crypto::item::{self, Metadata};
use symbolon_domain::crypto::key_tree::RootKey;
use symbolon_domain::crypto::wrap::{Context, Lent, code_wrap_key, wrap};
use symbolon_domain::document::offer::Offer as OfferDocument;
use symbolon_domain::document::selection::{SelectedItem, Selection};
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::entity::token::Credential;
use symbolon_domain::entity::vault::{ItemVersion, StoredObject};
use symbolon_domain::entity::{Command, Reply, offer, session, vault};
use symbolon_domain::json::from_slice_strict;
use symbolon_domain::jws::{Typ, Unverified, sign};
use symbolon_domain::key::{self, Row};
use symbolon_domain::oauth::authorization_details::ConsentRequest;
use symbolon_domain::oauth::par::PushedRequest;
use symbolon_domain::port::{
    self, Batch, BatchId, Clock, ConsentRule, Operation, Principal, RuleInput, Store, Verdict,
};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Kind, Path, Timestamp, record};
use symbolon_store::MemoryStore;

pub(super) const ISSUER: &str = "https://id.example";
pub(super) const VERIFIER: &str = "a verifier that nobody guesses, of 43 characters";
pub(super) const CERTIFICATE: Digest = Digest([3; 32]);
pub(super) const HALF: [u8; 32] = [7; 32];
const EPOCH: u32 = 4;
/// What is ticked; the offer's third item is refused.
pub(super) const TICKED: [&str; 2] = ["person.email", "person.name"];

const OFFER: &str = r#"{
    "institution": "INSTITUTION",
    "title": {"en": "Open an account"},
    "items": [
        {"path": "person.email", "necessity": "required"},
        {"path": "person.name", "necessity": "required"},
        {"path": "person.phone", "necessity": "optional"}
    ],
    "purpose": {"code": "dpv:IdentityVerification", "text": {"en": "To know you"}},
    "frequency": {"uses_max": 5, "period_seconds": null},
    "grant_life_seconds": 86400,
    "covers_future": false,
    "delivery": "institution",
    "use_statement": {"en": "We check who you are."},
    "disclaimer": {"en": "What was read cannot be taken back."},
    "expires": "2100-01-01T00:00:00Z"
}"#;

pub(super) fn session_id() -> Id {
    id(Kind::Session, 1)
}

pub(super) fn vault_id() -> Id {
    id(Kind::Vault, 2)
}

/// The device that claimed the session; 1 to 3 are another person's.
pub(super) fn device() -> Id {
    device_id(9)
}

pub(super) fn grant_id() -> Id {
    id(Kind::Grant, 5)
}

pub(super) fn bank() -> Principal {
    Principal::Institution(institution_id())
}

pub(super) fn party() -> RelyingParty {
    RelyingParty {
        issuer: ISSUER.into(),
        id: "wallet.example".into(),
        origins: vec![ORIGIN.into()],
    }
}

pub(super) fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// Permits everything, or says one thing at one stage. It remembers what it was asked.
#[derive(Default)]
pub(super) struct Rule {
    pub(super) says: Mutex<Option<(port::Stage, Verdict)>>,
    pub(super) asked: Mutex<Vec<(port::Stage, Vec<String>)>>,
}

impl ConsentRule for Rule {
    fn judge(&self, input: &RuleInput<'_>) -> Verdict {
        self.asked.lock().unwrap().push((input.stage, input.paths.to_vec()));
        match &*self.says.lock().unwrap() {
            Some((stage, verdict)) if *stage == input.stage => verdict.clone(),
            _ => Verdict::Permit,
        }
    }
}

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        START
    }
}

pub(super) struct Stage {
    pub(super) world: World,
    pub(super) rule: Arc<Rule>,
    entropy: Arc<Counted>,
    pub(super) offer: OfferDocument,
    /// As the institution signed it.
    pub(super) offer_text: String,
    pub(super) pushed: PushedRequest,
    root: RootKey,
    calls: u64,
}

impl Stage {
    /// With delivery `institution` and a grant of one version.
    pub(super) fn set() -> Self {
        Self::of(Delivery::Institution, false)
    }

    /// Up to the number typed at the front end.
    pub(super) fn of(delivery: Delivery, covers_future: bool) -> Self {
        let text = OFFER.replace("INSTITUTION", &institution_id().to_string());
        let offer: OfferDocument = from_slice_strict(text.as_bytes(), 10_000).unwrap();
        let offer = OfferDocument { delivery, covers_future, ..offer };
        let key = Secret::new([2; 32]);
        let offer_text = sign(&RustCrypto, &key, Typ::Offer, None, &offer).unwrap();
        let hash = Unverified::parse(&offer_text, Typ::Offer).unwrap().digest();
        let pushed = PushedRequest {
            client_id: institution_id(),
            response_mode: ResponseMode::Session,
            redirect_uri: None,
            state: None,
            scope: None,
            front_end: None,
            code_challenge: Digest::of(VERIFIER.as_bytes()),
            consent: ConsentRequest::new(hash),
        };
        let mut stage = Self {
            world: crate::fixtures::world(),
            rule: Arc::default(),
            entropy: Arc::default(),
            offer,
            offer_text,
            pushed,
            root: RootKey::new(Secret::new([1; 32])),
            calls: 0,
        };
        stage.play(hash);
        for (number, text) in (1..).zip(TICKED) {
            stage.store_item(number, &path(text));
        }
        stage
    }

    fn play(&mut self, hash: Digest) {
        let offer_id = offer::Offer::id(institution_id().region, &hash);
        let document = self.offer_text.clone().into_bytes();
        let title = "Open an account".into();
        let propose = offer::Command::Propose { hash, document, title, expires: None };
        let create = vault::Command::Create {
            device: device(),
            registration: Box::new(registration()),
            token: Credential { id: id(Kind::Token, 120), hash: Digest([120; 32]) },
            recovery: None,
            empty_root: Digest([0; 32]),
        };
        let push = session::Command::Push {
            request: Box::new(self.pushed.to_session_request(offer_id)),
            document: self.pushed.to_bytes(),
            reference_hash: Digest([4; 32]),
        };
        let (front_end, phone) =
            (Principal::FrontEnd(front_end_id(1)), Principal::Device(device()));
        let calls: [(Principal, Id, Command); 7] = [
            (bank(), offer_id, propose.into()),
            (
                Principal::Operator("op".into()),
                offer_id,
                offer::Command::Judge(offer::OfferState::Approved).into(),
            ),
            (Principal::Anyone, vault_id(), create.into()),
            (bank(), session_id(), push.into()),
            (front_end.clone(), session_id(), open().into()),
            (phone, session_id(), session::Command::Claim { number: 42 }.into()),
            (front_end, session_id(), session::Command::Confirm { number: 42 }.into()),
        ];
        for (principal, target, command) in calls {
            self.run(principal, target, command).unwrap();
        }
    }

    /// Tells an entity something.
    pub(super) fn run(
        &mut self,
        principal: Principal,
        target: Id,
        command: impl Into<Command>,
    ) -> Result<Reply, symbolon_domain::Rejection> {
        self.calls += 1;
        let call = call(2_000_000 + self.calls, principal, target, command);
        run_alone(&mut self.world, START, call).unwrap()
    }

    /// What is ciphertext at the node.
    pub(super) fn object(&self, path: &Path) -> Vec<u8> {
        let (number, salt) = (self.version(path).object, [8; 32]);
        let item = self.root.item_id(path);
        let secret = self.root.epoch_secret(path, EPOCH).content_secret(&item, &salt);
        let metadata = Metadata {
            path: path.clone(),
            media_type: "text/plain".into(),
            created: START,
            modified: START,
        };
        let value = path.as_str().as_bytes();
        item::seal(&RustCrypto, &secret, &number, EPOCH, &salt, &metadata, value).unwrap()
    }

    fn store_item(&mut self, number: u8, path: &Path) {
        let item = self.root.item_id(path);
        let version = ItemVersion {
            version: 1,
            epoch: EPOCH,
            object: [number; 16],
            digest: Digest([0; 32]),
            size: 0,
            salt: [8; 32],
            tombstone: None,
        };
        self.put(vault_id(), &Row::VaultItem(item), record::encode(&version).unwrap());
        let object = self.object(path);
        let (digest, size) = (Digest::of(&object), object.len() as u64);
        let version = ItemVersion { digest, size, ..version };
        let stored =
            StoredObject { digest, size, blob: None, pieces: 0, created: START, erase: None };
        self.put(vault_id(), &Row::VaultItem(item), record::encode(&version).unwrap());
        let row = Row::VaultObject(version.object);
        self.put(vault_id(), &row, record::encode(&stored).unwrap());
    }

    pub(super) fn put(&mut self, owner: Id, row: &Row, value: Vec<u8>) {
        self.world.map.insert(key::row(owner, row), value);
    }

    pub(super) fn item_row(&self, path: &str) -> Vec<u8> {
        key::row(vault_id(), &Row::VaultItem(self.root.item_id(&self::path(path))))
    }

    fn version(&self, path: &Path) -> ItemVersion {
        let row = key::row(vault_id(), &Row::VaultItem(self.root.item_id(path)));
        record::decode(&self.world.map[&row]).unwrap()
    }

    /// Prepare over the world as it is now.
    pub(super) async fn prepare(&self) -> Prepare {
        let store = MemoryStore::new();
        let mut batch = Batch::new(BatchId([1; 16]));
        let entries = self.world.map.iter();
        batch.operations = entries
            .map(|(key, value)| Operation::Put { key: key.clone(), value: value.clone() })
            .collect();
        store.commit(batch).await.unwrap();
        Prepare {
            store: Arc::new(store),
            crypto: Arc::new(RustCrypto),
            rule: self.rule.clone(),
            clock: Arc::new(Fixed),
            entropy: self.entropy.clone(),
        }
    }

    pub(super) fn grant_key(&self) -> Secret<32> {
        self.root.grant_key(grant_id())
    }

    /// What the person's device would sign.
    pub(super) fn selection(&self) -> Selection {
        let terms = &self.offer;
        let item = |path: &str| {
            let path = self::path(path);
            let version = self.version(&path);
            SelectedItem {
                item: self.root.item_id(&path),
                version: version.version,
                digest: version.digest,
                epoch: terms.covers_future.then_some(EPOCH),
                path,
            }
        };
        Selection {
            issuer: ISSUER.into(),
            client_id: institution_id(),
            session: session_id(),
            request: self.pushed.hash(),
            offer: self.pushed.consent.offer,
            grant: grant_id(),
            vault: vault_id(),
            device: device(),
            items: TICKED.into_iter().map(item).collect(),
            refused: vec![path("person.phone")],
            purpose: terms.purpose.code.clone(),
            frequency: terms.frequency,
            data_life_seconds: terms.data_life_seconds,
            delivery: terms.delivery,
            statement: terms.statement("en").unwrap(),
            language: "en".into(),
            wrap: Digest([0; 32]),
            issued: START,
            expires: START.after(Duration::from_secs(terms.grant_life_seconds)),
        }
    }

    /// What one item's wrap holds: its secret, in place of one sealed to the institution.
    pub(super) fn secret(&self, path: &Path) -> Secret<32> {
        let epoch = self.root.epoch_secret(path, EPOCH);
        if self.offer.covers_future {
            return epoch.secret().clone();
        }
        epoch.content_secret(&self.root.item_id(path), &[8; 32]).secret().clone()
    }

    pub(super) fn wraps(&self) -> Wraps {
        let (grant, client, key) = (grant_id(), institution_id(), self.grant_key());
        let item = |text: &str| {
            let path = path(text);
            let lent = if self.offer.covers_future {
                Lent::Epoch(EPOCH)
            } else {
                Lent::Version(self.version(&path).object)
            };
            let context = Context::item(grant, &path, &self.root.item_id(&path), lent);
            let wrapped = wrap(&RustCrypto, &key, &context, self.secret(&path).expose());
            wrapped.unwrap().as_bytes().to_vec()
        };
        let code_key = code_wrap_key(&Secret::new(HALF), grant, client);
        let context = Context::grant_key(grant, client);
        let code = wrap(&RustCrypto, &code_key, &context, key.expose()).unwrap();
        Wraps {
            items: TICKED.into_iter().map(item).collect(),
            code: code.as_bytes().to_vec(),
            half: Some(vec![4; 91]),
        }
    }

    /// The right approval.
    pub(super) fn approval(&self) -> ApproveSession {
        signed(self.selection(), &self.wraps())
    }

    pub(super) async fn approve(&self, request: &ApproveSession) -> Result<Approval, Refusal> {
        self.prepare().await.approve(&party(), device(), session_id(), request).await
    }

    /// Approves, and gives the code.
    pub(super) async fn approved(&mut self) -> String {
        let approval = self.approve(&self.approval()).await.unwrap();
        let reply = self.run(Principal::Device(device()), approval.grant, approval.command);
        let Ok(Reply::Approved(approved)) = reply else { panic!("{reply:?}") };
        format!("{}.{}", approved.handle, format_half(&Secret::new(HALF)))
    }
}

/// The bank's token request with this code.
pub(super) fn code_request(code: &str) -> CodeRequest<'_> {
    CodeRequest {
        client: institution_id(),
        certificate: CERTIFICATE,
        code,
        verifier: VERIFIER,
        redirect_uri: None,
    }
}

/// The code's first half alone.
pub(super) fn code_id(code: &str) -> Id {
    Code::parse(code).unwrap().handle.id()
}

/// The rejection of what got no further.
pub(super) fn rejected<T: std::fmt::Debug>(
    outcome: Result<T, Refusal>,
) -> symbolon_domain::Rejection {
    match outcome {
        Err(Refusal::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}
