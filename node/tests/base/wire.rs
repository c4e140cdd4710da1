//! What only bytes on the wire show: handshakes that stop, streams over the bound, sessions
//! that are not resumed, an answer that nobody reads.

use crate::client::{Client, tcp, tls};
use crate::hostile::{alive, post_head};
use crate::site::{ClientIdentity, Kind, SHORT, Site, limits};
use futures_util::FutureExt;
use http::Version;
use rustls::HandshakeKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// Longer than anything here takes: what waits for ever ends with it.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap()
}

fn quic_config(site: &Site, identity: Option<&ClientIdentity>, early: bool) -> quinn::ClientConfig {
    let mut tls = tls(site, b"h3", identity);
    tls.enable_early_data = early;
    let tls = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    quinn::ClientConfig::new(Arc::new(tls))
}

/// The first datagram of a QUIC client, which will never say more.
async fn first_datagram(site: &Site) -> Vec<u8> {
    let nobody = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = nobody.local_addr().unwrap();
    let _connecting =
        endpoint.connect_with(quic_config(site, None, false), to, "localhost").unwrap();
    let mut datagram = vec![0; 2_000];
    let length = in_time(nobody.recv(&mut datagram)).await.unwrap();
    datagram.truncate(length);
    datagram
}

#[tokio::test]
async fn a_handshake_that_stops_is_ended() {
    let mut limits = limits();
    limits.handshake_timeout = SHORT;
    let site = Site::start(Kind::Web, limits);
    let mut silent = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
    let _closed_or_reset = in_time(silent.read_to_end(&mut Vec::new())).await;
    assert_eq!(site.counts.handshakes_failed.get(), 1);
    let first = first_datagram(&site).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&first, ("127.0.0.1", site.port)).await.unwrap();
    in_time(async {
        while site.counts.handshakes_failed.get() < 2 {
            tokio::time::sleep(SHORT / 10).await;
        }
    })
    .await;
    alive(&site).await;
}

/// Once more than half of the seats are taken, a peer first proves its address.
#[tokio::test]
async fn a_crowded_node_asks_for_the_address_first() {
    let mut limits = limits();
    limits.connections = 4;
    let site = Site::start(Kind::Web, limits);
    let answer = async || {
        let first = first_datagram(&site).await;
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&first, ("127.0.0.1", site.port)).await.unwrap();
        let mut datagram = [0; 2_000];
        in_time(socket.recv(&mut datagram)).await.unwrap();
        // The type of a packet with a long header (RFC 9000 section 17.2).
        (datagram[0] & 0x30) >> 4
    };
    assert_eq!(answer().await, 0, "Initial: its handshake begins, and takes a seat");
    let _two = Client::connect(&site, Version::HTTP_2).await.unwrap();
    let _three = Client::connect(&site, Version::HTTP_2).await.unwrap();
    assert_eq!(answer().await, 3, "Retry");
}

/// A connection that has served is given the time of a header section, not of an idle one.
#[tokio::test]
async fn half_of_a_second_request_ends_the_connection() {
    let mut limits = limits();
    limits.header_timeout = SHORT;
    limits.idle_timeout = PATIENCE * 10;
    let site = Site::start(Kind::Web, limits);
    let mut stream = tcp(&site, b"http/1.1", None).await.unwrap();
    stream.write_all(b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\nGET /hel").await.unwrap();
    let mut answers = Vec::new();
    let _closed_or_reset = in_time(stream.read_to_end(&mut answers)).await;
    assert_eq!(site.counts.requests(Version::HTTP_11), 1);
    assert!(answers.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn requests_at_once_on_one_connection_are_bounded() {
    let mut limits = limits();
    limits.streams_per_connection = 3;
    let site = Site::start(Kind::Web, limits);
    let connection = crate::client::quic(&site, None).await.unwrap();
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(in_time(connection.open_bi()).await.unwrap());
    }
    assert!(connection.open_bi().now_or_never().is_none(), "a fourth waits");

    // HTTP/2 says so in its first frame (RFC 9113 section 6.5).
    let mut stream = tcp(&site, b"h2", None).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    in_time(stream.read_exact(&mut head)).await.unwrap();
    assert_eq!(head[3], 4, "SETTINGS");
    let mut settings = vec![0; usize::from(head[2])];
    in_time(stream.read_exact(&mut settings)).await.unwrap();
    let concurrent = settings.chunks(6).find(|setting| setting[..2] == [0, 3]);
    assert_eq!(concurrent, Some(&[0, 3, 0, 0, 0, 3][..]));
}

/// A resumed session would carry a certificate that was checked in the past.
#[tokio::test]
async fn sessions_with_a_certificate_are_not_resumed() {
    for (kind, wanted) in
        [(Kind::Web, HandshakeKind::Resumed), (Kind::Partner, HandshakeKind::Full)]
    {
        let site = Site::start(kind, limits());
        let identity = (kind == Kind::Partner).then(|| site.client(false));
        let config = Arc::new(tls(&site, b"http/1.1", identity.as_ref()));
        let mut seen = Vec::new();
        for _ in 0..2 {
            let stream = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
            let connector = tokio_rustls::TlsConnector::from(config.clone());
            let name = "localhost".try_into().unwrap();
            let mut stream = connector.connect(name, stream).await.unwrap();
            let ask = b"GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
            stream.write_all(ask).await.unwrap();
            // Tickets come with the answer.
            let mut answer = String::new();
            let _closed = in_time(stream.read_to_string(&mut answer)).await;
            assert!(answer.contains("hello"), "{answer}");
            seen.push(stream.get_ref().1.handshake_kind().unwrap());
        }
        assert_eq!(seen, [HandshakeKind::Full, wanted]);
    }
}

/// Early data could be replayed by whoever recorded it.
#[tokio::test]
async fn no_early_data_is_taken() {
    let site = Site::start(Kind::Web, limits());
    let config = quic_config(&site, None, true);
    let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = SocketAddr::from(([127, 0, 0, 1], site.port));
    let connect = || endpoint.connect_with(config.clone(), to, "localhost").unwrap();
    let first = in_time(connect()).await.unwrap();
    // Tickets come with what else the server says first.
    let _control = in_time(first.accept_uni()).await.unwrap();
    first.close(0_u32.into(), b"");
    assert!(connect().into_0rtt().is_err(), "nothing is sent before the handshake");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_ended() {
    let mut limits = limits();
    limits.body_idle_timeout = SHORT;
    limits.body_bytes = 8 << 20;
    let site = Site::start(Kind::Web, limits);
    let connection = crate::client::quic(&site, None).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(&post_head("/echo")).await.unwrap();
    let feeding = tokio::spawn(async move {
        for _ in 0..64 {
            let piece = [&[0, 0x80, 1, 0, 0][..], &[7; 65_536]].concat();
            if send.write_all(&piece).await.is_err() {
                return;
            }
        }
    });
    assert!(in_time(recv.received_reset()).await.unwrap().is_some());
    in_time(feeding).await.unwrap();
    alive(&site).await;
}
