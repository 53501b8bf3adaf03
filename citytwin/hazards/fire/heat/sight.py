"""From which places in the open each building is seen to burn; found when it first burns."""

from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numba import njit

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.heat.places import EYE, NEAREST, Places, at, places_of
from citytwin.hazards.fire.houses.nearest import corners_of
from citytwin.hazards.fire.houses.pairs import LOWEST, crosses, span
from citytwin.hazards.fire.houses.views import view

#: Places further away do not count [m].
REACH = 100.0
#: Least view factor of a wall that counts: at full fire that of a wooden house then gives 0.8 kW/m²,
#: and with its flames about what nobody should stay in for long.
_LEAST = 0.0125
#: Buildings looked at in one go.
_AT_ONCE = 500


class Sight:
    """Places that see each building.

    Parameters
    ----------
    buildings
        Of the city.
    grid
        Cells.

    Attributes
    ----------
    places
        One place in the open for each cell.
    first, count
        (b,) first pair of each building that was looked at, and how many; −1 for others.
    cell
        (k,) cells that see them.
    shape
        (k, 6) distance to the outline, direction from the place to its nearest point (east, north),
        sides of the building as seen from there, and view factor of its wall [m, 1].
    """

    def __init__(self, buildings: Buildings, grid: Grid) -> None:
        self._grid, self._outlines = grid, buildings.outlines
        self._height = np.maximum(buildings.height, LOWEST)
        corner, part = corners_of(buildings.outlines, len(buildings))
        self.places: Places = places_of(grid, buildings.cells, corner, part)
        self._main = buildings.main_cell
        box = shapely.bounds(buildings.outlines).reshape(-1, 4)
        self._round = np.stack(
            [(box[:, 0] + box[:, 2]) / 2.0, (box[:, 1] + box[:, 3]) / 2.0,
             np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) / 2.0],
            axis=1,
        )  # fmt: skip
        # A far facade of area A has the view factor A/(pi d²); no facade is longer than the diagonal.
        facade = 2.0 * self._round[:, 2] * self._height
        self._far = np.clip(np.sqrt(facade / (np.pi * _LEAST)), NEAREST, REACH)
        self._tree = shapely.STRtree(buildings.outlines)
        # From the main cell, which may lie at one end, to places beyond the other.
        longest = 2.0 * float(self._round[:, 2].max(initial=0.0))
        self._disc, self._away = disc(grid, REACH + longest)
        self.first = np.full(len(buildings), -1, np.int64)
        self.count = np.full(len(buildings), -1, np.int64)
        self.cell, self.shape = np.empty(0, np.int64), np.empty((0, 6))
        self._known, self._lock = 0, Lock()

    def look(self, buildings: Ints) -> None:
        """Find the places that see some buildings, if that was not done before."""
        with self._lock:
            new = buildings[self.count[buildings] < 0]
            found = [self._look(new[k : k + _AT_ONCE]) for k in range(0, new.size, _AT_ONCE)]
            if found:
                self._keep(new, *(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _keep(self, new: Ints, cell: Ints, shape: Floats, counts: Ints) -> None:
        """Add what was found: the pairs first, whose they are last, so that a break leaves all whole."""
        known = self._known
        self.cell = np.concatenate([self.cell[:known], cell])
        self.shape = np.concatenate([self.shape[:known], shape])
        self.first[new] = known + np.cumsum(counts) - counts
        self._known = known + cell.size
        self.count[new] = counts

    def _look(self, new: Ints) -> tuple[Ints, Floats, Ints]:
        """Pairs of some buildings, and how many each has."""
        grid, places = self._grid, self.places
        reach = self._far + 2.0 * self._round[:, 2]
        most = np.searchsorted(self._away, reach[new], side="right").astype(np.int64)
        x, y, far = self._round[new, 0], self._round[new, 1], reach[new]
        box = shapely.box(x - far, y - far, x + far, y + far)
        which, other = self._tree.query(box)
        order = np.lexsort((other, which))
        begin = np.searchsorted(which[order], np.arange(new.size + 1)).astype(np.int64)
        room = int(most.sum())
        cell, shape = np.empty(room, np.int64), np.empty((room, 6))
        counts = np.zeros(new.size, np.int64)
        _see(
            new, self._main, most, self._disc, grid.row, grid.col, grid.window_index, places.x,
            places.y, places.covered, places.corner, places.part, self._height, self._far,
            self._round, begin, other[order].astype(np.int64), cell, shape, counts,
        )  # fmt: skip
        total = int(counts.sum())
        return cell[:total].copy(), shape[:total].copy(), counts


#: Sights of the buildings that are in use, with the grid that they belong to.
_KNOWN: "WeakKeyDictionary[Buildings, tuple[Grid, Sight]]" = WeakKeyDictionary()


def sight_of(buildings: Buildings, grid: Grid) -> Sight:
    """Sights of a city's buildings; kept for each ``Buildings`` on a grid."""
    known = _KNOWN.get(buildings)
    if known is None or known[0] is not grid:
        known = grid, Sight(buildings, grid)
        _KNOWN[buildings] = known
    return known[1]


def disc(grid: Grid, reach: float) -> tuple[Ints, Floats]:
    """Steps in rows and columns to all cells within reach and to neighbours, and distances [m].

    Returns
    -------
    (d, 2) and (d,), the nearest first.
    """
    lattice = grid.lattice
    most = int(np.ceil(reach / float(np.sqrt(lattice.cell_area)))) * 2 + 2
    steps = np.arange(-most, most + 1)
    row, col = (part.ravel() for part in np.meshgrid(steps, steps, indexing="ij"))
    away = np.hypot(*(col[:, None] * lattice.vectors[0] + row[:, None] * lattice.vectors[1]).T)
    order = np.lexsort((col, row, away))
    order = order[away[order] <= max(reach, float(lattice.lengths.max()) * 1.001)]
    return np.stack([row[order], col[order]], axis=1).astype(np.int64), away[order]


@njit(cache=True, nogil=True)
def _see(
    new: Ints,
    main: Ints,
    most: Ints,
    steps: Ints,
    row: Ints,
    col: Ints,
    window: Ints,
    x: Floats,
    y: Floats,
    covered: Bools,
    corner: Floats,
    part: Ints,
    height: Floats,
    far: Floats,
    rounds: Floats,
    begin: Ints,
    other: Ints,
    cell: Ints,
    shape: Floats,
    counts: Ints,
) -> None:
    """Places that see each of some buildings, in order."""
    k = 0
    line = np.zeros(4)
    for n in range(new.size):
        i, start = new[n], k
        if main[i] < 0:
            continue
        for j in range(most[n]):
            c = at(window, row[main[i]] + steps[j, 0], col[main[i]] + steps[j, 1])
            if c < 0 or covered[c]:
                continue
            if np.hypot(rounds[i, 0] - x[c], rounds[i, 1] - y[c]) - rounds[i, 2] > far[i]:
                continue
            east, north, gap = _nearest(x[c], y[c], corner, part[i], part[i + 1])
            low, high = span(corner, part[i], part[i + 1], -north, east)
            foot = y[c] * east - x[c] * north
            wall = view(low - foot, high - foot, -EYE, height[i] - EYE, max(gap, NEAREST))
            if wall < _LEAST:
                continue
            line[0], line[1] = x[c], y[c]
            line[2], line[3] = x[c] + gap * east, y[c] + gap * north
            if _hidden(line, i, other[begin[n] : begin[n + 1]], rounds, corner, part):
                continue
            cell[k] = c
            shape[k, 0], shape[k, 1], shape[k, 2] = gap, east, north
            shape[k, 3], shape[k, 4], shape[k, 5] = low - foot, high - foot, wall
            k += 1
        counts[n] = k - start


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
def _hidden(line: Floats, i: int, others: Ints, rounds: Floats, corner: Floats, part: Ints) -> bool:
    """Whether a line to a building runs through another."""
    ux, uy = line[2] - line[0], line[3] - line[1]
    whole = max(ux * ux + uy * uy, 1e-12)
    for m in others:
        if m == i:
            continue
        dx, dy = rounds[m, 0] - line[0], rounds[m, 1] - line[1]
        along = min(max((dx * ux + dy * uy) / whole, 0.0), 1.0)
        if (dx - along * ux) ** 2 + (dy - along * uy) ** 2 > rounds[m, 2] ** 2:
            continue
        if crosses(line, corner, part, m):
            return True
    return False
