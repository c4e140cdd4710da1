//! A listener on a temporary data folder, with a router that does what tests need.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::HeaderMap;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::port::Clock;
use symbolon_node::clock::{SystemClock, SystemEntropy};
use symbolon_node::data_folder::{DataFolder, DevelopmentCa, Issued, Role};
use symbolon_node::listen::{self, Counts, Draining, Limits};
use symbolon_node::shutdown::Shutdown;
use symbolon_node::tls::{self, Clients, Identity, ListenerTls, PeerCertificate};
use tokio::sync::{Notify, Semaphore};

/// Generous, except that tests of waiting wait this long.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// What a client must know.
pub(crate) struct Place {
    pub(crate) port: u16,
    /// The CA that a client trusts.
    pub(crate) authority: CertificateDer<'static>,
}

pub(crate) struct Site {
    place: Place,
    pub(crate) counts: Arc<Counts>,
    pub(crate) shutdown: Shutdown,
    pub(crate) folder: DataFolder,
    /// Each permit lets one `/held` answer, or one more event out.
    pub(crate) gate: Arc<Semaphore>,
    /// Told when a `/held` request has arrived.
    pub(crate) arrived: Arc<Notify>,
    _root: tempfile::TempDir,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Web,
    Partner,
}

pub(crate) fn limits() -> Limits {
    Limits::from(&symbolon_cluster_config::Limits::default())
}

impl Site {
    pub(crate) fn start(kind: Kind, limits: Limits) -> Self {
        let root = tempfile::tempdir().unwrap();
        let region = "eu1".parse().unwrap();
        let folder =
            DataFolder::open(&root.path().join("data"), region, &[], &SystemClock, &SystemEntropy)
                .unwrap();
        let identity =
            Identity::load(&folder.tls("server.pem"), &folder.tls("server.key")).unwrap();
        let clients = match kind {
            Kind::Web => Clients::Anyone,
            Kind::Partner => {
                Clients::CertifiedBy(tls::certificates(&folder.tls("ca.pem")).unwrap())
            }
        };
        let tls = ListenerTls::new(&identity, &clients).unwrap();
        let addresses = ["[::1]:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()];
        let bound = listen::bind("web", &addresses).unwrap();
        let port = bound.port();
        let shutdown = Shutdown::new();
        let (gate, arrived) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
        let counts = bound.serve(router(&gate, &arrived), &tls, limits, &shutdown).unwrap();
        let authority = tls::certificates(&folder.tls("ca.pem")).unwrap().remove(0);
        let place = Place { port, authority };
        Self { place, counts, shutdown, folder, gate, arrived, _root: root }
    }

    /// A client certificate of the institutions' CA, or of the operators'.
    pub(crate) fn client(&self, by_operators: bool) -> ClientIdentity {
        let authority: DevelopmentCa = if by_operators {
            self.folder.operator_authority().unwrap()
        } else {
            self.folder.authority().unwrap()
        };
        let issued =
            authority.issue(&["bank.example".into()], Role::Client, SystemClock.now()).unwrap();
        ClientIdentity::new(&issued)
    }
}

impl std::ops::Deref for Site {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

pub(crate) struct ClientIdentity {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl ClientIdentity {
    pub(crate) fn new(issued: &Issued) -> Self {
        Self {
            certificate: CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap(),
            key: PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap(),
        }
    }
}

fn router(gate: &Arc<Semaphore>, arrived: &Arc<Notify>) -> Router {
    let (gate, arrived) = (gate.clone(), arrived.clone());
    let events_gate = gate.clone();
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/echo", post(|request: Request| async { request.into_body() }))
        .route("/count", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/early", post(|| async { "enough" }))
        .route("/panic", get(panics))
        .route("/who", get(who))
        .route("/big-head", get(|headers: HeaderMap| async move { headers.len().to_string() }))
        .route("/raised", post(raised).layer(axum::middleware::map_request(raise)))
        .route("/broken", get(broken))
        .route(
            "/events",
            get(move |request: Request| async move { Sse::new(events(&request, events_gate)) }),
        )
        .route(
            "/held",
            get(move || async move {
                arrived.notify_one();
                gate.acquire().await.unwrap().forget();
                "released"
            }),
        )
}

async fn panics() -> &'static str {
    panic!("a handler's bug")
}

async fn who(request: Request) -> String {
    match request.extensions().get::<PeerCertificate>() {
        Some(peer) => format!("{} {}", peer.x5t_s256, peer.dns_names.join(",")),
        None => "nobody".into(),
    }
}

async fn raise(request: Request) -> Request {
    listen::raise(&request, 1 << 30, Duration::from_secs(60));
    request
}

async fn raised(body: Bytes) -> String {
    body.len().to_string()
}

async fn broken() -> Body {
    let pieces = [Ok(Bytes::from_static(b"the first half")), Err("and no second")];
    // The second piece comes later, so that the first has left by then.
    Body::from_stream(tokio_stream::iter(pieces).then(|piece| async {
        if piece.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        piece
    }))
}

/// An event at once, then one for each permit, until the node stops.
fn events(
    request: &Request,
    gate: Arc<Semaphore>,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let draining = request.extensions().get::<Draining>().unwrap().0.clone();
    futures_util::stream::unfold(0_u32, move |number| {
        let (gate, draining) = (gate.clone(), draining.clone());
        async move {
            if number > 0 {
                tokio::select! {
                    permit = gate.acquire() => permit.unwrap().forget(),
                    () = draining.cancelled() => return None,
                }
            }
            Some((Ok(Event::default().data(number.to_string())), number + 1))
        }
    })
}
