//! Reading granted items. The use is durable before the first byte leaves; what is large is
//! behind a link, good for as long as the access token.

use super::call::{Request, send, unexpected};
use super::ciphertext::ciphertext;
use super::guard::{Guard, Institution, authorization};
use super::json::{At, Json};
use super::problem::{Answer, Problem};
use super::route::Route;
use super::state::App;
use super::trouble::Trouble;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use symbolon_actors::prepare::{OpenFault, Opened};
use symbolon_domain::act::read::{Lent, ReadReply};
use symbolon_domain::api::Bytes;
use symbolon_domain::api::partner::{ItemValue, ReadAnswer, ReadAnswerItem, ReadRequest};
use symbolon_domain::bytes::{base64url, base64url_array};
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::entity::Reply;
use symbolon_domain::entity::grant::{Delivery, Grant, GrantUse, GrantedItem};
use symbolon_domain::key::Row;
use symbolon_domain::secret::Secret;
use symbolon_domain::{Id, Path, Rejection};

/// Bytes of one value in the answer itself.
const INLINE_BYTES_MAX: usize = 64 * 1_024;
/// Bytes of all values in the answer itself.
const ANSWER_BYTES_MAX: usize = 1_024 * 1_024;
/// Most paths of one read: as many as an offer can have.
const PATHS_MAX: usize = 256;

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/v1/grants/{id}/reads",
            Guard::Institution,
            read,
            "Reads items with the grant's access token (Authorization: Bearer); one status each",
        )
        .takes::<ReadRequest>()
        .gives::<ReadAnswer>(),
        Route::get(
            "/v1/grants/{id}/reads/{read}/{index}",
            Guard::Institution,
            value,
            "The bytes of a large value of a read: its plaintext, or its object",
        )
        .gives_bytes("application/octet-stream"),
    ]
}

async fn read(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    At(id): At<Id>,
    headers: HeaderMap,
    Json(wanted): Json<ReadRequest>,
) -> Answer<Json<ReadAnswer>> {
    let access = access_token(&headers)?;
    let read: [u8; 16] = wanted.read.0.as_slice().try_into().map_err(|_| {
        Problem::from(Rejection::InvalidRequest).detail("read must be 16 bytes in base64url")
    })?;
    check_paths(&wanted.paths)?;
    let reply = ask(&app, &request, &institution, &access, id, read, wanted.paths).await?;
    let grant_key = grant_key(&app, &reply, &access, id, institution.id)?;
    let numbers = match grant_key {
        Some(_) => numbers(&app, id).await?,
        None => BTreeMap::new(),
    };
    let mut left = ANSWER_BYTES_MAX;
    let mut items = Vec::with_capacity(reply.items.len());
    for item in &reply.items {
        let mut answer =
            ReadAnswerItem { path: item.path.clone(), status: item.status, value: None };
        if let (Some(lent), Some(key)) = (&item.value, &grant_key) {
            let number = numbers.get(&item.path).ok_or(Trouble::StoreFailed)?;
            let link = format!("/v1/grants/{id}/reads/{}/{number}", base64url(&read));
            answer.value = Some(open(&app, &reply, key, id, lent, link, &mut left).await?);
        }
        items.push(answer);
    }
    Ok(Json(ReadAnswer { items, at: reply.at, uses: reply.uses, chain: reply.chain }))
}

/// The bytes behind a link: the same use, of which the record must name this very item.
async fn value(
    State(app): State<Arc<App>>,
    request: Request,
    institution: Institution,
    At((id, read, index)): At<(Id, String, u16)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let access = access_token(&headers)?;
    let read: [u8; 16] = base64url_array(&read).map_err(|_| Rejection::NotFound)?;
    let grant: Grant = app.head_of(id).await?;
    let earlier: Option<GrantUse> = app.row_as(id, &Row::GrantRead(read)).await?;
    let named = earlier.is_some_and(|earlier| earlier.items.contains(&index));
    if grant.institution != institution.id || !named {
        return Err(Rejection::NotFound.into());
    }
    let item: GrantedItem =
        app.row_as(id, &Row::GrantItem(index)).await?.ok_or(Rejection::NotFound)?;
    let reply = ask(&app, &request, &institution, &access, id, read, vec![item.path]).await?;
    let gone = || Problem::from(Rejection::NotFound).detail("the item is not lent any more");
    let lent = reply.items.first().and_then(|item| item.value.as_ref()).ok_or_else(gone)?;
    let key = grant_key(&app, &reply, &access, id, institution.id)?.ok_or_else(gone)?;
    let object = ciphertext(&app, reply.vault, lent.object, &lent.stored).await?;
    match app.prepare.open(&reply, &key, id, lent, &object).map_err(damaged)? {
        Opened::Sealed(_) => Ok(bytes("application/octet-stream", object)),
        Opened::Plain(item) => Ok(bytes(&item.metadata.media_type, item.value.clone())),
    }
}

