"""Points, lines and areas of a city as cells and edges of the solver's window.

A line stops water where it crosses the segment between the centres of two neighbours: a closed line lets
no water through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.errors import ScenarioError
from citytwin.grid.finding import Lonlat, cells_along, in_plane
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid
from citytwin.hazards.flood.crossings import GRAIN, centres, crossed
from citytwin.hazards.flood.solver import Edges, Place
from citytwin.hazards.flood.terrain import FRAME


@dataclass(frozen=True, eq=False)
class Crossing:
    """Edges between cells that a line crosses.

    Attributes
    ----------
    edges
        (k,) edges of the solver's window.
    side
        (k,) +1 where forward leads to the left of the line as it is drawn, −1 where it leads to the
        right, 0 where the line crosses there and back.
    """

    edges: Edges
    side: Floats


def place_of(grid: Grid, cells: Ints) -> Place:
    """Cells of a grid, by position, in the solver's window."""
    return grid.row[cells] + FRAME, grid.col[cells] + FRAME


def crossing(grid: Grid, line: Sequence[Lonlat], what: str) -> Crossing:
    """Edges that a line crosses, those to the cells just outside the city among them.

    Parameters
    ----------
    grid
        Cells.
    line
        Longitudes and latitudes [degrees]; for the border of an area the first point comes again
        at the end.
    what
        What the line is, as a complaint names it.

    Raises
    ------
    ScenarioError
        If the line lies outside the city, or is too short to part any two cells.
    """
    x, y = in_plane(grid, line, what)
    way, row, col, sign = crossed(grid, np.stack([x, y], axis=1))
    if not way.size:
        cells_along(grid, line, what)
        raise ScenarioError(
            f"{what} parts no two cells, which are {grid.lattice.lengths.mean():.0f} m apart: draw "
            "it longer, or take finer cells"
        )
    found = np.stack([way, row + FRAME, col + FRAME])
    edges, which = np.unique(found, axis=1, return_inverse=True)
    side = np.sign(np.bincount(which.ravel(), weights=sign))
    return Crossing((edges[0], edges[1], edges[2]), side)


def outward(grid: Grid, cells: Ints) -> Edges:
    """Edges that lead from some cells out of the city."""
    index = np.pad(grid.window_index, FRAME, constant_values=-1)
    row, col = place_of(grid, cells)
    found = []
    for way, (down, right) in enumerate(STEPS):
        ahead = index[row + down, col + right] < 0
        back = index[row - down, col - right] < 0
        found.append(np.stack([np.full(ahead.sum(), way), row[ahead], col[ahead]]))
        found.append(np.stack([np.full(back.sum(), way), row[back] - down, col[back] - right]))
    ways, rows, cols = np.concatenate(found, axis=1)
    return ways, rows, cols


def ends_of(grid: Grid, edges: Edges) -> tuple[Ints, Ints]:
    """Positions of the cells before and behind each edge, −1 outside the city."""
    index = np.pad(grid.window_index, FRAME, constant_values=-1)
    down, right = np.array(STEPS).T
    way, row, col = edges
    return index[row, col], index[row + down[way], col + right[way]]


def ends_in_window(edges: Edges) -> tuple[Place, Place]:
    """The cells before and behind each edge in the solver's window."""
    down, right = np.array(STEPS).T
    way, row, col = edges
    return (row, col), (row + down[way], col + right[way])


def middles(grid: Grid, edges: Edges) -> Floats:
    """(k, 2) middle between the two cells of each edge in the city's plane [m]."""
    (row, col), (next_row, next_col) = ends_in_window(edges)
    here, *_ = centres(grid, row - FRAME, col - FRAME)
    there, *_ = centres(grid, next_row - FRAME, next_col - FRAME)
    return np.asarray((here + there) / (2.0 * GRAIN))


def ground_beside(grid: Grid, edges: Edges, ground: Floats) -> Floats:
    """(k,) higher ground of the two cells of each edge [m].

    Parameters
    ----------
    grid, edges
        Cells, and edges with at least one cell in the city.
    ground
        (n,) ground of the cells [m].
    """
    before, behind = ends_of(grid, edges)
    known = np.append(ground, -np.inf)
    return np.asarray(np.maximum(known[before], known[behind]))
