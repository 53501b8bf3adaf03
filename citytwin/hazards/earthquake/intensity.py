"""Macroseismic intensity by ground motion: Worden, Gerstenberger, Rhoades & Wald 2012.

doi:10.1785/0120110156; coefficients in data/tables/mmi_coefficients.csv.
"""

from functools import lru_cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.tables import number, read_rows, table_path

_COLUMNS = ("a1", "b1", "x1", "a2", "b2", "x2", "a3", "b3")
#: Least and greatest intensity that the relation gives.
LEAST, GREATEST = 1.0, 10.0


@lru_cache(maxsize=4)
def _rows() -> dict[str, tuple[float, ...]]:
    path = table_path("mmi_coefficients.csv")
    return {
        row["measure"]: tuple(number(row, name, path) for name in _COLUMNS)
        for row in read_rows(path, ("measure", *_COLUMNS))
    }


def intensity_by(measure: str, value: Floats) -> Floats:
    """(n,) modified Mercalli intensity, 1 to 10.

    Parameters
    ----------
    measure
        ``pga``, ``pgv``, ``sa03``, ``sa10`` or ``sa30``.
    value
        (n,) that motion [m/s² or m/s].
    """
    a1, b1, x1, a2, b2, x2, a3, b3 = _rows()[measure]
    x = np.log10(np.maximum(value, 1e-12) * 100.0)
    low, middle, high = a1 + b1 * x, a2 + b2 * x, a3 + b3 * x
    return np.clip(np.where(x < x1, low, np.where(x < x2, middle, high)), LEAST, GREATEST)


def intensity_of(pga: Floats, pgv: Floats) -> Floats:
    """(n,) modified Mercalli intensity: the mean of those by PGA [m/s²] and by PGV [m/s]."""
    return 0.5 * (intensity_by("pga", pga) + intensity_by("pgv", pgv))
