//! Too much, too slow, too many: a clear answer, and the connection or node goes on.

use crate::client::{Client, VERSIONS, piece, pieces, request, tcp};
use crate::site::{Kind, SHORT, Site, limits};
use crate::wire::in_time;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_large_body_is_refused() {
    let mut limits = limits();
    limits.body_bytes = 100_000;
    let site = Site::start(Kind::Web, limits);
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let fits = client.post("/count", vec![1; 100_000].into()).await.unwrap();
        assert_eq!(fits.text().await.unwrap(), "100000", "{version:?}");
        let announced = client.post("/count", vec![1; 100_001].into()).await.unwrap();
        assert_eq!(announced.status(), StatusCode::PAYLOAD_TOO_LARGE, "{version:?}");
        assert_eq!(announced.problem().await, "body_too_large");

        let mut client = Client::connect(&site, version).await.unwrap();
        let (feed, body) = pieces();
        tokio::spawn(async move { while feed.send(piece(vec![1; 9_999])).await.is_ok() {} });
        let endless = client.send(request("POST", "/count"), body).await.unwrap();
        assert_eq!(endless.status(), StatusCode::PAYLOAD_TOO_LARGE, "{version:?}");
        assert_eq!(endless.problem().await, "body_too_large");

        let mut client = Client::connect(&site, version).await.unwrap();
        let raised = client.post("/raised", vec![1; 3_000_000].into()).await.unwrap();
        assert_eq!(raised.text().await.unwrap(), "3000000", "{version:?}");
    }
    assert_eq!(site.counts.bodies_refused.get(), 6);
}

#[tokio::test]
async fn a_slow_body_is_refused() {
    let mut limits = limits();
    limits.body_idle_timeout = SHORT;
    let site = Site::start(Kind::Web, limits);
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let (feed, body) = pieces();
        feed.send(piece("a beginning")).await.unwrap();
        let answer = client.send(request("POST", "/count"), body).await.unwrap();
        assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT, "{version:?}");
        assert_eq!(answer.problem().await, "body_too_slow");
        drop(feed);
    }
    assert_eq!(site.counts.bodies_refused.get(), 3);
}

#[tokio::test]
async fn a_large_header_section_is_refused() {
    let site = Site::start(Kind::Web, limits());
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let mut ask = request("GET", "/big-head");
        ask.headers_mut().insert("x-large", HeaderValue::from_str(&"x".repeat(20_000)).unwrap());
        let answer = client.send(ask, pieces().1).await.unwrap();
        assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "{version:?}");
        assert_eq!(answer.problem().await, "headers_too_large");
        // Far over the limit there may be no document, and no connection any more.
        let mut ask = request("GET", "/hello");
        for number in 0..16 {
            let name = http::HeaderName::try_from(format!("x-huge-{number}")).unwrap();
            ask.headers_mut().insert(name, HeaderValue::from_str(&"x".repeat(10_000)).unwrap());
        }
        if let Ok(answer) = client.send(ask, pieces().1).await {
            let status = answer.status();
            assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "{version:?}");
        }
        let mut client = Client::connect(&site, version).await.unwrap();
        let mut ask = request("GET", "/hello");
        ask.headers_mut().insert("x-fits", HeaderValue::from_str(&"x".repeat(15_000)).unwrap());
        assert_eq!(client.send(ask, pieces().1).await.unwrap().status(), 200, "{version:?}");
    }
}

