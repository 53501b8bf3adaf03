"""One member of an ensemble: a run whose result is a few numbers and one value on each cell.

It is a function of plain values, so that it runs in this process, in another one, or on another
machine, and gives the same bits on each: on one thread, for the others are at other members.
"""

import json
import threading
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numba
import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Floats32
from citytwin.city import City
from citytwin.city.whole import replacing
from citytwin.ensemble.varying import source_of
from citytwin.errors import CityFileError, InputError
from citytwin.hazards.base import Hazard
from citytwin.hazards.watch import Watch
from citytwin.impact.base import Curve, Impact
from citytwin.impact.exposure import Exposure
from citytwin.impact.numbers import ROADS, Number, numbers_of
from citytwin.impact.totals import on_cells
from citytwin.impact.worth import CURRENCY, rebuilding
from citytwin.scenario import Scenario
from citytwin.scenario.chain import Chain
from citytwin.scenario.chaining import whole_steps
from citytwin.scenario.running import exposure_of, impact_of, seed_of, simulate
from citytwin.scenario.together import DAMAGE, closed_together, damage_together, whole_run

#: What the names of maps begin with in a member's file.
_MAP = "map:"
#: What numbers of all steps of a chain begin with, and the damage of all of them.
_TOGETHER, _LOSS = ("All steps", "各步合计"), ("damage", "损失")
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
        (n,) the kept quantity on the cells; nothing where none is kept.
    figures
        Numbers of its impact and its balance, by name.
    units
        Units of those numbers that are money or the like, by name.
    notes
        What its hazard says of its own assumptions.
    maps
        (n,) numbers of its impact on the cells, by name, where they were asked for; each adds up to
        the number of that name.
    titles
        What people call the numbers of its impact, in English and Chinese, by name.
    curves
        Vulnerabilities that its impact used.
    """

    number: int
    cells: Floats32
    figures: dict[str, float]
    units: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    maps: dict[str, Floats32] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()


def run_member(
    number: int,
    scenario: dict[str, Any],
    city: str,
    fingerprint: str,
    quantity: str,
    maps: bool = False,  # noqa: FBT001, FBT002  (executors take plain arguments)
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
        Summary that is kept on the cells; empty keeps none.
    maps
        Whether people and damage are kept on the cells, too.

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
            place = _place_of(city, fingerprint)
            return _run(number, source_of(scenario), place, quantity, maps=maps)
        finally:
            numba.set_num_threads(before)


def _place_of(path: str, fingerprint: str) -> tuple[City, Exposure]:
    written = Path(path).stat().st_mtime_ns if Path(path).exists() else 0
    city, exposure = _place(path, written)
    if city.fingerprint != fingerprint:
        raise CityFileError(
            f"the city file {path} is not the one that the ensemble is about: give every worker the "
            "same file"
        )
    return city, exposure


def _run(
    number: int,
    source: Scenario | Chain,
    place: tuple[City, Exposure],
    quantity: str,
    *,
    maps: bool,
) -> Member:
    city, exposure = place
    if isinstance(source, Chain):
        return _chain(number, source, place, quantity, maps=maps)
    hazard = simulate(source, city, Watch())
    impact = impact_of(city, hazard, exposure, seed=seed_of(source))
    numbers = numbers_of(impact.facts()) if impact else {}
    return Member(
        number, _kept(hazard, quantity), _figures(hazard, numbers), _units(numbers),
        tuple(hazard.notes), _maps(exposure, impact) if maps else {}, _titles(numbers),
        impact.curves if impact else (),
    )  # fmt: skip


def _chain(
    number: int, chain: Chain, place: tuple[City, Exposure], quantity: str, *, maps: bool
) -> Member:
    """A member of a chain: the quantity of its last step, and the numbers of each."""
    city, exposure = place
    figures: dict[str, float] = {}
    units: dict[str, str] = {}
    titles: dict[str, tuple[str, str]] = {}
    curves: list[Curve] = []
    steps = chain.titles()
    notes: list[str] = []
    shown: dict[str, Floats32] = {}
    moments = []
    for step, hazard, impact, unsettled in whole_steps(chain, city, exposure):
        numbers = numbers_of(impact.facts()) if impact else {}
        figures |= _named(step.name, _figures(hazard, numbers))
        units |= _named(step.name, _units(numbers))
        titles |= _named(step.name, _titles(numbers, steps[step.name]))
        said = (*hazard.notes, *_unsettled(unsettled))
        curves += impact.curves if impact else ()
        notes += [f"{step.name}: {note}" for note in said]
        shown |= _named(step.name, _maps(exposure, impact)) if maps else {}
        buildings: dict[str, AnyFloats] = dict(hazard.buildings)
        buildings |= impact.per_building if impact else {}
        moments.append((hazard.variable, whole_run(hazard.summary, buildings)))
        cells = hazard
    # What all steps do together comes first.
    streets = float(closed_together(exposure, moments)["impassable_m"])
    figures = {"roads_m": streets} | figures
    units["roads_m"], titles["roads_m"] = "m", _of(_TOGETHER, ROADS)
    given = [
        (variable, moment.buildings[DAMAGE])
        for variable, moment in moments
        if DAMAGE in moment.buildings
    ]
    if given:
        # What one step destroyed, another does not destroy again.
        whole = damage_together(rebuilding(exposure), given)
        figures = {"damage": float(whole.sum())} | figures
        units["damage"] = CURRENCY
        titles["damage"] = _of(_TOGETHER, _LOSS)
        shown |= {"damage": on_cells(exposure, whole).astype(np.float32)} if maps else {}
    return Member(
        number, _kept(cells, quantity), figures, units, tuple(notes), shown, titles,
        tuple(dict.fromkeys(curves)),
    )  # fmt: skip


_Value = TypeVar("_Value")


def _named(step: str, values: dict[str, _Value]) -> dict[str, _Value]:
    return {f"{step}.{name}": value for name, value in values.items()}


def _kept(hazard: Hazard, quantity: str) -> Floats32:
    if not quantity:
        return np.empty(0, np.float32)
    if quantity not in hazard.summary:
        raise InputError(
            f"the quantity '{quantity}' is to be kept on the cells, which the runs do not give: choose "
            f"one of {', '.join(hazard.summary)}"
        )
    return hazard.summary[quantity].astype(np.float32)


def _maps(exposure: Exposure, impact: Impact | None) -> dict[str, Floats32]:
    """People at the first level, and damage, on the cells, by the names of their numbers."""
    if impact is None:
        return {}
    found, first = {}, impact.levels[0].name
    if first in impact.reached:
        people = exposure.buildings.people * np.asarray(impact.reached[first], np.float64)
        found[f"people.{first}"] = people
    if DAMAGE in impact.per_building:
        found["damage"] = np.asarray(impact.per_building[DAMAGE], np.float64)
    return {name: on_cells(exposure, values).astype(np.float32) for name, values in found.items()}


def _figures(hazard: Hazard, numbers: dict[str, Number]) -> dict[str, float]:
    figures = {f"balance.{name}": float(value) for name, value in hazard.report.items()}
    return figures | {name: number.value for name, number in numbers.items()}


def _unsettled(lifelines: tuple[str, ...]) -> tuple[str, ...]:
    """That a step over again would bring other outages once more, and of which lifelines."""
    if not lifelines:
        return ()
    stop = "stops" if len(lifelines) == 1 else "stop"
    return (f"a further pass would change when {' and '.join(lifelines)} {stop}",)


def _units(numbers: dict[str, Number]) -> dict[str, str]:
    return {name: number.unit for name, number in numbers.items() if number.unit}


def _titles(
    numbers: dict[str, Number], step: tuple[str, str] | None = None
) -> dict[str, tuple[str, str]]:
    """What people call numbers, after the step that they are of."""
    titles = {name: (number.title, number.title_zh) for name, number in numbers.items()}
    return {name: _of(step, both) for name, both in titles.items()} if step else titles


def _of(step: tuple[str, str], titles: tuple[str, str]) -> tuple[str, str]:
    return f"{step[0]}: {titles[0]}", f"{step[1]}：{titles[1]}"


@lru_cache(maxsize=1)
def _place(path: str, written: int) -> tuple[City, Exposure]:
    """The city and what stands in it, read once by each process."""
    del written  # part of the cache's key: a file that was built anew is opened anew
    city = City.open(path)
    return city, exposure_of(city)


def write_member(path: Path, member: Member) -> None:
    """Write a member into a file, which appears whole or not at all."""
    said = {
        "units": member.units,
        "notes": list(member.notes),
        "titles": member.titles,
        "curves": [asdict(curve) for curve in member.curves],
    }
    maps: dict[str, Any] = {f"{_MAP}{name}": values for name, values in member.maps.items()}
    with replacing(path, "a member of the ensemble") as part, part.open("wb") as file:
        np.savez(
            file, cells=member.cells, figures=_packed(member.figures), said=_packed(said), **maps
        )


def _packed(values: dict[str, Any]) -> NDArray[np.uint8]:
    # In their own order, which is that in which people read them: what matters most comes first.
    return np.frombuffer(json.dumps(values).encode(), np.uint8)


def read_member(path: Path, number: int | None = None) -> Member | None:
    """A member from its file; none if it cannot be read.

    Parameters
    ----------
    path
        The file.
    number
        Its number; that which the file is named by if left out.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            said = json.loads(held["said"].tobytes()) if "said" in held else {}
            return Member(
                int(path.stem) if number is None else number,
                np.asarray(held["cells"], np.float32),
                json.loads(held["figures"].tobytes()),
                said.get("units", {}),
                tuple(said.get("notes", ())),
                {
                    name.removeprefix(_MAP): np.asarray(held[name], np.float32)
                    for name in held.files
                    if name.startswith(_MAP)
                },
                {name: (both[0], both[1]) for name, both in said.get("titles", {}).items()},
                tuple(Curve(**curve) for curve in said.get("curves", ())),
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