fn bytes(media_type: &str, content: Vec<u8>) -> Response {
    let octets = HeaderValue::from_static("application/octet-stream");
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(media_type).unwrap_or(octets));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn ask(
    app: &App,
    request: &Request,
    institution: &Institution,
    access: &Token,
    id: Id,
    read: [u8; 16],
    paths: Vec<String>,
) -> Answer<ReadReply> {
    let command = app.prepare.read(id, access, institution.certificate, read, paths).await?;
    let reply = send(app, request.call(app, id, command)).await.map_err(challenge)?;
    match reply {
        Reply::Read(reply) => Ok(*reply),
        _ => Err(unexpected()),
    }
}

fn grant_key(
    app: &App,
    reply: &ReadReply,
    access: &Token,
    grant: Id,
    client: Id,
) -> Answer<Option<Secret<32>>> {
    if reply.wrap.is_none() {
        return Ok(None);
    }
    app.prepare.grant_key(reply, access, grant, client).map(Some).map_err(damaged)
}

/// The number of each item in its grant, by path.
async fn numbers(app: &App, grant: Id) -> Answer<BTreeMap<String, u16>> {
    let head: Grant = app.head_of(grant).await?;
    let mut numbers = BTreeMap::new();
    for number in 0..head.items {
        let granted: Option<GrantedItem> = app.row_as(grant, &Row::GrantItem(number)).await?;
        numbers.extend(granted.map(|granted| (granted.path, number)));
    }
    Ok(numbers)
}

/// One value: in the answer while there is room, behind the link otherwise.
async fn open(
    app: &App,
    reply: &ReadReply,
    grant_key: &Secret<32>,
    grant: Id,
    lent: &Lent,
    link: String,
    left: &mut usize,
) -> Answer<ItemValue> {
    let mut value = ItemValue {
        version: lent.version,
        digest: lent.stored.digest,
        object_id: Bytes(lent.object.to_vec()),
        item: lent.granted.item,
        plaintext: None,
        media_type: None,
        sealed_secret: None,
        object: None,
        link: None,
    };
    let size = usize::try_from(lent.stored.size).unwrap_or(usize::MAX);
    let fits = size <= INLINE_BYTES_MAX && size <= *left;
    // What the institution opens itself is not looked at here; what the server opens is.
    let object = match (reply.delivery, fits) {
        (Delivery::Institution, false) => Vec::new(),
        _ => ciphertext(app, reply.vault, lent.object, &lent.stored).await?,
    };
    match app.prepare.open(reply, grant_key, grant, lent, &object).map_err(damaged)? {
        Opened::Sealed(secret) => {
            value.sealed_secret = Some(Bytes(secret));
            value.object = fits.then_some(Bytes(object));
        }
        Opened::Plain(item) => {
            value.media_type = Some(item.metadata.media_type.clone());
            value.plaintext = fits.then(|| Bytes(item.value.clone()));
        }
    }
    if fits {
        *left -= size;
    } else {
        value.link = Some(link);
    }
    Ok(value)
}

fn damaged(fault: OpenFault) -> Problem {
    tracing::warn!(%fault, "a value does not open");
    Problem::from(Trouble::StoreFailed).detail(fault.to_string())
}

fn check_paths(paths: &[String]) -> Answer<()> {
    let wrong = |why: &str| Err(Problem::from(Rejection::InvalidRequest).detail(why));
    let distinct: BTreeSet<&String> = paths.iter().collect();
    if paths.is_empty() || paths.len() > PATHS_MAX || distinct.len() != paths.len() {
        return wrong("paths must name 1 to 256 paths, each once");
    }
    if paths.iter().any(|path| path.parse::<Path>().is_err()) {
        return wrong("paths holds something that is no path");
    }
    Ok(())
}

/// The access token of `Authorization: Bearer` (RFC 6750 section 2.1).
fn access_token(headers: &HeaderMap) -> Answer<Token> {
    let missing = || {
        challenge(
            Problem::from(Rejection::InvalidToken)
                .detail("an Authorization header \"Bearer <access token>\" is needed"),
        )
    };
    let text = authorization(headers, "Bearer ").ok_or_else(missing)?;
    Token::parse(TokenClass::Access, text).map_err(|_| challenge(Rejection::InvalidToken.into()))
}

fn challenge(problem: Problem) -> Problem {
    match problem.cause {
        super::problem::Cause::Rejection(Rejection::InvalidToken) => {
            problem.header(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
        }
        _ => problem,
    }
}
