//! The pages of a whole node: the same bytes over each version of HTTP.

use crate::client::{Answer, Client, VERSIONS, pieces, request};
use crate::site::{ClientIdentity, Place};
use http::HeaderValue;
use std::io::Read;
use symbolon_cluster_config::Config;
use symbolon_domain::port::Clock;
use symbolon_node::clock::SystemClock;
use symbolon_node::data_folder::{DevelopmentCa, Role};
use symbolon_node::node::{Node, default_ports};
use symbolon_node::tls;

async fn ask(client: &mut Client, method: &str, path: &str, header: (&str, &str)) -> Answer {
    let mut request = request(method, path);
    let name = http::HeaderName::try_from(header.0).unwrap();
    request.headers_mut().insert(name, HeaderValue::try_from(header.1).unwrap());
    let (_, nothing) = pieces();
    client.send(request, nothing).await.unwrap()
}

fn script(page: &str) -> String {
    let start = page.split_once("src=\"").unwrap().1;
    start.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn over_each_version() {
    let root = tempfile::tempdir().unwrap();
    let mut config = Config { data_folder: root.path().join("data"), ..Config::default() };
    let listeners = &mut config.listeners;
    for address in
        listeners.web.iter_mut().chain(&mut listeners.partner).chain(&mut listeners.operators)
    {
        address.set_port(0);
    }
    config.store.disk_reserve_bytes = 1 << 20;
    let ports = default_ports(&config, None).unwrap();
    let mut own = config.clone();
    let node = Node::start(config, ports).await.unwrap();
    let folder = root.path().join("data/tls");
    let authority = tls::certificates(&folder.join("ca.pem")).unwrap().remove(0);
    let at = |port| Place { port, authority: authority.clone() };
    let web = at(node.addresses().web[0].port());
    let partner = at(node.addresses().partner[0].port());
    let issuer = DevelopmentCa::load(&folder, "ca").unwrap();
    let issued = issuer.issue(&["bank.example".into()], Role::Client, SystemClock.now()).unwrap();
    let bank = ClientIdentity::new(&issued);

    for version in VERSIONS {
        let mut client = Client::connect(&web, version).await.unwrap();
        let plain = ("accept-encoding", "identity");
        let page = ask(&mut client, "GET", "/", plain).await;
        let (status, tag) = (page.status(), page.header("etag").unwrap());
        let page = page.text().await.unwrap();
        assert_eq!((status.as_u16(), page.contains("/assets/phone-")), (200, true), "{version:?}");
        let again = ask(&mut client, "GET", "/", ("if-none-match", &tag)).await;
        assert_eq!(again.status(), 304, "{version:?}");
        assert!(again.bytes().await.unwrap().is_empty());

        let asset = script(&page);
        let whole = ask(&mut client, "GET", &asset, plain).await.bytes().await.unwrap();
        let head = ask(&mut client, "HEAD", &asset, plain).await;
        assert_eq!(head.header("content-length"), Some(whole.len().to_string()), "{version:?}");
        assert!(head.bytes().await.unwrap().is_empty());
        let small = ask(&mut client, "GET", &asset, ("accept-encoding", "br")).await;
        assert_eq!(small.header("content-encoding").as_deref(), Some("br"), "{version:?}");
        let small = small.bytes().await.unwrap();
        let mut opened = Vec::new();
        brotli::Decompressor::new(&small[..], 4_096).read_to_end(&mut opened).unwrap();
        assert_eq!(opened, whole, "{version:?}");

        let mut client = Client::connect_as(&partner, version, Some(&bank)).await.unwrap();
        let console = ask(&mut client, "GET", "/", plain).await.text().await.unwrap();
        assert!(console.contains("/assets/console-"), "{version:?}");
        let outcome = match Client::connect(&partner, version).await {
            Ok(mut stranger) => stranger.get("/").await.map(|answer| answer.status()),
            Err(error) => Err(error),
        };
        assert!(outcome.is_err(), "{version:?}: {outcome:?}");
    }
    node.shutdown().await;

    // With a certificate of its own a host promises https for good; not before.
    own.tls.certificate = Some(folder.join("server.pem"));
    own.tls.key = Some(folder.join("server.key"));
    let ports = default_ports(&own, None).unwrap();
    let node = Node::start(own, ports).await.unwrap();
    let web = at(node.addresses().web[0].port());
    let mut client = Client::connect(&web, VERSIONS[1]).await.unwrap();
    let page = client.get("/").await.unwrap();
    assert_eq!(page.header("strict-transport-security").as_deref(), Some("max-age=31536000"));
    node.shutdown().await;
}
