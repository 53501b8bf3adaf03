"""Areas from longitude and latitude to the city's plane, with sides as bent as they are there."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.grid.window import Grid
from citytwin.sources.base import Box

#: Longest straight side in the plane [degrees]. A circle of latitude bends by less than 0.01 mm
#: over it; over 40 km it would bend by some 20 m, and a strip of that width would be lost.
LONGEST_SIDE = 0.0002


def in_plane(grid: Grid, geometry: NDArray[Any]) -> NDArray[Any]:
    """Areas in the city's plane, valid; what is not an area becomes empty.

    Sides are straight in longitude and latitude, as GeoJSON defines them, so long ones are cut
    before they are moved.

    Parameters
    ----------
    grid
        Cells, for their plane.
    geometry
        (m,) areas in longitude and latitude [degrees].
    """
    fine = shapely.segmentize(geometry, LONGEST_SIDE)
    points = shapely.get_coordinates(fine)
    plane = np.column_stack(grid.project(points[:, 0], points[:, 1]))
    moved = shapely.set_coordinates(shapely.force_2d(fine), plane)
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken], method="structure", keep_collapsed=False)
    for mixed in np.flatnonzero(
        shapely.get_type_id(moved) == shapely.GeometryType.GEOMETRYCOLLECTION
    ):
        parts = shapely.get_parts(moved[mixed])
        moved[mixed] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return np.asarray(np.where(shapely.get_dimensions(moved) == 2, moved, shapely.Polygon()))


def box_in_plane(grid: Grid, box: Box) -> Any:
    """The box of a city as a polygon in its plane.

    Parameters
    ----------
    grid
        Cells, for their plane.
    box
        West, south, east, north [degrees].
    """
    return in_plane(grid, np.array([shapely.box(*box)], dtype=object))[0]


def lonlat(table: gpd.GeoDataFrame) -> NDArray[Any]:
    """(m,) geometries of a layer in longitude and latitude [degrees]."""
    return np.asarray(table.geometry.to_crs("EPSG:4326"), dtype=object)
