//! The whole node killed under load, again and again: what it acknowledged is there
//! afterwards. `SYMBOLON_NODE_KILLS` says how often.

use crate::site::{REDIRECT_URI, Site};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use symbolon_client::folder::Folder;
use symbolon_client::http3::{Http3, Identity, Request};
use symbolon_client::institution::{Institution, InstitutionKeys, PushRequest, granted};
use symbolon_client::wallet::{Answered, Wallet};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::oauth::pkce::Verifier;
use symbolon_domain::oauth::token_request::TokenAnswer;
use symbolon_domain::{Id, Path};

const WALLETS: usize = 4;
const KILLS: usize = 3;
/// The node is killed after so many redemptions, and some more from round to round.
const REDEMPTIONS_MIN: usize = 4;

/// An approval whose answer arrived.
struct Approved {
    grant: Id,
    code: Code,
    verifier: Verifier,
    /// The tokens, if the answer to the redemption arrived; `Unknown` if it did not.
    redeemed: Redeemed,
}

enum Redeemed {
    NotAsked,
    Unknown,
    Yes(Box<TokenAnswer>),
}

fn bank(site: &Site) -> Institution {
    let folder = Folder::new(site.path().join("bank"));
    let file = |name: &str| site.path().join("bank").join(name);
    let identity =
        Identity::from_files(&file("certificate.pem"), &file("certificate.key")).unwrap();
    let http = Http3::new(&site.at.partner, &site.trust(), Some(&identity)).unwrap();
    let keys: InstitutionKeys = folder.read("institution.json").unwrap();
    Institution::new(Arc::new(http), keys, site.at.web.clone())
}

fn wallet(site: &Site, number: usize) -> Wallet {
    let http = Arc::new(Http3::new(&site.at.web, &site.trust(), None).unwrap());
    Wallet::open(http, Folder::new(site.path().join(format!("wallet-{number}")))).unwrap()
}

// Consents without end, each recorded as far as it was acknowledged.
async fn load(
    bank: &Institution,
    web: &Http3,
    wallet: &mut Wallet,
    offer: Digest,
    acknowledged: &Mutex<Vec<Approved>>,
    redemptions: &AtomicUsize,
) -> Result<(), symbolon_client::ClientError> {
    loop {
        let request = PushRequest {
            offer,
            response_mode: ResponseMode::Query,
            redirect_uri: Some(REDIRECT_URI.into()),
            front_end: None,
            paths: None,
        };
        let pushed = bank.push(&request).await?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &bank.id().to_string())
            .append_pair("request_uri", &pushed.request_uri)
            .finish();
        let browsed = web.send(&Request::get(format!("/oauth/authorize?{query}"))).await?;
        let link = browsed.location().ok_or_else(|| browsed.refusal())?.parse()?;
        let scanned = wallet.scan(&link).await?;
        let session = scanned.statement.session;
        wallet.claim(session).await?;
        let asked = wallet.asked(session).await?;
        let Answered::Query { grant, redirect, .. } =
            wallet.approve(&asked, &asked.everything()).await?
        else {
            panic!("another response mode")
        };
        let redirect = url::Url::parse(redirect.expose()).unwrap();
        let (_, code) = redirect.query_pairs().find(|(name, _)| name == "code").unwrap();
        let code = Code::parse(&code).unwrap();
        let number = {
            let mut acknowledged = acknowledged.lock().unwrap();
            let verifier = pushed.verifier.clone();
            let redeemed = Redeemed::NotAsked;
            acknowledged.push(Approved { grant, code: code.clone(), verifier, redeemed });
            acknowledged.len() - 1
        };
        // Every fourth code stays unredeemed.
        if number % 4 == 3 {
            continue;
        }
        acknowledged.lock().unwrap()[number].redeemed = Redeemed::Unknown;
        let tokens = bank.redeem(&code, &pushed.verifier, Some(REDIRECT_URI)).await?;
        acknowledged.lock().unwrap()[number].redeemed = Redeemed::Yes(Box::new(tokens));
        redemptions.fetch_add(1, Ordering::Relaxed);
    }
}

async fn until_killed(site: &mut Site, offer: Digest, enough: usize) -> Vec<Approved> {
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let redemptions = Arc::new(AtomicUsize::new(0));
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..WALLETS {
        let (bank, mut wallet) = (bank(site), wallet(site, number));
        let web = Http3::new(&site.at.web, &site.trust(), None).unwrap();
        let (acknowledged, redemptions) = (acknowledged.clone(), redemptions.clone());
        callers.spawn(async move {
            load(&bank, &web, &mut wallet, offer, &acknowledged, &redemptions).await
        });
    }
    while redemptions.load(Ordering::Relaxed) < enough {
        let ended = callers.try_join_next();
        assert!(ended.is_none(), "the load ended before the node did: {ended:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    site.node().kill();
    callers.shutdown().await;
    std::mem::take(&mut *acknowledged.lock().unwrap())
}

async fn look(site: &Site, approved: &[Approved]) {
    let bank = bank(site);
    let name: Path = "oidc.name".parse().unwrap();
    for Approved { grant, code, verifier, redeemed } in approved {
        let seen = bank.grant(*grant).await;
        assert!(seen.is_ok(), "an acknowledged approval is gone: {seen:?}");
        let redeem = async || bank.redeem(code, verifier, Some(REDIRECT_URI)).await;
        match redeemed {
            Redeemed::NotAsked => {
                let tokens = redeem().await.expect("an acknowledged code can be redeemed");
                assert_eq!(granted(&tokens).unwrap(), *grant);
            }
            Redeemed::Yes(tokens) => {
                let read = bank.read(*grant, &tokens.access_token, std::slice::from_ref(&name));
                let read = read.await.expect("an acknowledged token works");
                assert_eq!(read.items[0].value.as_deref(), Some(&b"\"Ada Lovelace\""[..]));
                let twice = redeem().await;
                let code = twice.as_ref().err().and_then(|error| error.code());
                assert_eq!(code, Some("invalid_grant"), "a code redeemed twice: {twice:?}");
            }
            // Committed or not, it cannot be both: at most one more succeeds.
            Redeemed::Unknown => {
                let (one, two) = (redeem().await, redeem().await);
                assert!(one.is_err() || two.is_err(), "a code redeemed twice");
            }
        }
    }
}

#[test]
fn what_was_acknowledged_outlives_the_node() {
    let kills = std::env::var("SYMBOLON_NODE_KILLS");
    let kills = kills.map_or(KILLS, |text| text.parse().expect("SYMBOLON_NODE_KILLS: a number"));
    let mut site = Site::start();
    site.institution("bank");
    let offer: Digest = site.offer("bank", "institution").parse().unwrap();
    for number in 0..WALLETS {
        site.wallet(&format!("wallet-{number}"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (mut approvals, mut redemptions) = (0, 0);
    for kill in 0..kills {
        let enough = REDEMPTIONS_MIN + kill * 7 % 11;
        let approved = runtime.block_on(until_killed(&mut site, offer, enough));
        site.serve_again(&[]);
        runtime.block_on(look(&site, &approved));
        approvals += approved.len();
        let done = |it: &&Approved| matches!(it.redeemed, Redeemed::Yes(_));
        redemptions += approved.iter().filter(done).count();
    }
    println!("{kills} kills: {approvals} approvals and {redemptions} redemptions, none lost");
}
