//! `symbolon demo` as somebody runs it for others: under a name, with a certificate, staying up.

use crate::process::{Running, Said, run, symbolon};
use crate::site::Site;
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};

/// An address of `localhost` with a free port whose next one is free, too: partners get that.
fn two_ports() -> SocketAddr {
    let first: IpAddr = ("localhost", 0).to_socket_addrs().unwrap().next().unwrap().ip();
    (0..100)
        .find_map(|_| {
            let address = TcpListener::bind((first, 0)).unwrap().local_addr().unwrap();
            let next = (first, address.port().checked_add(1)?);
            TcpListener::bind(next).ok().map(|_| address)
        })
        .expect("two free ports")
}

#[test]
fn it_serves_others_and_what_it_prints_can_be_typed() {
    // A certificate for this name, as a company's own CA would give one.
    let mut site = Site::start();
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));
    let address = two_ports();
    let (port, listen) = (address.port(), address.to_string());
    let command = |words: &[&str]| {
        let mut command = symbolon(site.path());
        command.env("SSL_CERT_FILE", site.path().join("node/tls/ca.pem")).args(words);
        command
    };
    let mut demo = Running::start(command(&[
        "demo",
        "--keep",
        "--folder",
        "stage",
        "--listen",
        &listen,
        "--host",
        "localhost",
        "--certificate",
        "node/tls/server.pem",
        "--key",
        "node/tls/server.key",
    ]));
    demo.note("stays up until Ctrl-C");
    let phone = demo.note("a phone");
    assert!(phone.contains(&format!("https://localhost:{port}/")), "{phone}");
    let typed = demo.note("symbolon wallet item list");
    let words: Vec<&str> = typed.split_whitespace().skip(1).collect();
    let mut said = command(&words);
    let said = said.output().unwrap();
    assert!(said.status.success(), "{typed}: {said:?}");
    assert!(String::from_utf8_lossy(&said.stdout).contains("oidc.name"), "{said:?}");
    demo.signal("INT");
    assert_eq!(demo.ended().code(), Some(0), "everything held");
    assert!(site.path().join("stage/alice").exists(), "what was named is kept");
}

#[test]
fn what_is_temporary_is_removed_also_when_it_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    for when in ["The node", "is connected", "bank      introduced itself"] {
        let mut command = symbolon(folder.path());
        command.env("TMPDIR", folder.path()).arg("demo");
        let mut demo = Running::start(command);
        demo.line(when);
        let there = std::fs::read_dir(folder.path()).unwrap().count();
        assert!(when == "The node" || there == 1, "{when}");
        demo.signal("INT");
        assert_eq!(demo.ended().code(), Some(1), "{when}: {:?}", demo.notes());
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "{when}: {:?}", demo.notes());
    }
    let refused = symbolon(folder.path())
        .env("TMPDIR", folder.path())
        .args(["demo", "--pages", "none"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_served_is_told() {
    let site = Site::start();
    let said =
        |line: &str| -> Said { run(site.path(), &line.split_whitespace().collect::<Vec<_>>()) };
    for (line, code, says) in [
        ("demo --listen 0.0.0.0", 2, "--host"),
        ("demo --listen nowhere --host demo.example", 2, "is no address"),
        ("demo --host 192.0.2.1", 2, "is an address"),
        ("demo --listen 127.0.0.1:0 --host ::1", 2, "is an address"),
        ("demo --host nowhere.invalid", 2, "leads nowhere"),
        ("demo --pages node --host localhost", 1, "phone.html"),
        ("demo --certificate node/tls/server.pem", 2, "--key"),
        ("demo --key node/tls/server.key", 2, "--certificate"),
        ("demo --certificate none.pem --key none.key --folder stage", 1, "none.pem"),
        (
            "demo --certificate node/tls/server.pem --key node/tls/operator.key --folder other",
            1,
            "certificate",
        ),
    ] {
        let told = said(line);
        assert_eq!(told.code, Some(code), "{line}: {told:?}");
        assert!(told.err.contains(says), "{line}: {told:?}");
        assert!(!told.err.contains("panicked"), "{line}: {told:?}");
    }
    // Every command explains itself.
    for line in [
        "--help",
        "demo --help",
        "serve --help",
        "wallet --help",
        "wallet recover --help",
        "institution --help",
        "front-end --help",
        "operator --help",
        "admin --help",
        "store --help",
        "config --help",
    ] {
        let told = said(line);
        assert_eq!(told.code, Some(0), "{line}");
        assert!(told.out.contains("Usage:") && told.out.len() > 300, "{line}: {}", told.out);
        assert!(told.out.to_lowercase().contains("example"), "{line}: {}", told.out);
    }
}
