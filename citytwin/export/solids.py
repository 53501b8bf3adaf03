"""Footprints to blocks: quantised vertices, and faces that point outwards."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from citytwin.arrays import Floats, Ints

#: Size of a step of the quantised coordinates [m].
STEP = 0.001

Face = list[list[int]]


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks over footprints, with vertices that neighbours share.

    Attributes
    ----------
    vertices
        (m, 3) integer coordinates in steps of ``STEP`` from ``origin``.
    origin
        (3,) point from which they count [m].
    shells
        For each block its faces: ground, roof, walls; each face is a shell and its holes.
    item
        For each block the footprint that it stands on.
    dropped
        Footprints of which no area was left after quantising.
    """

    vertices: Ints
    origin: tuple[float, float, float]
    shells: list[list[Face]]
    item: list[int]
    dropped: list[int]


@dataclass(frozen=True, eq=False)
class _Rings:
    """Rings without their closing point: coordinates in steps, and what each belongs to."""

    points: Ints
    start: Ints
    polygon: Ints
    hole: Ints


def blocks(footprints: Floats, bottom: Floats, top: Floats) -> Blocks:
    """Blocks over polygons.

    Parameters
    ----------
    footprints
        (n,) polygons or multipolygons in a plane [m]; each polygon becomes a block of its own.
    bottom, top
        (n,) heights of the lower and the upper face [m].
    """
    parts, item = shapely.get_parts(shapely.orient_polygons(footprints), return_index=True)
    bounds = shapely.total_bounds(footprints) if len(parts) else np.zeros(4)
    low = float(np.floor(bottom.min())) if len(bottom) else 0.0
    origin = (float(np.floor(bounds[0])), float(np.floor(bounds[1])), low)
    rings = _rings(parts, origin)
    below = np.round((bottom - low) / STEP).astype(np.int64)[item]
    above = np.round((top - low) / STEP).astype(np.int64)[item]
    above = np.maximum(above, below + 1)
    length = np.diff(rings.start)
    owner = np.repeat(rings.polygon, length)
    lower = np.column_stack([rings.points, below[owner]])
    upper = np.column_stack([rings.points, above[owner]])
    vertices, number = np.unique(np.concatenate([lower, upper]), axis=0, return_inverse=True)
    number = number.reshape(2, -1)
    shells, kept = [], []
    for part, shell in _shells(rings, number[0].tolist(), number[1].tolist()):
        shells.append(shell)
        kept.append(int(item[part]))
    dropped = sorted(set(range(len(footprints))) - set(kept))
    return Blocks(vertices, origin, shells, kept, dropped)


def _rings(parts: Floats, origin: tuple[float, float, float]) -> _Rings:
    """Rings of polygons in steps, without points that became equal to the one before.

    A ring of less than three points is dropped; with its shell, so are a polygon's holes.
    """
    lines, polygon = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(lines, return_index=True)
    steps = np.round((points - np.array(origin[:2])) / STEP).astype(np.int64)
    first = np.r_[True, ring[1:] != ring[:-1]] if len(ring) else np.zeros(0, bool)
    same = np.r_[False, (steps[1:] == steps[:-1]).all(axis=1)] if len(ring) else first
    # The closing point of a ring repeats its first, which stays.
    closing = np.r_[first[1:], True] if len(ring) else first
    keep = ~closing & ~(same & ~first)
    keep &= ~_repeats_first(steps, ring, keep)
    hole = np.r_[False, polygon[1:] == polygon[:-1]] if len(polygon) else np.zeros(0, bool)
    count = np.bincount(ring[keep], minlength=len(lines))
    good = count >= 3
    lost = np.isin(polygon, polygon[~good & ~hole])
    good &= ~lost
    keep &= good[ring] if len(ring) else keep
    start = np.r_[0, np.cumsum(count[good])]
    return _Rings(steps[keep], start, polygon[good], hole[good].astype(np.int64))


def _repeats_first(steps: Ints, ring: Ints, keep: Ints) -> Ints:
    """Last kept points of rings that, once quantised, equal the ring's first."""
    index = np.flatnonzero(keep)
    result = np.zeros(len(keep), dtype=bool)
    if not index.size:
        return result
    owner = ring[index]
    last = index[np.r_[owner[1:] != owner[:-1], True]]
    first = index[np.r_[True, owner[1:] != owner[:-1]]]
    result[last] = (steps[last] == steps[first]).all(axis=1) & (last != first)
    return result


def _shells(rings: _Rings, lower: list[int], upper: list[int]) -> Iterator[tuple[int, list[Face]]]:
    """Faces of each block: the ground looks down, the roof up, walls away from the inside."""
    start, polygon = rings.start.tolist(), rings.polygon.tolist()
    ring = 0
    while ring < len(polygon):
        part, ground, roof, walls = polygon[ring], [], [], []
        while ring < len(polygon) and polygon[ring] == part:
            one, end = start[ring], start[ring + 1]
            below, above = lower[one:end], upper[one:end]
            ground.append(below[::-1])
            roof.append(above)
            walls += [[[below[i - 1], below[i], above[i], above[i - 1]]] for i in range(len(below))]
            ring += 1
        yield part, [ground, roof, *walls]
