//! An institution with an offer and a front end at a node, and what they do over and over.

use super::site::{Answer, Node, Wallet};
use serde_json::{Value, json};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::institution::{Description, InstitutionState};
use symbolon_domain::entity::offer::OfferState;
use symbolon_domain::entity::token::Credential;
use symbolon_domain::entity::{Command, Reply, front_end, institution, offer, session};
use symbolon_domain::jws::{Typ, Unverified, sign};
use symbolon_domain::oauth::par::{PushedRequest, REQUEST_URI_PREFIX};
use symbolon_domain::port::{Call, Principal};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Kind, Rejection, Timestamp};
use symbolon_node::crypto::AwsLc;

/// An approved institution with an approved offer and one front end, a wallet among them.
pub(super) struct Stage {
    pub(super) node: Node,
    pub(super) institution: Id,
    pub(super) offer: Digest,
    pub(super) kiosk: Wallet,
    pub(super) kiosk_id: Id,
}

/// A command straight to its entity.
pub(super) async fn run(
    node: &Node,
    principal: Principal,
    target: Id,
    command: impl Into<Command>,
) -> Result<Reply, Rejection> {
    let call = Call {
        principal,
        deadline: Timestamp(u64::MAX),
        request_id: node.app.entropy.bytes(),
        seed: node.app.entropy.bytes(),
        trace: None,
        target,
        command: command.into(),
        keep: None,
    };
    node.app.router.call(call).await.unwrap()
}

impl Stage {
    pub(super) async fn set() -> Self {
        let node = Node::start().await;
        let institution = node.app.new_id(Kind::Institution);
        let key = Secret::new(node.app.entropy.bytes());
        let public = AwsLc.p256_public(&key).unwrap();
        let description = Description {
            name: "Example Bank".into(),
            dns_name: "bank.example".into(),
            signing_key: public,
            hpke_key: [1; 32],
            hpke_kid: "1".into(),
            redirect_uris: Vec::new(),
            webhook: None,
            document_hash: Digest([1; 32]),
        };
        let describe = institution::Command::Describe {
            description: Box::new(description),
            document: vec![1],
            signed_by: public,
        };
        let operator = || Principal::Operator("root".into());
        run(&node, Principal::Anyone, institution, describe).await.unwrap();
        let judge = institution::Command::Judge(InstitutionState::Approved);
        run(&node, operator(), institution, judge).await.unwrap();

        let document = json!({
            "institution": institution,
            "title": {"en": "Open an account"},
            "items": [
                {"path": "person.name", "necessity": "required"},
                {"path": "person.email", "necessity": "optional"},
            ],
            "purpose": {"code": "dpv:IdentityVerification", "text": {"en": "To know you"}},
            "frequency": {"uses_max": 1, "period_seconds": null},
            "grant_life_seconds": 86_400,
            "covers_future": false,
            "delivery": "institution",
            "use_statement": {"en": "We check who you are."},
            "disclaimer": {"en": "What was read cannot be taken back."},
            "expires": "2100-01-01T00:00:00Z",
        });
        let text = sign(&AwsLc, &key, Typ::Offer, None, &document).unwrap();
        let hash = Unverified::parse(&text, Typ::Offer).unwrap().digest();
        let offer_id = offer::Offer::id(node.app.region, &hash);
        let propose = offer::Command::Propose {
            hash,
            document: text.into_bytes(),
            title: "Open an account".into(),
            expires: None,
        };
        run(&node, Principal::Institution(institution), offer_id, propose).await.unwrap();
        let judge = offer::Command::Judge(OfferState::Approved);
        run(&node, operator(), offer_id, judge).await.unwrap();
        let (kiosk_id, kiosk) = kiosk(&node, institution).await;
        Self { node, institution, offer: hash, kiosk, kiosk_id }
    }

    /// Pushes a request and gives its `request_uri`.
    pub(super) async fn push(&self, response_mode: &str) -> String {
        self.push_with(response_mode, None).await.0
    }

