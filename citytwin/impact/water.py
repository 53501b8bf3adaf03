"""The impact of water: people, buildings and streets by how deep they stand in it, and the damage.

The people counted are those who live in a building with water of at least the threshold at its
walls, on whatever storey: the deepest in the cells that hold it and, where it fills a cell, in the
cells around. Streets count as impassable from 0.3 m, the depth at which a passenger car
no longer gets through (Pregnolato et al. 2017, 10.1016/j.trd.2017.06.020; read in
secondary sources only, not verified on the page). What moving water is unsafe for is in
``moving_water``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.hazards.base import Hazard
from citytwin.impact import moving_water
from citytwin.impact.base import Count, Curve, Impact, ImpactModel, Level, Mark, Moment
from citytwin.impact.exposure import Exposure
from citytwin.impact.flood_damage import (
    CURRENCY,
    DAMAGED,
    SOURCE,
    depth_damage,
)
from citytwin.impact.flood_losses import flood_losses
from citytwin.impact.occupancy import hours, people_at
from citytwin.impact.streets import closed_streets
from citytwin.registry import impacts

#: Depths by which people and buildings are counted [m].
THRESHOLDS = (0.15, 0.3, 0.5, 1.0)
#: Depth from which a street is impassable to cars [m].
IMPASSABLE = 0.3
#: Depth at the walls from which residents cannot stay. Judged.
DISPLACED = 0.3

LEVELS = tuple(Level(f"{limit:g}", f"≥ {limit:g} m", f"≥ {limit:g} 米") for limit in THRESHOLDS)


def reached(exposure: Exposure, at_walls: Floats) -> tuple[dict[str, float], dict[str, float]]:
    """Residents of, and number of, buildings by threshold, from the water at their walls [m]."""
    on = {f"{limit:g}": at_walls >= limit for limit in THRESHOLDS}
    people = {key: float(exposure.buildings.people[there].sum()) for key, there in on.items()}
    return people, {key: int(there.sum()) for key, there in on.items()}


def closed_by(exposure: Exposure, depth: AnyFloats) -> dict[str, Any]:
    """Streets in water of at least ``IMPASSABLE``, see ``closed_streets``."""
    return closed_streets(
        exposure,
        np.asarray(exposure.beside(depth) >= IMPASSABLE),
        f"{IMPASSABLE:g} m of water or more",
        f"水深 {IMPASSABLE:g} 米及以上",
    )


@impacts.register
class Water(ImpactModel):
    """Water at the walls of buildings, and on streets."""

    variable: ClassVar[str] = "depth"
    version: ClassVar[str] = "3"
    people_word: ClassVar[tuple[str, str]] = ("people in wet buildings", "人在受淹建筑内")
    buildings_word: ClassVar[tuple[str, str]] = ("buildings in water", "栋建筑受淹")
    building_marks: ClassVar[tuple[Mark, ...]] = (
        Mark(
            f"building in water ≥ {THRESHOLDS[0]:g} m",
            f"建筑旁水深 ≥ {THRESHOLDS[0]:g} 米",
            "#f5be6c",
        ),
    )
    street_mark: ClassVar[Mark | None] = Mark(
        f"street impassable, ≥ {IMPASSABLE:g} m", f"道路不可通行，≥ {IMPASSABLE:g} 米", "#ce4228"
    )

    building_facts: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "damage_eur": ("Damage", "损失", CURRENCY)
    }

    @classmethod
    def marked(cls, exposure: Exposure, moment: Moment) -> Ints:
        """(b,) 1 where water stands at a building's walls."""
        return (exposure.building_depths(_depth(moment)) >= THRESHOLDS[0]).astype(np.int64)

    @classmethod
    def closed(cls, exposure: Exposure, moment: Moment) -> Bools:
        """(n,) cells with water in which cars do not get through."""
        return np.asarray(exposure.beside(_depth(moment)) >= IMPASSABLE)

    @classmethod
    def count(cls, exposure: Exposure, hazard: Hazard) -> Impact:
        """Impact of the greatest depth, with the course over time as ``series``."""
        greatest = np.asarray(hazard.summary["depth_max"])
        at_walls = exposure.building_depths(greatest)
        people, buildings = reached(exposure, at_walls)
        damage, money, curves = _money(exposure, at_walls)
        unsafe = moving_water.unsafe_cells(exposure, hazard.summary)
        streets = moving_water.unsafe_streets(exposure, unsafe)
        moving = (
            *moving_water.cut_off_counts(exposure, unsafe, at_walls >= THRESHOLDS[0]),
            *moving_water.street_counts(streets),
        )
        return Impact(
            measure="Water at the walls of buildings, greatest depth",
            measure_zh="建筑外墙处最大水深",
            levels=LEVELS,
            people=people,
            buildings=buildings,
            roads={**closed_by(exposure, greatest), "unsafe": streets},
            counts=(*_people(exposure, at_walls), *money, *moving),
            series=_course(exposure, hazard),
            curves=(*curves, *moving_water.curves(unsafe)),
            per_building={"depth_m": at_walls, **damage},
            reached={f"{limit:g}": at_walls >= limit for limit in THRESHOLDS},
        )


