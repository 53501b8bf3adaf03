"""Which fine cells make up which coarse cell, where the coarse drains lie, which coarse cells touch."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.grid.hierarchy import Hierarchy
from citytwin.grid.lattice import STEPS, Lattice
from citytwin.hazards.flood.terrain import FRAME, Terrain

#: All six steps to the neighbours: the three forward, then the three back.
AROUND = STEPS + tuple((-row, -col) for row, col in STEPS)


@dataclass(frozen=True, eq=False)
class Parts:
    """The fine cells of a city in the coarse cells that hold them; places are flat, in framed windows.

    Attributes
    ----------
    hierarchy
        Fine and coarse grid.
    terrain
        Ground of the fine cells, in their window with its frame.
    owner
        (f,) coarse place of each fine place that is in the city or a drain; −1 elsewhere.
    """

    hierarchy: Hierarchy
    terrain: Terrain
    owner: Ints

    @property
    def fine_shape(self) -> tuple[int, int]:
        """Rows and columns of the fine window with its frame."""
        rows, cols = self.terrain.elevation.shape
        return rows, cols

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the coarse window with its frame."""
        rows, cols = self.hierarchy.coarse.shape
        return rows + 2 * FRAME, cols + 2 * FRAME

    @property
    def size(self) -> int:
        """Number of places in the coarse window."""
        return self.shape[0] * self.shape[1]

    @cached_property
    def lattice(self) -> Lattice:
        """Lattice of the coarse window."""
        return self.hierarchy.lattice

    @cached_property
    def ratio(self) -> int:
        """Fine cells in a whole coarse cell."""
        return int(self.hierarchy.children.shape[0])

    @cached_property
    def open_share(self) -> Floats:
        """(f,) open area of the city's fine cells over their lattice's cell area; 0 elsewhere."""
        return np.where(self.terrain.drains, 0.0, self.terrain.storage).ravel()

    @cached_property
    def is_drain(self) -> Bools:
        """(f,) fine drains."""
        return self.terrain.drains.ravel()

    @cached_property
    def city(self) -> Bools:
        """(m,) coarse places with at least one fine cell of the city that is open."""
        return np.bincount(self.owner[self.open_share > 0.0], minlength=self.size) > 0

    @cached_property
    def drains(self) -> Bools:
        """(m,) coarse places outside the city that take water.

        They hold fine drains, or lie beside a coarse cell that does.
        """
        holds = np.zeros(self.size, np.bool_)
        holds[self.owner[self.is_drain & (self.owner >= 0)]] = True
        near = holds.reshape(self.shape).copy()
        for row, col in AROUND:
            near |= shifted((holds & self.city).reshape(self.shape), row, col, fill=False)
        return np.asarray(near.ravel() & ~self.city)

    @cached_property
    def order(self) -> Ints:
        """(k,) fine places of the city's open cells, by coarse place."""
        places = np.nonzero(self.open_share > 0.0)[0]
        return np.asarray(places[np.argsort(self.owner[places], kind="stable")])

    @cached_property
    def start(self) -> Ints:
        """(m + 1,) first entry of each coarse place in ``order``, and their end."""
        return np.searchsorted(self.owner[self.order], np.arange(self.size + 1)).astype(np.int64)

    def total(self, values: AnyFloats | None = None) -> Floats:
        """(m,) sum over the fine cells of their open share times (f,) values."""
        weight = self.open_share[self.order]
        if values is not None:
            weight = weight * np.asarray(values, np.float64).ravel()[self.order]
        return np.asarray(np.bincount(self.owner[self.order], weight, self.size), np.float64)

    def mean(self, values: AnyFloats) -> Floats:
        """(m,) mean of (f,) values over the open area; 0 where there is none."""
        total = self.total()
        return np.divide(self.total(values), total, out=np.zeros(self.size), where=total > 0.0)

    @cached_property
    def xy(self) -> tuple[Floats, Floats]:
        """(f,) places of the fine cells in the lattice's plane [m]."""
        row, col = (np.asarray(at.ravel(), np.float64) for at in np.indices(self.fine_shape))
        return self._plane(row, col)

    @cached_property
    def middle(self) -> tuple[Floats, Floats]:
        """(m,) places of the middles of the coarse cells in the same plane [m]."""
        row, col = (index.ravel() - FRAME for index in np.indices(self.shape))
        fine_row, fine_col = self.hierarchy.middles(row, col)
        down, right = (np.asarray(at + FRAME, np.float64) for at in (fine_row, fine_col))
        return self._plane(down, right)

    def _plane(self, row: Floats, col: Floats) -> tuple[Floats, Floats]:
        right, down = self.hierarchy.fine.lattice.vectors[:2]
        return row * down[0] + col * right[0], row * down[1] + col * right[1]

    @cached_property
    def edges(self) -> tuple[Ints, Ints, Ints]:
        """(e,) way, coarse place before and coarse place behind of every edge that can carry water."""
        holds = self.city | self.drains
        ways, before, behind = [], [], []
        rows, cols = self.shape
        for way, (down, right) in enumerate(STEPS):
            place = np.arange(self.size).reshape(rows, cols)[: rows - down, : cols - right].ravel()
            other = place + down * cols + right
            there = holds[place] & holds[other] & (self.city[place] | self.city[other])
            ways.append(np.full(int(there.sum()), way, np.int64))
            before.append(place[there])
            behind.append(other[there])
        return np.concatenate(ways), np.concatenate(before), np.concatenate(behind)

    @cached_property
    def edge_at(self) -> Ints:
        """(3, m) number of the edge from each coarse place forward in each way; −1 if there is none."""
        way, before, _ = self.edges
        found = np.full((3, self.size), -1, np.int64)
        found[way, before] = np.arange(way.size)
        return found

    def window(self, values: AnyFloats) -> Floats:
        """(m, …) values of the coarse places as a (rows, cols, …) window."""
        return np.asarray(values, np.float64).reshape(*self.shape, *values.shape[1:])


def parts_of(hierarchy: Hierarchy, terrain: Terrain) -> Parts:
    """Parts of the coarse cells of a city.

    Parameters
    ----------
    hierarchy
        Fine and coarse grid.
    terrain
        Ground of the fine cells, as ``flood_terrain`` gives it.
    """
    owner = hierarchy.owners(FRAME)
    known = (np.pad(hierarchy.fine.window_index, FRAME, constant_values=-1) >= 0) | terrain.drains
    return Parts(hierarchy, terrain, np.where(known, owner, -1).ravel())


def shifted(values: np.ndarray, row: int, col: int, *, fill: float | bool) -> np.ndarray:
    """Value at (r + row, c + col), ``fill`` beyond the window."""
    out = np.full_like(values, fill)
    rows, cols = values.shape
    to_r, to_c = slice(max(-row, 0), rows - max(row, 0)), slice(max(-col, 0), cols - max(col, 0))
    from_r, from_c = slice(max(row, 0), rows + min(row, 0)), slice(max(col, 0), cols + min(col, 0))
    out[to_r, to_c] = values[from_r, from_c]
    return out
