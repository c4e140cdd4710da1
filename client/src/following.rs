//! Events followed from stream to stream. A node ends every stream after a while, so that
//! its reader proves itself again; a connection may break, a node may restart. The reader
//! goes on after the last event it saw and misses none.

use crate::ClientError;
use crate::http3::{EventStream, SseEvent};
use std::time::Duration;
use tokio::time::Instant;

/// The pause before a stream is opened again that could not be, or brought nothing; doubled
/// with each.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So many failures in a row, about a minute, are told to the caller.
const FAILURES_MAX: u32 = 8;
/// A stream that lasted this long was a good one, whether anything happened or not.
const GOOD_AFTER: Duration = Duration::from_secs(1);

/// Who has events at a node.
pub trait EventSource {
    /// Opens a stream: from the recent events on, or after a position.
    fn open(
        &self,
        after: Option<&str>,
    ) -> impl Future<Output = Result<EventStream, ClientError>> + Send;
}

/// A reader of a source's events.
#[derive(Debug)]
pub struct Following<'a, S> {
    source: &'a S,
    after: Option<String>,
    stream: Option<(EventStream, Instant)>,
    failures: u32,
}

impl<'a, S: EventSource> Following<'a, S> {
    /// Opens the first stream, from the recent events on or after a position.
    ///
    /// # Errors
    /// What the node refuses, and a node that cannot be reached.
    pub async fn start(source: &'a S, after: Option<&str>) -> Result<Self, ClientError> {
        let stream = source.open(after).await?;
        let after = after.map(ToOwned::to_owned);
        Ok(Self { source, after, stream: Some((stream, Instant::now())), failures: 0 })
    }

    /// The next event, on whatever stream it comes.
    ///
    /// # Errors
    /// What the node refuses, and a node that stays away for about a minute.
    pub async fn next(&mut self) -> Result<SseEvent, ClientError> {
        loop {
            let Some((stream, opened)) = &mut self.stream else {
                self.open().await?;
                continue;
            };
            let ended = match stream.next().await {
                Ok(Some(event)) => {
                    self.failures = 0;
                    if event.id.is_some() {
                        self.after.clone_from(&event.id);
                    }
                    return Ok(event);
                }
                // A stream that breaks is a stream that ends.
                Ok(None) => ClientError::Answer("it ends every event stream at once".into()),
                Err(error) => error,
            };
            self.failures = if opened.elapsed() < GOOD_AFTER { self.failures + 1 } else { 0 };
            self.stream = None;
            if self.failures > FAILURES_MAX {
                return Err(ended);
            }
        }
    }

    async fn open(&mut self) -> Result<(), ClientError> {
        if self.failures > 0 {
            let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(16));
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        }
        match self.source.open(self.after.as_deref()).await {
            Ok(stream) => self.stream = Some((stream, Instant::now())),
            Err(error) if error.is_passing() && self.failures < FAILURES_MAX => self.failures += 1,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
