"""What a fire's run answers: arrays on the cells, what befell the buildings, counts, sentences."""

from typing import TYPE_CHECKING, Any

import numpy as np

from citytwin.arrays import Floats, Floats32
from citytwin.hazards.base import Hazard, Series
from citytwin.hazards.fire.houses.states import (
    BURNING,
    BURNT,
    EMBERS,
    HEAT,
    IGNITION,
    PLANTS,
    PUT_OUT,
    RADIATION,
)
from citytwin.hazards.fire.houses.tables import CLASSES, unverified
from citytwin.hazards.fire.rothermel import flame_length
from citytwin.hazards.fire.scene import Scene

if TYPE_CHECKING:
    from citytwin.hazards.fire.model import Fire

#: States of a cell.
PLANTS_BURN, PLANTS_BURNT, HOUSE_BURNS, HOUSE_BURNT, HOUSE_PUT_OUT = range(1, 6)
#: State of a cell by the rank of its buildings: none, put out, burnt out, burning.
_BY_RANK = np.array([0, HOUSE_PUT_OUT, HOUSE_BURNT, HOUSE_BURNS])
_RANK = np.array([0, 3, 2, 1, 0])
_CAUSES = {IGNITION: "ignition", RADIATION: "radiation", EMBERS: "embers", PLANTS: "plants"}


