//! `symbolon wallet grants|pause|resume|revoke|uses`.

use super::super::{Failure, Term};
use super::open;
use clap::Args;
use serde_json::json;
use symbolon_client::folder::Folder;
use symbolon_domain::Id;
use symbolon_domain::api::partner::GrantView;

pub(super) async fn list(folder: Folder, term: Term) -> Result<(), Failure> {
    let grants = open(folder)?.grants().await?;
    print(&grants, term)
}

/// A table of grants.
pub(in crate::cli) fn print(grants: &[GrantView], term: Term) -> Result<(), Failure> {
    let head = ["grant", "state", "institution", "items", "uses", "until"];
    term.table(grants, &head, |grant| {
        vec![
            grant.id.to_string(),
            format!("{:?}", grant.state).to_lowercase(),
            grant.institution.to_string(),
            grant.paths.len().to_string(),
            format!("{}/{}", grant.uses, grant.uses_max),
            grant.expires.to_string(),
        ]
    })
}

#[derive(Debug, Args)]
pub(super) struct GrantArgs {
    /// Which.
    grant: Id,
}

impl GrantArgs {
    pub(super) async fn pause(self, folder: Folder, term: Term) -> Result<(), Failure> {
        open(folder)?.pause(self.grant).await?;
        term.answer(&json!({ "paused": self.grant }), &["paused: nothing is lent for now".into()])
    }

    pub(super) async fn resume(self, folder: Folder, term: Term) -> Result<(), Failure> {
        open(folder)?.resume(self.grant).await?;
        term.answer(&json!({ "resumed": self.grant }), &["resumed".into()])
    }

    pub(super) async fn revoke(self, folder: Folder, term: Term) -> Result<(), Failure> {
        open(folder)?.revoke(self.grant).await?;
        let text = "revoked: nothing more is lent; what was read before cannot be taken back";
        term.answer(&json!({ "revoked": self.grant }), &[text.into()])
    }

    pub(super) async fn uses(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let uses = open(folder)?.uses(self.grant).await?;
        let rows: Vec<serde_json::Value> = uses
            .iter()
            .map(|it| {
                json!({
                    "sequence": it.sequence, "fact": it.fact, "changed_since": it.changed_since,
                })
            })
            .collect();
        if term.is_json() {
            return term.answer(&rows, &[]);
        }
        term.rows(&uses, &["#", "at", "what", "items"], |it| {
            let items: Vec<String> = it
                .fact
                .items
                .iter()
                .map(|item| {
                    let changed = it.changed_since.contains(&item.path);
                    let mark = if changed { " (changed since)" } else { "" };
                    format!("{}@{}{mark}", item.path, item.version)
                })
                .collect();
            let state = it.fact.state.as_deref();
            vec![
                it.sequence.to_string(),
                it.fact.at.to_string(),
                state.map_or(it.fact.kind.clone(), |state| format!("{} to {state}", it.fact.kind)),
                items.join(" "),
            ]
        });
        term.line("the chain is unbroken");
        Ok(())
    }
}
