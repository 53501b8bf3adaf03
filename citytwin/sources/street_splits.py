"""Streets of any source cut where they meet, so that each runs from crossing to crossing."""

import geopandas as gpd
import numpy as np
import shapely

from citytwin.arrays import Ints
from citytwin.sources.vector_tiles.roads import split_at_crossings

_METRES_PER_DEGREE = 111_195.0
#: Decimals of a degree to which coordinates are rounded, so that cut ends stay together: 0.1 mm.
_DECIMALS = 9


def split_streets(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut streets where others of the same level cross or touch them.

    Parameters
    ----------
    table
        Streets in degrees; ``level`` says what lies above what, else bridges are taken to lie
        above and tunnels below all others.

    Returns
    -------
    table
        Single lines, the columns of each taken over. Rows without a line are kept as they are.
    """
    geometry = np.asarray(table.geometry.values, dtype=object)
    lines, owner = shapely.get_parts(geometry, return_index=True)
    sound = (shapely.get_dimensions(lines) == 1) & np.isfinite(shapely.bounds(lines)).all(axis=1)
    sound &= shapely.length(lines) > 0.0
    lines, owner = lines[sound], owner[sound]
    if not len(lines):
        return table
    latitude = np.radians(float(shapely.bounds(lines)[:, [1, 3]].mean()))
    scale = np.array([np.cos(latitude), 1.0]) * _METRES_PER_DEGREE
    flat = shapely.transform(lines, lambda points: points * scale)
    pieces, part = split_at_crossings(flat, _levels(table)[owner])
    split = shapely.transform(pieces, lambda points: np.round(points / scale, _DECIMALS))
    rest = np.setdiff1d(np.arange(len(table)), owner)
    rows = np.concatenate([owner[part], rest])
    order = np.argsort(rows, kind="stable")
    whole = np.concatenate([split, geometry[rest]])[order]
    result = table.iloc[rows[order]].reset_index(drop=True)
    return result.set_geometry(gpd.GeoSeries(whole, crs=table.crs))


def _levels(table: gpd.GeoDataFrame) -> Ints:
    """Level of each street, 0 on the ground."""
    level = np.zeros(len(table), dtype=np.int64)
    if "structure" in table.columns:
        structure = table["structure"].to_numpy(dtype=object)
        level = np.where(structure == "bridge", 1, np.where(structure == "tunnel", -1, level))
    if "level" in table.columns:
        stated = table["level"].to_numpy(dtype=np.float64)
        level = np.where(np.isfinite(stated), np.nan_to_num(stated), level).astype(np.int64)
    return level
