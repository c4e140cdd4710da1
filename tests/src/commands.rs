//! The commands, each a process of its own, against a node of its own process.

use crate::process::{Running, run, symbolon};
use crate::site::{Site, settings};
use serde_json::Value;
use std::path::Path;

/// A site with a bank, its offer, its counter and alice.
fn stage(settings: &[&str]) -> Site {
    let site = Site::start_with(settings);
    let bank = site.institution("bank");
    site.offer("bank", "institution");
    let added = site.json("institution front-end add 'Counter 3' 'Main Street' --folder bank");
    let (id, code) = (text(&added["front_end"]), text(&added["enrolment_code"]));
    let web = &site.at.web;
    let enrolled = site.json(&format!(
        "front-end enrol {id} {code} --folder counter --node {web} --ca node/tls/ca.pem"
    ));
    assert_eq!(enrolled["name"], "Counter 3");
    assert!(bank.starts_with("ins_eu1_"));
    site.wallet("alice");
    site
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A command in the background, with `--json`.
fn begin(site: &Site, line: &str) -> Running {
    let mut command = symbolon(site.path());
    command.arg("--json").args(line.split_whitespace());
    Running::start(command)
}

/// The whole exchange at the counter; gives the grant.
fn consent(site: &Site) -> String {
    let pushed = site.json("institution request --folder bank");
    let request = text(&pushed["request_uri"]);
    let opened = site.json(&format!("front-end open {request} --folder counter --image code.svg"));
    let (link, session) = (text(&opened["link"]), text(&opened["session"]["id"]));
    let drawn = std::fs::read_to_string(site.path().join("code.svg")).unwrap();
    assert!(drawn.contains("<svg"), "{drawn}");
    // It waits for the code before there is one.
    let mut redeem = begin(site, "institution redeem --folder bank");
    redeem.note("waiting for the code");
    let claimed = site.json(&format!("wallet scan {link} --no-wait --folder alice"));
    let number = text(&claimed["session"]["number"]);
    site.json(&format!("front-end number {session} {number} --folder counter"));
    let approved = site.json(&format!("wallet approve {session} --all --folder alice"));
    assert_eq!(redeem.ended().code(), Some(0));
    let redeemed: Value = serde_json::from_str(&redeem.lines().join("\n")).unwrap();
    assert_eq!(redeemed["grant"], approved["grant"]);
    text(&approved["grant"])
}

/// The statuses of a reading of everything that was granted, each once.
fn statuses(site: &Site, grant: &str) -> Vec<String> {
    let read = site.json(&format!("institution read {grant} --folder bank"));
    let items = read["items"].as_array().unwrap().iter();
    let mut statuses: Vec<String> = items.map(|item| text(&item["status"])).collect();
    statuses.dedup();
    statuses
}

fn state_of(site: &Site, grant: &str) -> String {
    let grants = site.json("wallet grants --folder alice");
    let found = grants.as_array().unwrap().iter().find(|it| it["id"] == grant);
    text(&found.expect("the wallet lists the grant")["state"])
}

#[test]
fn a_life_by_commands() {
    let mut site = stage(&[]);
    assert_eq!(site.operate("operator status")["ready"], true);
    let grant = consent(&site);

    let read = site.json(&format!("institution read {grant} --out values --folder bank"));
    let items = read["items"].as_array().unwrap();
    let name = items.iter().find(|item| item["path"] == "oidc.name").unwrap();
    assert_eq!((&name["status"], &name["value"]), (&"ok".into(), &"Ada Lovelace".into()));
    let saved = std::fs::read_to_string(site.path().join("values/oidc.name")).unwrap();
    assert_eq!(saved, "\"Ada Lovelace\"");
    // Of the alternatives `--all` ticks one.
    let contacts = items
        .iter()
        .filter(|item| item["path"] == "oidc.email" || item["path"] == "oidc.phone_number");
    assert_eq!(contacts.count(), 1, "{items:#?}");

    let uses = site.json(&format!("wallet uses {grant} --folder alice"));
    let kinds: Vec<String> =
        uses.as_array().unwrap().iter().map(|it| text(&it["fact"]["kind"])).collect();
    assert!(kinds.iter().any(|kind| kind == "used"), "{kinds:?}");
    site.json(&format!("wallet pause {grant} --folder alice"));
    assert_eq!(
        (statuses(&site, &grant), state_of(&site, &grant)),
        (vec!["paused".into()], "paused".into())
    );
    site.json(&format!("wallet resume {grant} --folder alice"));
    assert_eq!(statuses(&site, &grant), ["ok"]);

    second_device(&site);

    let backup = site.operate("store backup all.dump");
    assert!(backup["entries"].as_u64().unwrap() > 10, "{backup}");
    assert_eq!(site.operate("store check")["problems_count"], 0);

    site.json(&format!("wallet revoke {grant} --folder alice"));
    assert_eq!(statuses(&site, &grant), ["revoked"]);
    let resumed = site.run(&format!("wallet resume {grant} --folder alice"));
    assert_eq!(resumed.code, Some(1), "{resumed:?}");
    assert!(resumed.err.contains("grant_revoked"), "{resumed:?}");

    rotate(&site);
    site.node().signal("HUP");
    site.node().note("the certificate was read again");
    let key = site.path().join("node/tls/server.key");
    let good = std::fs::read(&key).unwrap();
    std::fs::write(&key, "no key").unwrap();
    site.node().signal("HUP");
    site.node().note("the certificate stays as it was");
    assert_eq!(site.operate("operator status")["ready"], true, "it serves with that");
    std::fs::write(&key, good).unwrap();
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));
    site.serve_again(&[]);
    consent(&site);
    site.node().signal("INT");
    assert_eq!(site.node().ended().code(), Some(0), "Ctrl-C");

    restore(&mut site, &grant);
}

