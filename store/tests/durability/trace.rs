//! SIGKILL keeps the page cache, so it cannot show a missing fsync: the system calls can.
//! Between a batch's write to the journal and the write of its acknowledgement an fsync of
//! the journal that began after the former must have ended.

use crate::{child, child_command, ledger, left_out};
use std::collections::HashMap;
use std::process::{Command, Stdio};

const BATCHES: u64 = 40;

/// The trace of a child that commits so many batches per thread; `None` if this machine
/// cannot trace.
fn trace(threads: u64) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("trace");
    let plain = child_command(&folder.path().join("store"));
    let mut traced = Command::new("strace");
    traced.args(["-f", "-y", "-s", "1000000", "-e"]);
    traced.arg("trace=write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range");
    traced.arg("-o").arg(&log).arg(plain.get_program()).args(plain.get_args());
    traced.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.env(child::BATCHES, BATCHES.to_string()).env(child::THREADS, threads.to_string());
    let Ok(output) = traced.stdout(Stdio::piped()).stderr(Stdio::piped()).output() else {
        left_out("the trace of system calls", "strace is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap_or_default()).into_owned();
    if text.is_empty() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        left_out("the trace of system calls", &format!("strace may not trace here: {reason}"));
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

/// What the trace has shown so far.
#[derive(Default)]
struct Journal {
    /// Everything written to journals, in order, as strace prints it.
    written: String,
    /// How much of it was on the disk after the last fsync that ended.
    synced: usize,
    /// Per thread, how much there was when its running fsync began.
    syncing: HashMap<String, usize>,
    acknowledgements: u64,
    /// Those that came before their batch was on the disk.
    too_early: Vec<String>,
}

impl Journal {
    fn line(&mut self, line: &str) {
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        let of_journal = call.split_once('>').is_some_and(|(file, _)| file.ends_with(".jnl"));
        let is_sync = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        if is_sync && of_journal {
            self.syncing.insert(thread.into(), self.written.len());
        }
        let resumed =
            call.starts_with("<... fdatasync resumed>") || call.starts_with("<... fsync resumed>");
        if (is_sync && of_journal || resumed) && call.ends_with("= 0") {
            let reached = self.syncing.remove(thread).unwrap_or_default();
            self.synced = self.synced.max(reached);
        }
        if call.starts_with("write") || call.starts_with("pwrite") {
            let text = call.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"'));
            let text = text.map_or("", |(text, _)| text);
            if of_journal {
                self.written.push_str(text);
            } else if let Some(ack) = text.strip_prefix("ack ") {
                self.acknowledge(ack.trim_end_matches("\\n"));
            }
        }
    }

    fn acknowledge(&mut self, ack: &str) {
        let (thread, number) = ack.split_once(' ').unwrap();
        let name = ledger::name(thread.parse().unwrap(), number.parse().unwrap()) + "z";
        let on_disk = self.written.get(..self.synced).unwrap_or_default();
        if !on_disk.contains(&name) {
            self.too_early.push(ack.into());
        }
        self.acknowledgements += 1;
    }
}

#[test]
fn every_acknowledgement_is_after_its_fsync() {
    for threads in [1, ledger::THREADS] {
        let Some(text) = trace(threads) else { return };
        let mut journal = Journal::default();
        text.lines().for_each(|line| journal.line(line));
        assert_eq!(journal.acknowledgements, threads * BATCHES);
        assert_eq!(journal.too_early, [""; 0], "acknowledged before they were on the disk");
    }
}

/// The reader of traces itself: an fsync that began too early, or has not ended, or is of
/// another file, counts for nothing.
#[test]
fn a_trace_without_the_right_fsync_is_refused() {
    let write = r#"7 write(9</s/0.jnl>, "entry/0/00000001/z", 18) = 18"#;
    let acknowledgement = r#"8 write(1<pipe:[5]>, "ack 0 00000001\n", 15) = 15"#;
    let sync = "7 fdatasync(9</s/0.jnl>) = 0";
    let holds = |lines: &[&str]| {
        let mut journal = Journal::default();
        lines.iter().for_each(|line| journal.line(line));
        assert_eq!(journal.acknowledgements, 1);
        journal.too_early.is_empty()
    };
    let (begin, end) =
        ("7 fdatasync(9</s/0.jnl> <unfinished ...>", "7 <... fdatasync resumed>) = 0");
    assert!(holds(&[write, sync, acknowledgement]));
    assert!(holds(&[write, begin, end, acknowledgement]));
    assert!(!holds(&[write, acknowledgement]));
    assert!(!holds(&[sync, write, acknowledgement]));
    assert!(!holds(&[begin, write, end, acknowledgement]));
    assert!(!holds(&[write, begin, acknowledgement]));
    assert!(!holds(&[write, "7 fdatasync(9</s/0.jnl>) = -1 EIO", acknowledgement]));
    assert!(!holds(&[write, "7 fdatasync(9</s/other>) = 0", acknowledgement]));
}
