"""What happens to the front when the wind changes or cells are taken from it."""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.hazards.fire.front.state import (
    ACROSS_X,
    ACROSS_Y,
    BARE,
    BURNT,
    FRESH,
    GONE_X,
    GONE_Y,
    SLOW,
    TIME,
    Phases,
)  # fmt: skip
from citytwin.hazards.fire.front.step import measure

_SEEN = 5


@njit(cache=True, nogil=True, error_model="numpy")
def turn(
    cells: Floats,
    rise: Floats32,
    phase: Phases,
    beds: Floats,
    level: Floats,
    blows: Floats,
    moment: float,
    blew: float,
    ring: Ints,
    dropped: Ints,
) -> Ints:
    """Take the front back to a moment and let it go on from there, in the same wind or a new one.

    The front stands between cells that burnt by then and others. The others are forgotten. In a new
    wind a burnt one keeps its distance to the front: its time before the moment is stretched by the
    ratio of the speeds at which the front moves along its normal, now and before, and so is the
    gradient. So the line does not move when the wind does.

    Parameters
    ----------
    cells, rise, phase, beds, level, blows, ring
        As of ``march``.
    moment
        When the front goes on [s].
    blew
        Number of the wind before.
    dropped
        Cells that are reached, or burnt after all that has been told of.

    Returns
    -------
    The burnt cells beside others: the band from which the march goes on.
    """
    for c in dropped:
        if phase[c] != BARE and (phase[c] != BURNT or cells[c, TIME] > moment):
            phase[c] = FRESH
            cells[c, TIME] = np.inf
    band, count = np.empty(6 * dropped.size, np.int64), 0
    for c in dropped:
        if phase[c] != FRESH:
            continue
        for k in range(6):
            p = c + ring[k]
            if phase[p] == BURNT:
                phase[p] = _SEEN
                band[count] = p
                count += 1
    for i in range(count):
        p = band[i]
        phase[p] = BURNT
        if blew == blows[2]:
            continue
        measure(cells, rise, p, beds, level, blows)
        gx, gy = float(rise[p, 0]), float(rise[p, 1])
        ax, ay = cells[p, GONE_X], cells[p, GONE_Y]
        bx, by = cells[p, ACROSS_X], cells[p, ACROSS_Y]
        steep = 1.0 + gx * gx + gy * gy
        lift_a, lift_b = gx * ax + gy * ay, gx * bx + gy * by
        aa = ax * ax + ay * ay - lift_a * lift_a / steep
        ab = ax * bx + ay * by - lift_a * lift_b / steep
        bb = bx * bx + by * by - lift_b * lift_b / steep
        # The new gradient lies along the old one, and |ratio a + b| is the slowness.
        ratio = (np.sqrt(ab * ab + aa * (cells[p, SLOW] ** 2 - bb)) - ab) / aa
        if np.isfinite(ratio):
            cells[p, TIME] = moment - (moment - cells[p, TIME]) * ratio
            cells[p, GONE_X], cells[p, GONE_Y] = ratio * ax, ratio * ay
    return band[:count]


@njit(cache=True, nogil=True, error_model="numpy")
def settle(
    places: Ints, numbers: Ints, cells: Floats, rise: Floats32, arrival: Floats, rate: Floats
) -> None:
    """Write what befell cells that have just burnt.

    Parameters
    ----------
    places, numbers
        Their places in the padded window and in the grid.
    cells, rise
        As of ``State``.
    arrival, rate
        (n,) arrival [s] and rate of spread along the ground across the front [m/s]; written.
    """
    for i in range(places.size):
        c, n = places[i], numbers[i]
        gx, gy = float(rise[c, 0]), float(rise[c, 1])
        ax, ay = cells[c, GONE_X], cells[c, GONE_Y]
        whole = 0.0
        if np.isnan(ax):
            # Where it was lit it heads as fast as it can.
            ax, ay = cells[c, ACROSS_X], cells[c, ACROSS_Y]
            whole = cells[c, SLOW]
        lift = gx * ax + gy * ay
        length = np.sqrt(max(ax * ax + ay * ay - lift * lift / (1.0 + gx * gx + gy * gy), 0.0))
        arrival[n] = cells[c, TIME]
        rate[n] = 1.0 / (whole - length if whole > 0.0 else length)