fn second_device(site: &Site) {
    let request = site.run(&format!(
        "wallet device request --name tablet --folder tablet --node {} --ca node/tls/ca.pem",
        site.at.web
    ));
    assert_eq!(request.code, Some(0), "{request:?}");
    std::fs::write(site.path().join("request.json"), &request.out).unwrap();
    let number = request.err.split_whitespace().nth(1).unwrap();
    let wrong = site.run("wallet device approve request.json --number 000000 --folder alice");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    let approval =
        site.run(&format!("wallet device approve request.json --number {number} --folder alice"));
    assert_eq!(approval.code, Some(0), "{approval:?}");
    std::fs::write(site.path().join("approval.json"), &approval.out).unwrap();
    let joined = site.json("wallet device join approval.json --folder tablet");
    let own = site.json("wallet item list --folder alice").as_array().unwrap().len();
    assert_eq!(joined["items"], own);
    let shown = site.json("wallet item show oidc.name --folder tablet");
    assert_eq!(shown["value"], "\"Ada Lovelace\"");

    let devices = site.json("wallet device list --folder alice");
    let tablet = devices.as_array().unwrap().iter().find(|it| it["name"] == "tablet").unwrap();
    site.json(&format!("wallet device revoke {} --folder alice", text(&tablet["id"])));
    let refused = site.run("wallet grants --folder tablet");
    assert_eq!(refused.code, Some(1), "a revoked device: {refused:?}");
}

/// A wallet made anew from its sheet, and what is no sheet of it.
#[test]
fn a_lost_wallet_comes_back() {
    let site = Site::start_with(&[]);
    let words = site.wallet("alice");
    let other = site.wallet("bob");
    let write = |text: &str| std::fs::write(site.path().join("sheet.txt"), text).unwrap();
    let recover = |folder: &str| {
        site.run(&format!(
            "--json wallet recover --sheet sheet.txt --folder {folder} --node {} --ca node/tls/ca.pem",
            site.at.web
        ))
    };
    std::fs::remove_dir_all(site.path().join("alice")).unwrap();
    write(&words.replace(' ', "\n").to_uppercase());
    assert!(recover("found").json()["items"].as_u64().unwrap() > 5);
    let shown = site.json("wallet item show oidc.name --folder found");
    assert_eq!(shown["value"], "\"Ada Lovelace\"");
    let devices = site.json("wallet device list --folder found");
    let admitted: Vec<&Value> =
        devices.as_array().unwrap().iter().map(|device| &device["admitted"]).collect();
    assert_eq!(admitted.len(), 2, "{devices}");
    assert!(admitted.contains(&&"recovery".into()), "{devices}");

    let again = recover("found");
    assert_eq!(again.code, Some(2), "the folder is in use: {again:?}");
    let mut mistyped: Vec<&str> = words.split(' ').collect();
    mistyped[3] = "symbolon";
    write(&mistyped.join(" "));
    let refused = recover("thief");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("word 4"), "{refused:?}");
    let renewed = site.json("wallet renew-sheet --folder found");
    write(&words);
    let refused = recover("thief");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("recovery_refused"), "{refused:?}");
    write(&text(&renewed["recovery"]["link"]));
    let own = text(&recover("again").json()["vault"]);
    write(&other);
    assert_ne!(text(&recover("bobs").json()["vault"]), own);
}

