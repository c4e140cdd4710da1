"""The rows of the pages: what a person waits for at their phone."""

import statistics
import subprocess

from benchmark.browser import Driver, Page
from benchmark.paths import ROOT
from benchmark.row import LeftOut, Measure

VIEWS = 9
# From the click to the frame that shows the first state: connecting, loading, scripting and
# drawing. Two frames are waited for: what the first prepares, the second has shown.
MARK = """
    new MutationObserver((_, watcher) => {
        if (document.querySelector('main[data-screen=welcome]') === null) return;
        watcher.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => { window.seen = performance.now(); }));
    }).observe(document, { childList: true, subtree: true });"""
SEEN = """
    const [done] = arguments;
    const look = () => {
        if (window.seen === undefined) return setTimeout(look, 5);
        const { nextHopProtocol } = performance.getEntriesByType('navigation')[0];
        const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
        done({ seen: Math.max(window.seen, paint), nextHopProtocol });
    };
    look();"""


def first_view(driver, node) -> float:
    """Milliseconds, in a browser that was never there."""
    with Page(driver, node) as page:
        page.devtools("Page.addScriptToEvaluateOnNewDocument", source=MARK)
        page.open("/")
        found = page.run(SEEN)
    if found["nextHopProtocol"] != "h3":
        raise RuntimeError(f"the page came over {found['nextHopProtocol']}")
    return found["seen"]


def views(bench):
    """The median of some browsers' first views."""
    with bench.node(bench.fresh()) as node, Driver() as driver:
        count = max(3, bench.count(VIEWS * 10) // 10)
        yield (
            lambda: Measure(value=statistics.median(first_view(driver, node) for _ in range(count))),
            None,
        )


def sealing(bench):
    """A first sealing in a page that was just opened, warmed up as the page does."""
    program = bundled()
    with bench.node(bench.fresh()) as node, Driver() as driver:

        def once():
            with Page(driver, node) as page:
                page.open("/")
                took = page.run(f"const [done] = arguments; {program}; it.seal().then(done, (error) => done(String(error)));")
            if not isinstance(took, (int, float)):
                raise RuntimeError(took)
            return Measure(value=took)

        yield once, None


def bundled() -> str:
    esbuild = ROOT / "node/web/node_modules/.bin/esbuild"
    if not esbuild.exists():
        raise LeftOut("npm's packages are not there (npm ci in node/web)")
    source = ROOT / "scripts/benchmark/selection.ts"
    command = [str(esbuild), str(source), "--bundle", "--minify", "--format=iife", "--global-name=it"]
    # What it imports is found where the pages have it.
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "NODE_PATH": str(ROOT / "node/web/node_modules")}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
