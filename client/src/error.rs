//! What can go wrong between a client and a node, and whose fault it is.

use std::path::PathBuf;
use symbolon_domain::api::Problem;
use symbolon_domain::crypto::CryptoError;
use symbolon_domain::crypto::object::ObjectError;
use symbolon_domain::document::Invalid;
use symbolon_domain::jws::{JwsError, SignError};
use symbolon_domain::oauth::OAuthError;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The node answered with a problem (RFC 9457): its `locus` says whose fault it is.
    #[error("{}. {} [{}, fault of: {}]", .0.title, .0.detail, .0.code, .0.locus)]
    Problem(Box<Problem>),
    /// An OAuth endpoint answered with an error (RFC 6749 section 5.2).
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// An answer with an error status and neither of the two.
    #[error("the node answered with status {status}: {text}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        text: String,
    },
    /// No connection, or it broke.
    #[error("{origin} cannot be reached over HTTP/3: {reason}")]
    Unreachable {
        /// Which origin.
        origin: String,
        /// What the network said.
        reason: String,
    },
    /// No answer in time.
    #[error("{origin} did not answer within {seconds} s")]
    Deadline {
        /// Which origin.
        origin: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The node's answer is not what the protocol says: the node's fault.
    #[error("the node's answer cannot be used: {0}")]
    Answer(String),
    /// Something does not verify, and so nothing of it was believed.
    #[error("refused here: {0}")]
    Untrusted(String),
    /// The caller asked for something that cannot be.
    #[error("{0}")]
    Input(String),
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system or the parser said.
        reason: String,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gives no random numbers: {0}")]
    Entropy(String),
}

impl ClientError {
    /// The stable code of the answer, where there was one: a rejection's or OAuth's.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            Self::OAuth(error) => Some(error.error.as_str()),
            _ => None,
        }
    }

    /// Whether the mistake is in what the caller typed.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Input(_))
    }

    /// Whether the same may succeed a little later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Deadline { .. } => true,
            Self::Problem(problem) => problem.retry_after_ms.is_some(),
            _ => false,
        }
    }

    /// The caller asked for something that cannot be.
    pub(crate) fn input(text: impl Into<String>) -> Self {
        Self::Input(text.into())
    }

    /// Something does not verify.
    pub(crate) fn untrusted(text: impl Into<String>) -> Self {
        Self::Untrusted(text.into())
    }
}

impl From<ObjectError> for ClientError {
    fn from(error: ObjectError) -> Self {
        Self::Untrusted(error.to_string())
    }
}

impl From<JwsError> for ClientError {
    fn from(error: JwsError) -> Self {
        Self::Untrusted(error.to_string())
    }
}

impl From<CryptoError> for ClientError {
    fn from(error: CryptoError) -> Self {
        Self::Untrusted(error.to_string())
    }
}

impl From<SignError> for ClientError {
    fn from(error: SignError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<Invalid> for ClientError {
    fn from(invalid: Invalid) -> Self {
        Self::Input(invalid.to_string())
    }
}
