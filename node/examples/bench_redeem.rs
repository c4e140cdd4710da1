//! A side of the row about redemptions: codes for ten items are given by the acts that give
//! them, then 64 callers redeem them at the router port, checks and crypto included.
//! `scripts/bench` runs it; by hand:
//!
//! `cargo run --release -p symbolon-node --example bench_redeem -- redeem --folder FOLDER
//! --codes 3000`

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "an example")]

#[path = "../../scripts/benchmark/side.rs"]
#[allow(dead_code, reason = "no example uses all of it")]
mod side;

use side::{Failure, Window, Words};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use symbolon_actors::prepare::{CodeRequest, Prepare};
use symbolon_actors::{Actors, LocalRouter, Ports};
use symbolon_domain::act::approve::Approve;
use symbolon_domain::bytes::Digest;
use symbolon_domain::crypto::P256Public;
use symbolon_domain::crypto::code::Code;
use symbolon_domain::crypto::token::{Token, TokenClass};
use symbolon_domain::crypto::wrap::{Context, code_wrap_key, wrap};
use symbolon_domain::entity::device::{Authenticator, Registration};
use symbolon_domain::entity::grant::{Authentication, Delivery, Frequency, GrantedItem, Terms};
use symbolon_domain::entity::institution::{self, Description, InstitutionState};
use symbolon_domain::entity::offer::{self, OfferState};
use symbolon_domain::entity::session::{self, Request, ResponseMode};
use symbolon_domain::entity::token::Credential;
use symbolon_domain::entity::vault::{self, ItemVersion, ManifestHead, StoredObject};
use symbolon_domain::entity::{Command, grant};
use symbolon_domain::port::{Call, Clock, Entropy, Principal, Router};
use symbolon_domain::secret::{Secret, SecretText};
use symbolon_domain::{Id, Kind, Region};
use symbolon_node::clock::{SystemClock, SystemEntropy};
use symbolon_node::crypto::AwsLc;
use symbolon_node::rule::AllowAll;
use symbolon_store::{EmbeddedOptions, EmbeddedStore};

const CALLERS: usize = 64;
const ITEMS: u8 = 10;
const REDIRECT_URI: &str = "https://bank.example/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn main() -> Result<(), Failure> {
    let words = Words::read();
    let folder: PathBuf = words.get("--folder")?;
    let codes: usize = words.get("--codes")?;
    if words.side()? != "redeem" {
        return Err("the only side is redeem".into());
    }
    let store = EmbeddedStore::open(&folder.join("store"), &EmbeddedOptions::default())?;
    // The callers are the node's own handlers, so the two cores are one server's.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let site = Arc::new(Site::start(Arc::new(store)).await?);
        site.stage().await?;
        let wanted = (0..codes).collect();
        let giving = site.clone();
        let codes = at_once(wanted, move |number| {
            let site = giving.clone();
            async move { site.code(number).await }
        })
        .await?;
        let (window, number) = (Window::open(0.0), codes.len() as u64);
        at_once(codes, move |code| {
            let site = site.clone();
            async move { site.redeem(&code).await }
        })
        .await?;
        window.close(number);
        Ok(())
    })
}

