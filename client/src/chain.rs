//! A grant's records are a chain: each carries a number and the leaf before it, so that one
//! that is hidden from the person or from the institution shows when both compare heads.

use crate::ClientError;
use symbolon_domain::Id;
use symbolon_domain::api::device::RecordView;
use symbolon_domain::bytes::Digest;
use symbolon_domain::log::Record;

/// Verifies a grant's records as a chain and gives its head: the last record's leaf.
///
/// # Errors
/// [`ClientError::Untrusted`] at the first link that does not hold.
pub(crate) fn verify_chain(grant: Id, records: &[RecordView]) -> Result<Digest, ClientError> {
    let broken = |sequence: u64| {
        ClientError::untrusted(format!("the chain of {grant} is broken at record {sequence}"))
    };
    let mut head = Digest([0; 32]);
    for (number, view) in (0_u64..).zip(records) {
        let record = Record::from_bytes(&view.record.0).map_err(|_| broken(number))?;
        let fits = record.grant == grant
            && record.sequence == number
            && view.sequence == number
            && record.previous == head
            && record.at == view.fact.at
            && view.leaf == Digest::lp("leaf", &[&view.salt.0, &view.record.0]);
        if !fits {
            return Err(broken(number));
        }
        head = view.leaf;
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::api::device::RecordFact;
    use symbolon_domain::log::Fact;
    use symbolon_domain::{Kind, Timestamp};

    fn chain() -> (Id, Vec<RecordView>) {
        chain_with(|_| {})
    }

    /// Whole in itself: every leaf is its record's.
    fn chain_with(change: impl Fn(&mut Record)) -> (Id, Vec<RecordView>) {
        let grant = Id::new(Kind::Grant, "eu1".parse().unwrap(), [1; 16]);
        let mut previous = Digest([0; 32]);
        let mut views = Vec::new();
        for sequence in 0..3 {
            let fact = Fact::Used { read: [1; 16], items: Vec::new() };
            let at = Timestamp(sequence);
            let mut record = Record { grant, at, sequence, previous, fact };
            change(&mut record);
            let leaf = record.into_leaf([7; 32]);
            previous = leaf.hash;
            views.push(RecordView {
                sequence,
                leaf: leaf.hash,
                salt: leaf.salt.to_vec().into(),
                record: leaf.record.into(),
                fact: RecordFact { kind: "used".into(), at, state: None, items: Vec::new() },
            });
        }
        (grant, views)
    }

    #[test]
    fn a_hidden_or_changed_record_shows() {
        let (grant, whole) = chain();
        assert_eq!(verify_chain(grant, &whole).unwrap(), whole[2].leaf);
        let without = |number: usize| {
            let mut views = whole.clone();
            views.remove(number);
            views
        };
        assert!(verify_chain(grant, &without(0)).is_err());
        assert!(verify_chain(grant, &without(1)).is_err());
        let with = |change: &dyn Fn(&mut RecordView)| {
            let mut views = whole.clone();
            change(&mut views[1]);
            verify_chain(grant, &views).is_err()
        };
        assert!(with(&|view| view.record.0[5] ^= 1));
        assert!(with(&|view| view.salt.0[5] ^= 1));
        assert!(with(&|view| view.leaf.0[5] ^= 1));
        assert!(with(&|view| view.sequence = 2));
        assert!(with(&|view| view.fact.at = Timestamp(9)));
        assert!(!with(&|_| {}));
    }

    #[test]
    fn a_chain_of_something_else_is_none() {
        let (grant, whole) = chain();
        let other = Id::new(Kind::Grant, grant.region, [2; 16]);
        assert!(verify_chain(other, &whole).is_err(), "another grant's");
        let broken = |change: fn(&mut Record)| {
            let (grant, views) = chain_with(change);
            verify_chain(grant, &views).is_err()
        };
        assert!(!broken(|_| {}));
        // One record is left out, and the numbers of the others are made to fit.
        assert!(broken(|record| record.previous = Digest([9; 32])), "another before it");
        assert!(broken(|record| record.sequence += 1), "another number");
    }
}
