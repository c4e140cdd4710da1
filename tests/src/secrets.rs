//! Nothing that opens anything stands in a log, however much is logged.

use crate::site::Site;
use serde_json::Value;
use std::collections::BTreeSet;

/// Every text of a JSON file that is long enough to be a secret.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() >= 40 => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn a_log_of_everything_shows_no_secret() {
    let site = Site::start_with(&["telemetry.log_filter=trace", "telemetry.log_format=json"]);
    site.institution("bank");
    site.offer("bank", "server");
    let words = site.wallet("alice");
    let added = site.json("institution front-end add 'Counter 3' 'Main Street' --folder bank");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, enrolment) = (text(&added["front_end"]), text(&added["enrolment_code"]));
    site.json(&format!(
        "front-end enrol {id} {enrolment} --folder counter --node {} --ca node/tls/ca.pem",
        site.at.web
    ));
    let pushed = site.json("institution request --mode scan --folder bank");
    let reference = text(&pushed["request_uri"]);
    let opened = site.json(&format!("front-end open {reference} --folder counter"));
    let (link, session) = (text(&opened["link"]), text(&opened["session"]["id"]));
    let claimed = site.json(&format!("wallet scan {link} --no-wait --folder alice"));
    let number = text(&claimed["session"]["number"]);
    site.json(&format!("front-end number {session} {number} --folder counter"));
    let approved = site.json(&format!("wallet approve {session} --all --folder alice"));
    let scan: Value = match &approved["code"] {
        Value::String(code) => serde_json::from_str(code).unwrap_or_else(|_| approved.clone()),
        _ => approved.clone(),
    };
    let code = text(&scan["code"]);
    let redeemed = site.json(&format!("institution redeem {code} --folder bank"));
    let grant = text(&redeemed["grant"]);
    site.json(&format!("institution read {grant} --folder bank"));
    site.json("wallet export all.ndjson --folder alice");
    let hint = site.run("wallet pause grt_eu1_aaaaaaaaaaaaaaaaaaaaaaaaaa --folder alice");
    assert_eq!(hint.code, Some(1));

    let mut secrets = BTreeSet::from([words.clone(), enrolment, reference, code.clone()]);
    secrets.extend(code.split('.').map(ToOwned::to_owned));
    for file in ["alice/wallet.json", "counter/front-end.json"] {
        let kept = std::fs::read(site.path().join(file)).unwrap();
        let kept: Value = serde_json::from_slice(&kept).unwrap();
        for name in ["root", "signing", "hpke", "authenticator", "token", "key"] {
            texts(&kept[name], &mut secrets);
        }
    }
    for file in std::fs::read_dir(site.path().join("bank")).unwrap().map(Result::unwrap) {
        let kept = std::fs::read(file.path()).unwrap();
        if let Ok(kept) = serde_json::from_slice::<Value>(&kept) {
            let mut found = BTreeSet::new();
            texts(&kept, &mut found);
            let token = |text: &String| text.starts_with("atk_") || text.starts_with("rtk_");
            secrets.extend(found.into_iter().filter(token));
        }
    }
    let kinds = ["dtk_", "ftk_", "atk_", "rtk_", "enr_", "cod_"];
    for kind in kinds {
        assert!(secrets.iter().any(|secret| secret.starts_with(kind)), "no {kind} was seen");
    }
    assert!(secrets.len() >= 12, "{}", secrets.len());
    let log = site.log();
    assert!(log.len() > 200, "much is logged: {} lines", log.len());
    assert!(log.iter().any(|line| line.contains("TRACE")), "at every level");
    for line in &log {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "a secret is logged: {line}");
        }
        // What the person stored, which this delivery's node has seen.
        assert!(!line.contains("Lovelace"), "a value is logged: {line}");
    }
}
