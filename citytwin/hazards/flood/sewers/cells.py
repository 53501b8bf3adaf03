"""Cells of the street that several nodes may share."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.flood.solver import Place, Solver


class Cells:
    """The cells under some nodes.

    Parameters
    ----------
    place
        (k,) row and column of each node; they may repeat.
    width
        Columns of the solver's window.
    """

    def __init__(self, place: Place, width: int) -> None:
        found, self._cell = np.unique(place[0] * width + place[1], return_inverse=True)
        self._place = (found // width, found % width)

    def level(self, water: Solver) -> Floats:
        """(k,) level of the street's water at each node, or of the ground [m]."""
        return np.asarray(water.level_at(self._place)[self._cell])

    def trade(self, water: Solver, volume: Floats, term: str) -> Floats:
        """Move water from the street into the nodes, and from the nodes onto the street.

        Parameters
        ----------
        water
            The solver.
        volume
            (k,) what each node wants to take [m³]; negative gives.
        term
            Name of this water in the balance.

        Returns
        -------
        (k,) what each node really took [m³]: a cell gives no more than it holds, in equal shares of
        what was wanted, and the rounding of its depth counts.
        """
        count = self._place[0].size
        into, out = np.maximum(volume, 0.0), np.maximum(-volume, 0.0)
        taken, given = np.zeros(count), np.zeros(count)
        np.add.at(taken, self._cell, into)
        np.add.at(given, self._cell, out)
        moving = np.flatnonzero(taken + given > 0.0)
        if not moving.size:
            return np.zeros(volume.size)
        wanted = (given - taken)[moving]
        place = (self._place[0][moving], self._place[1][moving])
        surplus = np.zeros(count)
        surplus[moving] = water.add(place, wanted, term) - wanted
        takes = taken > 0.0
        whole = np.where(takes, taken, given)
        part = np.divide(surplus, whole, out=np.zeros(count), where=whole > 0.0)
        less, more = np.where(takes, 1.0 - part, 1.0), np.where(takes, 1.0, 1.0 + part)
        return np.asarray(into * less[self._cell] - out * more[self._cell])
