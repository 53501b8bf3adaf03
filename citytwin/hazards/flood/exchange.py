"""What happens to the water between the flow steps: rain, infiltration, drains, and the records."""

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.kernel import DEPTH, FLOW

#: Places of the fixed quantities in ``surface``.
RAIN_FACTOR, INFILTRATION = range(2)
#: Places of the records.
DEPTH_MAX, SPEED_MAX, ARRIVAL, DURATION = range(4)
#: Shallower water than this has no meaningful speed [m].
SPEED_DEPTH = 0.005


def _exchange(
    state: AnyFloats,
    storage: AnyFloats,
    surface: AnyFloats,
    records: AnyFloats,
    bands: Ints,
    low: Ints,
    high: Ints,
    rain: float,
    span: float,
    time: float,
    wet: float,
    reach: float,
    sums: AnyFloats,
) -> None:
    """Rain and infiltration over ``span`` seconds, then the records, band by band.

    ``rain`` is the rain in the span [m]; ``time`` its end [s]; ``wet`` the depth that counts as wet
    [m]; ``reach`` the longest way in a flow step, one cell, as a speed [m/s]; ``sums`` (bands, 3)
    receives rain and infiltration as relative volumes [m] and the greatest depth [m].

    A cell on a steep street may hand on all its water within a step and hold next to nothing at its
    end. No water moves farther than a cell in a step, so the speed |Q| / h is capped there.
    """
    for band in prange(bands.size - 1):
        rained, lost, deepest = 0.0, 0.0, 0.0
        for r in range(bands[band], bands[band + 1]):
            for j in range(low[r], high[r]):
                room = storage[r, j]
                if room <= 0.0:
                    continue
                gain = rain * surface[r, RAIN_FACTOR, j]
                h = np.float64(state[r, DEPTH, j]) + gain
                loss = min(h, surface[r, INFILTRATION, j] * span)
                rained += gain * room
                lost += loss * room
                h -= loss
                state[r, DEPTH, j] = h
                deepest = max(deepest, h)
                speed = 0.0
                if h > SPEED_DEPTH:
                    speed = min(2.0 * state[r, FLOW, j] / h, reach)
                records[r, DEPTH_MAX, j] = max(records[r, DEPTH_MAX, j], h)
                records[r, SPEED_MAX, j] = max(records[r, SPEED_MAX, j], speed)
                if h >= wet:
                    records[r, ARRIVAL, j] = min(records[r, ARRIVAL, j], time)
                    records[r, DURATION, j] += span
        sums[band, 0], sums[band, 1], sums[band, 2] = rained, lost, deepest


exchange_serial = njit(cache=True, nogil=True)(_exchange)
exchange_parallel = njit(cache=True, nogil=True, parallel=True)(_exchange)
