//! One side of a row of `scripts/bench`: it is measured once in a process of its own, whose
//! last line of output says what was done in which time. Included by the examples.

use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The node's, for both sides alike.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where the server's threads run.
pub(crate) const SERVER_CORE: usize = 0;
/// Where the client's threads run.
pub(crate) const CLIENT_CORE: usize = 1;

/// Keeps this thread, and those that it starts, on one core.
pub(crate) fn pin(core: usize) -> Result<(), Failure> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).map_err(|error| format!("core {core}: {error}").into())
}

/// A runtime of one thread on one core, as a node has it: with its sockets and timers.
pub(crate) fn runtime(core: usize) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(1).enable_all().on_thread_start(move || {
        if let Err(error) = pin(core) {
            // A rate of another arrangement would be no answer.
            eprintln!("{error}");
            std::process::exit(1);
        }
    });
    Ok(builder.build()?)
}

/// What is being measured.
pub(crate) struct Window {
    began: Instant,
    length: Duration,
    server: Option<u32>,
    cpu: Duration,
}

impl Window {
    /// Counts the CPU time of this process, which is server and client in one.
    pub(crate) fn open(seconds: f64) -> Self {
        Self::open_with(seconds, None)
    }

    /// Counts the CPU time of the server's process; `None` is this one.
    pub(crate) fn open_with(seconds: f64, server: Option<u32>) -> Self {
        let length = Duration::from_secs_f64(seconds);
        Self { began: Instant::now(), length, server, cpu: cpu(server) }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.began.elapsed() < self.length
    }

    /// Prints the operations with the time and the CPU time that they took.
    pub(crate) fn close(&self, operations: u64) {
        let seconds = self.began.elapsed().as_secs_f64();
        let cpu = cpu(self.server).saturating_sub(self.cpu).as_secs_f64();
        println!(
            "{{\"operations\": {operations}, \"seconds\": {seconds}, \"cpu_seconds\": {cpu}}}"
        );
    }
}

fn cpu(process: Option<u32>) -> Duration {
    if let Some(process) = process {
        // Proc(5): user and system time are the 14th and 15th field, in hundredths; the
        // second field, in brackets, may hold spaces.
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
        return Duration::from_millis(ticks.sum::<u64>() * 10);
    }
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The words of the command line: a side's name, then `--name value` pairs.
pub(crate) struct Words(Vec<String>);

impl Words {
    pub(crate) fn read() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    pub(crate) fn side(&self) -> Result<&str, Failure> {
        self.0.first().map(String::as_str).ok_or_else(|| "which side?".into())
    }

    pub(crate) fn get<T: std::str::FromStr>(&self, name: &str) -> Result<T, Failure>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let mut pairs = self.0.iter().skip_while(|word| *word != name);
        let value = pairs.nth(1).ok_or_else(|| format!("{name} is missing"))?;
        Ok(value.parse()?)
    }
}
