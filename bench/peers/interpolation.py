"""Depth at fixed points from cells that lie on no raster; needs SciPy."""

from collections.abc import Callable

import numpy as np
from scipy.spatial import Delaunay


def linear(x, y, points) -> Callable:
    """Linear interpolation from (n,) centres to (k, 2) points."""
    points = np.asarray(points, float).reshape(-1, 2)
    if not points.size:
        return lambda _: np.zeros(0)
    reach = 12.0 * np.sqrt((np.ptp(x) * np.ptp(y)) / x.size)
    near = np.zeros(x.size, bool)
    for east, north in points:
        near |= (np.abs(x - east) < reach) & (np.abs(y - north) < reach)
    places = np.nonzero(near)[0]
    triangles = Delaunay(np.column_stack([x[near], y[near]]))
    found = triangles.find_simplex(points)
    to = triangles.transform[found]
    part = np.einsum("ijk,ik->ij", to[:, :2], points - to[:, 2])
    weights = np.column_stack([part, 1.0 - part.sum(axis=1)])
    corners = places[triangles.simplices[found]]
    return lambda values: (values[corners] * weights).sum(axis=1)
