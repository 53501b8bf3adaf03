"""Features that map sheets or tiles cut into pieces, made whole again by their ids."""

import geopandas as gpd
import numpy as np
import shapely


def join_pieces(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Unite rows with the same ``source_id``; the first one's columns stay.

    Areas become their union, lines run on where their ends meet, points become one of them.
    Rows without an id stay apart.

    Parameters
    ----------
    table
        Geometries in any coordinate system, with a text column ``source_id``.
    """
    names = table["source_id"].to_numpy(dtype=object)
    several = table["source_id"].duplicated(keep=False).to_numpy() & (names != "")
    if not several.any():
        return table
    geometry = np.asarray(table.geometry.values, dtype=object)
    groups: dict[str, list[int]] = {}
    for row in np.flatnonzero(several):
        groups.setdefault(str(names[row]), []).append(int(row))
    keep = ~several
    for rows in groups.values():
        keep[rows[0]] = True
        geometry[rows[0]] = _united(geometry[rows])
    return table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=table.crs)).loc[keep]


def _united(pieces: np.ndarray[tuple[int], np.dtype[np.object_]]) -> shapely.Geometry | None:
    present = pieces[~(shapely.is_missing(pieces) | shapely.is_empty(pieces))]
    if not len(present):
        return None
    dimension = int(shapely.get_dimensions(present).max())
    same = present[shapely.get_dimensions(present) == dimension]
    if dimension == 0:
        return same[0]
    if dimension == 1:
        return shapely.line_merge(shapely.multilinestrings(shapely.get_parts(same)), directed=True)
    return shapely.union_all(np.where(shapely.is_valid(same), same, shapely.make_valid(same)))
