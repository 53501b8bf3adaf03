"""One member of an ensemble: a run whose result is a few numbers and one value on each cell.

It is a function of plain values, so that it runs in this process, in another one, or on another
machine, and gives the same bits on each: on one thread, for the others are at other members.
"""

import json
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numba
import numpy as np

from citytwin.arrays import AnyFloats, Floats32
from citytwin.city import City
from citytwin.city.whole import sync
from citytwin.ensemble.plan import source_of
from citytwin.errors import CityFileError, InputError
from citytwin.hazards.base import Hazard
from citytwin.hazards.watch import Watch
from citytwin.impact.base import Impact
from citytwin.impact.exposure import Exposure
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from citytwin.scenario.chaining import whole_steps
from citytwin.scenario.running import exposure_of, impact_of, seed_of, simulate
from citytwin.scenario.together import closed_together, whole_run

#: Two members of one process must not enter parallel kernels at once.
_ONE = threading.Lock()


@dataclass(frozen=True, eq=False)
class Member:
    """Result of one member.

    Attributes
    ----------
    number
        Its number, from 0.
    cells
        (n,) the ensemble's quantity on the cells.
    figures
        Numbers of its impact and its balance, by name.
    """

    number: int
    cells: Floats32
    figures: dict[str, float]


def run_member(
    number: int, scenario: dict[str, Any], city: str, fingerprint: str, quantity: str
) -> Member:
    """Run a member.

    Parameters
    ----------
    number
        Its number.
    scenario
        Its scenario or chain as plain values.
    city
        Path of the city file, as this machine sees it.
    fingerprint
        Of the city that is meant.
    quantity
        Summary that is kept on the cells.

    Raises
    ------
    CityFileError
        If the city at the path is another one.
    InputError
        If the run has no such summary.
    """
    with _ONE:
        before = numba.get_num_threads()
        numba.set_num_threads(1)
        try:
            return _run(number, source_of(scenario), city, fingerprint, quantity)
        finally:
            numba.set_num_threads(before)


def _run(
    number: int, source: Scenario | Chain, path: str, fingerprint: str, quantity: str
) -> Member:
    city, exposure = _place(path, Path(path).stat().st_mtime_ns if Path(path).exists() else 0)
    if city.fingerprint != fingerprint:
        raise CityFileError(
            f"the city file {path} is not the one that the ensemble is about: give every worker the "
            "same file"
        )
    if isinstance(source, Chain):
        return _chain(number, source, city, exposure, quantity)
    hazard = simulate(source, city, Watch())
    impact = impact_of(city, hazard, exposure, seed=seed_of(source))
    return Member(number, _kept(hazard, quantity), _figures(hazard, impact))


def _chain(number: int, chain: Chain, city: City, exposure: Exposure, quantity: str) -> Member:
    """A member of a chain: the quantity of its last step, and the numbers of each."""
    figures: dict[str, float] = {}
    moments = []
    for step, hazard, impact in whole_steps(chain, city, exposure):
        own = _figures(hazard, impact)
        figures |= {f"{step.name}.{name}": value for name, value in own.items()}
        buildings: dict[str, AnyFloats] = dict(hazard.buildings)
        buildings |= impact.per_building if impact else {}
        moments.append((hazard.variable, whole_run(hazard.summary, buildings)))
        cells = hazard
    figures["roads_m"] = closed_together(exposure, moments)["impassable_m"]
    return Member(number, _kept(cells, quantity), figures)


def _kept(hazard: Hazard, quantity: str) -> Floats32:
    if quantity not in hazard.summary:
        raise InputError(
            f"'ensemble.quantity' is '{quantity}', which the runs do not give: choose one of "
            f"{', '.join(hazard.summary)}"
        )
    return hazard.summary[quantity].astype(np.float32)


def _figures(hazard: Hazard, impact: Impact | None) -> dict[str, float]:
    figures = {f"balance.{name}": float(value) for name, value in hazard.report.items()}
    return figures | (figures_of(impact.facts()) if impact is not None else {})


def figures_of(impact: dict[str, Any]) -> dict[str, float]:
    """Numbers of an impact by name: ``people.0.15``, ``buildings.0.15``, ``roads_m``, ``damage``."""
    found = {
        f"{what}.{level}": float(value)
        for what in ("people", "buildings")
        for level, value in impact[what].items()
    }
    if impact["roads"]:
        found["roads_m"] = float(impact["roads"]["impassable_m"])
    return found | {count["name"]: float(count["value"]) for count in impact["counts"]}


@lru_cache(maxsize=1)
def _place(path: str, written: int) -> tuple[City, Exposure]:
    """The city and what stands in it, read once by each process."""
    del written  # part of the cache's key: a file that was built anew is opened anew
    city = City.open(path)
    return city, exposure_of(city)


def write_member(folder: Path, member: Member) -> None:
    """Write a member into a folder: the file appears whole or not at all."""
    part = folder / f".{member.number:06d}-{os.getpid()}.part"
    with part.open("wb") as file:
        figures = np.frombuffer(json.dumps(member.figures, sort_keys=True).encode(), np.uint8)
        np.savez(file, cells=member.cells, figures=figures)
    sync(part)
    part.replace(folder / f"{member.number:06d}.npz")


def read_member(path: Path) -> Member | None:
    """A member from its file; none if it cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            figures = json.loads(held["figures"].tobytes())
            return Member(int(path.stem), np.asarray(held["cells"], np.float32), figures)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
