//! Why a command did not succeed: in words that say whose fault it is and what to do.

use std::process::ExitCode;
use symbolon_client::ClientError;

/// A command's failure.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub text: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// The stable code of a refusal.
    pub code: Option<String>,
    is_usage: bool,
}

impl Failure {
    /// Refused or failed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), help: None, code: None, is_usage: false }
    }

    /// What was typed makes no sense.
    #[must_use]
    pub fn usage(text: impl Into<String>) -> Self {
        Self { is_usage: true, ..Self::new(text) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.is_usage { 2 } else { 1 })
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let code = error.code().map(ToOwned::to_owned);
        let help = match &error {
            ClientError::Problem(problem) => Some(format!("see {}", problem.r#type)),
            ClientError::Unreachable { .. } => Some(
                "is the node running, is --node its address, and --ca the CA of its certificate?"
                    .to_owned(),
            ),
            _ => None,
        };
        Self { text: error.to_string(), help, code, is_usage: error.is_input() }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("JSON: {error}"))
    }
}
