"""A regular block of equal houses, and how fast fire runs through it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.grid.overlay import Shares
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.classes import stock_of
from citytwin.hazards.fire.houses.pairs import pairs_of
from citytwin.hazards.fire.houses.radiation import direction
from citytwin.hazards.fire.houses.states import IGNITION, Houses

_STEP, _LONGEST = 20.0, 12 * 3600.0
#: Share of the way from the first house from which the velocity is taken.
_SETTLED = 0.4


@dataclass(frozen=True, eq=False)
class Block:
    """Houses in a square, the one in the middle at (0, 0).

    Attributes
    ----------
    x, y
        (b,) centres [m].
    houses
        Their fire.
    middle
        The house in the middle.
    pitch
        From one centre to the next [m].
    half
        Houses from the middle to the edge.
    """

    x: Floats
    y: Floats
    houses: Houses
    middle: int
    pitch: float
    half: int


def buildings_at(x: Floats, y: Floats, side: float, height: float = 6.0) -> Buildings:
    """Equal square houses of two storeys, known to be of wood."""
    half, count = side / 2.0, x.size
    outlines: NDArray[Any] = shapely.box(x - half, y - half, x + half, y + half)
    words = np.full(count, "", dtype=object)
    cells = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Buildings(
        outlines=outlines,
        cells=cells,
        height=np.full(count, height),
        levels=np.full(count, 2.0),
        floor_area=np.full(count, 2.0 * side**2),
        people=np.zeros(count),
        kind=words,
        material=np.full(count, "wood", dtype=object),
        year=np.full(count, np.nan),
    )


def block(number: int, side: float, gap: float, kept: Ints | None = None) -> Block:
    """A block of wooden houses.

    Parameters
    ----------
    number
        Houses along a side.
    side, gap
        Side of a house and distance to the next [m].
    kept
        Those that stand, if not all.
    """
    places = (np.arange(number) - number // 2) * (side + gap)
    x, y = (values.ravel().astype(np.float64) for values in np.meshgrid(places, places))
    if kept is not None:
        x, y = x[kept], y[kept]
    buildings = buildings_at(x, y, side)
    stock = stock_of(buildings, 1.0, 4.0, 0)
    houses = Houses(stock, pairs_of(buildings.outlines, stock.height))
    middle = int(np.argmin(np.hypot(x, y)))
    return Block(x, y, houses, middle, side + gap, number // 2)


def rotated(town: Block, degrees: float) -> Block:
    """The same block turned about its middle."""
    angle = np.radians(degrees)
    x = town.x * np.cos(angle) - town.y * np.sin(angle)
    y = town.x * np.sin(angle) + town.y * np.cos(angle)
    return replace(town, x=x, y=y)


def burn(
    town: Block, wind: float, step: float = _STEP, longest: float = _LONGEST, east: float = 1.0,
    north: float = 0.0,
) -> Floats:
    """Ignite the middle and let it burn until it comes to an edge; gives the times of ignition [s]."""
    air = direction(wind * east, wind * north)
    houses = town.houses
    middle = np.array([town.middle])
    houses.ignite(middle, np.zeros(1), IGNITION, 0.0, air)
    far = (town.half - 0.5) * town.pitch
    edge = np.maximum(np.abs(town.x), np.abs(town.y)) > far
    now = 0.0
    while now < longest and houses.burning.size and not np.isfinite(houses.ignited[edge]).any():
        houses.step(now, step, air)
        now += step
    return houses.ignited


def velocities_of(
    number: int, side: float, gap: float, wind: float, step: float = _STEP
) -> tuple[float, float, float]:
    """Velocity downwind, across the wind and upwind along the rows of the middle house [m/s].

    The fire is lit in the middle for the two slow ways, and near the windward edge for the fast one.
    """
    town = block(number, side, gap)
    times = burn(town, wind, step)
    row = np.abs(town.y) < 0.1
    column = np.abs(town.x) < 0.1
    down = _velocity(times, town.x, row & (town.x > 0.0))
    # Downwind it comes to the edge first: let the other ways go on.
    air, now = direction(wind, 0.0), _reached(times)
    for _ in range(int(_LONGEST / step)):
        up = row & (town.x < 0.0) & np.isfinite(times)
        across = column & (town.y > 0.0) & np.isfinite(times)
        if min(up.sum(), across.sum()) >= min(5, town.half - 1) or not town.houses.burning.size:
            break
        town.houses.step(now, step, air)
        now += step
    across = column & (town.y > 0.0)
    return down, _velocity(times, town.y, across), _velocity(times, -town.x, row & (town.x < 0.0))


def _reached(times: Floats) -> float:
    """Time up to which a block has burnt: steps end after the last ignition."""
    last = float(times[np.isfinite(times)].max())
    return float(np.ceil(last / _STEP) * _STEP)


def _velocity(times: Floats, away: Floats, chosen: NDArray[np.bool_]) -> float:
    """Slope of distance over time of those reached, without the start."""
    reached = chosen & np.isfinite(times)
    if reached.sum() < 2:
        return 0.0
    where, when = away[reached], times[reached]
    far = where >= _SETTLED * where.max()
    if far.sum() < 2:
        far[:] = True
    return float(np.polyfit(when[far], where[far], 1)[0])
