//! `symbolon wallet recover|renew-sheet`, and how a sheet is shown.

use super::super::place::Place;
use super::super::qr::qr_text;
use super::super::{Failure, Term};
use super::{NodeArgs, open};
use clap::Args;
use serde_json::{Value, json};
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::wallet::{NewSheet, TypedSheet, Wallet};
use symbolon_domain::secret::SecretText;

/// Words in a line of the sheet.
const WORDS_A_LINE: usize = 4;
/// More than any sheet has.
const TYPED_BYTES_MAX: u64 = 1_024;

const EXAMPLES: &str = "\
Examples:
  symbolon wallet --folder new recover --node https://localhost:8443
      Asks for the 24 words, or for the link behind the sheet's QR code; end with Ctrl-D.
  symbolon wallet --folder new recover --sheet sheet.txt
They are never an argument: the machine's list of processes would show them to everybody.
Afterwards revoke what was lost: symbolon wallet device list, symbolon wallet device revoke.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Recover {
    #[command(flatten)]
    node: NodeArgs,
    /// What you call this device.
    #[arg(long, default_value = "recovered command line")]
    name: String,
    /// A file with the words or the link; by default they are read from standard input.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
}

impl Recover {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let typed: TypedSheet = self.typed(term)?.expose().parse()?;
        let place = Place::discover(&self.node.node, self.node.ca.as_deref()).await?;
        let wallet = Wallet::recover(place.web()?, folder.clone(), &self.name, &typed).await?;
        place.save(&folder)?;
        let (vault, count) = (wallet.vault(), wallet.items().count());
        let said = json!({ "vault": vault, "device": wallet.state().device, "items": count });
        term.answer(
            &said,
            &[
                format!("recovered {vault} with {count} items"),
                "if the sheet was seen by others, make another: symbolon wallet renew-sheet".into(),
            ],
        )
    }

    fn typed(&self, term: Term) -> Result<SecretText, Failure> {
        let mut text = String::new();
        let (name, read) = if let Some(path) = &self.sheet {
            let file = std::fs::File::open(path);
            let read = file.and_then(|file| file.take(TYPED_BYTES_MAX).read_to_string(&mut text));
            (path.display().to_string(), read)
        } else {
            let input = std::io::stdin();
            if input.is_terminal() && !term.is_json() {
                term.note("the 24 words or the link, then Ctrl-D:");
            }
            let read = input.lock().take(TYPED_BYTES_MAX).read_to_string(&mut text);
            ("standard input".to_owned(), read)
        };
        let text = SecretText::new(text);
        read.map(|_| text).map_err(|error| Failure::usage(format!("{name}: {error}")))
    }
}

/// Makes another sheet.
pub(super) async fn renew(folder: Folder, term: Term) -> Result<(), Failure> {
    let sheet = open(folder)?.renew_sheet().await?;
    term.answer(&json!({ "recovery": as_json(&sheet) }), &lines(&sheet))
}

/// The sheet for programs.
pub(super) fn as_json(sheet: &NewSheet) -> Value {
    json!({ "words": sheet.words.expose(), "link": sheet.link.expose() })
}

/// The sheet for people: numbered words in columns, the QR code, the link.
pub(super) fn lines(sheet: &NewSheet) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "The recovery sheet. Write it down or print it now: it is shown once and kept nowhere."
            .into(),
        "Whoever has it has everything that is stored in this vault.".into(),
        String::new(),
    ];
    let words: Vec<&str> = sheet.words.expose().split(' ').collect();
    for (row, words) in words.chunks(WORDS_A_LINE).enumerate() {
        let cells = words.iter().zip(row * WORDS_A_LINE + 1..);
        let cells = cells.map(|(word, number)| format!("{number:>4} {word:<9}"));
        lines.push(cells.collect::<String>().trim_end().to_owned());
    }
    lines.push(String::new());
    lines.extend(qr_text(sheet.link.expose()));
    lines.push(sheet.link.expose().to_owned());
    lines
}
