"""Where people stand in the open: one place for each cell."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid
from citytwin.hazards.fire.houses.pairs import crosses

#: Height of what heat falls on [m]; judged: the head of a person.
EYE = 1.5
#: Nearest that anybody stands to a fire [m].
NEAREST = 0.5
#: Places tried in a cell, as shares of the way from its centre to each corner.
_TRIED = np.array([0.5, 0.85])


@dataclass(frozen=True, eq=False)
class Places:
    """One place in the open for each cell, and the buildings that stand in each cell.

    Attributes
    ----------
    x, y
        (n,) place: the open one nearest to the centre of those tried [m].
    covered
        (n,) cells in which none is open: buildings fill them.
    first, building
        (n + 1,) first building that stands in each cell, with an end, and the buildings.
    corner, part
        Corners of all outlines, as ``corners_of`` gives them.
    """

    x: Floats
    y: Floats
    covered: Bools
    first: Ints
    building: Ints
    corner: Floats
    part: Ints


def places_of(grid: Grid, shares: Shares, corner: Floats, part: Ints) -> Places:
    """Places in the open.

    Parameters
    ----------
    grid
        Cells.
    shares
        Which buildings stand in which cells.
    corner, part
        Corners of their outlines, as ``corners_of`` gives them.
    """
    order = np.lexsort((shares.item, shares.cell))
    building = shares.item[order].astype(np.int64)
    first = np.searchsorted(shares.cell[order], np.arange(len(grid) + 1)).astype(np.int64)
    x, y = grid.x.copy(), grid.y.copy()
    covered = np.zeros(len(grid), dtype=np.bool_)
    _open(first, building, corner, part, grid.corners(), _TRIED, x, y, covered)
    return Places(x, y, covered, first, building, corner, part)


@njit(cache=True, nogil=True)
def _open(
    first: Ints,
    building: Ints,
    corner: Floats,
    part: Ints,
    hexagon: Floats,
    tried: Floats,
    x: Floats,
    y: Floats,
    covered: Bools,
) -> None:
    """Move the places that lie under a roof."""
    for c in range(x.size):
        begin, end = first[c], first[c + 1]
        if begin == end or not _under(building, begin, end, corner, part, x[c], y[c]):
            continue
        covered[c] = True
        for j in range(6 * tried.size):
            share, k = tried[j // 6], j % 6
            px = x[c] + share * (hexagon[c, k, 0] - x[c])
            py = y[c] + share * (hexagon[c, k, 1] - y[c])
            if not _under(building, begin, end, corner, part, px, py):
                x[c], y[c], covered[c] = px, py, False
                break


@njit(cache=True, nogil=True)
def _under(
    building: Ints, begin: int, end: int, corner: Floats, part: Ints, x: float, y: float
) -> bool:
    """Whether a point lies in one of some buildings: an odd number of edges to its east."""
    for m in range(begin, end):
        i, inside = building[m], False
        for b in range(part[i], part[i + 1] - 1):
            ax, ay, bx, by = corner[b, 0], corner[b, 1], corner[b + 1, 0], corner[b + 1, 1]
            # False at the corner that is not a number between two rings.
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                inside = not inside
        if inside:
            return True
    return False


@njit(cache=True, nogil=True)
def at(window: Ints, row: int, col: int) -> int:
    """Cell at a place of the window, −1 where there is none."""
    if row < 0 or col < 0 or row >= window.shape[0] or col >= window.shape[1]:
        return -1
    return int(window[row, col])


@njit(cache=True, nogil=True)
def hidden(
    line: Floats,
    t: int,
    first: Ints,
    building: Ints,
    corner: Floats,
    part: Ints,
    row: Ints,
    col: Ints,
    window: Ints,
    disc: Ints,
    centres: tuple[Floats, Floats],
    width: float,
) -> bool:
    """Whether a building stands on a line that begins in a cell.

    Parameters
    ----------
    line
        (4,) its ends [m].
    t
        The cell.
    first, building, corner, part
        As of ``Places``.
    row, col, window
        Place of each cell in the window, and (rows, cols) cell at each place or −1.
    disc
        (d, 2) steps in rows and columns to all cells that the line may reach.
    centres
        (n,) centres of the cells [m].
    width
        Of a cell [m].
    """
    ux, uy = line[2] - line[0], line[3] - line[1]
    whole = max(ux * ux + uy * uy, 1e-12)
    for j in range(disc.shape[0]):
        q = at(window, row[t] + disc[j, 0], col[t] + disc[j, 1])
        if q < 0 or first[q] == first[q + 1]:
            continue
        dx, dy = centres[0][q] - line[0], centres[1][q] - line[1]
        along = min(max((dx * ux + dy * uy) / whole, 0.0), 1.0)
        if (dx - along * ux) ** 2 + (dy - along * uy) ** 2 > width * width:
            continue
        for m in range(first[q], first[q + 1]):
            if crosses(line, corner, part, building[m]):
                return True
    return False
