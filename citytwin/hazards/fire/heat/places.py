"""Where people stand in the open, and which buildings they would see burn."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.nearest import corners_of
from citytwin.hazards.fire.houses.pairs import LOWEST, crosses, span
from citytwin.hazards.fire.houses.views import view

#: Height of what heat falls on [m]; judged: the head of a person.
EYE = 1.5
#: Nearest that anybody stands to a fire [m].
NEAREST = 0.5
#: Buildings further away do not count [m].
REACH = 100.0
#: Least view factor of a facade that counts: at full fire the wall of a wooden house then gives 0.8
#: kW/m², and with its flames about what nobody should stay in for long.
_LEAST = 0.0125
#: Places tried in a cell, as shares of the way from its centre to each corner.
_TRIED = (0.5, 0.85)


@dataclass(frozen=True, eq=False)
class Places:
    """One place in the open for each cell, and the buildings near it in order of the cells.

    Attributes
    ----------
    x, y
        (n,) place: the open one nearest to the centre of those tried [m].
    covered
        (n,) cells in which none is open: buildings fill them.
    first
        (n + 1,) first building of each cell, with an end.
    building
        (k,) its buildings.
    shape
        (k, 6) distance to the outline, direction to its nearest point (east, north), sides of the
        building as seen from there, and view factor of its wall [m, 1].
    seen
        (k,) whether no other building stands between.
    corner, part
        Corners of all outlines, as ``corners_of`` gives them.
    """

    x: Floats
    y: Floats
    covered: Bools
    first: Ints
    building: Ints
    shape: Floats
    seen: Bools
    corner: Floats
    part: Ints


#: Places of the buildings that are in use, with the grid that they belong to.
_KNOWN: "WeakKeyDictionary[Buildings, tuple[Grid, Places]]" = WeakKeyDictionary()


def places_of(buildings: Buildings, grid: Grid) -> Places:
    """Places of a city; made once for each ``Buildings`` on a grid."""
    known = _KNOWN.get(buildings)
    if known is None or known[0] is not grid:
        height = np.maximum(buildings.height, LOWEST)
        known = grid, find_places(buildings.outlines, height, grid)
        _KNOWN[buildings] = known
    return known[1]


def find_places(outlines: NDArray[Any], height: Floats, grid: Grid) -> Places:
    """Places in the open and what they see.

    Parameters
    ----------
    outlines
        (b,) polygons [m].
    height
        (b,) height of the top [m].
    grid
        Cells.
    """
    x, y, covered = _open_places(outlines, grid)
    corner, part = corners_of(outlines, outlines.size)
    cell, building = _close(outlines, height, x, y, covered)
    shape, seen = np.zeros((cell.size, 6)), np.zeros(cell.size, dtype=np.bool_)
    first = np.searchsorted(cell, np.arange(x.size + 1)).astype(np.int64)
    _look(first, building, x, y, height, corner, part, shape)
    _uncover(first, building, x, y, corner, part, shape, seen)
    return Places(x, y, covered, first, building, shape, seen, corner, part)


def _open_places(outlines: NDArray[Any], grid: Grid) -> tuple[Floats, Floats, Bools]:
    x, y = grid.x.copy(), grid.y.copy()
    covered = np.zeros(x.size, dtype=np.bool_)
    if not outlines.size:
        return x, y, covered
    tree = shapely.STRtree(outlines)
    left = _under(tree, x, y)
    covered[left] = True
    middle = np.stack([grid.x, grid.y], axis=1)
    for share in _TRIED:
        for k in range(6):
            if not left.size:
                return x, y, covered
            tried = middle[left] + share * (grid.corners()[left, k] - middle[left])
            under = _under(tree, tried[:, 0], tried[:, 1])
            free = np.ones(left.size, dtype=np.bool_)
            free[under] = False
            found = left[free]
            x[found], y[found], covered[found] = tried[free, 0], tried[free, 1], False
            left = left[~free]
    return x, y, covered


def _under(tree: shapely.STRtree, x: Floats, y: Floats) -> Ints:
    """Numbers of the points under a roof, rising."""
    found = tree.query(shapely.points(x, y), predicate="intersects")[0]
    return np.unique(found).astype(np.int64)


def _close(
    outlines: NDArray[Any], height: Floats, x: Floats, y: Floats, covered: Bools
) -> tuple[Ints, Ints]:
    """Cell and building of each pair near enough for the least view factor, in order of the cells.

    A far facade of area A has the view factor A/(pi d²); no facade is longer than the diagonal.
    """
    free = np.flatnonzero(~covered)
    if not (outlines.size and free.size):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    box = shapely.bounds(outlines).reshape(-1, 4)
    diagonal = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    far = np.clip(np.sqrt(diagonal * height / (np.pi * _LEAST)), NEAREST, REACH)
    tree = shapely.STRtree(shapely.points(x[free], y[free]))
    building, place = tree.query(outlines, predicate="dwithin", distance=far)
    cell = free[place]
    order = np.lexsort((building, cell))
    return cell[order].astype(np.int64), building[order].astype(np.int64)


@njit(cache=True, nogil=True)
def _look(
    first: Ints,
    building: Ints,
    x: Floats,
    y: Floats,
    height: Floats,
    corner: Floats,
    part: Ints,
    shape: Floats,
) -> None:
    """Distance, direction, sides and view factor of the wall of each building near a place."""
    for c in range(first.size - 1):
        for k in range(first[c], first[c + 1]):
            i = building[k]
            east, north, gap = _nearest(x[c], y[c], corner, part[i], part[i + 1])
            low, high = span(corner, part[i], part[i + 1], -north, east)
            foot = y[c] * east - x[c] * north
            left, right = low - foot, high - foot
            shape[k, 0], shape[k, 1], shape[k, 2] = gap, east, north
            shape[k, 3], shape[k, 4] = left, right
            shape[k, 5] = view(left, right, -EYE, height[i] - EYE, max(gap, NEAREST))


@njit(cache=True, nogil=True)
def _nearest(
    x: float, y: float, corner: Floats, begin: int, end: int
) -> tuple[float, float, float]:
    """Direction of length 1 to the nearest point of a building's edges, and its distance [m]."""
    best, east, north = np.inf, 1.0, 0.0
    for b in range(begin, end - 1):
        ax, ay = corner[b, 0] - x, corner[b, 1] - y
        ux, uy = corner[b + 1, 0] - x - ax, corner[b + 1, 1] - y - ay
        whole = ux * ux + uy * uy
        if not whole > 0.0:
            continue
        along = min(max(-(ax * ux + ay * uy) / whole, 0.0), 1.0)
        dx, dy = ax + along * ux, ay + along * uy
        square = dx * dx + dy * dy
        if square < best:
            best, east, north = square, dx, dy
    away = np.sqrt(best)
    if away < 1e-9:
        return 1.0, 0.0, 0.0
    return east / away, north / away, away


