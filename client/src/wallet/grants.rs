//! Grants: what was lent to whom, pausing and ending it, and the chain of its uses.

use super::Wallet;
use crate::chain::verify_chain;
use crate::http3::Request;
use crate::{ClientError, pages};
use symbolon_domain::api::device::{RecordFact, RecordView};
use symbolon_domain::api::partner::GrantView;
use symbolon_domain::document::command::Action;
use symbolon_domain::{Id, Path};

/// A record of a grant, verified as a link of its chain.
#[derive(Clone, Debug)]
pub struct Use {
    /// Its place in the chain.
    pub sequence: u64,
    /// What happened.
    pub fact: RecordFact,
    /// Paths read in a version that is not the current one any more.
    pub changed_since: Vec<String>,
}

impl Wallet {
    /// The person's grants.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn grants(&self) -> Result<Vec<GrantView>, ClientError> {
        pages::all("/v1/grants", async |request| self.send(request).await).await
    }

    /// One grant.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn grant(&self, grant: Id) -> Result<GrantView, ClientError> {
        self.send(Request::get(format!("/v1/grants/{grant}"))).await?.json()
    }

    /// Lends nothing under a grant for now.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn pause(&self, grant: Id) -> Result<(), ClientError> {
        self.move_grant(grant, "pause", Action::PauseGrant { grant }).await
    }

    /// Lends again.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn resume(&self, grant: Id) -> Result<(), ClientError> {
        self.move_grant(grant, "resume", Action::ResumeGrant { grant }).await
    }

    /// Never lends under a grant again. Where it covered later versions, the next version of
    /// each item gets a new key epoch, so that what was lent does not open it.
    ///
    /// # Errors
    /// What the node refuses.
    pub async fn revoke(&mut self, grant: Id) -> Result<(), ClientError> {
        let view = self.grant(grant).await?;
        self.move_grant(grant, "revoke", Action::RevokeGrant { grant }).await?;
        if !view.covers_future {
            return Ok(());
        }
        for path in &view.paths {
            let path: Option<Path> = path.parse().ok();
            if let Some(known) = path.and_then(|path| self.state.items.get_mut(&path)) {
                known.next_epoch = known.next_epoch.max(known.entry.epoch.saturating_add(1));
            }
        }
        self.save()
    }

    async fn move_grant(&self, grant: Id, verb: &str, action: Action) -> Result<(), ClientError> {
        let command = self.command(action)?;
        let request = Request::post(format!("/v1/grants/{grant}/{verb}")).json(&command)?;
        self.send(request).await?.ok().map(drop)
    }

    /// What happened under a grant. The chain is verified link by link up to the head that
    /// both sides see, so that a use cannot be hidden from one of them.
    ///
    /// # Errors
    /// [`ClientError::Untrusted`] when the chain is broken.
    pub async fn uses(&self, grant: Id) -> Result<Vec<Use>, ClientError> {
        let path = format!("/v1/grants/{grant}/records");
        let records: Vec<RecordView> =
            pages::all(&path, async |request| self.send(request).await).await?;
        let head = verify_chain(grant, &records)?;
        // Read after the records: a use in between shows as a newer head.
        let view = self.grant(grant).await?;
        if view.chain != head && view.uses as usize <= count_uses(&records) {
            return Err(ClientError::untrusted("the grant's chain has another head"));
        }
        Ok(records
            .into_iter()
            .map(|record| Use {
                sequence: record.sequence,
                changed_since: self.changed_since(&record.fact),
                fact: record.fact,
            })
            .collect())
    }

    fn changed_since(&self, fact: &RecordFact) -> Vec<String> {
        let is_old = |item: &&symbolon_domain::api::device::UsedItem| {
            let path: Option<Path> = item.path.parse().ok();
            let known = path.and_then(|path| self.state.items.get(&path));
            known.is_some_and(|known| known.entry.digest != item.digest)
        };
        fact.items.iter().filter(is_old).map(|item| item.path.clone()).collect()
    }
}

fn count_uses(records: &[RecordView]) -> usize {
    records.iter().filter(|record| record.fact.kind == "used").count()
}
