"""Shallow water on coarse cells with tables of their ground: one time step as one sweep over the rows.

The local inertial equation of ``inertial.kernel`` on each coarse edge, with the depth a and the
roughness n of the flow from the edge's table at the higher of the two levels:

    q ← [θ q + (1 − θ) q̃ − m g a Δt (η_B − η_A) / d + β q] / (1 + 2 β),  β = m g Δt n² |Q| a^(−7/3)

q is the flow over the length of the coarse edge; a is its area and a^(5/3) / n its conveyance over the
same length. η is the level of the water in each coarse cell, from its own table by the volume it holds.

- m = (1 + |Q| / (a √(g a)))² keeps flows in steep streets from breaking into pulses; see
  ``inertial.kernel``.
- m a is limited to what the wet shares of both cells hold of the deepest water, in gravity and friction
  alike: no wave is faster than the step can follow where a wide edge meets little water, and an even
  flow stays the same.
- Depths are summed with what rounding left over, as in ``inertial.rows``.
- Levels that differ by less than rounding can make them are equal: a lake rests.
- Each cell's outflow is scaled down to the water that it holds.

The rows of a band pass through the stages, each one row behind the one before:

    stage (row r + 1) → flux (r) → share of the outflow that is there (r) → limited flux, depth (r − 1)

A band reads three rows of each of its neighbours from a snapshot taken before the step: the result does
not depend on the number of bands, to the last bit.
"""

from typing import Any

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.records import SPEED_DEPTH
from citytwin.hazards.flood.subgrid.rows import (
    CONSTANTS,
    CROSSED,
    DEPTH,
    FAST,
    FLOW,
    ONE,
    ROOM,
    THIN,
    WET,
    ZERO,
    depth_row,
    flux_row,
    limit_row,
    share_row,
    stage_row,
)
from citytwin.kernels.both import both

__all__ = ["CONSTANTS", "DEPTH", "FLOW", "HALO", "MOVING", "measure_parallel", "measure_serial",
           "scratch", "steps_parallel", "steps_serial"]  # fmt: skip

#: Number of moving quantities.
MOVING = 6
#: Rows of each neighbouring band that a band reads.
HALO = 3
#: The step follows flows up to this Froude number; the waves of faster ones are less hastened.
_FOLLOWED = 2.0
#: A cell that holds more than this many times its area is a drain.
_DRAIN = 1e3
_GRAVITY = 9.80665


def scratch(bands: int, cols: int, dtype: Any) -> tuple[AnyFloats, AnyFloats, AnyFloats, AnyFloats]:
    """``halo`` (bands, 6, 6, cols), ``ring`` (bands, 3, 6, cols), ``share`` (bands, 2, cols) and
    ``stage`` (bands, 3, 2, cols)."""  # noqa: D205, D209
    return (
        np.zeros((bands, 2 * HALO, MOVING, cols), dtype),
        np.zeros((bands, 3, 6, cols), dtype),
        np.ones((bands, 2, cols), dtype),
        np.ones((bands, 3, 2, cols), dtype),
    )


@njit(cache=True, nogil=True)
def _take_snapshot(state: AnyFloats, bands: Ints, halo: AnyFloats) -> None:
    """Copy the rows that each band reads from its neighbours, before anything moves."""
    for band in range(bands.size - 1):
        for k in range(HALO):
            halo[band, k] = state[bands[band] - HALO + k]
            halo[band, HALO + k] = state[bands[band + 1] + k]


@njit(cache=True, nogil=True)
def _row(state: AnyFloats, halo: AnyFloats, r: int, first: int, last: int) -> Any:
    """(6, cols) state of a row: the band's own, or its neighbour's from the snapshot."""
    if r < first:
        return halo[r - first + HALO]
    if r >= last:
        return halo[r - last + HALO]
    return state[r]


