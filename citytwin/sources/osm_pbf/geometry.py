"""Geometry of OpenStreetMap objects: rings, points inside, the box, the 180th meridian."""

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools
from citytwin.city.schema import LINE
from citytwin.sources.base import Box

Geometries = NDArray[np.object_]


def from_wkb(wkb: list[str], dimension: int) -> Geometries:
    """Geometries of hexadecimal WKB.

    Parameters
    ----------
    wkb
        Points, closed lines of four vertices or more, or areas.
    dimension
        Where it is not of lines, closed lines become polygons, be they valid or not.
    """
    found = np.empty(len(wkb), dtype=object)
    found[:] = shapely.from_wkb(np.array(wkb, dtype=object))
    rings = shapely.get_type_id(found) == shapely.GeometryType.LINESTRING
    if dimension != LINE and rings.any():
        points, index = shapely.get_coordinates(found[rings], return_index=True)
        found[rings] = shapely.polygons(shapely.linearrings(points, indices=index))
    return found


def in_box(geometry: Geometries, box: Box) -> tuple[Geometries, Bools]:
    """Geometries and which of them may meet a box; those across the 180th meridian are cut there.

    What is wider than half the world is taken to cross that meridian.
    """
    west, south, east, north = box
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    wide = bounds[:, 2] - bounds[:, 0] > 180.0
    meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    meets &= (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    if wide.any():
        geometry = geometry.copy()
        geometry[wide] = cut_at_antimeridian(geometry[wide])
        meets[wide] = shapely.intersects(geometry[wide], shapely.box(*box))
    return geometry, meets


def cut_at_antimeridian(geometry: Geometries) -> Geometries:
    """Geometries that jump from one edge of the map to the other, cut into a part on each side."""
    unrolled = shapely.transform(geometry, _unroll)
    flat = shapely.get_dimensions(unrolled) == 2
    unrolled[flat] = shapely.make_valid(unrolled[flat])
    west_side = shapely.intersection(unrolled, shapely.box(180.0, -90.0, 540.0, 90.0))
    east_side = shapely.intersection(unrolled, shapely.box(-180.0, -90.0, 180.0, 90.0))
    return np.asarray(
        shapely.union(east_side, shapely.transform(west_side, _back)), dtype=object
    ).reshape(len(geometry))


def _unroll(points: NDArray[np.float64]) -> NDArray[np.float64]:
    east = np.where(points[:, 0] < 0.0, points[:, 0] + 360.0, points[:, 0])
    return np.column_stack([east, points[:, 1]])


def _back(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([points[:, 0] - 360.0, points[:, 1]])


def points_of(geometry: Geometries) -> Geometries:
    """Points as they are, areas by a point inside."""
    found = geometry.copy()
    areas = shapely.get_type_id(found) != shapely.GeometryType.POINT
    whole = found[areas]
    broken = ~shapely.is_valid(whole)
    whole[broken] = shapely.make_valid(whole[broken])
    found[areas] = shapely.point_on_surface(whole)
    return found
