//! What a batch means, for every engine alike: which precondition fails, which keys change.

use std::collections::BTreeMap;
use std::ops::Bound;
use symbolon_domain::port::{Batch, Operation, Position, Precondition, Range, StoreFault};

/// What is at a key, as far as preconditions care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    Nothing,
    Revision(u64),
    /// A value too short to have a revision.
    Unrevised,
}

impl Found {
    pub(crate) fn of(value: Option<&[u8]>) -> Self {
        match value.map(<[u8]>::first_chunk) {
            None => Self::Nothing,
            Some(None) => Self::Unrevised,
            Some(Some(bytes)) => Self::Revision(u64::from_be_bytes(*bytes)),
        }
    }
}

/// The keys and values that a batch meets.
pub(crate) trait View {
    fn find(&self, key: &[u8]) -> Result<Found, StoreFault>;

    /// Shows the keys of a range (not empty) in order, until the visitor returns false.
    fn visit(
        &self,
        range: &Range,
        visitor: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), StoreFault>;
}

/// The last value put at each key, or that it was deleted.
pub(crate) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Changes seen over what is below them.
pub(crate) struct Overlay<'a, V> {
    pub(crate) below: &'a V,
    pub(crate) changes: &'a Changes,
}

impl<V: View> View for Overlay<'_, V> {
    fn find(&self, key: &[u8]) -> Result<Found, StoreFault> {
        match self.changes.get(key) {
            Some(value) => Ok(Found::of(value.as_deref())),
            None => self.below.find(key),
        }
    }

    fn visit(
        &self,
        range: &Range,
        visitor: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), StoreFault> {
        let bounds = (Bound::Included(&range.start[..]), Bound::Excluded(&range.end[..]));
        let mut above = self.changes.range::<[u8], _>(bounds).peekable();
        let mut go_on = true;
        self.below.visit(range, &mut |key| {
            while let Some((changed, value)) = above.next_if(|(changed, _)| &changed[..] < key) {
                go_on = value.is_none() || visitor(changed);
                if !go_on {
                    return false;
                }
            }
            go_on = match above.next_if(|(changed, _)| &changed[..] == key) {
                Some((_, None)) => true,
                Some((_, Some(_))) | None => visitor(key),
            };
            go_on
        })?;
        while go_on && let Some((changed, value)) = above.next() {
            go_on = value.is_none() || visitor(changed);
        }
        Ok(())
    }
}

/// The index of the first precondition that does not hold.
pub(crate) fn refusal(batch: &Batch, view: &impl View) -> Result<Option<usize>, StoreFault> {
    for (index, precondition) in batch.preconditions.iter().enumerate() {
        let holds = match precondition {
            Precondition::Absent { key } => view.find(key)? == Found::Nothing,
            Precondition::RevisionIs { key, revision } => {
                view.find(key)? == Found::Revision(*revision)
            }
        };
        if !holds {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// What the batch's operations change, done in order over the view.
pub(crate) fn changes(
    batch: Batch,
    view: &impl View,
    first: Position,
) -> Result<Changes, StoreFault> {
    let mut changes = Changes::new();
    let mut appends: u16 = 0;
    for operation in batch.operations {
        match operation {
            Operation::Put { key, value } => {
                changes.insert(key, Some(value));
            }
            Operation::Delete { key } => {
                changes.insert(key, None);
            }
            Operation::DeleteRange { range, limit } => {
                let keys = first_keys(&Overlay { below: view, changes: &changes }, &range, limit)?;
                changes.extend(keys.into_iter().map(|key| (key, None)));
            }
            Operation::Append(append) => {
                let position = Position::new(first.commit(), appends);
                changes.insert(append.queue.key(position), Some(append.value));
                // The bound of a batch keeps the last one used below the wrap.
                appends = appends.wrapping_add(1);
            }
        }
    }
    Ok(changes)
}

fn first_keys(view: &impl View, range: &Range, limit: usize) -> Result<Vec<Vec<u8>>, StoreFault> {
    let mut keys = Vec::new();
    if limit > 0 && !range.is_empty() {
        view.visit(range, &mut |key| {
            keys.push(key.to_vec());
            keys.len() < limit
        })?;
    }
    Ok(keys)
}

/// The number the batch's commit gets: the next one, or one past the greatest position it
/// puts into a queue, as a restore does.
pub(crate) fn commit_number(batch: &Batch, next: u64) -> u64 {
    let queues = symbolon_domain::key::queues();
    let restored = batch.operations.iter().filter_map(|operation| match operation {
        Operation::Put { key, .. } if key.starts_with(&queues) => Position::of_key(key),
        _ => None,
    });
    restored.map(|position| position.commit().saturating_add(1)).fold(next, u64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Map(Changes);

    impl View for Map {
        fn find(&self, key: &[u8]) -> Result<Found, StoreFault> {
            Ok(Found::of(self.0.get(key).and_then(Option::as_deref)))
        }

        fn visit(
            &self,
            range: &Range,
            visitor: &mut dyn FnMut(&[u8]) -> bool,
        ) -> Result<(), StoreFault> {
            let _ =
                self.0.range(range.start.clone()..range.end.clone()).all(|(key, _)| visitor(key));
            Ok(())
        }
    }

    fn entries(entries: &[(&str, Option<&str>)]) -> Changes {
        entries
            .iter()
            .map(|(k, v)| (k.as_bytes().to_vec(), v.map(|v| v.as_bytes().to_vec())))
            .collect()
    }

    #[test]
    fn an_overlay_adds_hides_and_keeps_order() {
        let below = Map(entries(&[("a", Some("1")), ("c", Some("1")), ("e", Some("1"))]));
        let changes = entries(&[("b", Some("2")), ("c", None), ("d", None), ("f", Some("2"))]);
        let view = Overlay { below: &below, changes: &changes };
        let keys = |limit| {
            first_keys(&view, &Range { start: b"a".into(), end: b"z".into() }, limit)
                .unwrap()
                .into_iter()
                .map(|key| String::from_utf8(key).unwrap())
                .collect::<String>()
        };
        assert_eq!(keys(9), "abef");
        assert_eq!(
            ["", "a", "ab", "abe"],
            [keys(0), keys(1), keys(2), keys(3)].map(|k| k).as_slice()
        );
        assert_eq!(view.find(b"c"), Ok(Found::Nothing));
    }

    #[test]
    fn a_value_without_eight_bytes_has_no_revision() {
        assert_eq!(Found::of(Some(b"1234567")), Found::Unrevised);
        assert_eq!(Found::of(Some(&[0, 0, 0, 0, 0, 0, 1, 0, 9])), Found::Revision(256));
    }
}
