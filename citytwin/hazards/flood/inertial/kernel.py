"""Shallow water on a hexagonal lattice: one time step as one fused sweep over the rows.

The local inertial form of the shallow-water equations (Bates et al. 2010,
10.1016/j.jhydrol.2010.03.027) on each edge, between the cells A and B at distance d along
the unit vector n:

    q ← [θ q + (1 − θ) q̃ − m g h_f Δt (η_B − η_A) / d + β q] / (1 + 2 β),  β = m g Δt n_M² |Q| h_f^(−7/3)

with the flow depth h_f = max(η_A, η_B) − max(z_A, z_B, crest), where ``crest`` is the level of a wall,
levee or gate on the edge. Five corrections, on the hexagons:

- The old flux is weighted with the mean q̃ of the fluxes before and behind it on the same line (de
  Almeida et al. 2012, 10.1029/2011WR011570). A neighbour that does not flow, at a wall or a dry
  front, is left out, so that walls do not brake the water in a narrow street.
- The friction takes the magnitude of the flow vector, not of one component (de Almeida & Bates 2013,
  10.1002/wrcr.20366): |Q| is the mean over both cells, Q = ½ Σ w_k |d_k| d_k (q⁺ + q⁻) in each, or
  |q| where walls leave less. The formula prefers no direction on
  open ground; a stream one cell wide still feels the lattice.
- Inertia counts 1/m, with m = (1 + |Q| / (h_f √(g h_f)))², so that waves run at |u| + √(g h), as in the
  full equations, and not at √(g h). Else they are outrun, beyond a Froude number of 0.6, by the waves
  that friction drives at 5/3 u, and even flow in steep streets breaks up into pulses (Vedernikov's
  criterion; ``verification.rolls``). Even flow itself, where gravity and friction balance, stays as it
  is. Inertia fades with the Froude number in the same way in Fread's local partial inertia technique
  (as HEC-RAS's manual has it; the paper was not read), whose factor is another. No wave is hastened
  beyond what the step can follow.
- Friction is that of the new flow, q |q| taken as 2 |Q| q_new − |Q| q_old (Newton's step): with |Q|
  from before the step alone, as published, strong friction makes a flow swing about its balance from
  one step to the next, C² / q and back, and thin sheets on steep ground go wrong.
- Each cell's outflow is scaled down to the water that it holds: no depth falls below zero and no
  water is invented on steep streets.

The rows of a band pass through the stages one after the other, so that the arrays travel from memory
once in a step:

    flux (row r) → is a cell short of water? and depth as if none were (r)
                 → where one was: share of the outflow that is there (r), limited flux and depth (r − 1)

Limiting and settling again gives what would have come without the guess, to the last bit.

A band reads rows of its neighbours, three before it and two after, from a snapshot taken before the
step: the result does not depend on the number of bands, to the last bit. Nor does it depend on the
columns ``low`` to ``high`` that are worked on, as long as they hold all water that stands or moves and
as many cells around it as there are steps (``active.active_spans``), and all outside is at rest:
depth no more than the thinnest that flows, fluxes and flow exactly zero.
"""

from typing import Any

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Bools, Ints
from citytwin.hazards.flood.inertial.rows import (
    DEPTH,
    ELEVATION,
    EXCESS,
    FAST,
    FLOW,
    FLUX0,
    FLUX1,
    FLUX2,
    FRICTION,
    OLD1,
    OLD2,
    ONE,
    OVER,
    STORAGE,
    THIN,
    ZERO,
    copy_line,
    flux_row,
    hold_and_settle_row,
    hold_row,
    limit_row,
    report_row,
    settle_row,
    share_row,
)
from citytwin.kernels.both import both

__all__ = [
    "DEPTH", "ELEVATION", "FIXED", "FLOW", "FLUX0", "FLUX1", "FLUX2", "FRICTION", "HALO", "MOVING",
    "OVER", "STORAGE", "scratch", "steps_parallel", "steps_serial",
]  # fmt: skip

