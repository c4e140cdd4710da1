//! The bank while the demo stays up: whoever asks at one of its front ends gets a request;
//! a code that comes for it is redeemed, and what was ticked is read once.

use super::stage::Stage;
use crate::cli::{Failure, INSTITUTION_KEYS, Term};
use std::collections::BTreeMap;
use std::time::Duration;
use symbolon_client::http3::SseEvent;
use symbolon_client::institution::{Institution, InstitutionKeys, PushRequest, Pushed, granted};
use symbolon_client::{ClientError, ambient, event_view};
use symbolon_domain::act::read::ItemStatus;
use symbolon_domain::api::event::EventBody;
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::session::{EndReason, ResponseMode};
use symbolon_domain::{Id, Path, Timestamp};

/// How long the desk rests when the node stays away.
const PAUSE: Duration = Duration::from_secs(5);

/// The desk.
pub(super) struct Desk {
    bank: Institution,
    offer: Digest,
    /// What was before is not the desk's.
    since: Timestamp,
}

/// What was pushed and not answered yet.
type Waiting = BTreeMap<Id, Pushed>;

impl Desk {
    /// Opens it for the bank of this folder and one of its offers.
    pub(super) fn open(stage: &Stage, name: &str, offer: Digest) -> Result<Self, Failure> {
        let folder = stage.folder(name);
        let keys: InstitutionKeys = folder.read(INSTITUTION_KEYS)?;
        let http = stage.place.partner(&folder)?;
        let bank = Institution::new(http, keys, stage.place.issuer.clone());
        Ok(Self { bank, offer, since: ambient::now() })
    }

    /// Serves for ever.
    pub(super) async fn serve(&mut self, term: Term) {
        let mut waiting = Waiting::new();
        loop {
            if let Err(error) = self.follow(&mut waiting, term).await {
                term.note(&format!("  bank      {error}"));
            }
            // What was asked meanwhile is asked again by whoever still stands there.
            tokio::time::sleep(PAUSE).await;
            self.since = ambient::now();
        }
    }

    async fn follow(&self, waiting: &mut Waiting, term: Term) -> Result<(), ClientError> {
        let mut events = self.bank.follow(None).await?;
        loop {
            let event = events.next().await?;
            match self.answer(&event, waiting).await {
                Ok(Some(said)) => term.note(&format!("  bank      {said}")),
                Ok(None) => {}
                Err(error) => term.note(&format!("  bank      {error}")),
            }
        }
    }

    async fn answer(
        &self,
        event: &SseEvent,
        waiting: &mut Waiting,
    ) -> Result<Option<String>, ClientError> {
        let view = event_view(event)?;
        if view.at < self.since {
            return Ok(None);
        }
        match &view.body {
            EventBody::Asked { front_end } => {
                let pushed = self.push(*front_end).await?;
                let said = format!("{front_end} asked: pushed {} for it", pushed.session);
                waiting.insert(pushed.session, pushed);
                Ok(Some(said))
            }
            EventBody::Code { session, .. } => match waiting.remove(session) {
                Some(pushed) => self.read(&view.body, &pushed).await.map(Some),
                None => Ok(None),
            },
            EventBody::Session { session, end: Some(end), .. } if *end != EndReason::Approved => {
                let ours = waiting.remove(session).is_some();
                Ok(ours.then(|| format!("{session} ended without a consent: {end:?}")))
            }
            _ => Ok(None),
        }
    }

    async fn push(&self, front_end: Id) -> Result<Pushed, ClientError> {
        let request = PushRequest {
            offer: self.offer,
            response_mode: ResponseMode::Session,
            redirect_uri: None,
            front_end: Some(front_end),
            paths: None,
        };
        self.bank.push(&request).await
    }

    async fn read(&self, code: &EventBody, pushed: &Pushed) -> Result<String, ClientError> {
        let code = self.bank.open_code(code)?;
        let tokens = self.bank.redeem(&code, &pushed.verifier, None).await?;
        let grant = granted(&tokens)?;
        let items = tokens.authorization_details.iter().flat_map(|granted| &granted.items);
        let paths: Vec<Path> = items.map(|item| item.path.clone()).collect();
        let read = self.bank.read(grant, &tokens.access_token, &paths).await?;
        let opened = read.items.iter().filter(|item| item.status == ItemStatus::Ok);
        let opened: Vec<&str> = opened.map(|item| item.path.as_str()).collect();
        Ok(format!("{grant} was given: read {}", opened.join(", ")))
    }
}