def _depth(moment: Moment) -> AnyFloats:
    return moment.value("depth_max" if moment.whole else "depth")


def _course(exposure: Exposure, hazard: Hazard) -> dict[str, Any]:
    frames = [reached(exposure, exposure.building_depths(frame)) for frame in hazard.intensity]
    names = [level.name for level in LEVELS]
    return {
        "people": {name: [people[name] for people, _ in frames] for name in names},
        "buildings": {name: [buildings[name] for _, buildings in frames] for name in names},
        "roads_m": [closed_by(exposure, frame)["impassable_m"] for frame in hazard.intensity],
    }


def _people(exposure: Exposure, at_walls: Floats) -> list[Count]:
    """People who must leave, and who is in the buildings at other hours."""
    first = at_walls >= THRESHOLDS[0]
    deep = at_walls >= DISPLACED
    residents = exposure.buildings.people
    counts = [
        Count(
            "displaced", "people who cannot stay at home", "需转移安置人数",
            float(residents[deep].sum()), "1", float(residents.sum()),
            f"residents of buildings with {DISPLACED:g} m or more at their walls; a judged limit",
            f"建筑外墙处水深达 {DISPLACED:g} 米的居民；限值为经验判断",
        )
    ]  # fmt: skip
    for hour in hours():
        there = people_at(exposure, hour)
        counts.append(
            Count(
                f"present_{hour.name}", f"people in wet buildings {hour.title}",
                f"{hour.title_zh}受淹建筑内人数", float(there[first].sum()), "1",
                float(there.sum()),
                f"in buildings with {THRESHOLDS[0]:g} m or more; where people are then is assumed",
                f"建筑外墙处水深达 {THRESHOLDS[0]:g} 米；人员分布为假定",
            )
        )  # fmt: skip
    return counts


def _money(
    exposure: Exposure, at_walls: Floats
) -> tuple[dict[str, Floats], list[Count], tuple[Curve, ...]]:
    """Damage of each building, in all, and the functions used; nothing without a country."""
    country, continent = exposure.choices.country, exposure.choices.continent
    if not country:
        return {}, [], ()
    damage = flood_losses(exposure, at_walls[None, :], THRESHOLDS[0])[1]
    curves = [
        Curve(
            f"damage by depth, {name}, {continent}", SOURCE, depth_damage(continent, name).verified
        )
        for name in DAMAGED
    ]
    curves.append(Curve(f"greatest damage per m², {country}", SOURCE, verified=False))
    total = Count(
        "damage", "damage to buildings and contents", "建筑及室内财产损失",
        float(damage.sum()), CURRENCY, None,
        f"of water from {THRESHOLDS[0]:g} m at the walls on, on at most two storeys; values of 2010, "
        "not verified",
        f"外墙处水深 {THRESHOLDS[0]:g} 米起计，至多两层；2010 年价格，未核实",
    )  # fmt: skip
    return {"damage_eur": damage}, [total], tuple(curves)
