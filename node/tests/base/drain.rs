//! A node that stops: what is under way finishes, nothing new begins.

use crate::client::{Client, VERSIONS};
use crate::site::{Kind, Site, limits};
use http::Version;
use std::time::Duration;
use symbolon_node::shutdown::Drained;

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_is_under_way_finishes() {
    let site = Site::start(Kind::Web, limits());
    let mut held = Vec::new();
    let mut idle = Vec::new();
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        held.push(tokio::spawn(async move {
            let answer = client.get("/held").await.unwrap();
            (answer.status(), answer.text().await.unwrap())
        }));
        site.arrived.notified().await;
        let mut client = Client::connect(&site, version).await.unwrap();
        assert_eq!(client.get("/hello").await.unwrap().status(), 200);
        idle.push(client);
    }
    let shutdown = site.shutdown.clone();
    let drain = tokio::spawn(async move { shutdown.drain(LONG).await });
    site.shutdown.draining().cancelled().await;
    for version in VERSIONS {
        // Nobody listens on TCP any more once its task has seen it; QUIC is refused.
        while let Ok(mut client) = Client::connect(&site, version).await {
            assert!(client.get("/hello").await.is_err(), "{version:?}");
        }
    }
    for client in &mut idle {
        assert!(client.get("/hello").await.is_err());
    }
    assert!(!drain.is_finished());
    site.gate.add_permits(3);
    for held in held {
        let (status, text) = held.await.unwrap();
        assert_eq!((status.as_u16(), text.as_str()), (200, "released"));
    }
    assert_eq!(drain.await.unwrap(), Drained::Finished);
}

#[tokio::test]
async fn streams_that_know_of_it_end() {
    let site = Site::start(Kind::Web, limits());
    let mut answers = Vec::new();
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let mut answer = client.get("/events").await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), "data: 0\n\n");
        answers.push((client, answer));
    }
    let shutdown = site.shutdown.clone();
    let drain = tokio::spawn(async move { shutdown.drain(LONG).await });
    for (_client, answer) in &mut answers {
        assert_eq!(answer.next().await.unwrap(), None, "it ends, and ends whole");
    }
    drop(answers);
    assert_eq!(drain.await.unwrap(), Drained::Finished);
}

#[tokio::test]
async fn what_does_not_finish_is_ended() {
    let site = Site::start(Kind::Web, limits());
    let mut client = Client::connect(&site, Version::HTTP_3).await.unwrap();
    let held = tokio::spawn(async move { client.get("/held").await.is_err() });
    site.arrived.notified().await;
    let drained = site.shutdown.drain(Duration::from_millis(100)).await;
    assert!(matches!(drained, Drained::Ended(1..)), "{drained:?}");
    assert!(held.await.unwrap());
}
