//! A node without sockets, and a wallet that speaks to it.

use axum::body::Body;
use axum::response::Response;
use futures_util::StreamExt;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use symbolon_actors::prepare::Prepare;
use symbolon_actors::{Actors, Limits, Ports};
use symbolon_cluster_config::Config;
use symbolon_domain::api::Bytes;
use symbolon_domain::api::device::{
    CreateAccount, DeviceCredential, DeviceRegistration, SignedCommand, WebAuthnAssertion,
    WebAuthnRegistration,
};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::document::command::{Action, DeviceCommand};
use symbolon_domain::dpop::{NonceKey, ProofRequest, ReplayCache, prove};
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::jws::{Typ, Unverified, sign};
use symbolon_domain::port::{Clock, ConsentRule, Entropy, RuleInput, Store, Verdict};
use symbolon_domain::secret::Secret;
use symbolon_domain::webauthn::software::SoftwareAuthenticator;
use symbolon_domain::{Id, Kind};
use symbolon_node::blobs::Blobs;
use symbolon_node::clock::{SystemClock, SystemEntropy};
use symbolon_node::crypto::AwsLc;
use symbolon_node::data_folder::DataFolder;
use symbolon_node::http::state::{App, Site};
use symbolon_node::http::{router, web_routes};
use symbolon_store::MemoryStore;
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "https://localhost:8443";

struct PermitAll;

impl ConsentRule for PermitAll {
    fn judge(&self, _: &RuleInput<'_>) -> Verdict {
        Verdict::Permit
    }
}

pub(crate) struct Node {
    pub(crate) app: Arc<App>,
    pub(crate) folder: tempfile::TempDir,
    _data: DataFolder,
    _actors: Actors,
}

impl Node {
    pub(crate) async fn start() -> Self {
        Self::configured(|_| {}).await
    }

    pub(crate) async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        change(&mut config);
        let region = config.region.parse().unwrap();
        let path = folder.path().join("data");
        let data = DataFolder::open(&path, region, &[], &SystemClock, &SystemEntropy).unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) =
            (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let (crypto, rule): (Arc<dyn Crypto>, Arc<dyn ConsentRule>) =
            (Arc::new(AwsLc), Arc::new(PermitAll));
        let ports = Ports {
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            effects: None,
        };
        let actors = Actors::start(ports, Limits::default()).await.unwrap();
        let prepare = Prepare {
            store: store.clone(),
            crypto: crypto.clone(),
            rule: rule.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        };
        let site = Site {
            issuer: ORIGIN.into(),
            wallet_origin: ORIGIN.into(),
            rp_id: "localhost".into(),
            partner_origin: "https://localhost:8444".into(),
            web_origins: vec![ORIGIN.into()],
        };
        let app = App {
            config,
            region,
            site,
            store,
            router: Arc::new(actors.router()),
            rule,
            clock,
            crypto,
            prepare,
            blobs: Arc::new(Blobs::open(&data.objects()).unwrap()),
            wakeups: actors.wakeups(),
            keys: RwLock::new(data.keys().clone()),
            nonces: NonceKey::new(Secret::new(entropy.bytes())),
            replays: Mutex::new(ReplayCache::new(1_000)),
            development_ca: None,
            metrics: None,
            live_entities: Box::new(|| 0),
            started: SystemClock.now(),
            stopping: Default::default(),
            entropy,
        };
        Self { app: Arc::new(app), folder, _data: data, _actors: actors }
    }

    /// Files of large ciphertext.
    pub(crate) fn blobs(&self) -> usize {
        let objects = self.folder.path().join("data/objects");
        let vaults = std::fs::read_dir(objects).unwrap();
        vaults.map(|vault| std::fs::read_dir(vault.unwrap().path()).unwrap().count()).sum()
    }
}

/// A device with its keys, and, once it has an account, its token.
pub(crate) struct Wallet {
    pub(crate) vault: Id,
    pub(crate) device: Id,
    pub(crate) key: Secret<32>,
    authenticator: SoftwareAuthenticator,
    authenticator_key: Secret<32>,
    token: Option<String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the body broke off.
    pub(crate) broken: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The problem's code, or the status of a success.
    pub(crate) fn code(&self) -> String {
        match self.json()["code"].as_str() {
            Some(code) => code.to_owned(),
            None => self.status.as_u16().to_string(),
        }
    }
}

