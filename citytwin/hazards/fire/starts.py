"""Where and when a fire starts: by name, at random, from elsewhere, or in the middle of the city."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from citytwin.arrays import Floats, Ints
from citytwin.errors import InputError, ScenarioError
from citytwin.grid.finding import cell_at, in_plane
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.chance import uniform
from citytwin.hazards.fire.houses.states import CLEARED, Houses
from citytwin.hazards.fire.houses.tables import WOOD
from citytwin.hazards.fire.parts import Ignition

if TYPE_CHECKING:
    from citytwin.hazards.fire.model import Fire

_HOUR = 3600.0
#: An ignition on bare ground lights the nearest building within this distance [m].
_NEARBY = 30.0
#: Stream of random numbers.
_STARTS = 23


@dataclass(frozen=True, eq=False)
class Starts:
    """Ignitions: buildings and cells with their times [s]."""

    buildings: Ints
    building_times: Floats
    cells: Ints
    cell_times: Floats

    @property
    def first(self) -> float:
        """Time of the first one [s]; infinite where there is none."""
        times = np.concatenate([self.building_times, self.cell_times])
        return float(times.min(initial=np.inf))


def middle_of(grid: Grid) -> tuple[float, float]:
    """Middle of the city [m]."""
    return (
        float(grid.x.min() + grid.x.max()) / 2.0,
        float(grid.y.min() + grid.y.max()) / 2.0,
    )


def starts_of(
    event: "Fire",
    grid: Grid,
    town: Buildings,
    fuel: Ints,
    houses: Houses,
    given: Floats | None,
) -> Starts:
    """All ignitions: of the event, random ones, and those that come from elsewhere."""
    buildings: list[tuple[int, float]] = []
    cells: list[tuple[int, float]] = []
    for one in event.ignitions:
        building, cell = _place_of(one, grid, town, fuel, houses)
        if building >= 0:
            buildings.append((building, one.from_h * _HOUR))
        else:
            cells.append((cell, one.from_h * _HOUR))
    buildings += [(number, 0.0) for number in _random_starts(event, town, houses)]
    if given is not None:
        buildings += _given_starts(given, len(town))
    if not (event.ignitions or event.ignition_count or given is not None):
        _default_start(grid, town, fuel, houses, buildings, cells)
    # Of two for one building the earlier counts: it is set last.
    buildings.sort(key=lambda one: -one[1])
    return Starts(
        np.array([b for b, _ in buildings], np.int64),
        np.array([t for _, t in buildings], np.float64),
        np.array([c for c, _ in cells], np.int64),
        np.array([t for _, t in cells], np.float64),
    )


def _place_of(
    one: Ignition, grid: Grid, town: Buildings, fuel: Ints, houses: Houses
) -> tuple[int, int]:
    """Building at an ignition, else −1 and the cell whose plants burn, else the nearest building.

    Buildings that a fire break clears are not there any more.
    """
    cell = cell_at(grid, one.at, one.what)
    x, y = in_plane(grid, [one.at], one.what)
    away = np.asarray(shapely.distance(town.outlines, shapely.points(x[0], y[0])))
    away = np.where(houses.state == CLEARED, np.inf, away)
    nearest = int(np.argmin(away)) if away.size else -1
    if nearest >= 0 and away[nearest] == 0.0:
        return nearest, cell
    if fuel[cell] > 0:
        return -1, cell
    if nearest >= 0 and away[nearest] <= _NEARBY:
        return nearest, cell
    raise ScenarioError(
        f"nothing burns within {_NEARBY:g} m of {one.what}: move it to a building or to plants"
    )


def _given_starts(given: Floats, count: int) -> list[tuple[int, float]]:
    times = np.asarray(given, np.float64)
    if times.shape != (count,):
        raise InputError(
            f"the ignitions of buildings have shape {times.shape}, but the city has {count} buildings: "
            "give a time for each"
        )
    lit = np.flatnonzero(np.isfinite(times) & (times >= 0.0))
    return [(int(number), float(times[number])) for number in lit]


def _random_starts(event: "Fire", town: Buildings, houses: Houses) -> list[int]:
    """Different buildings that stand, the chance of each in proportion to its floor area."""
    number = np.flatnonzero(houses.state != CLEARED)
    count = min(event.ignition_count, number.size)
    if not count:
        return []
    area = np.maximum(town.floor_area[number], 1.0)
    key = np.log1p(-uniform(event.seed, _STARTS, number)) / area
    return sorted(number[np.argsort(-key, kind="stable")[:count]].tolist())


def _default_start(
    grid: Grid,
    town: Buildings,
    fuel: Ints,
    houses: Houses,
    buildings: list[tuple[int, float]],
    cells: list[tuple[int, float]],
) -> None:
    """One fire in the middle: in the nearest building of wood, of any kind, else in plants."""
    x, y = middle_of(grid)
    free = np.flatnonzero((houses.state != CLEARED) & (town.main_cell >= 0))
    wooden = free[houses.stock.kind[free] == WOOD]
    free = wooden if wooden.size else free
    if free.size:
        east, north = town.centres
        away = np.hypot(east[free] - x, north[free] - y)
        buildings.append((int(free[np.argmin(away)]), 0.0))
        return
    green = np.flatnonzero(fuel > 0)
    if green.size:
        away = np.hypot(grid.x[green] - x, grid.y[green] - y)
        cells.append((int(green[np.argmin(away)]), 0.0))
