//! What a partner or a wallet links to talk to a Symbolon node: an HTTP/3 client, an
//! institution ([`institution`]), a front end ([`front_end`]) and a software wallet
//! ([`wallet`]). It verifies what it is given (statements against the pinned cluster root,
//! objects against their commitment and path) and seals what it gives. It deliberately does
//! not speak HTTP/2, follow redirects, keep plaintext on disk, or protect its state files
//! from whoever owns the account: the wallet is for command lines and tests, and says so in
//! every grant's `amr`.

pub mod ambient;
mod chain;
pub mod cluster;
mod error;
pub mod folder;
mod following;
pub mod front_end;
pub mod http3;
pub mod institution;
pub mod operator;
pub mod proof;
pub mod wallet;

pub use error::ClientError;
pub use following::{EventSource, Following};

use http::HeaderName;
use http3::Request;
use symbolon_domain::api::event::EventView;

/// Reads the view that an event carries.
///
/// # Errors
/// When it is none.
pub fn event_view(event: &http3::SseEvent) -> Result<EventView, ClientError> {
    serde_json::from_str(&event.data)
        .map_err(|error| ClientError::Answer(format!("an event cannot be read: {error}")))
}

/// The request for an event stream, from the oldest event kept or after a position.
pub(crate) fn events_request(after: Option<&str>) -> Result<Request, ClientError> {
    let request = Request::get("/v1/events");
    match after {
        Some(position) => request.header(HeaderName::from_static("last-event-id"), position),
        None => Ok(request),
    }
}

/// The pages of a list, put together.
pub(crate) mod pages {
    use crate::http3::{Answer, Request};
    use crate::{ClientError, http3};
    use serde::de::DeserializeOwned;
    use symbolon_domain::api::Page;

    /// Most pages that are fetched.
    const PAGES_MAX: usize = 1_000;

    /// Fetches every page with `send`.
    pub(crate) async fn all<T: DeserializeOwned>(
        path: &str,
        send: impl AsyncFn(http3::Request) -> Result<Answer, ClientError>,
    ) -> Result<Vec<T>, ClientError> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            // The path may have a query already.
            let mark = if path.contains('?') { '&' } else { '?' };
            let query = cursor.map(|cursor| {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                format!("{mark}{}", query.append_pair("cursor", &cursor).finish())
            });
            let request = Request::get(format!("{path}{}", query.unwrap_or_default()));
            let page: Page<T> = send(request).await?.json()?;
            items.extend(page.items);
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(items);
            }
        }
        Err(ClientError::Answer("a list that does not end".into()))
    }
}
