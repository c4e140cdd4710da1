//! `symbolon wallet …`: a person's software wallet in a folder.

mod consent;
mod device;
mod grants;
mod item;
mod recovery;
mod vault;

use super::place::Place;
use super::{Failure, Term};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::wallet::Wallet;

const EXAMPLES: &str = "\
Examples:
  symbolon wallet new --node https://localhost:8443 --ca symbolon-data/tls/ca.pem
  symbolon wallet recover                              a lost device: back with the recovery sheet
  symbolon wallet item put --document me.json          store each claim as an item of its own
  symbolon wallet item list
  symbolon wallet scan 'https://localhost:8443/s/ses_…#…'   look behind a QR code, claim it
  symbolon wallet show-code                            the other way round: a terminal scans it
  symbolon wallet approve ses_… --tick oidc.name,oidc.birthdate
  symbolon wallet grants                               what was lent to whom
  symbolon wallet uses grt_…                           every reading, as a verified chain
  symbolon wallet revoke grt_…

The keys are in the folder, mode 0600 and not encrypted: this is a wallet for command lines
and tests, and every grant says so (amr: swk).";

/// A person's wallet: store items, lend them, see what was read, take it back.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WalletArgs {
    /// The wallet's folder.
    #[arg(long, global = true, value_name = "FOLDER", env = "SYMBOLON_WALLET")]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: WalletCommand,
}

#[derive(Debug, Subcommand)]
enum WalletCommand {
    /// Make a vault, this device's keys and the recovery sheet; pin the cluster's root.
    New(New),
    /// Come back into a vault with its recovery sheet.
    Recover(recovery::Recover),
    /// Make another recovery sheet; the one before is of no use any more.
    RenewSheet,
    /// Store and show items.
    #[command(subcommand)]
    Item(item::ItemCommand),
    /// Verify what stands behind a QR code, claim it, and show what is asked for.
    Scan(consent::Scan),
    /// Show a terminal a one-time code, and go on with the session that it starts.
    ShowCode(consent::ShowCode),
    /// Lend the ticked items and refuse the others.
    Approve(consent::Approve),
    /// Refuse everything.
    Deny(consent::Deny),
    /// List what was lent to whom.
    Grants,
    /// Lend nothing under a grant for now.
    Pause(grants::GrantArgs),
    /// Lend again.
    Resume(grants::GrantArgs),
    /// Never lend under a grant again.
    Revoke(grants::GrantArgs),
    /// Show what happened under a grant, as a verified chain.
    Uses(grants::GrantArgs),
    /// Take along everything that the node keeps, still sealed.
    Export(vault::Export),
    /// Erase the vault. It cannot be taken back.
    Delete(vault::Delete),
    /// Let in other devices, list them, revoke them.
    #[command(subcommand)]
    Device(device::DeviceCommand),
}

/// Where a node is.
#[derive(Clone, Debug, Args)]
pub(crate) struct NodeArgs {
    /// The node's address for phones.
    #[arg(long, value_name = "URL", default_value = "https://localhost:8443")]
    pub(crate) node: String,
    /// The CA of its certificate (PEM); by default those of the operating system, or those
    /// of the file that SSL_CERT_FILE names.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    node: NodeArgs,
    /// What you call this device.
    #[arg(long, default_value = "command line")]
    name: String,
}

impl WalletArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What was refused or failed.
    pub(crate) async fn run(self, term: Term) -> Result<(), Failure> {
        let folder = folder(self.folder)?;
        match self.command {
            WalletCommand::New(new) => create(new, folder, term).await,
            WalletCommand::Recover(recover) => recover.run(folder, term).await,
            WalletCommand::RenewSheet => recovery::renew(folder, term).await,
            WalletCommand::Item(command) => command.run(folder, term).await,
            WalletCommand::Scan(scan) => scan.run(folder, term).await,
            WalletCommand::ShowCode(code) => code.run(folder, term).await,
            WalletCommand::Approve(approve) => approve.run(folder, term).await,
            WalletCommand::Deny(deny) => deny.run(folder, term).await,
            WalletCommand::Grants => grants::list(folder, term).await,
            WalletCommand::Pause(args) => args.pause(folder, term).await,
            WalletCommand::Resume(args) => args.resume(folder, term).await,
            WalletCommand::Revoke(args) => args.revoke(folder, term).await,
            WalletCommand::Uses(args) => args.uses(folder, term).await,
            WalletCommand::Export(export) => export.run(folder, term).await,
            WalletCommand::Delete(delete) => delete.run(folder, term).await,
            WalletCommand::Device(command) => command.run(folder, term).await,
        }
    }
}

fn folder(given: Option<PathBuf>) -> Result<Folder, Failure> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".symbolon/wallet"));
    let path = given.or_else(home);
    path.map(Folder::new).ok_or_else(|| Failure::usage("name the wallet's folder with --folder"))
}

pub(super) use grants::print as print_grants;

/// Opens the wallet of a folder.
pub(super) fn open(folder: Folder) -> Result<Wallet, Failure> {
    let place = Place::load(&folder)?;
    Ok(Wallet::open(place.web()?, folder)?)
}

async fn create(new: New, folder: Folder, term: Term) -> Result<(), Failure> {
    let place = Place::discover(&new.node.node, new.node.ca.as_deref()).await?;
    let (wallet, sheet) = Wallet::create(place.web()?, folder.clone(), &new.name).await?;
    place.save(&folder)?;
    let state = wallet.state();
    let made = serde_json::json!({
        "vault": state.vault, "device": state.device, "folder": folder.path(),
        "recovery": recovery::as_json(&sheet),
    });
    let mut lines = vec![
        format!("vault   {}", state.vault),
        format!("device  {} ({})", state.device, state.name),
        format!("folder  {}", folder.path().display()),
        format!("pinned  the root of {}", state.cluster.issuer),
    ];
    lines.extend(recovery::lines(&sheet));
    term.answer(&made, &lines)
}
