//! `symbolon wallet export|delete`.

use super::super::{Failure, Term, progress};
use super::open;
use clap::Args;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_domain::Id;

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Where to write it: one JSON object a line.
    out: PathBuf,
}

impl Export {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let wallet = open(folder)?;
        let mut body = wallet.export().await?;
        let wrong =
            |error: std::io::Error| Failure::new(format!("{}: {error}", self.out.display()));
        let mut file = std::fs::File::create(&self.out).map_err(wrong)?;
        let bar = progress(None, "exporting");
        let mut last = Vec::new();
        while let Some(piece) = body.chunk().await? {
            file.write_all(&piece).map_err(wrong)?;
            bar.inc(piece.len() as u64);
            last.extend_from_slice(&piece);
            let keep = last.len().saturating_sub(200);
            last.drain(..keep);
        }
        file.sync_all().map_err(wrong)?;
        let bytes = bar.position();
        bar.finish_and_clear();
        // The last line says how many came before it: without it something is missing.
        if !String::from_utf8_lossy(&last).contains("\"end\"") {
            return Err(Failure::new("the export is not whole: its last line is missing"));
        }
        let said = json!({ "file": self.out, "bytes": bytes });
        term.answer(&said, &[format!("{bytes} bytes in {}", self.out.display())])
    }
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The vault's id, to be sure.
    #[arg(long, value_name = "VAULT")]
    confirm: Id,
}

impl Delete {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let wallet = open(folder)?;
        if self.confirm != wallet.vault() {
            let text = format!("this wallet's vault is {}", wallet.vault());
            return Err(Failure::usage(text));
        }
        wallet.delete_vault().await?;
        term.answer(
            &json!({ "deleted": self.confirm }),
            &["the vault is deleted; its keys are still in the folder, for your backups".into()],
        )
    }
}