fn rotate(site: &Site) {
    let purpose = "session-statement";
    let keys = |site: &Site| {
        let keys = site.operate("admin keys list");
        let keys = keys.as_array().unwrap().iter().filter(|key| key["purpose"] == purpose);
        keys.map(|key| (text(&key["id"]), key["current"] == true)).collect::<Vec<_>>()
    };
    let before = keys(site);
    let made = site.operate(&format!("admin keys rotate {purpose}"));
    let after = keys(site);
    assert_eq!(after.len(), before.len() + 1);
    let current: Vec<_> = after.iter().filter(|(_, current)| *current).collect();
    assert_eq!(current, [&(text(&made["id"]), true)]);
}

// The dump was made before the grant was revoked: what comes out of it lends nothing.
fn restore(site: &mut Site, grant: &str) {
    let path = site.path().to_owned();
    // As a careful operator does it: the folder is nobody else's.
    like(&path.join("node"), &path.join("restored"));
    for folder in ["keys", "objects", "tls"] {
        copy(&path.join("node").join(folder), &path.join("restored").join(folder));
    }
    let restored = site.json("store restore all.dump --set data_folder=restored");
    assert_eq!(restored["grants_paused"], 1, "{restored}");
    let again = site.run("store restore all.dump --set data_folder=restored");
    assert_eq!(again.code, Some(1), "into a store that is not empty: {again:?}");
    site.serve_again(&["data_folder=restored"]);
    assert_eq!(state_of(site, grant), "paused");
    assert_eq!(statuses(site, grant), ["paused"]);
    consent(site);
}

// A new folder that the same users can read.
fn like(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let mode = std::fs::metadata(from).unwrap().permissions();
    std::fs::set_permissions(to, mode).unwrap();
}

