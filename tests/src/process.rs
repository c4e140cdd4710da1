//! The `symbolon` binary as processes of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The binary, which `cargo test --workspace` builds before any test runs.
fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let built = own.ancestors().nth(2).unwrap().join("symbolon");
    assert!(built.exists(), "{} is not built: cargo test --workspace", built.display());
    built
}

/// The command, in a folder. Variables of tests are no settings of a node.
pub(crate) fn symbolon(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SYMBOLON_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).env("HOME", folder).stdin(Stdio::null());
    command
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Its standard output as JSON; the command must have succeeded.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Said {
    let output = symbolon(folder).args(arguments).output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A process that runs beside the test; it is killed with the test.
pub(crate) struct Running {
    child: Child,
    out: Lines,
    err: Lines,
}

type Lines = Arc<Mutex<Vec<String>>>;

impl Running {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = follow(child.stdout.take().unwrap());
        let err = follow(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// Waits for a line of standard output that holds this, and gives it.
    pub(crate) fn line(&mut self, holds: &str) -> String {
        let lines = self.out.clone();
        self.wait_for(&lines, holds)
    }

    /// Waits for a line of standard error that holds this, and gives it.
    pub(crate) fn note(&mut self, holds: &str) -> String {
        let lines = self.err.clone();
        self.wait_for(&lines, holds)
    }

    fn wait_for(&mut self, lines: &Lines, holds: &str) -> String {
        let began = Instant::now();
        loop {
            let ended = self.child.try_wait().unwrap();
            let found = lines.lock().unwrap().iter().find(|line| line.contains(holds)).cloned();
            if let Some(line) = found {
                return line;
            }
            let late = began.elapsed() > PATIENCE;
            if ended.is_some() || late {
                // What was said last is still on its way from its pipe.
                std::thread::sleep(Duration::from_millis(200));
                let found = lines.lock().unwrap().iter().find(|line| line.contains(holds)).cloned();
                let (out, err) = (self.out.lock().unwrap(), self.err.lock().unwrap());
                return found
                    .unwrap_or_else(|| panic!("no \"{holds}\" ({ended:?}): {out:#?} {err:#?}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the lines of standard output are such.
    pub(crate) fn lines_until(&mut self, what: &str, such: impl Fn(&[String]) -> bool) {
        let began = Instant::now();
        while !such(&self.lines()) {
            let ended = self.child.try_wait().unwrap();
            let late = began.elapsed() > PATIENCE;
            assert!(ended.is_none() && !late, "no {what} ({ended:?}): {:#?}", self.lines());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// All lines of standard output so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.out.lock().unwrap().clone()
    }

    /// All lines of standard error so far.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.err.lock().unwrap().clone()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What was said last is still on its way; whoever reads a pipe lets go of its
                // lines at the pipe's end.
                if [&self.out, &self.err].iter().all(|lines| Arc::strong_count(lines) == 1) {
                    return status;
                }
            }
            let err = self.err.lock().unwrap();
            assert!(began.elapsed() < PATIENCE, "it does not end: {err:#?}");
            drop(err);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn follow(pipe: impl std::io::Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let kept = lines.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            kept.lock().unwrap().push(line);
        }
    });
    lines
}
