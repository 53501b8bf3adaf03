"""Pairs of buildings near enough for the fire of one to reach the other, made once for a run."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.nearest import corners_of, shortest_lines
from citytwin.hazards.fire.houses.views import view

#: Buildings further apart than this do not radiate on each other [m].
REACH = 60.0
#: Lower buildings count as this high [m].
LOWEST = 2.5
#: Buildings nearer than this share a wall [m].
TOUCH = 0.5
#: Least view factor of a facade that is kept: with flames above it the wall of a wooden house at full
#: fire then gives 3 kW/m², a quarter of what ignites wood.
_LEAST = 0.025
#: Share of a line of sight inside a building below which it does not hide.
_GRAZE = 1e-3


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs in order of the burning building, (p,) unless said otherwise.

    Attributes
    ----------
    first
        (b + 1,) first pair of each burning building, with an end.
    target
        Building that receives.
    gap
        Distance between the outlines [m].
    east, north
        Direction from the burning building to the other, of length 1.
    left, right
        Sides of the burning building as the most exposed point of the other sees them [m].
    wall
        View factor of the wall from half the height of the other's wall; 0 where they touch.
    """

    first: Ints
    target: Ints
    gap: Floats
    east: Floats
    north: Floats
    left: Floats
    right: Floats
    wall: Floats

    def __len__(self) -> int:
        return int(self.target.size)


#: Pairs of the buildings that are in use.
_KNOWN: "WeakKeyDictionary[Buildings, Pairs]" = WeakKeyDictionary()


def pairs_of(buildings: Buildings) -> Pairs:
    """Pairs of a city's buildings that see each other; made once for each ``Buildings``."""
    if buildings not in _KNOWN:
        _KNOWN[buildings] = find_pairs(buildings.outlines, np.maximum(buildings.height, LOWEST))
    return _KNOWN[buildings]


def find_pairs(outlines: NDArray[Any], height: Floats, reach: float = REACH) -> Pairs:
    """Pairs that see each other.

    Parameters
    ----------
    outlines
        (b,) polygons [m].
    height
        (b,) height of the top [m].
    reach
        Greatest distance [m].
    """
    count = outlines.size
    corner, part = corners_of(outlines, count)
    source, target, line = _close(outlines, height, reach, corner, part)
    centre = shapely.centroid(outlines)
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    step = line[:, 2:] - line[:, :2]
    gap = np.hypot(step[:, 0], step[:, 1])
    across = np.stack([x[target] - x[source], y[target] - y[source]], axis=1)
    step = np.where((gap < TOUCH)[:, None], across, step)
    length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)
    step = np.ascontiguousarray(step / length[:, None])
    left, right, wall = np.zeros(gap.size), np.zeros(gap.size), np.zeros(gap.size)
    _see(source, target, step, gap, corner, part, height, line, left, right, wall)
    first = np.searchsorted(source, np.arange(count + 1)).astype(np.int64)
    hidden = np.zeros(gap.size, dtype=np.bool_)
    kept = (gap < TOUCH) | (wall >= _LEAST)
    _hide(first, target, gap, line, kept, corner, part, hidden)
    kept &= ~hidden
    wall[gap < TOUCH] = 0.0
    return Pairs(
        first=np.concatenate([[0], np.cumsum(kept)])[first].astype(np.int64),
        target=target[kept],
        gap=gap[kept],
        east=np.ascontiguousarray(step[kept, 0]),
        north=np.ascontiguousarray(step[kept, 1]),
        left=left[kept],
        right=right[kept],
        wall=wall[kept],
    )


