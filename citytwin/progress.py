"""Steps of a build: what runs, how far it is, how many rows and seconds it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

#: Called with the step's name, the share of the whole build that is done, and a note.
Progress = Callable[[str, float, str], None]


def silent(step: str, done: float, note: str) -> None:
    """Report nothing."""
    del step, done, note


@dataclass
class Step:
    """One step of a build.

    Attributes
    ----------
    name
        What it does.
    rows
        Rows that it produced.
    seconds
        Time that it took [s].
    remarks
        What is worth a line in the log.
    reused
        True if nothing ran, because an earlier build had the result.
    """

    name: str
    rows: int = 0
    seconds: float = 0.0
    reused: bool = False
    remarks: list[str] = field(default_factory=list)


class Log:
    """Runs steps in order and reports them.

    Parameters
    ----------
    report
        Where to report.
    weights
        Name of each step to its usual share of the time; they need not add up to one.
    """

    def __init__(self, report: Progress, weights: dict[str, float]) -> None:
        self.steps: list[Step] = []
        self._report = report
        self._weights = weights
        self._total = sum(weights.values())
        self._done = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run one step: reports its start and, with rows and seconds, its end."""
        step = Step(name)
        self._report(name, self._done / self._total, "")
        start = time.perf_counter()
        yield step
        step.seconds = time.perf_counter() - start
        self.steps.append(step)
        self._done += self._weights[name]
        note = f"{step.rows:,} rows, {step.seconds:.2f} s{', reused' if step.reused else ''}"
        self._report(name, min(self._done / self._total, 1.0), "; ".join([note, *step.remarks]))
