"""Land cover of a city's cells as a step of a build."""

from dataclasses import asdict

import geopandas as gpd
import pandas as pd

from citytwin.arrays import Floats
from citytwin.build.ground_cover import ground_cover
from citytwin.build.values import Values
from citytwin.grid.window import Grid


def polygon_cover(
    grid: Grid,
    layers: dict[str, gpd.GeoDataFrame],
    building_area: Floats,
    table: pd.DataFrame,
    widths: pd.DataFrame,
    default: str,
) -> Values:
    """Roughness and perviousness from polygons and streets; see :func:`ground_cover`."""
    return asdict(
        ground_cover(grid, layers, building_area, table=table, widths=widths, default=default)
    )
