"""What the radiant heat of fires means for streets and for people who have to leave.

Nobody is counted as injured: who stands in the open, where and for how long before he runs is not
known, and the greatest heat of hours of fire would kill all who ever passed.
"""

from collections.abc import Mapping

import numpy as np

from citytwin.arrays import AnyFloats, Bools
from citytwin.hazards.fire.heat.limits import limits, probit
from citytwin.impact.base import Count, Curve
from citytwin.impact.exposure import Exposure
from citytwin.impact.occupancy import hours, people_at

#: Word of the heat in a hazard's summary.
HEAT = "heat_flux_max"
#: Limits by which streets are counted, and the one for people who leave.
_STREETS, _LEAVING = ("escape", "minutes"), "escape"
#: Share of people killed from which a street counts as deadly.
_DEADLY = 0.01


def heat_counts(exposure: Exposure, summary: Mapping[str, AnyFloats]) -> list[Count]:
    """Streets and people where the greatest heat of a run exceeds what people bear.

    Parameters
    ----------
    exposure
        What stands in the way.
    summary
        Of the run; without its greatest heat nothing is counted.
    """
    if HEAT not in summary:
        return []
    heat = np.asarray(summary[HEAT], np.float64)
    return [*_streets(exposure, heat), *_people(exposure, heat)]


def heat_curves() -> tuple[Curve, ...]:
    """Limits and the probit in use."""
    law, known = probit(), all(one.verified for one in limits().values())
    return (
        Curve("limits of radiant heat on people", "data/tables/heat_flux.csv", known),
        Curve("people killed by radiant heat in the open", law.source, law.verified),
    )


def _streets(exposure: Exposure, heat: AnyFloats) -> list[Count]:
    law = probit()
    found = [
        Count(
            f"street_{one.name}", f"street above {one.flux / 1e3:g} kW/m²: {one.title}",
            f"热辐射超过 {one.flux / 1e3:g} kW/m² 的道路：{one.title_zh}",
            _metres(exposure, heat >= one.flux), "m", _metres(exposure, np.ones(heat.size)),
            "streets and footways in the open, by the greatest heat of the whole run",
            "露天道路与步道，按全过程最大热辐射计",
        )
        for one in (limits()[name] for name in _STREETS)
    ]  # fmt: skip
    flux = law.flux_that_kills(_DEADLY, law.exposure)
    found.append(
        Count(
            "street_deadly",
            f"street on which {_DEADLY:.0%} of people in the open would die in {law.exposure:g} s",
            f"户外停留 {law.exposure:g} 秒死亡率达 {_DEADLY:.0%} 的道路",
            _metres(exposure, heat >= flux), "m", _metres(exposure, np.ones(heat.size)),
            f"above {flux / 1e3:.1f} kW/m² by the probit of Tsao and Perry; the time in the open is "
            "assumed; nobody is counted as injured, as who stands there is not known",
            f"按 Tsao–Perry 概率函数，即超过 {flux / 1e3:.1f} kW/m²；停留时间为假定；"
            "在场人数未知，故不计伤亡",
        )
    )  # fmt: skip
    return found


def _metres(exposure: Exposure, cells: AnyFloats | Bools) -> float:
    """Length of street and footway in some cells, tunnels and bridges left out [m]."""
    return float(sum(exposure.closed_lengths(np.asarray(cells, np.float64)).values()))


def _people(exposure: Exposure, heat: AnyFloats) -> list[Count]:
    limit, residents = limits()[_LEAVING], exposure.buildings.people
    hot = exposure.highest(heat) >= limit.flux
    kilo = f"{limit.flux / 1e3:g} kW/m²"
    found = [
        Count(
            "hot_doors", f"residents whose building stands in more than {kilo}",
            f"住处周围热辐射超过 {kilo} 的居民", float(residents[hot].sum()), "1",
            float(residents.sum()),
            f"{limit.title}: they have to leave before; the greatest heat of the whole run in the "
            "open beside the building",
            f"{limit.title_zh}：须提前撤离；按建筑旁全过程最大热辐射计",
        )
    ]  # fmt: skip
    for hour in hours():
        there = people_at(exposure, hour)
        found.append(
            Count(
                f"hot_{hour.name}", f"people in buildings that stand in more than {kilo} {hour.title}",
                f"{hour.title_zh}热辐射超过 {kilo} 的建筑内人数", float(there[hot].sum()), "1",
                float(there.sum()), "before anybody leaves; where people are then is assumed",
                "疏散前；人员分布为假定",
            )
        )  # fmt: skip
    return found
