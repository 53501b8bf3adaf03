"""Cells on which a plume is computed: rows of the window, and points that stand for a cell."""

from dataclasses import dataclass

import numba
import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.grid.lattice import Lattice
from citytwin.grid.window import Grid
from citytwin.hazards.plume.puffs import concentrations_parallel, no_pieces, no_puffs

#: Parts into which the distance of two cells is cut, coarse to fine.
LEVELS = (1, 2, 4, 8)
#: Least width of a plume in steps of the points: with it their sum is the plume's mass to 0.1 %.
LEAST = 0.6
#: Second moment of a regular hexagon about an axis over its area: 5 / (36 √3).
_MOMENT = 5.0 / (36.0 * np.sqrt(3.0))


@dataclass(frozen=True, eq=False)
class Elements:
    """Pieces and puffs at a moment, as ``puffs.concentrations`` wants them, without their levels.

    Attributes
    ----------
    pieces, lines
        (p, 11) and (p, 3).
    way, wide, near
        (t,) tables of the lines.
    puffs
        (q, 5).
    """

    pieces: Floats
    lines: Ints
    way: Floats
    wide: Floats
    near: Floats
    puffs: Floats


def join(parts: list[Elements]) -> Elements:
    """All elements of several releases as one."""
    lines, shift = [], 0
    for part in parts:
        lines.append(part.lines + shift)
        shift += part.way.size
    return Elements(
        np.concatenate([part.pieces for part in parts] or [no_pieces()[0]]),
        np.concatenate(lines or [no_pieces()[2]]),
        *(
            np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0)])
            for name in ("way", "wide", "near")
        ),
        np.concatenate([part.puffs for part in parts] or [no_puffs()[0]]),
    )


@dataclass(frozen=True, eq=False)
class Field:
    """Cells in the order of their rows.

    Attributes
    ----------
    x, y, col
        (n,) centres [m] and columns.
    rows
        (r + 1,) first cell of each row and one past the last.
    order
        (n,) place of each of them among the city's cells.
    area
        Mean area of a cell [m²].
    spacing
        Greatest distance of two neighbours [m].
    margin
        How far a cell reaches from its centre, and how far a row bends [m].
    points
        (m, 3) offsets and weights of the points of all levels.
    levels
        (4, 2) first and last point of each level.
    """

    x: Floats
    y: Floats
    col: Ints
    rows: Ints
    order: Ints
    area: float
    spacing: float
    margin: float
    points: Floats
    levels: Ints

    def concentration(self, parts: Elements) -> Floats:
        """(n,) concentration of pieces and puffs [kg/m³], in the order of the rows."""
        pieces, puffs = parts.pieces.copy(), parts.puffs.copy()
        piece_levels, puff_levels = no_pieces()[1], no_puffs()[1]
        if pieces.size:
            level, extra = self._level(np.minimum(pieces[:, 5], pieces[:, 6]))
            floor = LEAST * self.spacing / LEVELS[-1]
            pieces[:, 5:7] = np.maximum(pieces[:, 5:7], floor)
            pieces[:, 9] = extra
            pieces[:, 10] = 4.5 * np.sqrt(pieces[:, 10] ** 2 + extra)
            piece_levels = self.levels[level]
        if puffs.size:
            level, puffs[:, 4] = self._level(puffs[:, 2])
            puff_levels = self.levels[level]
        found = np.zeros(self.x.size)
        concentrations_parallel(
            found, self.x, self.y, self.col, self.rows, self.margin,
            max(numba.get_num_threads(), 1) * 4, pieces, piece_levels, parts.lines,
            parts.way, parts.wide, parts.near, puffs, puff_levels, self.points,
        )  # fmt: skip
        return found

    def _level(self, width: Floats) -> tuple[Ints, Floats]:
        """(k,) level of points for widths [m], and what to add to their squares [m²]."""
        level = np.zeros(width.size, np.int64)
        for parts in LEVELS[:-1]:
            level += width < LEAST * self.spacing / parts
        cut = np.array(LEVELS, float)[level]
        extra = _MOMENT * self.area / cut**2
        least = (LEAST * self.spacing / LEVELS[-1]) ** 2
        return level, np.maximum(extra, least - width**2)


def field_of(grid: Grid) -> Field:
    """Field of the cells of a city."""
    order = np.lexsort((grid.col, grid.row))
    rows = np.searchsorted(grid.row[order], np.arange(grid.shape[0] + 1))
    place = grid.x[order], grid.y[order], grid.col[order].astype(np.int64)
    return make_field(*place, rows.astype(np.int64), order, grid.lattice)


def make_field(
    x: Floats, y: Floats, col: Ints, rows: Ints, order: Ints, lattice: Lattice
) -> Field:
    """Field of cells that stand in rows on a lattice."""
    spacing = float(lattice.lengths.max())
    points, levels = _points(lattice)
    margin = 1.5 * spacing + _bend(x, y, col, rows)
    return Field(
        np.ascontiguousarray(x), np.ascontiguousarray(y), np.ascontiguousarray(col), rows,
        np.asarray(order, np.int64), lattice.cell_area, spacing, margin, points, levels,
    )  # fmt: skip


def _bend(x: Floats, y: Floats, col: Ints, rows: Ints) -> float:
    """How far the middle of a row lies beside the line between its ends, at most [m]."""
    first, last = rows[:-1][np.diff(rows) > 2], rows[1:][np.diff(rows) > 2] - 1
    if first.size == 0:
        return 0.0
    middle = (first + last) // 2
    part = (col[middle] - col[first]) / np.maximum(col[last] - col[first], 1)
    off = [v[middle] - v[first] - part * (v[last] - v[first]) for v in (x, y)]
    return float(np.hypot(*off).max())


def _points(lattice: Lattice) -> tuple[Floats, Ints]:
    """Points of all levels: a finer lattice in the hexagon, those on its edges shared out."""
    found, bounds = [], []
    for parts in LEVELS:
        place, weight = _hexagon(parts)
        offset = place @ lattice.vectors[:2]
        start = sum(len(item) for item in found)
        found.append(np.column_stack([offset, weight / weight.sum()]))
        bounds.append((start, start + len(weight)))
    return np.concatenate(found), np.array(bounds, np.int64)


def _hexagon(parts: int) -> tuple[Floats, Floats]:
    """(m, 2) columns and rows of the points in the middle cell, and their weights.

    The neighbours lie at ±(1, 0), ±(0, 1), ±(1, 1); on a regular lattice the squared distance of
    (c, r) is c² + r² − c r. A point that is as near to other cells counts to each of them.
    """
    steps = np.arange(-parts, parts + 1) / parts
    c, r = (item.ravel() for item in np.meshgrid(steps, steps))
    cells = [(0, 0), (1, 0), (0, 1), (1, 1), (-1, 0), (0, -1), (-1, -1), (1, -1), (-1, 1)]
    off = np.array([(c - a) ** 2 + (r - b) ** 2 - (c - a) * (r - b) for a, b in cells])
    nearest = off.min(axis=0)
    inside = off[0] <= nearest + 1e-9
    ties = (off <= nearest + 1e-9).sum(axis=0)
    return np.column_stack([c, r])[inside], 1.0 / ties[inside]
