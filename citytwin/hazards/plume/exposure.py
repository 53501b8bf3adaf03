"""What people breathe: dose, toxic load and peaks outdoors, indoors, and for those who leave."""

import math

import numba
import numpy as np
from numba import njit, prange

from citytwin.arrays import Floats
from citytwin.kernels.both import both

#: Rows of the state: concentration, its power, greatest, arrival [s], time above what is noticed [s],
#: dose [kg s/m³], toxic load; indoors: concentration, power, greatest, dose, toxic load; aired once
#: the air outside is cleaner: concentration, power, greatest, dose, toxic load; leaving: toxic load.
(
    NOW, POWER, MOST, ARRIVAL, ABOVE, DOSE, LOAD,
    IN, IN_POWER, IN_MOST, IN_DOSE, IN_LOAD,
    AIRED, AIRED_POWER, AIRED_MOST, AIRED_DOSE, AIRED_LOAD, LEAVING_LOAD,
) = range(18)  # fmt: skip
ROWS = 18
#: Below this nothing is breathed [kg/m³].
NOTHING = 1e-14


@njit(cache=True, nogil=True)
def indoor_after(inside: float, before: float, after: float, step: float, rate: float) -> float:
    """Concentration indoors after a step in which the one outside goes in a straight line.

    The exact solution of dc/dt = λ (c_out − c).

    Parameters
    ----------
    inside
        At the start [kg/m³].
    before, after
        Outside, at the start and at the end [kg/m³].
    step
        [s].
    rate
        Air changes λ [1/s].
    """
    turns = rate * step
    if turns < 1e-9:
        return inside + turns * (0.5 * (before + after) - inside)
    lag = (after - before) / turns
    return after - lag + (inside - before + lag) * math.exp(-turns)


@njit(cache=True, nogil=True)
def _share_above(before: float, after: float, limit: float) -> float:
    """Share of a step above a limit, in a straight line."""
    high, low = max(before, after), min(before, after)
    if low >= limit:
        return 1.0
    if high < limit:
        return 0.0
    return (high - limit) / (high - low)


@njit(cache=True, nogil=True)
def _power(value: float, exponent: float) -> float:
    if value <= NOTHING:
        return 0.0
    if exponent == 1.0:
        return value
    if exponent == 2.0:
        return value * value
    return float(value**exponent)


@njit(cache=True, nogil=True)
def _one(
    state: Floats, k: int, now: float, time: float, step: float, exponent: float, rate: float,
    limit: float, leaving: float,
) -> None:  # fmt: skip
    """One step of one cell; ``time`` is its end."""
    before = state[NOW, k]
    if now <= NOTHING and before <= NOTHING and state[IN, k] <= NOTHING:
        state[NOW, k] = 0.0
        state[POWER, k] = 0.0
        return
    old, power = state[POWER, k], _power(now, exponent)
    state[NOW, k] = now
    state[POWER, k] = power
    state[MOST, k] = max(state[MOST, k], now)
    if now >= limit and state[ARRIVAL, k] == np.inf:
        part = 1.0 if now == before else (limit - before) / (now - before)
        state[ARRIVAL, k] = time - step + step * min(max(part, 0.0), 1.0)
    state[ABOVE, k] += step * _share_above(before, now, limit)
    state[DOSE, k] += 0.5 * step * (before + now)
    load = 0.5 * step * (old + power)
    state[LOAD, k] += load
    # Who leaves when it is noticed walks for a while in what there is.
    out = min(max(time - state[ARRIVAL, k], 0.0), step)
    gone = min(max(time - state[ARRIVAL, k] - leaving, 0.0), step)
    if out > gone:
        state[LEAVING_LOAD, k] += load * (out - gone) / step
    _indoors(state, k, before, now, step, exponent, rate)


@njit(cache=True, nogil=True)
def _indoors(
    state: Floats, k: int, before: float, now: float, step: float, exponent: float, rate: float
) -> None:
    inside, old = state[IN, k], state[IN_POWER, k]
    after = indoor_after(inside, before, now, step, rate)
    power = _power(after, exponent)
    state[IN, k] = after
    state[IN_POWER, k] = power
    state[IN_MOST, k] = max(state[IN_MOST, k], after)
    state[IN_DOSE, k] += 0.5 * step * (inside + after)
    state[IN_LOAD, k] += 0.5 * step * (old + power)
    inside, old = state[AIRED, k], state[AIRED_POWER, k]
    after = min(indoor_after(inside, before, now, step, rate), now)
    power = _power(after, exponent)
    state[AIRED, k] = after
    state[AIRED_POWER, k] = power
    state[AIRED_MOST, k] = max(state[AIRED_MOST, k], after)
    state[AIRED_DOSE, k] += 0.5 * step * (inside + after)
    state[AIRED_LOAD, k] += 0.5 * step * (old + power)


def _breathe(
    state: Floats,
    now: Floats,
    time: float,
    step: float,
    exponent: float,
    rate: float,
    limit: float,
    leaving: float,
) -> None:
    """Carry what people breathe on by a step.

    Parameters
    ----------
    state
        (18, n) state, changed.
    now
        (n,) concentration at the end of the step [kg/m³].
    time, step
        End of the step and its length [s].
    exponent
        Of the toxic load.
    rate
        Air changes [1/s].
    limit
        Concentration that is noticed [kg/m³].
    leaving
        Time that people who leave need to be out of it [s].
    """
    for k in prange(now.size):
        _one(state, k, now[k], time, step, exponent, rate, limit, leaving)


breathe, breathe_parallel = both(_breathe)


class Breathing:
    """What people on cells have breathed so far.

    Parameters
    ----------
    count
        Number of cells.
    exponent
        Of the toxic load.
    rate
        Air changes [1/s].
    limit
        Concentration that is noticed [kg/m³].
    leaving
        Time that people who leave need to be out of it [s].
    """

    def __init__(
        self, count: int, exponent: float, rate: float, limit: float, leaving: float
    ) -> None:
        self.state = np.zeros((ROWS, count))
        self.state[ARRIVAL] = np.inf
        self._given = (exponent, rate, limit, leaving)
        self.time = 0.0

    def go_on(self, now: Floats, time: float) -> None:
        """Go on to a time [s] at which the cells have a concentration [kg/m³]."""
        step = time - self.time
        if step > 0.0:
            work = breathe_parallel if numba.get_num_threads() > 1 else breathe
            work(self.state, now, time, step, *self._given)
        self.time = time
