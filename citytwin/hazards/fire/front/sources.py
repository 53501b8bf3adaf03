"""Ignitions: the cells about one are reached by straight rays, exactly, piece by piece of the wind."""

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Ints
from citytwin.hazards.fire.front.march import arrive, measure
from citytwin.hazards.fire.front.state import BARE, BURNT, PAD, REACHED
from citytwin.grid.lattice import Lattice


def disc(lattice: Lattice, width: int) -> tuple[Ints, Floats, Ints]:
    """Cells about an ignition, ring by ring.

    Returns
    -------
    (36,) steps in the padded window, (36, 2) vectors [m], and the number of cells within each ring.
    """
    reach = range(-PAD, PAD + 1)
    # Rows and columns that differ with one sign count once: the third direction is (1, 1).
    found = sorted(
        (max(abs(r), abs(c), abs(r - c)), r, c) for r in reach for c in reach if abs(r - c) <= PAD
    )[1:]
    steps = np.array([r * width + c for _, r, c in found], np.int64)
    vectors = np.array([c * lattice.vectors[0] + r * lattice.vectors[1] for _, r, c in found])
    rings = np.array([away for away, _, _ in found])
    within = np.array([(rings <= k).sum() for k in range(1, PAD + 1)], np.int64)
    return steps, vectors, within


@njit(cache=True, nogil=True)
def sow(
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
    begin: float,
    end: float,
    lit: Ints,
    when: Floats,
    gone: Floats,
    steps: Ints,
    vectors: Floats,
    within: Ints,
) -> tuple[Ints, Bools]:
    """Let rays go out from ignitions through a span of time in which the wind is steady.

    Parameters
    ----------
    time, gradient, phase, bed, rise, metric, stamp, beds, wind, now, limited
        As of ``march``.
    begin, end
        The span [s].
    lit, when
        (i,) cells and times of the ignitions [s]; all before the end.
    gone
        (i, 36) share of the way to each cell of the disc that the fire has gone; brought to the end.
    steps, vectors, within
        As of ``disc``.

    Returns
    -------
    Cells that are newly reached, and for each ignition whether its disc has unburnt cells.
    """
    reached, count = np.empty(lit.size * (steps.size + 1), np.int64), 0
    alive = np.zeros(lit.size, np.bool_)
    for i in range(lit.size):
        c = lit[i]
        if phase[c] == BARE:
            continue
        start = max(when[i], begin)
        measure(c, bed, rise, metric, stamp, beds, wind, now, limited)
        if when[i] >= begin and phase[c] != BURNT and when[i] < time[c]:
            time[c] = when[i]
            gradient[c, 0] = gradient[c, 1] = np.nan
            phase[c] = REACHED
            reached[count] = c
            count += 1
        seen = within[0]
        for ring in range(1, within.size):
            alike = True
            for j in range(within[ring]):
                x = c + steps[j]
                alike = alike and phase[x] != BARE and bed[x] == bed[c]
            if not alike:
                break
            seen = within[ring]
        for j in range(seen):
            x = c + steps[j]
            if phase[x] == BARE or (phase[x] == BURNT and time[x] <= begin):
                continue
            measure(x, bed, rise, metric, stamp, beds, wind, now, limited)
            s = 0.5 * (metric[x, 0] + metric[c, 0])
            wx, wy = 0.5 * (metric[x, 1] + metric[c, 1]), 0.5 * (metric[x, 2] + metric[c, 2])
            gx, gy = 0.5 * (rise[x, 0] + rise[c, 0]), 0.5 * (rise[x, 1] + rise[c, 1])
            vx, vy = vectors[j, 0], vectors[j, 1]
            lift = gx * vx + gy * vy
            whole = s * np.sqrt(vx * vx + vy * vy + lift * lift) - wx * vx - wy * vy
            t = start + max(1.0 - gone[i, j], 0.0) * whole
            gone[i, j] += (end - start) / whole
            alive[i] = True
            if t < time[x]:
                arrive(x, t, vx, vy, time, gradient, rise, metric)
                phase[x] = REACHED
                reached[count] = x
                count += 1
    return reached[:count], alive
