//! A node that is served from a temporary folder, and those who take part, each in a folder
//! beside it, all by commands.

use crate::process::{Running, Said, run, symbolon};
use crate::tools::root;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use symbolon_client::http3::{Http3, Request, Trust};
use tempfile::TempDir;

/// Where the bank's page takes codes.
pub(crate) const REDIRECT_URI: &str = "https://bank.example/callback";

/// Where a node listens.
#[derive(Clone, Debug)]
pub(crate) struct Ports {
    pub(crate) web: String,
    pub(crate) partner: String,
    pub(crate) operators: String,
}

/// A node with its folder.
pub(crate) struct Site {
    folder: TempDir,
    node: Running,
    pub(crate) at: Ports,
}

impl Site {
    /// Serves a new folder on free ports.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with settings, each KEY=VALUE.
    pub(crate) fn start_with(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (node, at) = serve(folder.path(), None, settings, |command| command);
        Self { folder, node, at }
    }

    /// Where all folders are.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The node's process.
    pub(crate) fn node(&mut self) -> &mut Running {
        &mut self.node
    }

    /// What the node has said on standard error.
    pub(crate) fn log(&self) -> Vec<String> {
        self.node.notes()
    }

    /// Serves the same folder on the same ports, after the node has ended.
    pub(crate) fn serve_again(&mut self, settings: &[&str]) {
        self.serve_as(settings, |command| command);
    }

    /// The same by a command that was made of the usual one.
    pub(crate) fn serve_as(&mut self, settings: &[&str], made: impl FnOnce(Command) -> Command) {
        (self.node, self.at) = serve(self.folder.path(), Some(&self.at), settings, made);
    }

    /// Runs a command: words between spaces, or within '…'.
    pub(crate) fn run(&self, line: &str) -> Said {
        let words = words(line);
        run(self.path(), &words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Runs a command that must succeed, and gives its JSON.
    pub(crate) fn json(&self, line: &str) -> Value {
        self.run(&format!("--json {line}")).json()
    }

    /// Runs a command at the operators' listener that must succeed, and gives its JSON.
    pub(crate) fn operate(&self, line: &str) -> Value {
        self.json(&format!("{line} --operators {} --data-folder node", self.at.operators))
    }

    /// An institution in the folder of its name, approved, with `NAME.example` in its
    /// certificate.
    pub(crate) fn institution(&self, name: &str) -> String {
        let data = "--data-folder node";
        self.json(&format!("admin certificate issue {name}.example --out {name} {data}"));
        let Ports { web, .. } = &self.at;
        let made = self.json(&format!(
            "institution new --folder {name} --name 'The {name}' --dns-name {name}.example \
             --node {web} --ca node/tls/ca.pem --redirect-uri {REDIRECT_URI}"
        ));
        assert_eq!(made["state"], "pending");
        let id = made["id"].as_str().unwrap().to_owned();
        let judged = self.operate(&format!("operator institutions approve {id}"));
        assert_eq!(judged[0]["state"], "approved");
        id
    }

    /// The template's offer with this delivery, approved; its hash.
    pub(crate) fn offer(&self, institution: &str, delivery: &str) -> String {
        let mut offer = self.json(&format!("institution offer template --folder {institution}"));
        offer["delivery"] = delivery.into();
        std::fs::write(self.path().join("offer.json"), offer.to_string()).unwrap();
        let proposed =
            self.json(&format!("institution offer propose offer.json --folder {institution}"));
        let id = proposed[0]["id"].as_str().unwrap();
        let judged = self.operate(&format!("operator offers approve {id}"));
        assert_eq!(judged[0]["state"], "approved");
        judged[0]["hash"].as_str().unwrap().to_owned()
    }

    /// A wallet in a folder, with the demo's person in it; the words of its recovery sheet.
    pub(crate) fn wallet(&self, folder: &str) -> String {
        let Ports { web, .. } = &self.at;
        let made =
            self.json(&format!("wallet new --folder {folder} --node {web} --ca node/tls/ca.pem"));
        let person = root().join("node/src/demo/person.json");
        let person = person.canonicalize().unwrap();
        let stored = self
            .json(&format!("wallet item put --document '{}' --folder {folder}", person.display()));
        assert!(stored["stored"].as_u64().unwrap() > 5, "{stored}");
        made["recovery"]["words"].as_str().unwrap().to_owned()
    }

    /// What a browser does with an authorization address: the link of the session.
    pub(crate) fn browse(&self, authorization: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let path = authorization.strip_prefix(&self.at.web).unwrap();
        runtime.block_on(async {
            let http = Http3::new(&self.at.web, &self.trust(), None).unwrap();
            let answer = http.send(&Request::get(path)).await.unwrap();
            http.close().await;
            answer.location().expect("the browser goes on to the wallet").to_owned()
        })
    }

    /// The authorities of the node's certificate.
    pub(crate) fn trust(&self) -> Trust {
        Trust::from_file(&self.path().join("node/tls/ca.pem")).unwrap()
    }
}

/// The arguments of `serve` for a folder: free ports, or the same as before.
pub(crate) fn settings(at: Option<&Ports>) -> Vec<String> {
    let port = |origin: Option<&String>| {
        let number = origin.map(|origin| origin.rsplit(':').next().unwrap().to_owned());
        number.unwrap_or_else(|| "0".into())
    };
    let (web, partner, operators) = (
        port(at.map(|at| &at.web)),
        port(at.map(|at| &at.partner)),
        port(at.map(|at| &at.operators)),
    );
    let both = |port: &str| format!("[::1]:{port},127.0.0.1:{port}");
    let settings = [
        ("data_folder", "node".to_owned()),
        ("issuer", format!("https://localhost:{web}")),
        ("wallet.origin", format!("https://localhost:{web}")),
        ("listeners.web", both(&web)),
        ("listeners.partner", both(&partner)),
        ("listeners.operators", both(&operators)),
        ("store.disk_reserve_bytes", "1000000".to_owned()),
    ];
    let pairs = settings.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.flat_map(|pair| ["--set".to_owned(), pair]).collect()
}

fn serve(
    folder: &Path,
    at: Option<&Ports>,
    more: &[&str],
    made: impl FnOnce(Command) -> Command,
) -> (Running, Ports) {
    let mut command = symbolon(folder);
    command.arg("serve").args(settings(at));
    command.args(more.iter().flat_map(|pair| ["--set", pair]));
    let mut node = Running::start(made(command));
    let mut origin = |name: &str| {
        let line = node.note(name);
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    let at = Ports {
        web: origin("web  "),
        partner: origin("partner  "),
        operators: origin("operators  "),
    };
    (node, at)
}

fn words(line: &str) -> Vec<String> {
    // Odd pieces stood within quotes.
    let pieces = line.split('\'').enumerate();
    pieces
        .flat_map(|(number, piece)| match number % 2 {
            0 => piece.split_whitespace().map(ToOwned::to_owned).collect(),
            _ => vec![piece.to_owned()],
        })
        .collect()
}
