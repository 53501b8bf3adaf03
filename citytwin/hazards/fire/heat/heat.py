"""Greatest radiant heat on people in the open, gathered while a fire burns."""

from typing import Any

import numpy as np

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.grid.window import Grid
from citytwin.hazards.fire.front.front import Front
from citytwin.hazards.fire.heat.flux import FACES, flames_of, from_buildings, from_plants
from citytwin.hazards.fire.heat.places import Places
from citytwin.hazards.fire.houses.radiation import mean_quickening
from citytwin.hazards.fire.houses.states import Houses
from citytwin.hazards.fire.houses.tables import coefficients
from citytwin.hazards.fire.rothermel import flame_length

#: Time between two looks at the heat of buildings [s]; they burn for tens of minutes.
EVERY = 300.0
#: Distance beyond which flames of plants do not count [m].
_PLANTS_REACH = 45.0
_KILO = 1e3


class Heat:
    """Greatest heat so far.

    Parameters
    ----------
    grid
        Cells.
    places
        Where people stand.

    Attributes
    ----------
    most
        (n,) greatest flux so far [kW/m²].
    """

    def __init__(self, grid: Grid, places: Places) -> None:
        self._grid, self._places = grid, places
        self.most = np.zeros(len(grid))
        self._next = 0.0
        self._emission = coefficients()["plant_emission"]
        self._width = 2.0 * np.sqrt(grid.area / np.pi)
        self._disc = _disc(grid)
        self._lit = np.empty(0, np.int64)

    @property
    def flux(self) -> Floats32:
        """(n,) greatest flux so far [W/m²]."""
        return (self.most * _KILO).astype(np.float32)

    def of_buildings(self, houses: Houses, now: float, wind: Floats) -> None:
        """Look at the heat of burning buildings, if it is time [s]."""
        if now < self._next - 1e-6:
            return
        self._next = EVERY * (np.floor(now / EVERY + 1e-9) + 1.0)
        active = houses.burning
        if not active.size:
            return
        places, flames = self._places, np.zeros((len(houses), 3))
        flames_of(active, houses.house, wind[0], houses.law, flames)
        from_buildings(
            places.first, places.building, places.shape, places.seen, houses.state,
            houses.progress, houses.house, flames, wind,
            mean_quickening(wind[0], houses.law[0]), houses.law, FACES, self.most,
        )  # fmt: skip

    def of_plants(self, front: Front, fresh: Ints, begin: float, end: float) -> None:
        """Look at the heat of plants that flame in a step [s].

        Parameters
        ----------
        front
            The front, at the end of the step.
        fresh
            Cells that it reached in the step.
        begin, end
            The step [s].
        """
        lit = np.concatenate([self._lit, fresh])
        lit = np.sort(lit[front.arrival[lit] + front.residence[lit] > begin])
        self._lit = lit[front.arrival[lit] + front.residence[lit] > end]
        if not lit.size:
            return
        grid, places = self._grid, self._places
        length = np.zeros(len(grid))
        length[lit] = flame_length(front.intensity[lit])
        from_plants(
            lit, length, self._width, self._emission, grid.row, grid.col, grid.window_index,
            self._disc, (grid.x, grid.y), places.x, places.y, places.covered, places.first,
            places.building, places.shape, places.corner, places.part, FACES, self.most,
        )  # fmt: skip

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        return {"most": self.most.copy(), "next": self._next, "lit": self._lit}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self.most, self._next, self._lit = kept["most"], kept["next"], kept["lit"]


def _disc(grid: Grid) -> Ints:
    """(d, 2) steps in rows and columns to all cells within reach, the nearest first."""
    vectors = grid.lattice.vectors
    most = int(np.ceil(_PLANTS_REACH / float(grid.lattice.lengths.min()))) + 1
    steps = np.arange(-most, most + 1)
    row, col = (part.ravel() for part in np.meshgrid(steps, steps, indexing="ij"))
    away = np.hypot(*(col[:, None] * vectors[0] + row[:, None] * vectors[1]).T)
    order = np.lexsort((col, row, away))
    order = order[away[order] <= max(_PLANTS_REACH, float(grid.lattice.lengths.max()) * 1.001)]
    return np.stack([row[order], col[order]], axis=1).astype(np.int64)
