"""Steep streets: a city under 100 mm in an hour with both solvers, and where they differ."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.cases import Site
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification.laws import cloudburst, site_solver
from citytwin.hazards.flood.verification.scene import place_of
from citytwin.hazards.flood.verification.water import Run, measured

#: Depth from which water is compared, and swing of the depth that counts as waves [m].
WET, WAVY = 0.05, 0.2
#: While it rains evenly the depth is watched for a while: from and to [s], and how often.
_FROM, _TO, _EVERY = 3300.0, 3600.0, 5.0
_END = 5400.0


@dataclass(frozen=True, eq=False)
class Storm:
    """One storm with one solver.

    Attributes
    ----------
    water
        The solver half an hour after the rain.
    mean, swing
        (rows, cols) mean depth, and greatest less least depth, in the last five minutes of an hour of
        even rain [m]; nan where no water can be.
    deepest
        (rows, cols) greatest depth of the whole storm [m].
    """

    water: Solver
    mean: Floats
    swing: Floats
    deepest: Floats

    @property
    def wet_area(self) -> float:
        """Area at least ``WET`` deep on average in those five minutes [m²]."""
        return self._area(self.mean, WET)

    @property
    def wavy_area(self) -> float:
        """Area where the depth swings by ``WAVY`` in those five minutes [m²]."""
        return self._area(self.swing, WAVY)

    def _area(self, values: Floats, least: float) -> float:
        return float((np.nan_to_num(values) >= least).sum()) * self.water.lattice.cell_area


def storm(solver: str, site: Site, buildings: str = "porous") -> Storm:
    """100 mm in an hour on a site, and half an hour of what runs off afterwards.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    site
        The city.
    buildings
        As ``flood_terrain`` takes them.
    """
    water = site_solver(solver, site, buildings=buildings)
    water.run(_FROM, cloudburst)
    low, high = np.full(water.shape, np.inf), np.zeros(water.shape)
    total, times = np.zeros(water.shape), np.arange(_FROM, _TO, _EVERY) + _EVERY
    for time in times:
        water.run(time, cloudburst)
        depth = np.asarray(water.depth, np.float64)
        low, high, total = np.minimum(low, depth), np.maximum(high, depth), total + depth
    water.run(_END)
    everywhere = place_of(np.ones(water.shape, dtype=bool))
    room = water.room_at(everywhere).reshape(water.shape)
    # Drains hold as much as thousands of cells.
    shut = (room <= 0.0) | (room > 100.0 * water.lattice.cell_area)
    seen = (total / times.size, high - low, np.asarray(water.record["depth_max"], np.float64))
    return Storm(water, *(np.where(shut, np.nan, values) for values in seen))


def difference(first: Floats, second: Floats) -> Floats:
    """(n,) second less first depth, where either is wet [m]."""
    wet = np.fmax(first, second) >= WET
    return np.asarray((second - first)[wet])


def storm_difference(first: str, second: str, site: Site) -> Run:
    """Mean absolute difference of the depth at the end of the rain where either solver is wet [m]."""
    one, other = storm(first, site), storm(second, site)
    off = difference(one.mean, other.mean)
    return measured(float(np.abs(off).mean()), one.water, other.water)
