//! Consent rules: what an operator, a region or an institution permits beyond the offer.

use crate::bytes::Digest;
use crate::{Id, Timestamp};

/// When a rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The offer is about to be shown.
    Show,
    /// A selection was made.
    Select,
    /// A code is redeemed.
    Redeem,
    /// Items are read.
    Read,
}

/// What a rule looks at.
#[derive(Clone, Debug)]
pub struct RuleInput<'a> {
    /// When it is asked.
    pub stage: Stage,
    /// Who asks for the items.
    pub institution: Id,
    /// The offer's hash.
    pub offer: Digest,
    /// The paths in question.
    pub paths: &'a [String],
    /// The purpose's code.
    pub purpose: &'a str,
    /// Uses of the grant so far.
    pub uses: u32,
    /// Now.
    pub now: Timestamp,
}

/// What a rule says. Several combine as deny > step-up > narrow (intersected) > permit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Verdict {
    /// All of it.
    Permit,
    /// Only these paths; the host intersects them with what was asked.
    Narrow(Vec<String>),
    /// A stronger authentication first (RFC 9470 `acr_values`).
    StepUp(String),
    /// Nothing, for a reason from the rule's own table.
    Deny(String),
}

impl Verdict {
    /// The stricter of both, narrowing intersected.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Deny(reason), _) | (_, Self::Deny(reason)) => Self::Deny(reason),
            (Self::StepUp(acr), _) | (_, Self::StepUp(acr)) => Self::StepUp(acr),
            (Self::Narrow(one), Self::Narrow(two)) => {
                Self::Narrow(one.into_iter().filter(|path| two.contains(path)).collect())
            }
            (Self::Narrow(paths), Self::Permit) | (Self::Permit, Self::Narrow(paths)) => {
                Self::Narrow(paths)
            }
            (Self::Permit, Self::Permit) => Self::Permit,
        }
    }

    /// Whether the verdict lets this path through.
    #[must_use]
    pub fn permits(&self, path: &str) -> bool {
        match self {
            Self::Permit => true,
            Self::Narrow(paths) => paths.iter().any(|permitted| permitted == path),
            Self::StepUp(_) | Self::Deny(_) => false,
        }
    }
}

/// A rule, or all of a node's rules as one. Pure: the same input gives the same verdict.
pub trait ConsentRule: Send + Sync + 'static {
    /// Judges.
    fn judge(&self, input: &RuleInput<'_>) -> Verdict;
}
