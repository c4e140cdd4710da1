//! One command being decided: what it needs is gathered round by round, then the
//! entity judges.

use super::view::{Seen, View};
use super::{Answers, Asked, Load};
use std::collections::BTreeSet;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::{Decision, Facts, Head, Loaded, Need, Reply, Stored, decide, needs};
use symbolon_domain::port::{Fault, Kept, KeptAnswer, StoreFault};
use symbolon_domain::{Id, Rejection, Timestamp, key, record};

/// Most rounds of loading for one command.
const ROUNDS_MAX: u8 = 8;

/// What was found under the idempotency scope of the call.
#[derive(Debug, Default)]
pub(super) enum Earlier {
    /// Not looked for yet.
    #[default]
    Unknown,
    /// Nothing.
    Absent,
    /// An answer whose time is over, with its revision: it is written over.
    Expired(u64),
    /// An answer.
    Found(Box<Kept>),
}

/// What a value of a load is for.
#[derive(Debug)]
enum Wanted {
    Own,
    Earlier,
    Need(Need),
}

/// A command with what was loaded for it.
#[derive(Debug)]
pub(super) struct Work<T> {
    pub(super) asked: Asked<T>,
    pub(super) loaded: Loaded,
    pub(super) earlier: Earlier,
    /// The number of the load that it waits for.
    pub(super) waits_for: Option<u32>,
    /// It goes on when nothing is on its way to the store.
    pub(super) waits_for_quiet: bool,
    wanted: Vec<Wanted>,
    /// Heads that the decision touches without having named them as needs.
    extra: BTreeSet<Id>,
    rounds: u8,
}

/// How far it got.
pub(super) enum Step {
    /// These keys and ranges first.
    Load(Load),
    /// Nothing may be on its way to the store.
    Quiet,
    /// Judged.
    Decided(Box<Decision>),
    /// Answered without a change.
    Answered(Result<Reply, Rejection>),
    /// The world broke.
    Fault(Fault),
}

/// Own head cannot be had.
pub(super) struct Unreadable(pub(super) StoreFault);

impl<T> Work<T> {
    pub(super) fn new(asked: Asked<T>) -> Self {
        Self {
            asked,
            loaded: Loaded::default(),
            earlier: Earlier::Unknown,
            waits_for: None,
            waits_for_quiet: false,
            wanted: Vec::new(),
            extra: BTreeSet::new(),
            rounds: 0,
        }
    }

    /// Goes on as far as possible without the store.
    pub(super) fn step(&mut self, now: Timestamp, view: View<'_>) -> Step {
        let own = view.head(view.id);
        if own.is_none() {
            self.wanted.push(Wanted::Own);
        }
        if let Some(answer) = self.look_for_earlier(now, view) {
            return Step::Answered(answer);
        }
        let Some(own) = own.filter(|_| self.wanted.is_empty()) else { return self.load(view.id) };
        loop {
            let decision = match self.gather(now, view, own) {
                Err(Gap::Missing) => return self.load(view.id),
                Err(Gap::Unsettled) => return Step::Quiet,
                Ok(Err(rejection)) => return Step::Answered(Err(rejection)),
                Ok(Ok(decision)) => decision,
            };
            let touched = decision.changes.iter().map(|change| change.id);
            let touched = touched.chain(decision.relied.iter().copied());
            let before = self.extra.len();
            self.extra
                .extend(touched.filter(|id| *id != view.id && !self.loaded.heads.contains_key(id)));
            if self.extra.len() == before {
                return Step::Decided(Box::new(decision));
            }
        }
    }

    /// Asks for needs until none is missing, then lets the entity judge.
    fn gather(
        &mut self,
        now: Timestamp,
        view: View<'_>,
        own: &Option<Stored>,
    ) -> Result<Result<Decision, Rejection>, Gap> {
        loop {
            let call = &self.asked.call;
            let facts = Facts {
                now,
                principal: &call.principal,
                seed: &call.seed,
                revision: own.as_ref().map_or(0, |stored| stored.revision),
                loaded: &self.loaded,
            };
            let head: Option<&Head> = own.as_ref().map(|stored| &stored.head);
            let mut missing = needs(view.id, head, &facts, &call.command);
            missing.extend(self.extra.iter().map(|id| Need::Head(*id)));
            missing.retain(|need| !self.loaded.has(need));
            missing.sort_unstable();
            missing.dedup();
            if missing.is_empty() {
                return Ok(decide(view.id, head, &facts, &call.command));
            }
            for need in missing {
                match self.resolve(view, &need) {
                    Seen::Known(()) => {}
                    Seen::Unknown => self.wanted.push(Wanted::Need(need)),
                    Seen::Unsettled => {
                        self.wanted.clear();
                        return Err(Gap::Unsettled);
                    }
                }
            }
            if !self.wanted.is_empty() {
                return Err(Gap::Missing);
            }
        }
    }

