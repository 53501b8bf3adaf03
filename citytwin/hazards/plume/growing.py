"""How puffs of a release grow, move and fade: heavy at first perhaps, then as the air does."""

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.plume.air import Air, Puffing, Spread

#: Steps of the integral along a puff's way for what settles and decays.
_ALONG = 48


def spread_of(air: Air, puff: Puffing, born: Floats, now: Floats) -> Spread:
    """What has become of puffs that were released at times [s], any shape."""
    found = air.spread(born, now, puff.across, puff.upward)
    heavy = puff.heavy
    if heavy is None:
        return found
    born, now = np.broadcast_arrays(np.asarray(born, float), np.asarray(now, float))
    freed = np.minimum(_freed(air, puff, born), now)
    later = air.spread(freed, now, float(heavy.across[-1]), float(heavy.upward[-1]))
    own = heavy.pace * np.maximum(found.way, 0.0)
    still = found.way < heavy.reach
    across = np.where(still, np.interp(own, heavy.way, heavy.across), later.across)
    upward = np.where(still, np.interp(own, heavy.way, heavy.upward), later.upward)
    return Spread(found.way, across, upward, found.lid)


def moved_since(air: Air, puff: Puffing, born: Floats, now: float) -> tuple[Floats, Floats]:
    """Way that was made since times of release, to the east and to the north [m]."""
    east, north = air.moved(np.asarray(now))
    from_east, from_north = air.moved(born)
    if puff.heavy is None or puff.heavy.pace == 1.0:
        return east - from_east, north - from_north
    slow_east, slow_north = air.moved(np.minimum(_freed(air, puff, born), now))
    pace = puff.heavy.pace
    return (
        east - slow_east + pace * (slow_east - from_east),
        north - slow_north + pace * (slow_north - from_north),
    )


def kept_of(air: Air, puff: Puffing, born: Floats, now: float) -> Floats:
    """(n,) share of the mass that neither settled nor decayed on the way."""
    age = now - born
    if puff.settling == 0.0:
        return np.asarray(np.exp(-puff.decay * age))
    whole = air.length(np.asarray(now)) - air.length(born)
    share = (np.arange(_ALONG + 1) / _ALONG) ** 3
    times = air.when(air.length(born)[:, None] + whole[:, None] * share)
    times[:, 0], times[:, -1] = born, now
    near = puff.near(spread_of(air, puff, born[:, None], times))
    loss = (0.5 * (near[:, 1:] + near[:, :-1]) * np.diff(times, axis=1)).sum(axis=1)
    return np.asarray(np.exp(-puff.settling * loss - puff.decay * age))


def _freed(air: Air, puff: Puffing, born: Floats) -> Floats:
    """When what was released at times drifts as air does [s]."""
    reach = puff.heavy.reach if puff.heavy else 0.0
    return air.when(air.length(born) + reach)
