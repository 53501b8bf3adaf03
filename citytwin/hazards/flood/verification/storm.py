"""Steep streets: a city under 100 mm in an hour with both solvers, and where they differ."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.base import Site
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification.laws import cloudburst, site_solver
from citytwin.hazards.flood.verification.scene import place_of
from citytwin.hazards.flood.verification.water import Run, measured

#: Depth from which water is compared [m].
WET = 0.05


@dataclass(frozen=True, eq=False)
class Storms:
    """One storm with two solvers.

    Attributes
    ----------
    first, second
        The solvers after it.
    deepest
        Two (rows, cols) greatest depths [m], nan where no water can be.
    """

    first: Solver
    second: Solver
    deepest: tuple[Floats, Floats]

    @property
    def difference(self) -> Floats:
        """(rows, cols) greatest depth of the second less that of the first [m]."""
        return self.deepest[1] - self.deepest[0]

    @property
    def compared(self) -> Floats:
        """(n,) differences where either is wet [m]."""
        wet = np.fmax(*self.deepest) >= WET
        return np.asarray(self.difference[wet])

    @property
    def mean_difference(self) -> float:
        """Mean absolute difference where either is wet [m]."""
        return float(np.abs(self.compared).mean())

    @property
    def wet_areas(self) -> tuple[float, float]:
        """Areas at least ``WET`` deep at their deepest [m²]."""
        area = self.first.lattice.cell_area
        a, b = (float((np.nan_to_num(d) >= WET).sum()) * area for d in self.deepest)
        return a, b


def storms(first: str, second: str, site: Site, hours: float = 1.5) -> Storms:
    """100 mm in an hour on a site, with two solvers, and what runs off afterwards."""
    waters = []
    for name in (first, second):
        water = site_solver(name, site)
        water.run(hours * 3600.0, cloudburst)
        waters.append(water)
    everywhere = place_of(np.ones(waters[0].shape, dtype=bool))
    room = waters[0].room_at(everywhere).reshape(waters[0].shape)
    lattice_area = waters[0].lattice.cell_area
    open_cell = (room > 0.0) & (room < 100.0 * lattice_area)
    deepest = [
        np.where(open_cell, np.asarray(w.record["depth_max"], np.float64), np.nan) for w in waters
    ]
    return Storms(waters[0], waters[1], (deepest[0], deepest[1]))


def storm_difference(first: str, second: str, site: Site) -> Run:
    """Mean absolute difference of the greatest depth where either solver is wet [m]."""
    found = storms(first, second, site)
    return measured(found.mean_difference, found.first, found.second)
