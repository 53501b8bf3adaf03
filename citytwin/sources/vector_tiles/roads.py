"""Streets from vector tiles: split where they meet, and named from the label layer.

The tiles merge all streets of one class into one feature without a name; the names lie on separate
label lines along the same streets. Street ends on another street are kept as crossings, so that one
street segment runs from crossing to crossing.
"""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Ints

#: A label belongs to a street that runs within this distance of it [pixels].
NEAR = 4.0
#: A crossing this near an end of a street does not split it [pixels].
_END = 0.5


def split_at_crossings(lines: NDArray[Any], level: Ints) -> tuple[NDArray[Any], Ints]:
    """Cut lines where others of the same level cross or touch them.

    Parameters
    ----------
    lines
        (n,) lines.
    level
        (n,) layer of the street: bridges and tunnels do not meet the streets they cross.

    Returns
    -------
    segments
        (m,) pieces of the lines, in order along each.
    owner
        (m,) position of the line that each came from.
    """
    cuts = _crossings(lines, level)
    segments: list[Any] = []
    owner: list[int] = []
    for number, line in enumerate(lines):
        pieces = _cut(line, cuts.get(number, []))
        segments += pieces
        owner += [number] * len(pieces)
    return np.array(segments, dtype=object), np.array(owner, dtype=np.int64)


def _crossings(lines: NDArray[Any], level: Ints) -> dict[int, list[float]]:
    """Distances along each line at which it is to be cut."""
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    keep = (one < other) & (level[one] == level[other])
    one, other = one[keep], other[keep]
    meeting = shapely.intersection(lines[one], lines[other])
    points, pair = shapely.get_parts(meeting, return_index=True)
    on = shapely.get_dimensions(points) == 0
    points, pair = points[on], pair[on]
    cuts: dict[int, list[float]] = defaultdict(list)
    for number in (one[pair], other[pair]):
        along = shapely.line_locate_point(lines[number], points)
        for i, distance in zip(number.tolist(), along.tolist(), strict=True):
            cuts[i].append(distance)
    return cuts


def _cut(line: Any, distances: list[float]) -> list[Any]:
    """Pieces of a line between distances along it."""
    inner = sorted({d for d in distances if _END < d < line.length - _END})
    if not inner:
        return [line]
    points = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    pieces = []
    for start, stop in pairwise([0.0, *inner, float(along[-1])]):
        middle = points[(along > start + 1e-9) & (along < stop - 1e-9)]
        ends = np.stack([np.interp([start, stop], along, points[:, k]) for k in (0, 1)], axis=1)
        pieces.append(shapely.LineString(np.vstack([ends[:1], middle, ends[1:]])))
    return pieces


def names_along(
    segments: NDArray[Any], labels: NDArray[Any], names: list[str]
) -> NDArray[np.object_]:
    """Name of each segment: that of the label line with most of the segment along it.

    Parameters
    ----------
    segments
        (n,) street segments.
    labels
        (k,) label lines.
    names
        (k,) their names.

    Returns
    -------
    (n,) names; empty where no label runs along at least half of the segment.
    """
    result = np.full(len(segments), "", dtype=object)
    if not len(labels):
        return result
    near = shapely.buffer(labels, NEAR, cap_style="flat")
    label, segment = shapely.STRtree(segments).query(near, predicate="intersects")
    shared = shapely.length(shapely.intersection(near[label], segments[segment]))
    most: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for number, of_label, length in zip(
        segment.tolist(), label.tolist(), shared.tolist(), strict=True
    ):
        most[number][names[of_label]] += length
    whole = shapely.length(segments)
    for number, candidates in most.items():
        name, length = max(candidates.items(), key=lambda item: (item[1], item[0]))
        if length >= 0.5 * whole[number]:
            result[number] = name
    return result
