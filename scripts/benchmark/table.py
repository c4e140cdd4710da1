"""The table, in Markdown, ready to be pasted."""

import datetime
import os
import pathlib
import platform
import subprocess

HEAD = [
    "| row | ours /s | peer /s | ours /CPU s | peer /CPU s | ratio | target | |",
    "|---|---|---|---|---|---|---|---|",
]
GIB = 1 << 30


def amount(value: float, unit: str) -> str:
    return f"{value / GIB:.2f} GiB" if unit == "bytes" else f"{value:.3g} {unit}"


def cells(measured: dict, unit: str) -> tuple[str, str]:
    if "value" in measured:
        return amount(measured["value"], unit), ""
    if not measured:
        return "", ""
    return f"{measured['rate']:,.0f}", f"{measured['cpu_rate']:,.0f}"


def line(result) -> str:
    """One row."""
    row = result.row
    ours, ours_cpu = cells(result.ours, row.unit)
    peer, peer_cpu = cells(result.peer, row.unit)
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    target = ""
    if row.ratio is not None:
        target = f"≥ {row.ratio}" + (" per CPU s" if row.judged == "cpu_rate" else "")
    elif row.value is not None:
        target = f"≤ {amount(row.value, row.unit)}"
    texts = [row.title, ours, peer, ours_cpu, peer_cpu, ratio, target, result.verdict]
    return "| " + " | ".join(texts) + " |"


def whole(results: list, options) -> str:
    """When, where and how, then every row."""
    words = ["scripts/bench", *options.row] + (["--quick"] if options.quick else [])
    notes = [
        f"`{' '.join(words)}`, {datetime.date.today()}, commit {commit()}",
        f"{machine()}; stores in {options.folder} ({filesystem(options.folder)})",
    ]
    if options.quick:
        notes.append("QUICK: windows of a quarter, a tenth of the entities; not for judging")
    return "\n".join(["", *(f"{note}  " for note in notes), "", *HEAD, *map(line, results)])


def commit() -> str:
    def git(*words):
        folder = pathlib.Path(__file__).parent
        ended = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
        return ended.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + (
        " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    )


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    for text in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            cpu = text.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    load = os.getloadavg()[0]
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory / GIB:.0f} GiB, Linux {platform.release()}, "
        f"load {load:.1f} at the end"
    )


def filesystem(folder: pathlib.Path) -> str:
    command = ["stat", "--file-system", "--format=%T", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout.strip() or "unknown"
