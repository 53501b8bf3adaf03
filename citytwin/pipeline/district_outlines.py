"""Make the districts of one level disjoint, and find the holes between them."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints

#: Overlaps and holes smaller than this are rounding of an outline [m²].
SLIVER = 1.0
#: Overlaps that are named one by one.
MOST_NAMED = 5


def disjoint(outlines: NDArray[Any], names: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    """Districts without overlap, and what was wrong with them.

    Where two overlap, the smaller one keeps the ground; of two of one size, the first.

    Parameters
    ----------
    outlines
        (d,) valid polygons in the plane [m], possibly empty.
    names
        (d,) names of the districts, for the sentences.
    """
    rank = np.empty(len(outlines), dtype=np.int64)
    rank[np.argsort(shapely.area(outlines), kind="stable")] = np.arange(len(outlines))
    keeps, gives, overlap = _overlaps(outlines, rank)
    ground = outlines.copy()
    for loser in np.unique(gives):
        taken = shapely.union_all(outlines[keeps[gives == loser]])
        ground[loser] = shapely.difference(outlines[loser], taken)
    return ground, _overlap_words(names, keeps, gives, overlap) + _hole_words(outlines)


def _overlaps(outlines: NDArray[Any], rank: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs of districts that overlap: who keeps the ground, who gives it, how much [m²]."""
    one, other = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    first = rank[one] < rank[other]
    keeps, gives = one[first].astype(np.int64), other[first].astype(np.int64)
    overlap = shapely.area(shapely.intersection(outlines[keeps], outlines[gives]))
    real = overlap > 0.0
    return keeps[real], gives[real], np.asarray(overlap[real], dtype=np.float64)


def _overlap_words(names: NDArray[Any], keeps: Ints, gives: Ints, overlap: Floats) -> list[str]:
    large = np.flatnonzero(overlap > SLIVER)
    large = large[np.argsort(-overlap[large], kind="stable")]
    words = [
        f"'{names[keeps[k]]}' and '{names[gives[k]]}' overlap by {overlap[k]:,.0f} m², which count "
        f"for '{names[keeps[k]]}', the smaller"
        for k in large[:MOST_NAMED]
    ]
    rest = large[MOST_NAMED:]
    if rest.size:
        words.append(f"{rest.size} more overlaps of {overlap[rest].sum():,.0f} m² in all")
    return words


def _hole_words(outlines: NDArray[Any]) -> list[str]:
    """Sentence about ground that districts enclose and none covers."""
    union = shapely.union_all(outlines)
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    if not rings:
        return []
    holes = shapely.area(shapely.difference(shapely.polygons(rings), union))
    large = holes[holes > SLIVER]
    words = f"holes between districts: {large.size}, of {large.sum():,.0f} m² in all"
    return [words] if large.size else []
