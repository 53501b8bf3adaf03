"""Which segments between the centres of neighbours a line crosses, decided in whole numbers.

All centres are moved by the same infinitely small amount, so that none lies on the line: a path of cells
from one side to the other crosses it an odd number of times, always.
"""

import numpy as np

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.lattice import STEPS
from citytwin.grid.window import Grid

#: Whole numbers a metre in which crossings are decided.
GRAIN = 1024.0
#: Samples along a line are this far apart, in rows or columns.
_SAMPLE = 0.5


def crossed(grid: Grid, line: Floats) -> tuple[Ints, Ints, Ints, Ints]:
    """Every crossing of a line with a segment between two neighbours, one of them in the city.

    Parameters
    ----------
    grid
        Cells.
    line
        (m, 2) points in the city's plane [m].

    Returns
    -------
    Direction, row and column of the cell before, in the city's own window; and +1 where forward leads to
    the left of the line, −1 where it leads to the right. An edge comes once for each time it is crossed.
    """
    begins, ends = _clipped(grid, line)
    segment, row, col = _candidates(grid, begins, ends)
    p, q = _whole(begins)[segment], _whole(ends)[segment]
    here, known, inside = centres(grid, row, col)
    found = []
    for way, (down, right) in enumerate(STEPS):
        there, known_there, inside_there = centres(grid, row + down, col + right)
        sign = _crosses(p, q, here, there)
        sign[~(known & known_there & (inside | inside_there))] = 0
        at = np.nonzero(sign)[0]
        found.append(np.stack([np.full(at.size, way), row[at], col[at], sign[at]]))
    ways, rows, cols, signs = np.concatenate(found, axis=1)
    return ways, rows, cols, signs


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


def centres(grid: Grid, row: Ints, col: Ints) -> tuple[Ints, Bools, Bools]:
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
    return np.rint(points * GRAIN).astype(np.int64)


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