#: Number of moving and of fixed quantities.
MOVING, FIXED = 6, 3
#: Rows of each neighbouring band that a band reads.
HALO = 3
#: Columns are worked on in groups of so many, where the array has them: vectors are never half full.
GROUP = 16


def scratch(bands: int, cols: int, dtype: Any) -> tuple[AnyFloats, AnyFloats, AnyFloats]:
    """``halo`` (bands, 6, 6, cols), ``ring`` (bands, 3, 7, cols) and ``share`` (bands, 3, cols)."""
    return (
        np.zeros((bands, 2 * HALO, MOVING, cols), dtype),
        np.zeros((bands, 3, EXCESS + 1, cols), dtype),
        np.ones((bands, 3, cols), dtype),
    )


@njit(cache=True, nogil=True)
def _take_snapshot(state: AnyFloats, bands: Ints, halo: AnyFloats) -> None:
    """Copy the rows that each band reads from its neighbours, before anything moves."""
    for band in range(bands.size - 1):
        for k in range(HALO):
            for part in range(MOVING):
                for j in range(state.shape[2]):
                    halo[band, k, part, j] = state[bands[band] - HALO + k, part, j]
                    halo[band, HALO + k, part, j] = state[bands[band + 1] + k, part, j]


@njit(cache=True, nogil=True)
def _row(state: AnyFloats, halo: AnyFloats, r: int, first: int, last: int) -> Any:
    """(6, cols) state of a row: the band's own, or its neighbour's from the snapshot."""
    if r < first:
        return halo[r - first + HALO]
    if r >= last:
        return halo[r - last + HALO]
    return state[r]


@njit(cache=True, nogil=True)
def _fill(rows: AnyFloats, which: int, value: float) -> None:
    """Set a row of (k, cols) to one value."""
    for j in range(rows.shape[1]):
        rows[which, j] = value


