"""The impact of gas and smoke: who is where its toxic load harms, outdoors and behind shut windows."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.base import Hazard
from citytwin.hazards.plume.lethality import probit_of
from citytwin.hazards.plume.substances import names, substance_of
from citytwin.impact.base import Count, Curve, Impact, ImpactModel, Level, Mark, Moment
from citytwin.impact.exposure import Exposure
from citytwin.impact.occupancy import hours, people_at
from citytwin.impact.streets import closed_streets
from citytwin.registry import impacts

LEVELS = (
    Level("1", "1: discomfort", "1 级：不适"),
    Level("2", "2: lasting harm", "2 级：严重或不可逆伤害"),
    Level("3", "3: danger to life", "3 级：危及生命"),
)
#: Zone from which on nobody should drive in.
_SHUT = 2.0
#: Word of where a gas can burn in a hazard's summary.
_BURNS = "flammable_zone"


@impacts.register
class Breathing(ImpactModel):
    """Gas and smoke in the air where people breathe."""

    variable: ClassVar[str] = "concentration"
    version: ClassVar[str] = "4"
    people_word: ClassVar[tuple[str, str]] = ("people live where it harms", "人居住在危害区内")
    buildings_word: ClassVar[tuple[str, str]] = ("buildings in its zones", "栋建筑在危害区内")
    building_marks: ClassVar[tuple[Mark, ...]] = (
        Mark("building in zone 1", "1 级区内建筑", "#ffe066"),
        Mark("building in zone 2", "2 级区内建筑", "#ff9933"),
        Mark("building in zone 3", "3 级区内建筑", "#cc0000"),
    )
    street_mark: ClassVar[Mark | None] = Mark(
        "street in zone 2 or 3, keep out", "2、3 级区内道路，勿入", "#7a0177"
    )
    building_facts: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "zone": ("Zone outdoors", "室外分区", "1"),
        "indoor_zone": ("Zone indoors, windows shut", "室内分区（关窗）", "1"),
        "gas_arrival_s": ("Gas arrives after", "气体到达时间", "s"),
    }

    @classmethod
    def count(cls, exposure: Exposure, hazard: Hazard) -> Impact:
        """Impact of the whole run, with its course as ``series``."""
        zone = exposure.highest(hazard.summary["aegl_zone"])
        indoor = exposure.highest(hazard.summary["indoor_zone"])
        arrival = _first(exposure, hazard.summary["arrival"])
        people, buildings = _reached(exposure, zone)
        return Impact(
            measure="Greatest zone outdoors at the building, by the toxic load of the run",
            measure_zh="建筑处室外最高分区（按全过程毒性负荷）",
            levels=LEVELS,
            people=people,
            buildings=buildings,
            roads=_closed(exposure, np.asarray(hazard.summary["aegl_zone"] >= _SHUT)),
            counts=(
                *_counts(exposure, hazard, zone, indoor),
                *_where_it_burns(exposure, hazard),
                *_killed(exposure, hazard, zone),
            ),
            series=_course(exposure, hazard, zone, arrival),
            curves=_curves(hazard),
            per_building={"zone": zone, "indoor_zone": indoor, "gas_arrival_s": arrival},
            reached={level.name: zone >= float(level.name) for level in LEVELS},
        )

    @classmethod
    def marked(cls, exposure: Exposure, moment: Moment) -> Ints:
        """(b,) zone of each building that the gas has reached by the moment."""
        none = np.zeros(len(exposure.buildings))
        zone = np.asarray(moment.buildings.get("zone", none))
        arrival = np.asarray(moment.buildings.get("gas_arrival_s", none))
        return np.where(moment.whole | (arrival <= moment.time), zone, 0.0).astype(np.int64)

    @classmethod
    def closed(cls, exposure: Exposure, moment: Moment) -> Bools:
        """(n,) cells in zone 2 or 3 of the whole run that the gas has reached by the moment."""
        del exposure
        came = moment.of_run("arrival") <= moment.time
        return np.asarray(came & (moment.of_run("aegl_zone") >= _SHUT))


def _first(exposure: Exposure, arrival: Any) -> Floats:
    """(b,) when the gas first reaches a cell of each building [s]; not a number where it does not."""
    late = np.where(np.isfinite(arrival), arrival, np.inf)
    shares = exposure.buildings.cells
    found = np.full(len(exposure.buildings), np.inf)
    np.minimum.at(found, shares.item, late[shares.cell])
    return np.where(np.isfinite(found), found, np.nan)


def _reached(exposure: Exposure, zone: Floats) -> tuple[dict[str, float], dict[str, float]]:
    people, on = exposure.buildings.people, {x.name: zone >= float(x.name) for x in LEVELS}
    return (
        {name: float(people[there].sum()) for name, there in on.items()},
        {name: int(there.sum()) for name, there in on.items()},
    )


def _closed(exposure: Exposure, cells: Bools) -> dict[str, Any]:
    return closed_streets(exposure, cells, "zone 2 or 3 of the run", "全过程 2、3 级区")


def _course(exposure: Exposure, hazard: Hazard, zone: Floats, arrival: Floats) -> dict[str, Any]:
    """People and buildings of each zone that the gas has reached by each moment."""
    frames = [_reached(exposure, np.where(arrival <= time, zone, 0.0)) for time in hazard.times]
    came = hazard.summary["arrival"]
    shut = hazard.summary["aegl_zone"] >= _SHUT
    levels = [level.name for level in LEVELS]
    return {
        "people": {name: [people[name] for people, _ in frames] for name in levels},
        "buildings": {name: [count[name] for _, count in frames] for name in levels},
        "roads_m": [
            _closed(exposure, np.asarray(shut & (came <= time)))["impassable_m"]
            for time in hazard.times
        ],
    }


def _counts(exposure: Exposure, hazard: Hazard, zone: Floats, indoor: Floats) -> list[Count]:
    residents = exposure.buildings.people
    total = float(residents.sum())
    better = exposure.highest(hazard.summary["better_inside"])
    counts = [
        Count(
            "harmed_indoors", "residents harmed even behind shut windows", "关窗仍受伤害的居民",
            float(residents[indoor >= _SHUT].sum()), "1", total,
            "zone 2 or 3 by the air indoors; air changes assumed",
            "按室内空气为 2、3 级；换气次数为假定",
        ),
        Count(
            "better_inside", "residents who are better off staying in", "就地避险更好的居民",
            float(residents[(zone >= 1.0) & (better == 1.0)].sum()), "1", total,
            "of those in its zones: less toxic load behind shut windows than leaving at once",
            "危害区内：就地避险的毒性负荷低于立即撤离",
        ),
        Count(
            "better_leaving", "residents who are better off leaving", "立即撤离更好的居民",
            float(residents[(zone >= 1.0) & (better == 2.0)].sum()), "1", total,
            "of those in its zones: less toxic load leaving at once than behind shut windows",
            "危害区内：立即撤离的毒性负荷低于就地避险",
        ),
    ]  # fmt: skip
    for hour in hours():
        there = people_at(exposure, hour)
        counts.append(
            Count(
                f"present_{hour.name}", f"people in buildings of zone 2 or 3 {hour.title}",
                f"{hour.title_zh} 2、3 级区建筑内人数", float(there[zone >= _SHUT].sum()), "1",
                float(there.sum()), "where people are then is assumed", "人员分布为假定",
            )
        )  # fmt: skip
    return counts


def _where_it_burns(exposure: Exposure, hazard: Hazard) -> list[Count]:
    """Residents where the gas can burn, which no zone of toxic load tells; nothing if it does not."""
    known = hazard.substance in names() and _BURNS in hazard.summary
    if not known or substance_of(hazard.substance).lfl <= 0.0:
        return []
    zone = exposure.highest(hazard.summary[_BURNS])
    residents = exposure.buildings.people
    words = (
        ("can_burn", 2.0, "residents where the gas can burn", "气体可燃处的居民",
         "from the lower flammable limit on, by the greatest concentration at the building",
         "建筑处室外最大浓度达到可燃下限"),
        ("may_burn", 1.0, "residents where gusts of the gas may burn", "阵性浓度可能可燃处的居民",
         "from half of the lower flammable limit on, by the greatest concentration at the building",
         "建筑处室外最大浓度达到可燃下限的一半"),
    )  # fmt: skip
    return [
        Count(name, title, title_zh, float(residents[zone >= least].sum()), "1",
              float(residents.sum()), who, who_zh)
        for name, least, title, title_zh, who, who_zh in words
    ]  # fmt: skip


def _killed(exposure: Exposure, hazard: Hazard, zone: Floats) -> list[Count]:
    """Expected deaths in zones 2 and 3, where the substance has a published probit; else nothing."""
    if "lethality" not in hazard.summary:
        return []
    harmed = zone >= _SHUT
    # Expected numbers take the mean over a building; its worst corner would count for all in it.
    outdoors = np.where(harmed, exposure.average(hazard.summary["lethality"]), 0.0)
    inside = np.where(harmed, exposure.average(hazard.summary["indoor_lethality"]), 0.0)
    residents = exposure.buildings.people
    counts = [
        Count(
            "killed_outdoors", "residents killed if all were in the open (estimate)",
            "居民全部处于室外时的死亡人数（估计）", float((residents * outdoors).sum()), "1",
            float(residents.sum()),
            "expected number by the toxic load of the whole run, an upper bound; nobody flees",
            "按全过程毒性负荷的期望值，为上限；假定无人撤离",
        )
    ]  # fmt: skip
    for hour in hours():
        if hour.name != "evening":
            there = people_at(exposure, hour)
            counts.append(
                Count(
                    f"killed_{hour.name}",
                    f"people killed behind shut windows {hour.title} (estimate)",
                    f"{hour.title_zh}关窗室内死亡人数（估计）", float((there * inside).sum()), "1",
                    float(there.sum()),
                    "expected number by the toxic load indoors; air changes and where people are "
                    "then are assumed",
                    "按室内毒性负荷的期望值；换气次数和人员分布为假定",
                )
            )  # fmt: skip
    return counts


def _curves(hazard: Hazard) -> tuple[Curve, ...]:
    zones = Curve(
        "zones of the acute exposure guideline levels, by toxic load",
        "US EPA AEGL; data/tables/aegl_erpg.csv says which were compared",
        verified=False,
    )
    if "lethality" not in hazard.summary:
        return (zones,)
    known = hazard.substance in names()
    law = probit_of(hazard.substance, substance_of(hazard.substance).toxic_n) if known else None
    deaths = Curve(
        "share of people who die of a toxic load, probit",
        law.source if law else "as the hazard has it",
        verified=law is not None and law.verified,
    )
    return (zones, deaths)