    /// Answers a need from what memory holds.
    fn resolve(&mut self, view: View<'_>, need: &Need) -> Seen<()> {
        match need {
            Need::Head(id) => match view.head(*id) {
                Some(head) => {
                    self.loaded.heads.insert(*id, head.clone());
                    Seen::Known(())
                }
                None => Seen::Unknown,
            },
            Need::Row(id, row) => {
                let row = (*id, row.clone());
                match view.row(&row) {
                    Seen::Known(value) => {
                        self.loaded.rows.insert(row, value);
                        Seen::Known(())
                    }
                    Seen::Unknown => Seen::Unknown,
                    Seen::Unsettled => Seen::Unsettled,
                }
            }
            Need::AnyRow(id) => match view.any_row(*id) {
                Seen::Unsettled => Seen::Unsettled,
                _ => Seen::Unknown,
            },
        }
    }

    /// The answer given before to the same request, if it brought an idempotency key.
    fn look_for_earlier(
        &mut self,
        now: Timestamp,
        view: View<'_>,
    ) -> Option<Result<Reply, Rejection>> {
        let keep = self.asked.call.keep.as_ref()?;
        let kept = match (&self.earlier, view.kept(&keep.scope)) {
            (_, Some(kept)) => kept,
            (Earlier::Found(kept), None) if kept.expires > now => kept,
            (Earlier::Found(kept), None) => {
                self.earlier = Earlier::Expired(kept.revision);
                return None;
            }
            (Earlier::Unknown, None) => {
                self.wanted.push(Wanted::Earlier);
                return None;
            }
            _ => return None,
        };
        if kept.body_hash != keep.body_hash {
            return Some(Err(Rejection::IdempotencyMismatch));
        }
        Some(match &kept.answer {
            KeptAnswer::Open(answer) => answer.clone(),
            KeptAnswer::Sealed(sealed) => Ok(Reply::Kept(sealed.clone())),
        })
    }

    /// Turns what is wanted into keys and ranges.
    fn load(&mut self, id: Id) -> Step {
        self.rounds += 1;
        if self.rounds > ROUNDS_MAX {
            tracing::error!(%id, "a command asked for more than {ROUNDS_MAX} rounds of loading");
            return Step::Fault(Fault::Crashed);
        }
        let mut load = Load { number: 0, keys: Vec::new(), ranges: Vec::new() };
        for wanted in &self.wanted {
            match wanted {
                Wanted::Own => load.keys.push(key::head(id)),
                Wanted::Earlier => {
                    let scope = self.asked.call.keep.as_ref().map(|keep| keep.scope);
                    load.keys.push(key::idempotency(&scope.unwrap_or(Digest([0; 32]))));
                }
                Wanted::Need(Need::Head(id)) => load.keys.push(key::head(*id)),
                Wanted::Need(Need::Row(id, row)) => load.keys.push(key::row(*id, row)),
                Wanted::Need(Need::AnyRow(id)) => load.ranges.push(key::rows(*id)),
            }
        }
        Step::Load(load)
    }

    /// Takes in what was loaded; gives back the own head if it was asked for.
    pub(super) fn take(
        &mut self,
        id: Id,
        answers: Answers,
    ) -> Result<Result<Option<Option<Stored>>, Unreadable>, StoreFault> {
        let mut own = None;
        let mut values = answers.values.into_iter();
        let mut found = answers.found.into_iter();
        for wanted in std::mem::take(&mut self.wanted) {
            if let Wanted::Need(Need::AnyRow(id)) = wanted {
                let found = found.next().ok_or_else(short)?;
                self.loaded.any_row.insert(id, found);
                continue;
            }
            let value = values.next().ok_or_else(short)?;
            match wanted {
                Wanted::Own => match head(id, value.as_deref()) {
                    Ok(head) => own = Some(head),
                    Err(fault) => return Ok(Err(Unreadable(fault))),
                },
                Wanted::Earlier => self.earlier = earlier(value.as_deref())?,
                Wanted::Need(Need::Head(id)) => {
                    let head = head(id, value.as_deref())?;
                    self.loaded.heads.insert(id, head);
                }
                Wanted::Need(Need::Row(id, row)) => {
                    self.loaded.rows.insert((id, row), value);
                }
                Wanted::Need(Need::AnyRow(_)) => {}
            }
        }
        Ok(Ok(own))
    }
}

/// Why a command cannot be judged yet.
enum Gap {
    /// Something is to be loaded.
    Missing,
    /// Something is on its way to the store.
    Unsettled,
}

fn short() -> StoreFault {
    StoreFault::Corrupt("the store answered fewer values than it was asked for".into())
}

fn head(id: Id, value: Option<&[u8]>) -> Result<Option<Stored>, StoreFault> {
    value
        .map(|value| Stored::decode(id.kind, value))
        .transpose()
        .map_err(|error| StoreFault::Corrupt(format!("the head of {id}: {error}")))
}

fn earlier(value: Option<&[u8]>) -> Result<Earlier, StoreFault> {
    let Some(value) = value else { return Ok(Earlier::Absent) };
    Kept::decode(value).map(|kept| Earlier::Found(Box::new(kept))).map_err(
        |error: record::RecordError| StoreFault::Corrupt(format!("a kept answer: {error}")),
    )
}