#[tokio::test]
async fn a_slow_header_section_ends_the_connection() {
    let mut limits = limits();
    limits.header_timeout = SHORT;
    let site = Site::start(Kind::Web, limits);
    for (alpn, beginning) in
        [(&b"http/1.1"[..], "GET /hello HTT"), (b"h2", "PRI * HTTP/2.0\r\n"), (b"h2", "")]
    {
        let mut stream = tcp(&site, alpn, None).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // The server goes; how it says so differs.
        let _closed_or_reset = stream.read_to_end(&mut rest).await;
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{beginning:?}");
    }
    assert!(VERSIONS.iter().all(|version| site.counts.requests(*version) == 0));
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let mut limits = limits();
    limits.idle_timeout = SHORT;
    let site = Site::start(Kind::Web, limits);
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut client = Client::connect(&site, version).await.unwrap();
        assert_eq!(client.get("/hello").await.unwrap().status(), 200);
        match &mut client {
            Client::H1(sender) => {
                let gone = async {
                    while sender.ready().await.is_ok() {
                        tokio::time::sleep(SHORT / 10).await
                    }
                };
                in_time(gone).await;
            }
            Client::H2(sender) => {
                let gone = async {
                    while sender.ready().await.is_ok() {
                        tokio::time::sleep(SHORT / 10).await
                    }
                };
                in_time(gone).await;
            }
            Client::H3(..) => unreachable!(),
        }
        assert!(client.get("/hello").await.is_err(), "{version:?}");
    }
    let mut client = Client::connect(&site, Version::HTTP_3).await.unwrap();
    assert_eq!(client.get("/hello").await.unwrap().status(), 200);
    let Client::H3(_, connection) = &client else { unreachable!() };
    connection.closed().await;
}

#[tokio::test]
async fn a_slow_handler_is_cut_off_and_a_broken_one_told() {
    let mut limits = limits();
    limits.handler_timeout = SHORT;
    let site = Site::start(Kind::Web, limits);
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let late = in_time(client.get("/held")).await.unwrap();
        assert_eq!(late.header("retry-after").as_deref(), Some("1"));
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE, "{version:?}");
        assert_eq!(late.problem().await, "handler_timeout");
        let broken = client.get("/panic").await.unwrap();
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR, "{version:?}");
        assert_eq!(broken.problem().await, "internal_error");
        assert_eq!(client.get("/hello").await.unwrap().status(), 200, "{version:?} goes on");
    }
    assert_eq!(site.counts.handlers_timed_out.get(), 3);
    assert_eq!(site.counts.handlers_panicked.get(), 3);
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    let site = Site::start(Kind::Web, limits());
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let mut answer = client.get("/broken").await.unwrap();
        assert_eq!(answer.next().await.unwrap().unwrap(), "the first half", "{version:?}");
        assert!(answer.next().await.is_err(), "{version:?}");
    }
}

#[tokio::test]
async fn over_the_cap_connections_are_refused() {
    let mut limits = limits();
    limits.connections = 2;
    let site = Site::start(Kind::Web, limits);
    let mut first = Client::connect(&site, Version::HTTP_2).await.unwrap();
    let mut second = Client::connect(&site, Version::HTTP_3).await.unwrap();
    for version in VERSIONS {
        assert!(Client::connect(&site, version).await.is_err(), "{version:?}");
    }
    assert_eq!(site.counts.connections_refused.get(), 3);
    assert_eq!(first.get("/hello").await.unwrap().status(), 200);
    assert_eq!(second.get("/hello").await.unwrap().status(), 200);
    drop(first);
    // Its seat is free as soon as the server has seen it go.
    let mut third = loop {
        match Client::connect(&site, Version::HTTP_2).await {
            Ok(client) => break client,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(third.get("/hello").await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_early_answer_stops_the_body() {
    let site = Site::start(Kind::Web, limits());
    for version in VERSIONS {
        let mut client = Client::connect(&site, version).await.unwrap();
        let (feed, body) = pieces();
        let fed = tokio::spawn(async move {
            let chunk = Bytes::from(vec![1; 50_000]);
            // It ends because the server stops it, or no more than lingers.
            for _ in 0..1_000_000 {
                if feed.send(piece(chunk.clone())).await.is_err() {
                    return true;
                }
            }
            false
        });
        let answer = client.send(request("POST", "/early"), body).await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "enough", "{version:?}");
        assert!(fed.await.unwrap(), "{version:?}");
    }
}
