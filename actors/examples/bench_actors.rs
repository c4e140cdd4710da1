//! Sides of the rows about actors: an entity command that commits nothing beside a bare
//! ractor call, and the memory of live session actors beside bare ones. `scripts/bench`
//! runs them; by hand:
//!
//! `cargo run --release -p symbolon-actors --example bench_actors -- SIDE --seconds 2
//! --live 100000`

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs, reason = "an example")]

#[path = "../../scripts/benchmark/side.rs"]
#[allow(dead_code, reason = "no example uses all of it")]
mod side;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};
use side::{Failure, SERVER_CORE, Window, Words};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use symbolon_actors::{Actors, Limits, LocalRouter, Ports};
use symbolon_domain::bytes::Digest;
use symbolon_domain::entity::session::{self, Request, ResponseMode, Session, SessionStage};
use symbolon_domain::entity::{Head, Stored};
use symbolon_domain::port::{
    Batch, BatchId, BoxFuture, Call, Clock, CommitError, Committed, Entropy, Entry, Principal,
    Range, Router, Settled, Store, StoreFault,
};
use symbolon_domain::{Id, Kind, Timestamp};

/// Tasks that ask at once.
const TASKS: u64 = 64;

struct Bare;

impl Actor for Bare {
    type Msg = RpcReplyPort<u64>;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Self::Msg>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        port: Self::Msg,
        state: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        *state += 1;
        port.send(*state)?;
        Ok(())
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, out: &mut [u8]) {
        let random = Digest::of(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).0;
        out.iter_mut().zip(random).for_each(|(to, from)| *to = from);
    }
}

/// A store in which every head is the same session: it takes no memory of its own.
struct OneSession(Vec<u8>);

impl Store for OneSession {
    fn get<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreFault>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [Vec<u8>],
    ) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>, StoreFault>> {
        Box::pin(async { Ok(keys.iter().map(|_| Some(self.0.clone())).collect()) })
    }

    fn scan<'a>(&'a self, _: &'a Range, _: usize) -> BoxFuture<'a, Result<Vec<Entry>, StoreFault>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn commit(&self, _: Batch) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async { Err(CommitError::Fault(StoreFault::Closed)) })
    }

    fn settle(&self, _: BatchId) -> BoxFuture<'_, Result<Settled, StoreFault>> {
        Box::pin(async { Ok(Settled::Void) })
    }

    fn health(&self) -> Result<(), StoreFault> {
        Ok(())
    }
}

fn id(kind: Kind, number: u64) -> Result<Id, Failure> {
    let digest = Digest::of(&number.to_be_bytes()).0;
    let random = digest.first_chunk::<16>().copied().unwrap_or_default();
    Ok(Id::new(kind, "eu1".parse()?, random))
}

fn session_head() -> Result<Vec<u8>, Failure> {
    let now = SystemClock.now();
    let request = Request {
        offer: id(Kind::Offer, 0)?,
        offer_hash: Digest([1; 32]),
        response_mode: ResponseMode::Session,
        redirect_uri: None,
        state: None,
        challenge: Digest([2; 32]),
        hash: Digest([3; 32]),
        front_end: None,
    };
    let session = Session {
        institution: id(Kind::Institution, 0)?,
        request,
        reference_hash: Digest([4; 32]),
        stage: SessionStage::Open,
        front_end: Some(id(Kind::FrontEnd, 0)?),
        slot: Some(0),
        statement_hash: Some(Digest([5; 32])),
        invited: None,
        claim: None,
        end: None,
        grant: None,
        created: now,
        expires: now.after(std::time::Duration::from_secs(3_600)),
    };
    Ok(Stored { revision: 2, head: Head::Session(session) }.encode()?)
}

fn look(institution: Id, target: Id) -> Call {
    Call {
        principal: Principal::Institution(institution),
        deadline: Timestamp(u64::MAX),
        request_id: [0; 16],
        seed: [0; 32],
        trace: None,
        target,
        command: session::Command::Look.into(),
        keep: None,
    }
}

async fn start(live: usize) -> Result<(Actors, Arc<LocalRouter>), Failure> {
    let ports = Ports {
        store: Arc::new(OneSession(session_head()?)),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(Counted(AtomicU64::new(0))),
        effects: None,
    };
    let limits = Limits { live_max: live + 1, ..Limits::default() };
    let actors = Actors::start(ports, limits).await?;
    let router = Arc::new(actors.router());
    Ok((actors, router))
}

async fn ask_bare(actor: &ActorRef<RpcReplyPort<u64>>) -> Result<(), Failure> {
    let answered = actor.call(|port| port, None).await.map_err(|error| error.to_string())?;
    if answered.is_success() { Ok(()) } else { Err("the bare actor did not answer".into()) }
}

async fn ask(router: &LocalRouter, institution: Id, session: Id) -> Result<(), Failure> {
    router.call(look(institution, session)).await??;
    Ok(())
}

/// Calls of 64 tasks. They share runtime and core with the actor, as handlers of requests do:
/// on two cores it would be wake-ups that are counted.
fn measure<F, A>(server: &tokio::runtime::Runtime, seconds: f64, ask: F) -> Result<(), Failure>
where
    F: Fn() -> A + Clone + Send + 'static,
    A: Future<Output = Result<(), Failure>> + Send,
{
    server.block_on(async move {
        let window = Arc::new(Window::open(seconds));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..TASKS {
            let (window, ask) = (Arc::clone(&window), ask.clone());
            tasks.spawn(async move {
                let mut count = 0;
                while window.is_open() {
                    for _ in 0..16 {
                        ask().await?;
                    }
                    count += 16;
                }
                Ok::<u64, Failure>(count)
            });
        }
        let mut total = 0;
        while let Some(count) = tasks.join_next().await {
            total += count??;
        }
        window.close(total);
        Ok(())
    })
}

fn resident_bytes() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kib: u64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
    Ok(kib * 1_024)
}

fn main() -> Result<(), Failure> {
    let words = Words::read();
    let server = side::runtime(SERVER_CORE)?;
    match words.side()? {
        "bare-call" => {
            let (actor, _) = server.block_on(async { Actor::spawn(None, Bare, ()).await })?;
            measure(&server, words.get("--seconds")?, move || {
                let actor = actor.clone();
                async move { ask_bare(&actor).await }
            })
        }
        "entity-call" => {
            let (_actors, router) = server.block_on(start(1))?;
            let (institution, session) = (id(Kind::Institution, 0)?, id(Kind::Session, 0)?);
            measure(&server, words.get("--seconds")?, move || {
                let router = Arc::clone(&router);
                async move { ask(&router, institution, session).await }
            })
        }
        "bare-memory" => {
            let live: usize = words.get("--live")?;
            server.block_on(async {
                let before = resident_bytes()?;
                let mut actors = Vec::with_capacity(live);
                for _ in 0..live {
                    let (actor, _) = Actor::spawn(None, Bare, ()).await?;
                    ask_bare(&actor).await?;
                    actors.push(actor);
                }
                println!("{{\"value\": {}}}", resident_bytes()? - before);
                Ok(())
            })
        }
        "entity-memory" => {
            let live: usize = words.get("--live")?;
            server.block_on(async {
                let (actors, router) = start(live).await?;
                let institution = id(Kind::Institution, 0)?;
                for number in 0..live as u64 {
                    ask(&router, institution, id(Kind::Session, number)?).await?;
                }
                let found = actors.live();
                if found != live {
                    return Err(format!("{found} live instead of {live}").into());
                }
                println!("{{\"value\": {}}}", resident_bytes()?);
                Ok(())
            })
        }
        other => Err(format!("no side is called {other}").into()),
    }
}
