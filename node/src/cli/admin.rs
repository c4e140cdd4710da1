//! `symbolon admin …`: certificates of the development CA, and the key ring.

use super::operator::OperatorAccess;
use super::place::Place;
use super::{Failure, Term};
use crate::clock::SystemClock;
use crate::data_folder::{DevelopmentCa, Role};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_domain::port::Clock;

const EXAMPLES: &str = "\
Examples:
  symbolon admin certificate issue bank.example --out bank
      A client certificate for an institution, by the development CA: bank/certificate.pem
      and bank/certificate.key. In production the CAs that you configure issue them.
  symbolon admin certificate issue ops --role operator --out ops
  symbolon admin keys list
  symbolon admin keys rotate session-statement";

/// Certificates for development, and the node's key ring.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AdminArgs {
    #[command(flatten)]
    access: OperatorAccess,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Certificates of the development CA.
    #[command(subcommand)]
    Certificate(Certificate),
    /// The keys that sign and seal for the region.
    #[command(subcommand)]
    Keys(Keys),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Whose {
    /// An institution's, for the partner listener.
    Institution,
    /// An operator's, for the operators' listener.
    Operator,
}

#[derive(Debug, Subcommand)]
enum Certificate {
    /// Issue a client certificate.
    Issue {
        /// The DNS name in it.
        name: String,
        /// Whose it is.
        #[arg(long, value_enum, default_value = "institution")]
        role: Whose,
        /// Where to put it.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// List them, without secrets.
    List,
    /// Make a new current key for a purpose; what the old ones made stays good.
    Rotate {
        /// What for, such as session-statement.
        purpose: String,
    },
}

impl AdminArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What was refused or failed.
    pub(crate) async fn run(self, term: Term) -> Result<(), Failure> {
        match self.command {
            AdminCommand::Certificate(Certificate::Issue { name, role, out }) => {
                let folder = self.access.data_folder.join("tls");
                let ca = match role {
                    Whose::Institution => "ca",
                    Whose::Operator => "operator-ca",
                };
                let wrong = |error: crate::data_folder::AuthorityFault| {
                    Failure::new(error.to_string())
                        .help("the development CA is made by the first `symbolon serve`")
                };
                let authority = DevelopmentCa::load(&folder, ca).map_err(wrong)?;
                let issued = authority
                    .issue(std::slice::from_ref(&name), Role::Client, SystemClock.now())
                    .map_err(wrong)?;
                let out = Folder::new(out);
                Place::save_identity(&out, issued.certificate.as_bytes(), issued.key.as_bytes())?;
                let said = json!({ "name": name, "folder": out.path() });
                let text = format!("certificate for {name} in {}", out.path().display());
                term.answer(&said, &[text])
            }
            AdminCommand::Keys(Keys::List) => {
                let keys = self.access.connect()?.keys().await?;
                term.table(&keys, &["purpose", "key", "", "since"], |key| {
                    vec![
                        key.purpose.clone(),
                        key.id.clone(),
                        if key.current { "current".into() } else { String::new() },
                        key.created.to_string(),
                    ]
                })
            }
            AdminCommand::Keys(Keys::Rotate { purpose }) => {
                let key = self.access.connect()?.rotate(&purpose).await?;
                let text = format!("{} now makes new things for {}", key.id, key.purpose);
                term.answer(&key, &[text])
            }
        }
    }
}