@njit(**FAST)
def _sweep(
    state: AnyFloats,
    cells: AnyFloats,
    edges: AnyFloats,
    crest: AnyFloats,
    crossed: AnyFloats,
    halo: AnyFloats,
    first: int,
    last: int,
    low: Ints,
    high: Ints,
    edge: AnyFloats,
    turn: AnyFloats,
    ring: AnyFloats,
    share: AnyFloats,
    stage: AnyFloats,
) -> None:
    """One time step of the rows ``first`` to ``last`` − 1 of a window."""
    p, walls = edge[0], crest.shape[0] > 1
    ring[:] = p[ZERO]
    share[:] = p[ONE]
    stage[:] = p[ZERO]
    short_one = False
    past = _row(state, halo, first - 3, first, last)
    here = _row(state, halo, first - 2, first, last)
    stage_row(here, cells[first - 2], stage[(first - 2) % 3], p, low[first - 2], high[first - 2])
    for r in range(first - 2, last + 1):
        b = r + 1
        beyond = _row(state, halo, b, first, last)
        now, prev = ring[r % 3], ring[(r - 1) % 3]
        mine, other = stage[r % 3], stage[b % 3]
        other[:] = p[ZERO]
        stage_row(beyond, cells[b], other, p, low[b], high[b])
        now[:] = p[ZERO]
        lo, hi = low[r], high[r]
        for way in range(3):
            right = 0 if way == 1 else 1
            line, back = (here, here) if way == 0 else (beyond, past)
            stage_line, cells_line = (mine, cells[r]) if way == 0 else (other, cells[b])
            if walls:
                flux_row(
                    here, line, back, mine, stage_line, cells[r], cells_line, edges[r, way],
                    crest[r], way, right, now, edge[way], lo, hi,
                )  # fmt: skip
            else:
                flux_row(
                    here, line, back, mine, stage_line, cells[r], cells_line, edges[r, way],
                    None, way, right, now, edge[way], lo, hi,
                )  # fmt: skip
        short = False
        if r >= first - 1:
            share[r % 2] = p[ONE]
            short = share_row(here, cells[r], prev, now, share, r % 2, p, lo, hi)
        if r >= first and (short or short_one):
            lo, hi, one, two = low[r - 1], high[r - 1], (r - 1) % 2, r % 2
            limit_row(prev, share, 0, one, one, 1, p, lo, hi)
            limit_row(prev, share, 1, one, two, 0, p, lo, hi)
            limit_row(prev, share, 2, one, two, 1, p, lo, hi)
        if r > first:
            tiny = p[THIN] * p[THIN] * p[THIN]
            depth_row(past, cells[r - 1], ring[(r - 2) % 3], prev, turn, p, tiny, lo, hi)
            if crossed.shape[0] > 1:
                crossed[r - 1] = prev[CROSSED : CROSSED + 3]
        short_one = short
        past, here = here, beyond


def _steps(
    state: AnyFloats,
    cells: AnyFloats,
    edges: AnyFloats,
    crest: AnyFloats,
    crossed: AnyFloats,
    bands: Ints,
    halo: AnyFloats,
    low: Ints,
    high: Ints,
    edge: AnyFloats,
    turn: AnyFloats,
    ring: AnyFloats,
    share: AnyFloats,
    stage: AnyFloats,
    count: int,
) -> None:
    """``count`` time steps.

    ``state`` (rows, 6, cols); ``cells`` (rows, 3 + entries, cols) and ``edges`` (rows, 3, 3 + 2
    entries, cols) with the tables, as in ``rows``; ``crest`` (rows or 1, 3, cols); ``crossed`` (rows or
    1, 3, cols) receives what crossed the edges in the last step over the reference area [m], unless it
    has one row; ``bands`` (b + 1,) first row of each band and the end of the last; ``edge`` (3, 15)
    constants; ``turn`` (6,) factors of the flow vector; the rest is ``scratch``.
    """
    for _ in range(count):
        _take_snapshot(state, bands, halo)
        for band in prange(bands.size - 1):
            _sweep(
                state, cells, edges, crest, crossed, halo[band], bands[band], bands[band + 1],
                low, high, edge, turn, ring[band], share[band], stage[band],
            )  # fmt: skip


def _measure(
    state: AnyFloats,
    cells: AnyFloats,
    bands: Ints,
    low: Ints,
    high: Ints,
    edge: AnyFloats,
    marks: AnyFloats,
    at: Ints,
    reached: AnyFloats,
    spent: AnyFloats,
    time: float,
    span: float,
    stage: AnyFloats,
    found: AnyFloats,
) -> None:
    """Fastest wave of each band, and the time that each cell spends at its depths.

    Parameters
    ----------
    marks
        (k,) rising depths [m].
    at
        (rows, cols) number of marks that each cell's depth reached at the last measure.
    reached
        (rows, cols, k) first time at which the depth reached each mark [s]; infinite before.
    spent
        (rows, cols, k) time for which it stood between this mark and the next [s].
    time, span
        End and length of the time since the last measure [s].
    found
        (bands,) speed of the fastest wave, |u| + √(g D) with the depth D of what is wet [m/s].
    """
    for band in prange(bands.size - 1):
        fastest = 0.0
        for r in range(bands[band], bands[band + 1]):
            stage_row(state[r], cells[r], stage[band, 0], edge[0], low[r], high[r])
            for j in range(low[r], high[r]):
                h, room = np.float64(state[r, DEPTH, j]), np.float64(cells[r, ROOM, j])
                if h <= 0.0 or room <= 0.0 or room > _DRAIN:
                    continue
                deep = h * min(room, 1.0) / np.float64(stage[band, 0, WET, j])
                wave = np.sqrt(_GRAVITY * deep)
                speed = 2.0 * state[r, FLOW, j] / h if h > SPEED_DEPTH else 0.0
                fastest = max(fastest, wave + min(speed, _FOLLOWED * wave))
                k = at[r, j]
                while k < marks.size and h >= marks[k]:
                    reached[r, j, k] = min(reached[r, j, k], time)
                    k += 1
                while k > 0 and h < marks[k - 1]:
                    k -= 1
                at[r, j] = k
                if k > 0:
                    spent[r, j, k - 1] += span
        found[band] = fastest


steps_serial, steps_parallel = both(_steps)
measure_serial, measure_parallel = both(_measure)
