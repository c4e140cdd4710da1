//! One consent exchange from the pushed request to the values, in any mode and delivery.

use super::cast::Cast;
use super::teller::Teller;
use crate::cli::Failure;
use std::time::Duration;
use symbolon_client::http3::{EventStream, Request};
use symbolon_client::institution::{PushRequest, Pushed, ReadItem, granted};
use symbolon_client::wallet::{Answered, Asked, ScanCode, SessionLink};
use symbolon_client::{ClientError, event_view};
use symbolon_domain::api::event::EventBody;
use symbolon_domain::api::front_end::OpenSession;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::entity::grant::Delivery;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::oauth::metadata::AUTHORIZATION_PATH;
use symbolon_domain::oauth::token_request::TokenAnswer;
use symbolon_domain::{Id, Path};

/// How long an event may take to come.
const EVENT_DEADLINE: Duration = Duration::from_secs(30);

/// What the bank has after an exchange.
pub(super) struct Given {
    pub(super) grant: Id,
    pub(super) tokens: TokenAnswer,
    pub(super) ticked: Vec<Path>,
}

/// What the bank has before it redeems the code.
pub(super) struct Approved {
    pub(super) grant: Id,
    pub(super) code: Code,
    pub(super) pushed: Pushed,
    pub(super) ticked: Vec<Path>,
}

/// A whole exchange, told step by step.
pub(super) async fn run_exchange(
    cast: &mut Cast,
    teller: &mut Teller,
    mode: ResponseMode,
    delivery: Delivery,
) -> Result<(), Failure> {
    let opened_by = match delivery {
        Delivery::Institution => "only the bank can open",
        Delivery::Server => "the node opens, and the phone says so",
    };
    teller.chapter(&format!("Consent, {}: {opened_by}", mode_name(mode)));
    let given = give(cast, Some(teller), mode, delivery).await?;
    let read = cast.bank.read(given.grant, &given.tokens.access_token, &given.ticked).await?;
    let same = read.items.iter().all(|item| cast.is_as_stored(item));
    let whole = read.items.len() == given.ticked.len();
    teller.demand(same && whole, "bank", &format!("read {}", values(&read.items)));
    Ok(())
}

/// An exchange up to the tokens; told if there is a teller.
pub(super) async fn give(
    cast: &mut Cast,
    mut teller: Option<&mut Teller>,
    mode: ResponseMode,
    delivery: Delivery,
) -> Result<Given, Failure> {
    let approved = approve(cast, teller.as_deref_mut(), mode, delivery).await?;
    let Approved { grant, code, pushed, ticked } = approved;
    let redirect_uri = pushed.redirect_uri.as_deref();
    let tokens = cast.bank.redeem(&code, &pushed.verifier, redirect_uri).await?;
    let details = tokens.authorization_details.first().map_or(0, |granted| granted.items.len());
    if granted(&tokens)? != grant || details != ticked.len() {
        return Err(Failure::new("the tokens are for something else than alice gave"));
    }
    if let Some(teller) = teller {
        let what = format!("redeemed the code: tokens for {details} items under {grant}");
        teller.step("bank", &what);
    }
    Ok(Given { grant, tokens, ticked })
}

/// An exchange up to the code in the bank's hands.
pub(super) async fn approve(
    cast: &mut Cast,
    mut teller: Option<&mut Teller>,
    mode: ResponseMode,
    delivery: Delivery,
) -> Result<Approved, Failure> {
    let mut tell = |who: &str, what: &str| {
        if let Some(teller) = teller.as_deref_mut() {
            teller.step(who, what);
        }
    };
    // Listening first: what comes later is not missed.
    let mut events = match mode {
        ResponseMode::Session => Some(cast.bank.events(None).await?),
        _ => None,
    };
    let pushed = cast.bank.push(&request(cast, mode, delivery)).await?;
    tell("bank", &format!("pushed a request with response_mode {}", mode_name(mode)));
    let link = open(cast, mode, &pushed).await?;
    tell(if mode == ResponseMode::Query { "browser" } else { "counter" }, &format!("shows {link}"));

    let scanned = cast.alice.scan(&link).await?;
    let statement = &scanned.statement;
    let place = statement.front_end.as_ref().map_or_else(
        || "on this device".to_owned(),
        |front_end| format!("at {}, {}", front_end.name, front_end.place),
    );
    let claimed = cast.alice.claim(link.session).await?;
    tell("alice", &format!("verified the statement: {} {place}", statement.institution.name));
    if let Some(number) = &claimed.number {
        cast.counter.type_number(link.session, number).await?;
        tell("counter", &format!("typed the number that alice's phone shows: {number}"));
    }
    let asked = cast.alice.asked(link.session).await?;
    let ticked = cast.ticks(&asked);
    let answered = cast.alice.approve(&asked, &ticked).await?;
    tell("alice", &choice(&asked, &ticked));

    let code = code_of(cast, &answered, &pushed, events.as_mut()).await?;
    tell("bank", code_came(mode));
    Ok(Approved { grant: answered.grant(), code, pushed, ticked })
}

