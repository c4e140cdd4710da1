//! A node whose disk is full, and folders that are none of a node's.

use crate::process::{Said, run};
use crate::site::{Site, settings};
use serde_json::Value;
use std::path::Path;

/// Below the reserve nothing is written, what is there is read, and nothing is lost.
#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    let mut site = Site::start();
    site.institution("bank");
    site.offer("bank", "institution");
    site.wallet("alice");
    let items = |site: &Site| site.json("wallet item list --folder alice");
    let before = items(&site);
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));

    // More than any disk has free.
    site.serve_again(&["store.disk_reserve_bytes=1000000000000000000"]);
    let put = site.run("--json wallet item put oidc.nickname '\"Countess\"' --folder alice");
    assert_eq!(put.code, Some(1), "{put:?}");
    let error: Value = serde_json::from_str(&put.err).unwrap();
    assert_eq!(error["code"], "store_unavailable", "{put:?}");
    assert!(put.err.contains("fault of: store"), "{put:?}");
    // What is large lies beside the store: nothing of it may come to the disk either.
    std::fs::write(site.path().join("scan.png"), vec![7; 200_000]).unwrap();
    let put = site.run(
        "--json wallet item put oidc.scan --file scan.png --media-type image/png --folder alice",
    );
    let error: Value = serde_json::from_str(&put.err).unwrap();
    assert_eq!(error["code"], "store_unavailable", "{put:?}");
    let objects = std::fs::read_dir(site.path().join("node/objects")).unwrap();
    assert_eq!(objects.count(), 0, "nothing was written");
    let pushed = site.run("institution request --folder bank");
    assert_eq!(pushed.code, Some(1), "{pushed:?}");
    assert_eq!(items(&site), before, "reads go on");
    let shown = site.json("wallet item show oidc.name --folder alice");
    assert_eq!(shown["value"], "\"Ada Lovelace\"");
    assert_eq!(site.operate("operator status")["ready"], false);
    assert_eq!(site.operate("store check")["problems_count"], 0);
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));

    site.serve_again(&[]);
    assert_eq!(items(&site), before);
    site.json("wallet item put oidc.nickname '\"Countess\"' --folder alice");
    assert_eq!(site.operate("operator status")["ready"], true);
}

fn serve(at: &Path, folder: &str) -> Said {
    let mut arguments = vec!["serve".to_owned()];
    arguments.extend(settings(None));
    arguments.extend(["--set".to_owned(), format!("data_folder={folder}")]);
    run(at, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What is no data folder of this version is told, and left as it is.
#[test]
fn folders_that_are_none_of_ours() {
    let mut site = Site::start();
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));
    let at = site.path().to_owned();
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
    let refused = |folder: &str, says: &str| {
        let said = serve(&at, folder);
        assert_eq!(said.code, Some(1), "{folder}: {said:?}");
        assert!(said.err.contains(says), "{folder}: {said:?}");
        assert!(!said.err.contains("panicked"), "{folder}: {said:?}");
    };
    std::fs::create_dir(at.join("photos")).unwrap();
    write("photos/sea.jpg", "x");
    refused("photos", "sea.jpg");
    assert_eq!(std::fs::read_dir(at.join("photos")).unwrap().count(), 1, "nothing was written");
    write("file", "x");
    refused("file", "file");

    let layout = std::fs::read_to_string(at.join("node/layout")).unwrap();
    write("node/layout", &layout.replacen('1', "9", 1));
    refused("node", "newer");
    write("node/layout", &layout);
    let format = at.join("node/store/format");
    let format = if format.exists() { format } else { at.join("node/store/store/format") };
    let known = std::fs::read_to_string(&format).unwrap();
    std::fs::write(&format, known.replace('1', "9")).unwrap();
    refused("node", "newer");
    std::fs::write(&format, &known).unwrap();
    let keys = at.join("node/keys/token-pepper");
    let away = at.join("pepper");
    std::fs::rename(&keys, &away).unwrap();
    refused("node", "token-pepper");
    std::fs::rename(&away, &keys).unwrap();
    site.serve_again(&[]);
    assert_eq!(site.operate("operator status")["ready"], true, "none the worse for it");
}
