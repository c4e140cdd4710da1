//! A node with an embedded store on free ports, a bank, a shop, a counter, alice and mallory.

use crate::client::{Client, VERSIONS};
use crate::site::{ClientIdentity, Place};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use symbolon_client::ClientError;
use symbolon_client::folder::Folder;
use symbolon_client::front_end::FrontEnd;
use symbolon_client::http3::{Answer, Http3, Identity, Request, Trust};
use symbolon_client::institution::{
    Description, Institution, InstitutionKeys, PushRequest, Pushed,
};
use symbolon_client::operator::Operator;
use symbolon_client::wallet::{Answered, NewItem, ScanCode, SessionLink, Wallet};
use symbolon_cluster_config::Config;
use symbolon_domain::api::front_end::OpenSession;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::document::offer::{Necessity, Offer, OfferItem, Purpose};
use symbolon_domain::document::text::Texts;
use symbolon_domain::entity::grant::{Delivery, Frequency};
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::port::{Batch, BatchId, Clock, Operation};
use symbolon_domain::{Id, Path, Timestamp};
use symbolon_node::clock::SystemClock;
use symbolon_node::data_folder::{DevelopmentCa, Issued, Role};
use symbolon_node::node::{Node, default_ports};
use symbolon_node::tls;

/// The system's clock and what the test has added.
#[derive(Default)]
pub(crate) struct Shifted(AtomicU64);

impl Clock for Shifted {
    fn now(&self) -> Timestamp {
        SystemClock.now().after(Duration::from_secs(self.0.load(Ordering::SeqCst)))
    }
}

pub(crate) struct Whole {
    node: Node,
    clock: Arc<Shifted>,
    pub(crate) root: tempfile::TempDir,
    pub(crate) web: Arc<Http3>,
    pub(crate) operator: Operator,
    pub(crate) bank: Institution,
    pub(crate) shop: Institution,
    pub(crate) counter: FrontEnd,
    pub(crate) alice: Wallet,
    pub(crate) mallory: Wallet,
}

/// An approval's code in the bank's hands.
pub(crate) struct Approved {
    pub(crate) grant: Id,
    pub(crate) code: Code,
    pub(crate) pushed: Pushed,
}

pub(crate) fn path(text: &str) -> Path {
    text.parse().unwrap()
}

impl Whole {
    pub(crate) async fn start() -> Self {
        Self::configured(|_| ()).await
    }

    pub(crate) async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut config = Config { data_folder: root.path().join("node"), ..Config::default() };
        let listeners = &mut config.listeners;
        for address in
            listeners.web.iter_mut().chain(&mut listeners.partner).chain(&mut listeners.operators)
        {
            address.set_port(0);
        }
        config.issuer = "https://localhost:0".into();
        config.wallet.origin = config.issuer.clone();
        config.store.disk_reserve_bytes = 1 << 20;
        change(&mut config);
        let clock = Arc::new(Shifted::default());
        let mut ports = default_ports(&config, None).unwrap();
        ports.clock = clock.clone();
        let node = Node::start(config, ports).await.unwrap();

