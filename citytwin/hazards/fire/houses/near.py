"""Plants beside and under buildings: how each lights the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.hazards.fire.houses.tables import coefficients
from citytwin.hazards.fire.houses.views import view

#: Nearest that a flame of plants comes to a wall [m].
_NEAREST = 0.5


@dataclass(frozen=True, eq=False)
class Near:
    """Pairs of a burnable cell and a building, in order of the cells.

    Attributes
    ----------
    first
        (n + 1,) first pair of each cell, with an end.
    building
        (k,) its buildings.
    gap
        (k,) distance from the cell's edge to the outline [m].
    cell
        (k,) the cells.
    by_building
        (k,) the pairs in order of the buildings, and (b + 1,) first one of each in ``starts``.
    starts
        See above.
    width
        (n,) width of each cell [m].
    """

    first: Ints
    building: Ints
    gap: Floats
    cell: Ints
    by_building: Ints
    starts: Ints
    width: Floats

    def cells_of(self, building: int) -> Ints:
        """Pairs of a building."""
        return self.by_building[self.starts[building] : self.starts[building + 1]]


def near_of(outlines: NDArray[Any], x: Floats, y: Floats, area: Floats, burnable: Ints) -> Near:
    """Pairs within the reach of the table.

    Parameters
    ----------
    outlines
        (b,) polygons [m].
    x, y, area
        (n,) centres [m] and areas [m²] of the cells.
    burnable
        (m,) cells whose plants can burn.
    """
    radius = np.sqrt(area / np.pi)
    reach = coefficients()["plant_reach"]
    points = shapely.points(x[burnable], y[burnable])
    which, cell, gap = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    if outlines.size and burnable.size:
        limit = radius[burnable] + reach
        found, which = shapely.STRtree(outlines).query(points, predicate="dwithin", distance=limit)
        cell = burnable[found]
        gap = np.maximum(shapely.distance(points[found], outlines[which]) - radius[cell], 0.0)
    order = np.lexsort((which, cell))
    cell, which, gap = cell[order].astype(np.int64), which[order].astype(np.int64), gap[order]
    by_building = np.lexsort((cell, which))
    return Near(
        first=np.searchsorted(cell, np.arange(x.size + 1)).astype(np.int64),
        building=which,
        gap=gap,
        cell=cell,
        by_building=by_building.astype(np.int64),
        starts=np.searchsorted(which[by_building], np.arange(outlines.size + 1)).astype(np.int64),
        width=2.0 * radius,
    )


def heat_of_plants(
    near: Near, cells: Ints, flame: Floats, residence: Floats, height: Floats, limit: Floats
) -> tuple[Ints, Floats]:
    """Dose that buildings get from cells whose plants flame.

    Parameters
    ----------
    cells
        (m,) cells on fire.
    flame, residence
        (n,) length of the flames [m], and how long they stand [s].
    height, limit
        (b,) height of the buildings [m], and (b, 3) as for ``radiation.catch``.

    Returns
    -------
    Ints, Floats
        (k,) buildings, rising, and their dose.
    """
    dose = np.zeros(height.size)
    emission = coefficients()["plant_emission"]
    _warm(
        near.first, near.building, near.gap, near.width, cells, flame, residence, height, limit,
        emission, dose,
    )  # fmt: skip
    warmed = np.flatnonzero(dose > 0.0)
    return warmed, dose[warmed]


@njit(cache=True, nogil=True)
def _warm(
    first: Ints,
    building: Ints,
    gap: Floats,
    width: Floats,
    cells: Ints,
    flame: Floats,
    residence: Floats,
    height: Floats,
    limit: Floats,
    emission: float,
    dose: Floats,
) -> None:
    for c in cells:
        if flame[c] <= 0.0:
            continue
        for k in range(first[c], first[c + 1]):
            j = building[k]
            eye = 0.5 * min(flame[c], height[j])
            half = 0.5 * width[c]
            near = max(gap[k], _NEAREST)
            flux = emission * view(-half, half, -eye, flame[c] - eye, near)
            if flux > limit[j, 0]:
                dose[j] += (flux - limit[j, 0]) ** limit[j, 2] * residence[c] / limit[j, 1]


def lit_by_walls(near: Near, area: Floats, height: Floats, wall: Floats) -> NDArray[np.bool_]:
    """(k,) pairs in which the building at full fire lights the cell's plants.

    Parameters
    ----------
    area, height, wall
        (b,) area of the outline [m²], height [m], and what the wall radiates on average [kW/m²].
    """
    lights = np.zeros(near.building.size, dtype=np.bool_)
    critical = coefficients()["plant_critical_flux"]
    _reach(near.building, near.gap, np.sqrt(area), height, wall, critical, lights)
    return lights


@njit(cache=True, nogil=True)
def _reach(
    building: Ints,
    gap: Floats,
    side: Floats,
    height: Floats,
    wall: Floats,
    critical: float,
    lights: NDArray[np.bool_],
) -> None:
    for k in range(building.size):
        j = building[k]
        half = 0.5 * side[j]
        seen = view(-half, half, 0.0, height[j], max(gap[k], _NEAREST))
        lights[k] = wall[j] * seen >= critical
