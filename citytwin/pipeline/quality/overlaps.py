"""Buildings that stand on one another's ground."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Ints
from citytwin.pipeline.values import Values

#: Overlaps below are what rounding of coordinates leaves between neighbours [m²].
LEAST_OVERLAP = 1.0
#: Share of their common ground from which two outlines are one building drawn twice.
SAME_PLACE = 0.9
#: Overlaps that are listed with their ids, the largest first.
MOST_LISTED = 1000
#: Buildings looked at in one go: bounds the memory.
_BATCH = 100_000


def overlaps(outlines: NDArray[Any], names: NDArray[Any]) -> Values:
    """Pairs of buildings that overlap.

    Parameters
    ----------
    outlines
        (p,) valid polygons in the city's plane [m].
    names
        (p,) names of the buildings in their sources.

    Returns
    -------
    ``table``: the largest pairs with first and second (ids from one), first_source,
    second_source, area [m²], share (of the ground that either covers); ``figures``: pairs,
    area [m²] and same_place (pairs that share nearly all of it), of all pairs.
    """
    first, second = _near_pairs(outlines)
    area = shapely.area(shapely.intersection(outlines[first], outlines[second]))
    real = area >= LEAST_OVERLAP
    first, second, area = first[real], second[real], area[real]
    together = shapely.area(outlines[first]) + shapely.area(outlines[second]) - area
    share = np.minimum(area / together, 1.0)
    order = np.lexsort((second, first, -area))[:MOST_LISTED]
    listed = pd.DataFrame(
        {
            "first": first[order] + 1,
            "second": second[order] + 1,
            "first_source": pd.Series(names[first[order]], dtype=str),
            "second_source": pd.Series(names[second[order]], dtype=str),
            "area": area[order],
            "share": share[order],
        }
    )
    figures = {
        "pairs": len(area),
        "area": float(area.sum()),
        "same_place": int((share >= SAME_PLACE).sum()),
        "same_place_area": float(area[share >= SAME_PLACE].sum()),
    }
    return {"table": listed, "figures": figures}


def _near_pairs(outlines: NDArray[Any]) -> tuple[Ints, Ints]:
    """Pairs, each once, that touch and whose boxes share enough ground."""
    box = shapely.bounds(outlines).reshape(-1, 4)
    tree = shapely.STRtree(outlines)
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for start in range(0, len(outlines), _BATCH):
        batch = outlines[start : start + _BATCH]
        first, second = tree.query(batch, predicate="intersects")
        first = first + start
        once = first < second
        first, second = first[once], second[once]
        enough = _shared_box(box, first, second)
        firsts.append(first[enough].astype(np.int64))
        seconds.append(second[enough].astype(np.int64))
    return np.concatenate(firsts), np.concatenate(seconds)


def _shared_box(box: NDArray[np.float64], first: Ints, second: Ints) -> Bools:
    """Whether the boxes of pairs share at least ``LEAST_OVERLAP``: no pair can share more."""
    low = np.maximum(box[first, :2], box[second, :2])
    high = np.minimum(box[first, 2:], box[second, 2:])
    return np.asarray(np.prod(np.clip(high - low, 0.0, None), axis=1) >= LEAST_OVERLAP)
