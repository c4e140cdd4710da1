//! Lists: an index range as pages with an opaque cursor, and the views of what is listed.

use super::problem::{Answer, Problem};
use super::state::App;
use super::trouble::Trouble;
use serde::Deserialize;
use symbolon_domain::api::Page;
use symbolon_domain::api::partner::GrantView;
use symbolon_domain::bytes::{base64url, base64url_decode};
use symbolon_domain::entity::FromHead;
use symbolon_domain::entity::grant::{Grant, GrantedItem};
use symbolon_domain::key::{self, Row};
use symbolon_domain::port::{Range, StoreFault};
use symbolon_domain::{Id, record};

/// Most entries of one page.
pub const PAGE_ENTRIES: usize = 50;

/// `?cursor=`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// Where the last page ended.
    pub cursor: Option<String>,
}

impl Cursor {
    /// The rest of the range. A cursor is the end of the last key, relative to the range:
    /// nobody can point it at another list.
    ///
    /// # Errors
    /// When the cursor is none of ours.
    pub fn rest(&self, range: &Range) -> Answer<Range> {
        let Some(cursor) = &self.cursor else { return Ok(range.clone()) };
        let refused = || Problem::from(Trouble::MalformedParameter).detail("cursor is none");
        let tail = base64url_decode(cursor).map_err(|_| refused())?;
        let rest = range.after(&[&range.start[..], &tail].concat());
        if tail.is_empty() || tail.len() > 64 || rest.is_empty() {
            Err(refused())
        } else {
            Ok(rest)
        }
    }

    /// The cursor after this key of the range.
    #[must_use]
    pub fn after(range: &Range, key: &[u8]) -> Option<String> {
        key.strip_prefix(range.start.as_slice()).map(base64url)
    }
}

/// A page of the entities of an index range.
///
/// # Errors
/// When the cursor is none, or the store fails.
pub async fn page<T: FromHead + Clone>(
    app: &App,
    range: &Range,
    cursor: &Cursor,
) -> Answer<Page<(Id, T)>> {
    let found = app.index(&cursor.rest(range)?, PAGE_ENTRIES).await?;
    let next = (found.len() == PAGE_ENTRIES).then(|| found.last()).flatten();
    let cursor = next.and_then(|(key, _)| Cursor::after(range, key));
    let mut items = Vec::with_capacity(found.len());
    for (_, id) in found {
        // One that ended since the scan is not missed.
        if let Some(head) = app.head(id).await? {
            items.push((id, head));
        }
    }
    Ok(Page { items, cursor })
}

/// A grant, as its parties see it.
///
/// # Errors
/// When the store fails.
pub async fn grant_view(app: &App, id: Id, grant: &Grant) -> Result<GrantView, StoreFault> {
    let rows = (0..grant.items).map(|number| key::row(id, &Row::GrantItem(number)));
    let values = app.store.get_many(&rows.collect::<Vec<_>>()).await?;
    let mut paths = Vec::with_capacity(values.len());
    for value in values.into_iter().flatten() {
        let item: GrantedItem = record::decode(&value)
            .map_err(|error| StoreFault::Corrupt(format!("{id}: {error}")))?;
        paths.push(item.path);
    }
    let terms = &grant.terms;
    Ok(GrantView {
        id,
        institution: grant.institution,
        offer: grant.offer,
        session: grant.session,
        statement_hash: grant.statement_hash,
        state: grant.state_at(app.now()),
        paths,
        purpose: terms.purpose.clone(),
        delivery: terms.delivery,
        covers_future: terms.covers_future,
        uses_max: terms.frequency.uses_max,
        period_seconds: terms.frequency.period_seconds,
        uses: grant.uses,
        last_use: grant.last_use,
        chain: grant.chain,
        authentication: grant.authentication.clone(),
        created: grant.created,
        expires: terms.expires,
    })
}

/// A page with another view of its entries.
#[must_use]
pub fn map_page<T, U>(page: Page<T>, view: impl FnMut(T) -> U) -> Page<U> {
    Page { items: page.items.into_iter().map(view).collect(), cursor: page.cursor }
}
