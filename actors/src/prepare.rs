//! Prepare: what the node that received a request does before the act.
//!
//! It verifies signatures, unwraps and wraps keys and asks the rules, and turns the request
//! into a command that holds hashes, wraps and verdicts. Secrets stay here: what goes on to
//! the entity's owner, perhaps on another node, has none. Reads of the store made here are
//! snapshots; the act checks everything that matters again, on heads that its batch pins.

mod approve;
mod open;
mod redeem;

pub use approve::{ACR_USER_VERIFIED, Approval, RelyingParty, confirmed};
pub use open::{OpenFault, Opened};
pub use redeem::{CodeRequest, Issued, RefreshRequest};

use std::sync::Arc;
use symbolon_domain::crypto::Crypto;
use symbolon_domain::entity::grant::Grant;
use symbolon_domain::entity::offer::Offer;
use symbolon_domain::entity::{FromHead, Stored};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::Verdict;
use symbolon_domain::port::{Clock, ConsentRule, Entropy, RuleInput, Stage, Store, StoreFault};
use symbolon_domain::record::{self, Record};
use symbolon_domain::{Id, Rejection};

/// The ports that preparing needs.
#[derive(Clone)]
pub struct Prepare {
    /// Where heads and rows are read.
    pub store: Arc<dyn Store>,
    /// Fast cryptography.
    pub crypto: Arc<dyn Crypto>,
    /// The rules of operator, region and institution, as one.
    pub rule: Arc<dyn ConsentRule>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for tokens.
    pub entropy: Arc<dyn Entropy>,
}

/// Why a request got no further.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// The caller's fault.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The store's.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

impl Prepare {
    /// A head of the wanted kind, as stored now.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], or the store's fault.
    pub async fn head<T: FromHead + Clone>(&self, id: Id) -> Result<T, Refusal> {
        let value = self.store.get(&key::head(id)).await?.ok_or(Rejection::NotFound)?;
        let stored = Stored::decode(id.kind, &value)
            .map_err(|error| StoreFault::Corrupt(format!("{id}: {error}")))?;
        Ok(T::from_head(&stored.head).cloned().ok_or(Rejection::NotFound)?)
    }

    /// A row's bytes.
    ///
    /// # Errors
    /// The store's fault.
    pub async fn row(&self, owner: Id, row: &Row) -> Result<Option<Vec<u8>>, StoreFault> {
        self.store.get(&key::row(owner, row)).await
    }

    /// A row, decoded.
    ///
    /// # Errors
    /// The store's fault, damage included.
    pub async fn record<T: Record>(&self, owner: Id, row: &Row) -> Result<Option<T>, StoreFault> {
        let value = self.row(owner, row).await?;
        let decoded = value.map(|value| record::decode(&value)).transpose();
        decoded.map_err(|error| StoreFault::Corrupt(format!("{owner} {row:?}: {error}")))
    }

    /// What the rules say about these paths of a grant.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] when the offer is gone, or the store's fault.
    pub async fn judge_grant(
        &self,
        stage: Stage,
        grant: &Grant,
        paths: &[String],
    ) -> Result<Verdict, Refusal> {
        let offer: Offer = self.head(grant.offer).await?;
        Ok(self.rule.judge(&RuleInput {
            stage,
            institution: grant.institution,
            offer: offer.hash,
            paths,
            purpose: &grant.terms.purpose,
            uses: grant.uses,
            now: self.clock.now(),
        }))
    }
}
