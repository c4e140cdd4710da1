//! The house's own rules: who may depend on whom, and what the domain may not pull in.

use crate::tools::root;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

// What is built here for these packages, one `name version` a line.
fn tree(packages: &[&str]) -> String {
    cargo(&[&["tree", "--edges", "normal", "--prefix", "none"], packages].concat())
}

// Each package of the workspace with its normal dependencies.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let normal = package["dependencies"].as_array().unwrap().iter();
            let names = normal
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (package["name"].as_str().unwrap().to_owned(), names.collect())
        })
        .collect()
}

#[test]
fn dependencies_point_inwards() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("symbolon-domain", &[][..]),
        ("symbolon-store", &["symbolon-domain"]),
        ("symbolon-actors", &["symbolon-domain"]),
        ("symbolon-client", &["symbolon-domain"]),
        ("symbolon-cluster-config", &["symbolon-domain"]),
        (
            "symbolon-node",
            &[
                "symbolon-actors",
                "symbolon-client",
                "symbolon-cluster-config",
                "symbolon-domain",
                "symbolon-store",
            ],
        ),
        ("symbolon-tests", &[]),
    ]);
    for (package, dependencies) in dependencies() {
        let allowed = allowed.get(package.as_str()).expect("every package has its rule here");
        let ours = dependencies.iter().filter(|name| name.starts_with("symbolon-"));
        for dependency in ours {
            assert!(allowed.contains(&dependency.as_str()), "{package} depends on {dependency}");
        }
    }
}

#[test]
fn the_inner_crates_know_no_runtime_and_no_engine() {
    let dependencies = dependencies();
    for (package, banned) in [
        ("symbolon-domain", &["tokio", "getrandom", "rand", "quinn", "hyper", "fjall"][..]),
        ("symbolon-actors", &["fjall", "wasmtime", "quinn", "hyper", "axum", "rustls"]),
        ("symbolon-store", &["ractor", "quinn", "hyper", "axum"]),
    ] {
        for name in banned {
            assert!(!dependencies[package].contains(*name), "{package} depends on {name}");
        }
    }
}

#[test]
fn the_domain_reaches_no_clock_and_no_randomness() {
    let tree = tree(&["--package", "symbolon-domain"]);
    let names: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains("sha2"), "the tree was read");
    for banned in ["tokio", "mio", "getrandom", "rand", "chrono", "ring", "aws-lc-rs"] {
        assert!(!names.contains(banned), "the domain pulls in {banned}");
    }
}

#[test]
fn one_tls_provider() {
    let built = tree(&["--workspace"]);
    let versions = |name: &str| -> Vec<&str> {
        let of = |line: &'_ str| line.split_whitespace().next() == Some(name);
        let lines = built.lines().filter(|line| of(line));
        lines.filter_map(|line| line.split_whitespace().nth(1)).collect()
    };
    assert!(!versions("aws-lc-rs").is_empty());
    assert!(versions("ring").is_empty(), "rustls could not choose its provider");
    assert!(versions("bincode").iter().all(|version| *version == "v2.0.1"));
    let proto = versions("quinn-proto");
    let fixed = proto.iter().all(|version| {
        let patch: u32 = version.strip_prefix("v0.11.").unwrap().parse().unwrap();
        patch >= 15
    });
    assert!(fixed && !proto.is_empty(), "{proto:?} has known holes");
}

#[test]
fn sources_are_small_and_say_their_purpose() {
    let mut stack = vec![root()];
    let mut seen = 0;
    while let Some(folder) = stack.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    stack.push(path);
                }
            } else if name.ends_with(".rs") {
                seen += 1;
                assert_ne!(name, "mod.rs", "{}", path.display());
                let text = std::fs::read_to_string(&path).unwrap();
                let first = text.lines().find(|line| !line.starts_with("#!"));
                let says = first.is_some_and(|line| line.starts_with("//!"));
                assert!(says, "{}: the first line says what it is for", path.display());
                let lines = text.lines().count();
                assert!(lines <= 700, "{}: {lines} lines", path.display());
            }
        }
    }
    assert!(seen > 50, "{seen} sources were found");
}
