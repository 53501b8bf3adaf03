"""From toxic load to zones: which level of harm an exposure reaches."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.substances import Levels

#: ERPG are meant for an hour [s].
_HOUR = 3600.0


def even_concentration(load: Floats, duration: Floats, exponent: float) -> Floats:
    """Concentration [kg/m³] that gives a toxic load if it lasts evenly for a time [s].

    ten Berge et al. 1986, J. Hazard. Mater. 13, 301-309, doi:10.1016/0304-3894(86)85003-8: what
    counts is Cⁿ t.
    """
    return np.asarray((load / duration) ** (1.0 / exponent))


def evened_duration(dose: Floats, most: Floats) -> Floats:
    """Time [s] for which the greatest concentration would give the dose: that of an even exposure.

    With it the even concentration never passes the greatest one, however long a faint tail lasts.
    """
    return np.where(most > 0.0, dose / np.maximum(most, 1e-300), 0.0)


def level_at(levels: Levels, tier: int, duration: Floats) -> Floats:
    """Level [kg/m³] for times of exposure [s], in straight lines of the logarithms between its own."""
    known = np.log(levels.times), np.log(levels.values[tier - 1])
    if not np.isfinite(known[1]).all():
        return np.full(np.shape(duration), np.inf)
    return np.asarray(np.exp(np.interp(np.log(duration), *known)))


def zones(levels: Levels | None, load: Floats, duration: Floats, exponent: float) -> Floats:
    """(n,) highest level that exposures reach, 0 to 3.

    The exposure as if it were even for its duration, against the level for that duration; times
    shorter or longer than those of the levels count as the shortest and the longest.

    Parameters
    ----------
    levels
        By a scheme, or none.
    load
        (n,) toxic load [(kg/m³)ⁿ s].
    duration
        (n,) time of exposure [s].
    exponent
        Of the toxic load.
    """
    found = np.zeros(load.shape)
    if levels is None:
        return found
    lasts = np.clip(duration, levels.times[0], levels.times[-1])
    if levels.times.size == 1:
        lasts = np.full(load.shape, _HOUR)
    even = even_concentration(load, lasts, exponent)
    for tier in (1, 2, 3):
        found = np.where(even >= level_at(levels, tier, lasts), float(tier), found)
    return found


def flammable_zones(most: Floats, limit: float) -> Floats:
    """(n,) 2 from the lower flammable limit [kg/m³] on, 1 from half of it on, else 0.

    Gusts may reach the limit where the mean is half of it. All 0 where nothing burns.
    """
    if limit <= 0.0:
        return np.zeros(most.shape)
    return np.where(most >= limit, 2.0, np.where(most >= 0.5 * limit, 1.0, 0.0))
