"""Concentration of puffs and of pieces of plume on the cells of a window, row by row.

A *piece* is a stretched puff: what was released between two moments lies along a straight line from
the younger to the older end. At a point with the coordinates a along it from the younger end and b
across it,

    c = m V(s) / (√(2π) σ_y(s)) exp(−b² / 2σ_y²) ½ [erf(a / √2σ₁) − erf((a − l) / √2σ₂)]

with m its mass per metre [kg/m], V the share of mass in a metre of height where people breathe, and s
the way from the source to the point's foot on the line. Pieces of one line share the widths σ at
their ends, so that the brackets of all of them add up to one: in a steady wind the closed form of the
Gaussian plume remains, exactly. (A short piece may be below zero somewhere; its neighbours make up
for it.) A *puff* is round.

The value of a cell is the mean over its hexagon: over a finer lattice of points in it where the plume
is narrower than the cells, with the width of the parts of the hexagon that the points stand for added
to that of the plume. So the mass on the lattice is that of the plume.
"""

import math

import numpy as np
from numba import njit, prange

from citytwin.arrays import Floats, Ints
from citytwin.kernels.both import both

#: Columns of the pieces.
X, Y, EAST, NORTH, LENGTH, WIDTH1, WIDTH2, MASS, START, EXTRA, SIDE = range(11)
#: Columns of the puffs, from the fourth on.
PUFF_WIDTH, PUFF_MASS, PUFF_EXTRA = 2, 3, 4
#: Widths beyond which nothing is left: across, and along at the ends.
REACH, ENDS = 4.2, 3.8
_ROOT2 = math.sqrt(2.0)
_ROOT2PI = math.sqrt(2.0 * math.pi)


@njit(cache=True, nogil=True)
def _span(at: float, step: float, low: float, high: float) -> tuple[float, float]:
    """Numbers k with low ≤ at + k step ≤ high, as their least and greatest."""
    if abs(step) < 1e-9:
        if low <= at <= high:
            return -1e18, 1e18
        return 1.0, 0.0
    one, two = (low - at) / step, (high - at) / step
    return min(one, two), max(one, two)


@njit(cache=True, nogil=True)
def _first(col: Ints, start: int, stop: int, wanted: float) -> int:
    """First cell of a row whose column is at least ``wanted``."""
    while start < stop:
        middle = (start + stop) // 2
        if col[middle] < wanted:
            start = middle + 1
        else:
            stop = middle
    return start


@njit(cache=True, nogil=True)
def _step(off: float) -> float:
    """The error function of an end, by the distance from it in widths; −1 and 1 where it is over."""
    if off > ENDS:
        return 1.0
    if off < -ENDS:
        return -1.0
    return math.erf(off / _ROOT2)


@njit(cache=True, nogil=True)
def _row_of_piece(
    found: Floats, x: Floats, y: Floats, col: Ints, start: int, stop: int, margin: float,
    piece: Floats, level: Ints, points: Floats, way: Floats, wide: Floats, near: Floats,
    low: int, high: int, guess: int,
) -> None:  # fmt: skip
    """Add a piece to the cells of a row."""
    columns = max(col[stop - 1] - col[start], 1)
    ex, ey = (x[stop - 1] - x[start]) / columns, (y[stop - 1] - y[start]) / columns
    dx, dy = x[start] - piece[X], y[start] - piece[Y]
    a, da = dx * piece[EAST] + dy * piece[NORTH], ex * piece[EAST] + ey * piece[NORTH]
    b, db = dy * piece[EAST] - dx * piece[NORTH], ey * piece[EAST] - ex * piece[NORTH]
    side = piece[SIDE] + margin
    one, two = _span(b, db, -side, side)
    if two < one:
        return
    ends = ENDS * max(piece[WIDTH1], piece[WIDTH2]) + margin
    three, four = _span(a, da, -ends, piece[LENGTH] + ends)
    least, most = max(one, three), min(two, four)
    if most < least:
        return
    px, py, east, north = piece[X], piece[Y], piece[EAST], piece[NORTH]
    length, begin, extra = piece[LENGTH], piece[START], piece[EXTRA]
    per1, per2, mass = 1.0 / piece[WIDTH1], 1.0 / piece[WIDTH2], 0.5 * piece[MASS] / _ROOT2PI
    last = col[start] + most
    j = guess
    for k in range(_first(col, start, stop, col[start] + least), stop):
        if col[k] > last:
            break
        total = 0.0
        for p in range(level[0], level[1]):
            dx, dy = x[k] + points[p, 0] - px, y[k] + points[p, 1] - py
            a, b = dx * east + dy * north, dy * east - dx * north
            s = begin + a
            while j < high - 2 and s > way[j + 1]:
                j += 1
            while j > low and s < way[j]:
                j -= 1
            part = min(max((s - way[j]) / (way[j + 1] - way[j]), 0.0), 1.0)
            spread = wide[j] + part * (wide[j + 1] - wide[j])
            square = spread * spread + extra
            if b * b < REACH * REACH * square:
                ends = _step(a * per1) - _step((a - length) * per2)
                if ends != 0.0:
                    share = near[j] + part * (near[j + 1] - near[j])
                    across = math.exp(-0.5 * b * b / square) / math.sqrt(square)
                    total += points[p, 2] * share * across * ends
        found[k] += mass * total


