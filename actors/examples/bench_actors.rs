//! Benchmark: an entity command that commits nothing against a bare ractor call, and the
//! resident memory of many live session actors.
//!
//! `cargo run --release -p symbolon-actors --example bench_actors -- [calls] [live]`
//! prints three lines of `name value unit`; `scripts/bench` reads them.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, reason = "an example")]

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use symbolon_actors::{Actors, Limits, Ports};
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
/// Rounds of each kind, in turn; the best counts least, the middle one is printed.
const ROUNDS: usize = 5;

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
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(u64::try_from(since.as_millis()).unwrap())
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

fn id(kind: Kind, number: u64) -> Id {
    let random = Digest::of(&number.to_be_bytes()).0;
    Id::new(kind, "eu1".parse().unwrap(), random.first_chunk::<16>().copied().unwrap())
}

fn session_head() -> Vec<u8> {
    let now = SystemClock.now();
    let request = Request {
        offer: id(Kind::Offer, 0),
        offer_hash: Digest([1; 32]),
        response_mode: ResponseMode::Session,
        redirect_uri: None,
        state: None,
        challenge: Digest([2; 32]),
        hash: Digest([3; 32]),
        front_end: None,
    };
    let session = Session {
        institution: id(Kind::Institution, 0),
        request,
        reference_hash: Digest([4; 32]),
        stage: SessionStage::Open,
        front_end: Some(id(Kind::FrontEnd, 0)),
        slot: Some(0),
        statement_hash: Some(Digest([5; 32])),
        invited: None,
        claim: None,
        end: None,
        grant: None,
        created: now,
        expires: now.after(std::time::Duration::from_secs(3_600)),
    };
    Stored { revision: 2, head: Head::Session(session) }.encode().unwrap()
}

fn look(target: Id) -> Call {
    Call {
        principal: Principal::Institution(id(Kind::Institution, 0)),
        deadline: Timestamp(u64::MAX),
        request_id: [0; 16],
        seed: [0; 32],
        trace: None,
        target,
        command: session::Command::Look.into(),
        keep: None,
    }
}

/// Calls per second of 64 tasks.
async fn rate<F, A>(calls: u64, ask: F) -> f64
where
    F: Fn() -> A + Clone + Send + 'static,
    A: Future<Output = ()> + Send,
{
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let ask = ask.clone();
        tasks.spawn(async move {
            for _ in 0..calls / TASKS {
                ask().await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    #[allow(clippy::cast_precision_loss)]
    let calls = calls as f64;
    calls / begun.elapsed().as_secs_f64()
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let calls = arguments.next().unwrap_or(1_000_000);
    let live = arguments.next().unwrap_or(100_000);
    let ports = Ports {
        store: Arc::new(OneSession(session_head())),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(Counted(AtomicU64::new(0))),
        effects: None,
    };
    let limits = Limits { live_max: usize::try_from(live).unwrap() + 1, ..Limits::default() };
    let actors = Actors::start(ports, limits).await.unwrap();
    let router = Arc::new(actors.router());
    let (bare, _) = Actor::spawn(None, Bare, ()).await.unwrap();
    let target = id(Kind::Session, 0);

    let (mut bares, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let actor = bare.clone();
        bares.push(
            rate(calls, move || {
                let actor = actor.clone();
                async move {
                    actor.call(|port| port, None).await.unwrap().unwrap();
                }
            })
            .await,
        );
        let router = router.clone();
        ours.push(
            rate(calls, move || {
                let router = router.clone();
                async move {
                    router.call(look(target)).await.unwrap().unwrap();
                }
            })
            .await,
        );
    }
    let (bare, ours) = (middle(bares), middle(ours));
    println!("bare_ractor_call {bare:.0} per_second");
    println!("entity_command {ours:.0} per_second ratio {:.2}", ours / bare);

    let before = resident_kib();
    for number in 1..=live {
        router.call(look(id(Kind::Session, number))).await.unwrap().unwrap();
    }
    let grown = resident_kib() - before;
    let each = grown * 1_024 / live.max(1);
    println!("live_session_actors {} resident {grown} KiB each {each} bytes", actors.live());
}
