"""What the command line says: a bar on a terminal, plain lines in a log, JSON for machines."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_LOG_EVERY = 0.1


class Voice:
    """Says how far things are on standard error, and what came out on standard output.

    Parameters
    ----------
    as_json
        Print one JSON object at the end instead of words.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        # What is said may hold brackets: names of files and steps, units.
        self._err = Console(stderr=True, highlight=False, markup=False)

    def say(self, line: str = "") -> None:
        """Print a line of the outcome, unless JSON was asked for."""
        if not self.as_json:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def lines(self, lines: Iterable[str]) -> None:
        """Print lines of the outcome."""
        for line in lines:
            self.say(line)

    def give(self, outcome: dict[str, Any]) -> None:
        """Print the outcome as JSON, if that was asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    @contextmanager
    def task(self, title: str) -> "Iterator[Task]":
        """Show the progress of one task."""
        if not self._err.is_terminal:
            yield Task(title)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False),
        )
        with Progress(*columns, console=self._err, transient=True) as bar:
            yield Task(title, bar)


class Task:
    """Progress of one task, shown as a bar or as lines.

    Parameters
    ----------
    title
        What is done.
    bar
        Bar on a terminal; lines are written without one.
    """

    def __init__(self, title: str, bar: Progress | None = None) -> None:
        self._title = title
        self._bar = bar
        self._task = bar.add_task(title, total=1.0, note="") if bar else None
        self._logged = -1.0

    def step(self, name: str, done: float, note: str) -> None:
        """Progress of a build: every finished step is a line with its rows and seconds."""
        line = f"{self._title}: {name}: {note}"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, note=name)
            if note:
                self._bar.console.print(line)
        elif note:
            _log(line)

    def share(self, done: float, note: str) -> None:
        """Progress of a run: a bar, or a line for every tenth."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, note=note)
        elif done >= self._logged + _LOG_EVERY or (done >= 1.0 > self._logged):
            self._logged = done
            _log(f"{self._title}: {done:.0%}, {note}")


def _log(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
