"""What a run remembers of each cell: greatest values, when it got wet, how long it stayed so."""

from typing import Any

import numpy as np
from numba import njit

from citytwin.arrays import AnyFloats
from citytwin.kernels.apart import READ, apart, get, put
from citytwin.kernels.roots import EXACT, inverse_cube_root

#: Places of the records, and their names.
DEPTH_MAX, SPEED_MAX, MOMENTUM_MAX, HAZARD_MAX, ARRIVAL, DURATION = range(6)
RECORDS = ("depth_max", "speed_max", "momentum_max", "hazard_max", "arrival", "duration")
#: Shallower water than this has no meaningful speed [m].
SPEED_DEPTH = 0.005
#: Only faster water than this is held against the fastest that friction allows [m/s].
FAST = 2.0
#: Places of the constants: the two above, √g, g, a tiny roughness, 0, 1, the depth that counts as wet
#: [m], the time at the end of the span and its length [s].
SHALLOW, SWIFT, ROOT_G, GRAVITY, SMOOTH, ZERO, ONE, WET, TIME, SPAN = range(10)
_GRAVITY = 9.80665

_FAST: dict[str, Any] = {"cache": True, "fastmath": EXACT, "error_model": "numpy", "nogil": True}


def constants(wet: float, time: float, span: float, dtype: Any) -> AnyFloats:
    """(10,) constants of ``record_row`` in the state's precision."""
    values = (SPEED_DEPTH, FAST, np.sqrt(_GRAVITY), _GRAVITY, 1e-9, 0.0, 1.0, wet, time, span)
    return np.array(values, dtype)


@njit(forceinline=True, **_FAST)
def _where(chosen: bool, value: float, other: float) -> float:  # noqa: FBT001
    """One of two values; as a function, since arrays in sight of a branch hinder vector code."""
    return value if chosen else other


@njit(forceinline=True, **_FAST)
def _beyond(
    depth: float, speed: float, product: float,
    deepest: float, fastest: float, most: float, one: float, zero: float,
) -> float:  # fmt: skip
    """1 if water is beyond a hazard class, else 0; the classes lie one in the other."""
    inside = (depth <= deepest) & (speed <= fastest) & (product <= most)
    return zero if inside else one


@njit(**_FAST)
def record_row(
    here: AnyFloats, depth: int, first: int, second: int | None, ground: AnyFloats, friction: int,
    records: AnyFloats, speeds: AnyFloats, limits: AnyFloats, c: AnyFloats, lo: int, hi: int,
) -> Any:  # fmt: skip
    """Bring the records of a row up to date.

    Where much water crosses a cell that holds little at the end of a step, |Q| / h is no speed: without
    ``second``, it is held to what Manning's formula gives on a slope of one to one.

    Parameters
    ----------
    here
        (parts, cols) state of the row, with the depth [m], and half the magnitude of the flow in part
        ``first``, or its components in ``first`` and ``second`` [m²/s].
    ground
        (parts, cols) ground of the row, with g n² in part ``friction``.
    records
        (6, cols) records of the row.
    speeds
        (2, cols) receives the speed, and the fastest wave, |u| + √(g h) [m/s].
    limits
        (5, 3) greatest depth [m], speed [m/s] and product [m²/s] of the hazard classes.
    c
        (10,) constants.

    Returns
    -------
    Fastest wave of the row, |u| + √(g h) [m/s].
    """
    n0, n1, n2, n3, n4, n5, n6, n7 = 1, 2, 3, 4, 5, 6, 7, 8
    apart()
    shallow, swift, root_g, gravity, smooth = c[SHALLOW], c[SWIFT], c[ROOT_G], c[GRAVITY], c[SMOOTH]
    zero, one, wet, time, span = c[ZERO], c[ONE], c[WET], c[TIME], c[SPAN]
    d0, d1, d2, d3, d4 = limits[0, 0], limits[1, 0], limits[2, 0], limits[3, 0], limits[4, 0]
    v0, v1, v2, v3, v4 = limits[0, 1], limits[1, 1], limits[2, 1], limits[3, 1], limits[4, 1]
    p0, p1, p2, p3, p4 = limits[0, 2], limits[1, 2], limits[2, 2], limits[3, 2], limits[4, 2]
    for j in range(lo, hi):
        h, a = get(here, depth, j, READ), get(here, first, j, READ)
        deep = max(h, shallow)
        if second is None:
            drag = max(get(ground, friction, j, READ), smooth)
            most = (deep * inverse_cube_root(deep, one)) * np.sqrt(gravity / drag)
            speed = min((a + a) / deep, max(most, swift))
        else:
            b = get(here, second, j, READ)
            speed = np.sqrt(a * a + b * b) / deep
        speed = _where(h > shallow, speed, zero)
        put(speeds, 1, j, root_g * np.sqrt(h) + speed, n7)
        product = h * speed
        number = _beyond(h, speed, product, d0, v0, p0, one, zero)
        number += _beyond(h, speed, product, d1, v1, p1, one, zero)
        number += _beyond(h, speed, product, d2, v2, p2, one, zero)
        number += _beyond(h, speed, product, d3, v3, p3, one, zero)
        number += _beyond(h, speed, product, d4, v4, p4, one, zero)
        number = _where(h > shallow, one + number, zero)
        put(speeds, 0, j, speed, n6)
        put(records, DEPTH_MAX, j, max(get(records, DEPTH_MAX, j, n0), h), n0)
        put(records, SPEED_MAX, j, max(get(records, SPEED_MAX, j, n1), speed), n1)
        put(records, MOMENTUM_MAX, j, max(get(records, MOMENTUM_MAX, j, n2), product), n2)
        put(records, HAZARD_MAX, j, max(get(records, HAZARD_MAX, j, n3), number), n3)
        reached = get(records, ARRIVAL, j, n4)
        put(records, ARRIVAL, j, _where(h >= wet, min(reached, time), reached), n4)
        put(records, DURATION, j, get(records, DURATION, j, n5) + _where(h >= wet, span, zero), n5)
    return speeds[1, lo:hi].max() if lo < hi else zero
