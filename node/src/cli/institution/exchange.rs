//! `symbolon institution request|redeem|read`.

use super::super::place::Place;
use super::super::{Failure, Term};
use super::open;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use symbolon_client::folder::Folder;
use symbolon_client::institution::{Institution, PushRequest, ReadItem, granted};
use symbolon_client::wallet::ScanCode;
use symbolon_client::{ClientError, event_view};
use symbolon_domain::api::event::EventBody;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::entity::offer::OfferState;
use symbolon_domain::entity::session::{EndReason, ResponseMode};
use symbolon_domain::oauth::metadata::AUTHORIZATION_PATH;
use symbolon_domain::oauth::pkce::Verifier;
use symbolon_domain::oauth::token_request::TokenAnswer;
use symbolon_domain::secret::SecretText;
use symbolon_domain::{Id, Path};

/// The last pushed request, until its code is redeemed.
const REQUEST: &str = "request.json";

#[derive(Serialize, Deserialize)]
struct Waiting {
    session: Id,
    verifier: SecretText,
    state: String,
    redirect_uri: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// The code comes through the event stream.
    Session,
    /// A terminal scans the code from the phone.
    Scan,
    /// A page gets the code by redirect, on the same device.
    Query,
}

#[derive(Debug, Args)]
pub(super) struct Request {
    /// The offer: its id or hash; by default the only approved one.
    // One hash of 64 begins with a hyphen.
    #[arg(long, allow_hyphen_values = true)]
    offer: Option<String>,
    /// How the code will travel.
    #[arg(long, value_enum, default_value = "session")]
    mode: Mode,
    /// Only these of the offer's items.
    #[arg(long, value_delimiter = ',')]
    items: Option<Vec<Path>>,
    /// Show it at this front end alone, which is told at once.
    #[arg(long, value_name = "ID")]
    front_end: Option<Id>,
    /// Where the page takes the code (query).
    #[arg(long, value_name = "URL", required_if_eq("mode", "query"))]
    redirect_uri: Option<String>,
}

impl Request {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        let request = PushRequest {
            offer: offer_hash(&institution, self.offer.as_deref()).await?,
            response_mode: match self.mode {
                Mode::Session => ResponseMode::Session,
                Mode::Scan => ResponseMode::Scan,
                Mode::Query => ResponseMode::Query,
            },
            redirect_uri: self.redirect_uri,
            front_end: self.front_end,
            paths: self.items,
        };
        let pushed = institution.push(&request).await?;
        let waiting = Waiting {
            session: pushed.session,
            verifier: SecretText::new(pushed.verifier.expose().to_owned()),
            state: pushed.state,
            redirect_uri: pushed.redirect_uri,
        };
        folder.write(REQUEST, &waiting)?;
        let next = match self.mode {
            Mode::Query => {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("client_id", &institution.id().to_string())
                    .append_pair("request_uri", &pushed.request_uri)
                    .finish();
                let web = Place::load(folder)?.web;
                format!("open in the browser: {web}{AUTHORIZATION_PATH}?{query}")
            }
            _ if self.front_end.is_some() => {
                format!("symbolon front-end open --session {} --folder counter", pushed.session)
            }
            _ => format!("symbolon front-end open {} --folder counter", pushed.request_uri),
        };
        let said = json!({
            "request_uri": pushed.request_uri, "session": pushed.session,
            "expires_in": pushed.expires_in,
        });
        term.answer(
            &said,
            &[
                format!("request_uri  {}", pushed.request_uri),
                format!("good for     {} s", pushed.expires_in),
                next,
            ],
        )
    }
}

