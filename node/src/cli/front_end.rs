//! `symbolon front-end …`: a screen that shows QR codes, in a folder.

use super::place::{FRONT_END, Place};
use super::wallet::NodeArgs;
use super::{Failure, Term};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use symbolon_client::event_view;
use symbolon_client::folder::Folder;
use symbolon_client::front_end::{FrontEnd, hint_of};
use symbolon_domain::Id;
use symbolon_domain::api::front_end::OpenSession;
use symbolon_domain::secret::SecretText;

const EXAMPLES: &str = "\
Examples:
  symbolon front-end enrol fre_… enr_… --folder counter --ca symbolon-data/tls/ca.pem
  symbolon front-end open urn:ietf:params:oauth:request_uri:req_… --folder counter
  symbolon front-end open --session ses_… --folder counter   one that was pushed for it
  symbolon front-end open --session ses_… --hint 'https://…/h#hnt_…' --folder counter
  symbolon front-end ask --folder counter        then `watch` for the request
  symbolon front-end number ses_… 42 --folder counter
  symbolon front-end watch --folder counter";

/// A front end: a kiosk, a till, a page that shows QR codes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FrontEndArgs {
    /// The front end's folder.
    #[arg(long, global = true, value_name = "FOLDER", env = "SYMBOLON_FRONT_END")]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: FrontEndCommand,
}

#[derive(Debug, Subcommand)]
enum FrontEndCommand {
    /// Bind a new key with the enrolment code that the institution got.
    Enrol {
        /// Which front end.
        front_end: Id,
        /// Its enrolment code.
        code: String,
        #[command(flatten)]
        node: NodeArgs,
    },
    /// Open the session of a pushed request, and show its QR code.
    Open(Open),
    /// Ask the institution for a request: `watch` shows when it comes.
    Ask,
    /// Type the number that the phone shows. There is one try.
    Number {
        /// The session.
        session: Id,
        /// Two digits.
        number: String,
    },
    /// Give a session up.
    Cancel {
        /// The session.
        session: Id,
    },
    /// Follow what happens to the sessions, until Ctrl-C.
    Watch {
        /// Go on after this position.
        #[arg(long, value_name = "ID")]
        after: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Open {
    /// The `request_uri`.
    #[arg(required_unless_present = "session", conflicts_with = "session")]
    request_uri: Option<String>,
    /// A session whose request was pushed for this front end: `watch` shows it.
    #[arg(long, value_name = "ID")]
    session: Option<Id>,
    /// What the person's phone shows: the session is for that phone alone. Quote it: it has a
    /// #.
    #[arg(long, value_name = "LINK")]
    hint: Option<String>,
    /// Write the code as an image: a .svg or .png file.
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

impl FrontEndArgs {
    /// Runs it.
    ///
    /// # Errors
    /// What was refused or failed.
    pub(crate) async fn run(self, term: Term) -> Result<(), Failure> {
        let missing = || Failure::usage("name the front end's folder with --folder");
        let folder = Folder::new(self.folder.ok_or_else(missing)?);
        match self.command {
            FrontEndCommand::Enrol { front_end, code, node } => {
                enrol(&folder, front_end, code, &node, term).await
            }
            FrontEndCommand::Open(what) => show(&folder, what, term).await,
            FrontEndCommand::Ask => {
                open(&folder)?.ask().await?;
                term.answer(&json!({ "asked": true }), &["the institution is told".into()])
            }
            FrontEndCommand::Number { session, number } => {
                let view = open(&folder)?.type_number(session, &number).await?;
                term.answer(&view, &["the number fits: the phone may go on".into()])
            }
            FrontEndCommand::Cancel { session } => {
                open(&folder)?.cancel(session).await?;
                term.answer(&json!({ "cancelled": session }), &["given up".into()])
            }
            FrontEndCommand::Watch { after } => watch(&folder, after, term).await,
        }
    }
}

fn open(folder: &Folder) -> Result<FrontEnd, Failure> {
    Ok(FrontEnd::open(Place::load(folder)?.web()?, folder.read(FRONT_END)?))
}

async fn enrol(
    folder: &Folder,
    id: Id,
    code: String,
    node: &NodeArgs,
    term: Term,
) -> Result<(), Failure> {
    let place = Place::discover(&node.node, node.ca.as_deref()).await?;
    let front_end = FrontEnd::enrol(place.web()?, id, SecretText::new(code)).await?;
    folder.write(FRONT_END, front_end.state())?;
    place.save(folder)?;
    let state = front_end.state();
    let said = json!({ "front_end": state.id, "name": state.name, "place": state.place });
    term.answer(&said, &[format!("enrolled: {}, {}", state.name, state.place)])
}

async fn show(folder: &Folder, what: Open, term: Term) -> Result<(), Failure> {
    let mut opening = match (&what.request_uri, what.session) {
        (None, Some(session)) => OpenSession::pushed(session),
        (request_uri, _) => OpenSession::request(request_uri.as_deref().unwrap_or_default()),
    };
    if let Some(scanned) = &what.hint {
        opening = opening.for_hint(hint_of(scanned)?);
    }
    let front_end = open(folder)?;
    let opened = front_end.open_session(&opening).await?;
    let session = opened.session.id;
    if let Some(file) = &what.image {
        let format = file.extension().and_then(|it| it.to_str()).unwrap_or("svg");
        let drawn = front_end.qr_image(session, format).await?;
        std::fs::write(file, drawn)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    }
    let mut lines = Vec::new();
    if opened.session.invited {
        lines.push("the phone that showed the code is told; it needs no other".into());
    } else {
        if !term.is_json() {
            lines.push(front_end.qr_text(session).await?);
        }
        lines.push(format!("link     {}", opened.link));
    }
    lines.push(format!("session  {session}, until {}", opened.expires));
    lines.push(format!("then     symbolon front-end number {session} NUMBER"));
    term.answer(&opened, &lines)
}

async fn watch(folder: &Folder, after: Option<String>, term: Term) -> Result<(), Failure> {
    let front_end = open(folder)?;
    let mut events = front_end.follow(after.as_deref()).await?;
    term.note("following; Ctrl-C ends");
    loop {
        let event = events.next().await?;
        let view = event_view(&event)?;
        let id = event.id.as_deref().unwrap_or_default();
        if term.is_json() {
            term.raw(&json!({ "id": id, "event": view }).to_string());
        } else {
            term.raw(&format!("{}  {}", view.at, serde_json::to_string(&view.body)?));
        }
    }
}
