"""A small closed basin of city cells, for tests of what acts on its water."""

from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.window import Grid, cover
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.terrain import FRAME

#: Cells about 50 m apart, the lattice skewed.
GRID = cover((121.470, 31.2300, 121.477, 31.2360), 11)
Lonlat = tuple[float, float]


def basin(
    ground: Floats | float = 0.0,
    *,
    grid: Grid = GRID,
    solver: type[Solver] = InertialSolver,
    depth: Floats | float = 0.0,
    **options: Any,
) -> Solver:
    """Solver of a basin that lets no water out.

    Parameters
    ----------
    ground, depth
        (n,) or one: ground and water at the start [m].
    grid
        Cells.
    solver, options
        Its class, and what it takes besides.
    """
    everywhere = np.ones(len(grid))

    def window(values: Any) -> Floats:
        return np.pad(grid.scatter(values * everywhere), FRAME)

    options = {"parallel": False, "dtype": np.float64, **options}
    return solver(
        grid.lattice,
        window(np.asarray(ground, np.float64)),
        window(grid.area / grid.lattice.cell_area),
        window(0.03),
        depth=window(np.asarray(depth, np.float64)),
        **options,
    )


def on_cells(water: Solver, grid: Grid = GRID) -> Floats:
    """(n,) depth on the cells [m]."""
    return np.asarray(grid.gather(water.depth[FRAME:-FRAME, FRAME:-FRAME]), np.float64)


def spot(east: float = 0.0, north: float = 0.0, grid: Grid = GRID) -> Lonlat:
    """Point some metres from the middle of the grid."""
    lon, lat = grid.unproject(np.array([grid.x.mean() + east]), np.array([grid.y.mean() + north]))
    return float(lon[0]), float(lat[0])


def volume(water: Solver, grid: Grid = GRID) -> float:
    """Water on the cells [m³]."""
    return float(np.sum(on_cells(water, grid) * grid.area))
