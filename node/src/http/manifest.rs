//! The manifest: its signed state, and one conditional commit at a time.

use super::call::{Request as Asked, unexpected};
use super::guard::{Device, Guard};
use super::json::{Json, Sent};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use super::vault;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use std::collections::HashMap;
use std::sync::Arc;
use symbolon_domain::api::device::{CommitManifest, ItemEntry, ManifestView};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::vault::{CHANGES_MAX, Command, ManifestHead};
use symbolon_domain::jws::{Typ, Unverified, Verified};
use symbolon_domain::key::{self, Row};
use symbolon_domain::manifest::{self, Applied, Changes, ManifestCommit, TreeError};
use symbolon_domain::port::StoreFault;
use symbolon_domain::{Id, Rejection};

/// Rounds of loading nodes: a path has at most 64 of them, and a level may take two rounds.
const ROUNDS_MAX: usize = 160;

/// The table's rows.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/vault/manifest", Guard::Device, get, "The manifest's signed state")
            .gives::<ManifestView>(),
        Route::post(
            "/v1/vault/manifest",
            Guard::Device,
            post,
            "Commits changes on top of the root that If-Match names",
        )
        .takes::<CommitManifest>()
        .gives::<ManifestView>(),
    ]
}

async fn get(State(app): State<Arc<App>>, device: Device, headers: HeaderMap) -> Answer<Response> {
    let vault = vault::live(&app, &device).await?;
    let head = head(&app, vault).await?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let tag = etag(&head.root);
    if known == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let commit = app.row(vault, &Row::VaultCommit(head.epoch)).await?;
    let commit = commit.and_then(|commit| String::from_utf8(commit).ok());
    let view = ManifestView { epoch: head.epoch, root: head.root, commit };
    Ok(([(header::ETAG, tag)], Json(view)).into_response())
}

async fn post(
    State(app): State<Arc<App>>,
    asked: Asked,
    device: Device,
    headers: HeaderMap,
    sent: Sent<CommitManifest>,
) -> Answer<Response> {
    let vault = vault::live(&app, &device).await?;
    let based_on = if_match(&headers)?;
    let commit = verified(&app, &device, &sent.value)?;
    if commit.payload.previous != based_on {
        return Err(Problem::from(Rejection::InvalidRequest)
            .detail("If-Match and the commit name different previous roots"));
    }
    let current = head(&app, vault).await?;
    if current == commit.payload.head() {
        // Known already, and committed for good: the answer was lost on its way.
        return Ok(committed(&current, &commit.text));
    }
    commit
        .payload
        .check(&current, vault, device.id, app.now())
        .map_err(|rejection| conflict(rejection, &current, &based_on))?;
    let changes = changes(&sent.value.items)?;
    let applied = apply(&app, vault, &current, &changes).await?;
    if applied.root != commit.payload.root {
        return Err(Problem::from(Rejection::InvalidRequest).detail(format!(
            "the items lead to the root {}, not to the one signed",
            applied.root
        )));
    }
    let command = Command::Commit {
        previous: current,
        next: commit.payload.head(),
        document: commit.text.clone().into_bytes(),
        items: changes.into_iter().filter_map(|(item, version)| Some((item, version?))).collect(),
        nodes_added: applied.added.into_iter().collect(),
        nodes_removed: applied.removed.into_iter().collect(),
        versions_kept: app.config.limits.versions_kept(),
    };
    match app.router.call(asked.call(&app, vault, command)).await? {
        Ok(Reply::Manifest(head)) => Ok(committed(&head, &commit.text)),
        Ok(_) => Err(unexpected()),
        Err(rejection) => Err(conflict(rejection, &self::head(&app, vault).await?, &based_on)),
    }
}

fn verified(app: &App, device: &Device, sent: &CommitManifest) -> Answer<Verified<ManifestCommit>> {
    let unverified = Unverified::parse(&sent.commit, Typ::Manifest)?;
    Ok(unverified.verify(app.crypto.as_ref(), &device.head.registration.signing_key)?)
}

fn committed(head: &ManifestHead, commit: &str) -> Response {
    let view = ManifestView { epoch: head.epoch, root: head.root, commit: Some(commit.to_owned()) };
    ([(header::ETAG, etag(&head.root))], Json(view)).into_response()
}

// Both roots: what is there, and what the commit was made on.
fn conflict(rejection: Rejection, current: &ManifestHead, based_on: &Digest) -> Problem {
    let problem = Problem::from(rejection);
    if rejection != Rejection::ManifestConflict {
        return problem;
    }
    let ManifestHead { epoch, root } = current;
    problem.header(header::ETAG, &etag(root)).detail(format!(
        "the manifest is at epoch {epoch} with root {root}; the commit was made on {based_on}"
    ))
}

