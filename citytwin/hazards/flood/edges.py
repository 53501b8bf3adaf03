"""Points, lines and areas of a city as cells and edges of the solver's window.

A line stops water where it crosses the segment between the centres of two neighbours. Whether it does
is decided in whole numbers, with all centres moved by the same infinitely small amount, so that no
centre lies on the line: a path of cells from one side to the other crosses it an odd number of times,
always.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from citytwin.arrays import Bools, Floats, Ints
from citytwin.errors import ScenarioError
from citytwin.grid.lattice import STEPS
from citytwin.grid.overlay import line_shares, polygon_shares
from citytwin.grid.window import Grid
from citytwin.hazards.flood.solver import Edges, Place
from citytwin.hazards.flood.terrain import FRAME

#: Longitude and latitude [degrees].
Lonlat = tuple[float, float]
#: Whole numbers a metre in which crossings are decided.
_GRAIN = 1024.0
#: Samples along a line are this far apart, in rows or columns.
_SAMPLE = 0.5


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
    begins, ends = _clipped(grid, np.stack([x, y], axis=1))
    segment, row, col = _candidates(grid, begins, ends)
    p, q = _whole(begins)[segment], _whole(ends)[segment]
    here, known, inside = _centres(grid, row, col)
    ways, rows, cols, signs = [], [], [], []
    for way, (down, right) in enumerate(STEPS):
        there, known_there, inside_there = _centres(grid, row + down, col + right)
        sign = np.where(
            known & known_there & (inside | inside_there), _crosses(p, q, here, there), 0
        )
        found = np.nonzero(sign)[0]
        ways.append(np.full(found.size, way))
        rows.append(row[found] + FRAME)
        cols.append(col[found] + FRAME)
        signs.append(sign[found])
    found_edges = np.stack([np.concatenate(part) for part in (ways, rows, cols)])
    if not found_edges.shape[1]:
        cells_along(grid, line, what)
        raise ScenarioError(
            f"{what} parts no two cells, which are {grid.lattice.lengths.mean():.0f} m apart: draw "
            "it longer, or build the city at a finer resolution"
        )
    edges, which = np.unique(found_edges, axis=1, return_inverse=True)
    side = np.sign(np.bincount(which.ravel(), weights=np.concatenate(signs)))
    return Crossing((edges[0], edges[1], edges[2]), side)


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
    here, *_ = _centres(grid, row - FRAME, col - FRAME)
    there, *_ = _centres(grid, next_row - FRAME, next_col - FRAME)
    return np.asarray((here + there) / (2.0 * _GRAIN))


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


def _clipped(grid: Grid, line: Floats) -> tuple[Floats, Floats]:
    """Begins and ends (m, 2) of a line's pieces, cut off well outside the city [m]."""
    begin, way = line[:-1], np.diff(line, axis=0)
    margin = 4.0 * grid.lattice.lengths.max()
    low = np.array([grid.x.min(), grid.y.min()]) - margin
    high = np.array([grid.x.max(), grid.y.max()]) + margin
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low - begin) / way, (high - begin) / way
    still = way == 0.0
    within = (begin >= low) & (begin <= high)
    enters = np.where(still, np.where(within, -np.inf, np.inf), np.minimum(one, other))
    leaves = np.where(still, np.where(within, np.inf, -np.inf), np.maximum(one, other))
    first = np.maximum(enters.max(axis=1), 0.0)
    last = np.minimum(leaves.min(axis=1), 1.0)
    # A piece that is not cut keeps its very points, so that pieces still join.
    starts = np.where(first[:, None] > 0.0, begin + first[:, None] * way, begin)
    stops = np.where(last[:, None] < 1.0, begin + last[:, None] * way, line[1:])
    keep = first < last
    return starts[keep], stops[keep]


