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

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.hazards.fire.ellipse import slowness, travel
from citytwin.hazards.fire.front.edge import bends, earliest
from citytwin.hazards.fire.front.heap import drop, longer, push
from citytwin.hazards.fire.front.state import (
    ACROSS_X,
    ACROSS_Y,
    BARE,
    BED,
    BURNT,
    FRESH,
    GONE_X,
    GONE_Y,
    LATER,
    REACHED,
    SLOW,
    STAMP,
    TIME,
    Phases,
)  # fmt: skip

#: Share of the time to cross a metre by which an arrival must be earlier to count.
_EARLIER = 1e-8


@njit(cache=True, nogil=True, error_model="numpy")
def measure(
    cells: Floats, rise: Floats32, c: int, beds: Floats, level: Floats, blows: Floats
) -> None:
    """Compute slowness and covector of a cell in this wind."""
    cells[c, STAMP] = blows[2]
    bed = int(cells[c, BED])
    gx, gy = float(rise[c, 0]), float(rise[c, 1])
    s, wx, wy = level[bed, 0], level[bed, 1], level[bed, 2]
    if gx != 0.0 or gy != 0.0:
        s, wx, wy = slowness(beds[bed], blows[0], blows[1], gx, gy, blows[3] > 0.0)
    cells[c, SLOW], cells[c, ACROSS_X], cells[c, ACROSS_Y] = s, wx, wy


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def straight(cells: Floats, rise: Floats32, p: int, x: int, vx: float, vy: float) -> float:
    """Time to travel straight from p to x by the vector v, half in each [s]."""
    s = 0.5 * (cells[x, SLOW] + cells[p, SLOW])
    wx = 0.5 * (cells[x, ACROSS_X] + cells[p, ACROSS_X])
    wy = 0.5 * (cells[x, ACROSS_Y] + cells[p, ACROSS_Y])
    gx, gy = 0.5 * (rise[x, 0] + rise[p, 0]), 0.5 * (rise[x, 1] + rise[p, 1])
    return travel(s, wx, wy, gx, gy, vx, vy)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def across(
    cells: Floats,
    rise: Floats32,
    p: int,
    q: int,
    x: int,
    vx: float,
    vy: float,
    ex: float,
    ey: float,
) -> tuple[float, float, float]:
    """Earliest arrival at x across the edge from p to q, and the vector by which it comes.

    Half of the way lies in x, half in the nearer of p and q. The vectors v, from p to x, and e, from
    p to q, are in metres.
    """
    chord = cells[q, TIME] - cells[p, TIME]
    first = cells[p, GONE_X] * ex + cells[p, GONE_Y] * ey - chord
    last = cells[q, GONE_X] * ex + cells[q, GONE_Y] * ey - chord
    first, last = bends(first, last)
    near = p
    place, late = 0.0, 0.0
    for attempt in range(2):
        s = 0.5 * (cells[x, SLOW] + cells[near, SLOW])
        wx = 0.5 * (cells[x, ACROSS_X] + cells[near, ACROSS_X])
        wy = 0.5 * (cells[x, ACROSS_Y] + cells[near, ACROSS_Y])
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
        if attempt == 1 or place <= 0.5 or cells[p, SLOW] == cells[q, SLOW]:
            break
        near = q
    if near == q or first > 0.0:
        # Between fuels, or where fires meet, the best place on the edge may be its start.
        ahead = straight(cells, rise, p, x, vx, vy)
        if ahead < late:
            late, place = ahead, 0.0
    return cells[p, TIME] + late, vx - place * ex, vy - place * ey


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def arrive(cells: Floats, rise: Floats32, x: int, time: float, vx: float, vy: float) -> None:
    """Write an arrival by a vector, and the gradient that belongs to it."""
    gx, gy = rise[x, 0], rise[x, 1]
    lift = gx * vx + gy * vy
    per = cells[x, SLOW] / np.sqrt(vx * vx + vy * vy + lift * lift)
    cells[x, TIME] = time
    cells[x, GONE_X] = per * (vx + gx * lift) - cells[x, ACROSS_X]
    cells[x, GONE_Y] = per * (vy + gy * lift) - cells[x, ACROSS_Y]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def best_of(
    cells: Floats, rise: Floats32, phase: Phases, p: int, k: int, ring: Ints, vectors: Floats,
    beds: Floats, level: Floats, blows: Floats,
) -> tuple[float, float, float]:  # fmt: skip
    """Earliest arrival at the k-th neighbour of p across the two edges that begin at p.

    Straight from p if fire has come to neither of the cells beside the way.
    """
    x = p + ring[k]
    vx, vy = vectors[k, 0], vectors[k, 1]
    best, by_x, by_y = np.inf, vx, vy
    for side in (1, 5):
        j = (k + side) % 6
        q = p + ring[j]
        if phase[q] < LATER or np.isnan(cells[q, GONE_X]):
            continue
        if cells[q, STAMP] != blows[2]:
            measure(cells, rise, q, beds, level, blows)
        time, dx, dy = across(cells, rise, p, q, x, vx, vy, vectors[j, 0], vectors[j, 1])
        if time < best:
            best, by_x, by_y = time, dx, dy
    if best == np.inf:
        best = cells[p, TIME] + straight(cells, rise, p, x, vx, vy)
    return best, by_x, by_y


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def relax(
    cells: Floats, rise: Floats32, phase: Phases, p: int, ring: Ints, vectors: Floats,
    beds: Floats, level: Floats, blows: Floats, begin: float, base: float, adds: Floats,
    keys: Floats, heap: Ints, size: int,
) -> int:  # fmt: skip
    """Let fire go from a cell to its neighbours; those that it reaches earlier go into the heap.

    Beyond the end of the span it reaches only cells that are reached anyhow. A cell that burnt in the
    span can be improved by a neighbour whose ray goes towards it, or that is that much earlier; one
    that burnt before cannot.
    """
    ray_x = cells[p, GONE_X] + cells[p, ACROSS_X]
    ray_y = cells[p, GONE_Y] + cells[p, ACROSS_Y]
    for k in range(6):
        x = p + ring[k]
        kind = phase[x]
        if kind == BARE or (kind == FRESH and phase[p] != BURNT):
            continue
        if kind == BURNT:
            if cells[x, TIME] <= max(begin, cells[p, TIME]):
                continue
            vx, vy = vectors[k, 0], vectors[k, 1]
            back = ray_x * vx + ray_y * vy <= 0.0
            if back and cells[p, TIME] + straight(cells, rise, p, x, vx, vy) >= cells[x, TIME]:
                continue
        if cells[x, STAMP] != blows[2]:
            measure(cells, rise, x, beds, level, blows)
        best, by_x, by_y = best_of(cells, rise, phase, p, k, ring, vectors, beds, level, blows)
        best = max(best, begin)
        if best < cells[x, TIME] - _EARLIER * cells[x, SLOW]:
            arrive(cells, rise, x, best, by_x, by_y)
            if kind == FRESH:
                phase[x] = REACHED
            size = push(keys, heap, size, best + base + adds[k], x)
    return size


