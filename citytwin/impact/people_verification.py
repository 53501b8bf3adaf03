"""Cases of ``citytwin verify impact`` about people: moving water, toxic loads, numbers that agree."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from citytwin.errors import BalanceError
from citytwin.grid.overlay import Shares
from citytwin.grid.window import cover
from citytwin.hazards.base import Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.hazards.plume.lethality import in_ppm_minutes, probit_of
from citytwin.hazards.plume.substances import substance_of
from citytwin.impact.base import Count, Impact
from citytwin.impact.consistency import consistent
from citytwin.impact.exposure import Exposure
from citytwin.impact.moving_water import GREATEST
from citytwin.impact.water import Water

#: Depth [m], speed [m/s] and product [m²/s] in four cells, each with 10 m of street and a home.
WATER = ((0.2, 1.0, 0.2), (0.35, 0.5, 0.17), (0.45, 1.2, 0.54), (0.9, 1.0, 0.9))
#: By hand: cells in which each is unsafe.
UNSAFE = {
    "small_car": (1, 2, 3),
    "large_car": (2, 3),
    "four_wheel_drive": (3,),
    "adult": (3,),
    "child": (2, 3),
}
_RESIDENTS = (4.0, 3.0, 2.0, 1.0)
_OURS = "citytwin's own bound"


def four_cells() -> tuple[Exposure, Hazard]:
    """A city of four homes and one street over four cells far apart, and the water in it."""
    grid = cover((-122.450, 37.7540, -122.440, 37.7640), 11)
    cells = np.array([0, 20, 40, 60])
    left = 20.0 * np.arange(4.0)
    homes = Buildings(
        outlines=shapely.box(left, 0.0, left + 10.0, 10.0),
        cells=Shares(np.arange(4), cells, np.full(4, 100.0)),
        height=np.full(4, 3.0),
        levels=np.ones(4),
        floor_area=np.full(4, 100.0),
        people=np.array(_RESIDENTS),
        kind=np.full(4, "house", dtype=object),
        material=np.full(4, "", dtype=object),
        year=np.full(4, np.nan),
    )
    street = Shares(np.zeros(4, np.int64), cells, np.full(4, 10.0))
    city = Exposure(
        grid, np.zeros(len(grid)), homes, np.ones(4), ("street",), np.ones(1, np.bool_), street
    )
    summary = {}
    for name, values in zip(GREATEST, np.array(WATER).T, strict=True):
        summary[name] = np.zeros(len(grid), np.float32)
        summary[name][cells] = values
    depth = summary["depth_max"][None, :]
    return city, Hazard("depth", np.zeros(1), depth, summary, {}, ".")


def moving_water(site: Site | None) -> Measured:
    """Metres of street unsafe for each in a city of four cells, off those by hand."""
    del site
    found = {count.name: count.value for count in Water.count(*four_cells()).counts}
    off = [abs(found[f"unsafe_{who}"] - 10.0 * len(cells)) for who, cells in UNSAFE.items()]
    laws = tuple(
        Law(
            f"people cut off, {who}",
            abs(found[f"cut_off_{who}"] - sum(_RESIDENTS[cell] for cell in UNSAFE[who])),
            1e-9,
        )
        for who in ("adult", "child")
    )
    return Measured(max(off), laws)


def half_die(site: Site | None) -> Measured:
    """Share who die of chlorine at the two concentrations published as deadly to half, off one half."""
    del site
    gas = substance_of("chlorine")
    probit = probit_of(gas.name, gas.toxic_n)
    if probit is None:
        return Measured(1.0, ())
    ppm, minutes = np.array([433.0, 250.0]), np.array([10.0, 30.0])
    share = probit.share(ppm**2 * minutes)
    load = gas.concentration(1.0) ** 2 * (ppm * 1e-6) ** 2 * minutes * 60.0
    units = np.abs(in_ppm_minutes(gas, load) / (ppm**2 * minutes) - 1.0)
    return Measured(
        float(np.abs(share - 0.5).max()),
        (Law("loads in ppm, share off", float(units.max()), 1e-12),),
    )


def faults(impact: Impact, residents: float) -> Iterator[Impact]:
    """The same impact with one fault each: whatever its numbers must keep to is broken once."""
    counts, roads = impact.counts, dict(impact.roads)
    first, second = (level.name for level in impact.levels[:2])

    def counted(name: str, value: float, of: float | None = None) -> Impact:
        return replace(impact, counts=(*counts, Count(name, "", "", value, "1", of)))

    yield replace(impact, people={**impact.people, second: impact.people[first] + 1.0})
    yield replace(impact, people={**impact.people, first: residents + 1.0})
    yield replace(impact, buildings={**impact.buildings, second: impact.buildings[first] + 1.0})
    yield replace(impact, buildings={**impact.buildings, second: float("nan")})
    yield replace(impact, people={**impact.people, second: -1.0})
    others = tuple(count for count in counts if count.name != "displaced")
    displaced = Count("displaced", "", "", impact.people[first] + 1.0, "1")
    yield replace(impact, counts=(*others, displaced))
    yield counted("anything", 2.0, 1.0)
    yield counted("injured_night", _present(counts) + 1.0)
    yield replace(impact, counts=(*counts, *_two("injured_x", "dead_x")))
    yield counted("severity_1_night", residents + 1.0)
    yield replace(impact, roads={**roads, "impassable_m": roads["total_m"] + 1.0})
    yield replace(impact, roads={**roads, "by_class": {}})
    whole = impact.people[first]
    series: dict[str, Any] = {"people": {first: [whole + 1.0], second: [0.0]}}
    yield replace(impact, series=series)
    yield replace(impact, series={"people": {first: [0.0], second: [impact.people[second]]}})
    yield replace(impact, series={"roads_m": [roads["impassable_m"] + 1.0]})


def _present(counts: tuple[Count, ...]) -> float:
    return next(count.value for count in counts if count.name == "present_night")


def _two(more: str, less: str) -> tuple[Count, Count]:
    return Count(more, "", "", 1.0, "1"), Count(less, "", "", 2.0, "1")


def unfound(site: Site | None) -> Measured:
    """Faults in the numbers of an impact that are not found; the numbers as they are have none."""
    del site
    city, hazard = four_cells()
    impact = Water.count(city, hazard)
    consistent(impact, city)
    missed = 0
    for faulty in faults(impact, float(city.buildings.people.sum())):
        try:
            consistent(faulty, city)
        except BalanceError:
            continue
        missed += 1
    return Measured(float(missed), ())


CASES = (
    Verification(
        "streets in moving water unsafe for cars and people, off those by hand", moving_water, 1e-9,
        "m", _OURS,
    ),
    Verification(
        "deaths by chlorine at the published deadly concentrations, off one half", half_die, 0.005,
        "1", "Withers and Lees 1985, part 2, abstract: 433 ppm for 10 min, 250 ppm for 30 min",
    ),
    Verification("faults in an impact's numbers that are not found", unfound, 0.0, "1", _OURS),
)  # fmt: skip