def _candidates(grid: Grid, begins: Floats, ends: Floats) -> tuple[Ints, Ints, Ints]:
    """Piece, row and column of every cell that may have an edge crossed by a piece."""
    bend = grid.to_window
    first, last = _window(bend, begins), _window(bend, ends)
    longest = np.abs(last - first).max(axis=1, initial=0.0)
    count = np.ceil(longest / _SAMPLE).astype(np.int64) + 1
    segment = np.repeat(np.arange(count.size), count)
    step = np.arange(segment.size) - np.repeat(np.cumsum(count) - count, count)
    share = step / np.maximum(count[segment] - 1, 1)
    points = begins[segment] + share[:, None] * (ends - begins)[segment]
    near = np.rint(_window(bend, points)).astype(np.int64)
    # An edge reaches one row or column, a sample misses a quarter, rounding a half.
    reach = int(np.ceil(1.05 + bend[:, 6].max()))
    shifts = np.arange(-reach, reach + 1)
    row = (near[:, 0, None, None] + shifts[:, None]) + 0 * shifts
    col = (near[:, 1, None, None] + shifts) + 0 * shifts[:, None]
    owner = np.broadcast_to(segment[:, None, None], row.shape)
    rows, cols = grid.shape
    valid = (row >= -1) & (row <= rows) & (col >= -1) & (col <= cols)
    found = np.unique(np.stack([owner[valid], row[valid], col[valid]]), axis=1)
    return found[0], found[1], found[2]


def _window(bend: Floats, points: Floats) -> Floats:
    """(m, 2) row and column, with fractions, of points in the plane (m, 2) [m]."""
    x, y = points.T
    terms = np.stack([np.ones(x.size), x, y, x * x, x * y, y * y])
    return np.asarray((bend[:, :6] @ terms).T)


def _centres(grid: Grid, row: Ints, col: Ints) -> tuple[Ints, Bools, Bools]:
    """(m, 2) centres in whole numbers, whether they are known, and whether they are in the city.

    A cell beside the city lies where its neighbours in the city would have it, on average.
    """
    index = np.pad(grid.window_index, 3, constant_values=-1)
    at = index[row + 3, col + 3]
    inside = at >= 0
    centre = np.stack([np.append(grid.x, 0.0)[at], np.append(grid.y, 0.0)[at]], axis=1)
    beside = np.nonzero(~inside)[0]
    total, count = np.zeros((beside.size, 2)), np.zeros(beside.size)
    for vector, (down, right) in zip(grid.lattice.vectors, STEPS, strict=True):
        for way in (1, -1):
            next_to = index[row[beside] + 3 + way * down, col[beside] + 3 + way * right]
            there = next_to >= 0
            xy = np.stack([grid.x[next_to], grid.y[next_to]], axis=1) - way * vector
            total += np.where(there[:, None], xy, 0.0)
            count += there
    centre[beside] = total / np.maximum(count, 1.0)[:, None]
    known = inside.copy()
    known[beside] = count > 0.0
    return _whole(centre), known, inside


def _whole(points: Floats) -> Ints:
    return np.rint(points * _GRAIN).astype(np.int64)


def _crosses(p: Ints, q: Ints, a: Ints, b: Ints) -> Ints:
    """+1 where the way from a to b crosses p–q to its left, −1 to its right, 0 where it does not.

    All (m, 2) whole numbers. With a and b moved by (ε, ε²) nothing lies on a line: where a determinant
    is 0, its part that ε gives decides.
    """
    along, way = q - p, b - a
    flat = (p == q).all(axis=1)
    left_a, left_b = (_left(along, c - p, -along[:, 1], along[:, 0]) for c in (a, b))
    left_p, left_q = (_left(way, c - a, way[:, 1], -way[:, 0]) for c in (p, q))
    sign = np.where((left_a != left_b) & (left_p != left_q) & ~flat, 1, 0)
    return np.where(left_b, sign, -sign)


def _left(along: Ints, to: Ints, first: Ints, second: Ints) -> Bools:
    """Whether ``to`` lies left of ``along``; where it lies on it, ``first`` decides, then ``second``."""
    determinant = along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0]
    decided = np.where(determinant != 0, determinant, np.where(first != 0, first, second))
    return np.asarray(decided > 0)
