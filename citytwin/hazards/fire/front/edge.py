"""Fire that comes to a cell across the edge between two neighbours: the least time over the edge.

Along the edge the arrival is a cubic of Hermite from the times and gradients of its ends, so that a
curved front is followed to the fourth order. What bends it is taken only where both ends agree about
the bend: at a corner, a seam of two fires, a border of fuels it is straight.
"""

import numpy as np
from numba import njit

#: How much more one end of an edge may bend than the other.
_AGREE = 3.0
#: Last step in search of the place; the time is off by its square.
_NEAR = 1e-3


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def bends(first: float, last: float) -> tuple[float, float]:
    """What the slopes at an edge's ends add to its chord's, limited.

    Parameters
    ----------
    first, last
        Slope along the edge at its ends, less the mean slope.
    """
    if not first * last < 0.0:
        return 0.0, 0.0
    most_first, most_last = _AGREE * abs(last), _AGREE * abs(first)
    return min(max(first, -most_first), most_first), min(max(last, -most_last), most_last)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def earliest(
    chord: float,
    first: float,
    last: float,
    s: float,
    along: float,
    vv: float,
    ve: float,
    ee: float,
) -> tuple[float, float]:
    """Where on an edge the fire comes from that arrives first.

    Parameters
    ----------
    chord
        Arrival at the end of the edge less that at its start [s].
    first, last
        Its ``bends`` [s].
    s, along
        Slowness [s/m]; covector w times the edge [s].
    vv, ve, ee
        Products of the vector v from the edge's start to the cell and the edge e, on the ground [m²].

    Returns
    -------
    Place on the edge, 0 to 1, and the time from the start's arrival, but for −w·v [s].
    """
    # Straight front first: in closed form.
    pull = (chord + along) / s
    left = ee - pull * pull
    if left <= 0.0:
        place = 0.0 if pull > 0.0 else 1.0
    else:
        high = np.sqrt(max(vv * ee - ve * ve, 0.0) / left)
        place = min(max((ve - pull * high) / ee, 0.0), 1.0)
    if first != 0.0:
        base = chord + along
        for _ in range(3):
            over = place * ee - ve
            per = 1.0 / np.sqrt(max(vv + place * (over - ve), 1e-30))
            down = over * per
            slope = base + s * down + first * (1.0 - place) * (1.0 - 3.0 * place)
            slope -= last * place * (2.0 - 3.0 * place)
            bend = s * (ee - down * down) * per
            bend += first * (6.0 * place - 4.0) - last * (2.0 - 6.0 * place)
            if bend <= 0.0:
                break
            step = min(max(place - slope / bend, 0.0), 1.0) - place
            place += step
            if abs(step) < _NEAR:
                break
    way = np.sqrt(max(vv - 2.0 * place * ve + place * place * ee, 0.0))
    left = 1.0 - place
    time = chord * place + place * left * (first * left - last * place) + s * way + place * along
    return place, time