/// What is sent beside method and path.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn json(value: &impl Serialize) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { headers, body: serde_json::to_vec(value).unwrap() }
    }

    pub(crate) fn bytes(body: &[u8]) -> Self {
        let headers = vec![("content-type", "application/octet-stream".to_owned())];
        Self { headers, body: body.to_vec() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Wallet {
    pub(crate) fn new(node: &Node) -> Self {
        let entropy = node.app.entropy.as_ref();
        let key = Secret::new(entropy.bytes());
        let authenticator_key = Secret::new(entropy.bytes());
        let made = authenticator_key.clone();
        let authenticator = SoftwareAuthenticator::new(&AwsLc, made, "localhost", ORIGIN).unwrap();
        let (vault, device) = (node.app.new_id(Kind::Vault), node.app.new_id(Kind::Device));
        Self { vault, device, key, authenticator, authenticator_key, token: None }
    }

    /// A wallet with an account.
    pub(crate) async fn enrolled(node: &Node) -> Self {
        let mut wallet = Self::new(node);
        let answer = wallet.post(node, "/v1/accounts", &wallet.account()).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json());
        wallet.take_token(&answer);
        wallet
    }

    pub(crate) fn take_token(&mut self, answer: &Answer) {
        let credential: DeviceCredential = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((credential.vault, credential.device), (self.vault, self.device));
        self.token = Some(credential.token.expose().to_owned());
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub(crate) fn set_token(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    pub(crate) fn registration(&self) -> DeviceRegistration {
        let nothing = WebAuthnRegistration {
            credential_id: Bytes::default(),
            client_data: Bytes::default(),
            authenticator_data: Bytes::default(),
            amr: vec!["swk".into()],
        };
        let mut registration = DeviceRegistration {
            name: "Test".into(),
            signing_key: P256Jwk::new(AwsLc.p256_public(&self.key).unwrap()),
            hpke_key: X25519Jwk::new([9; 32]),
            registration: nothing,
        };
        let challenge = registration.challenge(self.vault, self.device);
        let made = self.authenticator.register(&AwsLc, &challenge).unwrap();
        registration.registration.credential_id = Bytes(made.credential_id);
        registration.registration.client_data = Bytes(made.client_data);
        registration.registration.authenticator_data = Bytes(made.authenticator_data);
        registration
    }

    pub(crate) fn account(&self) -> CreateAccount {
        let (vault, device) = (self.vault, self.device);
        CreateAccount { vault, device, registration: self.registration(), recovery: None }
    }

    /// A signed command; the person confirms it if `confirmed`.
    pub(crate) fn command(&self, node: &Node, action: Action, confirmed: bool) -> SignedCommand {
        let mut signed = self.command_by(node, &self.key, action);
        let digest = Unverified::parse(&signed.command, Typ::Command).unwrap().digest();
        signed.assertion = confirmed.then(|| self.confirm(&digest));
        signed
    }

    /// A command of this device, signed with some key, that nobody confirms.
    pub(crate) fn command_by(
        &self,
        node: &Node,
        key: &Secret<32>,
        action: Action,
    ) -> SignedCommand {
        let command = self.unsigned(node, action);
        let command = sign(&AwsLc, key, Typ::Command, None, &command).unwrap();
        SignedCommand { command, assertion: None }
    }

    /// What a command of this device says, made now.
    pub(crate) fn unsigned(&self, node: &Node, action: Action) -> DeviceCommand {
        DeviceCommand {
            issuer: ORIGIN.into(),
            vault: self.vault,
            device: self.device,
            nonce: Digest(node.app.entropy.bytes()),
            issued: node.app.now(),
            action,
        }
    }

    fn confirm(&self, digest: &Digest) -> WebAuthnAssertion {
        let assertion = self.authenticator.confirm(&AwsLc, digest).unwrap();
        WebAuthnAssertion {
            credential_id: Bytes(assertion.credential_id),
            client_data: Bytes(assertion.client_data),
            authenticator_data: Bytes(assertion.authenticator_data),
            signature: Bytes(assertion.signature),
        }
    }

    /// A confirmed command, by an authenticator that has counted this far.
    pub(crate) fn counted(&self, node: &Node, action: Action, count: u32) -> SignedCommand {
        let mut signed = self.command(node, action, false);
        signed.assertion = Some(self.confirm_at(&signed.command, Typ::Command, count));
        signed
    }

    /// The person's confirmation of a signed text, by an authenticator at this count.
    pub(crate) fn confirm_at(&self, text: &str, typ: Typ, count: u32) -> WebAuthnAssertion {
        let mut assertion = self.confirm(&Unverified::parse(text, typ).unwrap().digest());
        // Behind the relying party's hash and the flags (Level 3, section 6.1).
        assertion.authenticator_data.0[33..37].copy_from_slice(&count.to_be_bytes());
        let data = [&assertion.authenticator_data.0[..], &Digest::of(&assertion.client_data.0).0];
        let signature = AwsLc.sign_es256(&self.authenticator_key, &data.concat()).unwrap();
        assertion.signature = Bytes(der(&signature.0));
        assertion
    }

    /// The first events of the party's queue: their bodies.
    pub(crate) async fn events(&self, node: &Node, count: usize) -> Vec<Value> {
        let response = self.response(node, Method::GET, "/v1/events", Sent::default()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let (mut text, mut pieces) = (String::new(), response.into_body().into_data_stream());
        loop {
            let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
            let data = whole.lines().filter_map(|line| line.strip_prefix("data:"));
            let events: Vec<Value> = data.map(|data| serde_json::from_str(data).unwrap()).collect();
            if events.len() >= count {
                return events.into_iter().map(|event| event["body"].clone()).collect();
            }
            let piece = tokio::time::timeout(Duration::from_secs(20), pieces.next()).await;
            text.push_str(std::str::from_utf8(&piece.unwrap().unwrap().unwrap()).unwrap());
        }
    }

    pub(crate) async fn get(&self, node: &Node, path: &str) -> Answer {
        self.send(node, Method::GET, path, Sent::default()).await
    }

    pub(crate) async fn post(&self, node: &Node, path: &str, body: &impl Serialize) -> Answer {
        self.send(node, Method::POST, path, Sent::json(body)).await
    }

    async fn response(&self, node: &Node, method: Method, path: &str, sent: Sent) -> Response {
        let nonce = node.app.nonces.nonce(node.app.now());
        let url = format!("{ORIGIN}{path}");
        let proof = ProofRequest {
            method: method.as_str(),
            url: &url,
            access_token: self.token.as_deref(),
            nonce: Some(&nonce),
            jti: node.app.entropy.bytes(),
            now: node.app.now(),
        };
        let proof = prove(&AwsLc, &self.key, &proof).unwrap();
        let mut request = Request::builder().method(method).uri(&url).header("dpop", proof);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("DPoP {token}"));
        }
        for (name, value) in sent.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(sent.body)).unwrap();
        router(&node.app, web_routes()).oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, node: &Node, method: Method, path: &str, sent: Sent) -> Answer {
        let (parts, body) = self.response(node, method, path, sent).await.into_parts();
        let (mut whole, mut broken) = (Vec::new(), false);
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => whole.extend_from_slice(&piece),
                Err(_) => broken = true,
            }
        }
        Answer { status: parts.status, headers: parts.headers, body: whole, broken }
    }
}

/// A signature as `WebAuthn` has it: a sequence of two integers (X.690 section 8.3).
fn der(signature: &[u8; 64]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let mut bytes: Vec<u8> = half.iter().copied().skip_while(|byte| *byte == 0).collect();
        if bytes[0] > 0x7f {
            bytes.insert(0, 0);
        }
        [&[2, bytes.len() as u8], &bytes[..]].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [&[0x30, body.len() as u8], &body[..]].concat()
}
