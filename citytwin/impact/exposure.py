"""What stands in the way: buildings with their people, and streets, tied to the cells."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid

#: Classes of street that cars do not take.
FOOTWAYS = ("path", "pedestrian", "steps", "footway", "cycleway", "track")
#: Share of a cell under roofs from which water stands beside it rather than in it.
BUILT = 0.5
#: Share of a building's largest overlap with a cell below which another does not count.
SLIVER = 0.05


@dataclass(frozen=True, eq=False)
class Exposure:
    """Buildings, people and streets of a city, by cell.

    Attributes
    ----------
    grid
        Cells.
    building_cover
        (n,) share of each cell under buildings [1].
    building_people
        (b,) people who live in each building.
    building_cells
        Area of each building in each cell [m²].
    road_class
        (r,) class of each street.
    road_open
        (r,) false for tunnels and bridges: the water on the ground is not on them.
    road_cells
        Length of each street in each cell [m].
    """

    grid: Grid
    building_cover: AnyFloats
    building_people: Floats
    building_cells: Shares
    road_class: tuple[str, ...]
    road_open: Bools
    road_cells: Shares

    @cached_property
    def _neighbours(self) -> Ints:
        return self.grid.neighbours()

    @cached_property
    def _counting(self) -> Bools:
        """(m,) pairs of building and cell that are more than a sliver."""
        shares = self.building_cells
        largest = np.zeros(self.building_people.size)
        np.maximum.at(largest, shares.item, shares.amount)
        return np.asarray(shares.amount >= SLIVER * largest[shares.item])

    @cached_property
    def _built(self) -> Bools:
        return np.asarray(self.building_cover) >= BUILT

    def beside(self, depth: AnyFloats) -> Floats:
        """(n,) water in a cell or, where buildings fill it, the deepest in it and around it [m]."""
        around = np.where(self._neighbours >= 0, depth[self._neighbours], 0.0).max(axis=1)
        return np.where(self._built, np.maximum(depth, around), depth).astype(np.float64)

    def building_depths(self, depth: AnyFloats) -> Floats:
        """(b,) deepest water at each building's walls [m].

        Parameters
        ----------
        depth
            (n,) depth on the cells [m].
        """
        shares, counts = self.building_cells, self._counting
        deepest = np.zeros(self.building_people.size)
        np.maximum.at(deepest, shares.item[counts], self.beside(depth)[shares.cell[counts]])
        return deepest

    def cells_beside(self, building: int) -> Ints:
        """Cells whose water counts for a building: its own and, where roofs fill them, those around."""
        pairs = (self.building_cells.item == building) & self._counting
        own = self.building_cells.cell[pairs]
        around = self._neighbours[own[self._built[own]]].ravel()
        return np.unique(np.concatenate([own, around[around >= 0]]))

    def road_lengths(self, depth: AnyFloats, limit: float) -> dict[str, float]:
        """Length of street under at least ``limit`` of water, by class [m].

        Every metre of a street lies in one cell, so none is counted twice.
        """
        shares = self.road_cells
        wet = (self.beside(depth)[shares.cell] >= limit) & self.road_open[shares.item]
        return self._by_class(np.where(wet, shares.amount, 0.0))

    def road_totals(self) -> dict[str, float]:
        """Length of all streets by class, tunnels and bridges included [m]."""
        return self._by_class(self.road_cells.amount)

    def _by_class(self, amount: Floats) -> dict[str, float]:
        names, number = np.unique(np.asarray(self.road_class, dtype=object), return_inverse=True)
        total = np.bincount(number[self.road_cells.item], weights=amount, minlength=names.size)
        return {str(name): float(value) for name, value in zip(names, total, strict=True)}