class Record:
    """Pictures and series of a run.

    Parameters
    ----------
    scene
        What takes part.
    every
        Time between pictures [s].

    Attributes
    ----------
    times
        Times of the pictures so far [s].
    next
        Time of the next one [s].
    heat_max
        (n,) greatest heat release of buildings at those times [W/m²].
    """

    def __init__(self, scene: Scene, every: float) -> None:
        self._scene, self._every = scene, every
        self.times: list[float] = []
        self.next = 0.0
        self.state: list[Floats32] = []
        self.heat: list[Floats32] = []
        self.line: list[Floats32] = []
        self._rows: list[tuple[float, ...]] = []
        self.heat_max = np.zeros(len(scene.grid), np.float32)

    def keep(self, now: float) -> None:
        """Keep a moment [s]."""
        scene, houses = self._scene, self._scene.houses
        before = self.times[-1] if self.times else -1.0
        arrival = scene.front.arrival
        there = arrival <= now
        burns = there & ((arrival > before) | (arrival + scene.front.residence > now))
        plants = np.where(burns, PLANTS_BURN, np.where(there, PLANTS_BURNT, 0))
        shares = scene.buildings.cells
        rank = np.zeros(len(scene.grid), np.int64)
        np.maximum.at(rank, shares.cell, _RANK[houses.state[shares.item]])
        state = np.where(rank > 0, _BY_RANK[rank], plants)
        density = houses.house[:, HEAT] * (houses.state == BURNING) / scene.stock.area
        heat = (shares.per_cell(scene.grid, density) / scene.grid.area).astype(np.float32)
        self.times.append(now)
        self.next = self._every * (np.floor(now / self._every + 1e-9) + 1.0)
        self.state.append(state.astype(np.float32))
        self.heat.append(heat)
        self.line.append(np.where(burns, scene.front.intensity, 0.0).astype(np.float32))
        self.heat_max = np.maximum(self.heat_max, heat)
        counts = houses.counts()
        area = float(scene.grid.area[there].sum())
        self._rows.append(
            (counts["burning"], counts["burnt"] + counts["put_out"], area, scene.engines.at_work)
        )

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        return {
            "times": list(self.times),
            "next": self.next,
            "state": list(self.state),
            "heat": list(self.heat),
            "line": list(self.line),
            "rows": [list(row) for row in self._rows],
            "heat_max": self.heat_max,
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self.times, self.next = list(kept["times"]), kept["next"]
        self.state, self.heat = list(kept["state"]), list(kept["heat"])
        self.line, self.heat_max = list(kept["line"]), kept["heat_max"]
        self._rows = [tuple(row) for row in kept["rows"]]

    def series(self) -> tuple[Series, ...]:
        """Counts of the whole city over time."""
        names = (
            ("buildings on fire", "burning_buildings", "1"),
            ("buildings burnt or put out", "burnt_buildings", "1"),
            ("plants burnt", "burnt_area", "m2"),
            ("engines at work", "engines_at_work", "1"),
        )
        times, rows = np.array(self.times), np.array(self._rows, np.float64)
        return tuple(
            Series("city", name, variable, unit, times, rows[:, k].copy())
            for k, (name, variable, unit) in enumerate(names)
        )


def hazard_of(event: "Fire", scene: Scene, record: Record, now: float, *, complete: bool) -> Hazard:
    """The answer of a run.

    Parameters
    ----------
    event, scene, record
        What was run, and what was kept.
    now
        End of what was computed [s].
    complete
        Whether it came to its end.
    """
    report = _report(scene, now)
    return Hazard(
        variable="fire_state",
        times=np.array(record.times),
        intensity=np.stack(record.state),
        summary=_summary(scene, record, now),
        report=report,
        sentence=_sentence(report, now),
        fields={"heat_release": np.stack(record.heat), "fireline_intensity": np.stack(record.line)},
        series=record.series(),
        buildings=scene.houses.kept(),
        notes=_notes(event, scene),
        complete=complete,
    )


def _summary(scene: Scene, record: Record, now: float) -> dict[str, Floats32]:
    front, shares = scene.front, scene.buildings.cells
    arrival = np.where(front.arrival <= now, front.arrival, np.inf)
    np.minimum.at(arrival, shares.cell, scene.houses.ignited[shares.item])
    there = front.arrival <= now
    line = np.where(there, front.intensity, 0.0)
    return {
        "arrival": _float(np.where(np.isfinite(arrival), arrival, np.nan)),
        "state_end": record.state[-1],
        "intensity_max": _float(line),
        "flame_max": _float(flame_length(line)),
        "heat_max": record.heat_max,
        "heat_flux_max": scene.heat.flux,
    }


def _float(values: Floats) -> Floats32:
    return np.asarray(values, np.float32)


def _report(scene: Scene, now: float) -> dict[str, float]:
    houses, stock = scene.houses, scene.stock
    report: dict[str, float] = {"buildings": float(len(houses))}
    report |= {f"buildings_{name}": float(number) for name, number in houses.counts().items()}
    for cause, name in _CAUSES.items():
        report[f"ignited_by_{name}"] = float((houses.cause == cause).sum())
    gone = np.isin(houses.state, (BURNING, BURNT, PUT_OUT))
    report["floor_area_touched_m2"] = float(scene.buildings.floor_area[gone].sum())
    report["heat_released_j"] = float(houses.released)
    report["load_burnt_j"] = float((houses.spent * stock.load).sum())
    there = scene.front.arrival <= now
    report["plants_burnt_m2"] = float(scene.grid.area[there].sum())
    report["line_held_m"] = float(scene.engines.line)
    report["embers_fallen_kg"] = float(scene.embers.mass)
    return report


def _sentence(report: dict[str, float], now: float) -> str:
    """The counts in plain words."""
    one = {name: f"{report[f'buildings_{name}']:,.0f}" for name in
           ("untouched", "burning", "burnt", "put_out", "cleared")}  # fmt: skip
    extra = f", {one['cleared']} cleared" if report["buildings_cleared"] else ""
    return (
        f"After {now / 3600.0:.3g} h, of {report['buildings']:,.0f} buildings {one['untouched']} were "
        f"untouched, {one['burning']} on fire, {one['burnt']} burnt out, {one['put_out']} put out"
        f"{extra}; they released {report['heat_released_j'] / 1e12:,.2f} TJ, which is their fire load "
        f"burnt, and {report['plants_burnt_m2'] / 1e4:,.2f} ha of plants burnt."
    )


def _notes(event: "Fire", scene: Scene) -> tuple[str, ...]:
    notes = []
    for name, (number, total) in unverified().items():
        if number:
            notes.append(f"{number} of {total} coefficients of the table {name} are not verified")
    if len(scene.houses):
        share = float(scene.stock.assumed.mean())
        mix = ", ".join(
            f"{float((scene.stock.kind == k).mean()):.0%} {word}" for k, word in enumerate(CLASSES)
        )
        notes.append(f"construction is assumed for {share:.0%} of the buildings; taken: {mix}")
        notes.append(_wood_note(event, scene))
    else:
        notes.append("the city has no buildings: only plants burn")
    green = float((scene.fuel > 0).mean())
    notes.append(
        f"plants that carry a fire are assumed on {green:.1%} of the cells, as fuel models "
        f"{event.grass_fuel}, {event.shrub_fuel} and {event.tree_fuel}"
    )
    if scene.starts.first == np.inf:
        notes.append("nothing was set on fire: name an ignition")
    if event.engines and event.water_share < 1.0:
        notes.append(f"engines have {event.water_share:.0%} of their water")
    return tuple(notes)


def _wood_note(event: "Fire", scene: Scene) -> str:
    """Where the share of wood among low buildings of unknown construction is from."""
    start = f"{scene.wood_share:.0%} of the low buildings of unknown construction are taken as wood"
    if event.wood_share is not None:
        return f"{start}, as the event says"
    if scene.construction:
        return f"{start}, as people build in {scene.construction}: not verified"
    return f"{start}: nothing says what people build there, not verified"
