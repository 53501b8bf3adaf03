"""Points, lines and areas of a city as cells and edges of the solver's window.

A line stops water where it crosses the segment between the centres of two neighbours: a closed line lets
no water through.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from citytwin.arrays import Floats, Ints
from citytwin.errors import ScenarioError
from citytwin.grid.lattice import STEPS
from citytwin.grid.overlay import line_shares, polygon_shares
from citytwin.grid.window import Grid
from citytwin.hazards.flood.crossings import GRAIN, centres, crossed
from citytwin.hazards.flood.solver import Edges, Place
from citytwin.hazards.flood.terrain import FRAME

#: Longitude and latitude [degrees].
Lonlat = tuple[float, float]


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


def cell_at(grid: Grid, point: Lonlat, what: str) -> int:
    """Position in the grid of the cell at a point.

    Parameters
    ----------
    grid
        Cells.
    point
        Longitude and latitude [degrees].
    what
        What lies there, as a complaint names it, for example ``the gauge 'Bridge'``.

    Raises
    ------
    ScenarioError
        If the point lies outside the city.
    """
    x, y = grid.project(np.array([point[0]]), np.array([point[1]]))
    found = int(grid.locate(x, y)[0])
    if found < 0:
        raise _outside(grid, what, [point])
    return found


def cells_along(grid: Grid, line: Sequence[Lonlat], what: str) -> Ints:
    """Positions of the cells through which a line runs, ascending.

    Parameters
    ----------
    grid
        Cells.
    line
        Longitudes and latitudes [degrees].
    what
        What the line is, as a complaint names it.

    Raises
    ------
    ScenarioError
        If no part of the line lies in the city.
    """
    x, y = _plane(grid, line, what)
    cells = line_shares(grid, np.array([shapely.LineString(np.stack([x, y], axis=1))])).cell
    if not cells.size:
        raise _outside(grid, what, line)
    return cells


def shares_within(grid: Grid, ring: Sequence[Lonlat], what: str) -> tuple[Ints, Floats]:
    """Positions of the cells that an area touches, and the share of each that it covers.

    Parameters
    ----------
    grid
        Cells.
    ring
        Corners of the area, longitudes and latitudes [degrees].
    what
        What the area is, as a complaint names it.

    Raises
    ------
    ScenarioError
        If the area crosses itself, or no part of it lies in the city.
    """
    x, y = _plane(grid, ring, what)
    polygon = shapely.Polygon(np.stack([x, y], axis=1))
    if not polygon.is_valid or polygon.area <= 0.0:
        raise ScenarioError(
            f"the outline of {what} crosses itself or is a line: give its corners in their order"
        )
    return _shares(grid, polygon, what, ring)


def shares_beside(
    grid: Grid, line: Sequence[Lonlat], width: float, what: str
) -> tuple[Ints, Floats]:
    """Positions of the cells that a strip along a line touches, and the share of each under it.

    Parameters
    ----------
    grid
        Cells.
    line
        Middle of the strip, longitudes and latitudes [degrees].
    width
        Width of the strip [m].
    what
        What the strip is, as a complaint names it.
    """
    x, y = _plane(grid, line, what)
    middle = shapely.LineString(np.stack([x, y], axis=1))
    return _shares(grid, middle.buffer(width / 2.0, cap_style="flat"), what, line)


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
    x, y = _plane(grid, line, what)
    way, row, col, sign = crossed(grid, np.stack([x, y], axis=1))
    if not way.size:
        cells_along(grid, line, what)
        raise ScenarioError(
            f"{what} parts no two cells, which are {grid.lattice.lengths.mean():.0f} m apart: draw "
            "it longer, or build the city at a finer resolution"
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


def _shares(
    grid: Grid, polygon: shapely.Geometry, what: str, points: Sequence[Lonlat]
) -> tuple[Ints, Floats]:
    shares = polygon_shares(grid, np.array([polygon]))
    if not shares.cell.size:
        raise _outside(grid, what, points)
    return shares.cell, np.minimum(shares.amount / grid.area[shares.cell], 1.0)


def _outside(grid: Grid, what: str, points: Sequence[Lonlat]) -> ScenarioError:
    lon, lat = grid.unproject(*(np.array([v.min(), v.max()]) for v in (grid.x, grid.y)))
    lies = f"at {points[0][0]:g}, {points[0][1]:g}"
    if len(points) > 1:
        lies = f"from {points[0][0]:g}, {points[0][1]:g} to {points[-1][0]:g}, {points[-1][1]:g}"
    return ScenarioError(
        f"{what} {lies} lies outside the city: move it between {lon[0]:.4f} and {lon[1]:.4f} degrees "
        f"east, {lat[0]:.4f} and {lat[1]:.4f} degrees north"
    )


def _plane(grid: Grid, points: Sequence[Lonlat], what: str) -> tuple[Floats, Floats]:
    """Points in the city's plane [m]."""
    lon, lat = np.asarray(points, np.float64).T
    x, y = grid.project(lon, lat)
    if not (np.isfinite(x) & np.isfinite(y)).all():
        raise _outside(grid, what, points)
    return x, y
