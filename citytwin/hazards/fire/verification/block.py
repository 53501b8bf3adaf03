"""A regular block of equal houses, and how fast fire runs through it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats
from citytwin.grid.overlay import Shares, polygon_shares
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.classes import stock_of
from citytwin.hazards.fire.houses.pairs import pairs_of
from citytwin.hazards.fire.houses.radiation import direction
from citytwin.hazards.fire.houses.states import IGNITION, Houses

#: Length of a step, and the longest run [s].
STEP, LONGEST = 20.0, 12 * 3600.0
#: Houses against and across the wind from which a velocity is taken.
_WANTED = 6
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


def buildings_at(
    x: Floats, y: Floats, side: float, height: float = 6.0, grid: Grid | None = None
) -> Buildings:
    """Equal square houses of two storeys, known to be of wood; without cells if no grid is given."""
    half, count = side / 2.0, x.size
    outlines: NDArray[Any] = shapely.box(x - half, y - half, x + half, y + half)
    words = np.full(count, "", dtype=object)
    cells = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    if grid is not None:
        cells = polygon_shares(grid, outlines)
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


def block(number: int, side: float, gap: float, strip: float = 0.0, turn: float = 0.0) -> Block:
    """A block of wooden houses.

    Parameters
    ----------
    number
        Houses along a side.
    side, gap
        Side of a house and distance to the next [m].
    strip
        Width of a bare strip east of the second column from the middle, if wider than the gap [m].
    turn
        By which the block is turned about its middle, anticlockwise [degrees].
    """
    places = (np.arange(number) - number // 2) * (side + gap)
    x, y = (values.ravel().astype(np.float64) for values in np.meshgrid(places, places))
    x += np.where(x > 1.5 * (side + gap), max(strip - gap, 0.0), 0.0)
    buildings = buildings_at(x, y, side)
    if turn:
        buildings = replace(buildings, outlines=_turned(buildings.outlines, turn))
    stock = stock_of(buildings, 1.0, 4.0, 0)
    houses = Houses(stock, pairs_of(buildings))
    middle = int(np.argmin(np.hypot(x, y)))
    return Block(x, y, houses, middle, side + gap, number // 2)


def _turned(outlines: NDArray[Any], degrees: float) -> NDArray[Any]:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(shapely.transform(outlines, lambda points: points @ turn))


def burn(
    town: Block, wind: tuple[float, float], step: float = STEP, longest: float = LONGEST
) -> tuple[Floats, float]:
    """Ignite the middle and let it burn until it comes to an edge, or ends.

    Parameters
    ----------
    town
        Untouched houses.
    wind
        To the east and to the north [m/s].
    step, longest
        Length of a step, and of the run [s].

    Returns
    -------
    Floats, float
        (b,) times of ignition, infinite where not, and the time up to which they burnt [s].
    """
    air, houses = direction(*wind), town.houses
    houses.ignite(np.array([town.middle]), np.zeros(1), IGNITION, 0.0, air)
    far = (town.half - 0.5) * town.pitch
    edge = np.maximum(np.abs(town.x), np.abs(town.y)) > far
    now = 0.0
    while now < longest and houses.burning.size and not np.isfinite(houses.ignited[edge]).any():
        houses.step(now, step, air)
        now += step
    return houses.ignited, now


def velocities_of(
    number: int, side: float, gap: float, wind: float, step: float = STEP
) -> tuple[float, float, float]:
    """Velocity downwind, across the wind and upwind, along the rows of the middle house [m/s].

    Downwind it comes to the edge first; then the other ways go on until each has its houses.
    """
    town = block(number, side, gap)
    times, now = burn(town, (wind, 0.0), step)
    row, column = np.abs(town.y) < 0.1, np.abs(town.x) < 0.1
    east, west, north = row & (town.x > 0.0), row & (town.x < 0.0), column & (town.y > 0.0)
    down = _velocity(times, town.x, east)
    air, wanted = direction(wind, 0.0), min(_WANTED, town.half)
    while now < LONGEST and town.houses.burning.size:
        reached = [int(np.isfinite(times[way]).sum()) for way in (west, north)]
        if min(reached) >= wanted:
            break
        town.houses.step(now, step, air)
        now += step
    return down, _velocity(times, town.y, north), _velocity(times, -town.x, west)


def _velocity(times: Floats, away: Floats, chosen: Bools) -> float:
    """Slope of distance over time of those reached, without the start; 0 of fewer than two."""
    reached = chosen & np.isfinite(times)
    where, when = away[reached], times[reached]
    far = where >= _SETTLED * where.max(initial=0.0)
    if far.sum() < 2:
        return 0.0
    return float(np.polyfit(when[far], where[far], 1)[0])
