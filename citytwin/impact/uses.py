"""What buildings are used for, from the kinds that their source gives."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citytwin.impact.exposure import Exposure
from citytwin.tables import read_rows, table_path

#: Uses that a building can have.
USES = ("residential", "commercial", "industrial", "school", "empty")


@lru_cache(maxsize=1)
def _by_kind() -> dict[str, str]:
    rows = read_rows(table_path("building_uses.csv"), ("kind", "use", "verified"))
    return {row["kind"]: row["use"] for row in rows}


#: Use whose values and curves stand for each use: nobody publishes those of schools and garages.
PRICED = {
    "residential": "residential",
    "commercial": "commercial",
    "industrial": "industrial",
    "school": "commercial",
    "empty": "industrial",
}


def priced_uses(exposure: Exposure) -> NDArray[Any]:
    """(b,) use whose values and curves stand for that of each building."""
    return np.array([PRICED[word] for word in uses(exposure).tolist()], dtype=object)


def uses(exposure: Exposure) -> NDArray[Any]:
    """(b,) use of each building, one of ``USES``: residential where half of it or more is homes."""
    known = _by_kind()
    kinds, number = np.unique(exposure.buildings.kind.astype(str), return_inverse=True)
    by_kind = np.array([known.get(kind, known["*"]) for kind in kinds], dtype=object)
    if not kinds.size:
        return np.empty(0, dtype=object)
    return np.where(exposure.home_share >= 0.5, "residential", by_kind[number])
