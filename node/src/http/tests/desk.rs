//! A node in a folder of its own, and requests to its routers without a network.

use crate::http::state::App;
use crate::http::{operator_routes, partner_routes, router, web_routes};
use crate::node::{Node, default_ports};
use crate::tls::PeerCertificate;
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use symbolon_cluster_config::{Addresses, Config};
use symbolon_domain::bytes::Digest;
use symbolon_domain::document::institution::InstitutionDocument;
use symbolon_domain::document::offer::{Necessity, Offer, OfferItem, Purpose};
use symbolon_domain::document::text::Texts;
use symbolon_domain::entity::grant::{Delivery, Frequency};
use symbolon_domain::jwk::{P256Jwk, X25519Jwk};
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Kind, Timestamp};
use tower::ServiceExt;

/// A node and its three routers.
pub(super) struct Desk {
    pub(super) node: Node,
    pub(super) web: Router,
    pub(super) partner: Router,
    pub(super) operators: Router,
    _folder: tempfile::TempDir,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Told {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and stable code of a problem, whose type and trace are there too.
    pub(super) fn problem(&self) -> (u16, String) {
        let json = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{json}");
        assert!(json["type"].as_str().unwrap().ends_with(&format!("/problems/{}", self.code())));
        assert_eq!(json["trace_id"].as_str().unwrap().len(), 32);
        assert_eq!(json["status"], self.status);
        (self.status, self.code())
    }

    /// Status and `error` of an OAuth endpoint.
    pub(super) fn oauth(&self) -> (u16, String) {
        let json = self.json();
        assert!(json["error_description"].is_string(), "{json}");
        (self.status, json["error"].as_str().unwrap_or_default().to_owned())
    }
}

impl Desk {
    pub(super) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub(super) async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_folder: folder.path().join("data"), ..Config::default() };
        config.issuer = "https://localhost:0".into();
        config.wallet.origin = "https://localhost:0".into();
        for listener in [
            &mut config.listeners.web,
            &mut config.listeners.partner,
            &mut config.listeners.operators,
        ] {
            *listener = vec!["127.0.0.1:0".parse().unwrap()];
        }
        config.webhooks.addresses = Addresses::Any;
        config.store.disk_reserve_bytes = 1 << 20;
        change(&mut config);
        let ports = default_ports(&config, None).unwrap();
        let node = Node::start(config, ports).await.unwrap();
        let app = node.app().clone();
        Self {
            web: router(&app, web_routes()),
            partner: router(&app, partner_routes()),
            operators: router(&app, operator_routes()),
            node,
            _folder: folder,
        }
    }

    pub(super) fn app(&self) -> &Arc<App> {
        self.node.app()
    }

    pub(super) async fn operate(&self, method: &str, path: &str) -> Told {
        let request = with_certificate(request(method, path), "operator");
        tell(&self.operators, request.body(Body::empty()).unwrap()).await
    }
}

pub(super) fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

/// Until when every certificate here is good.
pub(super) const CERTIFICATE_EXPIRES: Timestamp = Timestamp(4_000_000_000_000);

/// As the listener leaves it: the certificate of this DNS name.
pub(super) fn with_certificate(
    request: http::request::Builder,
    name: &str,
) -> http::request::Builder {
    request.extension(PeerCertificate {
        x5t_s256: Digest::of(name.as_bytes()),
        dns_names: vec![name.to_owned()],
        expires: CERTIFICATE_EXPIRES,
    })
}

pub(super) async fn tell(router: &Router, request: Request<Body>) -> Told {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Told { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// A partner with its keys.
pub(super) struct Bank {
    pub(super) id: Id,
    pub(super) name: &'static str,
    pub(super) key: Secret<32>,
}

impl Bank {
    pub(super) fn new(desk: &Desk, name: &'static str, key: u8) -> Self {
        Self { id: desk.app().new_id(Kind::Institution), name, key: Secret::new([key; 32]) }
    }

    pub(super) fn document(&self, desk: &Desk) -> InstitutionDocument {
        let public = desk.app().crypto.p256_public(&self.key).unwrap();
        InstitutionDocument {
            institution: self.id,
            name: "Example Bank".into(),
            dns_name: self.name.into(),
            signing_key: P256Jwk::new(public),
            hpke_key: X25519Jwk::new([9; 32]),
            redirect_uris: vec!["https://bank.example/cb".into()],
            webhook: None,
            issued: Timestamp(1_000),
        }
    }

    pub(super) fn offer(&self, desk: &Desk) -> Offer {
        Offer {
            institution: self.id,
            title: Texts::english("Open an account"),
            items: vec![OfferItem {
                path: "person.name".parse().unwrap(),
                necessity: Necessity::Required,
            }],
            purpose: Purpose {
                code: "dpv:IdentityVerification".into(),
                text: Texts::english("To know you"),
            },
            frequency: Frequency::ONCE,
            data_life_seconds: None,
            grant_life_seconds: 3_600,
            covers_future: false,
            delivery: Delivery::Institution,
            use_statement: Texts::english("We look at it"),
            disclaimer: Texts::english("What was read stays read"),
            allowed_regions: Vec::new(),
            expires: Timestamp(desk.app().now().0 + 3_600_000),
        }
    }

    pub(super) fn sign<T: serde::Serialize>(&self, desk: &Desk, typ: Typ, payload: &T) -> String {
        sign(desk.app().crypto.as_ref(), &self.key, typ, None, payload).unwrap()
    }

    /// A JSON request with this partner's certificate.
    pub(super) async fn send(&self, desk: &Desk, method: &str, path: &str, body: &Value) -> Told {
        let request = with_certificate(request(method, path), self.name)
            .header(header::CONTENT_TYPE, "application/json");
        tell(&desk.partner, request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A form with this partner's certificate.
    pub(super) async fn form(&self, desk: &Desk, path: &str, form: &str, key: &str) -> Told {
        let mut request = with_certificate(request("POST", path), self.name)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        tell(&desk.partner, request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub(super) async fn get(&self, desk: &Desk, path: &str) -> Told {
        let request = with_certificate(request("GET", path), self.name);
        tell(&desk.partner, request.body(Body::empty()).unwrap()).await
    }

    /// Introduced and approved.
    pub(super) async fn settled(desk: &Desk, name: &'static str, key: u8) -> Self {
        let bank = Self::new(desk, name, key);
        bank.settle(desk, &bank.document(desk)).await;
        bank
    }

    pub(super) async fn settle(&self, desk: &Desk, document: &InstitutionDocument) {
        let signed = self.sign(desk, Typ::Institution, document);
        let told = self.send(desk, "POST", "/v1/institutions", &json!({"document": signed})).await;
        assert_eq!(told.status, 200, "{told:?}");
        let path = format!("/v1/operator/institutions/{}/approve", self.id);
        assert_eq!(desk.operate("POST", &path).await.status, StatusCode::OK.as_u16());
    }

    /// Proposes an offer: its view.
    pub(super) async fn propose(&self, desk: &Desk, offer: &Offer) -> Told {
        let document = self.sign(desk, Typ::Offer, offer);
        self.send(desk, "POST", "/v1/offers", &json!({"document": document})).await
    }
}
