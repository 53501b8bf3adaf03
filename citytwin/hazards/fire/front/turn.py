"""What happens to the front when the wind changes or cells are taken from it."""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Ints
from citytwin.hazards.fire.front.march import measure
from citytwin.hazards.fire.front.state import BARE, BURNT, FRESH, LATER, REACHED

_SEEN = 5


@njit(cache=True, nogil=True)
def turn(
    time: Floats,
    gradient: Floats,
    phase: Ints,
    bed: Ints,
    rise: Floats,
    metric: Floats,
    stamp: Ints,
    beds: Floats,
    wind: Floats,
    now: int,
    limited: bool,
    moment: float,
    ring: Ints,
    later: Ints,
) -> Ints:
    """Let a new wind take the front from where it stands.

    The front stands between burnt cells and reached ones, where the time is the moment. The reached
    ones are forgotten. A burnt one keeps its distance to the front: its time before the moment is
    stretched by the ratio of the speeds at which the front moves along its normal, now and before,
    and so is the gradient. So the line does not move when the wind does.

    Parameters
    ----------
    time, gradient, phase, bed, rise, metric, stamp, beds, wind, now, limited, ring
        As of ``march``.
    moment
        When it changes [s].
    later
        Cells that are reached.

    Returns
    -------
    The burnt cells beside the reached ones: the band from which the march goes on.
    """
    band, count = np.empty(6 * later.size, np.int64), 0
    for c in later:
        if phase[c] == BURNT:
            continue
        for k in range(6):
            p = c + ring[k]
            if phase[p] == BURNT:
                phase[p] = _SEEN
                band[count] = p
                count += 1
        if phase[c] != BARE:
            phase[c] = FRESH
            time[c] = np.inf
    for i in range(count):
        p = band[i]
        phase[p] = BURNT
        measure(p, bed, rise, metric, stamp, beds, wind, now, limited)
        gx, gy = float(rise[p, 0]), float(rise[p, 1])
        ax, ay = gradient[p, 0], gradient[p, 1]
        bx, by = metric[p, 1], metric[p, 2]
        steep = 1.0 + gx * gx + gy * gy
        lift_a, lift_b = gx * ax + gy * ay, gx * bx + gy * by
        aa = ax * ax + ay * ay - lift_a * lift_a / steep
        ab = ax * bx + ay * by - lift_a * lift_b / steep
        bb = bx * bx + by * by - lift_b * lift_b / steep
        # The new gradient lies along the old one, and |ratio a + b| is the slowness.
        ratio = (np.sqrt(ab * ab + aa * (metric[p, 0] ** 2 - bb)) - ab) / aa
        if ratio == ratio:
            time[p] = moment - (moment - time[p]) * ratio
            gradient[p, 0], gradient[p, 1] = ratio * ax, ratio * ay
    return band[:count]


@njit(cache=True, nogil=True)
def settle(
    cells: Ints,
    place: Ints,
    time: Floats,
    gradient: Floats,
    bed: Ints,
    rise: Floats,
    metric: Floats,
    beds: Floats,
    arrival: Floats,
    rate: Floats,
    intensity: Floats,
    residence: Floats,
) -> None:
    """Write what befell cells that have just burnt.

    Parameters
    ----------
    cells, place
        Their places in the padded window and in the grid.
    time, gradient, bed, rise, metric, beds
        As of ``march``.
    arrival, rate, intensity, residence
        (n,) arrival [s], rate of spread along the ground across the front [m/s], fireline intensity
        [W/m], time of flaming [s]; written.
    """
    for i in range(cells.size):
        c, n = cells[i], place[i]
        gx, gy = float(rise[c, 0]), float(rise[c, 1])
        ax, ay = gradient[c, 0], gradient[c, 1]
        whole = 0.0
        if ax != ax:
            # Where it was lit it heads as fast as it can.
            ax, ay = metric[c, 1], metric[c, 2]
            whole = metric[c, 0]
        lift = gx * ax + gy * ay
        length = np.sqrt(max(ax * ax + ay * ay - lift * lift / (1.0 + gx * gx + gy * gy), 0.0))
        arrival[n] = time[c]
        rate[n] = 1.0 / (whole - length if whole > 0.0 else length)
        intensity[n] = beds[bed[c], 6] * rate[n]
        residence[n] = beds[bed[c], 7]
