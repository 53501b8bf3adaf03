"""What a plume's run answers: arrays on the cells, the mass by place, and sentences for people."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from citytwin.arrays import Floats, Floats32
from citytwin.grid.window import Grid
from citytwin.hazards.base import Hazard
from citytwin.hazards.plume import exposure as rows
from citytwin.hazards.plume.dose import evened_duration, flammable_zones, zones
from citytwin.hazards.plume.lethality import lethality, probit_of
from citytwin.hazards.plume.substances import Levels, Substance, levels_of

if TYPE_CHECKING:
    from citytwin.hazards.plume.model import Plume
    from citytwin.hazards.plume.simulation import Course

_MINUTE = 60.0
#: Toxic loads differ if one is more than so much of the other.
_DIFFERS = 1.001
#: More than so many times what the air lost may not settle on the map without a warning.
_SURPLUS = 1.1


@dataclass(frozen=True)
class Masses:
    """Where the mass is [kg].

    Attributes
    ----------
    released
        Out of its source.
    pool
        Still in pools.
    in_air
        In the air, over the city and beyond.
    over_city
        In the air over the city's cells.
    lost
        Settled on the ground or decayed.
    """

    released: float
    pool: float
    in_air: float
    over_city: float
    lost: float

    @property
    def error(self) -> float:
        """Mass that appeared or vanished, as a share of what was released."""
        surplus = self.in_air + self.lost - self.released
        return surplus / self.released if self.released > 0.0 else surplus


def hazard_of(
    event: "Plume", course: "Course", gas: Substance, grid: Grid, notes: tuple[str, ...]
) -> Hazard:
    """The answer of a course that has run."""
    masses = course.masses()
    state = course.breathing.state
    found = _summary(event, state, gas, course.settling)
    summary = {name: _placed(course, value) for name, value in found.items()}
    settled = float((summary["deposited"] * grid.area).sum()) if course.settling else 0.0
    report = {
        "released_kg": masses.released,
        "pool_kg": masses.pool,
        "in_air_kg": masses.in_air,
        "over_city_kg": masses.over_city,
        "left_city_kg": max(masses.in_air - masses.over_city, 0.0),
        "settled_or_decayed_kg": masses.lost,
        "settled_in_city_kg": settled,
        "balance_error": masses.error,
        "highest_kg_m3": float(state[rows.MOST].max()),
    }
    report |= _areas(summary, grid)
    times, outdoors, indoors = course.told()
    return Hazard(
        variable="concentration",
        times=times,
        intensity=outdoors,
        summary=summary,
        report=report,
        sentence=_sentence(masses, gas, report),
        fields={"indoor_concentration": indoors},
        notes=(*notes, *_doubts(gas), *_surplus(settled, masses.lost), _advice(report, event)),
        complete=course.complete,
        substance=gas.name,
    )


def _placed(course: "Course", values: Floats) -> Floats32:
    found = np.empty(values.size, np.float32)
    found[course.cells.order] = values
    return found


def _levels(gas: Substance) -> Levels | None:
    return levels_of(gas.name, "AEGL") or levels_of(gas.name, "smoke guide")


def _summary(event: "Plume", state: Floats, gas: Substance, settling: float) -> dict[str, Floats]:
    """Arrays of the cells by name, in the order of the rows."""
    levels, n = _levels(gas), gas.toxic_n
    arrival = state[rows.ARRIVAL]
    lasts = evened_duration(state[rows.DOSE], state[rows.MOST])
    inside = evened_duration(state[rows.IN_DOSE], state[rows.IN_MOST])
    aired = evened_duration(state[rows.AIRED_DOSE], state[rows.AIRED_MOST])
    stays = np.minimum(lasts, event.leave_min * _MINUTE)
    return {
        "concentration_max": state[rows.MOST],
        "arrival": np.where(np.isfinite(arrival), arrival, np.nan),
        "duration": state[rows.ABOVE],
        "dose": state[rows.DOSE],
        "toxic_load": state[rows.LOAD],
        "aegl_zone": zones(levels, state[rows.LOAD], lasts, n),
        "erpg_zone": zones(levels_of(gas.name, "ERPG"), state[rows.LOAD], lasts, n),
        "flammable_zone": flammable_zones(state[rows.MOST], gas.concentration(gas.lfl)),
        "indoor_max": state[rows.IN_MOST],
        "indoor_load": state[rows.IN_LOAD],
        "indoor_zone": zones(levels, state[rows.IN_LOAD], inside, n),
        "aired_load": state[rows.AIRED_LOAD],
        "aired_zone": zones(levels, state[rows.AIRED_LOAD], aired, n),
        "leaving_load": state[rows.LEAVING_LOAD],
        "leaving_zone": zones(levels, state[rows.LEAVING_LOAD], stays, n),
        "better_inside": _better(state),
        "deposited": state[rows.DOSE] * settling,
        **_deaths(state, gas),
    }


def _deaths(state: Floats, gas: Substance) -> dict[str, Floats]:
    """Share of people who die of the load outdoors and behind shut windows; none without a probit."""
    loads = {"lethality": state[rows.LOAD], "indoor_lethality": state[rows.IN_LOAD]}
    found = {name: lethality(gas, load) for name, load in loads.items()}
    return {name: shares for name, shares in found.items() if shares is not None}


def _doubts(gas: Substance) -> tuple[str, ...]:
    probit = probit_of(gas.name, gas.toxic_n)
    if probit is None or probit.verified:
        return ()
    return (f"How many die of a toxic load of {gas.title.lower()} is not verified.",)


def _surplus(settled: float, lost: float) -> tuple[str, ...]:
    """That more settled on the cells than the air lost [kg], where it is so."""
    if not settled > _SURPLUS * lost > 0.0:
        return ()
    words = (
        f"WARNING: what settled on the map adds up to {settled / lost:.1f} times what the air lost: a "
        "plume that rises fast is thinner at its source than a cell, where the air people breathe and "
        "what settles from it come out too high."
    )
    return (words,)


def _better(state: Floats) -> Floats:
    """(n,) 1 where staying in and airing afterwards gives less load than leaving, 2 where more."""
    stays, leaves = state[rows.AIRED_LOAD], state[rows.LEAVING_LOAD]
    met = np.isfinite(state[rows.ARRIVAL])
    found = np.where(stays * _DIFFERS < leaves, 1.0, np.where(stays > leaves * _DIFFERS, 2.0, 0.0))
    return np.where(met, found, 0.0)


def _areas(summary: dict[str, Floats32], grid: Grid) -> dict[str, float]:
    """Areas of the zones, outdoors and for those who stay in or leave [km²]."""
    places = {f"zone_{tier}": summary["aegl_zone"] >= tier for tier in (1, 2, 3)}
    for name in ("indoor", "aired", "leaving"):
        places[f"{name}_zone_2"] = summary[f"{name}_zone"] >= 2.0
    places["staying_better"] = summary["better_inside"] == 1.0
    places["leaving_better"] = summary["better_inside"] == 2.0
    return {f"{name}_km2": float(grid.area[some].sum()) * 1e-6 for name, some in places.items()}


def _sentence(masses: Masses, gas: Substance, report: dict[str, float]) -> str:
    """Where the mass is, in words."""
    if masses.released <= 0.0:
        return f"No {gas.title.lower()} was released."
    whole = masses.released
    ends = [
        f"{masses.over_city / whole:.0%} is in the air over the city",
        f"{report['left_city_kg'] / whole:.0%} has left it",
    ]
    if masses.lost > 0.0:
        ends.append(f"{masses.lost / whole:.0%} settled or decayed")
    told = ", ".join(ends[:-1]) + " and " + ends[-1]
    pool = f"; {masses.pool:,.0f} kg are still in the pool" if masses.pool > 0.0 else ""
    return f"Of {whole:,.0f} kg of {gas.title.lower()}, {told}{pool}."


def _advice(report: dict[str, float], event: "Plume") -> str:
    """Where staying in is better than leaving, and within what assumption."""
    stay, leave = report["staying_better_km2"], report["leaving_better_km2"]
    terms = (
        f"with doors and windows shut, {event.air_changes_h:g} air changes an hour and airing as soon "
        f"as the air outside is cleaner, against {event.leave_min:g} min in the open from its arrival"
    )
    if stay + leave <= 0.0:
        return f"Staying in or leaving makes no difference within the time watched, {terms}."
    where = (
        f"on {stay:.2f} km² staying in gives the lower toxic load, on {leave:.2f} km² leaving does"
    )
    tail = "" if event.simulated_h >= 2.0 else " Watch for longer to see the air indoors clear."
    return f"Staying in or leaving, {terms}: {where}.{tail}"
