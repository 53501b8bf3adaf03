"""Where a case plays: a window of any lattice in which every cell is of the city."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.grid.lattice import Lattice
from citytwin.grid.window import Grid
from citytwin.hazards.fire.fuels import fuel_model
from citytwin.hazards.fire.rothermel import Bed, bed

#: Moderate moistures of Scott & Burgan 2005: dead 1 h, 10 h, 100 h, live herbs, live wood.
MODERATE = (0.06, 0.07, 0.08, 0.60, 0.90)


@dataclass(frozen=True, eq=False)
class Plane(Grid):
    """A grid on a plane with a lattice of its own."""

    own: Lattice

    @property
    def lattice(self) -> Lattice:
        """The lattice."""
        return self.own

    @property
    def _centres(self) -> tuple[Floats, Floats]:
        row = self.row - self.shape[0] // 2
        col = self.col - self.shape[1] // 2
        places = col[:, None] * self.own.vectors[0] + row[:, None] * self.own.vectors[1]
        return places[:, 0], places[:, 1]

    @property
    def middle(self) -> int:
        """The cell at the origin."""
        return self.shape[0] // 2 * self.shape[1] + self.shape[1] // 2


def plane(lattice: Lattice, rows: int, cols: int) -> Plane:
    """Window of a lattice with the middle cell at the origin."""
    place: Ints = np.arange(rows * cols, dtype=np.int64)
    row, col = np.divmod(place, cols)
    return Plane(15, place.astype(np.uint64), row, col, (rows, cols), "", lattice)


def level_bed(number: int) -> Bed:
    """Bed of a fuel model at moderate moistures."""
    return bed(fuel_model(number), MODERATE)
