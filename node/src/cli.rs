//! The command line: one file for each group of commands.
//!
//! Exit codes: 0 done, 1 refused or failed, 2 not a command. Answers go to standard output
//! (tables for people, `--json` for programs), everything else to standard error.

mod admin;
mod config;
mod failure;
mod front_end;
mod institution;
mod operator;
mod place;
mod qr;
mod serve;
mod store;
mod term;
mod wallet;

pub use failure::Failure;
pub use place::{FRONT_END, INSTITUTION_KEYS, PLACE, Place};
pub(crate) use qr::qr_text;
pub(crate) use serve::start;
pub use term::{Term, progress};

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Lend an institution exactly the data you tick; the keys stay in your pocket.
#[derive(Debug, Parser)]
#[command(name = "symbolon", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    /// Print answers as JSON, one document, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  symbolon demo                 watch a whole exchange, with everything that must be refused
  symbolon demo --keep          … and try commands against it afterwards
  symbolon serve                a node for development in ./symbolon-data
  symbolon COMMAND --help       what a command does, with examples";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a node until SIGTERM or Ctrl-C.
    Serve(serve::Serve),
    /// Run a node and a whole consent exchange, and try what must be refused.
    Demo(crate::demo::Demo),
    /// A person's wallet: store items, lend them, see what was read, take it back.
    Wallet(Box<wallet::WalletArgs>),
    /// A partner institution: offers, requests, tokens, readings.
    Institution(Box<institution::InstitutionArgs>),
    /// A front end: a kiosk, a till, a page that shows QR codes.
    FrontEnd(front_end::FrontEndArgs),
    /// Decide about institutions and offers.
    Operator(operator::OperatorArgs),
    /// Certificates for development, and the node's key ring.
    Admin(admin::AdminArgs),
    /// Check a configuration without starting a node.
    Config(config::ConfigArgs),
    /// Back up, restore and check the store.
    Store(store::StoreArgs),
}

/// Runs the command of this process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // --help and --version go to standard output and are no failure.
            let _closed = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let term = Term::new(cli.json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(dispatch(cli.command, &term));
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
            outcome
        }
        Err(error) => Err(Failure::new(format!("the runtime does not start: {error}"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            term.failure(&failure);
            failure.exit_code()
        }
    }
}

async fn dispatch(command: Command, term: &Term) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => serve.run(term).await,
        Command::Demo(demo) => demo.run(term).await,
        Command::Wallet(wallet) => wallet.run(*term).await,
        Command::Institution(institution) => institution.run(*term).await,
        Command::FrontEnd(front_end) => front_end.run(*term).await,
        Command::Operator(operator) => operator.run(*term).await,
        Command::Admin(admin) => admin.run(*term).await,
        Command::Config(config) => config.run(*term),
        Command::Store(store) => store.run(*term).await,
    }
}
