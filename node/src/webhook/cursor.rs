//! How far an institution's webhook has come: a row of the institution.

use serde::{Deserialize, Serialize};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{
    Batch, BatchId, CommitError, Entropy, Operation, Position, Store, StoreFault,
};
use symbolon_domain::record::{self, Record};
use symbolon_domain::{Id, Timestamp};

/// The last event that was delivered, and what went wrong since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Its position in the institution's event queue.
    pub delivered: Option<Position>,
    /// When that was.
    pub delivered_at: Option<Timestamp>,
    /// Failed tries since.
    pub failures: u32,
    /// What the last failure was.
    pub last_error: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    delivered: Option<[u8; 10]>,
    delivered_at: Option<Timestamp>,
    failures: u32,
    last_error: Option<String>,
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored {
            delivered: self.delivered.map(|position| position.0),
            delivered_at: self.delivered_at,
            failures: self.failures,
            last_error: self.last_error.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        Ok(Self {
            delivered: stored.delivered.map(Position),
            delivered_at: stored.delivered_at,
            failures: stored.failures,
            last_error: stored.last_error,
        })
    }
}

impl Record for Cursor {
    const TAG: u8 = 0x51;
    const VERSION: u8 = 1;
}

impl Cursor {
    /// Reads it; one that never was is at the queue's beginning.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(store: &dyn Store, institution: Id) -> Result<Self, StoreFault> {
        match store.get(&key::row(institution, &Row::InstitutionWebhook)).await? {
            None => Ok(Self::default()),
            Some(value) => record::decode(&value)
                .map_err(|error| StoreFault::Corrupt(format!("a webhook's cursor: {error}"))),
        }
    }

    /// Writes it. One task writes the cursor of one institution, so it needs no condition.
    ///
    /// # Errors
    /// When the store fails; an unknown result is one, and the event is posted again.
    pub async fn save(
        &self,
        store: &dyn Store,
        entropy: &dyn Entropy,
        institution: Id,
    ) -> Result<(), StoreFault> {
        let value = record::encode(self)
            .map_err(|error| StoreFault::Corrupt(format!("a webhook's cursor: {error}")))?;
        let key = key::row(institution, &Row::InstitutionWebhook);
        let batch = Batch {
            id: BatchId(entropy.bytes()),
            preconditions: Vec::new(),
            operations: vec![Operation::Put { key, value }],
        };
        match store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(CommitError::Fault(fault)) => Err(fault),
            Err(CommitError::Unknown | CommitError::Refused { .. }) => Err(StoreFault::Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A change of these bytes is a new version of the record.
    #[test]
    fn golden() {
        let cursor = Cursor {
            delivered: Some(Position([7; 10])),
            delivered_at: None,
            failures: 2,
            last_error: Some("x".into()),
        };
        let bytes = record::encode(&cursor).unwrap();
        let expected = [&[0x51, 1, 1][..], &[7; 10], &[0, 2, 1, 1, b'x']].concat();
        assert_eq!(bytes, expected);
        assert_eq!(record::decode::<Cursor>(&bytes), Ok(cursor));
    }
}
