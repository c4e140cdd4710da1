//! Webhooks: the events of an institution, posted to the address in its document as signed
//! Security Event Tokens (RFC 8417, pushed as RFC 8935 has it).
//!
//! A cursor in the store says how far each institution has come. What was not answered with
//! a success is posted again, later and later, and nothing after it before it: at least
//! once, in order. Whoever receives drops a `jti` that it has seen.

mod address;
mod client;
mod cursor;

pub use client::{PostFault, Poster};
pub use cursor::Cursor;

use crate::data_folder::Purpose;
use crate::http::events::format_position;
use crate::http::state::App;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use symbolon_domain::api::event::EventView;
use symbolon_domain::entity::institution::{Institution, InstitutionState};
use symbolon_domain::entity::notice::Notice;
use symbolon_domain::jws::{Typ, sign};
use symbolon_domain::key::{self, Index};
use symbolon_domain::port::{Position, StoreFault};
use symbolon_domain::{Id, Kind, record};
use tokio::task::JoinHandle;

/// How often institutions are looked through for new webhooks.
const ROUND: Duration = Duration::from_secs(5);
/// How often a silent queue is looked at, should a wake-up be lost.
const LOOK: Duration = Duration::from_secs(30);
/// The first pause after a failure; it doubles with each further one.
const PAUSE_MIN: Duration = Duration::from_millis(500);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(300);
/// Most institutions that are posted to at once.
const DELIVERIES_MAX: usize = 1_024;

/// The claims of a token (RFC 8417 section 2.2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: Id,
    iat: u64,
    jti: String,
    events: BTreeMap<String, EventView>,
}

/// Why a delivery has to wait.
#[derive(Debug, thiserror::Error)]
enum DeliveryFault {
    #[error(transparent)]
    Post(#[from] PostFault),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error("the event cannot be signed: {0}")]
    Sign(String),
}

/// Posts events until the node stops.
pub async fn run(app: Arc<App>, poster: Arc<Poster>) {
    let mut deliveries: HashMap<Id, JoinHandle<()>> = HashMap::new();
    while !app.stopping.is_cancelled() {
        deliveries.retain(|_, delivery| !delivery.is_finished());
        match approved(&app).await {
            Ok(found) => {
                for id in found {
                    if deliveries.len() < DELIVERIES_MAX && !deliveries.contains_key(&id) {
                        let delivery = tokio::spawn(deliver(app.clone(), poster.clone(), id));
                        deliveries.insert(id, delivery);
                    }
                }
            }
            Err(fault) => tracing::warn!(%fault, "webhooks cannot be looked up"),
        }
        tokio::select! {
            () = app.stopping.cancelled() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
    for (_, delivery) in deliveries {
        delivery.abort();
    }
}

/// Approved institutions with a webhook.
async fn approved(app: &App) -> Result<Vec<Id>, StoreFault> {
    let example = Id::new(Kind::Institution, app.region, [0; 16]);
    let mut rest = Index::Institutions(InstitutionState::Approved as u8, example).siblings();
    let mut found = Vec::new();
    loop {
        let page = app.index(&rest, 256).await?;
        let Some((last, _)) = page.last() else { return Ok(found) };
        rest = rest.after(last);
        for (_, id) in page {
            if webhook(app, id).await?.is_some() {
                found.push(id);
            }
        }
    }
}

async fn webhook(app: &App, id: Id) -> Result<Option<String>, StoreFault> {
    let head: Option<Institution> = app.head(id).await?;
    Ok(head.and_then(|head| head.approved_description().ok()?.webhook.clone()))
}

/// Posts the events of one institution until it has no webhook any more.
async fn deliver(app: Arc<App>, poster: Arc<Poster>, id: Id) {
    let mut woken = app.wakeups.subscribe(key::event_queue(id));
    let mut pause = PAUSE_MIN;
    while !app.stopping.is_cancelled() {
        woken.mark_unchanged();
        match deliver_next(&app, &poster, id).await {
            Ok(Step::Delivered) => pause = PAUSE_MIN,
            Ok(Step::Empty) => {
                tokio::select! {
                    () = app.stopping.cancelled() => {}
                    _ = woken.changed() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
            Ok(Step::Over) => return,
            Err(fault) => {
                tracing::info!(institution = %id, %fault, "a webhook was not delivered");
                // Half of it is chance, so that many do not knock at the same moment.
                let chance: [u8; 1] = app.entropy.bytes();
                let share = u32::from(chance.first().copied().unwrap_or_default());
                let wait = pause / 2 + pause * share / 512;
                pause = (pause * 2).min(PAUSE_MAX);
                tokio::select! {
                    () = app.stopping.cancelled() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }
}

enum Step {
    Delivered,
    Empty,
    Over,
}

async fn deliver_next(app: &App, poster: &Poster, id: Id) -> Result<Step, DeliveryFault> {
    let Some(url) = webhook(app, id).await? else { return Ok(Step::Over) };
    let mut cursor = Cursor::load(app.store.as_ref(), id).await?;
    let queue = key::event_queue(id);
    let rest = match cursor.delivered {
        Some(position) => queue.entries_after(position),
        None => queue.entries(),
    };
    let Some(entry) = app.store.scan(&rest, 1).await?.into_iter().next() else {
        return Ok(Step::Empty);
    };
    let corrupt = |what: &str| StoreFault::Corrupt(format!("{what} in the queue of {id}"));
    let position = Position::of_key(&entry.key).ok_or_else(|| corrupt("a key"))?;
    let notice: Notice = record::decode(&entry.value).map_err(|_| corrupt("a notice"))?;
    let token = token(app, id, position, notice)?;
    let posted = poster.post(&url, "application/secevent+jwt", token.into_bytes()).await;
    let now = app.now();
    match posted {
        Ok(()) => {
            cursor = Cursor {
                delivered: Some(position),
                delivered_at: Some(now),
                failures: 0,
                last_error: None,
            };
            cursor.save(app.store.as_ref(), app.entropy.as_ref(), id).await?;
            Ok(Step::Delivered)
        }
        Err(fault) => {
            cursor.failures = cursor.failures.saturating_add(1);
            cursor.last_error = Some(fault.to_string().chars().take(300).collect());
            cursor.save(app.store.as_ref(), app.entropy.as_ref(), id).await?;
            Err(fault.into())
        }
    }
}

fn token(app: &App, to: Id, position: Position, notice: Notice) -> Result<String, DeliveryFault> {
    let view = EventView::from(notice);
    let claims = Claims {
        iss: &app.site.issuer,
        aud: to,
        iat: app.now().seconds(),
        // The same event has the same id, however often it is posted.
        jti: format!("{to}:{}", format_position(position)),
        events: BTreeMap::from([(format!("urn:symbolon:event:{}", view.name()), view)]),
    };
    let failed = |error: &dyn std::fmt::Display| DeliveryFault::Sign(error.to_string());
    let key = app.key(Purpose::Webhook).map_err(|_| failed(&"there is no key"))?;
    sign(app.crypto.as_ref(), &key.secret, Typ::SecurityEvent, Some(&key.id), &claims)
        .map_err(|error| failed(&error))
}
