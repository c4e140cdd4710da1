"""A row: two sides, a target, and what came of running them in turn."""

import contextlib
import dataclasses
import statistics
import traceback
import typing

RUNS = 5
NOISY_SPREAD = 0.10


@dataclasses.dataclass
class Measure:
    """What one run of one side found: operations in some time, or just a value."""

    operations: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    value: float | None = None

    @property
    def rate(self) -> float:
        return self.operations / self.seconds

    @property
    def cpu_rate(self) -> float:
        return self.operations / self.cpu_seconds


class LeftOut(Exception):
    """The row cannot be measured on this machine; the text says why."""


@dataclasses.dataclass
class Row:
    """A row, not measured yet."""

    name: str
    title: str
    # Yields the two sides as functions; a row without a peer yields None for it.
    sides: typing.Callable[..., typing.Iterator]
    # At least this ratio, or at most this value; None is beside another row's target.
    ratio: float | None = None
    value: float | None = None
    unit: str = ""
    # What is judged: `rate` or, over HTTP, `cpu_rate`.
    judged: str = "rate"

    def measure(self, bench) -> "Result":
        """Runs the sides in turn. An error is part of the result."""
        ours, peers = [], []
        result = Result(self)
        try:
            with contextlib.contextmanager(self.sides)(bench) as (own, peer):
                for _ in range(RUNS):
                    ours.append(own())
                    if peer:
                        peers.append(peer())
        except LeftOut as reason:
            result.left_out = str(reason)
        except Exception as error:  # The table must come whatever a row meets.
            traceback.print_exc()
            result.error = " ".join(f"{type(error).__name__}: {error}".split())
        result.fill(ours, peers)
        return result


@dataclasses.dataclass
class Result:
    """What came of a row. Rates and values are medians."""

    row: Row
    ours: dict = dataclasses.field(default_factory=dict)
    peer: dict = dataclasses.field(default_factory=dict)
    ratio: float | None = None
    spread: float = 0.0
    left_out: str = ""
    error: str = ""

    def fill(self, ours: list[Measure], peers: list[Measure]) -> None:
        if self.error or self.left_out or not ours:
            return
        self.ours, self.peer = medians(ours), medians(peers)
        what = "value" if ours[0].value is not None else self.row.judged
        if self.peer:
            self.ratio = self.ours[what] / self.peer[what]
        found = [getattr(measure, what) for measure in ours]
        self.spread = (max(found) - min(found)) / self.ours[what]

    @property
    def verdict(self) -> str:
        if self.error:
            return f"FAILED: {self.error}".replace("|", "/")
        if self.left_out:
            return f"left out: {self.left_out}"
        if self.row.ratio is not None:
            words = ["met" if self.ratio >= self.row.ratio else "MISSED"]
        elif self.row.value is not None:
            words = ["met" if self.ours["value"] <= self.row.value else "MISSED"]
        else:
            words = []
        if self.spread > NOISY_SPREAD:
            words.append(f"noisy ({self.spread:.0%})")
        return ", ".join(words)


def medians(measures: list[Measure]) -> dict:
    if not measures:
        return {}
    if measures[0].value is not None:
        return {"value": statistics.median(measure.value for measure in measures)}
    return {
        what: statistics.median(getattr(measure, what) for measure in measures)
        for what in ("rate", "cpu_rate")
    }
