//! `symbolon institution new|describe|offer|front-end`.

use super::super::place::{INSTITUTION_KEYS, Place};
use super::super::wallet::NodeArgs;
use super::super::{Failure, Term};
use super::open;
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::institution::{Description, Institution, InstitutionKeys};
use symbolon_domain::Id;
use symbolon_domain::api::partner::{FrontEndInvitation, InstitutionView, OfferView};
use symbolon_domain::document::offer::Offer;

#[derive(Debug, Args)]
pub(super) struct New {
    #[command(flatten)]
    node: NodeArgs,
    /// Its client certificate (PEM); default: certificate.pem in the folder.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    #[command(flatten)]
    describe: Describe,
}

#[derive(Debug, Args)]
pub(super) struct Describe {
    /// The name that people see.
    #[arg(long, requires = "dns_name")]
    name: Option<String>,
    /// The DNS name in its certificate.
    #[arg(long, requires = "name")]
    dns_name: Option<String>,
    /// Where a browser may be sent back to with a code. Repeat for several.
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    /// Where events are posted.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
}

impl New {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        if folder.has(INSTITUTION_KEYS) {
            return Err(Failure::usage("the folder holds an institution already: see `describe`"));
        }
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.key) {
            let read = |file: &PathBuf| {
                std::fs::read(file)
                    .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
            };
            Place::save_identity(folder, &read(certificate)?, &read(key)?)?;
        }
        let description = self
            .describe
            .description()
            .ok_or_else(|| Failure::usage("name the institution with --name and --dns-name"))?;
        let place = Place::discover(&self.node.node, self.node.ca.as_deref()).await?;
        let region = place.region.parse();
        let region = region.map_err(|_| Failure::new("the node's region is no name"))?;
        let keys = InstitutionKeys::generate(region)?;
        let institution =
            Institution::new(place.partner(folder)?, keys.clone(), place.issuer.clone());
        // Kept before the node hears of them: a lost answer loses no institution.
        folder.write(INSTITUTION_KEYS, &keys)?;
        place.save(folder)?;
        let view = institution.describe(&description).await?;
        tell(&view, term)
    }
}

impl Describe {
    fn description(self) -> Option<Description> {
        Some(Description {
            name: self.name?,
            dns_name: self.dns_name?,
            redirect_uris: self.redirect_uri,
            webhook: self.webhook,
        })
    }

    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        let view = match self.description() {
            Some(description) => institution.describe(&description).await?,
            None => institution.look().await?,
        };
        tell(&view, term)
    }
}

fn tell(view: &InstitutionView, term: Term) -> Result<(), Failure> {
    term.answer(
        view,
        &[
            format!("institution  {}", view.id),
            format!("name         {} ({})", view.name, view.dns_name),
            format!("state        {}", format!("{:?}", view.state).to_lowercase()),
            format!("webhook      {}", view.webhook.as_deref().unwrap_or("none")),
        ],
    )
}

const OFFER_EXAMPLES: &str = "\
Example:
  symbolon institution offer template > offer.json     then edit it
  symbolon institution offer propose offer.json";

#[derive(Debug, Subcommand)]
pub(super) enum OfferCommand {
    /// Sign an offer and propose it.
    #[command(after_help = OFFER_EXAMPLES)]
    Propose {
        /// The offer as JSON.
        file: PathBuf,
    },
    /// Print an offer to begin with.
    Template,
    /// List the offers.
    List,
    /// Show an offer.
    Show {
        /// Which.
        offer: Id,
    },
    /// Take an offer back: nothing new is given under it.
    Withdraw {
        /// Which.
        offer: Id,
    },
}

impl OfferCommand {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        match self {
            Self::Propose { file } => {
                let wrong = |error: String| Failure::usage(format!("{}: {error}", file.display()));
                let bytes = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
                let offer: Offer =
                    serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
                let view = open(folder)?.propose(&offer).await?;
                print(&[view], term)
            }
            Self::Template => {
                let keys: InstitutionKeys = folder.read(INSTITUTION_KEYS)?;
                let offer = crate::demo::sample_offer(keys.id)?;
                term.raw(&serde_json::to_string_pretty(&offer)?);
                Ok(())
            }
            Self::List => offers(folder, term).await,
            Self::Show { offer } => {
                let view = open(folder)?.offer(offer).await?;
                print(&[view], term)
            }
            Self::Withdraw { offer } => {
                open(folder)?.withdraw(offer).await?;
                term.answer(&json!({ "withdrawn": offer }), &["withdrawn".into()])
            }
        }
    }
}

pub(super) async fn offers(folder: &Folder, term: Term) -> Result<(), Failure> {
    print(&open(folder)?.offers().await?, term)
}

/// A table of offers.
pub(in crate::cli) fn print(offers: &[OfferView], term: Term) -> Result<(), Failure> {
    term.table(offers, &["offer", "state", "title", "hash"], |offer| {
        vec![
            offer.id.to_string(),
            format!("{:?}", offer.state).to_lowercase(),
            offer.title.clone(),
            offer.hash.to_string(),
        ]
    })
}

#[derive(Debug, Subcommand)]
pub(super) enum FrontEndCommand {
    /// Register a front end, and get its enrolment code.
    Add {
        /// What a phone shows.
        name: String,
        /// Where it stands.
        place: String,
        /// Most sessions open at once.
        #[arg(long, default_value_t = 8)]
        sessions_max: u16,
    },
    /// A new enrolment code.
    Invite {
        /// Which.
        front_end: Id,
    },
    /// List the front ends.
    List,
    /// Remove a front end.
    Remove {
        /// Which.
        front_end: Id,
    },
}

impl FrontEndCommand {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        match self {
            Self::Add { name, place, sessions_max } => {
                let given = institution.register_front_end(&name, &place, sessions_max).await?;
                invited(&given, term)
            }
            Self::Invite { front_end } => invited(&institution.invite(front_end).await?, term),
            Self::List => {
                let front_ends = institution.front_ends().await?;
                term.table(&front_ends, &["front end", "state", "name", "place"], |it| {
                    vec![it.id.to_string(), it.state.clone(), it.name.clone(), it.place.clone()]
                })
            }
            Self::Remove { front_end } => {
                institution.remove_front_end(front_end).await?;
                term.answer(&json!({ "removed": front_end }), &["removed".into()])
            }
        }
    }
}

fn invited(given: &FrontEndInvitation, term: Term) -> Result<(), Failure> {
    let code = given.enrolment_code.expose();
    term.answer(
        given,
        &[
            format!("front end  {}", given.front_end),
            "within 15 minutes, at the front end:".into(),
            format!("  symbolon front-end enrol {} {code} --folder counter", given.front_end),
        ],
    )
}
