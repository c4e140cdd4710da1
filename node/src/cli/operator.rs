//! `symbolon operator …`: who may act, and with which offers.

use super::institution::print_offers;
use super::{Failure, Term};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use symbolon_client::http3::{Http3, Identity, Trust};
use symbolon_client::operator::Operator;
use symbolon_domain::Id;
use symbolon_domain::api::partner::InstitutionView;
use symbolon_domain::document::offer::Offer;
use symbolon_domain::jws::{Typ, Unverified};

/// How to reach the operators' listener.
#[derive(Clone, Debug, Args)]
pub(crate) struct OperatorAccess {
    /// The operators' listener.
    #[arg(long, global = true, value_name = "URL", default_value = "https://localhost:8445")]
    pub(crate) operators: String,
    /// The node's data folder: its development CA and operator's certificate are used.
    #[arg(long, global = true, value_name = "FOLDER", default_value = "symbolon-data")]
    pub(crate) data_folder: PathBuf,
    /// The CA of the node's certificate (PEM), instead of the data folder's.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) operators_ca: Option<PathBuf>,
    /// The operator's certificate (PEM), instead of the data folder's.
    #[arg(long, global = true, value_name = "FILE", requires = "key")]
    pub(crate) certificate: Option<PathBuf>,
    /// Its key (PEM).
    #[arg(long, global = true, value_name = "FILE", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,
}

impl OperatorAccess {
    /// The operator.
    ///
    /// # Errors
    /// When a certificate cannot be read.
    pub(crate) fn connect(&self) -> Result<Operator, Failure> {
        let own = |name: &str| self.data_folder.join("tls").join(name);
        let file = |given: &Option<PathBuf>, name: &str| given.clone().unwrap_or_else(|| own(name));
        let trust = Trust::from_file(&file(&self.operators_ca, "ca.pem"))?;
        let identity = Identity::from_files(
            &file(&self.certificate, "operator.pem"),
            &file(&self.key, "operator.key"),
        )?;
        let http = Http3::new(&self.operators, &trust, Some(&identity))?;
        Ok(Operator::new(Arc::new(http)))
    }
}

const EXAMPLES: &str = "\
Examples:
  symbolon operator status
  symbolon operator institutions list --state pending
  symbolon operator institutions approve ins_…
  symbolon operator offers show off_…          read it before you approve it
  symbolon operator offers approve off_…";

/// Decide about institutions and offers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct OperatorArgs {
    #[command(flatten)]
    access: OperatorAccess,
    #[command(subcommand)]
    command: OperatorCommand,
}

#[derive(Debug, Subcommand)]
enum OperatorCommand {
    /// The node's state.
    Status,
    /// Institutions.
    #[command(subcommand)]
    Institutions(Institutions),
    /// Offers.
    #[command(subcommand)]
    Offers(Offers),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InstitutionState {
    Pending,
    Approved,
    Refused,
    Suspended,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OfferState {
    Proposed,
    Approved,
    Refused,
    Withdrawn,
}

#[derive(Debug, Subcommand)]
enum Institutions {
    /// List those in a state.
    List {
        /// In which.
        #[arg(long, value_enum, default_value = "pending")]
        state: InstitutionState,
    },
    /// It may act.
    Approve {
        /// Which.
        institution: Id,
    },
    /// It may not.
    Refuse {
        /// Which.
        institution: Id,
    },
    /// It may not any more.
    Suspend {
        /// Which.
        institution: Id,
    },
}

#[derive(Debug, Subcommand)]
enum Offers {
    /// List those in a state.
    List {
        /// In which.
        #[arg(long, value_enum, default_value = "proposed")]
        state: OfferState,
    },
    /// Show what an offer says.
    Show {
        /// Which.
        offer: Id,
    },
    /// It may be used.
    Approve {
        /// Which.
        offer: Id,
    },
    /// It may not.
    Refuse {
        /// Which.
        offer: Id,
    },
}

fn name_of(state: &impl ValueEnum) -> String {
    state.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned())
}

impl OperatorArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What was refused or failed.
    pub(crate) async fn run(self, term: Term) -> Result<(), Failure> {
        let operator = self.access.connect()?;
        match self.command {
            OperatorCommand::Status => status(&operator, term).await,
            OperatorCommand::Institutions(command) => institutions(&operator, command, term).await,
            OperatorCommand::Offers(command) => offers(&operator, command, term).await,
        }
    }
}

async fn status(operator: &Operator, term: Term) -> Result<(), Failure> {
    let status = operator.status().await?;
    let fault = status.store_fault.as_deref().unwrap_or("well");
    term.answer(
        &status,
        &[
            format!("node     {} of region {}", status.node, status.region),
            format!("version  {}, since {}", status.version, status.started),
            format!("ready    {}", if status.ready { "yes" } else { "no" }),
            format!("actors   {}", status.actors),
            format!("store    {fault}"),
        ],
    )
}

async fn institutions(
    operator: &Operator,
    command: Institutions,
    term: Term,
) -> Result<(), Failure> {
    let judged = match command {
        Institutions::List { state } => {
            return print(&operator.institutions(&name_of(&state)).await?, term);
        }
        Institutions::Approve { institution } => {
            operator.judge_institution(institution, "approve").await?
        }
        Institutions::Refuse { institution } => {
            operator.judge_institution(institution, "refuse").await?
        }
        Institutions::Suspend { institution } => {
            operator.judge_institution(institution, "suspend").await?
        }
    };
    print(&[judged], term)
}

fn print(institutions: &[InstitutionView], term: Term) -> Result<(), Failure> {
    let head = ["institution", "state", "name", "dns name", "since"];
    term.table(institutions, &head, |it| {
        vec![
            it.id.to_string(),
            format!("{:?}", it.state).to_lowercase(),
            it.name.clone(),
            it.dns_name.clone(),
            it.since.to_string(),
        ]
    })
}

async fn offers(operator: &Operator, command: Offers, term: Term) -> Result<(), Failure> {
    let judged = match command {
        Offers::List { state } => {
            return print_offers(&operator.offers(&name_of(&state)).await?, term);
        }
        Offers::Show { offer } => {
            let view = operator.offer(offer).await?;
            let text = view.document.clone().unwrap_or_default();
            let claimed: Option<Offer> =
                Unverified::parse(&text, Typ::Offer).and_then(|document| document.claimed()).ok();
            let said = json!({ "offer": view, "says": claimed });
            let shown = serde_json::to_string_pretty(&claimed)?;
            return term.answer(&said, &[shown]);
        }
        Offers::Approve { offer } => operator.judge_offer(offer, "approve").await?,
        Offers::Refuse { offer } => operator.judge_offer(offer, "refuse").await?,
    };
    print_offers(&[judged], term)
}
