"""What a worker can be asked to do: run a scenario, or a chain. Other floors may add tasks of their own.

A task goes to another process as plain values, so that models of plug-ins are found there, too.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citytwin.city import City
from citytwin.hazards.watch import Progress
from citytwin.scenario.chain import Chain
from citytwin.scenario.chaining import run_chain
from citytwin.scenario.results import MANIFEST, Results
from citytwin.scenario.running import PART, run
from citytwin.scenario.scenario import Scenario

#: Folder of the chains, beside that of the runs.
CHAINS = "chains"


class Task(ABC):
    """Something that takes a while and leaves results in the folder of runs."""

    @abstractmethod
    def key(self, fingerprint: str) -> str:
        """Its name on a city: what has the same key need not be done twice."""

    @abstractmethod
    def known(self, runs: Path, key: str) -> bool:
        """Whether it was done before, to its end."""

    @abstractmethod
    def shown(self, runs: Path, key: str) -> Path | None:
        """Folder of the results that a page shows of it, whole or in part; none without any."""

    def kept(self, runs: Path, key: str) -> bool:
        """Whether anything of it is there from which it can go on, shown or not."""
        return self.shown(runs, key) is not None

    @abstractmethod
    def run(self, city: City, runs: Path, progress: Progress, stopped: Callable[[], bool]) -> bool:
        """Do it; false if it was stopped before its end."""


@dataclass(frozen=True)
class ScenarioTask(Task):
    """Run a scenario."""

    scenario: Scenario

    def __reduce__(self) -> tuple[Any, ...]:
        return _scenario_task, (self.scenario.table(),)

    def key(self, fingerprint: str) -> str:
        """As in ``Task``."""
        return self.scenario.key(fingerprint)

    def known(self, runs: Path, key: str) -> bool:
        """As in ``Task``."""
        return Results.is_whole(runs / key)

    def shown(self, runs: Path, key: str) -> Path | None:
        """As in ``Task``."""
        return next((f for f in (runs / key, runs / f"{key}{PART}") if Results.is_whole(f)), None)

    def run(self, city: City, runs: Path, progress: Progress, stopped: Callable[[], bool]) -> bool:
        """As in ``Task``."""
        return run(self.scenario, city, runs=runs, progress=progress, stopped=stopped).complete


@dataclass(frozen=True)
class ChainTask(Task):
    """Run the steps of a chain."""

    chain: Chain

    def __reduce__(self) -> tuple[Any, ...]:
        return _chain_task, (self.chain.table(),)

    def key(self, fingerprint: str) -> str:
        """As in ``Task``."""
        return self.chain.key(fingerprint)

    def known(self, runs: Path, key: str) -> bool:
        """As in ``Task``."""
        manifest = chain_manifest(runs, key)
        return bool(manifest.get("complete")) and all(
            Results.is_whole(folder) for folder in step_folders(runs, manifest)
        )

    def shown(self, runs: Path, key: str) -> Path | None:
        """As in ``Task``: of the last step that has any."""
        folders = reversed(step_folders(runs, chain_manifest(runs, key)))
        return next((folder for folder in folders if Results.is_whole(folder)), None)

    def run(self, city: City, runs: Path, progress: Progress, stopped: Callable[[], bool]) -> bool:
        """As in ``Task``."""
        folder = runs.parent / CHAINS
        manifest = run_chain(
            self.chain, city, runs=runs, folder=folder, progress=progress, stopped=stopped
        )
        return bool(manifest["complete"])


def _scenario_task(table: dict[str, Any]) -> ScenarioTask:
    return ScenarioTask(Scenario.from_table(table))


def _chain_task(table: dict[str, Any]) -> ChainTask:
    return ChainTask(Chain.from_table(table))


def chain_manifest(runs: Path, key: str) -> dict[str, Any]:
    """What a chain says of itself; empty if it was not run, or cannot be read."""
    try:
        text = (runs.parent / CHAINS / key / MANIFEST).read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
    except (OSError, ValueError):
        return {}
    return found


def step_folders(runs: Path, manifest: dict[str, Any]) -> list[Path]:
    """Folders of the results of a chain's steps, in their order."""
    return [runs / Path(step["results"]).name for step in manifest.get("steps", ())]


def task_of(what: Scenario | Chain | Task) -> Task:
    """The task that runs a scenario or a chain; a task is one already."""
    if isinstance(what, Task):
        return what
    return ChainTask(what) if isinstance(what, Chain) else ScenarioTask(what)