def _close(
    outlines: NDArray[Any], height: Floats, reach: float, corner: Floats, part: Ints
) -> tuple[Ints, Ints, Floats]:
    """Burning and receiving building of each pair near enough for the least view factor, in order.

    A far facade of area A has the view factor A/(pi d²); no facade is longer than the diagonal. The
    third part is the (p, 4) shortest line from one to the other.
    """
    box = shapely.bounds(outlines).reshape(-1, 4)
    diagonal = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    far = np.clip(np.sqrt(diagonal * height / (np.pi * _LEAST)), TOUCH, reach)
    wide = shapely.box(box[:, 0] - far, box[:, 1] - far, box[:, 2] + far, box[:, 3] + far)
    source, target = shapely.STRtree(outlines).query(wide)
    other = source != target
    source, target = source[other].astype(np.int64), target[other].astype(np.int64)
    order = np.lexsort((target, source))
    source, target = source[order], target[order]
    line = np.zeros((source.size, 4))
    near = shortest_lines(source, target, corner, part, far, line)
    return source[near], target[near], np.ascontiguousarray(line[near])


@njit(cache=True, nogil=True)
def _see(
    source: Ints,
    target: Ints,
    step: Floats,
    gap: Floats,
    corner: Floats,
    part: Ints,
    height: Floats,
    line: Floats,
    left: Floats,
    right: Floats,
    wall: Floats,
) -> None:
    """Sides and view factor of each burning wall, from the middle of what overlaps.

    The line of sight is put there, too: nearest points of parallel walls may lie anywhere on them.
    """
    for k in range(source.size):
        i, j = source[k], target[k]
        low, high = span(corner, part[i], part[i + 1], -step[k, 1], step[k, 0])
        near, far = span(corner, part[j], part[j + 1], -step[k, 1], step[k, 0])
        begin, end = max(low, near), min(high, far)
        beside = near if low < near else far
        foot = 0.5 * (begin + end) if begin <= end else beside
        left[k], right[k] = low - foot, high - foot
        along = line[k, 0] * step[k, 0] + line[k, 1] * step[k, 1]
        line[k, 0] = along * step[k, 0] - foot * step[k, 1]
        line[k, 1] = along * step[k, 1] + foot * step[k, 0]
        line[k, 2] = line[k, 0] + gap[k] * step[k, 0]
        line[k, 3] = line[k, 1] + gap[k] * step[k, 1]
        eye = 0.5 * min(height[i], height[j])
        wall[k] = view(left[k], right[k], -eye, height[i] - eye, max(gap[k], 0.5))


@njit(cache=True, nogil=True)
def span(corner: Floats, begin: int, end: int, east: float, north: float) -> tuple[float, float]:
    """Least and greatest place of the corners along a direction."""
    low, high = np.inf, -np.inf
    for k in range(begin, end):
        place = corner[k, 0] * east + corner[k, 1] * north
        low, high = min(low, place), max(high, place)
    return low, high


@njit(cache=True, nogil=True)
def _hide(
    first: Ints,
    target: Ints,
    gap: Floats,
    line: Floats,
    kept: Bools,
    corner: Floats,
    part: Ints,
    hidden: Bools,
) -> None:
    """Mark the pairs whose line of sight runs through a third building that is nearer."""
    for i in range(first.size - 1):
        for k in range(first[i], first[i + 1]):
            if not kept[k] or gap[k] < 0.5:
                continue
            for m in range(first[i], first[i + 1]):
                if gap[m] < gap[k] and crosses(line[k], corner, part, target[m]):
                    hidden[k] = True
                    break


@njit(cache=True, nogil=True)
def crosses(line: Floats, corner: Floats, part: Ints, building: int) -> bool:
    """Whether a line runs through a building, not just along its corner."""
    x, y, u, v = line[0], line[1], line[2] - line[0], line[3] - line[1]
    begin, end = np.inf, -np.inf
    for k in range(part[building], part[building + 1] - 1):
        ax, ay = corner[k, 0] - x, corner[k, 1] - y
        bx, by = corner[k + 1, 0] - x, corner[k + 1, 1] - y
        if (u * ay - v * ax > 0.0) == (u * by - v * bx > 0.0):
            continue
        ex, ey = bx - ax, by - ay
        along = (ax * ey - ay * ex) / (u * ey - v * ex)
        if 0.0 < along < 1.0:
            begin, end = min(begin, along), max(end, along)
    return end - begin > _GRAZE
