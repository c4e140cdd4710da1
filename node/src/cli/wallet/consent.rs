//! `symbolon wallet scan|show-code|approve|deny`.

use super::super::{Failure, Term};
use super::open;
use crate::cli::qr::qr_text;
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;
use symbolon_client::ClientError;
use symbolon_client::folder::Folder;
use symbolon_client::wallet::{Answered, Asked, SessionLink, Wallet};
use symbolon_domain::document::offer::Necessity;
use symbolon_domain::document::text::{LANGUAGE_DEFAULT, Texts};
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::{Id, Path};

/// How often is looked whether the number was typed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

const SCAN_EXAMPLES: &str = "\
Example:
  symbolon wallet scan 'https://localhost:8443/s/ses_eu1_…#…'
      Verifies the statement behind the link against the pinned root, claims the session,
      shows the number to type at the front end, waits until it was typed, and shows what
      is asked for. Then `symbolon wallet approve` or `deny`.";

#[derive(Debug, Args)]
#[command(after_help = SCAN_EXAMPLES)]
pub(super) struct Scan {
    /// What the QR code holds. Quote it: it has a #.
    link: String,
    /// Do not wait for the number to be typed.
    #[arg(long)]
    no_wait: bool,
}

impl Scan {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let link: SessionLink = self.link.parse()?;
        go_on(open(folder)?, &link, self.no_wait, term).await
    }
}

const CODE_EXAMPLES: &str = "\
Example:
  symbolon wallet show-code
      Shows a one-time code for a terminal's scanner, waits until one has started a session
      with it, and goes on as `scan` does. Nobody else's device can claim that session.";

#[derive(Debug, Args)]
#[command(after_help = CODE_EXAMPLES)]
pub(super) struct ShowCode {
    /// Do not wait for the number to be typed.
    #[arg(long)]
    no_wait: bool,
}

impl ShowCode {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let wallet = open(folder)?;
        let code = wallet.show_code().await?;
        let link = code.link.expose();
        if term.is_json() {
            term.note(&json!({ "link": link, "expires": code.expires }).to_string());
        } else {
            qr_text(link).iter().for_each(|drawn| term.line(drawn));
            term.line(link);
            term.note(&format!("let the terminal scan it before {}; waiting", code.expires));
        }
        match wallet.invitation(&code).await? {
            Some(link) => go_on(wallet, &link, self.no_wait, term).await,
            None => Err(Failure::new("no terminal has used the code, and its time is over")),
        }
    }
}

/// From a session's link to what is asked for.
async fn go_on(
    mut wallet: Wallet,
    link: &SessionLink,
    no_wait: bool,
    term: Term,
) -> Result<(), Failure> {
    let scanned = wallet.scan(link).await?;
    let statement = &scanned.statement;
    let who = &statement.institution;
    let place = statement.front_end.as_ref().map(|it| format!("{}, {}", it.name, it.place));
    term.line(&format!("institution  {} ({})", who.name, who.id));
    term.line(&format!("at           {}", place.as_deref().unwrap_or("this device")));
    let claimed = wallet.claim(link.session).await?;
    if let Some(number) = &claimed.number {
        let shown = term.colored(1, number);
        term.line(&format!("number       {shown}  (type it at the front end)"));
    }
    if no_wait && claimed.number.is_some() {
        let said = json!({ "session": claimed, "institution": who.name, "place": place });
        return term.answer(&said, &[]);
    }
    if term.is_json()
        && let Some(number) = &claimed.number
    {
        term.note(&json!({ "number": number }).to_string());
    }
    let asked = wait_for_offer(&wallet, link.session).await?;
    show(&asked, link.session, term)
}

async fn wait_for_offer(wallet: &Wallet, session: Id) -> Result<Asked, ClientError> {
    loop {
        match wallet.asked(session).await {
            Err(error) if error.code() == Some("number_required") => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            other => return other,
        }
    }
}

fn english(texts: &Texts) -> &str {
    texts.get(LANGUAGE_DEFAULT).unwrap_or_default()
}

