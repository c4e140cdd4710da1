//! What no client of good will sends. Each time the node goes on serving others.

use crate::client::{Client, quic, tcp};
use crate::site::{Kind, SHORT, Site, limits};
use http::Version;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The node still serves.
pub(crate) async fn alive(site: &Site) {
    for version in [Version::HTTP_2, Version::HTTP_3] {
        let mut client = Client::connect(site, version).await.unwrap();
        assert_eq!(client.get("/hello").await.unwrap().status(), 200);
    }
}

/// A POST as QPACK writes it without dynamic table: `:method POST`, `:scheme https`,
/// `:authority a`, `:path`.
pub(crate) fn post_head(path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).unwrap();
    let mut block = vec![0, 0, 0xc0 | 20, 0xc0 | 23, 0x50, 1, b'a', 0x51, length];
    block.extend(path.as_bytes());
    let mut frame = vec![1, u8::try_from(block.len()).unwrap()];
    frame.extend(block);
    frame
}

/// Everything that the server sends on a stream, or that it reset it.
async fn answer(recv: &mut quinn::RecvStream) -> Result<Vec<u8>, quinn::ReadToEndError> {
    recv.read_to_end(1 << 20).await
}

#[tokio::test]
async fn no_tls_and_garbage_in_tls() {
    let site = Site::start(Kind::Web, limits());
    let mut stream = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _closed_or_reset = stream.read_to_end(&mut rest).await;
    assert_eq!(site.counts.handshakes_failed.get(), 1);
    for (alpn, garbage) in [
        (&b"http/1.1"[..], &b"\0\xff\r\n\r\n"[..]),
        (b"h2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    ] {
        let mut stream = tcp(&site, alpn, None).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let _closed_or_reset = stream.read_to_end(&mut rest).await;
    }
    alive(&site).await;
    assert_eq!(site.counts.connections_broken.get(), 2);
}

#[tokio::test]
async fn a_frame_out_of_place_ends_its_connection() {
    let site = Site::start(Kind::Web, limits());
    let connection = quic(&site, None).await.unwrap();
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    send.write_all(b"\0\x04data before any header").await.unwrap();
    connection.closed().await;
    alive(&site).await;
    assert_eq!(site.counts.connections_broken.get(), 1);
}

#[tokio::test]
async fn noise_over_udp() {
    let site = Site::start(Kind::Web, limits());
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for length in [1, 20, 1_200] {
        socket.send_to(&vec![0xc3; length], ("127.0.0.1", site.port)).await.unwrap();
    }
    alive(&site).await;
}

#[tokio::test]
async fn a_body_cut_inside_a_frame_is_not_whole() {
    let site = Site::start(Kind::Web, limits());
    let connection = quic(&site, None).await.unwrap();
    for data in [&b"\0\x40\x64half of it"[..], b"\0\x05", b"\0"] {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send.write_all(&post_head("/count")).await.unwrap();
        send.write_all(data).await.unwrap();
        send.finish().unwrap();
        let text = answer(&mut recv).await.unwrap();
        assert!(String::from_utf8_lossy(&text).contains("body_cut"), "{data:?}");
    }
    assert_eq!((site.counts.bodies_refused.get(), site.counts.handlers_panicked.get()), (3, 0));
    // The same bytes, whole.
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(&post_head("/count")).await.unwrap();
    send.write_all(b"\0\x04half").await.unwrap();
    send.finish().unwrap();
    assert!(answer(&mut recv).await.unwrap().ends_with(b"\x014"), "one byte of data: 4");
}

#[tokio::test]
async fn a_frame_that_would_fill_memory_is_stopped() {
    let site = Site::start(Kind::Web, limits());
    let connection = quic(&site, None).await.unwrap();
    // HEADERS, and a frame of a type that nobody knows, of 2^30 bytes each.
    for kind in [1, 0x21] {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send.write_all(&[kind, 0xc0, 0, 0, 0, 0x40, 0, 0, 0]).await.unwrap();
        assert!(answer(&mut recv).await.is_err(), "reset");
        assert!(send.stopped().await.unwrap().is_some(), "and told to stop");
    }
    assert_eq!(site.counts.requests_cut.get(), 2);
    let mut control = connection.open_uni().await.unwrap();
    control.write_all(&[0, 4, 0xc0, 0, 0, 0, 0x40, 0, 0, 0]).await.unwrap();
    assert!(control.stopped().await.unwrap().is_some(), "on the control stream too");
    alive(&site).await;
}

#[tokio::test]
async fn half_a_header_section_costs_only_its_stream() {
    let mut limits = limits();
    limits.header_timeout = SHORT;
    let site = Site::start(Kind::Web, limits);
    let mut client = Client::connect(&site, Version::HTTP_3).await.unwrap();
    let Client::H3(_, connection) = &client else { unreachable!() };
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(&post_head("/count")[..5]).await.unwrap();
    assert_eq!(client.get("/hello").await.unwrap().status(), 200);
    // The server lets go of it; an empty end or a reset, but no answer.
    assert!(!answer(&mut recv).await.is_ok_and(|bytes| !bytes.is_empty()));
    assert_eq!(site.counts.requests_cut.get(), 1);
    assert_eq!(client.get("/hello").await.unwrap().status(), 200, "the others go on");
}

#[tokio::test]
async fn a_wrong_content_length_is_told() {
    let site = Site::start(Kind::Web, limits());
    let connection = quic(&site, None).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    let mut head = post_head("/count");
    // A literal `content-length: 9` (static name 4).
    head.extend([0x54, 1, b'9']);
    head[1] += 3;
    send.write_all(&head).await.unwrap();
    send.write_all(b"\0\x04four").await.unwrap();
    send.finish().unwrap();
    let text = answer(&mut recv).await.unwrap();
    assert!(String::from_utf8_lossy(&text).contains("body_cut"));
}
