"""Fires that start after an earthquake: SPA Risk 2009, updated ignition equation for Hazus."""

from functools import lru_cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.earthquake.bssa14 import GRAVITY
from citytwin.tables import number, read_rows, table_path

#: A million square feet [m²].
_MILLION_FT2 = 1e6 * 0.3048**2
_HOUR = 3600.0


@lru_cache(maxsize=4)
def _coefficients() -> dict[str, float]:
    path = table_path("hazus_ignition.csv")
    rows = read_rows(path, ("coefficient", "value", "verified"))
    return {row["coefficient"]: number(row, "value", path) for row in rows}


@lru_cache(maxsize=4)
def _times() -> tuple[Floats, Floats]:
    path = table_path("hazus_ignition_times.csv")
    rows = read_rows(path, ("hours", "share", "verified"))
    hours, share = (np.array([number(r, name, path) for r in rows]) for name in ("hours", "share"))
    return hours * _HOUR, share


def expected_ignitions(pga: Floats, floor_area: Floats) -> Floats:
    """(b,) expected number of fires that need the fire brigade.

    Parameters
    ----------
    pga
        (b,) peak ground acceleration [m/s²].
    floor_area
        (b,) floor area of all storeys [m²].
    """
    part = pga / GRAVITY
    rate = _coefficients()["a"] * part**2 + _coefficients()["b"] * part
    return np.asarray(np.maximum(rate, 0.0) * floor_area / _MILLION_FT2)


def ignition_times(expected: Floats, seed: int) -> Floats:
    """(b,) time of the first fire in each building after the earthquake [s]; infinite without one.

    Fires come as a Poisson process whose mean count by a time follows the table of starting times.

    Parameters
    ----------
    expected
        (b,) expected number of fires.
    seed
        Seed; the same building has the same luck whatever the shaking.
    """
    waits = np.random.default_rng([seed, 3]).standard_exponential(expected.size)
    times, share = _times()
    lit = waits < expected
    part = np.where(lit, waits / np.where(lit, expected, 1.0), 0.0)
    return np.where(lit, np.interp(part, share, times), np.inf)
