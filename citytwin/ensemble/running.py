"""Run the members of an ensemble that are missing, and write what they say together."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citytwin.city import City
from citytwin.city.whole import replacing
from citytwin.ensemble.doubts import curves_of, notes_of
from citytwin.ensemble.gathering import gather
from citytwin.ensemble.member import Member, read_member
from citytwin.ensemble.plan import Ensemble
from citytwin.ensemble.showing import show
from citytwin.ensemble.statistics import (
    CellStatistics,
    cell_statistics,
    probability_band,
    summary_of,
)
from citytwin.errors import InputError, OutputError
from citytwin.hazards.base import HazardModel
from citytwin.hazards.watch import Progress, never, silent
from citytwin.impact.frequencies import PERIODS, ObservedFrequencies
from citytwin.impact.risk import exceedance, sampled_annual_impact

MANIFEST, CELLS, MEMBERS = "manifest.json", "cells.parquet", "members.parquet"
PARTS = "members"
#: Seconds after which the statistics of what has arrived are written again, and how many times as long
#: as writing them takes, if that is more.
_EVERY, _SHARE = 5.0, 20.0


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
        Asked again and again whether the run shall stop; members that run then still come.

    Returns
    -------
    Folder with ``manifest.json``, ``cells.parquet`` and ``members.parquet``.

    Raises
    ------
    InputError
        If a parameter does not fit the event, or a member fails; what arrived is kept.
    """
    members = ensemble.members()
    quantity, above = kept_quantity(ensemble)
    asked = (ensemble, city, quantity, above)
    target = Path(folder) / ensemble.key(city.fingerprint)
    parts = target / PARTS
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the ensemble cannot be written to {target}: {error.strerror}; choose another folder"
        ) from error
    missing = {
        n: (n, member.table(), str(city.path), city.fingerprint, quantity)
        for n, member in enumerate(members)
    }
    due = time.monotonic() + _EVERY

    def came() -> None:
        nonlocal due
        # Who stops it may not wait for the last member: what there is shall be seen.
        if time.monotonic() >= due or stopped():
            begun = time.monotonic()
            _publish(target, asked, runs)
            due = begun + max(_EVERY, _SHARE * (time.monotonic() - begun))

    paths = {n: parts / f"{n:06d}.npz" for n in missing}
    try:
        done = gather(
            paths, missing, workers=workers, scheduler=scheduler, progress=progress,
            stopped=stopped, came=came,
        )  # fmt: skip
    except BaseException:
        write_statistics(target, *asked)
        raise
    _publish(target, asked, runs)
    progress(1.0, "done" if done == len(members) else "stopped; the members that came are kept")
    return target


def _publish(target: Path, asked: tuple[Any, ...], runs: Path | str | None) -> None:
    """Write what the members that arrived say together, and show it among the runs."""
    found = write_statistics(target, *asked)
    if runs is not None and found is not None:
        ensemble, city, *_ = asked
        show(Path(runs), ensemble, city, found, read_manifest(target))


def kept_quantity(ensemble: Ensemble) -> tuple[str, float | None]:
    """Summary that is kept on the cells, and the value whose exceedance is counted.

    Raises
    ------
    InputError
        If neither the plan nor the hazard says which.
    """
    plan = ensemble.plan
    return kept_of(type(ensemble.hazard), plan.quantity, plan.above)


def kept_of(
    hazard: type[HazardModel], quantity: str, above: float | None
) -> tuple[str, float | None]:
    """Summary of a hazard that is kept on the cells, and the value whose exceedance is counted.

    What people say; else the first picture of whole runs, from the class on that it says; of an
    arrival, whether it came at all.
    """
    pictures = [p for p in hazard.pictures if not p.moving]
    if not quantity and not pictures:
        raise InputError(
            "the ensemble does not say which summary of the runs is kept: set 'ensemble.quantity'"
        )
    name = quantity or pictures[0].values
    if above is not None or "arrival" in name:
        return name, above
    of = [p for p in pictures if p.values == name and len(p.classes) > p.counted]
    if not of:
        known = [p.values for p in pictures if len(p.classes) > 1]
        raise InputError(
            f"the quantity '{name}' has no classes by which its probability could be counted: set "
            f"'above', the value that counts, or choose one that has, such as {', '.join(known)}"
        )
    return name, of[0].classes[of[0].counted] / of[0].scale


def arrived(folder: Path) -> list[Member]:
    """Members of an ensemble that are there, by number."""
    found = (read_member(path) for path in sorted((folder / PARTS).glob("*.npz")))
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
    common = set.intersection(*(set(member.figures) for member in members))
    names = [name for name in members[0].figures if name in common]
    figures = {name: np.array([member.figures[name] for member in members]) for name in names}
    columns = {"member": numbers, **dict(zip(ensemble.plan.names, drawn.T, strict=True))}
    _write(folder / MEMBERS, pa.table(columns | figures))
    manifest = {
        **_manifest(ensemble, city, quantity, above, figures, len(members)),
        # Of whoever knows them: members that an older citytwin kept do not.
        "units": {n: unit for one in members for n, unit in one.units.items() if n in figures},
        "titles": {n: both for one in members for n, both in one.titles.items() if n in figures},
        "notes": notes_of(members),
        "curves": [asdict(curve) for curve in curves_of(members)],
    }
    with replacing(folder / MANIFEST, "the ensemble") as part:
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8")
    return found


def _write(path: Path, table: pa.Table) -> None:
    with replacing(path, "the ensemble") as part:
        pq.write_table(table, part, compression="zstd")


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
        "risk": {}
        if ensemble.plan.sensitivity or count < 2
        else risk_of(figures, ensemble.plan.rate, _years(ensemble)),
        "joint": ensemble.plan.joint.facts() if ensemble.plan.joint else {},
        "probability_of_nothing_seen": probability_band(0, count),
        "versions": {name: version(name) for name in ("citytwin", "numpy", "numba", "scipy")},
    }


def _years(ensemble: Ensemble) -> float | None:
    """How long the days were watched that say how often the event comes; none where people say it."""
    plan = ensemble.plan
    return None if plan.rate_per_year or plan.joint is None else plan.joint.record().years


def risk_of(
    figures: dict[str, Any], rate: float | None, years: float | None = None
) -> dict[str, Any]:
    """Average annual impact with its 90 % band, and impact by return period, of each number.

    Nothing without a rate. Return periods beyond that of the rarest member are left out.

    Parameters
    ----------
    figures
        Numbers of the members by name.
    rate
        How often an event comes [1/a].
    years
        How long was watched to know that; the rate is taken as known without.
    """
    if rate is None:
        return {}
    found = {}
    for name, values in figures.items():
        if ".balance." in f".{name}" or float(np.min(values)) < 0.0:
            continue
        held = np.asarray(values, np.float64)
        band = (
            sampled_annual_impact(held, rate)
            if years is None
            else ObservedFrequencies(
                np.full(held.size, rate / held.size), years, sampled=True
            ).annual(held)
        )
        curve = exceedance(held, np.full(held.size, rate / held.size))
        periods = [one for one in PERIODS if one <= held.size / rate]
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
