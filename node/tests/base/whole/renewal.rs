//! The server's certificate exchanged while the node serves.

use super::stage::Whole;
use crate::client::{Client, VERSIONS, quic, tcp};
use crate::site::Place;
use rustls_pki_types::CertificateDer;
use symbolon_domain::port::Clock;
use symbolon_node::clock::SystemClock;
use symbolon_node::data_folder::{DevelopmentCa, Role};

/// The certificate that a new connection is shown, over TCP and over QUIC.
async fn shown(place: &Place) -> [CertificateDer<'static>; 2] {
    let stream = tcp(place, b"h2", None).await.unwrap();
    let over_tcp = stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned();
    let connection = quic(place, None).await.unwrap();
    let chain = connection.peer_identity().unwrap();
    let chain = chain.downcast::<Vec<CertificateDer<'static>>>().unwrap();
    [over_tcp, chain[0].clone()]
}

#[tokio::test]
async fn new_connections_are_shown_the_new_one() {
    let whole = Whole::start().await;
    let (web, (partner, _)) = (whole.web_place(), whole.partner());
    let before = shown(&web).await;
    assert_eq!(before[0], before[1]);
    let mut open = Vec::new();
    for version in VERSIONS {
        open.push(Client::connect(&web, version).await.unwrap());
    }
    let tls = whole.root.path().join("node/tls");
    let issue = || {
        let authority = DevelopmentCa::load(&tls, "ca").unwrap();
        authority.issue(&["localhost".into()], Role::Server, SystemClock.now()).unwrap()
    };
    let (new, other) = (issue(), issue());
    std::fs::write(tls.join("server.pem"), &new.certificate).unwrap();
    std::fs::write(tls.join("server.key"), new.key.as_bytes()).unwrap();
    whole.renew().unwrap();
    let after = shown(&web).await;
    assert!(after[0] == after[1] && after[0] != before[0]);
    // The partners' listener asks for a certificate, and shows the same one.
    let stream = tcp(&partner, b"h2", None).await.unwrap();
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap()[0], after[0]);
    let stream = tcp(&whole.operators(), b"h2", None).await.unwrap();
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap()[0], after[0]);
    for client in &mut open {
        assert_eq!(client.get("/readyz").await.unwrap().status(), 200, "open ones go on");
    }

    // What everyone can read is no key any more; a group may.
    #[cfg(unix)]
    for (mode, good) in [(0o644, false), (0o640, true)] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(tls.join("server.key"), mode).unwrap();
        assert_eq!(whole.renew().is_ok(), good);
    }
    // A key of another certificate, and no key at all: the one before stays.
    for key in [other.key.as_bytes(), b"no key"] {
        std::fs::write(tls.join("server.key"), key).unwrap();
        assert!(whole.renew().is_err());
        assert_eq!(shown(&web).await, after);
    }
    whole.alive().await;
    whole.stop().await;
}
