//! Server-sent events: lines of a stream that stays open (HTML Living Standard, section 9.2).

use super::Body;
use crate::ClientError;
use std::collections::VecDeque;
use std::time::Duration;

/// Most bytes of one event.
const EVENT_BYTES_MAX: usize = 1 << 20;
/// A node sends a comment at least this often; longer silence is a dead stream.
const SILENCE_MAX: Duration = Duration::from_secs(90);

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its kind.
    pub name: String,
    /// Its position in the queue: send it as `Last-Event-ID` to go on after it.
    pub id: Option<String>,
    /// What it says.
    pub data: String,
}

/// The events of an open stream.
#[derive(Debug)]
pub struct EventStream {
    body: Body,
    parser: Parser,
    ready: VecDeque<SseEvent>,
}

impl EventStream {
    /// Of a body of `text/event-stream`.
    #[must_use]
    pub fn new(body: Body) -> Self {
        Self { body, parser: Parser::default(), ready: VecDeque::new() }
    }

    /// The next event; none when the node ended the stream.
    ///
    /// # Errors
    /// When the stream breaks, falls silent or holds an event that is too long.
    pub async fn next(&mut self) -> Result<Option<SseEvent>, ClientError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            let silent = |_| ClientError::Answer("the event stream fell silent".into());
            let piece =
                tokio::time::timeout(SILENCE_MAX, self.body.chunk()).await.map_err(silent)?;
            match piece? {
                Some(piece) => self.parser.feed(&piece, &mut self.ready)?,
                None => return Ok(None),
            }
        }
    }
}

#[derive(Debug, Default)]
struct Parser {
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
}

impl Parser {
    fn feed(&mut self, bytes: &[u8], out: &mut VecDeque<SseEvent>) -> Result<(), ClientError> {
        for byte in bytes {
            match byte {
                b'\n' => {
                    let line = std::mem::take(&mut self.line);
                    let line = line.strip_suffix(b"\r").unwrap_or(&line);
                    self.take_line(&String::from_utf8_lossy(line), out);
                }
                byte => self.line.push(*byte),
            }
            if self.line.len() + self.event.data.len() > EVENT_BYTES_MAX {
                return Err(ClientError::Answer("an event is longer than 1 MiB".into()));
            }
        }
        Ok(())
    }

    fn take_line(&mut self, line: &str, out: &mut VecDeque<SseEvent>) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                out.push_back(event);
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.event.name = value.to_owned(),
            "id" => self.event.id = Some(value.to_owned()),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(value);
            }
            // A comment has an empty field name; others are for browsers.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_from_pieces_of_any_size() {
        let text = ": hello\n\nevent: code\nid: 0a\ndata: {\"a\":\ndata: 1}\r\n\r\n:\n\ndata:x\n\n\
                    id: 9\n\ndata: cut";
        let expected = [
            SseEvent { name: "code".into(), id: Some("0a".into()), data: "{\"a\":\n1}".into() },
            SseEvent { data: "x".into(), ..SseEvent::default() },
        ];
        for size in [1, 2, 7, text.len()] {
            let (mut parser, mut out) = (Parser::default(), VecDeque::new());
            for piece in text.as_bytes().chunks(size) {
                parser.feed(piece, &mut out).unwrap();
            }
            assert_eq!(out, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut parser = Parser::default();
        let refused = parser.feed(&vec![b'a'; EVENT_BYTES_MAX + 1], &mut VecDeque::new());
        assert!(refused.is_err());
    }
}