async fn head(app: &App, vault: Id) -> Answer<ManifestHead> {
    let row = app.row(vault, &Row::VaultManifest).await?.ok_or(Rejection::NotFound)?;
    let damaged = || StoreFault::Corrupt(format!("{vault}: the manifest's row is damaged"));
    Ok(ManifestHead::from_row(&row).ok_or_else(damaged)?)
}

fn changes(items: &[ItemEntry]) -> Answer<Changes> {
    let invalid = |detail: &str| Problem::from(Rejection::InvalidRequest).detail(detail);
    if items.is_empty() || items.len() > CHANGES_MAX {
        return Err(invalid(&format!("items must be 1 to {CHANGES_MAX}")));
    }
    let mut changes = Changes::new();
    for entry in items {
        let version = vault::item_version(entry)?;
        if changes.insert(entry.item, Some(version)).is_some() {
            return Err(invalid("items name an item twice"));
        }
    }
    Ok(changes)
}

/// Applies the changes to the stored tree, loading the nodes that it asks for.
async fn apply(app: &App, vault: Id, current: &ManifestHead, changes: &Changes) -> Answer<Applied> {
    let mut nodes: HashMap<Digest, Vec<u8>> = HashMap::new();
    for _ in 0..ROUNDS_MAX {
        let missing = match manifest::apply(current.root, changes, &nodes) {
            Ok(applied) => return Ok(applied),
            Err(TreeError::Missing(missing)) => missing,
            Err(error) => {
                return Err(StoreFault::Corrupt(format!("{vault}: {error}")).into());
            }
        };
        let keys: Vec<_> =
            missing.iter().map(|hash| key::row(vault, &Row::VaultNode(*hash))).collect();
        for (hash, node) in missing.into_iter().zip(app.store.get_many(&keys).await?) {
            match node {
                Some(node) => nodes.insert(hash, node),
                None => return Err(lost_node(app, vault, current, &hash).await?),
            };
        }
    }
    Err(StoreFault::Corrupt(format!("{vault}: the manifest's tree has no end")).into())
}

// A commit that came in between has removed it, or it is lost.
async fn lost_node(app: &App, vault: Id, current: &ManifestHead, hash: &Digest) -> Answer<Problem> {
    let now = head(app, vault).await?;
    if now == *current {
        let text = format!("{vault}: the node {hash} of the manifest is missing");
        return Ok(StoreFault::Corrupt(text).into());
    }
    Ok(conflict(Rejection::ManifestConflict, &now, &current.root))
}

fn etag(root: &Digest) -> String {
    format!("\"{root}\"")
}

fn if_match(headers: &HeaderMap) -> Answer<Digest> {
    let value = headers.get(header::IF_MATCH).ok_or(Trouble::PreconditionRequired)?;
    let root = value
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    root.ok_or_else(|| {
        Problem::from(Trouble::MalformedParameter)
            .detail("If-Match must be the previous root in quotes")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Cause;

    #[test]
    fn the_root_that_a_commit_is_made_on() {
        let root = Digest::of(b"root");
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([(header::IF_MATCH, value.parse().unwrap())]);
            if_match(&headers).map_err(|problem| problem.cause)
        };
        assert_eq!(read(&etag(&root)), Ok(root));
        let refused = Err(Cause::Trouble(Trouble::MalformedParameter));
        let weak = format!("W/{}", etag(&root));
        for wrong in ["", "*", "\"\"", &root.to_string(), &weak, "\"a\", \"b\""] {
            assert_eq!(read(wrong), refused, "{wrong}");
        }
        let missing = if_match(&HeaderMap::new()).unwrap_err().cause;
        assert_eq!(missing, Cause::Trouble(Trouble::PreconditionRequired));
    }

    #[test]
    fn a_conflict_names_both_roots() {
        let current = ManifestHead { epoch: 7, root: Digest::of(b"now") };
        let based_on = Digest::of(b"then");
        let problem = conflict(Rejection::ManifestConflict, &current, &based_on);
        assert_eq!(problem.headers, [(header::ETAG, etag(&current.root).parse().unwrap())]);
        let detail = problem.detail.unwrap();
        assert!(detail.contains(&current.root.to_string()), "{detail}");
        assert!(detail.contains(&based_on.to_string()), "{detail}");
        assert!(conflict(Rejection::NotFound, &current, &based_on).detail.is_none());
    }
}