@njit(cache=True, nogil=True)
def _row_of_puff(
    found: Floats, x: Floats, y: Floats, col: Ints, start: int, stop: int, margin: float,
    puff: Floats, level: Ints, points: Floats,
) -> None:  # fmt: skip
    """Add a round puff to the cells of a row."""
    columns = max(col[stop - 1] - col[start], 1)
    ex, ey = (x[stop - 1] - x[start]) / columns, (y[stop - 1] - y[start]) / columns
    square = puff[PUFF_WIDTH] ** 2 + puff[PUFF_EXTRA]
    reach = REACH * math.sqrt(square)
    one, two = _span(x[start] - puff[X], ex, -reach - margin, reach + margin)
    three, four = _span(y[start] - puff[Y], ey, -reach - margin, reach + margin)
    least, most = max(one, three), min(two, four)
    if most < least:
        return
    k = _first(col, start, stop, col[start] + least)
    last = col[start] + most
    scale = puff[PUFF_MASS] / (2.0 * math.pi * square)
    while k < stop and col[k] <= last:
        total = 0.0
        for p in range(level[0], level[1]):
            dx = x[k] + points[p, 0] - puff[X]
            dy = y[k] + points[p, 1] - puff[Y]
            off = dx * dx + dy * dy
            if off < reach * reach:
                total += points[p, 2] * math.exp(-0.5 * off / square)
        found[k] += scale * total
        k += 1


def _concentrations(
    found: Floats,
    x: Floats,
    y: Floats,
    col: Ints,
    rows: Ints,
    margin: float,
    bands: int,
    pieces: Floats,
    piece_levels: Ints,
    lines: Ints,
    way: Floats,
    wide: Floats,
    near: Floats,
    puffs: Floats,
    puff_levels: Ints,
    points: Floats,
) -> None:
    """Add pieces and puffs to the concentration of cells.

    Parameters
    ----------
    found
        (n,) concentration [kg/m³], added to.
    x, y, col
        (n,) centres [m] and columns of the cells, row after row.
    rows
        (r + 1,) first cell of each row, and one past the last.
    margin
        How far a cell reaches from its centre, and how far a row bends [m].
    bands
        Number of bands that share the rows; without effect on the result.
    pieces
        (p, 11) pieces, see the columns above.
    piece_levels
        (p, 2) first and last of the points that stand for a cell.
    lines
        (p, 3) part of the table of the line that a piece belongs to, and where to begin in it.
    way, wide, near
        (t,) tables of all lines: way from the source [m], width [m], share in a metre of height [1/m].
    puffs
        (q, 5) puffs: centre, width, mass in a metre of height where people breathe, extra square.
    puff_levels
        (q, 2) as for pieces.
    points
        (m, 3) offsets [m] and weights of points in a cell.
    """
    for band in prange(bands):
        for r in range(band, rows.size - 1, bands):
            start, stop = rows[r], rows[r + 1]
            if stop > start:
                for k in range(pieces.shape[0]):
                    _row_of_piece(
                        found, x, y, col, start, stop, margin, pieces[k], piece_levels[k], points,
                        way, wide, near, lines[k, 0], lines[k, 1], lines[k, 2],
                    )  # fmt: skip
                for k in range(puffs.shape[0]):
                    _row_of_puff(
                        found, x, y, col, start, stop, margin, puffs[k], puff_levels[k], points
                    )


concentrations, concentrations_parallel = both(_concentrations)


def no_puffs() -> tuple[Floats, Ints]:
    """Empty arrays of puffs and of their levels."""
    return np.zeros((0, 5)), np.zeros((0, 2), np.int64)


def no_pieces() -> tuple[Floats, Ints, Ints]:
    """Empty arrays of pieces, of their levels and of their lines."""
    return np.zeros((0, 11)), np.zeros((0, 2), np.int64), np.zeros((0, 3), np.int64)
