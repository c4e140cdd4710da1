//! A disk that is really full, and one that does not answer, under a whole node.

use crate::process::Running;
use crate::site::Site;
use crate::tools::{available, root};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk of the node's store alone, in a mount namespace that lives as long as this.
struct SmallDisk {
    holder: Running,
    store: PathBuf,
}

/// The command, started by another one that was given its own arguments.
fn around(mut outer: Command, command: &Command) -> Command {
    outer.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        outer.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer
}

impl SmallDisk {
    /// Takes over what is in the store's folder.
    fn under(store: &Path) -> Self {
        let before = store.parent().unwrap().with_file_name("store-before");
        let script = "cp -a \"$0\" \"$1\" && mount -t tmpfs -o size=96m tmpfs \"$0\" \
                      && cp -a \"$1/.\" \"$0\" && echo mounted && exec sleep 600";
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script]).arg(store).arg(before);
        let mut holder = Running::start(command);
        holder.line("mounted");
        Self { holder, store: store.to_owned() }
    }

    /// The command, where the disk is.
    fn with(&self, command: &Command) -> Command {
        let mut within = Command::new("nsenter");
        let folder = command.get_current_dir().unwrap();
        within.args(["-m", "-t", &self.holder.id().to_string()]);
        within.arg(format!("--wd={}", folder.display()));
        around(within, command)
    }

    /// Where this process sees a file of that disk.
    fn file(&self, name: &str) -> PathBuf {
        let root = format!("/proc/{}/root", self.holder.id());
        Path::new(&root).join(self.store.strip_prefix("/").unwrap()).join(name)
    }

    /// Leaves not one page free.
    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.file("ballast")).unwrap();
        let full = std::io::copy(&mut std::io::repeat(1), &mut ballast).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull, "{full}");
    }
}

fn items(site: &Site) -> Value {
    site.json("wallet item list --folder alice")
}

fn put(number: u32) -> String {
    let value = format!("\"{}\"", "Countess ".repeat(400));
    format!("--json wallet item put test.n{number} '{value}' --folder alice")
}

/// No reserve, no page left: what was acknowledged stays, reads go on, and after room was made
/// and the node was restarted it writes again.
#[test]
fn a_disk_that_is_really_full_loses_nothing() {
    let mounts = ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
    if !available("a user who may mount a tmpfs (unshare -m)", "unshare", &mounts) {
        return;
    }
    let mut site = Site::start();
    site.wallet("alice");
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));
    let disk = SmallDisk::under(&site.path().join("node/store"));
    let settings = ["store.disk_reserve_bytes=0"];
    site.serve_as(&settings, |command| disk.with(&command));
    site.run(&put(0)).json();
    let mut acknowledged = items(&site);

    disk.fill();
    let refused = (1..200).find_map(|number| {
        let said = site.run(&put(number));
        if said.code == Some(0) {
            acknowledged = items(&site);
            return None;
        }
        Some(said)
    });
    let refused = refused.expect("a disk without room takes no 200 items");
    let error: Value = serde_json::from_str(&refused.err).unwrap();
    let code = error["code"].as_str().unwrap();
    assert!(["store_failed", "store_unavailable"].contains(&code), "{refused:?}");
    let again = site.run(&put(200));
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(items(&site), acknowledged, "reads go on");
    let shown = site.json("wallet item show oidc.name --folder alice");
    assert_eq!(shown["value"], "\"Ada Lovelace\"");
    assert_eq!(site.operate("operator status")["ready"], false);
    site.node().signal("TERM");
    site.node().ended();

    std::fs::remove_file(disk.file("ballast")).unwrap();
    site.serve_as(&settings, |command| disk.with(&command));
    let (found, known) = (items(&site), acknowledged.as_array().unwrap().clone());
    let found = found.as_array().unwrap();
    assert!(known.iter().all(|item| found.contains(item)), "{known:#?} {found:#?}");
    // Of the one that was told to be in doubt either may be true.
    assert!(found.len() <= known.len() + 1, "{known:#?} {found:#?}");
    site.run(&put(201)).json();
    assert_eq!(site.operate("operator status")["ready"], true);
    assert_eq!(site.operate("store check")["problems_count"], 0);
}

/// While the disk does not answer, the node says so, reads, and acknowledges nothing; what waited
/// is done when it answers again.
#[test]
fn a_disk_that_does_not_answer_is_told_until_it_does() {
    let mut site = Site::start();
    site.wallet("alice");
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));
    let (library, stalls) = (site.path().join("stall.so"), site.path().join("stalls"));
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(root().join("tests/src/stall.c"));
    assert!(compile.status().unwrap().success());
    site.serve_as(&[], |mut command| {
        command.env("LD_PRELOAD", &library).env("STALL_WHILE", &stalls);
        command
    });
    let before = items(&site);
    assert_eq!(site.operate("operator status")["ready"], true);

    std::fs::write(&stalls, "").unwrap();
    std::thread::scope(|scope| {
        let waiting = {
            let at = site.path().to_owned();
            scope.spawn(move || {
                let line = ["--json", "wallet", "item", "put", "oidc.nickname", "\"Countess\""];
                crate::process::run(&at, &[&line[..], &["--folder", "alice"]].concat())
            })
        };
        site.node().note("a commit of the store does not end");
        assert_eq!(site.operate("operator status")["ready"], false);
        assert_eq!(items(&site), before, "reads go on");
        assert!(!waiting.is_finished(), "nothing was acknowledged");
        std::fs::remove_file(&stalls).unwrap();
        site.node().note("the store commits again");
        waiting.join().unwrap().json();
    });
    assert_eq!(site.operate("operator status")["ready"], true);
    assert_ne!(items(&site), before);
}

/// An object that lies beside the store is on the disk before the store is told of it: file and
/// folder are synced between its creation and the next sync of the store's journal.
#[test]
fn what_lies_beside_the_store_is_on_the_disk_first() {
    if !available("strace, and a user who may trace", "strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let mut site = Site::start();
    site.wallet("alice");
    site.node().signal("TERM");
    assert_eq!(site.node().ended().code(), Some(0));
    let trace = site.path().join("trace");
    // The tracer stands aside, so that the process is the node's.
    let tracer = ["-D", "-f", "-y", "-e", "trace=openat,fsync,fdatasync", "-o"];
    site.serve_as(&[], |command| {
        let mut traced = Command::new("strace");
        traced.args(tracer).arg(&trace);
        around(traced, &command)
    });
    std::fs::write(site.path().join("scan.png"), vec![7; 200_000]).unwrap();
    let put = "wallet item put oidc.scan --file scan.png --media-type image/png --folder alice";
    site.json(put);
    site.node().signal("TERM");
    site.node().ended();

    let text = std::fs::read_to_string(&trace).unwrap();
    let mut lines = text.lines().skip_while(|line| {
        !(line.contains("openat(") && line.contains("/node/objects/") && line.contains("O_CREAT"))
    });
    assert!(lines.next().is_some(), "an object was made: {text}");
    let until_named: Vec<&str> = lines
        .take_while(|line| !(line.contains("sync(") && line.contains(".jnl>")))
        .filter(|line| line.contains("sync(") && line.contains("/node/objects/"))
        .collect();
    // A file that is not finished has a number behind its name.
    let file = until_named.iter().position(|line| line.contains("#1>"));
    let folder = until_named.iter().rposition(|line| !line.contains('#'));
    assert!(file.is_some() && file < folder, "{until_named:#?}");
}
