"""Cells of lower resolutions for maps of a wider view."""

from collections.abc import Mapping

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import shapely

from citytwin.arrays import Cells, Floats
from citytwin.grid.window import Grid
from citytwin.variables import VARIABLES


def parents(cells: Cells, resolution: int) -> Cells:
    """(n,) ancestors of H3 cells at a lower resolution.

    In an H3 index, bits 52 to 55 hold the resolution and three bits each the position in the parent
    from resolution 1 (bits 42 to 44) to 15 (bits 0 to 2); those not used are ones.
    """
    unused = np.uint64((1 << (3 * (15 - resolution))) - 1)
    level = np.uint64(15 << 52)
    return (cells & ~level) | np.uint64(resolution << 52) | unused


def coarse_cells(grid: Grid, layers: Mapping[str, Floats], resolution: int) -> gpd.GeoDataFrame:
    """Cells of a lower resolution: what adds up is added, the rest averaged by area.

    A parent's hexagon does not quite cover its children: this is for looking, not for reckoning.

    Parameters
    ----------
    grid
        The cells.
    layers
        (n,) arrays by variable.
    resolution
        The lower resolution.
    """
    ancestors, place = np.unique(parents(grid.cells, resolution), return_inverse=True)
    area = np.bincount(place, grid.area)
    columns: dict[str, object] = {"h3": [format(int(cell), "x") for cell in ancestors]}
    columns["area"] = area
    for name, values in layers.items():
        known = np.isfinite(values)
        if VARIABLES[name].extensive:
            columns[name] = np.bincount(place[known], values[known], len(ancestors))
            continue
        weights = np.bincount(place[known], grid.area[known], len(ancestors))
        total = np.bincount(place[known], (values * grid.area)[known], len(ancestors))
        columns[name] = np.where(weights > 0.0, total / np.maximum(weights, 1e-300), np.nan)
    rings = [shapely.Polygon([p[::-1] for p in h3.cell_to_boundary(int(c))]) for c in ancestors]
    return gpd.GeoDataFrame(columns, geometry=rings, crs="EPSG:4326")
