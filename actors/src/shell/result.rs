//! What the shell makes of the results of its loads and commits.

use super::group::Flight;
use super::{ATTEMPTS_MAX, Answers, Asked, Hint, Output, RETRY_AFTER_MS, Shell, reply};
use std::time::Duration;
use symbolon_domain::bytes::Digest;
use symbolon_domain::port::{Fault, StoreFault};
use symbolon_domain::{Rejection, Timestamp};

/// How often the result of a commit is asked for before its callers are told that the
/// store is in trouble.
const SETTLEMENTS_MAX: u8 = 6;

impl<T> Shell<T> {
    pub(super) fn loaded(
        &mut self,
        number: u32,
        answers: Result<Answers, StoreFault>,
        out: &mut Vec<Output<T>>,
    ) {
        // The answer to a load that nobody waits for any more is no news.
        let Some(mut work) = self.work.take_if(|work| work.waits_for == Some(number)) else {
            return;
        };
        work.waits_for = None;
        let loads_own = self.head.is_none();
        match answers.and_then(|answers| work.take(self.id, answers)) {
            Ok(Ok(own)) => {
                self.head = own.or(self.head.take());
                self.work = Some(work);
            }
            Ok(Err(damaged)) => {
                reply(work.asked, Err(Fault::Store(damaged.0.clone())), out);
                self.crash(damaged.0, out);
            }
            Err(fault) => {
                reply(work.asked, Err(Fault::Store(fault.clone())), out);
                if loads_own && !fault.is_retryable() && self.is_quiet() {
                    self.crash(fault, out);
                }
            }
        }
    }

    /// Nothing can be decided: everyone who waits is told, and the entity ends.
    fn crash(&mut self, fault: StoreFault, out: &mut Vec<Output<T>>) {
        for asked in std::mem::take(&mut self.queue) {
            reply(asked, Err(Fault::Store(fault.clone())), out);
        }
        out.push(Output::Crash(fault));
    }

    pub(super) fn committed(&mut self, out: &mut Vec<Output<T>>) {
        let Some(mut flight) = self.flight.take() else { return };
        if flight.was_due() {
            // What was due may be due again: erasing goes on in steps.
            self.armed = None;
        }
        if let Some(head) = flight.overlay.take_head(self.id) {
            self.head = Some(head);
        }
        // First the hints, then the answers: who was answered asks the next entity after
        // it was told.
        let forget = flight.changed.into_iter().map(Hint::Forget);
        let appended = flight.queues.into_iter().map(Hint::Appended);
        out.extend(forget.chain(appended).map(Output::Hint));
        for member in flight.members {
            reply(member.asked, Ok(member.answer), out);
        }
    }

    /// The batch was not applied, because something had changed or (`None`) because its
    /// result got lost: everything that rests on it is decided again.
    pub(super) fn refused(
        &mut self,
        now: Timestamp,
        precondition: Option<usize>,
        out: &mut Vec<Output<T>>,
    ) {
        let Some(flight) = self.flight.take() else { return };
        let single = flight.is_single();
        let taken = single && precondition.is_some_and(|index| flight.is_unique(index));
        self.head = None;
        self.undo(
            *flight,
            |mut asked, out| {
                asked.attempt += 1;
                asked.alone = true;
                if taken {
                    reply(asked, Ok(Err(Rejection::AlreadyExists)), out);
                    return None;
                }
                if asked.attempt > ATTEMPTS_MAX {
                    reply(asked, Err(Fault::Contended), out);
                    return None;
                }
                if single {
                    asked.not_before = now.after(jitter(&asked));
                }
                Some(asked)
            },
            out,
        );
    }

    /// Nothing was written: who wanted to change something is told, the others go on.
    pub(super) fn failed(&mut self, fault: &StoreFault, out: &mut Vec<Output<T>>) {
        let Some(flight) = self.flight.take() else { return };
        self.undo(
            *flight,
            |asked, out| {
                reply(asked, Err(Fault::Store(fault.clone())), out);
                None
            },
            out,
        );
    }

    /// Asks what became of the batch.
    pub(super) fn settle(&mut self, out: &mut Vec<Output<T>>) {
        if let Some(flight) = &mut self.flight {
            flight.settle_at = None;
            out.push(Output::Settle(flight.batch));
        }
    }

    /// The store could not say: asked again later, a few times.
    pub(super) fn unsettled(
        &mut self,
        now: Timestamp,
        fault: &StoreFault,
        out: &mut Vec<Output<T>>,
    ) {
        let Some(flight) = &mut self.flight else { return };
        flight.settlements += 1;
        if flight.settlements < SETTLEMENTS_MAX {
            let wait = Duration::from_millis(RETRY_AFTER_MS << flight.settlements);
            let at = now.after(wait);
            flight.settle_at = Some(at);
            self.wake_at(at, out);
        } else {
            // It may yet be applied: what is in memory says nothing any more.
            self.head = None;
            self.failed(fault, out);
        }
    }

    /// Takes a flight apart. Its commands go through `again`; those that only looked, the
    /// group behind it and the command being decided wait in their old order.
    fn undo(
        &mut self,
        flight: Flight<T>,
        mut again: impl FnMut(Asked<T>, &mut Vec<Output<T>>) -> Option<Asked<T>>,
        out: &mut Vec<Output<T>>,
    ) {
        let group = self.group.take().map(|group| group.members).unwrap_or_default();
        let work = self.work.take().map(|work| work.asked);
        let mut waiting: Vec<Asked<T>> = Vec::with_capacity(flight.members.len() + group.len());
        for member in flight.members {
            let asked = member.asked;
            waiting.extend(if member.commits { again(asked, out) } else { Some(asked) });
        }
        waiting.extend(group.into_iter().map(|member| member.asked).chain(work));
        for asked in waiting.into_iter().rev() {
            self.queue.push_front(asked);
        }
        self.hold = false;
    }
}

/// 1 to 2 ms, doubled with each attempt, so that rivals do not meet again.
fn jitter<T>(asked: &Asked<T>) -> Duration {
    let random = Digest::lp("jitter", &[&asked.call.seed, &[asked.attempt]]);
    let random = u64::from(random.0.first().copied().unwrap_or_default());
    Duration::from_micros((1_000 + random * 4) << asked.attempt)
}