@njit(cache=True, nogil=True, error_model="numpy")
def march(  # noqa: C901  (one loop: each call that takes arrays costs as much as the step)
    cells: Floats,
    rise: Floats32,
    phase: Phases,
    beds: Floats,
    level: Floats,
    blows: Floats,
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
    cells, rise, phase
        As of ``State``.
    beds, level
        Table of ``Bed.row``, and slowness and covector of each on level ground in this wind.
    blows
        Wind at 10 m to the east and north [m/s], its number, 1 if it is limited.
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
    room = 1024 + 2 * band.size
    keys, heap, size = np.empty(room, np.float64), np.empty(room, np.int64), 0
    burnt, count = np.empty(1024, np.int64), 0
    later, waiting = np.empty(1024, np.int64), 0
    for c in band:
        if phase[c] == LATER:
            phase[c] = REACHED
        row = c // width
        key = cells[c, TIME] + tilt[0] * row + tilt[1] * (c - row * width)
        size = push(keys, heap, size, key, c)
    # As ``ring``: by a column, by both, by a row, and back.
    adds = np.array([tilt[1], tilt[0] + tilt[1], tilt[0], -tilt[1], -tilt[0] - tilt[1], -tilt[0]])
    taken = 0
    while size > 0:
        key, p = keys[0], heap[0]
        size = drop(keys, heap, size)
        row = p // width
        base = tilt[0] * row + tilt[1] * (p - row * width)
        # An earlier arrival has been put in since.
        stale = key > cells[p, TIME] + base + 0.5 * _EARLIER * cells[p, SLOW]
        if stale or phase[p] == BARE:
            continue
        taken += 1
        if phase[p] != BURNT:
            if cells[p, TIME] <= end:
                phase[p] = BURNT
                if count == burnt.size:
                    burnt = longer(burnt)
                burnt[count] = p
                count += 1
            elif phase[p] == REACHED:
                phase[p] = LATER
                if waiting == later.size:
                    later = longer(later)
                later[waiting] = p
                waiting += 1
        if np.isnan(cells[p, GONE_X]):
            continue
        if cells[p, STAMP] != blows[2]:
            measure(cells, rise, p, beds, level, blows)
        if size + 6 > keys.size:
            keys, heap = longer(keys), longer(heap)
        size = relax(
            cells, rise, phase, p, ring, vectors, beds, level, blows, begin, base, adds, keys, heap,
            size,
        )  # fmt: skip
    return burnt[:count], later[:waiting], taken