async fn offer_hash(institution: &Institution, given: Option<&str>) -> Result<Digest, Failure> {
    if let Some(hash) = given.and_then(|text| text.parse().ok()) {
        return Ok(hash);
    }
    let offers = institution.offers().await?;
    let mut fitting = offers.iter().filter(|offer| match given {
        Some(text) => offer.id.to_string() == text,
        None => offer.state == OfferState::Approved,
    });
    match (fitting.next(), fitting.next()) {
        (Some(offer), None) => Ok(offer.hash),
        (None, _) => Err(Failure::usage("there is no such offer, or none approved yet")),
        (Some(one), Some(_)) => {
            let text = format!("several offers are approved: name one, such as --offer {}", one.id);
            Err(Failure::usage(text).help("list them with `symbolon institution offers`"))
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Redeem {
    /// The code, or what the phone's QR code holds; by default the one that comes through the
    /// event stream for the last request.
    code: Option<String>,
}

impl Redeem {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        let waiting: Waiting = folder.read(REQUEST).map_err(|_| {
            Failure::usage("no request is waiting for a code: `institution request` first")
        })?;
        let code = match self.code {
            Some(text) => parse_code(&institution, &text)?,
            None => {
                term.note("waiting for the code; Ctrl-C gives up");
                code_from_events(&institution, waiting.session).await?
            }
        };
        let verifier = Verifier::parse(waiting.verifier.expose())
            .map_err(|error| Failure::new(error.to_string()))?;
        let uri = waiting.redirect_uri.as_deref();
        let tokens = institution.redeem(&code, &verifier, uri).await?;
        let grant = granted(&tokens)?;
        folder.write(&token_file(grant), &tokens)?;
        let _used = std::fs::remove_file(folder.file(REQUEST));
        let details = &tokens.authorization_details;
        let mut lines = vec![format!("grant  {grant}")];
        let items = details.iter().flat_map(|granted| &granted.items);
        lines.extend(items.map(|item| format!("  {}", item.path)));
        lines.push(format!("symbolon institution read {grant}"));
        term.answer(&json!({ "grant": grant, "authorization_details": details }), &lines)
    }
}

fn token_file(grant: Id) -> String {
    format!("tokens-{grant}.json")
}

fn parse_code(institution: &Institution, text: &str) -> Result<Code, Failure> {
    let text = match serde_json::from_str::<ScanCode>(text) {
        Ok(scan) if scan.client_id == institution.id() => scan.code.expose().to_owned(),
        Ok(_) => return Err(Failure::new("the scanned code is for another institution")),
        Err(_) => text.to_owned(),
    };
    Code::parse(&text).map_err(|_| Failure::usage("that is no code: it looks like cod_….…"))
}

async fn code_from_events(institution: &Institution, asked: Id) -> Result<Code, Failure> {
    // From the oldest event on: the code may have come already.
    let mut events = institution.follow(None).await?;
    loop {
        let view = event_view(&events.next().await?)?;
        match &view.body {
            EventBody::Code { session, .. } if *session == asked => {
                return Ok(institution.open_code(&view.body)?);
            }
            EventBody::Session { session, end: Some(end), .. }
                if *session == asked && *end != EndReason::Approved =>
            {
                let end = format!("{end:?}").to_lowercase();
                return Err(Failure::new(format!("the session ended without a code: {end}")));
            }
            _ => {}
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Read {
    /// The grant.
    grant: Id,
    /// The items; by default all that were granted.
    paths: Vec<Path>,
    /// Write each value to a file of its path's name in this folder.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Read {
    pub(super) async fn run(self, folder: &Folder, term: Term) -> Result<(), Failure> {
        let institution = open(folder)?;
        let mut tokens: TokenAnswer = folder.read(&token_file(self.grant)).map_err(|_| {
            Failure::usage("no token of this grant is kept in the folder: `institution redeem`")
        })?;
        let paths = if self.paths.is_empty() {
            let items = tokens.authorization_details.iter().flat_map(|granted| &granted.items);
            items.map(|item| item.path.clone()).collect()
        } else {
            self.paths.clone()
        };
        let first = institution.read(self.grant, &tokens.access_token, &paths).await;
        let reading = match (first, tokens.refresh_token.clone()) {
            // Access tokens live ten minutes.
            (Err(error), Some(refresh)) if error.code() == Some("invalid_token") => {
                let fresh = institution.refresh(&refresh).await?;
                tokens = TokenAnswer { refresh_token: Some(refresh), ..fresh };
                folder.write(&token_file(self.grant), &tokens)?;
                institution.read(self.grant, &tokens.access_token, &paths).await?
            }
            (first, _) => first?,
        };
        if let Some(out) = &self.out {
            save(out, &reading.items)?;
        }
        let rows: Vec<serde_json::Value> = reading.items.iter().map(row).collect();
        if term.is_json() {
            let said = json!({
                "items": rows, "at": reading.at, "uses": reading.uses, "chain": reading.chain,
            });
            return term.answer(&said, &[]);
        }
        term.rows(&reading.items, &["item", "status", "version", "value"], |item| {
            let version = item.version.map_or(String::new(), |version| version.to_string());
            vec![item.path.to_string(), status(item), version, shown(item)]
        });
        term.line(&format!("use {} of this grant", reading.uses));
        Ok(())
    }
}

fn status(item: &ReadItem) -> String {
    serde_json::to_value(item.status)
        .ok()
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

fn row(item: &ReadItem) -> serde_json::Value {
    let value = item.value.as_deref().map(|bytes| {
        serde_json::from_slice(bytes)
            .unwrap_or_else(|_| json!({ "base64url": symbolon_domain::bytes::base64url(bytes) }))
    });
    json!({
        "path": item.path, "status": item.status, "version": item.version,
        "media_type": item.media_type, "value": value,
    })
}

fn shown(item: &ReadItem) -> String {
    let Some(bytes) = &item.value else { return String::new() };
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().count() <= 80 && !text.chars().any(char::is_control) => {
            text.to_owned()
        }
        _ => format!("({} bytes)", bytes.len()),
    }
}

fn save(out: &std::path::Path, items: &[ReadItem]) -> Result<(), Failure> {
    let folder = Folder::new(out);
    for item in items {
        if let Some(bytes) = &item.value {
            folder
                .write_bytes(item.path.as_str(), bytes)
                .map_err(|error: ClientError| Failure::new(error.to_string()))?;
        }
    }
    Ok(())
}