        let tls = root.path().join("node/tls");
        let trust = Trust::from_file(&tls.join("ca.pem")).unwrap();
        let web = Arc::new(Http3::new(&node.site().issuer, &trust, None).unwrap());
        let operators = format!("https://localhost:{}", node.addresses().operators[0].port());
        let identity =
            Identity::from_files(&tls.join("operator.pem"), &tls.join("operator.key")).unwrap();
        let operator =
            Operator::new(Arc::new(Http3::new(&operators, &trust, Some(&identity)).unwrap()));
        let bank =
            institution(&node, &trust, &operator, ("bank.example", issue(&root, "bank.example")))
                .await;
        let shop =
            institution(&node, &trust, &operator, ("shop.example", issue(&root, "shop.example")))
                .await;
        let invited = bank.register_front_end("Counter 3", "Main Street", 8).await.unwrap();
        let counter = FrontEnd::enrol(web.clone(), invited.front_end, invited.enrolment_code);
        let counter = counter.await.unwrap();
        let folder = |name: &str| Folder::new(root.path().join(name));
        let (mut alice, _) = Wallet::create(web.clone(), folder("alice"), "Alice").await.unwrap();
        let new = |at: &str, value: Vec<u8>| NewItem {
            path: path(at),
            media_type: "application/octet-stream".into(),
            value,
        };
        let scan = (0..200_000_u32).map(|byte| (byte % 251) as u8).collect();
        let items = vec![new("person.name", b"Ada".to_vec()), new("person.scan", scan)];
        alice.put(items).await.unwrap();
        let (mallory, _) = Wallet::create(web.clone(), folder("mallory"), "M").await.unwrap();
        Self { node, clock, root, web, operator, bank, shop, counter, alice, mallory }
    }

    /// Lets the node's clock go ahead of everybody's.
    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// How far ahead it is, in seconds.
    pub(crate) fn passed(&self) -> u64 {
        self.clock.0.load(Ordering::SeqCst)
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.node.site().issuer
    }

    /// An approved offer of the bank.
    pub(crate) async fn offer(&self, delivery: Delivery) -> Digest {
        let proposed = self.bank.propose(&offer(self.bank.id(), delivery)).await.unwrap();
        self.operator.judge_offer(proposed.id, "approve").await.unwrap();
        proposed.hash
    }

    /// A pushed request, open at the counter.
    pub(crate) async fn shown(&self, offer: Digest) -> (Pushed, SessionLink) {
        let pushed = self.bank.push(&request(offer, ResponseMode::Scan)).await.unwrap();
        let open = OpenSession::request(&pushed.request_uri);
        let opened = self.counter.open_session(&open).await.unwrap();
        (pushed, opened.link.parse().unwrap())
    }

    /// The whole exchange up to the code.
    pub(crate) async fn approved(&mut self, offer: Digest) -> Approved {
        let (pushed, link) = self.shown(offer).await;
        self.alice.scan(&link).await.unwrap();
        let claimed = self.alice.claim(link.session).await.unwrap();
        self.counter.type_number(link.session, &claimed.number.unwrap()).await.unwrap();
        let asked = self.alice.asked(link.session).await.unwrap();
        let answered = self.alice.approve(&asked, &asked.everything()).await.unwrap();
        let Answered::Scan { grant, code, .. } = answered else { panic!("{answered:?}") };
        let scan: ScanCode = serde_json::from_str(code.expose()).unwrap();
        Approved { grant, code: Code::parse(scan.code.expose()).unwrap(), pushed }
    }

    /// The node still serves, over each version.
    pub(crate) async fn alive(&self) {
        let place = self.web_place();
        for version in VERSIONS {
            let mut client = Client::connect(&place, version).await.unwrap();
            assert_eq!(client.get("/readyz").await.unwrap().status(), 200, "{version:?}");
        }
    }

    /// The web listener, for a plain client.
    pub(crate) fn web_place(&self) -> Place {
        self.place(self.node.addresses().web[0].port())
    }

    /// The operators' listener, for a plain client.
    pub(crate) fn operators(&self) -> Place {
        self.place(self.node.addresses().operators[0].port())
    }

    /// Reads the server's certificate again.
    pub(crate) fn renew(&self) -> Result<(), tls::TlsFault> {
        self.node.renew_certificate()
    }

    /// The partner listener, with the bank's certificate, for a plain client.
    pub(crate) fn partner(&self) -> (Place, ClientIdentity) {
        let place = self.place(self.node.addresses().partner[0].port());
        (place, ClientIdentity::new(&issue(&self.root, "bank.example")))
    }

    fn place(&self, port: u16) -> Place {
        let ca = self.root.path().join("node/tls/ca.pem");
        Place { port, authority: tls::certificates(&ca).unwrap().remove(0) }
    }

    /// A row as the store has it.
    pub(crate) async fn row(&self, key: &[u8]) -> Vec<u8> {
        self.node.app().store.get(key).await.unwrap().unwrap()
    }

    /// Puts something else in its place, as nobody but the node itself could.
    pub(crate) async fn overwrite(&self, key: &[u8], value: Vec<u8>) {
        let app = self.node.app();
        let mut batch = Batch::new(BatchId(app.entropy.bytes()));
        batch.operations.push(Operation::Put { key: key.to_vec(), value });
        app.store.commit(batch).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        for http in [&self.web, self.bank.http(), self.shop.http()] {
            http.close().await;
        }
        self.node.shutdown().await;
    }
}

