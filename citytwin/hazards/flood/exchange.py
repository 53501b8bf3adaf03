"""What happens to the water between the flow steps: rain, losses, and the records."""

from typing import Any

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.losses import capacity
from citytwin.hazards.flood.records import record_row
from citytwin.kernels.both import both

#: Places of the quantities in ``surface``.
RAIN_FACTOR, LOSS0, LOSS1, LOSS2, TAKEN, SEWER = range(6)
#: Sums of ``exchange``: rain, infiltration, sewers, fastest wave, flow, flow that is supercritical.
RAINED, INFILTRATED, SEWERED, FASTEST, FLOWING, RUSHING = range(6)
#: Water from this depth on counts when the flow is judged by its Froude number [m].
JUDGED_DEPTH = 0.1
_GRAVITY = 9.80665


@njit(cache=True, nogil=True)
def _rain_row(
    here: AnyFloats, depth: int, room: AnyFloats, surface: AnyFloats, loss: int,
    rain: float, pattern: AnyFloats, span: float, lo: int, hi: int,
) -> Any:  # fmt: skip
    """Rain and losses of a row; what rained, infiltrated and was swallowed, over whole cells [m]."""
    rained, lost, sewered = 0.0, 0.0, 0.0
    for j in range(lo, hi):
        if room[j] <= 0.0:
            continue
        gain = rain * pattern[j] * surface[RAIN_FACTOR, j]
        h = np.float64(here[depth, j]) + gain
        if h <= 0.0:
            continue
        allowed = capacity(
            loss, np.float64(surface[LOSS0, j]), np.float64(surface[LOSS1, j]),
            np.float64(surface[LOSS2, j]), np.float64(surface[TAKEN, j]), span,
        )  # fmt: skip
        taken = min(h, allowed)
        surface[TAKEN, j] += taken
        h -= taken
        swallowed = min(h, surface[SEWER, j] * span)
        rained += gain * room[j]
        lost += taken * room[j]
        sewered += swallowed * room[j]
        here[depth, j] = h - swallowed
    return rained, lost, sewered


@njit(cache=True, nogil=True)
def _rushing_row(
    depth: AnyFloats, speeds: AnyFloats, friction: AnyFloats, reach: float, lo: int, hi: int
) -> Any:
    """Flow of a row in water of some depth, and what of it rushes, see ``_exchange``."""
    flowing, rushing = 0.0, 0.0
    for j in range(lo, hi):
        h = np.float64(depth[j])
        if h > JUDGED_DEPTH:
            flow = h * speeds[j]
            flowing += flow
            if speeds[j] * speeds[j] > _GRAVITY * h and h * np.cbrt(h) > reach * friction[j]:
                rushing += flow
    return flowing, rushing


def _exchange(
    state: AnyFloats,
    flow_parts: Ints,
    depth_part: int,
    storage: AnyFloats,
    ground: AnyFloats,
    friction: int,
    surface: AnyFloats,
    loss: int,
    records: AnyFloats,
    speeds: AnyFloats,
    limits: AnyFloats,
    reach: float,
    bands: Ints,
    low: Ints,
    high: Ints,
    rain: float,
    pattern: AnyFloats,
    span: float,
    c: AnyFloats,
    sums: AnyFloats,
) -> None:
    """Rain and losses over ``span`` seconds, then the records, band by band.

    ``flow_parts`` (2,) say where ``state`` holds half the magnitude of the flow (both equal) or its
    two components; ``storage`` (rows, cols) is the open area of the cells over the lattice's;
    ``friction`` (g n²) a part of ``ground``; ``rain`` the rain in the span [m] times ``pattern`` (rows
    or 1, cols); ``speeds`` (bands, 2, cols) scratch; ``limits`` and ``c`` as in ``record_row``;
    ``reach`` the length [m] over which friction must leave a flow its momentum for it to rush;
    ``sums`` (bands, 6) receives rain, infiltration and sewers as relative volumes [m], the speed of the
    fastest wave, |u| + √(g h) [m/s], and the flow [m³/s over metre and cell] in water of some depth,
    all of it and what rushes: faster than its waves, and with a momentum that friction takes only over
    a length of h^(4/3) / (g n²).
    """
    first, second = flow_parts[0], flow_parts[1]
    stride = 0 if pattern.shape[0] == 1 else 1
    for band in prange(bands.size - 1):
        fastest = 0.0
        sums[band] = 0.0
        for r in range(bands[band], bands[band + 1]):
            lo, hi, here = low[r], high[r], state[r]
            rained, lost, sewered = _rain_row(
                here, depth_part, storage[r], surface[r], loss, rain, pattern[r * stride],
                span, lo, hi,
            )  # fmt: skip
            if first == second:
                wave = record_row(
                    here, depth_part, first, None, ground[r], friction, records[r], speeds[band],
                    limits, c, lo, hi,
                )  # fmt: skip
            else:
                wave = record_row(
                    here, depth_part, first, second, ground[r], friction, records[r], speeds[band],
                    limits, c, lo, hi,
                )  # fmt: skip
            flowing, rushing = _rushing_row(
                here[depth_part], speeds[band, 0], ground[r, friction], reach, lo, hi
            )
            fastest = max(fastest, np.float64(wave))
            sums[band, RAINED] += rained
            sums[band, INFILTRATED] += lost
            sums[band, SEWERED] += sewered
            sums[band, FLOWING] += flowing
            sums[band, RUSHING] += rushing
        sums[band, FASTEST] = fastest


exchange_serial, exchange_parallel = both(_exchange)
