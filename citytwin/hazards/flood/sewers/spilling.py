"""What overflows at nodes that are not open to the street: SWMM loses it, the street gets it."""

from typing import Any

import numpy as np

from citytwin.hazards.flood.sewers.cells import Cells
from citytwin.hazards.flood.sewers.placing import Spots
from citytwin.hazards.flood.sewers.swmm import Swmm
from citytwin.hazards.flood.solver import Solver


class Spills:
    """Overflow on its way from SWMM to the street.

    Parameters
    ----------
    swmm
        The network.
    spots
        Its nodes in the city.
    width
        Columns of the solver's window.
    step
        Time step of the network [s].

    Attributes
    ----------
    poured
        What the street got [m³].
    lost
        What overflowed outside the city [m³].
    """

    def __init__(self, swmm: Swmm, spots: Spots, width: int, step: float) -> None:
        self._swmm, self._step = swmm, step
        self._inside = [swmm.place[name] for name in spots.names]
        inside = set(self._inside)
        self._outside = [k for k in range(len(swmm.nodes)) if k not in inside]
        self._cells = Cells(spots.place, width)
        self._total = 0.0
        self._before = np.zeros(len(swmm.nodes))
        self._waiting = np.zeros(len(self._inside))
        self.poured, self.lost = 0.0, 0.0

    @property
    def waiting(self) -> float:
        """What left SWMM and has not reached the street [m³]."""
        return float(self._waiting.sum())

    def collect(self) -> None:
        """Take what overflowed in the last step; SWMM, too, takes the mean of its two ends."""
        total = self._swmm.flooding()
        if total == self._total and not self._before.any():
            return
        self._total = total
        now = np.zeros_like(self._before)
        for nodes in (self._inside, self._outside):
            now[nodes] = self._swmm.overflow(nodes)
        volume = 0.5 * self._step * (self._before + now)
        self._waiting += volume[self._inside]
        self.lost += float(volume[self._outside].sum())
        self._before = now

    def pour(self, water: Solver, term: str) -> None:
        """Pour it onto the street."""
        if self._waiting.any():
            went = -self._cells.trade(water, -self._waiting, term)
            self._waiting -= went
            self.poured += float(went.sum())

    def state(self) -> dict[str, Any]:
        """What repeating SWMM's steps does not bring back."""
        return {"waiting": self._waiting.copy(), "poured": self.poured}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave, after SWMM's steps were repeated."""
        self._waiting, self.poured = np.array(state["waiting"]), state["poured"]
