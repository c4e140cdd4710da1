//! `symbolon demo`: a node, an institution, a front end and a wallet on this machine, the
//! whole consent exchange between them over HTTP/3, and everything that must be refused.

mod cast;
mod desk;
mod exchange;
mod later;
mod offer;
mod recovery;
mod refusals;
mod reverse;
mod stage;
mod teller;

use crate::cli::{Failure, Term};
use cast::Cast;
use clap::Args;
use desk::Desk;
use exchange::run_exchange;
pub(crate) use offer::sample_offer;
use stage::Stage;
use std::path::PathBuf;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;
use teller::Teller;

const EXAMPLES: &str = "\
Examples:
  symbolon demo
      Everything on this machine, in a temporary folder that is removed afterwards.
      The exit code is 0 only if every exchange succeeded and every attack was refused.
  symbolon demo --keep
      Stays up, and prints commands to try as the bank, the counter and the person.
  symbolon demo --keep --listen 0.0.0.0 --host laptop.local
      Serves the network you are in, for a real phone: prints a code to scan, and how the
      phone trusts the demo's own certificate. The name must lead here from both; keys
      are bound to it, so an address will not do.
  symbolon demo --keep --listen 0.0.0.0 --host demo.example \\
                --certificate fullchain.pem --key privkey.pem
      The same with a certificate that phones trust already. Where this machine does not
      know its CA: SSL_CERT_FILE=ca.pem symbolon demo …";

/// Run a node and a whole consent exchange, and try what must be refused.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Stay up afterwards and print what to try.
    #[arg(long)]
    keep: bool,
    /// Listen on this address instead of localhost; with :PORT also choose the web port
    /// (partners get the next one).
    #[arg(long, value_name = "ADDR", requires = "host")]
    listen: Option<String>,
    /// The host name under which the node is reached.
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// The server's certificate chain (PEM), instead of one by a development CA.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Where to keep everything, instead of a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Serve the pages of this folder instead of those in the program: for who works on them.
    #[arg(long, value_name = "FOLDER", env = "SYMBOLON_PAGES")]
    pages: Option<PathBuf>,
}

impl Demo {
    /// Runs it.
    ///
    /// # Errors
    /// When anything did not hold.
    pub async fn run(self, term: &Term) -> Result<(), Failure> {
        let mut teller = Teller::new(*term);
        let interrupted = || Failure::new("interrupted");
        let stage = tokio::select! {
            biased;
            _ = crate::shutdown::requested() => return Err(interrupted()),
            built = Stage::build(&self, &mut teller) => built?,
        };
        let played = tokio::select! {
            biased;
            _ = crate::shutdown::requested() => Err(interrupted()),
            played = play(&stage, &mut teller) => played,
        };
        let kept = match &played {
            Ok(cast) if self.keep => {
                if self.listen.is_some() {
                    stage.invite_phone(*term);
                }
                keep(&stage, cast, *term).await
            }
            _ => Ok(()),
        };
        if let Ok(cast) = &played {
            cast.leave().await;
        }
        stage.strike(*term).await;
        played?;
        kept?;
        teller.summary()
    }
}

/// Says what to try, and plays the bank until Ctrl-C.
async fn keep(stage: &Stage, cast: &Cast, term: Term) -> Result<(), Failure> {
    let mut desk = Desk::open(stage, cast::BANK, cast.offer(Delivery::Institution))?;
    let screen = cast.bank.register_front_end("Counter 4", "Main Street", 8).await?;
    stage.invite(&screen, term);
    tokio::select! {
        requested = crate::shutdown::requested() => Ok(requested?),
        () = desk.serve(term) => Ok(()),
    }
}

async fn play(stage: &Stage, teller: &mut Teller) -> Result<Cast, Failure> {
    let mut cast = Cast::assemble(stage, teller).await?;
    for delivery in [Delivery::Institution, Delivery::Server] {
        for mode in [ResponseMode::Session, ResponseMode::Scan, ResponseMode::Query] {
            run_exchange(&mut cast, teller, mode, delivery).await?;
        }
    }
    reverse::run(&mut cast, teller).await?;
    later::run(stage, &mut cast, teller).await?;
    recovery::run(stage, &mut cast, teller).await?;
    refusals::run(&mut cast, teller).await?;
    Ok(cast)
}