fn necessity(necessity: &Necessity) -> String {
    match necessity {
        Necessity::Required => "required".into(),
        Necessity::Optional => "optional".into(),
        Necessity::OneOf(group) => format!("one of {group}"),
    }
}

fn show(asked: &Asked, session: Id, term: Term) -> Result<(), Failure> {
    let offer = &asked.offer;
    let opens = match offer.delivery {
        Delivery::Institution => "only the institution can open what you tick",
        Delivery::Server => "the node opens what you tick and hands it over",
    };
    for (name, text) in [
        ("title", english(&offer.title)),
        ("purpose", english(&offer.purpose.text)),
        ("use", english(&offer.use_statement)),
        ("mind", english(&offer.disclaimer)),
        ("delivery", opens),
        ("later", if offer.covers_future { "later versions too" } else { "this version only" }),
    ] {
        term.line(&format!("{name:<12} {text}"));
    }
    let uses = offer.frequency.uses_max;
    let days = offer.grant_life_seconds / 86_400;
    term.line(&format!("terms        at most {uses} readings, for {days} days"));
    term.line("");
    let items: Vec<Value> = asked
        .items
        .iter()
        .map(|item| {
            json!({
                "path": item.path, "necessity": necessity(&item.necessity),
                "version": item.version,
            })
        })
        .collect();
    if term.is_json() {
        let said = json!({ "session": session, "offer": offer, "items": items });
        return term.answer(&said, &[]);
    }
    term.rows(&asked.items, &["item", "", "in your vault"], |item| {
        let version =
            item.version.map_or("no: store it first".into(), |it| format!("version {it}"));
        vec![format!("[ ] {}", item.path), necessity(&item.necessity), version]
    });
    let paths: Vec<&str> = asked.items.iter().map(|item| item.path.as_str()).collect();
    term.line(&format!("\nsymbolon wallet approve {session} --tick {}", paths.join(",")));
    term.line(&format!("symbolon wallet deny {session}"));
    Ok(())
}

#[derive(Debug, Args)]
pub(super) struct Approve {
    /// The session, as `scan` showed it.
    session: Id,
    /// The items to lend, separated by commas; all others are refused.
    #[arg(long, value_delimiter = ',', required_unless_present = "all")]
    tick: Vec<Path>,
    /// Tick everything that is asked for and in the vault; of alternatives the first.
    #[arg(long, conflicts_with = "tick")]
    all: bool,
}

impl Approve {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        let mut wallet = open(folder)?;
        let asked = wallet.asked(self.session).await?;
        let ticked = if self.all { asked.everything() } else { self.tick };
        let answered = wallet.approve(&asked, &ticked).await?;
        tell(&answered, term)
    }
}

fn tell(answered: &Answered, term: Term) -> Result<(), Failure> {
    let grant = answered.grant();
    match answered {
        Answered::Session { .. } => term.answer(
            &json!({ "grant": grant, "response_mode": "symbolon.session" }),
            &[format!("grant  {grant}"), "the code is on its way to the institution".into()],
        ),
        Answered::Scan { code, expires, .. } => {
            let said = json!({
                "grant": grant, "response_mode": "symbolon.scan", "expires": expires,
                "code": code.expose(),
            });
            let mut lines = vec![format!("grant  {grant}")];
            lines.extend(qr_text(code.expose()));
            lines.push(format!("let the institution's terminal scan it before {expires}:"));
            lines.push(code.expose().to_owned());
            term.answer(&said, &lines)
        }
        Answered::Query { redirect, expires, .. } => term.answer(
            &json!({
                "grant": grant, "response_mode": "query", "expires": expires,
                "redirect": redirect.expose(),
            }),
            &[
                format!("grant  {grant}"),
                format!("bring the browser here before {expires}:"),
                redirect.expose().to_owned(),
            ],
        ),
    }
}

#[derive(Debug, Args)]
pub(super) struct Deny {
    /// The session, as `scan` showed it.
    session: Id,
}

impl Deny {
    pub(super) async fn run(self, folder: Folder, term: Term) -> Result<(), Failure> {
        open(folder)?.deny(self.session).await?;
        term.answer(&json!({ "denied": self.session }), &["refused".into()])
    }
}
