//! A decision turned into what a batch consists of.

use super::work::Earlier;
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::{
    Change, Decision, Head, Loaded, Reply, RowChange, RowCondition, Stored,
};
use symbolon_domain::key::Index;
use symbolon_domain::port::{Append, Keep, Kept, KeptAnswer, StoreFault};
use symbolon_domain::record::{self, Record, RecordError};
use symbolon_domain::{Id, Rejection, Timestamp, key};

/// What one decision asks of a batch.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The heads that it rests on, each with the revision that it saw; 0 if absent.
    pub(super) bases: Vec<(Id, u64)>,
    /// The heads that it changes.
    pub(super) heads: Vec<HeadChange>,
    /// What becomes of rows, in order.
    pub(super) rows: Vec<(Id, RowChange)>,
    /// What must hold of rows.
    pub(super) conditions: Vec<RowCondition>,
    /// What goes to queues.
    pub(super) appends: Vec<Append>,
    /// The answer to keep under an idempotency key.
    pub(super) kept: Option<KeptDraft>,
}

/// A head before and after.
#[derive(Debug)]
pub(super) struct HeadChange {
    pub(super) id: Id,
    pub(super) before: Option<Stored>,
    /// With its stored form.
    pub(super) after: Option<(Stored, Vec<u8>)>,
}

/// An answer to keep.
#[derive(Debug)]
pub(super) struct KeptDraft {
    pub(super) scope: Digest,
    pub(super) kept: Kept,
    pub(super) encoded: Vec<u8>,
}

/// What the decision was made from.
pub(super) struct Basis<'a> {
    pub(super) id: Id,
    pub(super) own: &'a Option<Stored>,
    pub(super) loaded: &'a Loaded,
    pub(super) keep: Option<&'a Keep>,
    pub(super) earlier: &'a Earlier,
    pub(super) now: Timestamp,
}

impl Basis<'_> {
    fn head(&self, id: Id) -> Option<&Stored> {
        if id == self.id { self.own.as_ref() } else { self.loaded.heads.get(&id)?.as_ref() }
    }
}

impl Draft {
    /// Evolves the heads and collects the rest.
    ///
    /// # Errors
    /// When something is over the bound of a record.
    pub(super) fn new(
        decision: Decision,
        basis: &Basis<'_>,
    ) -> Result<(Self, Result<Reply, Rejection>), StoreFault> {
        let mut draft = Self { conditions: decision.conditions, ..Self::default() };
        // The leading head is relied on even if only others change: it was looked at.
        draft.rely_on(basis.id, basis);
        for id in decision.relied {
            draft.rely_on(id, basis);
        }
        for change in decision.changes {
            draft.change(change, basis)?;
        }
        for leaf in decision.leaves {
            draft.appends.push(Append { queue: key::log_queue(), value: leaf });
        }
        for effect in &decision.effects {
            let value = encoded(effect)?;
            draft.appends.push(Append { queue: key::outbox_queue(), value });
        }
        for notice in &decision.notices {
            let value = encoded(notice)?;
            draft.appends.push(Append { queue: key::event_queue(notice.to), value });
        }
        draft.keep(&decision.reply, basis)?;
        Ok((draft, decision.reply))
    }

    fn rely_on(&mut self, id: Id, basis: &Basis<'_>) {
        if self.bases.iter().all(|(known, _)| *known != id) {
            self.bases.push((id, basis.head(id).map_or(0, |stored| stored.revision)));
        }
    }

