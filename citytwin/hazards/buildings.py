"""Buildings as hazards and their consequences see them: arrays in the order of the city's table."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats
from citytwin.grid.overlay import Shares


@dataclass(frozen=True, eq=False)
class Buildings:
    """Buildings of a city.

    Attributes
    ----------
    outlines
        (b,) polygons or multi-polygons in the city's plane [m].
    cells
        Area of each building in each cell [m²].
    height
        (b,) height of the top above the ground [m].
    levels
        (b,) storeys above ground.
    floor_area
        (b,) floor area of all storeys [m²].
    people
        (b,) residents.
    kind, material
        (b,) words of the source; empty where it says nothing.
    year
        (b,) year of construction; not a number where it is not known.
    """

    outlines: NDArray[Any]
    cells: Shares
    height: Floats
    levels: Floats
    floor_area: Floats
    people: Floats
    kind: NDArray[Any]
    material: NDArray[Any]
    year: Floats

    def __len__(self) -> int:
        return int(self.outlines.size)

    @cached_property
    def area(self) -> Floats:
        """(b,) area of the outline [m²]."""
        return np.asarray(shapely.area(self.outlines), dtype=np.float64)

    @cached_property
    def centres(self) -> tuple[Floats, Floats]:
        """(b,) easting and northing of the centroids [m]."""
        points = shapely.centroid(self.outlines)
        return np.asarray(shapely.get_x(points)), np.asarray(shapely.get_y(points))

    @cached_property
    def main_cell(self) -> NDArray[np.int64]:
        """(b,) cell that holds the largest part of each building; −1 outside the cells."""
        found = np.full(len(self), -1, dtype=np.int64)
        order = np.lexsort((self.cells.cell, -self.cells.amount, self.cells.item))
        items, first = np.unique(self.cells.item[order], return_index=True)
        found[items] = self.cells.cell[order][first]
        return found
