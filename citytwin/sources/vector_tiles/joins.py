"""Make whole again what tile edges cut: polygons by shared sides, lines by shared end points.

Input are features in world pixels with the tiles' buffers on. Each is clipped to its own tile, then
pieces on both sides of an edge that meet there and have the same attributes become one.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from citytwin.arrays import Bools, Floats, Ints
from citytwin.sources.vector_tiles.decode import EXTENT, Features

#: Two pieces meet if their ends on the edge lie this near [pixels]; rounding moves them by one.
NEAR = 2.0


@dataclass(frozen=True, eq=False)
class Pieces:
    """Parts of features inside their tiles.

    Attributes
    ----------
    geometry
        (n,) geometries in world pixels.
    tile
        (n, 2) column and row of the tile.
    key
        (n,) attributes; only pieces with equal ones are joined.
    """

    geometry: NDArray[Any]
    tile: Ints
    key: Sequence[Hashable]


def clip(features: Features, key: Callable[[dict[str, Any]], Hashable], dimension: int) -> Pieces:
    """Clip each feature to its own tile and split it into simple parts.

    Parameters
    ----------
    features
        Features of one layer.
    key
        Attributes of a feature that its pieces share.
    dimension
        Parts to keep: 0 points, 1 lines, 2 polygons.
    """
    corner = features.tile.astype(np.float64) * EXTENT
    boxes = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + EXTENT, corner[:, 1] + EXTENT)
    geometry = features.geometry
    if dimension == 2:
        geometry = np.where(shapely.is_valid(geometry), geometry, shapely.make_valid(geometry))
    inside = shapely.within(geometry, boxes)
    geometry = np.where(inside, geometry, shapely.intersection(geometry, boxes))
    parts, owner = shapely.get_parts(geometry, return_index=True)
    nested = shapely.get_type_id(parts) >= 4
    if nested.any():
        deeper, index = shapely.get_parts(parts, return_index=True)
        parts, owner = deeper, owner[index]
    keep = (shapely.get_dimensions(parts) == dimension) & ~shapely.is_empty(parts)
    parts, owner = parts[keep], owner[keep]
    keep = _in_own_tile(parts, corner[owner]) if dimension == 0 else _has_size(parts, dimension)
    keys = [key(properties) for properties in features.properties]
    return Pieces(parts[keep], features.tile[owner[keep]], [keys[i] for i in owner[keep]])


def _has_size(parts: NDArray[Any], dimension: int) -> Bools:
    size = shapely.length(parts) if dimension == 1 else shapely.area(parts)
    return np.asarray(size > 1e-6)


def _in_own_tile(points: NDArray[Any], corner: Floats) -> Bools:
    """A point on an edge belongs to the tile that lies east or south of it, so never to two."""
    place = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1) - corner
    return np.asarray(((place >= 0.0) & (place < EXTENT)).all(axis=1))


def join_polygons(pieces: Pieces) -> tuple[NDArray[Any], list[Hashable]]:
    """Join polygons that share a side on a tile edge and have the same attributes.

    Returns
    -------
    geometry
        (m,) polygons in world pixels, in no particular order.
    key
        (m,) their attributes.
    """
    pairs: list[tuple[int, int]] = []
    for axis in (0, 1):
        for edge in _inner_edges(pieces.tile[:, axis]):
            before = _sides_on_edge(pieces, axis, edge, side=-1)
            after = _sides_on_edge(pieces, axis, edge, side=0)
            pairs += _same_stretch(before, after, pieces.key)
    return _merge(pieces, pairs, shapely.union_all)


def _inner_edges(places: Ints) -> list[int]:
    return list(range(int(places.min()) + 1, int(places.max()) + 1)) if places.size else []


def _sides_on_edge(pieces: Pieces, axis: int, edge: int, side: int) -> tuple[Ints, Floats]:
    """Pieces of the tiles on one side of an edge, and the stretches of the edge that they touch.

    Returns
    -------
    item
        (s,) position of the piece.
    stretch
        (s, 2) from and to along the edge [pixels].
    """
    line = float(edge * EXTENT)
    bounds = shapely.bounds(pieces.geometry)
    touches = bounds[:, axis + 2] == line if side else bounds[:, axis] == line
    item = np.flatnonzero((pieces.tile[:, axis] == edge + side) & touches)
    far = 2.0**31 * EXTENT
    ends = [(line, -far), (line, far)] if axis == 0 else [(-far, line), (far, line)]
    cut = shapely.intersection(pieces.geometry[item], shapely.LineString(ends))
    parts, owner = shapely.get_parts(cut, return_index=True)
    lines = shapely.get_dimensions(parts) == 1
    box = shapely.bounds(parts[lines])
    along = 1 - axis
    return item[owner[lines]], box[:, [along, along + 2]]


def _same_stretch(
    before: tuple[Ints, Floats], after: tuple[Ints, Floats], key: Sequence[Hashable]
) -> list[tuple[int, int]]:
    """Pairs of pieces whose stretches of the edge are the same but for rounding."""
    low = np.maximum(before[1][:, None, 0], after[1][None, :, 0])
    high = np.minimum(before[1][:, None, 1], after[1][None, :, 1])
    shared = high - low
    longest = np.maximum(np.ptp(before[1], axis=1)[:, None], np.ptp(after[1], axis=1)[None, :])
    rows, columns = np.nonzero((shared > 0.0) & (shared >= longest - 2.0 * NEAR))
    pairs = zip(before[0][rows].tolist(), after[0][columns].tolist(), strict=True)
    half = shared[rows, columns] > 0.5 * longest[rows, columns]
    return [(a, b) for (a, b), fits in zip(pairs, half, strict=True) if fits and key[a] == key[b]]


def _merge(
    pieces: Pieces, pairs: list[tuple[int, int]], unite: Callable[[NDArray[Any]], Any]
) -> tuple[NDArray[Any], list[Hashable]]:
    """Unite the pieces that pairs connect, however many there are in a chain."""
    count = len(pieces.geometry)
    if not count:
        return np.empty(0, dtype=object), []
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    total, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    first = np.searchsorted(label[order], np.arange(total))
    groups = np.split(order, first[1:])
    geometry = np.empty(total, dtype=object)
    for number, group in enumerate(groups):
        parts = pieces.geometry[group]
        geometry[number] = parts[0] if len(group) == 1 else unite(parts)
    return geometry, [pieces.key[int(group[0])] for group in groups]


def join_lines(pieces: Pieces) -> tuple[NDArray[Any], list[Hashable]]:
    """Join lines that end at the same point of a tile edge and have the same attributes.

    Returns
    -------
    geometry
        (m,) lines in world pixels that keep their direction, in no particular order.
    key
        (m,) their attributes.
    """
    pairs: list[tuple[int, int]] = []
    geometry = pieces.geometry.copy()
    for axis in (0, 1):
        for edge in _inner_edges(pieces.tile[:, axis]):
            before = _ends_on_edge(pieces, geometry, axis, edge, side=-1)
            after = _ends_on_edge(pieces, geometry, axis, edge, side=0)
            for one, other in _nearest_ends(before, after, pieces.key):
                pairs.append((one[0], other[0]))
                moved = _moved_end(geometry[other[0]], other[1], geometry[one[0]], one[1])
                geometry[other[0]] = moved
    return _merge(Pieces(geometry, pieces.tile, pieces.key), pairs, _chain)


def _ends_on_edge(
    pieces: Pieces, geometry: NDArray[Any], axis: int, edge: int, side: int
) -> list[tuple[int, int, float]]:
    """Line ends on an edge: position of the line, which end (0 or −1), place along the edge."""
    found: list[tuple[int, int, float]] = []
    for end in (0, -1):
        points = shapely.get_point(geometry, end)
        place = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1)
        on = (pieces.tile[:, axis] == edge + side) & (place[:, axis] == edge * EXTENT)
        found += [(int(i), end, float(place[i, 1 - axis])) for i in np.flatnonzero(on)]
    return found


def _nearest_ends(
    before: list[tuple[int, int, float]],
    after: list[tuple[int, int, float]],
    key: Sequence[Hashable],
) -> list[tuple[tuple[int, int, float], tuple[int, int, float]]]:
    """Pairs of ends that meet, nearest first, each end used once."""
    meetings = sorted(
        (abs(one[2] - other[2]), one, other)
        for one in before
        for other in after
        if key[one[0]] == key[other[0]] and abs(one[2] - other[2]) <= NEAR
    )
    used: set[tuple[int, tuple[int, int, float]]] = set()
    pairs = []
    for _, one, other in meetings:
        if (0, one) not in used and (1, other) not in used:
            used |= {(0, one), (1, other)}
            pairs.append((one, other))
    return pairs


def _moved_end(line: Any, end: int, target: Any, target_end: int) -> Any:
    """The line with one end put exactly on the end of another."""
    points = shapely.get_coordinates(line)
    points[end] = shapely.get_coordinates(target)[target_end]
    return shapely.LineString(points)


def _chain(parts: NDArray[Any]) -> Any:
    """Lines end to end as one; in one direction if they agree on it."""
    together = shapely.multilinestrings(parts)
    directed = shapely.line_merge(together, directed=True)
    return directed if directed.geom_type == "LineString" else shapely.line_merge(together)
