"""The march of the front through one span of time in which the wind is steady.

Each cell takes the least arrival over the edges of the six triangles round it (a semi-Lagrangian, or
Hopf-Lax, update; Sethian & Vladimirsky 2003, 10.1137/S0036142901392742, without its larger stencils).
In even fuel F(v) = s |v| − w·v turns into an isotropic distance if w·x is added to the time. So the
heap orders cells by T + w·x, not by T: in that order every triangle of the lattice is causal, and no
cell is computed twice however narrow the head. Where fuels differ it is only nearly so: a cell that
finds an earlier arrival goes into the heap again.
"""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Ints
from citytwin.hazards.fire.ellipse import slowness
from citytwin.hazards.fire.front.edge import bends, earliest
from citytwin.hazards.fire.front.heap import drop, push
from citytwin.hazards.fire.front.state import BARE, BURNT, FRESH, LATER, REACHED

#: Share of the time to cross a metre by which an arrival must be earlier to count.
_EARLIER = 1e-8


@njit(cache=True, nogil=True)
def measure(c, bed, rise, metric, stamp, beds, wind, now, limited):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Compute slowness and covector of a cell unless they are there for this wind."""
    if stamp[c] != now:
        stamp[c] = now
        s, wx, wy = slowness(
            beds[bed[c]], wind[0], wind[1], float(rise[c, 0]), float(rise[c, 1]), limited
        )
        metric[c, 0], metric[c, 1], metric[c, 2] = s, wx, wy


@njit(cache=True, nogil=True)
def across(p, q, x, vx, vy, ex, ey, time, gradient, rise, metric):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Earliest arrival at x across the edge from p to q, and the vector by which it comes.

    Half of the way lies in x, half in the nearer of p and q.
    """
    chord = time[q] - time[p]
    first = gradient[p, 0] * ex + gradient[p, 1] * ey - chord
    last = gradient[q, 0] * ex + gradient[q, 1] * ey - chord
    first, last = bends(first, last)
    near = p
    place, late = 0.0, 0.0
    for attempt in range(2):
        s = 0.5 * (metric[x, 0] + metric[near, 0])
        wx = 0.5 * (metric[x, 1] + metric[near, 1])
        wy = 0.5 * (metric[x, 2] + metric[near, 2])
        gx = 0.5 * (rise[x, 0] + rise[near, 0])
        gy = 0.5 * (rise[x, 1] + rise[near, 1])
        lift_v, lift_e = gx * vx + gy * vy, gx * ex + gy * ey
        place, late = earliest(
            chord,
            first,
            last,
            s,
            wx * ex + wy * ey,
            vx * vx + vy * vy + lift_v * lift_v,
            vx * ex + vy * ey + lift_v * lift_e,
            ex * ex + ey * ey + lift_e * lift_e,
        )
        late -= wx * vx + wy * vy
        if attempt == 1 or place <= 0.5 or metric[p, 0] == metric[q, 0]:
            break
        near = q
    return time[p] + late, vx - place * ex, vy - place * ey


