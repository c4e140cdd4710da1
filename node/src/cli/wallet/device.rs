//! `symbolon wallet device …`.

use super::super::place::Place;
use super::super::{Failure, Term};
use super::{NodeArgs, open};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::wallet::{DeviceRequest, Wallet};
use symbolon_domain::Id;
use symbolon_domain::entity::device::Admission;

#[derive(Debug, Subcommand)]
pub(super) enum DeviceCommand {
    /// List the vault's devices.
    List,
    /// On the new device: make keys, and show a request to the older one.
    Request(Request),
    /// On the older device: let the new one in.
    Approve(Approve),
    /// On the new device: join with what the older one gave.
    Join(Join),
    /// Let a device in no more.
    Revoke(Revoke),
}

const EXAMPLES: &str = "\
Example:
  symbolon wallet --folder new device request > request.json       on the new device
  symbolon wallet device approve request.json > approval.json      on the older one
  symbolon wallet --folder new device join approval.json           on the new one
Compare the number that both show before you approve.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Request {
    #[command(flatten)]
    node: NodeArgs,
    /// What you call this device.
    #[arg(long, default_value = "another command line")]
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Approve {
    /// What the new device showed.
    request: PathBuf,
    /// The number that the new device shows: refuse if it is another.
    #[arg(long)]
    number: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Join {
    /// What the older device gave.
    approval: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Which.
    device: Id,
}

impl DeviceCommand {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        match self {
            Self::List => list(folder, term).await,
            Self::Request(request) => request.run(folder, term).await,
            Self::Approve(approve) => approve.run(folder, term),
            Self::Join(join) => join.run(folder, term).await,
            Self::Revoke(revoke) => {
                open(folder)?.revoke_device(revoke.device).await?;
                term.answer(&json!({ "revoked": revoke.device }), &["revoked".into()])
            }
        }
    }
}

async fn list(folder: Folder, term: Term) -> Result<(), Failure> {
    let devices = open(folder)?.devices().await?;
    term.table(&devices, &["device", "name", "state", "let in by", "since"], |device| {
        vec![
            device.id.to_string(),
            device.name.clone(),
            if device.revoked { "revoked".into() } else { "active".into() },
            match device.admitted {
                Admission::First => "made the vault".into(),
                Admission::Device(id) => id.to_string(),
                Admission::Recovery => "recovery sheet".into(),
            },
            device.created.to_string(),
        ]
    })
}

impl Request {
    async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let place = Place::discover(&self.node.node, self.node.ca.as_deref()).await?;
        let http = place.web()?;
        let request = Wallet::request_device(&http, &folder, &self.name).await?;
        place.save(&folder)?;
        http.close().await;
        term.note(&format!("number  {}", request.number()));
        term.raw(&serde_json::to_string(&request)?);
        Ok(())
    }
}

impl Approve {
    fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let request: DeviceRequest = read(&self.request)?;
        let number = request.number();
        if self.number.as_ref().is_some_and(|typed| *typed != number) {
            let text = "the number is another: this is not the request that your device shows";
            return Err(Failure::new(text));
        }
        term.note(&format!("number  {number}  ({})", request.name));
        let approval = open(folder)?.approve_device(&request)?;
        term.raw(&serde_json::to_string(&approval)?);
        Ok(())
    }
}

impl Join {
    async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let place = Place::load(&folder)?;
        let wallet = Wallet::join(place.web()?, folder, read(&self.approval)?).await?;
        let count = wallet.items().count();
        let said = json!({ "vault": wallet.vault(), "items": count });
        term.answer(&said, &[format!("joined {} with {count} items", wallet.vault())])
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &PathBuf) -> Result<T, Failure> {
    let wrong = |error: String| Failure::usage(format!("{}: {error}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
}