@njit(cache=True, nogil=True)
def _uncover(
    first: Ints,
    building: Ints,
    x: Floats,
    y: Floats,
    corner: Floats,
    part: Ints,
    shape: Floats,
    seen: Bools,
) -> None:
    """Mark the buildings that a place sees."""
    for c in range(first.size - 1):
        for k in range(first[c], first[c + 1]):
            far_x = x[c] + shape[k, 0] * shape[k, 1]
            far_y = y[c] + shape[k, 0] * shape[k, 2]
            seen[k] = not hides(
                first, building, shape, corner, part, c, x[c], y[c], far_x, far_y, shape[k, 0]
            )


@njit(cache=True, nogil=True)
def hides(
    first: Ints,
    building: Ints,
    shape: Floats,
    corner: Floats,
    part: Ints,
    c: int,
    x: float,
    y: float,
    far_x: float,
    far_y: float,
    away: float,
) -> bool:
    """Whether a building nearer than a distance stands on a line from a place to a point.

    Parameters
    ----------
    first, building, shape, corner, part
        As of ``Places``.
    c
        The place's cell.
    x, y, far_x, far_y
        The place and the point [m].
    away
        Buildings at this distance or beyond do not hide [m].
    """
    line = np.array([x, y, far_x, far_y])
    for m in range(first[c], first[c + 1]):
        if shape[m, 0] < away and crosses(line, corner, part, building[m]):
            return True
    return False