fn copy(from: &Path, to: &Path) {
    like(from, to);
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn followers_go_on_across_streams() {
    // A stream ends after a second; `consent` waits on one, too.
    let site = stage(&["limits.event_stream_seconds=1"]);
    let mut bank = begin(&site, "institution events --folder bank");
    let mut counter = begin(&site, "front-end watch --folder counter");
    bank.note("following");
    counter.note("following");
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    for _ in 0..2 {
        let grant = consent(&site);
        bank.line(&grant);
        counter.line("\"approved\"");
        std::thread::sleep(std::time::Duration::from_millis(1_500));
    }
    for follower in [&bank, &counter] {
        let ids: Vec<String> = follower
            .lines()
            .iter()
            .map(|line| text(&serde_json::from_str::<Value>(line).unwrap()["id"]))
            .collect();
        assert!(ids.len() >= 2, "{ids:?}");
        assert!(ids.is_sorted_by(|one, next| one < next), "each once, in order: {ids:?}");
    }
    let grants = site.json("wallet grants --folder alice");
    let told = bank.lines().join("\n");
    for grant in grants.as_array().unwrap() {
        assert!(told.contains(grant["id"].as_str().unwrap()), "{told}");
    }
}

#[test]
fn wrong_inputs_say_what_to_do() {
    let site = stage(&[]);
    let operators = format!("--operators {} --data-folder node", site.at.operators);
    let stranger = "ses_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    std::fs::write(site.path().join("there.dump"), "x").unwrap();
    std::fs::write(site.path().join("node.toml"), "[limits]\nbody_byte = 5\n").unwrap();
    site.json("institution request --folder bank");
    for (line, code, says) in [
        ("", 2, "Usage"),
        ("walet", 2, "wallet"),
        ("wallet item list --folder nowhere", 2, "begin with the `new`"),
        ("wallet new --folder new --node http://localhost:1", 2, "is no origin"),
        (
            "wallet new --folder new --node https://localhost:1 --ca node/tls/ca.pem",
            1,
            "is the node running",
        ),
        ("wallet new --folder new --node https://localhost:1 --ca missing.pem", 2, "missing.pem"),
        ("wallet scan nonsense --folder alice", 2, "link"),
        (&format!("wallet approve {stranger} --all --folder alice"), 2, "`scan` its link"),
        (&format!("wallet approve {stranger} --folder alice"), 2, "--tick"),
        (
            &format!("wallet approve {stranger} --all --tick oidc.name --folder alice"),
            2,
            "cannot be used with",
        ),
        ("wallet approve grt_1 --all --folder alice", 2, "grt_1"),
        ("wallet item put oidc.name Ada --folder alice", 2, "quote it as"),
        ("wallet item put 'Bad Path' 1 --folder alice", 2, "Bad Path"),
        ("wallet item put --document missing.json --folder alice", 2, "missing.json"),
        ("wallet item show no.such --folder alice", 2, "no.such"),
        ("wallet pause grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa --folder alice", 1, "not_found"),
        (
            "wallet delete --confirm vlt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa --folder alice",
            2,
            "vlt_eu1_",
        ),
        ("institution offers", 2, "--folder"),
        ("institution request --mode query --folder bank", 2, "--redirect-uri"),
        ("institution request --offer off_none --folder bank", 2, "no such offer"),
        ("institution request --offer -none --folder bank", 2, "no such offer"),
        ("institution redeem nonsense --folder bank", 2, "cod_"),
        (
            "institution read grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa --folder bank",
            2,
            "institution redeem",
        ),
        ("institution offer propose missing.json --folder bank", 2, "missing.json"),
        ("institution new --folder bank --name Bank --dns-name bank.example", 2, "describe"),
        (&format!("front-end number {stranger} 42 --folder counter"), 1, "not_found"),
        ("front-end open urn:nothing --folder counter", 1, "request_uri"),
        (
            &format!(
                "operator institutions approve ins_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa {operators}"
            ),
            1,
            "not_found",
        ),
        (&format!("admin keys rotate nonsense {operators}"), 1, "no key has this purpose"),
        (&format!("store backup there.dump {operators}"), 2, "is there already"),
        ("store restore missing.dump --set data_folder=new-data", 2, "missing.dump"),
        ("store restore there.dump --set data_folder=new-data", 1, "dump"),
        ("config check --set limits.body_bytes=much", 2, "limits.body_bytes"),
        ("config check --config node.toml", 2, "body_bytes"),
        ("config check --set listeners", 2, "KEY=VALUE"),
        ("serve --set limits.connections=0", 2, "must not be 0"),
        ("serve --config missing.toml", 2, "missing.toml"),
    ] {
        let said = site.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        let told = format!("{}{}", said.out, said.err);
        assert!(told.contains(says), "{line}: {said:?}");
        assert!(!told.contains("panicked"), "{line}: {said:?}");
        if !line.is_empty() {
            assert!(said.out.is_empty(), "errors go to standard error: {line}: {said:?}");
        }
    }
    let said = site.run("--json wallet pause grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa --folder alice");
    let error: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!(error["code"], "not_found", "{said:?}");
    assert!(error["help"].as_str().unwrap().contains("https://"), "{said:?}");
}

#[test]
fn one_node_a_folder_and_one_listener_a_port() {
    let site = Site::start();
    let folder = run_serve(&site, &[]);
    assert_eq!(folder.code, Some(1), "{folder:?}");
    assert!(folder.err.contains("node"), "{folder:?}");
    assert!(folder.err.contains("another"), "the folder is another node's: {folder:?}");

    let taken =
        format!("listeners.partner={}", site.at.partner.replace("https://localhost", "127.0.0.1"));
    let port = run_serve(&site, &["data_folder=other", &taken]);
    assert_eq!(port.code, Some(1), "{port:?}");
    let number = site.at.partner.rsplit(':').next().unwrap();
    assert!(port.err.contains(number) && port.err.contains("in use"), "{port:?}");
    // The first is none the worse for it.
    assert_eq!(site.operate("operator status")["ready"], true);
}

fn run_serve(site: &Site, more: &[&str]) -> crate::process::Said {
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(settings(None));
    arguments.extend(more.iter().flat_map(|pair| ["--set".to_owned(), (*pair).to_owned()]));
    run(site.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}
