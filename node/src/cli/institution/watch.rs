//! `symbolon institution grants|events`.

use super::super::wallet::print_grants;
use super::super::{Failure, Term};
use super::open;
use clap::Args;
use serde_json::json;
use symbolon_client::event_view;
use symbolon_client::folder::Folder;
use symbolon_domain::Id;

#[derive(Debug, Args)]
pub(super) struct Grants {
    /// Give this one back: it lends nothing from now on.
    #[arg(long, value_name = "GRANT")]
    relinquish: Option<Id>,
}

impl Grants {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        if let Some(grant) = self.relinquish {
            institution.relinquish(grant).await?;
            return term.answer(&json!({ "relinquished": grant }), &["given back".into()]);
        }
        print_grants(&institution.grants().await?, term)
    }
}

#[derive(Debug, Args)]
pub(super) struct Events {
    /// Go on after this position.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

impl Events {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        let mut events = institution.follow(self.after.as_deref()).await?;
        term.note("following; Ctrl-C ends");
        loop {
            let event = events.next().await?;
            let view = event_view(&event)?;
            let id = event.id.as_deref().unwrap_or_default();
            if term.is_json() {
                term.raw(&json!({ "id": id, "event": view }).to_string());
            } else {
                let body = serde_json::to_string(&view.body)?;
                term.raw(&format!("{}  {id}  {body}", view.at));
            }
        }
    }
}
