"""Shallow water on a hexagonal lattice: one time step as one fused sweep over the rows.

The local inertial form of the shallow-water equations (Bates et al. 2010,
10.1016/j.jhydrol.2010.03.027) on each edge, between the cells A and B at distance d along
the unit vector n:

    q ← [θ q + (1 − θ) q̃ − g h_f Δt (η_B − η_A) / d] / [1 + g Δt n_M² |Q| h_f^(−7/3)]

with the flow depth h_f = max(η_A, η_B) − max(z_A, z_B). Three corrections, on the hexagons:

- The old flux is weighted with the mean q̃ of the fluxes before and behind it on the same line (de
  Almeida et al. 2012, 10.1029/2011WR011570). A neighbour that does not flow, at a wall or a dry
  front, is left out, so that walls do not brake the water in a narrow street.
- The friction takes the magnitude of the flow vector, not of one component (de Almeida & Bates 2013,
  10.1002/wrcr.20366): |Q| is the mean over both cells, Q = ½ Σ w_k |d_k| d_k (q⁺ + q⁻) in each, or
  |q| where walls leave less. The formula prefers no direction on
  open ground; a stream one cell wide still feels the lattice.
- Each cell's outflow is scaled down to the water that it holds: no depth falls below zero and no
  water is invented on steep streets.

The rows of a band pass through four stages, each one row behind the one before, so that the arrays
travel from memory once in a step:

    flux (row r) → share of the outflow that is there (r) → limited flux (r − 1) → depth (r − 1)

A band reads rows of its neighbours, three before it and two after, from a snapshot taken before the
step: the result does not depend on the number of bands, to the last bit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, prange, types
from numba.extending import overload

from citytwin.arrays import AnyFloats, Ints

#: Places of the moving quantities in ``state``. FLOW is half the magnitude of a cell's flow vector
#: [m²/s], so that the sum of two cells is their mean.
FLUX0, FLUX1, FLUX2, DEPTH, FLOW = range(5)
#: Number of moving and of fixed quantities.
MOVING, FIXED = 5, 3
#: Places of the fixed quantities in ``ground``.
ELEVATION, STORAGE, FRICTION = range(3)
#: Empty rows above and below, and empty columns left and right of a window.
PAD = 3
#: Rows of each neighbouring band that a band reads.
HALO = 3

#: Everything of fast maths but reassociation: sums keep their order, so results repeat.
_FLAGS = {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}


def _inverse_cube_root(x: float) -> float:
    """x^(−1/3) for x > 0, to 2e-5 in float32 and to rounding in float64."""
    return float(x ** (-1.0 / 3.0))


@overload(_inverse_cube_root, jit_options={"fastmath": _FLAGS, "error_model": "numpy"})
def _inverse_cube_root_of(x: Any) -> Callable[[Any], Any]:
    """Start from the exponent's bits, then refine: no call, so the loop stays vectorised.

    Single precision takes one step of fourth order, r = 1 − x y³ and y (1 + r/3 + 2r²/9 + 14r³/81);
    double precision takes Newton steps.
    """
    if x == types.float32:

        def single(x: Any) -> Any:
            one, third = np.float32(1.0), np.float32(1.0 / 3.0)
            bits = np.float32(0x54A21D2A) - np.float32(np.float32(x).view(np.int32)) * third
            y = np.int32(bits).view(np.float32)
            r = one - x * (y * y * y)
            return y + y * r * (third + r * (np.float32(2.0 / 9.0) + r * np.float32(14.0 / 81.0)))

        return single

    def double(x: Any) -> Any:
        bits = np.int64(0x553EF0FF289DD796) - np.float64(x).view(np.int64) // np.int64(3)
        y = np.int64(bits).view(np.float64)
        for _ in range(5):
            y = y * (4.0 - x * y * y * y) * (1.0 / 3.0)
        return y

    return double


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _flux_row(
    za: AnyFloats,
    sa: AnyFloats,
    ka: AnyFloats,
    ha: AnyFloats,
    fa: AnyFloats,
    zb: AnyFloats,
    sb: AnyFloats,
    kb: AnyFloats,
    hb: AnyFloats,
    fb: AnyFloats,
    q: AnyFloats,
    before: AnyFloats,
    behind: AnyFloats,
    out: AnyFloats,
    volume: AnyFloats,
    p: AnyFloats,
) -> None:
    """Flux across the edges of one direction in one row.

    ``za … fa`` and ``zb … fb`` hold elevation, storage, friction, depth and flow on both
    sides; ``q`` the old flux, ``before`` and ``behind`` those next to it on the line, ``out`` the
    new one [m²/s]; ``volume`` what crosses in the step, over the reference area [m]; ``p`` = (g Δt /
    d, Δt / 2, (1 − θ) / 2 over the root of the depth to which the step belongs, thinnest flow, edge
    length × Δt / reference area, 0, 1).
    """
    push, half_step, blend, thin, crossing, zero, one = p[0], p[1], p[2], p[3], p[4], p[5], p[6]
    for j in range(out.size):
        step = zb[j] - za[j]
        deep = max(ha[j] - max(step, zero), hb[j] + min(step, zero))
        width = min(sa[j], sb[j])
        rise = (hb[j] - ha[j]) + step
        y = _inverse_cube_root(max(deep, thin))
        y2 = y * y
        old = q[j]
        first, second = before[j], behind[j]
        first = first if first != zero else old
        second = second if second != zero else old
        size = max(fa[j] + fb[j], abs(old))
        drag = one + half_step * (ka[j] + kb[j]) * size * (y2 * y2 * y2 * y)
        weight = blend * np.sqrt(max(deep, zero))
        new = (old + weight * ((first - old) + (second - old)) - push * deep * rise) / drag
        new = new if (deep > thin) & (width > zero) else zero
        out[j] = new
        volume[j] = crossing * width * new


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _share_row(
    h: AnyFloats,
    s: AnyFloats,
    v0: AnyFloats,
    v1: AnyFloats,
    v2: AnyFloats,
    w0: AnyFloats,
    w1: AnyFloats,
    w2: AnyFloats,
    share: AnyFloats,
    tiny: float,
    one: float,
    zero: float,
) -> None:
    """Share (0 to 1) of each cell's outflow that its water allows.

    ``v0, v1, v2`` leave the cell forward, ``w0, w1, w2`` reach it from behind.
    """
    for j in range(share.size):
        out = max(v0[j], zero) + max(v1[j], zero) + max(v2[j], zero)
        out -= min(w0[j], zero) + min(w1[j], zero) + min(w2[j], zero)
        share[j] = min(one, h[j] * s[j] / max(out, tiny))


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _limit_row(
    q: AnyFloats, v: AnyFloats, share_a: AnyFloats, share_b: AnyFloats, out: AnyFloats, zero: float
) -> None:
    """Scale flux and volume by the share of the cell that gives the water."""
    for j in range(q.size):
        forward, back, moved = share_a[j], share_b[j], v[j]
        factor = forward if moved > zero else back
        out[j] = q[j] * factor
        v[j] = moved * factor


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _depth_row(
    h: AnyFloats,
    s: AnyFloats,
    flow: AnyFloats,
    v0: AnyFloats,
    v1: AnyFloats,
    v2: AnyFloats,
    w0: AnyFloats,
    w1: AnyFloats,
    w2: AnyFloats,
    turn: AnyFloats,
    zero: float,
    one: float,
    tiny: float,
) -> None:
    """New depth and flow of each cell from the limited volumes around it.

    ``v0, v1, v2`` left the cell forward, ``w0, w1, w2`` came from behind.
    """
    x0, x1, x2, y0, y1, y2 = turn[0], turn[1], turn[2], turn[3], turn[4], turn[5]
    for j in range(h.size):
        here = s[j]
        room = one / max(here, tiny)
        room = room if here > zero else zero
        h[j] = max(h[j] + room * ((w0[j] - v0[j]) + (w1[j] - v1[j]) + (w2[j] - v2[j])), zero)
        a, b, d = v0[j] + w0[j], v1[j] + w1[j], v2[j] + w2[j]
        x = x0 * a + x1 * b + x2 * d
        y = y0 * a + y1 * b + y2 * d
        flow[j] = room * np.sqrt(x * x + y * y)


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _flux_all(
    past: AnyFloats,
    here: AnyFloats,
    beyond: AnyFloats,
    fixed: AnyFloats,
    fixed_beyond: AnyFloats,
    now: AnyFloats,
    edge: AnyFloats,
    lo: int,
    hi: int,
) -> None:
    """Flux of all three directions in one row."""
    for way in range(3):
        line, there = (here, fixed) if way == 0 else (beyond, fixed_beyond)
        back = here if way == 0 else past
        o = lo if way == 1 else lo - 1
        e = hi if way == 1 else hi - 1
        m = lo if way == 1 else lo + 1
        n = hi if way == 1 else hi + 1
        _flux_row(
            fixed[ELEVATION, lo:hi], fixed[STORAGE, lo:hi], fixed[FRICTION, lo:hi],
            here[DEPTH, lo:hi], here[FLOW, lo:hi],
            there[ELEVATION, m:n], there[STORAGE, m:n], there[FRICTION, m:n],
            line[DEPTH, m:n], line[FLOW, m:n],
            here[FLUX0 + way, lo:hi], back[FLUX0 + way, o:e], line[FLUX0 + way, m:n],
            now[way, lo:hi], now[3 + way, lo:hi], edge[way],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _take_snapshot(state: AnyFloats, bands: Ints, halo: AnyFloats) -> None:
    """Copy the rows that each band reads from its neighbours, before anything moves."""
    for band in range(bands.size - 1):
        for k in range(HALO):
            halo[band, k] = state[bands[band] - HALO + k]
            halo[band, HALO + k] = state[bands[band + 1] + k]


@njit(cache=True, nogil=True)
def _row(state: AnyFloats, halo: AnyFloats, r: int, first: int, last: int) -> Any:
    """(5, cols) state of a row: the band's own, or its neighbour's from the snapshot."""
    if r < first:
        return halo[r - first + HALO]
    if r >= last:
        return halo[r - last + HALO]
    return state[r]


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _sweep(
    state: AnyFloats,
    ground: AnyFloats,
    halo: AnyFloats,
    first: int,
    last: int,
    low: Ints,
    high: Ints,
    edge: AnyFloats,
    turn: AnyFloats,
    ring: AnyFloats,
    share: AnyFloats,
) -> None:
    """One time step of the rows ``first`` to ``last`` − 1 of a window.

    ``halo`` (6, 5, cols) holds three rows before and three after; ``low`` and ``high`` (rows,) the first
    and one past the last column that can carry water; ``edge`` (3, 7) constants of ``_flux_row``;
    ``turn`` (6,) factors of the flow vector; ``ring`` (3, 6, cols) and ``share`` (2, cols) are
    scratch.
    """
    zero, one, tiny = edge[0, 5], edge[0, 6], edge[0, 3] * edge[0, 3] * edge[0, 3]
    ring[:] = zero
    share[:] = one
    for r in range(first - 2, last + 1):
        b = r + 1
        past = _row(state, halo, r - 1, first, last)
        here = _row(state, halo, r, first, last)
        beyond = _row(state, halo, b, first, last)
        now = ring[r % 3]
        lo, hi = low[r], high[r]
        fixed = ground[r]
        _flux_all(past, here, beyond, fixed, ground[b], now, edge, lo, hi)
        if r < first - 1:
            continue
        prev = ring[(r - 1) % 3]
        _share_row(
            here[DEPTH, lo:hi], fixed[STORAGE, lo:hi],
            now[3, lo:hi], now[4, lo:hi], now[5, lo:hi],
            now[3, lo - 1 : hi - 1], prev[4, lo:hi], prev[5, lo - 1 : hi - 1],
            share[r % 2, lo:hi], tiny, one, zero,
        )  # fmt: skip
        if r < first:
            continue
        _finish(state, ground, ring, share, r - 1, first, low, high, turn, zero, one, tiny)


@njit(cache=True, fastmath=_FLAGS, error_model="numpy", nogil=True)
def _finish(
    state: AnyFloats,
    ground: AnyFloats,
    ring: AnyFloats,
    share: AnyFloats,
    r: int,
    first: int,
    low: Ints,
    high: Ints,
    turn: AnyFloats,
    zero: float,
    one: float,
    tiny: float,
) -> None:
    """Limit the fluxes of row ``r`` and, if the row is the band's own, move its water."""
    now, prev = ring[r % 3], ring[(r - 1) % 3]
    here, beyond = share[r % 2], share[(r + 1) % 2]
    mine = state[r] if r >= first else now
    lo, hi = low[r], high[r]
    _limit_row(
        now[0, lo:hi], now[3, lo:hi], here[lo:hi], here[lo + 1 : hi + 1], mine[0, lo:hi], zero
    )
    _limit_row(now[1, lo:hi], now[4, lo:hi], here[lo:hi], beyond[lo:hi], mine[1, lo:hi], zero)
    _limit_row(
        now[2, lo:hi], now[5, lo:hi], here[lo:hi], beyond[lo + 1 : hi + 1], mine[2, lo:hi], zero
    )
    if r >= first:
        _depth_row(
            mine[DEPTH, lo:hi], ground[r, STORAGE, lo:hi],
            mine[FLOW, lo:hi],
            now[3, lo:hi], now[4, lo:hi], now[5, lo:hi],
            now[3, lo - 1 : hi - 1], prev[4, lo:hi], prev[5, lo - 1 : hi - 1],
            turn, zero, one, tiny,
        )  # fmt: skip


def _steps(
    state: AnyFloats,
    ground: AnyFloats,
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
    """``count`` time steps; ``bands`` (b + 1,) first row of each band and the end of the last."""
    for _ in range(count):
        _take_snapshot(state, bands, halo)
        for band in prange(bands.size - 1):
            _sweep(
                state, ground, halo[band], bands[band], bands[band + 1],
                low, high, edge, turn, ring[band], share[band],
            )  # fmt: skip


steps_serial = njit(cache=True, nogil=True)(_steps)
steps_parallel = njit(cache=True, nogil=True, parallel=True)(_steps)