/// What the bank asks for.
pub(super) fn request(cast: &Cast, mode: ResponseMode, delivery: Delivery) -> PushRequest {
    let query = mode == ResponseMode::Query;
    PushRequest {
        offer: cast.offer(delivery),
        response_mode: mode,
        redirect_uri: query.then(|| super::cast::REDIRECT_URI.to_owned()),
        front_end: None,
        paths: None,
    }
}

// The session's link: on the counter's screen, or where the browser is sent.
async fn open(
    cast: &Cast,
    mode: ResponseMode,
    pushed: &Pushed,
) -> Result<SessionLink, ClientError> {
    if mode != ResponseMode::Query {
        return cast
            .counter
            .open_session(&OpenSession::request(&pushed.request_uri))
            .await?
            .link
            .parse();
    }
    let answer = cast.web.send(&browse(cast, &pushed.request_uri)).await?;
    match answer.location() {
        Some(location) => location.parse(),
        None => Err(answer.refusal()),
    }
}

/// The request that a browser makes of a pushed one.
pub(super) fn browse(cast: &Cast, request_uri: &str) -> Request {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &cast.bank.id().to_string())
        .append_pair("request_uri", request_uri)
        .finish();
    Request::get(format!("{AUTHORIZATION_PATH}?{query}"))
}

async fn code_of(
    cast: &Cast,
    answered: &Answered,
    pushed: &Pushed,
    events: Option<&mut EventStream>,
) -> Result<Code, Failure> {
    let text = match (answered, events) {
        (Answered::Session { grant }, Some(events)) => {
            return code_event(cast, *grant, events).await;
        }
        (Answered::Session { .. }, None) => return Err(Failure::new("nobody listens")),
        (Answered::Scan { code, .. }, _) => {
            // What the bank's terminal does with the QR code on alice's phone.
            let scan: ScanCode = serde_json::from_str(code.expose())?;
            if scan.iss != cast.issuer || scan.client_id != cast.bank.id() {
                return Err(Failure::new("the scanned code is for somebody else"));
            }
            scan.code.expose().to_owned()
        }
        (Answered::Query { redirect, .. }, _) => {
            // What the bank's page does with the address it is called with.
            let url = url::Url::parse(redirect.expose())
                .map_err(|error| Failure::new(error.to_string()))?;
            let get = |name: &str| {
                url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
            };
            let same = get("state").as_deref() == Some(&pushed.state)
                && get("iss").as_deref() == Some(&cast.issuer);
            if !same {
                return Err(Failure::new("state or iss is not that of the request"));
            }
            get("code").unwrap_or_default()
        }
    };
    Code::parse(&text).map_err(|error| Failure::new(error.to_string()))
}

/// The code of a grant, as it comes through the bank's event stream.
pub(super) async fn code_event(
    cast: &Cast,
    given: Id,
    events: &mut EventStream,
) -> Result<Code, Failure> {
    let code = |body: &EventBody| match body {
        EventBody::Code { grant, .. } if *grant == given => Some(body.clone()),
        _ => None,
    };
    Ok(cast.bank.open_code(&wait_for(events, code).await?)?)
}

/// The next event that `pick` wants.
pub(super) async fn wait_for<T>(
    events: &mut EventStream,
    mut pick: impl FnMut(&EventBody) -> Option<T>,
) -> Result<T, Failure> {
    let wait = async {
        while let Some(event) = events.next().await? {
            if let Some(picked) = pick(&event_view(&event)?.body) {
                return Ok(picked);
            }
        }
        Err(ClientError::Answer("the event stream ended early".into()))
    };
    let late = |_| Failure::new("what was waited for did not come through the event stream");
    Ok(tokio::time::timeout(EVENT_DEADLINE, wait).await.map_err(late)??)
}

/// The name of a response mode.
pub(super) fn mode_name(mode: ResponseMode) -> &'static str {
    match mode {
        ResponseMode::Session => "symbolon.session",
        ResponseMode::Scan => "symbolon.scan",
        ResponseMode::Query => "query",
    }
}

fn code_came(mode: ResponseMode) -> &'static str {
    match mode {
        ResponseMode::Session => "got handle and sealed half by its event stream: a code",
        ResponseMode::Scan => "scanned the code from alice's screen",
        ResponseMode::Query => "got the code at its redirect address, with its state and iss",
    }
}

fn choice(asked: &Asked, ticked: &[Path]) -> String {
    let refused = asked.items.iter().map(|item| &item.path).filter(|path| !ticked.contains(path));
    let refused: Vec<&str> = refused.map(Path::as_str).collect();
    let (some, all) = (ticked.len(), asked.items.len());
    format!("ticked {some} of {all} items, refused {}, signed", refused.join(" and "))
}

// The first values, shortened.
fn values(items: &[ReadItem]) -> String {
    let shown = items.iter().take(2).map(|item| {
        let bytes = item.value.as_deref().unwrap_or_default();
        let text: String = String::from_utf8_lossy(bytes).chars().take(24).collect();
        format!("{} = {text}", item.path)
    });
    let shown: Vec<String> = shown.collect();
    format!("{} values as alice stored them: {}, …", items.len(), shown.join(", "))
}