@njit(cache=True, nogil=True)
def _end(low: Ints, high: Ints, r: int, cols: int) -> Any:
    """One past the last column of a row that is worked on: whole groups, if the array has them."""
    return min(cols - 1, low[r] + (high[r] - low[r] + GROUP - 1) // GROUP * GROUP)


@njit(cache=True, nogil=True)
def _clear(now: AnyFloats, old_lo: int, old_hi: int, lo: int, hi: int, zero: float) -> None:
    """Set to zero what an earlier row left beside the columns of this one."""
    for part in range(OLD2 + 1):
        for j in range(old_lo, min(lo, old_hi)):
            now[part, j] = zero
        for j in range(max(hi, old_lo), old_hi):
            now[part, j] = zero


@njit(**FAST)
def _sweep(  # noqa: C901, PLR0912  (the stages of a pipeline, in their order)
    state: AnyFloats,
    ground: AnyFloats,
    crest: AnyFloats,
    walls: Bools,
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
    is_last: bool,  # noqa: FBT001
) -> None:
    """One time step of the rows ``first`` to ``last`` − 1 of a window.

    ``halo`` (6, 6, cols) holds three rows before and three after; ``low`` and ``high`` (rows,) the first
    and one past the last column that can carry water; ``edge`` (3, 10) constants of ``rows``;
    ``turn`` (6,) factors of the flow vector; ``ring`` (3, 7, cols) and ``share`` (3, cols) are
    scratch.
    """
    zero, one, tiny = edge[0, ZERO], edge[0, ONE], edge[0, THIN] * edge[0, THIN] * edge[0, THIN]
    cols = state.shape[2]
    reports = is_last and crossed.shape[0] > 1
    for slot in range(3):
        for part in range(EXCESS + 1):
            _fill(ring[slot], part, zero)
    start = ring[(first - 3) % 3]
    for j in range(cols):
        start[OLD1, j] = halo[0, FLUX1, j]
        start[OLD2, j] = halo[0, FLUX2, j]
    short_two = short_one = False
    before = _row(state, halo, first - 3, first, last)
    here = _row(state, halo, first - 2, first, last)
    for r in range(first - 2, last + 1):
        beyond = _row(state, halo, r + 1, first, last)
        prev, now = ring[(r - 1) % 3], ring[r % 3]
        lo, hi, short = low[r], _end(low, high, r, cols), False
        if r >= first:
            _clear(now, low[r - 3], _end(low, high, r - 3, cols), lo, hi, zero)
        if lo < hi:
            copy_line(here, share, lo, hi)
            if walls[r]:
                flux_row(
                    here, beyond, ground[r], ground[r + 1], crest[r], share, prev, now, edge, lo, hi
                )
            else:
                flux_row(
                    here, beyond, ground[r], ground[r + 1], None, share, prev, now, edge, lo, hi
                )
            if r < first - 1:
                pass
            elif short_one or r < first or r == last:
                short = hold_row(here, ground[r], prev, now, edge, lo, hi)
            else:
                short = hold_and_settle_row(here, ground[r], prev, now, edge, turn, tiny, lo, hi)
            if short:
                share_row(ground[r], prev, now, edge, share, r % 2, lo, hi)
        if r >= first:
            if short or short_one:
                if not short:
                    _fill(share, r % 2, one)
                if not short_one:
                    _fill(share, (r - 1) % 2, one)
                _limit(before, prev, share, r - 1, low[r - 1], _end(low, high, r - 1, cols), zero)
            if r > first:
                if short or short_one or short_two:
                    settle_row(
                        before, ground[r - 1], ring[(r - 2) % 3], prev, edge, turn, tiny,
                        low[r - 1], _end(low, high, r - 1, cols),
                    )  # fmt: skip
                if reports:
                    report_row(prev, edge, crossed[r - 1], low[r - 1], _end(low, high, r - 1, cols))
        short_two, short_one = short_one, short
        before, here = here, beyond


@njit(**FAST)
def _limit(
    before: AnyFloats, prev: AnyFloats, share: AnyFloats, r: int, lo: int, hi: int, zero: float
) -> None:
    """Limit the fluxes of row ``r`` of all directions to the water that is there."""
    a, b = r % 2, (r + 1) % 2
    limit_row(before, prev, share, 0, a, a, 1, zero, lo, hi)
    limit_row(before, prev, share, 1, a, b, 0, zero, lo, hi)
    limit_row(before, prev, share, 2, a, b, 1, zero, lo, hi)


def _steps(
    state: AnyFloats,
    ground: AnyFloats,
    crest: AnyFloats,
    walls: Bools,
    crossed: AnyFloats,
    bands: Ints,
    halo: AnyFloats,
    low: Ints,
    high: Ints,
    edge: AnyFloats,
    turn: AnyFloats,
    ring: AnyFloats,
    share: AnyFloats,
    count: int,
) -> None:
    """``count`` time steps.

    ``state`` (rows, 6, cols) and ``ground`` (rows, 3, cols); ``crest`` (rows or 1, 3, cols) levels [m]
    below which nothing passes the edges, and ``walls`` (rows,) in which of its rows one stands: the
    others are not looked at; ``crossed`` (rows or 1, 3, cols)
    receives what crossed the edges in the last step, over the reference area [m], unless it has one
    row; ``bands`` (b + 1,) first row of each band and the end of the last; the others as in ``_sweep``,
    with one ``halo``, ``ring`` and ``share`` a band (``scratch``).
    """
    for step in range(count):
        _take_snapshot(state, bands, halo)
        for band in prange(bands.size - 1):
            _sweep(
                state, ground, crest, walls, crossed, halo[band], bands[band], bands[band + 1],
                low, high, edge, turn, ring[band], share[band], step == count - 1,
            )  # fmt: skip


steps_serial, steps_parallel = both(_steps)
