//! `symbolon institution …`: a partner, with its keys and certificate in a folder.

mod exchange;
mod setup;
mod watch;

pub(super) use setup::print as print_offers;

use super::place::{INSTITUTION_KEYS, Place};
use super::{Failure, Term};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::institution::{Institution, InstitutionKeys};

const EXAMPLES: &str = "\
Examples, with a development node:
  symbolon admin certificate issue bank.example --out bank
  symbolon institution new --folder bank --name 'Example Bank' --dns-name bank.example \\
      --ca symbolon-data/tls/ca.pem --redirect-uri https://bank.example/callback
  symbolon operator institutions approve ins_…
  symbolon institution offer propose offer.json --folder bank
  symbolon operator offers approve off_…
  symbolon institution front-end add 'Counter 3' 'Main Street' --folder bank
  symbolon institution request --folder bank --mode session
  symbolon institution redeem --folder bank              waits for the code, gets tokens
  symbolon institution read grt_… --folder bank          reads and opens all that was ticked";

/// A partner institution: offers, requests, tokens, readings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InstitutionArgs {
    /// The institution's folder: its keys, certificate and tokens.
    #[arg(long, global = true, value_name = "FOLDER", env = "SYMBOLON_INSTITUTION")]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: InstitutionCommand,
}

#[derive(Debug, Subcommand)]
enum InstitutionCommand {
    /// Make keys and introduce the institution to a node.
    New(setup::New),
    /// Change what the institution says of itself, or show it.
    Describe(setup::Describe),
    /// Propose, list and withdraw offers.
    #[command(subcommand)]
    Offer(setup::OfferCommand),
    /// List the offers.
    Offers,
    /// Register and remove front ends.
    #[command(subcommand)]
    FrontEnd(setup::FrontEndCommand),
    /// Push a request for consent.
    Request(exchange::Request),
    /// Redeem a code: a given one, or the one that comes for the last request.
    Redeem(exchange::Redeem),
    /// Read and open granted items.
    Read(exchange::Read),
    /// List the grants, or give one back.
    Grants(watch::Grants),
    /// Follow what happens, until Ctrl-C.
    Events(watch::Events),
}

impl InstitutionArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What was refused or failed.
    pub(crate) async fn run(self, term: Term) -> Result<(), Failure> {
        let missing = || Failure::usage("name the institution's folder with --folder");
        let folder = Folder::new(self.folder.ok_or_else(missing)?);
        match self.command {
            InstitutionCommand::New(new) => new.run(&folder, term).await,
            InstitutionCommand::Describe(describe) => describe.run(&folder, term).await,
            InstitutionCommand::Offer(command) => command.run(&folder, term).await,
            InstitutionCommand::Offers => setup::offers(&folder, term).await,
            InstitutionCommand::FrontEnd(command) => command.run(&folder, term).await,
            InstitutionCommand::Request(request) => request.run(&folder, term).await,
            InstitutionCommand::Redeem(redeem) => redeem.run(&folder, term).await,
            InstitutionCommand::Read(read) => read.run(&folder, term).await,
            InstitutionCommand::Grants(grants) => grants.run(&folder, term).await,
            InstitutionCommand::Events(events) => events.run(&folder, term).await,
        }
    }
}

/// The institution of a folder.
fn open(folder: &Folder) -> Result<Institution, Failure> {
    let place = Place::load(folder)?;
    let keys: InstitutionKeys = folder.read(INSTITUTION_KEYS)?;
    Ok(Institution::new(place.partner(folder)?, keys, place.issuer))
}