/// Does all of it, with 64 callers.
async fn at_once<T, U, F, A>(work: Vec<T>, does: F) -> Result<Vec<U>, Failure>
where
    T: Send + 'static,
    U: Send + 'static,
    F: Fn(T) -> A + Clone + Send + 'static,
    A: Future<Output = Result<U, Failure>> + Send,
{
    let work = Arc::new(Mutex::new(work));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (work, does) = (work.clone(), does.clone());
        callers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let next = work.lock().map_err(|_| "a caller failed")?.pop();
                let Some(next) = next else { return Ok::<_, Failure>(done) };
                done.push(does(next).await?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(done) = callers.join_next().await {
        all.extend(done??);
    }
    Ok(all)
}

/// A bank with an offer, and a person's vault with ten items and one phone.
struct Site {
    region: Region,
    prepare: Prepare,
    router: LocalRouter,
    // Ends with it.
    _actors: Actors,
    bank: Id,
    offer: Id,
    vault: Id,
    phone: Id,
}

impl Site {
    async fn start(store: Arc<EmbeddedStore>) -> Result<Self, Failure> {
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let ports = Ports {
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            effects: None,
        };
        let actors = Actors::start(ports, symbolon_actors::Limits::default()).await?;
        let (crypto, rule) = (Arc::new(AwsLc), Arc::new(AllowAll));
        let region: Region = "eu1".parse()?;
        let id = |kind| Id::new(kind, region, random());
        Ok(Self {
            region,
            prepare: Prepare { store, crypto, rule, clock, entropy },
            router: actors.router(),
            _actors: actors,
            bank: id(Kind::Institution),
            offer: id(Kind::Offer),
            vault: id(Kind::Vault),
            phone: id(Kind::Device),
        })
    }

    async fn call(
        &self,
        principal: Principal,
        target: Id,
        command: Command,
    ) -> Result<(), Failure> {
        let call = Call {
            principal,
            deadline: SystemClock.now().after(Duration::from_secs(60)),
            request_id: random(),
            seed: random(),
            trace: None,
            target,
            command,
            keep: None,
        };
        self.router.call(call).await??;
        Ok(())
    }

    async fn stage(&self) -> Result<(), Failure> {
        let operator = Principal::Operator("operator".into());
        let by_bank = Principal::Institution(self.bank);
        let by_phone = Principal::Device(self.phone);
        let approved = institution::Command::Judge(InstitutionState::Approved);
        let propose = offer::Command::Propose {
            hash: Digest([1; 32]),
            document: vec![7; 2_000],
            title: "Open an account".into(),
            expires: None,
        };
        let create = vault::Command::Create {
            device: self.phone,
            registration: Box::new(registration()),
            token: credential(TokenClass::Device, self.region),
            recovery: None,
            empty_root: Digest([0; 32]),
        };
        self.call(Principal::Anyone, self.bank, describe()).await?;
        self.call(operator.clone(), self.bank, approved.into()).await?;
        self.call(by_bank, self.offer, propose.into()).await?;
        self.call(operator, self.offer, offer::Command::Judge(OfferState::Approved).into()).await?;
        self.call(Principal::Anyone, self.vault, create.into()).await?;
        for number in 0..ITEMS {
            self.call(by_phone.clone(), self.vault, put(number)).await?;
        }
        self.call(by_phone, self.vault, commit()).await
    }

    /// A consent until its code.
    async fn code(&self, number: usize) -> Result<SecretText, Failure> {
        let id = |kind| Id::new(kind, self.region, random());
        let (session, grant) = (id(Kind::Session), id(Kind::Grant));
        let by_phone = Principal::Device(self.phone);
        let hash = Digest::of(&number.to_be_bytes());
        let push = session::Command::Push {
            request: Box::new(self.request()),
            reference_hash: hash,
            document: vec![7; 1_000],
        };
        let open = session::Command::Open {
            reference_hash: Some(hash),
            hint: None,
            statement: vec![7; 600],
            statement_hash: hash,
        };
        let code = Code {
            handle: Token::new(TokenClass::Code, self.region, &random()),
            half: Secret::new(random()),
        };
        let approve = self.approve(session, grant, hash, &code)?;
        self.call(Principal::Institution(self.bank), session, push.into()).await?;
        self.call(Principal::Anyone, session, open.into()).await?;
        self.call(by_phone.clone(), session, session::Command::Claim { number: 42 }.into()).await?;
        self.call(by_phone, grant, approve).await?;
        Ok(code.to_text())
    }

    async fn redeem(&self, code: &SecretText) -> Result<(), Failure> {
        let request = CodeRequest {
            client: self.bank,
            certificate: Digest([9; 32]),
            code: code.expose(),
            verifier: VERIFIER,
            redirect_uri: Some(REDIRECT_URI.into()),
        };
        let issued = self.prepare.redeem(&request).await?;
        self.call(Principal::Institution(self.bank), issued.target, issued.command).await
    }

    fn request(&self) -> Request {
        Request {
            offer: self.offer,
            offer_hash: Digest([1; 32]),
            response_mode: ResponseMode::Query,
            redirect_uri: Some(REDIRECT_URI.into()),
            state: None,
            challenge: Digest::of(VERIFIER.as_bytes()),
            hash: Digest([5; 32]),
            front_end: None,
        }
    }

    fn approve(
        &self,
        session: Id,
        grant: Id,
        hash: Digest,
        code: &Code,
    ) -> Result<Command, Failure> {
        let key = code_wrap_key(&code.half, grant, self.bank);
        let grant_key: [u8; 32] = random();
        let code_wrap = wrap(&AwsLc, &key, &Context::grant_key(grant, self.bank), &grant_key)?;
        let now = SystemClock.now();
        let approve = Approve {
            session,
            request: self.request(),
            statement_hash: hash,
            institution: self.bank,
            vault: self.vault,
            selection: vec![7; 2_500],
            selection_hash: hash,
            terms: Terms {
                purpose: "dpv:IdentityVerification".into(),
                frequency: Frequency { uses_max: 12, period_seconds: None },
                data_life_seconds: None,
                delivery: Delivery::Institution,
                covers_future: false,
                expires: now.after(Duration::from_secs(3_600)),
            },
            items: (0..ITEMS).map(|number| (granted(number), vec![number; 128])).collect(),
            refused: 0,
            handle: code.handle.text().expose().to_owned(),
            code: Credential { id: code.handle.id(), hash: code.handle.hash() },
            code_wrap: code_wrap.as_bytes().to_vec(),
            sealed_half: None,
            authentication: Authentication {
                amr: vec!["swk".into(), "user".into()],
                acr: symbolon_actors::prepare::ACR_USER_VERIFIED.into(),
                auth_time: now,
            },
        };
        Ok(grant::Command::Approve(Box::new(approve)).into())
    }
}

fn random<const N: usize>() -> [u8; N] {
    let entropy: &dyn Entropy = &SystemEntropy;
    entropy.bytes()
}

fn credential(class: TokenClass, region: Region) -> Credential {
    let token = Token::new(class, region, &random());
    Credential { id: token.id(), hash: token.hash() }
}

fn describe() -> Command {
    let key = P256Public([1; 64]);
    let description = Description {
        name: "The bank".into(),
        dns_name: "bank.example".into(),
        signing_key: key,
        hpke_key: [1; 32],
        hpke_kid: "1".into(),
        redirect_uris: vec![REDIRECT_URI.into()],
        webhook: None,
        document_hash: Digest([1; 32]),
    };
    let description = Box::new(description);
    institution::Command::Describe { description, document: vec![7; 800], signed_by: key }.into()
}

fn registration() -> Registration {
    Registration {
        name: "Phone".into(),
        signing_key: P256Public([2; 64]),
        jkt: Digest([2; 32]),
        hpke_key: [2; 32],
        authenticator: Authenticator {
            credential_id: vec![2; 32],
            credential_key: P256Public([2; 64]),
            rp_id: "localhost".into(),
            origin: "https://localhost".into(),
            amr: vec!["swk".into()],
            sign_count: 0,
        },
    }
}

fn put(number: u8) -> Command {
    let stored = StoredObject {
        digest: Digest([number; 32]),
        size: 300,
        blob: None,
        pieces: 1,
        created: SystemClock.now(),
        erase: None,
    };
    let pieces = vec![vec![number; 300]];
    vault::Command::PutObject { object: [number; 16], stored, pieces, bytes_max: 1_000_000 }.into()
}

fn commit() -> Command {
    let version = |number| ItemVersion {
        version: 1,
        epoch: 0,
        object: [number; 16],
        digest: Digest([number; 32]),
        size: 300,
        salt: [number; 32],
        tombstone: None,
    };
    vault::Command::Commit {
        previous: ManifestHead { epoch: 0, root: Digest([0; 32]) },
        next: ManifestHead { epoch: 1, root: Digest([1; 32]) },
        document: vec![7; 500],
        items: (0..ITEMS).map(|number| (Digest([number; 32]), version(number))).collect(),
        nodes_added: Vec::new(),
        nodes_removed: Vec::new(),
        versions_kept: Duration::from_secs(3_600),
    }
    .into()
}

fn granted(number: u8) -> GrantedItem {
    GrantedItem {
        path: format!("identity.claim_{number}"),
        item: Digest([number; 32]),
        version: 1,
        object: [number; 16],
        digest: Digest([number; 32]),
        epoch: 0,
    }
}
