"""The rows. Each is a function that prepares what it needs and yields its two sides: ours
and the peer's (None for none). A side is called once a run and gives a Measure."""

import functools
import json
import shutil

from benchmark import browser, pages
from benchmark.postgres import Postgres
from benchmark.paths import ROOT
from benchmark.row import Measure, Row

ROWS: list[Row] = []
GIB = 1 << 30


def row(name: str, title: str, **target):
    """Adds a row: `ratio=` at least, or `value=` at most with its `unit=`."""

    def add(sides):
        ROWS.append(Row(name, title, sides, **target))
        return sides

    return add


@row("durable-1", "durable batches, 1 client / bare write+fdatasync loop", ratio=0.7)
def durable_1(bench):
    seconds = bench.seconds(3)
    yield (
        lambda: bench.side("bench_store", "commits", clients=1, seconds=seconds),
        lambda: bench.side("bench_store", "loop", seconds=seconds),
    )


@row("durable-64", "durable batches, 64 clients / PostgreSQL 15 single-row updates", ratio=1.5)
def durable_64(bench):
    seconds = bench.seconds(4)
    with Postgres(bench.fresh()) as postgres:
        yield (
            lambda: bench.side("bench_store", "commits", clients=64, seconds=seconds),
            lambda: postgres.updates(64, seconds),
        )


@row("durable-fjall", "durable batches, 64 clients / a bare fjall committer")
def durable_fjall(bench):
    seconds = bench.seconds(4)
    yield (
        lambda: bench.side("bench_store", "commits", clients=64, seconds=seconds),
        lambda: bench.side("bench_store", "fjall", clients=64, seconds=seconds),
    )


@row("entity", "entity command without a commit / bare ractor call", ratio=0.5)
def entity(bench):
    seconds = bench.seconds(2)
    yield (
        lambda: bench.side("bench_actors", "entity-call", seconds=seconds),
        lambda: bench.side("bench_actors", "bare-call", seconds=seconds),
    )


def objects(kind, crypto, bench):
    seconds = bench.seconds(1)
    yield (
        lambda: bench.side("bench_seal", f"{kind}object-{crypto}", seconds=seconds),
        lambda: bench.side("bench_seal", f"{kind}bare-{crypto}", seconds=seconds),
    )


for crypto, name in (("aws-lc", "aws-lc-rs"), ("rustcrypto", "RustCrypto")):
    for kind, way in (("", "in place"), ("new-", "new memory each time")):
        title = f"1 MiB object sealed and opened / bare AEAD call, {name}, {way}"
        row(f"{kind}seal-{crypto}", title, ratio=0.9)(functools.partial(objects, kind, crypto))


@row("http3", "GET over HTTP/3 / the same router over HTTP/2", ratio=0.7, judged="cpu_rate")
def http3(bench):
    with bench.node(bench.fresh()) as node:
        options = {
            "seconds": bench.seconds(3),
            "origin": node.origins["web"],
            "ca": node.folder / "node/tls/ca.pem",
            "path": "/healthz",
            "server": node.process.pid,
        }
        yield (
            lambda: bench.side("bench_http", "http3", **options),
            lambda: bench.side("bench_http", "http2", **options),
        )


@row("redeem", "redemption of 10 items at the router port / durable batches, 64 callers", ratio=0.3)
def redeem(bench):
    seconds = bench.seconds(2)
    yield (
        lambda: bench.side("bench_redeem", "redeem", codes=bench.count(6_000)),
        lambda: bench.side("bench_store", "commits", clients=64, seconds=seconds),
    )


@row("redeem-http3", "the same over HTTP/3, beside it", judged="cpu_rate")
def redeem_http3(bench):
    wallets, seconds = 8, bench.seconds(2)
    with bench.node(bench.fresh()) as node:
        offer = stage(node, wallets)
        yield (
            lambda: bench.side(
                "bench_redeem_http", "redeem", site=node.folder, web=node.origins["web"],
                partner=node.origins["partner"], offer=offer, wallets=wallets,
                codes=bench.count(400), server=node.process.pid,
            ),
            lambda: bench.side("bench_store", "commits", clients=64, seconds=seconds),
        )


def stage(node, wallets: int) -> str:
    """A bank, and people with their items; the hash of the bank's offer, of which they tick eight
    items."""
    web, ca = node.origins["web"], "--ca node/tls/ca.pem"
    operators = f"--operators {node.origins['operators']} --data-folder node"
    node.command("admin certificate issue bank.example --out bank --data-folder node")
    bank = node.command(
        f"institution new --folder bank --name Bank --dns-name bank.example --node {web} {ca} "
        "--redirect-uri https://bank.example/callback"
    )
    node.command(f"operator institutions approve {bank['id']} {operators}")
    shutil.copy(ROOT / "node/src/demo/person.json", node.folder)
    offer = node.command("institution offer template --folder bank")
    (node.folder / "offer.json").write_text(json.dumps(offer))
    proposed = node.command("institution offer propose offer.json --folder bank")
    judged = node.command(f"operator offers approve {proposed[0]['id']} {operators}")
    for number in range(wallets):
        wallet = f"--folder wallet-{number}"
        node.command(f"wallet new {wallet} --node {web} {ca}")
        node.command(f"wallet item put --document person.json {wallet}")
    return judged[0]["hash"]


@row("memory", "100,000 live session actors, resident / bare ractor actors", value=1.5 * GIB, unit="bytes")
def memory(bench):
    live = bench.count(100_000)
    yield (
        lambda: bench.side("bench_actors", "entity-memory", live=live),
        lambda: bench.side("bench_actors", "bare-memory", live=live),
    )


def ready(bench, folder) -> Measure:
    """Starts a node and ends it in order; seconds until it was ready."""
    with bench.node(folder) as node:
        node.stop()
        return Measure(value=node.ready_seconds)


@row("start-clean", "start to ready with 1,000,000 entities, clean", value=1.0, unit="s")
def start_clean(bench):
    folder = bench.filled()
    ready(bench, folder)
    yield lambda: ready(bench, folder), None


@row("start-killed", "start to ready with 1,000,000 entities, after SIGKILL", value=5.0, unit="s")
def start_killed(bench):
    folder = bench.filled()

    def ours():
        bench.load_until_killed(folder)
        return ready(bench, folder)

    yield ours, None


CHROMIUM = browser.version()
row("page-view", f"first view of the phone page, HTTP/3, {CHROMIUM}", value=300, unit="ms")(pages.views)
row("page-seal", f"sealing a selection of 50 items, {CHROMIUM}", value=50, unit="ms")(pages.sealing)
