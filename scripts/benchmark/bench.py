"""What a row has at hand: the built programs, a scratch folder, shorter or longer windows."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from benchmark.node import Node
from benchmark.paths import BUILT, ROOT
from benchmark.row import Measure

# One side of one run takes a few seconds; this is for what hangs.
PATIENCE_SECONDS = 180


def build() -> None:
    """Builds the node and the sides, in release."""
    packages = [word for name in ("store", "actors", "node") for word in ("-p", f"symbolon-{name}")]
    command = ["cargo", "build", "--release", "--locked", "--bins", "--examples", *packages]
    subprocess.run(command, cwd=ROOT, check=True)


class Bench:
    """One run of the bench; everything it made goes with it."""

    def __init__(self, folder: pathlib.Path, quick: bool):
        self.quick = quick
        self.folder = folder
        self._filled = None

    def __enter__(self):
        if not {0, 1} <= os.sched_getaffinity(0):
            raise OSError("it needs cores 0 and 1: one for the server, one for the client")
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="symbolon-bench-", dir=self.folder))
        # PostgreSQL runs as a user of its own.
        self.scratch.chmod(0o755)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def seconds(self, whole: float) -> float:
        """The length of a window."""
        return whole / 4 if self.quick else whole

    def count(self, whole: int) -> int:
        """How many of something."""
        return whole // 10 if self.quick else whole

    def fresh(self) -> pathlib.Path:
        """A new empty folder."""
        return pathlib.Path(tempfile.mkdtemp(dir=self.scratch))

    def side(self, example: str, side: str, **options) -> Measure:
        """Runs a side of an example in a process and a folder of its own."""
        folder = self.fresh()
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        command = [str(BUILT / "examples" / example), side, "--folder", str(folder), *words]
        try:
            ended = subprocess.run(
                command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if ended.returncode != 0:
            said = ended.stderr.strip().splitlines() or ["nothing"]
            raise RuntimeError(f"{example} {side} ended with {ended.returncode}: {said[-1]}")
        return Measure(**json.loads(ended.stdout.strip().splitlines()[-1]))

    def node(self, folder: pathlib.Path) -> Node:
        """A node served from a folder, on the server's core."""
        return Node(BUILT / "symbolon", folder)

    def filled(self) -> pathlib.Path:
        """The folder of a node whose store holds 1,000,000 entities; made once."""
        if self._filled is None:
            folder = self.fresh()
            with self.node(folder) as node:
                node.stop()
            command = [str(BUILT / "examples/bench_store"), "fill", *self.filling(folder)]
            subprocess.run(
                command, stdout=subprocess.DEVNULL, timeout=2 * PATIENCE_SECONDS, check=True
            )
            self._filled = folder
        return self._filled

    def load_until_killed(self, folder: pathlib.Path) -> None:
        """Small batches on a filled store, then SIGKILL."""
        command = [str(BUILT / "examples/bench_store"), "load", *self.filling(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            # It says so once there is something to replay, and goes on.
            said = process.stdout.readline()
            process.kill()
        if not said:
            raise RuntimeError("bench_store load ended before it was killed")

    def filling(self, folder: pathlib.Path) -> list[str]:
        entities = self.count(1_000_000)
        return ["--folder", str(folder / "node/store"), "--entities", str(entities)]
