"""What stands in the way: buildings with their people, and streets, tied to the cells."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.impact.lifelines.places import Facility

#: Classes of street that cars do not take.
FOOTWAYS = ("path", "pedestrian", "steps", "footway", "cycleway", "track")
#: Share of a cell under roofs from which water stands beside it rather than in it.
BUILT = 0.5
#: Share of a building's largest overlap with a cell below which another does not count.
SLIVER = 0.05


@dataclass(frozen=True)
class Choices:
    """What a city's recipe chose for its vulnerability.

    Attributes
    ----------
    continent
        Whose depth-damage functions are used.
    country
        Whose values are used, ISO 3166 alpha-3; empty leaves money out.
    construction
        What people build there, as Hazus's mapping names it.
    """

    continent: str = "global"
    country: str = ""
    construction: str = "europe"


@dataclass(frozen=True, eq=False)
class Exposure:
    """Buildings, people and streets of a city, by cell.

    Attributes
    ----------
    grid
        Cells.
    building_cover
        (n,) share of each cell under buildings [1].
    buildings
        Buildings and their people.
    home_share
        (b,) share of each building's floor area that is homes.
    road_class
        (r,) class of each street.
    road_open
        (r,) false for tunnels and bridges: the water on the ground is not on them.
    road_cells
        Length of each street in each cell [m].
    choices
        What the recipe chose for vulnerability and values.
    facilities
        Lifelines of the recipe, and critical facilities of the map.
    """

    grid: Grid
    building_cover: AnyFloats
    buildings: Buildings
    home_share: Floats
    road_class: tuple[str, ...]
    road_open: Bools
    road_cells: Shares
    choices: Choices = field(default_factory=Choices)
    facilities: tuple[Facility, ...] = ()

    @cached_property
    def neighbours(self) -> Ints:
        """(n, 6) cells around each cell, −1 outside the city."""
        return self.grid.neighbours()

    @cached_property
    def _counting(self) -> Bools:
        """(m,) pairs of building and cell that are more than a sliver."""
        shares = self.buildings.cells
        largest = np.zeros(len(self.buildings))
        np.maximum.at(largest, shares.item, shares.amount)
        return np.asarray(shares.amount >= SLIVER * largest[shares.item])

    @cached_property
    def _built(self) -> Bools:
        return np.asarray(self.building_cover) >= BUILT

    def beside(self, depth: AnyFloats) -> Floats:
        """(n,) water in a cell or, where buildings fill it, the deepest in it and around it [m]."""
        around = np.where(self.neighbours >= 0, depth[self.neighbours], 0.0).max(axis=1)
        return np.where(self._built, np.maximum(depth, around), depth).astype(np.float64)

    def building_depths(self, depth: AnyFloats) -> Floats:
        """(b,) deepest water at each building's walls [m].

        Parameters
        ----------
        depth
            (n,) depth on the cells [m].
        """
        shares, counts = self.buildings.cells, self._counting
        deepest = np.zeros(len(self.buildings))
        np.maximum.at(deepest, shares.item[counts], self.beside(depth)[shares.cell[counts]])
        return deepest

    def cells_beside(self, building: int) -> Ints:
        """Cells whose water counts for a building: its own and, where roofs fill them, those around."""
        pairs = (self.buildings.cells.item == building) & self._counting
        own = self.buildings.cells.cell[pairs]
        around = self.neighbours[own[self._built[own]]].ravel()
        return np.unique(np.concatenate([own, around[around >= 0]]))

    def highest(self, values: AnyFloats) -> Floats:
        """(b,) greatest of some values on the cells that hold each building, slivers apart.

        Parameters
        ----------
        values
            (n,) values on the cells, none below 0.
        """
        shares, counts = self.buildings.cells, self._counting
        found = np.zeros(len(self.buildings))
        np.maximum.at(found, shares.item[counts], values[shares.cell[counts]])
        return found

    def average(self, values: AnyFloats) -> Floats:
        """(b,) mean of some values over each building's outline, by its area in each cell.

        Parameters
        ----------
        values
            (n,) values on the cells.
        """
        shares, count = self.buildings.cells, len(self.buildings)
        whole = np.bincount(shares.item, weights=shares.amount, minlength=count)
        summed = np.bincount(
            shares.item, weights=shares.amount * values[shares.cell], minlength=count
        )
        return np.divide(summed, whole, out=np.zeros(count), where=whole > 0.0)

    def closed_lengths(self, closed: Bools | Floats) -> dict[str, float]:
        """Length of street in closed cells, by class [m]; tunnels and bridges stay open.

        Every metre of a street lies in one cell, so none is counted twice.

        Parameters
        ----------
        closed
            (n,) cells in which no street can be used, or how likely that is: the expected length.
        """
        shares = self.road_cells
        return self.by_class(shares.amount * closed[shares.cell] * self.road_open[shares.item])

    def road_totals(self) -> dict[str, float]:
        """Length of all streets by class, tunnels and bridges included [m]."""
        return self.by_class(self.road_cells.amount)

    def by_class(self, amount: Floats) -> dict[str, float]:
        """Sums by class of street of some amounts, one for each pair of street and cell."""
        names, number = np.unique(np.asarray(self.road_class, dtype=object), return_inverse=True)
        total = np.bincount(number[self.road_cells.item], weights=amount, minlength=names.size)
        return {str(name): float(value) for name, value in zip(names, total, strict=True)}
