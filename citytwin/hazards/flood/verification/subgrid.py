"""Laws of the flow on coarse cells with tables: mass, rest, no depth below zero, bands do not count.

The ground is made up, on the cells of resolution 13 of a disk in Shanghai, where the lattice is skewed;
the water flows on those of resolution 11.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.hierarchy import Hierarchy, hierarchy
from citytwin.grid.window import from_cells, local_plane
from citytwin.hazards.cases import Site, Verification
from citytwin.hazards.flood.layout import level_step
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.subgrid.solver import SubgridSolver
from citytwin.hazards.flood.subgrid.tables import Tables, tables_from
from citytwin.hazards.flood.terrain import flood_terrain
from citytwin.hazards.flood.verification.laws import Lowest, cloudburst
from citytwin.hazards.flood.verification.water import Run, measured

_PLACE = (121.47, 31.23)
_FINE, _COARSE = 13, 11
_NAME = "tables of the fine ground"


@cache
def _family() -> Hierarchy:
    """Cells of a disk and their parents."""
    disk = h3.grid_disk(h3.latlng_to_cell(*_PLACE[::-1], _COARSE), 12)
    cells = [child for cell in disk for child in h3.cell_to_children(cell, _FINE)]
    return hierarchy(from_cells(np.sort(np.array(cells, np.uint64)), local_plane(*_PLACE)), _COARSE)


def rough_tables(*, gaps: float = 0.0) -> Tables:
    """Tables of steep, rough, half-built ground with an open border and 10 mm/h of infiltration."""
    family = _family()
    fine, rng = family.fine, np.random.default_rng(7)
    layers: dict[str, Floats] = {
        "ground_elevation": 200.0 + 0.1 * fine.x - 0.05 * fine.y + rng.uniform(0.0, 2.0, len(fine)),
        "building_cover": np.where(rng.uniform(size=len(fine)) < 0.25, 1.0, 0.3),
        "manning": rng.uniform(0.015, 0.1, len(fine)),
        "pervious_share": rng.uniform(size=len(fine)),
    }
    return tables_from(family, flood_terrain(fine, layers, gaps, 10.0 / 3.6e6))


def storm_balance(dtype: type[np.floating], site: Site | None) -> Run:
    """Water lost or invented by a storm and after, as a share of the rain."""
    del site
    water = SubgridSolver(rough_tables(), dtype=dtype)
    water.run(1800.0, cloudburst)
    water.run(2700.0)
    return measured(abs(water.balance.error), water)


def lake_at_rest(site: Site | None) -> Run:
    """Fastest water [m/s] in a lake with islands and walls that should rest.

    The flow counts over the true depth, however small.
    """
    del site
    tables = rough_tables()
    shut = np.zeros(tables.drains.shape, np.bool_)
    water = SubgridSolver(tables, drains=shut, losses=None)
    row, col = np.nonzero(tables.storage > 0.0)
    level = float(level_step(np.quantile(tables.lowest[row, col], 0.6)))
    water.hold_level((row, col), level, "lake")
    water.run(3600.0)
    depth = np.asarray(water.depth, np.float64)
    speed = np.divide(water.flow, depth, out=np.zeros(depth.shape), where=depth > 0.0)
    return measured(float(np.abs(speed).max()), water)


def lowest_depth(site: Site | None) -> Run:
    """How far below zero the depth ever falls [m] when a dam breaks above steep, rough, dry ground."""
    del site
    tables = rough_tables()
    coarse = tables.coarse
    depth = np.zeros(tables.storage.shape)
    depth[coarse.row + 1, coarse.col + 1] = np.where(coarse.x > 0.0, 6.0, 0.0)
    water = SubgridSolver(tables, depth=depth * (tables.storage > 0.0))
    lowest = Lowest()
    water.run(120.0, forcings=(lowest,))
    return measured(-lowest.depth, water)


def bands_agree(site: Site | None) -> Run:
    """Largest difference [m] between one band of rows, run serially, and 1, 2 and 5 in parallel."""
    del site
    tables = rough_tables()
    choices: list[dict[str, Any]] = [{"parallel": False, "bands": 1}]
    choices += [{"bands": bands} for bands in (1, 2, 5)]
    waters: list[Solver] = [SubgridSolver(tables, **choice) for choice in choices]
    for water in waters:
        water.run(600.0, cloudburst)
    depths = [water.depth.astype(np.float64) for water in waters]
    return measured(max(float(np.abs(depth - depths[0]).max()) for depth in depths), *waters)


def cases() -> Iterator[Verification]:
    """The cases of ``citytwin verify flood`` about tables."""
    for dtype, bound in ((np.float32, 1e-5), (np.float64, 1e-12)):
        yield Verification(
            f"water balance of a storm on rough, walled ground, {dtype.__name__}, {_NAME}",
            partial(storm_balance, dtype), bound, "1", "conservation of mass",
        )  # fmt: skip
    yield Verification(
        f"lake at rest over rough ground, {_NAME}", lake_at_rest, 1e-6, "m/s", "hydrostatic rest"
    )
    for name, figure in (
        ("no depth below zero on steep, rough ground", lowest_depth),
        ("one thread equals many, to the last bit", bands_agree),
    ):
        yield Verification(f"{name}, {_NAME}", figure, 0.0, "m", "citytwin's own bound")
