//! `symbolon wallet item …`.

use super::super::{Failure, Term, progress};
use super::open;
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Read;
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::wallet::{NewItem, items_of_document};
use symbolon_domain::Path;

/// Items put in one commit.
const CHUNK: usize = 200;

#[derive(Debug, Subcommand)]
pub(super) enum ItemCommand {
    /// Store an item, or each member of a JSON document as one.
    Put(Put),
    /// List the items.
    List,
    /// Fetch and open an item.
    Show(Show),
    /// The versions of an item that this device has stored.
    History(Show),
}

const PUT_EXAMPLES: &str = "\
Examples:
  symbolon wallet item put oidc.name '\"Ada Lovelace\"'
  symbolon wallet item put photo --file me.png --media-type image/png
  symbolon wallet item put --document claims.json --prefix oidc
      Each member that is no object becomes an item: {\"address\":{\"region\":…}} is
      oidc.address.region. Arrays are one item.";

#[derive(Debug, Args)]
#[command(after_help = PUT_EXAMPLES)]
pub(super) struct Put {
    /// Where: one to eight segments of a-z, 0-9 and _, joined by dots.
    #[arg(required_unless_present = "document")]
    path: Option<Path>,
    /// The value; JSON by default.
    #[arg(required_unless_present_any = ["document", "file"])]
    value: Option<String>,
    /// Read the value from a file; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "value")]
    file: Option<PathBuf>,
    /// The value's media type.
    #[arg(long, default_value = "application/json")]
    media_type: String,
    /// Store each member of this JSON document.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["path", "file"])]
    document: Option<PathBuf>,
    /// With --document: all paths begin with this.
    #[arg(long, requires = "document")]
    prefix: Option<Path>,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Which.
    path: Path,
    /// Write the value to this file instead of showing it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl ItemCommand {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        match self {
            Self::Put(put) => put.run(folder, term).await,
            Self::List => list(folder, term),
            Self::Show(show) => show.run(folder, term).await,
            Self::History(show) => history(&show.path, folder, term),
        }
    }
}

impl Put {
    async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let mut wallet = open(folder)?;
        let items = self.items()?;
        let count = items.len();
        let bytes = items.iter().map(|new| new.value.len() as u64).sum();
        let bar = progress(Some(bytes), "sealing and storing");
        for chunk in items.chunks(CHUNK) {
            wallet.put(chunk.to_vec()).await?;
            bar.inc(chunk.iter().map(|new| new.value.len() as u64).sum());
        }
        bar.finish_and_clear();
        let manifest = wallet.state().manifest;
        let said = json!({ "stored": count, "epoch": manifest.epoch, "root": manifest.root });
        term.answer(&said, &[format!("stored {count} items; manifest epoch {}", manifest.epoch)])
    }

    fn items(self) -> Result<Vec<NewItem>, Failure> {
        if let Some(file) = &self.document {
            let document = serde_json::from_slice(&read(file)?)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
            return Ok(items_of_document(&document, self.prefix.as_ref())?);
        }
        let path = self.path.ok_or_else(|| Failure::usage("name a path"))?;
        let value = match (&self.file, self.value) {
            (Some(file), _) => read(file)?,
            (None, value) => value.unwrap_or_default().into_bytes(),
        };
        let is_json = self.media_type == "application/json";
        if is_json && serde_json::from_slice::<serde_json::Value>(&value).is_err() {
            return Err(Failure::usage(
                "the value is no JSON: quote it as '\"text\"', or name its --media-type",
            ));
        }
        Ok(vec![NewItem { path, media_type: self.media_type, value }])
    }
}

fn read(file: &PathBuf) -> Result<Vec<u8>, Failure> {
    let wrong = |error: std::io::Error| Failure::usage(format!("{}: {error}", file.display()));
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(wrong)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(wrong)
}

fn list(folder: Folder, term: Term) -> Result<(), Failure> {
    let wallet = open(folder)?;
    let items: Vec<serde_json::Value> = wallet
        .items()
        .map(|(path, known)| {
            json!({
                "path": path, "version": known.entry.version, "size": known.entry.size,
                "epoch": known.entry.epoch, "digest": known.entry.digest,
            })
        })
        .collect();
    let text = |item: &serde_json::Value, name: &str| {
        item.get(name).map_or(String::new(), |value| {
            value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
        })
    };
    term.table(&items, &["path", "version", "bytes"], |item| {
        vec![text(item, "path"), text(item, "version"), text(item, "size")]
    })
}

impl Show {
    async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let wallet = open(folder)?;
        let stored = wallet.show(&self.path).await?;
        if let Some(file) = &self.out {
            std::fs::write(file, &stored.item.value)
                .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
            term.line(&format!("{} bytes in {}", stored.item.value.len(), file.display()));
            return Ok(());
        }
        let text = String::from_utf8(stored.item.value.clone()).unwrap_or_else(|_| {
            format!("({} bytes; write them with --out FILE)", stored.item.value.len())
        });
        let metadata = &stored.item.metadata;
        let said = json!({
            "path": stored.path, "version": stored.version, "media_type": metadata.media_type,
            "created": metadata.created, "modified": metadata.modified, "value": text,
        });
        term.answer(&said, &[text])
    }
}

fn history(path: &Path, folder: Folder, term: Term) -> Result<(), Failure> {
    let wallet = open(folder)?;
    let known = wallet.items().find(|(known, _)| *known == path).map(|(_, known)| known.clone());
    let known = known.ok_or_else(|| Failure::usage(format!("there is no item {path}")))?;
    term.table(&known.history, &["version", "stored", "bytes", "digest"], |past| {
        vec![
            past.version.to_string(),
            past.at.to_string(),
            past.size.to_string(),
            past.digest.to_string(),
        ]
    })
}
