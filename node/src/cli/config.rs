//! `symbolon config …`.

use super::serve::Source;
use super::{Failure, Term};
use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  symbolon config check --config node.toml
      Says everything that is wrong, each with its place; exit code 0 if nothing is.
  symbolon config check --config node.toml --json
      The whole configuration as it would be used, defaults included.";

/// Check a configuration without starting a node.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check file, environment and flags.
    Check {
        #[command(flatten)]
        source: Source,
    },
}

impl ConfigArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub(crate) fn run(self, term: Term) -> Result<(), Failure> {
        let ConfigCommand::Check { source } = self.command;
        let config = source.load()?;
        let lines = [
            "the configuration works".to_owned(),
            format!("node     {} of region {}", config.node, config.region),
            format!("issuer   {}", config.issuer),
            format!("wallet   {}", config.wallet.origin),
            format!("data     {}", config.data_folder.display()),
        ];
        term.answer(&config, &lines)
    }
}
