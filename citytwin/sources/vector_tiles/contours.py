"""Contour lines from the contour polygons of mapbox-terrain tiles.

A contour feature is the area at or above a height; its rings are contour lines, except where they
run along the line at which the tile was cut. Lines are given the higher ground on their left, so
that a closed line that runs clockwise goes round a hollow.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats
from citytwin.sources.vector_tiles.decode import EXTENT, Features
from citytwin.sources.vector_tiles.joins import Pieces, join_lines

#: How far beside a line the side with higher ground is looked up [pixels].
_BESIDE = 0.05


def contour_lines(features: Features, attribute: str = "ele") -> tuple[NDArray[Any], Floats]:
    """Contour lines, whole across tile edges.

    Parameters
    ----------
    features
        Contour polygons with the tiles' buffers on.
    attribute
        Attribute that holds the height.

    Returns
    -------
    lines
        (m,) lines in world pixels, higher ground on the left as seen on a map with north up.
    elevation
        (m,) height of each [m].
    """
    corner = features.tile.astype(np.float64) * EXTENT
    boxes = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + EXTENT, corner[:, 1] + EXTENT)
    valid = shapely.make_valid(features.geometry)
    rings = shapely.boundary(valid)
    inside = shapely.difference(shapely.intersection(rings, boxes), shapely.boundary(boxes))
    parts, owner = shapely.get_parts(shapely.line_merge(inside), return_index=True)
    keep = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 1e-6)
    parts, owner = parts[keep], owner[keep]
    parts = np.where(_higher_on_left(parts, valid[owner]), parts, shapely.reverse(parts))
    height = [float(properties[attribute]) for properties in features.properties]
    keys = [height[i] for i in owner]
    lines, elevation = join_lines(Pieces(parts, features.tile[owner], keys))
    return lines, np.array(elevation, dtype=np.float64)


def _higher_on_left(lines: NDArray[Any], area: NDArray[Any]) -> Bools:
    """(m,) whether the area lies to the left of each line, with y to the south."""
    beside = np.array([_beside_longest_segment(line) for line in lines]).reshape(-1, 2)
    return np.asarray(shapely.intersects_xy(area, beside[:, 0], beside[:, 1]))


def _beside_longest_segment(line: Any) -> Floats:
    """A point just left of the middle of the longest segment, with y to the south."""
    points = shapely.get_coordinates(line)
    step = np.diff(points, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    longest = int(np.argmax(length))
    along = step[longest] / length[longest]
    left = np.array([along[1], -along[0]])
    return np.asarray(points[longest] + step[longest] / 2 + _BESIDE * left)
