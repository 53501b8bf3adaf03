"""Run the members of an ensemble that are missing, and write what they say together."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citytwin.city import City
from citytwin.city.whole import is_running
from citytwin.ensemble.executors import dask, processes
from citytwin.ensemble.member import Member, read_member, run_member, write_member
from citytwin.ensemble.plan import Ensemble
from citytwin.ensemble.showing import show
from citytwin.ensemble.statistics import (
    CellStatistics,
    cell_statistics,
    probability_band,
    summary_of,
)
from citytwin.errors import CityTwinError, InputError, OutputError
from citytwin.hazards.watch import Progress, never, silent
from citytwin.impact.risk import exceedance, sampled_annual_impact

MANIFEST, CELLS, MEMBERS = "manifest.json", "cells.parquet", "members.parquet"
_PARTS = "members"
#: How often a broken pool of processes is started anew before the run is given up.
_PATIENCE = 3
#: Seconds after which the statistics of what has arrived are written again, and how many times as long
#: as writing them takes, if that is more.
_EVERY, _SHARE = 5.0, 20.0
#: Return periods for which impacts are given [a].
_PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
#: Members that wait at the workers, beside those that run.
_AHEAD = 2


def run_ensemble(
    ensemble: Ensemble,
    city: City,
    *,
    folder: Path | str = "ensembles",
    workers: int = 2,
    scheduler: str = "",
    runs: Path | str | None = None,
    progress: Progress = silent,
    stopped: Callable[[], bool] = never,
) -> Path:
    """Run an ensemble, or the members of it that are missing, and write its statistics.

    Each member is written when it arrives, so that a run that was stopped or killed goes on from
    there; and what the members that arrived say together is there at any time.

    Parameters
    ----------
    ensemble
        What happens, and what varies.
    city
        Where.
    folder
        Folder of ensembles; this one lies in a folder named by its key.
    workers
        Processes of this machine.
    scheduler
        Address of a Dask scheduler, or ``local`` for a Dask cluster of this machine; processes
        without one.
    runs
        Folder of runs in which it is shown as one, too; not shown without.
    progress
        Called with the share done and a few words.
    stopped
        Asked again and again whether the run shall stop.

    Returns
    -------
    Folder with ``manifest.json``, ``cells.parquet`` and ``members.parquet``.

    Raises
    ------
    InputError
        If a parameter does not fit the event, or a member fails; what arrived is kept.
    """
    if workers < 1:
        raise InputError(f"an ensemble needs at least one worker, not {workers}")
    members = ensemble.members()
    quantity, above = kept_quantity(ensemble)
    asked = (ensemble, city, quantity, above)
    target = Path(folder) / ensemble.key(city.fingerprint)
    parts = target / _PARTS
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the ensemble cannot be written to {target}: {error.strerror}; choose another folder"
        ) from error
    _remove_leftovers(parts)
    missing = [n for n in range(len(members)) if read_member(parts / f"{n:06d}.npz") is None]
    tasks = {
        n: (n, members[n].table(), str(city.path), city.fingerprint, quantity) for n in missing
    }
    done = len(members) - len(missing)
    progress(done / len(members), f"{done} of {len(members)} members are there")
    due = time.monotonic() + _EVERY
    arriving = _arriving(tasks, workers, scheduler, stopped)
    for member in _or_written(arriving, lambda: write_statistics(target, *asked)):
        write_member(parts, member)
        done += 1
        progress(0.98 * done / len(members), f"{done} of {len(members)} members")
        if time.monotonic() >= due:
            begun = time.monotonic()
            _publish(target, asked, runs)
            due = begun + max(_EVERY, _SHARE * (time.monotonic() - begun))
    _publish(target, asked, runs)
    progress(1.0, "done" if done == len(members) else "stopped; the members that came are kept")
    return target


def _publish(target: Path, asked: tuple[Any, ...], runs: Path | str | None) -> None:
    """Write what the members that arrived say together, and show it among the runs."""
    found = write_statistics(target, *asked)
    if runs is not None and found is not None:
        ensemble, city, *_ = asked
        show(Path(runs), ensemble, city, found, read_manifest(target))


def _or_written(arriving: Iterator[Member], write: Callable[[], Any]) -> Iterator[Member]:
    """Members as they come; what they say together is written if one fails or somebody breaks off."""
    try:
        yield from arriving
    except BaseException:
        write()
        raise


def _remove_leftovers(parts: Path) -> None:
    """Remove members that a process which no longer runs left half-written."""
    for rest in parts.glob(".*.part"):
        number = rest.stem.rpartition("-")[2]
        if not (number.isdigit() and is_running(int(number))):
            rest.unlink(missing_ok=True)


def kept_quantity(ensemble: Ensemble) -> tuple[str, float | None]:
    """Summary that is kept on the cells, and the value whose exceedance is counted.

    What the plan says; else the first picture of whole runs, from its second class on; of an
    arrival, whether it came at all.

    Raises
    ------
    InputError
        If neither says which.
    """
    plan = ensemble.plan
    pictures = [p for p in type(ensemble.hazard).pictures if not p.moving]
    if not plan.quantity and not pictures:
        raise InputError(
            "the ensemble does not say which summary of the runs is kept: set 'ensemble.quantity'"
        )
    name = plan.quantity or pictures[0].values
    if plan.above is not None or "arrival" in name:
        return name, plan.above
    of = [p for p in pictures if p.values == name and len(p.classes) > 1]
    return name, (of[0].classes[1] / of[0].scale if of else None)


def _arriving(
    tasks: dict[int, tuple[Any, ...]], workers: int, scheduler: str, stopped: Callable[[], bool]
) -> Iterator[Member]:
    """Members as they come, in any order; a process that dies is replaced, its member run again."""
    left, broken = dict(tasks), 0
    while left and not stopped():
        pool = dask(scheduler, workers) if scheduler else processes(min(workers, len(left)))
        try:
            with pool as executor:
                for member in _from(executor, left, workers, stopped):
                    del left[member.number]
                    yield member
            return
        except BrokenProcessPool as error:
            broken += 1
            if broken > _PATIENCE:
                raise InputError(
                    f"the workers of the ensemble died {broken} times: they may lack memory; use fewer"
                ) from error


def _from(
    executor: Any, left: dict[int, tuple[Any, ...]], workers: int, stopped: Callable[[], bool]
) -> Iterator[Member]:
    """Members as an executor gives them; only so many wait at a time that it can be stopped."""
    waiting = iter(list(left.values()))
    # A cluster says how many it can run; processes are as many as were asked for.
    limit = max(workers, getattr(executor, "slots", workers)) + _AHEAD
    running: set[Future[Member]] = set()
    while not stopped():
        while len(running) < limit and (task := next(waiting, None)) is not None:
            running.add(executor.submit(run_member, *task))
        if not running:
            return
        over, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in over:
            yield _result(future)
    for future in running:
        future.cancel()


def _result(future: "Future[Member]") -> Member:
    try:
        return future.result()
    except (CityTwinError, BrokenProcessPool):
        raise
    except Exception as error:
        raise InputError(
            f"a member of the ensemble failed ({type(error).__name__}: {error}): please report it"
        ) from error


def arrived(folder: Path) -> list[Member]:
    """Members of an ensemble that are there, by number."""
    found = (read_member(path) for path in sorted((folder / _PARTS).glob("*.npz")))
    return [member for member in found if member is not None]


def write_statistics(
    folder: Path, ensemble: Ensemble, city: City, quantity: str, above: float | None
) -> CellStatistics | None:
    """Write what the members that arrived say together; nothing without any."""
    members = arrived(folder)
    if not members:
        return None
    values = np.stack([member.cells for member in members])
    found = cell_statistics(values, above)
    cells = {"cell": city.grid.cells, "p10": found.p10, "p50": found.p50, "p90": found.p90}
    _write(folder / CELLS, pa.table({**cells, "probability": found.probability}))
    numbers = [member.number for member in members]
    drawn = ensemble.plan.values()[numbers]
    names = sorted(set.intersection(*(set(member.figures) for member in members)))
    figures = {name: np.array([member.figures[name] for member in members]) for name in names}
    columns = {"member": numbers, **dict(zip(ensemble.plan.names, drawn.T, strict=True))}
    _write(folder / MEMBERS, pa.table(columns | figures))
    manifest = _manifest(ensemble, city, quantity, above, figures, len(members))
    part = folder / f".{MANIFEST}.part"
    part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(folder / MANIFEST)
    return found


def _write(path: Path, table: pa.Table) -> None:
    part = path.with_name(f".{path.name}.part")
    pq.write_table(table, part, compression="zstd")
    part.replace(path)


def _manifest(
    ensemble: Ensemble,
    city: City,
    quantity: str,
    above: float | None,
    figures: dict[str, Any],
    count: int,
) -> dict[str, Any]:
    complete = count == len(ensemble.plan.shares())
    sensitivity: list[dict[str, Any]] = []
    if ensemble.plan.sensitivity and complete:
        from citytwin.ensemble.sensitivity import sobol_indices  # noqa: PLC0415  (an extra)

        sensitivity = sobol_indices(ensemble.plan.names, figures, ensemble.plan.seed)
    model = ensemble.hazard
    return {
        "key": ensemble.key(city.fingerprint),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": ensemble.source.table(),
        "plan": ensemble.plan.model_dump(mode="json"),
        "design": ensemble.kind,
        "model": {"name": model.name, "version": model.version, "verified": model.verified},
        "city": {"name": city.name, "title": city.title, "fingerprint": city.fingerprint},
        "members": count,
        "complete": complete,
        "quantity": quantity,
        "above": above,
        "figures": {name: summary_of(values) for name, values in figures.items()},
        "sensitivity": sensitivity,
        # The rows of Saltelli's sample are not independent: no risk from them.
        "risk": {} if sensitivity or count < 2 else risk_of(figures, ensemble.plan.rate_per_year),
        "probability_of_nothing_seen": probability_band(0, count),
        "versions": {name: version(name) for name in ("citytwin", "numpy", "numba", "scipy")},
    }


def risk_of(figures: dict[str, Any], rate: float | None) -> dict[str, Any]:
    """Average annual impact with its 90 % band, and impact by return period, of each number.

    Nothing without a rate. Return periods beyond that of the rarest member are left out.
    """
    if rate is None:
        return {}
    found = {}
    for name, values in figures.items():
        if ".balance." in f".{name}" or float(np.min(values)) < 0.0:
            continue
        held = np.asarray(values, np.float64)
        band = sampled_annual_impact(held, rate)
        curve = exceedance(held, np.full(held.size, rate / held.size))
        periods = [one for one in _PERIODS if one <= held.size / rate]
        found[name] = {
            "average_annual": band.value,
            "low": band.low,
            "high": band.high,
            "by_return_period": {f"{one:g}": float(curve.at(one)) for one in periods},
        }
    return found


def read_manifest(folder: Path) -> dict[str, Any]:
    """What an ensemble says of itself.

    Raises
    ------
    InputError
        If the folder holds none, or no member has arrived yet.
    """
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{folder} holds no ensemble of which a member is there: run it first"
        ) from error
    return found
