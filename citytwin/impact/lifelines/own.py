"""When a facility fails by itself: what each hazard does to the place where it lies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite

import numpy as np
from scipy.special import ndtr

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.hazards.base import Hazard
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.impact.base import Impact
from citytwin.impact.exposure import BUILT, Exposure
from citytwin.impact.lifelines.kinds import fragilities
from citytwin.impact.lifelines.places import Facility

#: Zone of gas from which on a place is left, and states of a cell in which it burns.
_LEFT, _BURNS = 2.0, (1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Failures:
    """When facilities fail by themselves.

    Attributes
    ----------
    times
        (f,) seconds after the start; infinite if never. Where they fail at random: if they do at all.
    chances
        (f,) probability that each fails, where that is random.
    """

    times: Floats
    chances: Floats | None = None


@dataclass(frozen=True)
class Rule:
    """How one intensity puts facilities out of service.

    Attributes
    ----------
    because
        Its word in files.
    words, words_zh
        What befell a facility, as a sentence goes on after its name.
    fails
        When each fails.
    details
        Adds to the words what they need of a facility.
    """

    because: str
    words: str
    words_zh: str
    fails: Callable[[Exposure, Hazard, Impact], Failures]
    details: Mapping[str, Callable[[Facility], str]] = field(default_factory=dict)

    def said(self, facility: Facility) -> tuple[str, str]:
        """What befell it, in English and Chinese."""
        values = {name: give(facility) for name, give in self.details.items()}
        return self.words.format(**values), self.words_zh.format(**values)


def crossing(
    times: Floats,
    values: AnyFloats,
    threshold: float,
    greatest: float,
    arrival: float = inf,
) -> float:
    """When a course first reaches a threshold [s]; infinite if never.

    Parameters
    ----------
    times, values
        (t,) the course at its moments; straight between them.
    threshold
        What it has to reach.
    greatest
        Its greatest value at any time, which may lie between the moments: it then counts as reached at
        the moment with the greatest of those that are known, but not at the first one.
    arrival
        When it first was more than nothing [s], where that is known: not reached before.
    """
    course = np.asarray(values, np.float64)
    at = int(np.argmax(course >= threshold))
    if course[at] < threshold:
        return _between(times, course, arrival) if greatest >= threshold else inf
    if at == 0:
        return float(times[0])
    share = (threshold - course[at - 1]) / (course[at] - course[at - 1])
    return float(times[at - 1] + share * (times[at] - times[at - 1]))


def _between(times: Floats, course: Floats, arrival: float) -> float:
    """When a course reached between its moments what it has at none of them [s]."""
    known = arrival if isfinite(arrival) else float(times[0])
    at = int(np.argmax(course))
    if at == 0:  # it falls from the start on, or is nothing at every moment
        return known if known > times[0] else float(times[min(1, len(times) - 1)])
    return max(float(times[at]), known)


def chance(shaken: float, hazus_class: str, state: str) -> float:
    """Probability of a damage state or a worse one.

    Parameters
    ----------
    shaken
        Peak ground acceleration [g].
    hazus_class, state
        Class of the table of fragilities, and the state.
    """
    curves = fragilities()[hazus_class]
    states = list(curves)
    # Where curves cross, a worse state is no likelier than a milder one.
    milder = (curves[name] for name in states[: states.index(state) + 1])
    return float(min(ndtr(np.log(max(shaken, 1e-300) / median) / beta) for median, beta in milder))


def _beside(exposure: Exposure, facility: Facility) -> Ints:
    """Cells whose water stands at a facility."""
    if facility.building >= 0:
        return exposure.cells_beside(facility.building)
    cells = np.array([facility.cell])
    if exposure.building_cover[facility.cell] >= BUILT:
        around = exposure.neighbours[facility.cell]
        cells = np.concatenate([cells, around[around >= 0]])
    return cells


def _cells(exposure: Exposure, facility: Facility) -> Ints:
    """Cells that a facility lies in."""
    shares = exposure.buildings.cells
    own = shares.cell[shares.item == facility.building]
    return own if own.size else np.array([facility.cell])


def _by_water(exposure: Exposure, hazard: Hazard, impact: Impact) -> Failures:
    del impact
    deepest, first = hazard.summary["depth_max"], hazard.summary.get("arrival")
    found = []
    for one in exposure.facilities:
        cells = _beside(exposure, one)
        course = hazard.intensity[:, cells].max(axis=1)
        deep = cells[deepest[cells] >= one.depth]
        came = first[deep] if first is not None else np.empty(0)
        arrival = float(np.min(came, where=np.isfinite(came), initial=inf))
        greatest = float(deepest[cells].max())
        found.append(crossing(hazard.times, course, one.depth, greatest, arrival))
    return Failures(np.array(found))


def _by_fire(exposure: Exposure, hazard: Hazard, impact: Impact) -> Failures:
    del impact
    lit = hazard.buildings.get("ignited_s")
    found = []
    for one in exposure.facilities:
        if one.building >= 0 and lit is not None:
            found.append(float(lit[one.building]))
            continue
        burns = np.isin(hazard.intensity[:, one.cell], _BURNS)
        found.append(float(hazard.times[np.argmax(burns)]) if burns.any() else inf)
    return Failures(np.where(np.isfinite(found), found, inf))


def _by_gas(exposure: Exposure, hazard: Hazard, impact: Impact) -> Failures:
    """The arrival of gas where its whole load makes people leave: they cannot wait for the load."""
    del impact
    zone, arrival = hazard.summary["aegl_zone"], hazard.summary["arrival"]
    found = []
    for one in exposure.facilities:
        cells = _cells(exposure, one)
        bad = cells[zone[cells] >= _LEFT]
        times = arrival[bad][np.isfinite(arrival[bad])]
        found.append(float(times.min()) if one.kind.staffed and times.size else inf)
    return Failures(np.array(found))


def _by_shaking(exposure: Exposure, hazard: Hazard, impact: Impact) -> Failures:
    """Damage at the start, with its probability by Hazus's lognormals, or that of the building."""
    pga = hazard.summary["pga_max"]
    chances = np.zeros(len(exposure.facilities))
    for number, one in enumerate(exposure.facilities):
        if one.hazus_class:
            shaken = float(pga[_cells(exposure, one)].max()) / GRAVITY
            chances[number] = chance(shaken, one.hazus_class, one.kind.out_from)
        elif one.building >= 0:
            chances[number] = float(np.asarray(impact.reached[one.kind.out_from])[one.building])
    return Failures(np.where(chances > 0.0, 0.0, inf), chances)


#: What puts facilities out of service, by the intensity of the hazard.
RULES: dict[str, Rule] = {
    "depth": Rule(
        "water", "stands in {depth} m of water", "水深达 {depth} 米", _by_water,
        {"depth": lambda one: f"{one.depth:g}"},
    ),
    "fire_state": Rule("fire", "is on fire", "起火", _by_fire),
    "concentration": Rule("gas", "lies in harmful gas", "处于有害气体中", _by_gas),
    "pga": Rule("shaking", "was damaged by the shaking", "在地震中受损", _by_shaking),
}  # fmt: skip


def lucks(facilities: Sequence[Facility], seed: int, draws: int) -> Floats:
    """(f, draws) numbers from 0 to 1; a facility has its own whatever others there are."""
    return np.array(
        [
            np.random.default_rng([seed, *one.name.encode()]).uniform(size=draws)
            for one in facilities
        ]
    ).reshape(len(facilities), draws)
