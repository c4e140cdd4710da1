//! Server-sent events: a queue read from a position on, then followed.
//!
//! `id:` is the position in hexadecimal; `Last-Event-ID` goes on after it. Without one the
//! stream begins with the events of the last two minutes: longer than a code lives, so that
//! whoever opens the stream a little late misses none. A wake-up makes it fast and may
//! be lost, so the queue is also looked at with every heartbeat.

use super::guard::{Guard, Institution, Party};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use http::HeaderMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::api::event::EventView;
use symbolon_domain::entity::notice::Notice;
use symbolon_domain::key;
use symbolon_domain::port::{Entry, Position, Range, StoreFault};
use symbolon_domain::{Id, Timestamp, record};
use tokio::sync::watch;
use tokio::time::Instant;

/// Events read at once.
const EVENTS_READ_MAX: usize = 64;
/// How far back a stream without a position begins.
const RECENT_MILLIS: u64 = 120_000;
/// How often a silent stream says that it lives, and looks by itself.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Of front ends and devices.
#[must_use]
pub fn web_routes() -> Vec<Route> {
    let summary = "The caller's events as they come; an institution's bring codes";
    vec![
        Route::get("/v1/events", Guard::Party, of_party, summary)
            .gives_as::<EventView>(200, "text/event-stream"),
    ]
}

/// Of institutions.
#[must_use]
pub fn partner_routes() -> Vec<Route> {
    let summary = "The caller's events as they come; an institution's bring codes";
    vec![
        Route::get("/v1/events", Guard::Institution, of_institution, summary)
            .gives_as::<EventView>(200, "text/event-stream"),
    ]
}

async fn of_party(
    State(app): State<Arc<App>>,
    party: Party,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, StoreFault>>>> {
    let owner = match party {
        Party::FrontEnd(front_end) => front_end.id,
        Party::Device(device) => device.head.vault,
    };
    follow(app, owner, &headers)
}

async fn of_institution(
    State(app): State<Arc<App>>,
    institution: Institution,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, StoreFault>>>> {
    follow(app, institution.id, &headers)
}

struct Follower {
    app: Arc<App>,
    /// Older events are passed over.
    since: Timestamp,
    ends: Instant,
    rest: Range,
    woken: watch::Receiver<u64>,
    waiting: VecDeque<Entry>,
}

fn follow(
    app: Arc<App>,
    owner: Id,
    headers: &HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, StoreFault>> + use<>>> {
    let queue = key::event_queue(owner);
    let mut since = Timestamp(0);
    let rest = match headers.get("last-event-id") {
        None => {
            since = Timestamp(app.now().0.saturating_sub(RECENT_MILLIS));
            queue.entries()
        }
        Some(text) => {
            let position = text.to_str().ok().and_then(parse_position).ok_or_else(|| {
                Problem::from(Trouble::MalformedParameter)
                    .detail("Last-Event-ID must be the id of an event: 20 hexadecimal digits")
            })?;
            queue.entries_after(position)
        }
    };
    let woken = app.wakeups.subscribe(queue);
    // Then its reader proves again who it is, and goes on.
    let life = Duration::from_secs(app.config.limits.event_stream_seconds.into());
    let ends = Instant::now() + life;
    let follower = Follower { app, since, ends, rest, woken, waiting: VecDeque::new() };
    Ok(Sse::new(unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((event, follower))
    })))
}

impl Follower {
    /// The next event, or a heartbeat; none when the node stops or the stream's time is over.
    async fn next(&mut self) -> Option<Result<Event, StoreFault>> {
        loop {
            if Instant::now() >= self.ends {
                return None;
            }
            if self.waiting.is_empty() {
                // Seen before the look: what comes after it wakes us.
                self.woken.mark_unchanged();
                if let Err(fault) = self.look().await {
                    return Some(Err(fault));
                }
            }
            if self.waiting.is_empty() {
                break;
            }
            while let Some(entry) = self.waiting.pop_front() {
                if let Some(event) = self.event(&entry).transpose() {
                    return Some(event);
                }
            }
        }
        let stopping = self.app.stopping.clone();
        tokio::select! {
            () = stopping.cancelled() => None,
            () = tokio::time::sleep_until(self.ends) => None,
            _ = self.woken.changed() => Some(Ok(Event::default().comment(""))),
            () = tokio::time::sleep(HEARTBEAT) => Some(Ok(Event::default().comment("alive"))),
        }
    }

    async fn look(&mut self) -> Result<(), StoreFault> {
        let found = self.app.store.scan(&self.rest, EVENTS_READ_MAX).await?;
        if let Some(last) = found.last() {
            self.rest = self.rest.after(&last.key);
        }
        self.waiting.extend(found);
        Ok(())
    }

    fn event(&self, entry: &Entry) -> Result<Option<Event>, StoreFault> {
        let corrupt = |what: String| StoreFault::Corrupt(what);
        let position = Position::of_key(&entry.key).ok_or_else(|| corrupt("a position".into()))?;
        let notice: Notice =
            record::decode(&entry.value).map_err(|error| corrupt(format!("a notice: {error}")))?;
        if notice.at < self.since {
            return Ok(None);
        }
        let view = EventView::from(notice);
        let data =
            serde_json::to_string(&view).map_err(|error| corrupt(format!("an event: {error}")))?;
        Ok(Some(Event::default().id(format_position(position)).event(view.name()).data(data)))
    }
}

/// The text of a position: 20 hexadecimal digits.
#[must_use]
pub fn format_position(position: Position) -> String {
    position.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what [`format_position`] wrote.
#[must_use]
pub fn parse_position(text: &str) -> Option<Position> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if text.len() != 20 || !digits {
        return None;
    }
    let number = u128::from_str_radix(text, 16).ok()?.to_be_bytes();
    number.last_chunk::<10>().map(|bytes| Position(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        let position = Position::new(0x0102_0304, 5);
        let text = format_position(position);
        assert_eq!(text, "00000000010203040005");
        assert_eq!(parse_position(&text), Some(position));
        for wrong in
            ["", "0", "0000000001020304000", "0000000001020304000G", "+0000000001020304005"]
        {
            assert_eq!(parse_position(wrong), None, "{wrong}");
        }
    }
}