    fn change(&mut self, change: Change, basis: &Basis<'_>) -> Result<(), StoreFault> {
        let id = change.id;
        self.rely_on(id, basis);
        let earlier = self.heads.iter().position(|head| head.id == id);
        let earlier = earlier.map(|place| self.heads.swap_remove(place));
        let before = basis.head(id).cloned();
        let mut head: Option<Head> = match earlier {
            Some(earlier) => earlier.after.map(|(stored, _)| stored.head),
            None => before.as_ref().map(|stored| stored.head.clone()),
        };
        for event in &change.events {
            let existed = head.is_some();
            head = Head::evolve(head, event);
            let changes = event.rows();
            let erases = existed && head.is_none() && !changes.contains(&RowChange::DeleteAll);
            self.rows.extend(changes.into_iter().map(|change| (id, change)));
            if erases {
                self.rows.push((id, RowChange::DeleteAll));
            }
        }
        if head.as_ref() == before.as_ref().map(|stored| &stored.head) {
            return Ok(());
        }
        let revision = before.as_ref().map_or(0, |stored| stored.revision) + 1;
        let after = match head.map(|head| Stored { revision, head }) {
            Some(stored) => {
                let encoded = stored.encode().map_err(|error| too_large(&error))?;
                Some((stored, encoded))
            }
            None => None,
        };
        self.heads.push(HeadChange { id, before, after });
        Ok(())
    }

    fn keep(
        &mut self,
        reply: &Result<Reply, Rejection>,
        basis: &Basis<'_>,
    ) -> Result<(), StoreFault> {
        let Some(keep) = basis.keep else { return Ok(()) };
        let revision = if let Earlier::Expired(revision) = basis.earlier { *revision } else { 0 };
        let kept = Kept {
            revision: revision + 1,
            body_hash: keep.body_hash,
            expires: basis.now.after(Duration::from_secs(keep.ttl_seconds.into())),
            answer: match &keep.sealed_answer {
                // A rejection holds no secret, and is the answer then.
                Some(sealed) if reply.is_ok() => KeptAnswer::Sealed(sealed.clone()),
                _ => KeptAnswer::Open(reply.clone()),
            },
        };
        let encoded = kept.encode().map_err(|error| too_large(&error))?;
        self.kept = Some(KeptDraft { scope: keep.scope, kept, encoded });
        Ok(())
    }

    /// The unique index rows that it adds.
    pub(super) fn unique_keys(&self) -> impl Iterator<Item = Vec<u8>> {
        self.heads
            .iter()
            .flat_map(|head| added(head.id, head.before.as_ref(), head.after()))
            .filter(Index::is_unique)
            .map(|index| index.key())
    }

    /// About how many bytes it adds to a batch.
    pub(super) fn size_bytes(&self) -> usize {
        // A key is at most about 100 bytes; a head has a few index rows and a due row.
        const KEY: usize = 100;
        let heads = self
            .heads
            .iter()
            .map(|head| KEY * 6 + head.after.as_ref().map_or(0, |(_, encoded)| encoded.len()));
        let rows = self.rows.iter().map(|(_, change)| match change {
            RowChange::Put(_, value) => KEY + value.len(),
            _ => KEY,
        });
        let appends = self.appends.iter().map(|append| KEY + append.value.len());
        let kept = self.kept.iter().map(|kept| KEY * 2 + kept.encoded.len());
        heads.chain(rows).chain(appends).chain(kept).sum::<usize>()
            + KEY * (self.bases.len() + self.conditions.len())
    }
}

impl HeadChange {
    fn after(&self) -> Option<&Stored> {
        self.after.as_ref().map(|(stored, _)| stored)
    }
}

/// The index rows of the second state that the first has not.
pub(super) fn added(id: Id, before: Option<&Stored>, after: Option<&Stored>) -> Vec<Index> {
    let rows = |stored: Option<&Stored>| stored.map_or_else(Vec::new, |s| s.head.index(id));
    let had = rows(before);
    rows(after).into_iter().filter(|index| !had.contains(index)).collect()
}

fn encoded<T: Record>(record: &T) -> Result<Vec<u8>, StoreFault> {
    record::encode(record).map_err(|error| too_large(&error))
}

fn too_large(error: &RecordError) -> StoreFault {
    tracing::error!(%error, "a decision makes a record over its bound");
    StoreFault::TooLarge("a record")
}
