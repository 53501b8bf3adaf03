"""Shortest lines between the outlines of buildings."""

from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints

#: Square of the distance of corners from edges within which edges may cross [m²].
_OVERLAP = 100.0


def corners_of(outlines: NDArray[Any], count: int) -> tuple[Floats, Ints]:
    """Corners of all outlines, and the (b + 1,) first one of each.

    A corner that is not a number ends each ring, so that no edge joins two.
    """
    pieces, whole = shapely.get_parts(outlines, return_index=True)
    rings, piece = shapely.get_rings(pieces, return_index=True)
    owner = whole[piece]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corner = np.full((len(points) + len(rings), 2), np.nan)
    place = np.arange(len(points)) + ring
    corner[place] = points
    begin = np.searchsorted(ring, np.arange(len(rings))) + np.arange(len(rings))
    begin = np.append(begin, len(corner))
    first = np.searchsorted(owner, np.arange(count + 1))
    return corner, begin[first].astype(np.int64)


@njit(cache=True, nogil=True)
def shortest_lines(
    source: Ints, target: Ints, corner: Floats, part: Ints, far: Floats, line: Floats
) -> Bools:
    """Shortest line between the edges of each pair; says which are near enough."""
    near = np.zeros(source.size, dtype=np.bool_)
    for k in range(source.size):
        i, j = source[k], target[k]
        best = _ahead(corner, part, i, j, far[i] * far[i], line, k, 0)
        best = min(best, _ahead(corner, part, j, i, best, line, k, 2))
        if best < far[i] * far[i]:
            near[k] = True
            if best < _OVERLAP and _overlap(corner, part, i, j):
                line[k, 2], line[k, 3] = line[k, 0], line[k, 1]
    return near


@njit(cache=True, nogil=True)
def _ahead(
    corner: Floats, part: Ints, i: int, j: int, best: float, line: Floats, k: int, at: int
) -> float:
    """Square of the least distance from corners of one building to edges of another, if below."""
    for b in range(part[j], part[j + 1] - 1):
        x, y = corner[b, 0], corner[b, 1]
        ux, uy = corner[b + 1, 0] - x, corner[b + 1, 1] - y
        whole = ux * ux + uy * uy
        if whole <= 0.0:
            continue
        for a in range(part[i], part[i + 1]):
            px, py = corner[a, 0] - x, corner[a, 1] - y
            along = min(max((px * ux + py * uy) / whole, 0.0), 1.0)
            dx, dy = px - along * ux, py - along * uy
            square = dx * dx + dy * dy
            if square < best:
                best = square
                line[k, at], line[k, at + 1] = corner[a, 0], corner[a, 1]
                line[k, 2 - at], line[k, 3 - at] = x + along * ux, y + along * uy
    return best


@njit(cache=True, nogil=True)
def _overlap(corner: Floats, part: Ints, i: int, j: int) -> bool:
    """Whether edges of two buildings cross."""
    for a in range(part[i], part[i + 1] - 1):
        for b in range(part[j], part[j + 1] - 1):
            one = _side(corner, a, b) * _side(corner, a, b + 1)
            two = _side(corner, b, a) * _side(corner, b, a + 1)
            if one < 0.0 and two < 0.0:
                return True
    return False


@njit(cache=True, nogil=True)
def _side(corner: Floats, edge: int, point: int) -> float:
    """Above 0 where a corner lies to the left of the edge that begins at another."""
    ux, uy = corner[edge + 1, 0] - corner[edge, 0], corner[edge + 1, 1] - corner[edge, 1]
    vx, vy = corner[point, 0] - corner[edge, 0], corner[point, 1] - corner[edge, 1]
    return float(ux * vy - uy * vx)
