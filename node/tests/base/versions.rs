//! The same router, streaming both ways, over each version; who the peer is.

use crate::client::{Client, VERSIONS, piece, pieces, request};
use crate::site::{Kind, Site, limits};
use bytes::Bytes;
use http::Version;
use symbolon_domain::bytes::Digest;

#[tokio::test]
async fn get_and_alt_svc() {
    let site = Site::start(Kind::Web, limits());
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        for _ in 0..3 {
            let answer = client.get("/hello").await.unwrap();
            let alt_svc = answer.header("alt-svc");
            let expected = format!("h3=\":{}\"; ma=86400", site.port);
            assert_eq!(alt_svc, (version != Version::HTTP_3).then_some(expected), "{version:?}");
            assert_eq!(answer.text().await.unwrap(), "hello");
        }
        assert_eq!(site.counts.requests(version), 3);
    }
    assert_eq!((site.counts.tcp_connections.get(), site.counts.quic_connections.get()), (2, 1));
}

#[tokio::test]
async fn a_body_streams_both_ways() {
    let mut limits = limits();
    limits.body_bytes = 8 << 20;
    let site = Site::start(Kind::Web, limits);
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let (feed, body) = pieces();
        feed.send(piece("ping")).await.unwrap();
        let mut answer = client.send(request("POST", "/echo"), body).await.unwrap();
        // The first piece comes back before the second is sent.
        assert_eq!(answer.next().await.unwrap().unwrap(), "ping", "{version:?}");
        feed.send(piece("pong")).await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), "pong", "{version:?}");
        drop(feed);
        assert_eq!(answer.next().await.unwrap(), None, "{version:?}");

        let large = Bytes::from(vec![7; 5 << 20]);
        let echoed = client.post("/echo", large.clone()).await.unwrap().bytes().await.unwrap();
        assert_eq!(echoed.len(), large.len(), "{version:?}");
        assert_eq!(echoed, large);
    }
}

#[tokio::test]
async fn events_stream() {
    let site = Site::start(Kind::Web, limits());
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let mut answer = client.get("/events").await.unwrap();
        assert_eq!(answer.header("content-type").as_deref(), Some("text/event-stream"));
        for number in 0..3 {
            let event = answer.next().await.unwrap().unwrap();
            assert_eq!(event, format!("data: {number}\n\n"), "{version:?}");
            site.gate.add_permits(1);
        }
        // The client goes; what the server still says meets nobody.
        drop(answer);
        drop(client);
        let left = site.gate.available_permits();
        site.gate.forget_permits(left);
    }
}

#[tokio::test]
async fn the_partner_listener_knows_its_client() {
    let site = Site::start(Kind::Partner, limits());
    let (bank, operator) = (site.client(false), site.client(true));
    for version in VERSIONS {
        let mut client = Client::connect_as(&site, version, Some(&bank)).await.unwrap();
        let answer = client.get("/who").await.unwrap();
        let expected = format!("{} bank.example", Digest::of(&bank.certificate));
        assert_eq!(answer.text().await.unwrap(), expected, "{version:?}");

        // TLS 1.3 tells the client after its handshake: the first request fails at last.
        for stranger in [None, Some(&operator)] {
            let outcome = match Client::connect_as(&site, version, stranger).await {
                Ok(mut client) => client.get("/who").await.map(|answer| answer.status()),
                Err(error) => Err(error),
            };
            assert!(outcome.is_err(), "{version:?}: {outcome:?}");
        }
    }
    let served: u64 = VERSIONS.iter().map(|version| site.counts.requests(*version)).sum();
    assert_eq!((served, site.counts.handshakes_failed.get()), (3, 6));
}

#[tokio::test]
async fn the_web_listener_asks_for_no_certificate() {
    let site = Site::start(Kind::Web, limits());
    let bank = site.client(false);
    for version in VERSIONS {
        let mut client = Client::connect_as(&site, version, Some(&bank)).await.unwrap();
        assert_eq!(client.get("/who").await.unwrap().text().await.unwrap(), "nobody");
    }
}