@njit(cache=True, nogil=True)
def arrive(x, t, vx, vy, time, gradient, rise, metric):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Write an arrival by a vector, and the gradient that belongs to it."""
    gx, gy = rise[x, 0], rise[x, 1]
    lift = gx * vx + gy * vy
    per = metric[x, 0] / np.sqrt(vx * vx + vy * vy + lift * lift)
    time[x] = t
    gradient[x, 0] = per * (vx + gx * lift) - metric[x, 1]
    gradient[x, 1] = per * (vy + gy * lift) - metric[x, 2]


@njit(cache=True, nogil=True)
def march(
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
    width: int,
    ring: Ints,
    vectors: Floats,
    tilt: Floats,
    band: Ints,
) -> tuple[Ints, Ints, int]:
    """Let the front go on from a band of cells.

    Parameters
    ----------
    time, gradient, phase, bed, rise, metric, stamp
        As of ``State``.
    beds
        Table of ``Bed.row``.
    wind, now, limited
        Wind at 10 m, its number, whether it is limited.
    begin, end
        The span of time [s].
    width, ring, vectors
        Columns of the padded window, steps to the neighbours and (6, 2) vectors to them [m].
    tilt
        (2,) what a row and a column add to the key of the heap [s].
    band
        Cells that are reached, or burnt beside such.

    Returns
    -------
    Cells that burnt in the span, those that are reached but burn later, and how many were taken from
    the heap.
    """
    keys, cells, size = np.empty(1024, np.float64), np.empty(1024, np.int64), 0
    burnt, count = np.empty(1024, np.int64), 0
    later, waiting = np.empty(1024, np.int64), 0
    for c in band:
        if phase[c] == LATER:
            phase[c] = REACHED
        row = c // width
        key = time[c] + tilt[0] * row + tilt[1] * (c - row * width)
        keys, cells, size = push(keys, cells, size, key, c)
    taken = 0
    while size > 0:
        key, p = keys[0], cells[0]
        size = drop(keys, cells, size)
        row = p // width
        if key != time[p] + tilt[0] * row + tilt[1] * (p - row * width) or phase[p] == BARE:
            continue
        taken += 1
        if phase[p] != BURNT:
            if time[p] <= end:
                phase[p] = BURNT
                if count == burnt.size:
                    grown = np.empty(2 * count, np.int64)
                    grown[:count] = burnt
                    burnt = grown
                burnt[count] = p
                count += 1
            elif phase[p] == REACHED:
                phase[p] = LATER
                if waiting == later.size:
                    grown = np.empty(2 * waiting, np.int64)
                    grown[:waiting] = later
                    later = grown
                later[waiting] = p
                waiting += 1
        gpx, gpy = gradient[p, 0], gradient[p, 1]
        if np.isnan(gpx):
            continue
        measure(p, bed, rise, metric, stamp, beds, wind, now, limited)
        ux, uy = gpx + metric[p, 1], gpy + metric[p, 2]
        for k in range(6):
            x = p + ring[k]
            kind = phase[x]
            if kind == BARE or (kind == FRESH and phase[p] != BURNT):
                continue
            vx, vy = vectors[k, 0], vectors[k, 1]
            if kind == BURNT and (time[x] <= begin or ux * vx + uy * vy <= 0.0):
                continue
            measure(x, bed, rise, metric, stamp, beds, wind, now, limited)
            best, by_x, by_y = np.inf, vx, vy
            for side in (1, 5):
                j = (k + side) % 6
                q = p + ring[j]
                if phase[q] < LATER or np.isnan(gradient[q, 0]):
                    continue
                measure(q, bed, rise, metric, stamp, beds, wind, now, limited)
                t, dx, dy = across(
                    p, q, x, vx, vy, vectors[j, 0], vectors[j, 1], time, gradient, rise, metric
                )
                if t < best:
                    best, by_x, by_y = t, dx, dy
            if best == np.inf:
                s = 0.5 * (metric[x, 0] + metric[p, 0])
                wx, wy = 0.5 * (metric[x, 1] + metric[p, 1]), 0.5 * (metric[x, 2] + metric[p, 2])
                gx, gy = 0.5 * (rise[x, 0] + rise[p, 0]), 0.5 * (rise[x, 1] + rise[p, 1])
                lift = gx * vx + gy * vy
                best = time[p] + s * np.sqrt(vx * vx + vy * vy + lift * lift) - wx * vx - wy * vy
            best = max(best, begin)
            if best < time[x] - _EARLIER * metric[x, 0]:
                arrive(x, best, by_x, by_y, time, gradient, rise, metric)
                if kind == FRESH:
                    phase[x] = REACHED
                row = x // width
                key = best + tilt[0] * row + tilt[1] * (x - row * width)
                keys, cells, size = push(keys, cells, size, key, x)
    return burnt[:count], later[:waiting], taken