pub(crate) fn request(offer: Digest, response_mode: ResponseMode) -> PushRequest {
    let redirect_uri =
        (response_mode == ResponseMode::Query).then(|| "https://bank.example/callback".to_owned());
    PushRequest { offer, response_mode, redirect_uri, front_end: None, paths: None }
}

fn issue(root: &tempfile::TempDir, name: &str) -> Issued {
    let authority = DevelopmentCa::load(&root.path().join("node/tls"), "ca").unwrap();
    authority.issue(&[name.to_owned()], Role::Client, SystemClock.now()).unwrap()
}

async fn institution(
    node: &Node,
    trust: &Trust,
    operator: &Operator,
    (dns_name, issued): (&str, Issued),
) -> Institution {
    let identity =
        Identity::from_pem(issued.certificate.as_bytes(), issued.key.as_bytes()).unwrap();
    let site = node.site();
    let http = Http3::new(&site.partner_origin, trust, Some(&identity)).unwrap();
    let keys = InstitutionKeys::generate(node.app().region).unwrap();
    let institution = Institution::new(Arc::new(http), keys, site.issuer.clone());
    institution
        .describe(&Description {
            name: "An institution".into(),
            dns_name: dns_name.into(),
            redirect_uris: vec!["https://bank.example/callback".into()],
            webhook: None,
        })
        .await
        .unwrap();
    operator.judge_institution(institution.id(), "approve").await.unwrap();
    institution
}

pub(crate) fn offer(institution: Id, delivery: Delivery) -> Offer {
    let item = |at: &str, necessity| OfferItem { path: path(at), necessity };
    Offer {
        institution,
        title: Texts::english("Open an account"),
        items: vec![
            item("person.name", Necessity::Required),
            item("person.scan", Necessity::Optional),
        ],
        purpose: Purpose {
            code: "dpv:IdentityVerification".into(),
            text: Texts::english("To know who you are"),
        },
        frequency: Frequency { uses_max: 50, period_seconds: None },
        data_life_seconds: None,
        grant_life_seconds: 86_400,
        covers_future: false,
        delivery,
        use_statement: Texts::english("We check who you are."),
        disclaimer: Texts::english("What was read cannot be taken back."),
        allowed_regions: Vec::new(),
        expires: SystemClock.now().after(Duration::from_secs(86_400)),
    }
}

/// Status, code and locus of a refusal.
pub(crate) type Refused = (u16, String, String);

pub(crate) fn refused(status: u16, code: &str, locus: &str) -> Refused {
    (status, code.to_owned(), locus.to_owned())
}

/// The refusal of a client's call.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> Refused {
    match outcome {
        Err(ClientError::Problem(problem)) => (problem.status, problem.code, problem.locus),
        other => panic!("not refused by the node: {other:?}"),
    }
}

/// The refusal of an answer with a problem document.
pub(crate) fn problem(answer: Answer) -> Refused {
    assert!(!answer.status.is_success(), "{answer:?}");
    refusal(answer.ok())
}

/// Status and code of an OAuth error (RFC 6749 section 5.2).
pub(crate) fn oauth(answer: &Answer) -> (u16, String) {
    let error: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    (answer.status.as_u16(), error["error"].as_str().unwrap_or_default().to_owned())
}

/// A form.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The request that redeems a code.
pub(crate) fn redemption(client: Id, approved: &Approved) -> Request {
    let (client, code) = (client.to_string(), approved.code.to_text());
    Request::post("/oauth/token").form(form(&[
        ("grant_type", "authorization_code"),
        ("client_id", &client),
        ("code", code.expose()),
        ("code_verifier", approved.pushed.verifier.expose()),
    ]))
}
