"""What happens to the water between the flow steps: rain, losses, and the records."""

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.losses import capacity
from citytwin.kernels.both import both

#: Places of the quantities in ``surface``.
RAIN_FACTOR, LOSS0, LOSS1, LOSS2, TAKEN, SEWER = range(6)
#: Places of the records.
DEPTH_MAX, SPEED_MAX, MOMENTUM_MAX, HAZARD_MAX, ARRIVAL, DURATION = range(6)
RECORDS = ("depth_max", "speed_max", "momentum_max", "hazard_max", "arrival", "duration")
#: Sums of ``exchange``: rain, infiltration, sewers, fastest wave, flow, flow that is supercritical.
RAINED, INFILTRATED, SEWERED, FASTEST, FLOWING, RUSHING = range(6)
#: Shallower water than this has no meaningful speed [m].
SPEED_DEPTH = 0.005
#: Only faster water than this is held against the fastest that friction allows [m/s].
FAST = 2.0
#: Shallower water than this does not shorten the time step by its speed [m].
STREAM_DEPTH = 0.005
#: Water from this depth on counts when the flow is judged by its Froude number [m].
JUDGED_DEPTH = 0.1
_GRAVITY = 9.80665


@njit(cache=True, nogil=True)
def _speed(flow: float, depth: float, friction: float, capped: bool) -> float:  # noqa: FBT001
    """Speed [m/s] of a flow [m²/s].

    Where much water crosses a cell that holds little at the end of a step, |Q| / h is no speed. With
    ``capped`` it is held to what Manning's formula gives on a slope of one to one.
    """
    if depth <= SPEED_DEPTH:
        return 0.0
    speed = flow / depth
    if capped and speed > FAST:
        speed = min(speed, np.cbrt(depth * depth) * np.sqrt(_GRAVITY / max(friction, 1e-9)))
    return speed


@njit(cache=True, nogil=True)
def _class(depth: float, speed: float, limits: AnyFloats) -> int:
    """Hazard class, 0 for dry: the first whose three limits (depth, speed, product) all hold."""
    if depth <= SPEED_DEPTH:
        return 0
    for k in range(limits.shape[0]):
        if depth <= limits[k, 0] and speed <= limits[k, 1] and depth * speed <= limits[k, 2]:
            return k + 1
    return int(limits.shape[0]) + 1


def _exchange(
    state: AnyFloats,
    flow_parts: Ints,
    depth_part: int,
    storage: AnyFloats,
    friction: AnyFloats,
    surface: AnyFloats,
    loss: int,
    records: AnyFloats,
    limits: AnyFloats,
    reach: float,
    bands: Ints,
    low: Ints,
    high: Ints,
    rain: float,
    pattern: AnyFloats,
    span: float,
    time: float,
    wet: float,
    sums: AnyFloats,
) -> None:
    """Rain and losses over ``span`` seconds, then the records, band by band.

    ``flow_parts`` (2,) say where ``state`` holds half the magnitude of the flow (both equal) or its
    two components; ``friction`` is g n²; ``rain`` the rain in the span [m] times ``pattern`` (rows or
    1, cols); ``time`` its end [s]; ``wet`` the depth that counts as wet [m]; ``limits`` (k, 3) greatest
    depth [m], speed [m/s] and product [m²/s] of the hazard classes; ``reach`` the length [m] over which
    friction must leave a flow its momentum for it to rush; ``sums`` (bands, 6) receives rain,
    infiltration and sewers as relative volumes [m], the speed of the fastest wave, |u| + √(g h) [m/s],
    and the flow [m³/s over metre and cell] in water of some depth, all of it and what rushes: faster
    than its waves, and with a momentum that friction takes only over a length of h^(4/3) / (g n²).
    """
    first, second = flow_parts[0], flow_parts[1]
    capped = first == second
    stride = 0 if pattern.shape[0] == 1 else 1
    for band in prange(bands.size - 1):
        rained, lost, sewered, fastest, flowing, rushing = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for r in range(bands[band], bands[band + 1]):
            for j in range(low[r], high[r]):
                room = storage[r, j]
                if room <= 0.0:
                    continue
                gain = rain * pattern[r * stride, j] * surface[r, RAIN_FACTOR, j]
                h = np.float64(state[r, depth_part, j]) + gain
                taken = 0.0
                if h > 0.0:
                    taken = min(
                        h,
                        capacity(
                            loss, np.float64(surface[r, LOSS0, j]), np.float64(surface[r, LOSS1, j]),
                            np.float64(surface[r, LOSS2, j]), np.float64(surface[r, TAKEN, j]), span,
                        ),
                    )  # fmt: skip
                surface[r, TAKEN, j] += taken
                h -= taken
                swallowed = min(h, surface[r, SEWER, j] * span)
                h -= swallowed
                rained += gain * room
                lost += taken * room
                sewered += swallowed * room
                state[r, depth_part, j] = h
                a, b = np.float64(state[r, first, j]), np.float64(state[r, second, j])
                flow = 2.0 * a if capped else np.sqrt(a * a + b * b)
                speed = _speed(flow, h, friction[r, j], capped)
                wave = np.sqrt(_GRAVITY * h)
                fastest = max(fastest, wave + speed if h > STREAM_DEPTH else wave)
                if h > JUDGED_DEPTH:
                    flowing += h * speed
                    far = h * np.cbrt(h) > reach * friction[r, j]
                    rushing += h * speed if speed > wave and far else 0.0
                records[r, DEPTH_MAX, j] = max(records[r, DEPTH_MAX, j], h)
                records[r, SPEED_MAX, j] = max(records[r, SPEED_MAX, j], speed)
                records[r, MOMENTUM_MAX, j] = max(records[r, MOMENTUM_MAX, j], h * speed)
                records[r, HAZARD_MAX, j] = max(records[r, HAZARD_MAX, j], _class(h, speed, limits))
                if h >= wet:
                    records[r, ARRIVAL, j] = min(records[r, ARRIVAL, j], time)
                    records[r, DURATION, j] += span
        sums[band, RAINED], sums[band, INFILTRATED], sums[band, SEWERED] = rained, lost, sewered
        sums[band, FASTEST], sums[band, FLOWING], sums[band, RUSHING] = fastest, flowing, rushing


exchange_serial, exchange_parallel = both(_exchange)
