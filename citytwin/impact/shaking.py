"""The impact of shaking: damage of buildings by Hazus, who is hurt, streets under debris, fires.

Numbers are expected values: each building counts by how likely it reaches a state.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import shapely

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.grid.overlay import Shares, polygon_shares
from citytwin.hazards.base import Hazard
from citytwin.hazards.cases import Verification
from citytwin.impact.base import Count, Curve, Impact, ImpactModel, Level, Mark, Moment
from citytwin.impact.exposure import Exposure
from citytwin.impact.hazus.capacity import damage_by_spectrum
from citytwin.impact.hazus.casualties import casualties, collapse_probabilities
from citytwin.impact.hazus.classes import classified
from citytwin.impact.hazus.debris import debris_reach
from citytwin.impact.hazus.ignitions import expected_ignitions
from citytwin.impact.hazus.tables import notes
from citytwin.impact.hazus.verification import CASES
from citytwin.impact.occupancy import hours, people_at
from citytwin.impact.streets import closed_streets
from citytwin.impact.uses import uses
from citytwin.impact.worth import CURRENCY, cost_curve, rebuilding
from citytwin.registry import impacts
from citytwin.tables import number, read_rows, table_path

LEVELS = (
    Level("slight", "slight or worse", "轻微及以上"),
    Level("moderate", "moderate or worse", "中等及以上"),
    Level("extensive", "extensive or worse", "严重及以上"),
    Level("complete", "complete", "完全破坏"),
)
#: Share of a cell that debris must cover to close the street in it. Judged.
COVERED = 0.25
#: Magnitude taken for how long the ground shakes, where the event does not say it. Judged.
_MAGNITUDE = 7.0
_SEVERITIES = (
    ("need first aid", "需急救"),
    ("need a hospital", "需住院"),
    ("are in danger of life", "有生命危险"),
    ("are killed", "死亡"),
)


@impacts.register
class Shaken(ImpactModel):
    """Shaking of the ground below buildings."""

    variable: ClassVar[str] = "pga"
    version: ClassVar[str] = "2"
    people_word: ClassVar[tuple[str, str]] = (
        "people live in damaged buildings",
        "人住在受损建筑内",
    )
    buildings_word: ClassVar[tuple[str, str]] = (
        "buildings damaged (expected)",
        "栋建筑受损（期望值）",
    )
    building_marks: ClassVar[tuple[Mark, ...]] = (
        Mark("likely moderate damage", "可能中等破坏", "#f4c542"),
        Mark("likely extensive damage", "可能严重破坏", "#e4701e"),
        Mark("likely complete damage", "可能完全破坏", "#8f1414"),
    )
    street_mark: ClassVar[Mark | None] = Mark(
        "street likely under debris", "道路可能被瓦砾阻断", "#4a1486"
    )
    building_facts: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "moderate": ("Moderate damage or worse, probability", "中等及以上破坏概率", "1"),
        "complete": ("Complete damage, probability", "完全破坏概率", "1"),
        "collapse": ("Collapse, probability", "倒塌概率", "1"),
        "damage_eur": ("Expected cost of repair", "期望修复费用", CURRENCY),
    }

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Hazus's tables as published, and lognormals computed another way."""
        return CASES

    @classmethod
    def count(cls, exposure: Exposure, hazard: Hazard) -> Impact:
        """Expected impact of the shaking."""
        structure, level = classified(exposure.buildings, exposure.choices.construction)
        pga = exposure.highest(hazard.summary["pga_max"])
        chances = damage_by_spectrum(
            exposure.highest(hazard.summary["sa03"]),
            exposure.highest(hazard.summary["sa10"]),
            structure,
            level,
            hazard.report.get("magnitude", _MAGNITUDE),
        )
        reached = chances[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        residents = exposure.buildings.people
        names = [one.name for one in LEVELS]
        fallen = collapse_probabilities(chances, structure)
        damage = repair_shares(exposure, chances) * rebuilding(exposure)
        fires = expected_ignitions(pga, exposure.buildings.floor_area)
        facts = {name: reached[:, at] for at, name in enumerate(names)}
        facts |= {"collapse": fallen, "ignitions": fires}
        facts |= {"damage_eur": damage} if exposure.choices.country else {}
        return Impact(
            measure="State of damage, expected numbers",
            measure_zh="破坏等级（期望值）",
            levels=LEVELS,
            people={
                name: float((residents * reached[:, at]).sum()) for at, name in enumerate(names)
            },
            buildings={name: float(reached[:, at].sum()) for at, name in enumerate(names)},
            roads=_blocked(exposure, fallen),
            counts=tuple(_counts(exposure, chances, structure, facts)),
            curves=_curves(exposure),
            per_building=facts,
            reached={name: reached[:, at] for at, name in enumerate(names)},
        )

    @classmethod
    def marked(cls, exposure: Exposure, moment: Moment) -> Ints:
        """(b,) worst of moderate, extensive and complete damage that is likelier than not."""
        marks = np.zeros(len(exposure.buildings), dtype=np.int64)
        for mark, name in enumerate(("moderate", "extensive", "complete"), start=1):
            if name in moment.buildings:
                marks[np.asarray(moment.buildings[name]) >= 0.5] = mark
        return marks

    @classmethod
    def closed(cls, exposure: Exposure, moment: Moment) -> Bools:
        """(n,) cells in which debris closes the street, likelier than not."""
        return cls.closed_chance(exposure, moment) >= 0.5

    @classmethod
    def closed_chance(cls, exposure: Exposure, moment: Moment) -> Floats:
        """(n,) probability that debris closes the street in a cell."""
        fallen = moment.buildings.get("collapse", np.zeros(len(exposure.buildings)))
        return blocked_chance(exposure, fallen)


def repair_shares(exposure: Exposure, chances: Floats) -> Floats:
    """(b,) expected cost of repair as a share of the cost of building anew.

    Parameters
    ----------
    exposure
        What stands in the way.
    chances
        (b, 5) probability of each damage state.
    """
    use = uses(exposure)
    shares = np.zeros(len(use))
    for name, by_state in _repairs().items():
        mine = (use == name) | ((use == "empty") & (name == "industrial"))
        shares[mine] = (chances[mine, 1:] * by_state).sum(axis=1)
    return shares


@lru_cache(maxsize=1)
def _repairs() -> dict[str, Floats]:
    path = table_path("hazus_repair.csv")
    states = [one.name for one in LEVELS]
    rows = read_rows(path, ("use", "occupancy", *states, "verified"))
    return {row["use"]: np.array([number(row, name, path) for name in states]) for row in rows}


@lru_cache(maxsize=1)
def debris_cells(exposure: Exposure) -> Shares:
    """Building and cell that its debris would cover by ``COVERED`` or more, were it to collapse."""
    reach = debris_reach(exposure.buildings.height)
    heaps = shapely.buffer(exposure.buildings.outlines, reach, quad_segs=8)
    found = polygon_shares(exposure.grid, heaps)
    much = found.amount >= COVERED * exposure.grid.area[found.cell]
    return Shares(found.item[much], found.cell[much], found.amount[much])


def blocked_chance(exposure: Exposure, collapse: AnyFloats) -> Floats:
    """(n,) probability that debris closes the street in a cell, as if buildings fell independently.

    Parameters
    ----------
    exposure
        What stands in the way.
    collapse
        (b,) probability that each building collapses.
    """
    pairs = debris_cells(exposure)
    stands = np.log1p(-np.minimum(np.asarray(collapse, np.float64), 1.0 - 1e-12))[pairs.item]
    spared = np.bincount(pairs.cell, weights=stands, minlength=len(exposure.grid))
    return np.asarray(-np.expm1(spared))


def _blocked(exposure: Exposure, collapse: Floats) -> dict[str, Any]:
    """Expected lengths of street under debris."""
    return closed_streets(
        exposure,
        blocked_chance(exposure, collapse),
        "expected length under debris of collapsed buildings",
        "倒塌建筑瓦砾阻断的期望长度",
    )


def _counts(
    exposure: Exposure, chances: Floats, structure: Ints, facts: Mapping[str, Floats]
) -> list[Count]:
    residents = exposure.buildings.people
    count = float(len(exposure.buildings))
    counts = [
        Count(
            "collapsed", "buildings collapse", "倒塌建筑", float(facts["collapse"].sum()), "1", count,
            "expected number", "期望值",
        ),
        Count(
            "displaced", "people cannot stay at home", "需转移安置人数",
            float((residents * facts["extensive"]).sum()), "1", float(residents.sum()),
            "residents of buildings with extensive or complete damage, expected; a judged rule",
            "严重及完全破坏建筑的居民（期望值）；规则为经验判断",
        ),
    ]  # fmt: skip
    for hour in hours():
        hurt = casualties(chances, structure, people_at(exposure, hour)).sum(axis=0)
        for severity, (words, words_zh) in enumerate(_SEVERITIES, start=1):
            if hour.name != "evening":
                counts.append(
                    Count(
                        f"severity_{severity}_{hour.name}", f"people {words} {hour.title}",
                        f"{hour.title_zh}{words_zh}人数", float(hurt[severity - 1]), "1", None,
                        "indoors only, expected; Hazus's rates, people's whereabouts assumed",
                        "仅室内（期望值）；Hazus 伤亡率，人员分布为假定",
                    )
                )  # fmt: skip
    counts.append(
        Count(
            "ignitions", "fires that need the fire brigade", "需消防出警的火灾",
            float(facts["ignitions"].sum()), "1", None,
            "expected number after the shaking; SPA Risk 2009, not verified",
            "震后期望值；SPA Risk 2009，未核实",
        )
    )  # fmt: skip
    if "damage_eur" in facts:
        counts.append(
            Count(
                "damage", "cost of repair of buildings", "建筑修复费用",
                float(facts["damage_eur"].sum()), CURRENCY, None,
                "expected, without contents; values of 2010, not verified",
                "期望值，不含室内财产；2010 年价格，未核实",
            )
        )  # fmt: skip
    return counts


def _curves(exposure: Exposure) -> tuple[Curve, ...]:
    found = [
        Curve(
            "damage states by the sway of the structure, capacity-spectrum method",
            "Hazus 6.1, chapter 5, by PyPI hazus-loss 1.0.0; where the shaking is drawn at random its "
            "spread counts twice",
            verified=False,
        ),
        Curve(
            f"structural types by the map's words, {exposure.choices.construction}",
            "data/tables/hazus_mapping.csv, judged",
            verified=False,
        ),
        Curve(
            "casualties indoors by damage state", "Hazus 6.1, Tables 12-3 to 12-8", verified=False
        ),
        *(Curve(note, "data/tables", verified=False) for note in notes()),
    ]
    if exposure.choices.country:
        found.append(
            Curve("repair by damage state", "Hazus 6.1, Tables 11-2 to 11-4", verified=False)
        )
        found.append(cost_curve(exposure))
    return tuple(found)