    /// Pushes a request for a front end alone: its session.
    pub(super) async fn push_for(&self, front_end: Id) -> Id {
        self.push_with("symbolon.session", Some(front_end)).await.1
    }

    async fn push_with(&self, response_mode: &str, front_end: Option<Id>) -> (String, Id) {
        let node = &self.node;
        let mut pushed = json!({
            "client_id": self.institution,
            "response_mode": response_mode,
            "code_challenge": Digest([8; 32]),
            "consent": {"type": "urn:symbolon:consent:v1", "offer": self.offer},
        });
        if let Some(front_end) = front_end {
            pushed["front_end"] = json!(front_end);
        }
        let pushed: PushedRequest = serde_json::from_value(pushed).unwrap();
        let reference = Token::new(TokenClass::Request, node.app.region, &node.app.entropy.bytes());
        let command = session::Command::Push {
            request: Box::new(
                pushed.to_session_request(offer::Offer::id(node.app.region, &self.offer)),
            ),
            reference_hash: reference.hash(),
            document: pushed.to_bytes(),
        };
        let id = Id { kind: Kind::Session, ..reference.id() };
        run(node, Principal::Institution(self.institution), id, command).await.unwrap();
        (format!("{REQUEST_URI_PREFIX}{}", reference.text().expose()), id)
    }

    pub(super) async fn open(&self, request_uri: &str) -> Answer {
        let body = json!({ "request_uri": request_uri });
        self.kiosk.post(&self.node, "/v1/sessions", &body).await
    }

    /// An open session's path.
    pub(super) async fn opened(&self) -> (String, Value) {
        let opened = self.open(&self.push("symbolon.session").await).await;
        assert_eq!(opened.code(), "200", "{}", opened.json());
        let opened = opened.json();
        (format!("/v1/sessions/{}", opened["session"]["id"].as_str().unwrap()), opened)
    }

    pub(super) async fn number(&self, path: &str, number: &str) -> String {
        let body = json!({ "number": number });
        self.kiosk.post(&self.node, &format!("{path}/number"), &body).await.code()
    }
}

/// A front end with its key and token.
pub(super) async fn kiosk(node: &Node, institution: Id) -> (Id, Wallet) {
    let mut kiosk = Wallet::new(node);
    let id = node.app.new_id(Kind::FrontEnd);
    let register = front_end::Command::Register {
        name: "Counter 3".into(),
        place: "Main Street".into(),
        sessions_max: 2,
        code_hash: Digest([3; 32]),
    };
    run(node, Principal::Institution(institution), id, register).await.unwrap();
    let token = Token::new(TokenClass::FrontEnd, node.app.region, &node.app.entropy.bytes());
    let enrol = front_end::Command::Enrol {
        code_hash: Digest([3; 32]),
        jkt: kiosk.registration().signing_key.thumbprint(),
        token: Credential { id: token.id(), hash: token.hash() },
    };
    run(node, Principal::Anyone, id, enrol).await.unwrap();
    kiosk.set_token(token.text().expose());
    (id, kiosk)
}

/// Another approved institution.
pub(super) async fn institution_of_another(node: &Node) -> Id {
    let id = node.app.new_id(Kind::Institution);
    let key = AwsLc.p256_public(&Secret::new(node.app.entropy.bytes())).unwrap();
    let description = Description {
        name: "Another".into(),
        dns_name: "another.example".into(),
        signing_key: key,
        hpke_key: [1; 32],
        hpke_kid: "1".into(),
        redirect_uris: Vec::new(),
        webhook: None,
        document_hash: Digest([2; 32]),
    };
    let describe = institution::Command::Describe {
        description: Box::new(description),
        document: vec![1],
        signed_by: key,
    };
    run(node, Principal::Anyone, id, describe).await.unwrap();
    let judge = institution::Command::Judge(InstitutionState::Approved);
    run(node, Principal::Operator("root".into()), id, judge).await.unwrap();
    id
}
