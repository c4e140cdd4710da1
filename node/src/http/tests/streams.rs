//! Event streams: as they come, and on from a position.

use super::desk::{Bank, Desk, request, with_certificate};
use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::Value;
use std::time::Duration;
use symbolon_domain::Timestamp;
use tower::ServiceExt;

struct Stream(Body);

impl Stream {
    async fn open(desk: &Desk, bank: &Bank, after: Option<&str>) -> Self {
        let mut request = with_certificate(request("GET", "/v1/events"), bank.name);
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = desk.partner.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body())
    }

    /// The next event: its id, its name, its data.
    async fn next(&mut self) -> (String, String, Value) {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(60), self.0.frame()).await;
            let data = frame.unwrap().unwrap().unwrap().into_data().unwrap();
            let text = String::from_utf8(data.to_vec()).unwrap();
            let field = |name: &str| {
                text.lines()
                    .find_map(|line| line.strip_prefix(name))
                    .map(|text| text.trim().to_owned())
            };
            if let (Some(id), Some(event), Some(data)) =
                (field("id:"), field("event:"), field("data:"))
            {
                return (id, event, serde_json::from_str(&data).unwrap());
            }
        }
    }
}

#[tokio::test]
async fn as_they_come_and_on_from_a_position() {
    let desk = Desk::open().await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let offer = bank.propose(&desk, &bank.offer(&desk)).await.json()["id"].clone();
    let judge = async |verdict: &str| {
        let path = format!("/v1/operator/offers/{}/{verdict}", offer.as_str().unwrap());
        assert_eq!(desk.operate("POST", &path).await.status, 200);
    };
    let mut stream = Stream::open(&desk, &bank, None).await;
    judge("approve").await;
    let (first, event, data) = stream.next().await;
    assert_eq!((event.as_str(), &data["body"]["offer"]["state"]), ("offer", &"approved".into()));
    judge("refuse").await;
    let (second, _, data) = stream.next().await;
    assert_eq!(data["body"]["offer"]["state"], "refused");
    assert!(first < second);

    let mut resumed = Stream::open(&desk, &bank, Some(&first)).await;
    assert_eq!(resumed.next().await.0, second, "what came after it");
    let mut late = Stream::open(&desk, &bank, None).await;
    assert_eq!(late.next().await.0, first, "what came just before");
    let told = {
        let request = with_certificate(request("GET", "/v1/events"), bank.name);
        let request = request.header("last-event-id", "x").body(Body::empty()).unwrap();
        super::desk::tell(&desk.partner, request).await
    };
    assert_eq!(told.problem(), (400, "malformed_parameter".into()));

    let week_later = Timestamp(desk.app().now().0 + 8 * 24 * 3_600_000);
    assert_eq!(crate::retention::events::forget(desk.app(), week_later).await.unwrap(), 2);
    judge("approve").await;
    let mut emptied = Stream::open(&desk, &bank, Some("00000000000000000000")).await;
    assert_eq!(emptied.next().await.2["body"]["offer"]["state"], "approved", "the rest is gone");
}

#[tokio::test]
async fn a_stream_ends_so_that_its_reader_proves_itself_again() {
    let desk = Desk::open_with(|config| config.limits.event_stream_seconds = 1).await;
    let bank = Bank::settled(&desk, "bank.example", 1).await;
    let mut stream = Stream::open(&desk, &bank, None).await;
    let to_the_end = async { while stream.0.frame().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(60), to_the_end).await.unwrap();
}
