"""How far the rubble of a building reaches into the street.

Table 7 of Advances in Civil Engineering 2020, 7034517, doi:10.1155/2020/7034517: the width of the
rubble beside the wall as a share of the height, less for tall buildings. The weight of rubble is not
computed: Hazus's weights were not at hand.
"""

from functools import lru_cache
from typing import Literal

import numpy as np

from citytwin.arrays import Floats
from citytwin.tables import number, read_rows, table_path

Side = Literal["long", "short"]


@lru_cache(maxsize=4)
def _shares(side: str) -> tuple[Floats, Floats]:
    path = table_path("hazus_debris_width.csv")
    rows = read_rows(path, ("height", "long_side", "short_side", "verified"))
    columns = ([number(row, name, path) for row in rows] for name in ("height", f"{side}_side"))
    height, share = (np.array(column) for column in columns)
    return height, share


def debris_reach(height: Floats, collapse: Floats | float = 1.0, *, side: Side = "long") -> Floats:
    """(b,) width of the rubble beside a building's wall [m].

    Parameters
    ----------
    height
        (b,) height of the building [m].
    collapse
        (b,) 1 where it collapses and 0 where not; a probability gives the expected width.
    side
        Which side of the building faces the street; the long one throws rubble farther.
    """
    return np.asarray(collapse * height * np.interp(height, *_shares(side)))
