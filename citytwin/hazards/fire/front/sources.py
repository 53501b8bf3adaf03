"""Ignitions: the cells about one are reached by straight rays, exactly, piece by piece of the wind."""

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Floats32, Ints
from citytwin.grid.lattice import Lattice
from citytwin.hazards.fire.front.state import (
    BARE,
    BED,
    BURNT,
    GONE_X,
    GONE_Y,
    PAD,
    REACHED,
    STAMP,
    TIME,
    Phases,
)  # fmt: skip
from citytwin.hazards.fire.front.step import arrive, measure, straight


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


@njit(cache=True, nogil=True, error_model="numpy")
def seen(cells: Floats, phase: Phases, c: int, steps: Ints, within: Ints) -> int:
    """How many cells of the disc are reached straight: the rings in which all is as in the middle."""
    count = within[0]
    for ring in range(1, within.size):
        for j in range(within[ring]):
            x = c + steps[j]
            if phase[x] == BARE or cells[x, BED] != cells[c, BED]:
                return int(count)
        count = within[ring]
    return int(count)


@njit(cache=True, nogil=True, error_model="numpy")
def go(
    cells: Floats, rise: Floats32, phase: Phases, beds: Floats, level: Floats, blows: Floats,
    begin: float, end: float, lit: Ints, when: Floats, gone: Floats,
    steps: Ints, vectors: Floats, within: Ints,
) -> None:  # fmt: skip
    """Let rays from ignitions go through a span of time [s] in a steady wind; see ``sow``."""
    for i in range(lit.size):
        c = lit[i]
        start = max(when[i], begin)
        if phase[c] == BARE or start >= end:
            continue
        if cells[c, STAMP] != blows[2]:
            measure(cells, rise, c, beds, level, blows)
        for j in range(seen(cells, phase, c, steps, within)):
            x = c + steps[j]
            if phase[x] == BARE:
                continue
            if cells[x, STAMP] != blows[2]:
                measure(cells, rise, x, beds, level, blows)
            gone[i, j] += (end - start) / straight(cells, rise, c, x, vectors[j, 0], vectors[j, 1])


@njit(cache=True, nogil=True, error_model="numpy")
def sow(  # noqa: C901  (one loop, as of the march)
    cells: Floats, rise: Floats32, phase: Phases, beds: Floats, level: Floats, blows: Floats,
    begin: float, told: float, lit: Ints, when: Floats, gone: Floats,
    steps: Ints, vectors: Floats, within: Ints,
) -> tuple[Ints, Bools]:  # fmt: skip
    """Cells that rays from ignitions reach in a wind that stays as it is.

    Parameters
    ----------
    cells, rise, phase, beds, level, blows
        As of ``march``.
    begin, told
        When the wind began, or the front went on from; time up to which arrivals are told [s].
    lit, when
        (i,) cells and times of the ignitions [s].
    gone
        (i, 36) share of the way to each cell of the disc that the fire had gone when it began.
    steps, vectors, within
        As of ``disc``.

    Returns
    -------
    Cells that are newly reached, and for each ignition whether its disc has cells yet to burn.
    """
    reached, count = np.empty(lit.size * (steps.size + 1), np.int64), 0
    alive = np.zeros(lit.size, np.bool_)
    for i in range(lit.size):
        c = lit[i]
        if phase[c] == BARE:
            continue
        if cells[c, STAMP] != blows[2]:
            measure(cells, rise, c, beds, level, blows)
        if when[i] >= told and when[i] < cells[c, TIME]:
            cells[c, TIME] = when[i]
            cells[c, GONE_X] = cells[c, GONE_Y] = np.nan
            if phase[c] != BURNT:
                phase[c] = REACHED
            reached[count] = c
            count += 1
        for j in range(seen(cells, phase, c, steps, within)):
            x = c + steps[j]
            if phase[x] == BARE or (phase[x] == BURNT and cells[x, TIME] <= told):
                continue
            alive[i] = True
            if cells[x, STAMP] != blows[2]:
                measure(cells, rise, x, beds, level, blows)
            vx, vy = vectors[j, 0], vectors[j, 1]
            left = max(1.0 - gone[i, j], 0.0) * straight(cells, rise, c, x, vx, vy)
            t = max(when[i], begin) + left
            if t < cells[x, TIME]:
                arrive(cells, rise, x, max(t, told), vx, vy)
                if phase[x] != BURNT:
                    phase[x] = REACHED
                reached[count] = x
                count += 1
    return reached[:count], alive
