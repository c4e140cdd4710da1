//! Partners' clients that are not ours, against a node of its own process: the examples in
//! Python and JavaScript, and the certified `oauth4webapi`.

use crate::site::{REDIRECT_URI, Site};
use crate::tools::{available, available_in, root};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const NPM: &str = "npm's packages (`npm ci` in client/examples)";
const IMPORTS: &str = "await import('undici'); await import('oauth4webapi')";

fn examples() -> PathBuf {
    root().join("client/examples").canonicalize().unwrap()
}

// Runs a client from its pushed request to the values: the browser follows its address, the
// person approves, the client gets the address that the browser comes back with.
fn borrow(site: &Site, program: &str, script: &str, client: &str, offer: &str) -> String {
    let mut running = Command::new(program)
        .arg(examples().join(script))
        .args([&site.at.web, client, offer, REDIRECT_URI, "oidc.name", "oidc.birthdate"])
        .env("CERTIFICATE", site.path().join("bank/certificate.pem"))
        .env("KEY", site.path().join("bank/certificate.key"))
        .env("CA", site.path().join("node/tls/ca.pem"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(running.stdout.take().unwrap());
    let mut authorization = String::new();
    out.read_line(&mut authorization).unwrap();
    assert!(authorization.starts_with("https://"), "{script} pushed no request");

    let link = site.browse(authorization.trim());
    let asked = site.json(&format!("wallet scan {link} --folder alice"));
    let session = asked["session"].as_str().unwrap();
    let approved = site.json(&format!("wallet approve {session} --all --folder alice"));
    let redirect = approved["redirect"].as_str().unwrap();
    writeln!(running.stdin.take().unwrap(), "{redirect}").unwrap();

    let mut told = String::new();
    std::io::Read::read_to_string(&mut out, &mut told).unwrap();
    assert!(running.wait().unwrap().success(), "{script}: {told}");
    told
}

fn stage() -> (Site, String, String) {
    let site = Site::start();
    let bank = site.institution("bank");
    let offer = site.offer("bank", "server");
    site.wallet("alice");
    (site, bank, offer)
}

#[test]
fn the_certified_client_runs_the_code_flow() {
    if !available_in(NPM, &examples(), "node", &["--input-type=module", "-e", IMPORTS]) {
        return;
    }
    let (site, bank, offer) = stage();
    let told = borrow(&site, "node", "oauth4webapi.mjs", &bank, &offer);
    let items: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        items,
        serde_json::json!([
            { "path": "oidc.name", "status": "ok", "value": "\"Ada Lovelace\"" },
            { "path": "oidc.birthdate", "status": "ok", "value": "\"1985-12-10\"" },
        ])
    );
}

#[test]
fn the_examples_borrow_items() {
    let python = available("Python with `requests`", "python3", &["-c", "import requests"]);
    let node = available_in(NPM, &examples(), "node", &["--input-type=module", "-e", IMPORTS]);
    if !python && !node {
        return;
    }
    let (site, bank, offer) = stage();
    let wanted = "oidc.name ok \"Ada Lovelace\"\noidc.birthdate ok \"1985-12-10\"\n";
    if python {
        assert_eq!(borrow(&site, "python3", "read.py", &bank, &offer), wanted);
    }
    if node {
        assert_eq!(borrow(&site, "node", "read.mjs", &bank, &offer), wanted);
    }
}
