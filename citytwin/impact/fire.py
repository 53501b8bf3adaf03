"""The impact of fire: buildings that caught fire and burnt out, their people, streets beside them."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.hazards.base import Hazard
from citytwin.impact.base import Count, Curve, Impact, ImpactModel, Level, Mark, Moment
from citytwin.impact.exposure import Exposure
from citytwin.impact.fire_heat import HEAT, heat_counts, heat_curves
from citytwin.impact.occupancy import hours, people_at
from citytwin.impact.streets import closed_streets
from citytwin.impact.worth import CURRENCY, cost_curve, rebuilding
from citytwin.registry import impacts

LEVELS = (
    Level("caught", "caught fire", "起火"),
    Level("burnt", "burnt out", "烧毁"),
)
#: States of a cell in which it burns.
_BURNS = (1.0, 3.0)


def reached(exposure: Exposure, caught: Bools, burnt: Bools) -> tuple[dict[str, float], ...]:
    """Residents of, and number of, buildings that caught fire and that burnt out."""
    people = exposure.buildings.people
    both = {"caught": caught, "burnt": burnt}
    return (
        {name: float(people[on].sum()) for name, on in both.items()},
        {name: int(on.sum()) for name, on in both.items()},
    )


@impacts.register
class Burning(ImpactModel):
    """Fire in buildings and plants."""

    variable: ClassVar[str] = "fire_state"
    version: ClassVar[str] = "2"
    people_word: ClassVar[tuple[str, str]] = ("people whose home caught fire", "人的住房起火")
    buildings_word: ClassVar[tuple[str, str]] = ("buildings caught fire", "栋建筑起火")
    building_marks: ClassVar[tuple[Mark, ...]] = (
        Mark("building on fire", "建筑燃烧", "#e6550d"),
        Mark("building burnt out", "建筑烧毁", "#1a1a1a"),
        Mark("building put out", "建筑已扑灭", "#3182bd"),
    )
    street_mark: ClassVar[Mark | None] = Mark(
        "street beside a fire, closed", "火场旁道路（封闭）", "#a50f15"
    )
    building_facts: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "ignited_s": ("Caught fire after", "起火时间", "s"),
        "burnt_s": ("Burnt out after", "烧毁时间", "s"),
        "damage_eur": ("Damage", "损失", CURRENCY),
    }

    @classmethod
    def count(cls, exposure: Exposure, hazard: Hazard) -> Impact:
        """Impact of the whole run, with its course as ``series``."""
        lit, gone = _times(hazard.buildings, len(exposure.buildings))
        caught, burnt = np.isfinite(lit), np.isfinite(gone)
        people, buildings = reached(exposure, caught, burnt)
        ever = np.asarray(hazard.summary["state_end"] > 0.0)
        damage = rebuilding(exposure) * _lost(hazard.buildings, caught)
        return Impact(
            measure="Buildings",
            measure_zh="建筑火情",
            levels=LEVELS,
            people=people,
            buildings=buildings,
            roads=_closed(exposure, ever),
            counts=(*_counts(exposure, caught, damage), *heat_counts(exposure, hazard.summary)),
            series=_course(exposure, hazard, lit, gone),
            curves=(*_curves(exposure), *_heat_curves(hazard)),
            per_building={"damage_eur": damage} if exposure.choices.country else {},
            reached={"caught": caught, "burnt": burnt},
        )

    @classmethod
    def marked(cls, exposure: Exposure, moment: Moment) -> Ints:
        """(b,) 1 on fire, 2 burnt out, 3 put out."""
        lit, gone = _times(moment.buildings, len(exposure.buildings))
        put_out = _put_out(moment.buildings, len(exposure.buildings))
        marks = np.where(lit <= moment.time, 1, 0)
        marks[gone <= moment.time] = 2
        marks[put_out <= moment.time] = 3
        return marks.astype(np.int64)

    @classmethod
    def closed(cls, exposure: Exposure, moment: Moment) -> Bools:
        """(n,) cells that burn, and those beside them."""
        state = moment.value("state_end" if moment.whole else "fire_state")
        if moment.whole:
            return _beside(exposure, np.asarray(state > 0.0))
        return _beside(exposure, np.isin(state, _BURNS))


def _times(buildings: Mapping[str, AnyFloats], count: int) -> tuple[Floats, Floats]:
    """(b,) times at which buildings caught fire and burnt out [s]; not a number where they did not."""
    never = np.full(count, np.nan)
    lit, gone = (buildings.get(name, never) for name in ("ignited_s", "burnt_s"))
    return np.asarray(lit, np.float64), np.asarray(gone, np.float64)


def _lost(buildings: Mapping[str, AnyFloats], caught: Bools) -> Floats:
    """(b,) share of each building that is lost: all of those burnt out or on fire at the end."""
    put_out = np.isfinite(_put_out(buildings, caught.size))
    spent = np.asarray(buildings.get("load_burnt", np.ones(caught.size)), np.float64)
    return np.where(caught, np.where(put_out, spent, 1.0), 0.0)


def _put_out(buildings: Mapping[str, AnyFloats], count: int) -> Floats:
    return np.asarray(buildings.get("put_out_s", np.full(count, np.nan)), np.float64)


def _beside(exposure: Exposure, burning: Bools) -> Bools:
    around = exposure.neighbours
    beside = np.asarray((burning[around] & (around >= 0)).any(axis=1))
    return np.asarray(burning | beside)


def _closed(exposure: Exposure, burning: Bools) -> dict[str, Any]:
    return closed_streets(
        exposure, _beside(exposure, burning), "beside a fire at any time", "火场旁（全过程）"
    )


def _course(exposure: Exposure, hazard: Hazard, lit: Floats, gone: Floats) -> dict[str, Any]:
    frames = [reached(exposure, lit <= time, gone <= time) for time in hazard.times]
    names = [level.name for level in LEVELS]
    burning = [np.isin(frame, _BURNS) for frame in hazard.intensity]
    return {
        "people": {name: [people[name] for people, _ in frames] for name in names},
        "buildings": {name: [count[name] for _, count in frames] for name in names},
        "roads_m": [_closed(exposure, cells)["impassable_m"] for cells in burning],
    }


def _counts(exposure: Exposure, caught: Bools, damage: Floats) -> list[Count]:
    residents = exposure.buildings.people
    counts = [
        Count(
            "displaced", "people who cannot stay at home", "需转移安置人数",
            float(residents[caught].sum()), "1", float(residents.sum()),
            "residents of buildings that caught fire", "起火建筑的居民",
        )
    ]  # fmt: skip
    for hour in hours():
        there = people_at(exposure, hour)
        counts.append(
            Count(
                f"present_{hour.name}", f"people in buildings that caught fire {hour.title}",
                f"{hour.title_zh}起火建筑内人数", float(there[caught].sum()), "1",
                float(there.sum()), "before anybody leaves; where people are then is assumed",
                "疏散前；人员分布为假定",
            )
        )  # fmt: skip
    if exposure.choices.country:
        counts.append(
            Count(
                "damage", "cost of building anew what is lost", "损毁建筑重建费用",
                float(damage.sum()), CURRENCY, None,
                "buildings burnt out or on fire at the end wholly, those put out by what burnt of "
                "them; without contents; values of 2010, not verified",
                "烧毁及结束时仍在燃烧的全部计入，已扑灭的按烧毁比例计；"
                "不含室内财产；2010 年价格，未核实",
            )
        )  # fmt: skip
    return counts


def _heat_curves(hazard: Hazard) -> tuple[Curve, ...]:
    return heat_curves() if HEAT in hazard.summary else ()


def _curves(exposure: Exposure) -> tuple[Curve, ...]:
    return (cost_curve(exposure),) if exposure.choices.country else ()
