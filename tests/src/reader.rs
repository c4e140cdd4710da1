//! The independent readers in Python open objects, check signatures, and compute roots of
//! manifests and chains of records, from the written format alone.

use crate::tools::{available, root};
use std::process::Command;

#[test]
fn python_opens_objects_and_checks_signatures() {
    if !available("Python with `cryptography`", "python3", &["-c", "import cryptography"]) {
        return;
    }
    for vectors in ["object.json", "es256.json"] {
        let output = Command::new("python3")
            .arg(root().join("tests/python/open_object.py"))
            .arg(root().join("domain/vectors").join(vectors))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{vectors}: {told}");
        assert!(!told.trim().is_empty(), "{vectors}: it checked nothing");
    }
}

#[test]
fn python_refuses_a_changed_object() {
    if !available("Python with `cryptography`", "python3", &["-c", "import cryptography"]) {
        return;
    }
    let text = std::fs::read_to_string(root().join("domain/vectors/object.json")).unwrap();
    let mut vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let flipped = flip_one_object(&mut vectors);
    assert!(flipped, "the vectors hold an object");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("object.json");
    std::fs::write(&path, vectors.to_string()).unwrap();
    let output = Command::new("python3")
        .arg(root().join("tests/python/open_object.py"))
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn python_computes_roots_and_chains() {
    if !available("Python", "python3", &["--version"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (vectors, result) in [("manifest.json", "root"), ("record.json", "head")] {
        let text = std::fs::read_to_string(root().join("domain/vectors").join(vectors)).unwrap();
        let mut changed: serde_json::Value = serde_json::from_str(&text).unwrap();
        let case = &mut changed["cases"][0];
        case[result] = "00".repeat(32).into();
        for (text, holds) in [(text, true), (changed.to_string(), false)] {
            let path = folder.path().join(vectors);
            std::fs::write(&path, text).unwrap();
            let output = Command::new("python3")
                .arg(root().join("tests/python/check_hashes.py"))
                .arg(&path)
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(i32::from(!holds)), "{vectors}: {told}");
            assert_eq!(told.trim().is_empty(), !holds, "{vectors}: {told}");
        }
    }
}

// Changes the last hexadecimal digit of the first `object` found.
fn flip_one_object(value: &mut serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(members) => {
            if let Some(serde_json::Value::String(object)) = members.get_mut("object") {
                let last = if object.pop() == Some('0') { '1' } else { '0' };
                object.push(last);
                return true;
            }
            members.values_mut().any(flip_one_object)
        }
        serde_json::Value::Array(items) => items.iter_mut().any(flip_one_object),
        _ => false,
    }
}
