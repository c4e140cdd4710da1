//! What a decision sees: the copy in memory, under what the commit in flight and the
//! group behind it have made of it.

use std::collections::BTreeMap;
use std::mem::discriminant;
use symbolon_domain::Id;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::{RowChange, Stored};
use symbolon_domain::key::Row;
use symbolon_domain::port::Kept;

/// What decided commands have changed and the store does not show yet.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    heads: BTreeMap<Id, Option<Stored>>,
    rows: BTreeMap<(Id, Row), Option<Vec<u8>>>,
    /// Ranges of rows that are being removed: all of an entity's, or those like an example.
    cleared: Vec<(Id, Option<Row>)>,
    kept: BTreeMap<Digest, Kept>,
}

/// What is known of a row without asking the store.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen<T> {
    /// Its value, or that it is absent.
    Known(T),
    /// Nothing: ask the store.
    Unknown,
    /// It is part of a range that is being removed, of which at most 1,000 go at once: ask
    /// the store when nothing is on its way any more.
    Unsettled,
}

impl Overlay {
    pub(super) fn head(&self, id: Id) -> Option<&Option<Stored>> {
        self.heads.get(&id)
    }

    pub(super) fn set_head(&mut self, id: Id, head: Option<Stored>) {
        self.heads.insert(id, head);
    }

    pub(super) fn take_head(&mut self, id: Id) -> Option<Option<Stored>> {
        self.heads.remove(&id)
    }

    pub(super) fn keep(&mut self, scope: Digest, kept: Kept) {
        self.kept.insert(scope, kept);
    }

    pub(super) fn change_row(&mut self, owner: Id, change: RowChange) {
        match change {
            RowChange::Put(row, value) => {
                self.rows.insert((owner, row), Some(value));
            }
            RowChange::Delete(row) => {
                self.rows.insert((owner, row), None);
            }
            RowChange::DeleteLike(example) => {
                let like = discriminant(&example);
                self.rows.retain(|(id, row), _| *id != owner || discriminant(row) != like);
                self.cleared.push((owner, Some(example)));
            }
            RowChange::DeleteAll => {
                self.rows.retain(|(id, _), _| *id != owner);
                self.cleared.push((owner, None));
            }
        }
    }

    /// Whether it wrote or removed the row.
    pub(super) fn has_row(&self, row: &(Id, Row)) -> bool {
        self.rows.contains_key(row)
    }

    fn row(&self, row: &(Id, Row)) -> Seen<Option<Vec<u8>>> {
        if let Some(value) = self.rows.get(row) {
            return Seen::Known(value.clone());
        }
        let like = discriminant(&row.1);
        let cleared = self.cleared.iter().any(|(id, example)| {
            *id == row.0 && example.as_ref().is_none_or(|example| discriminant(example) == like)
        });
        if cleared { Seen::Unsettled } else { Seen::Unknown }
    }

    fn touches_rows_of(&self, owner: Id) -> bool {
        self.cleared.iter().any(|(id, _)| *id == owner)
            || self.rows.keys().any(|(id, _)| *id == owner)
    }
}

/// The layers, the latest first.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The group that waits, then the commit in flight.
    pub(super) layers: [Option<&'a Overlay>; 2],
    /// The leading entity, as far as memory knows it.
    pub(super) own: Option<&'a Option<Stored>>,
    /// Which entity leads.
    pub(super) id: Id,
}

impl<'a> View<'a> {
    fn overlays(self) -> impl Iterator<Item = &'a Overlay> {
        self.layers.into_iter().flatten()
    }

    /// A head; `None` says that the store must be asked.
    pub(super) fn head(self, id: Id) -> Option<&'a Option<Stored>> {
        let own = if id == self.id { self.own } else { None };
        self.overlays().find_map(|overlay| overlay.head(id)).or(own)
    }

    pub(super) fn row(self, row: &(Id, Row)) -> Seen<Option<Vec<u8>>> {
        self.overlays()
            .map(|overlay| overlay.row(row))
            .find(|seen| *seen != Seen::Unknown)
            .unwrap_or(Seen::Unknown)
    }

    /// Whether an entity has rows: never known from a part of them.
    pub(super) fn any_row(self, owner: Id) -> Seen<bool> {
        let touched = self.overlays().any(|overlay| overlay.touches_rows_of(owner));
        if touched { Seen::Unsettled } else { Seen::Unknown }
    }

    pub(super) fn kept(self, scope: &Digest) -> Option<&'a Kept> {
        self.overlays().find_map(|overlay| overlay.kept.get(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symbolon_domain::Kind;

    fn id(number: u8) -> Id {
        Id::new(Kind::Vault, "eu1".parse().unwrap(), [number; 16])
    }

    fn node(number: u8) -> Row {
        Row::VaultNode(Digest([number; 32]))
    }

    fn overlay(changes: impl IntoIterator<Item = RowChange>) -> Overlay {
        let mut overlay = Overlay::default();
        changes.into_iter().for_each(|change| overlay.change_row(id(1), change));
        overlay
    }

    #[test]
    fn rows_as_the_changes_before_left_them() {
        use RowChange::{Delete, DeleteAll, DeleteLike, Put};
        use Seen::{Known, Unknown, Unsettled};
        let put = |number| Put(node(number), vec![number]);
        let (other, usage) = (node(9), Row::VaultUsage);
        for (what, changes, seen, seen_other, seen_usage) in [
            ("put", vec![put(1)], Known(Some(vec![1])), Unknown, Unknown),
            ("deleted", vec![put(1), Delete(node(1))], Known(None), Unknown, Unknown),
            ("cleared", vec![put(1), DeleteLike(other.clone())], Unsettled, Unsettled, Unknown),
            (
                "after",
                vec![DeleteLike(other.clone()), put(1)],
                Known(Some(vec![1])),
                Unsettled,
                Unknown,
            ),
            ("all", vec![put(1), DeleteAll], Unsettled, Unsettled, Unsettled),
            ("all, then", vec![DeleteAll, put(1)], Known(Some(vec![1])), Unsettled, Unsettled),
        ] {
            let overlay = overlay(changes);
            let view = View { layers: [None, Some(&overlay)], own: None, id: id(1) };
            assert_eq!(view.row(&(id(1), node(1))), seen, "{what}");
            assert_eq!(view.row(&(id(1), other.clone())), seen_other, "{what}");
            assert_eq!(view.row(&(id(1), usage.clone())), seen_usage, "{what}");
            assert_eq!(view.row(&(id(2), node(1))), Unknown, "{what}: another's");
            assert_eq!((view.any_row(id(1)), view.any_row(id(2))), (Unsettled, Unknown), "{what}");
        }
        // What is cleared in flight and written behind it.
        let (flight, group) = (overlay([DeleteAll]), overlay([put(1)]));
        let view = View { layers: [Some(&group), Some(&flight)], own: None, id: id(1) };
        assert_eq!(view.row(&(id(1), node(1))), Known(Some(vec![1])));
        assert_eq!(view.row(&(id(1), node(2))), Unsettled);
    }
}
