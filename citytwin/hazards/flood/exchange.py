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
#: Only faster water than this is held against the fastest that friction allows [m/s].
FAST = 2.0
#: Shallower water than this does not shorten the time step by its speed [m].
STREAM_DEPTH = 0.02
_GRAVITY = 9.80665


def _exchange(
    state: AnyFloats,
    storage: AnyFloats,
    friction: AnyFloats,
    surface: AnyFloats,
    records: AnyFloats,
    bands: Ints,
    low: Ints,
    high: Ints,
    rain: float,
    span: float,
    time: float,
    wet: float,
    sums: AnyFloats,
) -> None:
    """Rain and infiltration over ``span`` seconds, then the records, band by band.

    ``friction`` is g n²; ``rain`` the rain in the span [m]; ``time`` its end [s]; ``wet`` the depth
    that counts as wet [m]; ``sums`` (bands, 3) receives rain and infiltration as relative volumes [m]
    and the speed of the fastest wave, |u| + √(g h) [m/s].

    Where much water crosses a cell that holds little at the end of a step, |Q| / h is no speed. It
    is capped at what Manning's formula gives on a slope of one to one.
    """
    for band in prange(bands.size - 1):
        rained, lost, fastest = 0.0, 0.0, 0.0
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
                speed = 0.0
                if h > SPEED_DEPTH:
                    speed = 2.0 * state[r, FLOW, j] / h
                    if speed > FAST:
                        speed = min(speed, np.cbrt(h * h) * np.sqrt(_GRAVITY / friction[r, j]))
                wave = np.sqrt(_GRAVITY * h)
                fastest = max(fastest, wave + speed if h > STREAM_DEPTH else wave)
                records[r, DEPTH_MAX, j] = max(records[r, DEPTH_MAX, j], h)
                records[r, SPEED_MAX, j] = max(records[r, SPEED_MAX, j], speed)
                if h >= wet:
                    records[r, ARRIVAL, j] = min(records[r, ARRIVAL, j], time)
                    records[r, DURATION, j] += span
        sums[band, 0], sums[band, 1], sums[band, 2] = rained, lost, fastest


exchange_serial = njit(cache=True, nogil=True)(_exchange)
exchange_parallel = njit(cache=True, nogil=True, parallel=True)(_exchange)
