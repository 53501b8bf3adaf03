"""Running an ensemble as a task of a worker: pages ask, the worker's own processes run the members."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citytwin.city import City
from citytwin.ensemble.plan import Ensemble
from citytwin.ensemble.running import PARTS, read_manifest, run_ensemble
from citytwin.errors import InputError
from citytwin.hazards.watch import Progress
from citytwin.scenario.chain import ENSEMBLE
from citytwin.scenario.pace import Pace
from citytwin.scenario.results import Results
from citytwin.scenario.tasks import Task

#: Folder of the ensembles, beside that of the runs.
ENSEMBLES = "ensembles"
#: Most processes that run members, whatever the machine has.
_MOST = 8


@dataclass(frozen=True)
class EnsembleTask(Task):
    """Run the members of an ensemble that are missing."""

    ensemble: Ensemble

    def __reduce__(self) -> tuple[Any, ...]:
        return _ensemble_task, (self.table(),)

    def table(self) -> dict[str, Any]:
        """The ensemble as plain values, as it stands in a scenario's file."""
        plan = self.ensemble.plan.model_dump(mode="json", exclude_none=True)
        return {**self.ensemble.source.table(), ENSEMBLE: plan}

    def key(self, fingerprint: str) -> str:
        """As in ``Task``."""
        return self.ensemble.key(fingerprint)

    def known(self, runs: Path, key: str) -> bool:
        """As in ``Task``: its members are there, and what they say together is what is asked for."""
        manifest = ensemble_manifest(runs, key)
        # Members do not depend on all of the plan: with another rate or threshold they have its key.
        same = manifest.get("plan") == self.ensemble.plan.model_dump(mode="json")
        return same and bool(manifest.get("complete")) and Results.is_whole(runs / key)

    def shown(self, runs: Path, key: str) -> Path | None:
        """As in ``Task``: its probability and quantiles."""
        return runs / key if Results.is_whole(runs / key) else None

    def kept(self, runs: Path, key: str) -> bool:
        """As in ``Task``: members that came, even if nothing was said of them yet."""
        return any((runs.parent / ENSEMBLES / key / PARTS).glob("[!.]*.npz"))

    def run(self, city: City, runs: Path, progress: Progress, stopped: Callable[[], bool]) -> bool:
        """As in ``Task``."""
        folder = run_ensemble(
            self.ensemble,
            city,
            folder=runs.parent / ENSEMBLES,
            workers=processes_of_here(),
            runs=runs,
            progress=Pace(progress),
            stopped=stopped,
        )
        return bool(ensemble_manifest(runs, folder.name).get("complete"))


def processes_of_here() -> int:
    """How many processes run members on this machine."""
    return max(1, min(_MOST, os.cpu_count() or 1))


def ensemble_manifest(runs: Path, key: str) -> dict[str, Any]:
    """What an ensemble says of itself; empty if no member of it has arrived."""
    try:
        return read_manifest(runs.parent / ENSEMBLES / key)
    except InputError:
        return {}


def _ensemble_task(table: dict[str, Any]) -> EnsembleTask:
    return EnsembleTask(Ensemble.from_table(table, "the ensemble"))
