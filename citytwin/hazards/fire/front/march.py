"""The march of the front through one span of time in which the wind is steady.

Each cell takes the least arrival over the edges of the six triangles round it (a semi-Lagrangian, or
Hopf-Lax, update; Sethian & Vladimirsky 2001, 10.1073/pnas.201222998, without its larger stencils).
In even fuel F(v) = s |v| − w·v turns into an isotropic distance if w·x is added to the time. So the
heap orders cells by T + w·x, not by T: in that order every triangle of the lattice is causal, and no
cell is computed twice however narrow the head. Where fuels differ it is only nearly so: a cell that
finds an earlier arrival goes into the heap again.
"""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Floats32, Ints
from citytwin.hazards.fire.front.heap import drop, longer, longer_keys, push
from citytwin.hazards.fire.front.state import (
    ACROSS_X,
    ACROSS_Y,
    BARE,
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
from citytwin.hazards.fire.front.step import across, arrive, measure, straight

#: Share of the time to cross a metre by which an arrival must be earlier to count.
_EARLIER = 1e-8


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


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def fill(
    cells: Floats, phase: Phases, band: Ints, width: int, tilt: Floats, keys: Floats, heap: Ints
) -> int:
    """Put the cells of a band into an empty heap, for which there is room; gives its size."""
    size = 0
    for c in band:
        if phase[c] == LATER:
            phase[c] = REACHED
        row = c // width
        key = cells[c, TIME] + tilt[0] * row + tilt[1] * (c - row * width)
        size = push(keys, heap, size, key, c)
    return size


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def settled(cells: Floats, phase: Phases, p: int, end: float) -> int:
    """Settle what becomes of a cell taken from the heap: BURNT or LATER if new, else 0."""
    if phase[p] == BURNT:
        return 0
    if cells[p, TIME] <= end:
        phase[p] = BURNT
        return BURNT
    if phase[p] == REACHED:
        phase[p] = LATER
        return LATER
    return 0


@njit(cache=True, nogil=True, error_model="numpy")
def march(
    cells: Floats, rise: Floats32, phase: Phases, beds: Floats, level: Floats, blows: Floats,
    begin: float, end: float, width: int, ring: Ints, vectors: Floats, tilt: Floats, band: Ints,
) -> tuple[Ints, Ints, int]:  # fmt: skip
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
    keys, heap = (
        np.empty(1024 + 2 * band.size, np.float64),
        np.empty(1024 + 2 * band.size, np.int64),
    )
    burnt, count, later, waiting = np.empty(1024, np.int64), 0, np.empty(1024, np.int64), 0
    size, taken = fill(cells, phase, band, width, tilt, keys, heap), 0
    # As ``ring``: by a column, by both, by a row, and back.
    adds = np.array([tilt[1], tilt[0] + tilt[1], tilt[0], -tilt[1], -tilt[0] - tilt[1], -tilt[0]])
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
        now = settled(cells, phase, p, end)
        if now == BURNT:
            if count == burnt.size:
                burnt = longer(burnt)
            burnt[count] = p
            count += 1
        elif now == LATER:
            if waiting == later.size:
                later = longer(later)
            later[waiting] = p
            waiting += 1
        if np.isnan(cells[p, GONE_X]):
            continue
        if cells[p, STAMP] != blows[2]:
            measure(cells, rise, p, beds, level, blows)
        if size + 6 > keys.size:
            keys, heap = longer_keys(keys), longer(heap)
        size = relax(
            cells, rise, phase, p, ring, vectors, beds, level, blows, begin, base, adds, keys, heap,
            size,
        )  # fmt: skip
    return burnt[:count], later[:waiting], taken
