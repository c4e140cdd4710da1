//! `symbolon store …`: backup, restore, check.

use super::operator::OperatorAccess;
use super::serve::Source;
use super::{Failure, Term, progress};
use crate::clock::SystemEntropy;
use crate::node::default_ports;
use crate::restore::Restoration;
use clap::{Args, Subcommand};
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use symbolon_store::{MemoryStore, dump};

const EXAMPLES: &str = "\
Examples:
  symbolon store backup symbolon.dump          while the node runs, through its operators' listener
  symbolon store check                         reads the whole store through
  symbolon store restore symbolon.dump --set data_folder=new-data
      Into a data folder whose store is empty, while no node runs on it. Afterwards every
      grant is paused until its owner resumes it, and all codes are void: what was revoked
      after the backup must not come back to life. Put the key ring's backup (keys/) and
      the large objects (objects/) into the data folder first: they are not in the dump.";

/// Back up, restore and check the store.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    access: OperatorAccess,
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Write everything that the store holds to a file.
    Backup {
        /// The file; it must not be there yet.
        out: PathBuf,
    },
    /// Fill an empty store from a dump.
    Restore {
        /// The dump.
        dump: PathBuf,
        #[command(flatten)]
        source: Source,
    },
    /// Read everything, and say what is not as it should be.
    Check,
}

impl StoreArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What was refused or failed.
    pub(crate) async fn run(self, term: Term) -> Result<(), Failure> {
        match self.command {
            StoreCommand::Backup { out } => backup(&self.access, &out, term).await,
            StoreCommand::Restore { dump, source } => restore(&dump, &source, term).await,
            StoreCommand::Check => check(&self.access, term).await,
        }
    }
}

async fn backup(access: &OperatorAccess, out: &Path, term: Term) -> Result<(), Failure> {
    let wrong = |error: std::io::Error| Failure::new(format!("{}: {error}", out.display()));
    if out.exists() {
        return Err(Failure::usage(format!("{} is there already", out.display())));
    }
    let mut body = access.connect()?.backup().await?;
    // Under its name only when it is whole and on disk.
    let unfinished = out.with_extension("unfinished");
    let mut file = File::create(&unfinished).map_err(wrong)?;
    let bar = progress(None, "backing up");
    while let Some(piece) = body.chunk().await? {
        file.write_all(&piece).map_err(wrong)?;
        bar.inc(piece.len() as u64);
    }
    file.sync_all().map_err(wrong)?;
    let bytes = bar.position();
    bar.finish_and_clear();
    // Read back whole: a dump that was cut lacks its end.
    let input = BufReader::new(File::open(&unfinished).map_err(wrong)?);
    let nowhere = MemoryStore::new();
    let read = dump::restore(&nowhere, &SystemEntropy, input, |_| Ok(None)).await;
    let summary =
        read.map_err(|error| Failure::new(format!("the backup is not whole: {error}")))?;
    std::fs::rename(&unfinished, out).map_err(wrong)?;
    let said = json!({ "file": out, "bytes": bytes, "entries": summary.entries });
    term.answer(
        &said,
        &[format!("{} entries, {bytes} bytes in {}", summary.entries, out.display())],
    )
}

async fn restore(file: &Path, source: &Source, term: Term) -> Result<(), Failure> {
    let config = source.load()?;
    let input =
        File::open(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    let folder = config.data_folder.clone();
    let bar = progress(Some(input.metadata()?.len()), "restoring");
    let reader = bar.wrap_read(BufReader::new(input));
    let work = tokio::task::spawn_blocking(move || {
        let ports =
            default_ports(&config, None).map_err(|fault| Failure::new(fault.to_string()))?;
        let mut restoration = Restoration::default();
        let restored = dump::restore(ports.store.as_ref(), &SystemEntropy, reader, |entry| {
            restoration.map(entry)
        });
        let runtime = tokio::runtime::Handle::current();
        let summary =
            runtime.block_on(restored).map_err(|error| Failure::new(error.to_string()))?;
        runtime.block_on((ports.close)()).map_err(|fault| Failure::new(fault.to_string()))?;
        Ok::<_, Failure>((summary, restoration))
    });
    let (summary, restoration) = work.await.map_err(|error| Failure::new(error.to_string()))??;
    bar.finish_and_clear();
    let (paused, codes) = (restoration.paused, restoration.void_codes());
    let said = json!({
        "entries": summary.entries, "bytes": summary.bytes, "folder": folder,
        "grants_paused": paused, "codes_void": codes,
    });
    term.answer(
        &said,
        &[
            format!("{} entries, {} bytes in {}", summary.entries, summary.bytes, folder.display()),
            format!("{paused} grants are paused, {codes} codes are void"),
        ],
    )
}

async fn check(access: &OperatorAccess, term: Term) -> Result<(), Failure> {
    let bar = progress(None, "checking");
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    let report = access.connect()?.check().await?;
    bar.finish_and_clear();
    let mut lines = vec![format!("{} entries, {} bytes", report.entries, report.bytes)];
    lines.extend(report.problems.iter().map(|problem| format!("  {problem}")));
    lines.push(match report.problems_count {
        0 => "all as it should be".into(),
        count => format!("{count} are not as they should be"),
    });
    term.answer(&report, &lines)?;
    if report.problems_count > 0 {
        return Err(Failure::new("the store is damaged").help("restore it from a backup"));
    }
    Ok(())
}
