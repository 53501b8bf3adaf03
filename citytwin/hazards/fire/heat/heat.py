"""Greatest radiant heat on people in the open, gathered while a fire burns."""

from typing import Any

import numpy as np

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.grid.window import Grid
from citytwin.hazards.fire.front.front import Front
from citytwin.hazards.fire.heat.flux import FACES, from_buildings, from_plants
from citytwin.hazards.fire.heat.sight import Sight, disc
from citytwin.hazards.fire.houses.radiation import mean_quickening
from citytwin.hazards.fire.houses.states import Houses
from citytwin.hazards.fire.houses.tables import coefficients
from citytwin.hazards.fire.rothermel import flame_length

#: Time between two looks at the heat of buildings [s], and with more fires than so many; they burn at
#: full fire for tens of minutes.
EVERY, RARELY, MANY = 300.0, 600.0, 200
#: Distance in lengths of the flame within which a front counts: a long one of 80 kW/m² gives
#: 1.6 kW/m² at 25 of them; and the longest [m].
_LENGTHS, _PLANTS_REACH = 25.0, 60.0
_KILO = 1e3


class Heat:
    """Greatest heat so far.

    Parameters
    ----------
    grid
        Cells.
    sight
        Where people stand, and which buildings they see.

    Attributes
    ----------
    places
        Where people stand.
    most
        (n,) greatest flux so far [kW/m²].
    """

    def __init__(self, grid: Grid, sight: Sight) -> None:
        self._grid, self._sight, self.places = grid, sight, sight.places
        self.most = np.zeros(len(grid))
        self._next, self._looked = 0.0, -1.0
        self._emission = coefficients()["plant_emission"]
        self._width = np.sqrt(grid.area)
        self._disc, self._away = disc(grid, _PLANTS_REACH)
        self._slot = np.full(len(grid), -1, np.int64)
        self._lit, self._length = np.empty(0, np.int64), np.zeros(len(grid))

    @property
    def flux(self) -> Floats32:
        """(n,) greatest flux so far [W/m²]."""
        return (self.most * _KILO).astype(np.float32)

    def of_buildings(self, houses: Houses, now: float, wind: Floats, *, last: bool = False) -> None:
        """Look at the heat of burning buildings, if it is time [s] or the last look."""
        if now == self._looked or (now < self._next - 1e-6 and not last):
            return
        self._looked = now
        active, sight = houses.burning, self._sight
        every = EVERY if active.size <= MANY else RARELY
        self._next = every * (np.floor(now / every + 1e-9) + 1.0)
        if not active.size:
            return
        sight.look(active)
        from_buildings(
            active, sight.first, sight.count, sight.cell, sight.shape, houses.progress,
            houses.house, wind, mean_quickening(wind[0], houses.law[0]), houses.law, FACES,
            self._slot, self.most,
        )  # fmt: skip

    def of_plants(self, front: Front, fresh: Ints, begin: float) -> None:
        """Look at the heat of the plants that flame at the end of a step.

        Parameters
        ----------
        front
            The front then.
        fresh
            Cells that it reached in the step.
        begin
            Start of the step [s].
        """
        if not fresh.size:
            return
        gone = self._lit[front.arrival[self._lit] + front.residence[self._lit] <= begin]
        self._length[gone] = 0.0
        self._length[fresh] = flame_length(front.intensity_of(fresh))
        self._lit = np.setdiff1d(np.union1d(self._lit, fresh), gone)
        reach = min(_LENGTHS * float(self._length[self._lit].max()), _PLANTS_REACH)
        # At least the neighbours.
        near = max(int(np.searchsorted(self._away, reach, side="right")), 7)
        grid, places = self._grid, self.places
        from_plants(
            fresh, self._length, self._width, self._emission, grid.row, grid.col,
            grid.window_index, self._disc[:near], (grid.x, grid.y), places.x, places.y,
            places.covered, places.first, places.building, places.corner, places.part, FACES,
            self._slot, self.most,
        )  # fmt: skip

    def save(self) -> dict[str, Any]:
        """All that it needs to go on later to the same bit."""
        lit = self._lit
        return {
            "most": self.most.copy(),
            "next": self._next,
            "lit": lit,
            "length": self._length[lit],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on from what ``save`` gave."""
        self.most, self._next, self._lit = kept["most"], kept["next"], kept["lit"]
        self._length[self._lit] = kept["length"]
