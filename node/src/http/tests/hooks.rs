//! Webhooks: signed, in order, posted again until they are taken.

use super::desk::{Bank, Desk};
use crate::data_folder::Purpose;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use symbolon_domain::jws::{Typ, Unverified, Verified};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

type Received = Arc<Mutex<Vec<String>>>;

/// Takes posts, one a connection. The first is lost at the receiver.
async fn receive(listener: TcpListener, received: Received) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut text = String::new();
        let body = loop {
            let mut piece = [0; 4_096];
            let read = stream.read(&mut piece).await.unwrap();
            assert_ne!(read, 0, "{text}");
            text.push_str(std::str::from_utf8(&piece[..read]).unwrap());
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                assert!(head.contains("content-type: application/secevent+jwt"), "{head}");
                break body.to_owned();
            }
        };
        let status = if received.lock().unwrap().is_empty() { 500 } else { 202 };
        received.lock().unwrap().push(body);
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn posted_until_taken() {
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(receive(listener, received.clone()));

    let desk = Desk::open().await;
    let bank = Bank::new(&desk, "bank.example", 1);
    let mut document = bank.document(&desk);
    document.webhook = Some(format!("http://127.0.0.1:{port}/hook"));
    bank.settle(&desk, &document).await;
    let offer = bank.propose(&desk, &bank.offer(&desk)).await.json();
    let path = format!("/v1/operator/offers/{}/approve", offer["id"].as_str().unwrap());
    assert_eq!(desk.operate("POST", &path).await.status, 200);

    let mut status = Value::Null;
    for _ in 0..300 {
        status = bank.get(&desk, "/v1/webhook").await.json();
        if status["delivered"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(status["delivered"].is_string(), "{status}");
    assert_eq!(status["failures"], 0);
    let posts = received.lock().unwrap().clone();
    assert_eq!(posts.len(), 2);
    let app = desk.app();
    let key = app.crypto.p256_public(&app.key(Purpose::Webhook).unwrap().secret).unwrap();
    let open = |text: &str| {
        let unverified = Unverified::parse(text, Typ::SecurityEvent).unwrap();
        let verified: Verified<Value> = unverified.verify(app.crypto.as_ref(), &key).unwrap();
        verified.payload
    };
    let (first, second) = (open(&posts[0]), open(&posts[1]));
    assert_eq!(first["jti"], second["jti"], "the same event");
    assert_eq!(second["aud"], bank.id.to_string());
    let event = &second["events"]["urn:symbolon:event:offer"]["body"]["offer"];
    assert_eq!((&event["offer"], &event["state"]), (&offer["id"], &Value::from("approved")));
}
