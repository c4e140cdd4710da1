//! A side of the row about redemptions over HTTP/3: wallets give codes at a node, then an
//! institution redeems them, 64 at once. `scripts/bench` runs it beside a node of its own,
//! in whose folder it has made the bank and the wallets.
//!
//! `bench_redeem_http redeem --site FOLDER --web ORIGIN --partner ORIGIN --offer HASH
//! --wallets 8 --codes 400 --server PID`

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "an example")]

#[path = "../../scripts/benchmark/side.rs"]
#[allow(dead_code, reason = "no example uses all of it")]
mod side;

use side::{CLIENT_CORE, Failure, Window, Words};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use symbolon_client::folder::Folder;
use symbolon_client::http3::{Http3, Identity, Request, Trust};
use symbolon_client::institution::{Institution, InstitutionKeys, PushRequest};
use symbolon_client::wallet::{Answered, Wallet};
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::entity::session::ResponseMode;
use symbolon_domain::oauth::pkce::Verifier;

const CALLERS: usize = 64;
const REDIRECT_URI: &str = "https://bank.example/callback";

fn main() -> Result<(), Failure> {
    let words = Words::read();
    if words.side()? != "redeem" {
        return Err("the only side is redeem".into());
    }
    let site = Arc::new(Site {
        folder: words.get("--site")?,
        web: words.get("--web")?,
        partner: words.get("--partner")?,
        offer: words.get("--offer")?,
    });
    let (wallets, codes): (usize, usize) = (words.get("--wallets")?, words.get("--codes")?);
    let server = words.get("--server")?;
    side::runtime(CLIENT_CORE)?.block_on(async {
        let bank = Arc::new(site.bank()?);
        let given = Arc::new(Mutex::new(Vec::new()));
        let mut people = tokio::task::JoinSet::new();
        for number in 0..wallets {
            let (site, bank, given) = (site.clone(), bank.clone(), given.clone());
            people.spawn(async move {
                let mut wallet = site.wallet(number)?;
                let web = site.http(&site.web, None)?;
                for _ in 0..codes / wallets {
                    let code = site.code(&bank, &web, &mut wallet).await?;
                    given.lock().map_err(|_| "a wallet failed")?.push(code);
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(ended) = people.join_next().await {
            ended??;
        }
        redeem(bank, given, server).await
    })
}

async fn redeem(
    bank: Arc<Institution>,
    given: Arc<Mutex<Vec<(Code, Verifier)>>>,
    server: u32,
) -> Result<(), Failure> {
    let window = Window::open_with(0.0, Some(server));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (bank, given) = (bank.clone(), given.clone());
        callers.spawn(async move {
            let mut count = 0;
            loop {
                let next = given.lock().map_err(|_| "a caller failed")?.pop();
                let Some((code, verifier)) = next else { return Ok::<u64, Failure>(count) };
                bank.redeem(&code, &verifier, Some(REDIRECT_URI)).await?;
                count += 1;
            }
        });
    }
    let mut total = 0;
    while let Some(count) = callers.join_next().await {
        total += count??;
    }
    window.close(total);
    Ok(())
}

/// Where the node and those who take part are.
struct Site {
    folder: PathBuf,
    web: String,
    partner: String,
    offer: Digest,
}

impl Site {
    fn http(&self, origin: &str, identity: Option<&Identity>) -> Result<Http3, Failure> {
        let trust = Trust::from_file(&self.folder.join("node/tls/ca.pem"))?;
        Ok(Http3::new(origin, &trust, identity)?)
    }

    fn bank(&self) -> Result<Institution, Failure> {
        let folder: &Path = &self.folder.join("bank");
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("certificate.key"));
        let identity = Identity::from_files(&certificate, &key)?;
        let http = self.http(&self.partner, Some(&identity))?;
        let keys: InstitutionKeys = Folder::new(folder.to_owned()).read("institution.json")?;
        Ok(Institution::new(Arc::new(http), keys, self.web.clone()))
    }

    fn wallet(&self, number: usize) -> Result<Wallet, Failure> {
        let http = Arc::new(self.http(&self.web, None)?);
        let folder = self.folder.join(format!("wallet-{number}"));
        Ok(Wallet::open(http, Folder::new(folder))?)
    }

    /// A consent until its code, by redirect.
    async fn code(
        &self,
        bank: &Institution,
        web: &Http3,
        wallet: &mut Wallet,
    ) -> Result<(Code, Verifier), Failure> {
        let request = PushRequest {
            offer: self.offer,
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
        let session = wallet.scan(&link).await?.statement.session;
        wallet.claim(session).await?;
        let asked = wallet.asked(session).await?;
        let answered = wallet.approve(&asked, &asked.everything()).await?;
        let Answered::Query { redirect, .. } = answered else {
            return Err("another response mode".into());
        };
        let redirect = url::Url::parse(redirect.expose())?;
        let code = redirect.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.ok_or("the redirect has no code")?;
        Ok((Code::parse(&code)?, pushed.verifier))
    }
}
