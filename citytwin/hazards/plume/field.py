"""Cells on which a plume is computed: rows of the window, and points that stand for a cell."""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.grid.lattice import Lattice
from citytwin.grid.window import Grid
from citytwin.hazards.plume.puffs import (
    EAST,
    ENDS,
    EXTRA,
    LENGTH,
    NORTH,
    REACH,
    SIDE,
    START,
    WIDTH1,
    WIDTH2,
    X,
    Y,
    concentrations_parallel,
    no_pieces,
    no_puffs,
)

#: Parts into which the distance of two cells is cut, coarse to fine.
LEVELS = (1, 2, 4, 8)
#: Least width of a plume in steps of the points: with it their sum is the plume's mass to 0.1 %.
LEAST = 0.6
#: Length of a piece whose far end no cell feels [m].
_UNSEEN = 1e7
_NOWHERE = np.zeros(1)
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


def alike(one: Elements | None, other: Elements) -> bool:
    """True if elements are the same but for rounding, so that their concentration is."""
    if one is None or one.pieces.shape != other.pieces.shape or one.puffs.size or other.puffs.size:
        return False
    if one.way.size > other.way.size:
        return False
    tables = (
        (getattr(one, name), getattr(other, name)[: one.way.size])
        for name in ("way", "wide", "near")
    )
    pairs = ((one.pieces, other.pieces), *tables)
    return all(
        bool((np.abs(a - b) <= 1e-9 * np.abs(b).max(axis=0, initial=1e-6)).all()) for a, b in pairs
    )


def join(parts: list[Elements]) -> Elements:
    """All elements of one or more releases as one."""
    lines, shift = [], 0
    for part in parts:
        lines.append(part.lines + shift)
        shift += part.way.size
    return Elements(
        np.concatenate([part.pieces for part in parts]),
        np.concatenate(lines),
        np.concatenate([part.way for part in parts]),
        np.concatenate([part.wide for part in parts]),
        np.concatenate([part.near for part in parts]),
        np.concatenate([part.puffs for part in parts]),
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
            level, extra = self._level(np.minimum(pieces[:, WIDTH1], pieces[:, WIDTH2]))
            floor = LEAST * self.spacing / LEVELS[-1]
            pieces[:, WIDTH1] = np.maximum(pieces[:, WIDTH1], floor)
            pieces[:, WIDTH2] = np.maximum(pieces[:, WIDTH2], floor)
            pieces[:, EXTRA] = extra
            pieces[:, SIDE] = REACH * np.sqrt(pieces[:, SIDE] ** 2 + extra)
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
        return np.maximum(found, 0.0)

    def in_reach(self, parts: Elements) -> Elements:
        """Those elements of one release that reach the cells.

        Far ends that no cell feels are moved out of sight, so that a plume whose front has gone is the
        same from one moment to the next.
        """
        pieces = parts.pieces.copy()
        dx = self.box[:, 0] - pieces[:, X, None]
        dy = self.box[:, 1] - pieces[:, Y, None]
        along = dx * pieces[:, EAST, None] + dy * pieces[:, NORTH, None]
        across = dy * pieces[:, EAST, None] - dx * pieces[:, NORTH, None]
        floor = LEAST * self.spacing
        ends = ENDS * np.maximum(pieces[:, WIDTH1 : WIDTH2 + 1], floor)
        unseen = along.max(axis=1) < pieces[:, LENGTH] - ends[:, 1]
        pieces[unseen, LENGTH], pieces[unseen, WIDTH2] = _UNSEEN, pieces[unseen, WIDTH1]
        ends[unseen, 1] = 0.0
        furthest = np.minimum(along.max(axis=1), pieces[:, LENGTH] + ends[:, 1])
        table = (parts.way, parts.wide) if parts.way.size else (_NOWHERE, _NOWHERE)
        width = np.interp(pieces[:, START] + furthest, *table)
        pieces[:, SIDE] = np.maximum(width, pieces[:, WIDTH1])
        side = REACH * np.maximum(pieces[:, SIDE], floor)
        some = (along.max(axis=1) > -ends[:, 0]) & (
            along.min(axis=1) < pieces[:, LENGTH] + ends[:, 1]
        )
        some &= (across.max(axis=1) > -side) & (across.min(axis=1) < side)
        far = REACH * np.maximum(parts.puffs[:, 2:3], floor)
        few = parts.puffs[:, :2] > self.box.min(axis=0) - far
        few &= parts.puffs[:, :2] < self.box.max(axis=0) + far
        return Elements(
            pieces[some], parts.lines[some], parts.way, parts.wide, parts.near,
            parts.puffs[few.all(axis=1)],
        )  # fmt: skip

    @cached_property
    def box(self) -> Floats:
        """(4, 2) corners of a box round the cells [m]."""
        low = [values.min() - self.margin for values in (self.x, self.y)]
        high = [values.max() + self.margin for values in (self.x, self.y)]
        return np.array([low, [low[0], high[1]], high, [high[0], low[1]]])

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


def make_field(x: Floats, y: Floats, col: Ints, rows: Ints, order: Ints, lattice: Lattice) -> Field:
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
    found: list[Floats] = []
    bounds = []
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
