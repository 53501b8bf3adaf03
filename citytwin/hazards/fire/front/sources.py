"""Ignitions: the cells about one are reached by straight rays, exactly, piece by piece of the wind."""

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Floats32, Ints
from citytwin.grid.lattice import Lattice
from citytwin.hazards.fire.front.march import arrive, measure, straight
from citytwin.hazards.fire.front.state import (
    BARE,
    BED,
    BURNT,
    GONE_X,
    GONE_Y,
    PAD,
    REACHED,
    TIME,
    Phases,
)  # fmt: skip


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
def sow(
    cells: Floats,
    rise: Floats32,
    phase: Phases,
    beds: Floats,
    level: Floats,
    blows: Floats,
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
    cells, rise, phase, beds, level, blows
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
        measure(cells, rise, c, beds, level, blows)
        if when[i] >= begin and phase[c] != BURNT and when[i] < cells[c, TIME]:
            cells[c, TIME] = when[i]
            cells[c, GONE_X] = cells[c, GONE_Y] = np.nan
            phase[c] = REACHED
            reached[count] = c
            count += 1
        seen = within[0]
        for ring in range(1, within.size):
            alike = True
            for j in range(within[ring]):
                x = c + steps[j]
                alike = alike and phase[x] != BARE and cells[x, BED] == cells[c, BED]
            if not alike:
                break
            seen = within[ring]
        for j in range(seen):
            x = c + steps[j]
            if phase[x] == BARE or (phase[x] == BURNT and cells[x, TIME] <= begin):
                continue
            measure(cells, rise, x, beds, level, blows)
            vx, vy = vectors[j, 0], vectors[j, 1]
            whole = straight(cells, rise, c, x, vx, vy)
            t = start + max(1.0 - gone[i, j], 0.0) * whole
            gone[i, j] += (end - start) / whole
            alive[i] = True
            if t < cells[x, TIME]:
                arrive(cells, rise, x, t, vx, vy)
                phase[x] = REACHED
                reached[count] = x
                count += 1
    return reached[:count], alive
