"""Run the events of a risk, as it is and with each strategy, and write what they say together."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from citytwin.city import City
from citytwin.ensemble.gathering import gather
from citytwin.ensemble.member import Member, read_member
from citytwin.ensemble.running import kept_of
from citytwin.errors import CityTwinError, OutputError
from citytwin.hazards.watch import Progress, never, silent
from citytwin.risk.plan import Risk
from citytwin.risk.reckoning import Reckoned, reckon
from citytwin.risk.writing import write_risk
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain

_MEMBERS = "members"
#: Changes whenever a member keeps other things.
_LAYOUT = "2"


def run_risk(
    risk: Risk,
    city: City,
    *,
    folder: Path | str = "risks",
    workers: int = 2,
    scheduler: str = "",
    progress: Progress = silent,
    stopped: Callable[[], bool] = never,
) -> Path:
    """Run the events of a risk that were not run yet, and write what they say together.

    Each event is kept as it comes, under the name of its physics: a run that was stopped or killed goes
    on from there, and a risk with another frequency, cost or strategy runs only what is new.

    Parameters
    ----------
    risk
        Events, frequencies, strategies.
    city
        Where.
    folder
        Folder of risks; this one lies in a folder named by its key.
    workers
        Processes of this machine.
    scheduler
        Address of a Dask scheduler, or ``local`` for a Dask cluster of this machine; processes
        without one.
    progress
        Called with the share done and a few words.
    stopped
        Asked again and again whether the run shall stop.

    Returns
    -------
    Folder with ``manifest.json``, and once the events are all there ``curves.csv``, ``events.csv``,
    ``cells.parquet`` and ``risk.html``.

    Raises
    ------
    InputError
        If an event fails; what arrived is kept.
    OutputError
        If the folder cannot be written.
    """
    sources = risk.sources()
    hazard = risk.hazard()
    quantity, above = ("", None)
    if hazard is not None and (risk.plan.quantity or [p for p in hazard.pictures if not p.moving]):
        quantity, above = kept_of(hazard, risk.plan.quantity, risk.plan.above)
    members = Path(folder) / _MEMBERS
    target = Path(folder) / risk.key(city.fingerprint)
    try:
        members.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the risk cannot be written to {target}: {error.strerror}; choose another folder"
        ) from error
    paths, tasks, places = _asked(sources, city, members, quantity)

    def written() -> Reckoned:
        found = {name: _whole(runs) for name, runs in places.items()}
        known = {name: runs for name, runs in found.items() if runs is not None}
        reckoned = reckon(risk, known, quantity, above)
        there = sum(path.exists() for path in paths.values())
        write_risk(target, risk, city, reckoned, there, len(paths))
        return reckoned

    try:
        gather(
            paths, tasks, workers=workers, scheduler=scheduler, progress=progress, stopped=stopped
        )
    except BaseException:
        with suppress(CityTwinError):  # what went wrong first is what counts
            written()
        raise
    done = written().complete
    progress(1.0, "done" if done else "stopped; the events that came are kept")
    return target


def _asked(
    sources: dict[str, list[Scenario | Chain]], city: City, members: Path, quantity: str
) -> tuple[dict[int, Path], dict[int, tuple[Any, ...]], dict[str, list[Path]]]:
    """Files of the runs and what workers are told, by number, each physics once; files by strategy."""
    paths: dict[int, Path] = {}
    tasks: dict[int, tuple[Any, ...]] = {}
    places: dict[str, list[Path]] = {}
    for name, runs in sources.items():
        places[name] = []
        for source in runs:
            key = source.key(city.fingerprint)
            path = members / f"{key}-{quantity or 'none'}-{_LAYOUT}.npz"
            places[name].append(path)
            if path not in paths.values():
                number = len(paths)
                paths[number] = path
                tasks[number] = (
                    number, source.table(), str(city.path), city.fingerprint, quantity, True,
                )  # fmt: skip
    return paths, tasks, places


def _whole(paths: list[Path]) -> list[Member] | None:
    """Events of an alternative; none while one of them is missing."""
    found = []
    for number, path in enumerate(paths):
        member = read_member(path, number)
        if member is None:
            return None
        found.append(member)
    return found
