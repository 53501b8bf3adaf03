"""Row functions of the inertial solver: each is one loop over a row, which the compiler vectorises.

Equations and the order of the calls: see ``kernel``. ``lo`` and ``hi`` are the first and one past the
last column. ``edge`` (3, 10) holds the constants of each direction, in the places named below; they are
arrays of the state's precision, so that no value widens to float64. What crosses an edge, ``V0`` to
``V2``, is the flux times the open share of the edge [m²/s].
"""

from typing import Any

import numpy as np
from numba import njit

from citytwin.arrays import AnyFloats
from citytwin.kernels.apart import READ, apart, get, put
from citytwin.kernels.roots import EXACT, fma, inverse_cube_root

#: Places of the moving quantities in ``state``. FLOW is half the magnitude of a cell's flow vector
#: [m²/s], so that the sum of two cells is their mean; OVER is what rounding has added to the depth [m].
FLUX0, FLUX1, FLUX2, DEPTH, FLOW, OVER = range(6)
#: Places of the fixed quantities in ``ground``.
ELEVATION, STORAGE, FRICTION = range(3)
#: Places in a row of ``ring``: what crosses the edges, and from before the step the fluxes of two
#: directions, the depth and what rounding had added to it.
V0, V1, V2, OLD1, OLD2, HELD, EXCESS = range(7)
#: Rows of ``share``: those of two rows of cells, and the flux of the first direction before the step.
LINE = 2
#: Places of the constants: g Δt / d, Δt / 2, (1 − θ) / 2 over the root of the depth to which the step
#: belongs, thinnest flow, edge length × Δt / reference area, 0, 1, flow over a broad crest for a head
#: of 1 m, 1 / √g, fastest wave over √g with which the step is stable.
PUSH, HALF_STEP, BLEND, THIN, CROSSING, ZERO, ONE, WEIR, SLOW, SWIFTEST = range(10)

FAST: dict[str, Any] = {"cache": True, "fastmath": EXACT, "error_model": "numpy", "nogil": True}


@njit(**FAST)
def copy_line(here: AnyFloats, share: AnyFloats, lo: int, hi: int) -> None:
    """Keep the fluxes of the first direction, which ``flux_row`` overwrites."""
    line = 1
    apart()
    for j in range(lo - 1, hi + 1):
        put(share, LINE, j, get(here, FLUX0, j, READ), line)


@njit(forceinline=True, **FAST)
def _edge(
    za: float, sa: float, ka: float, ha: float, fa: float,
    zb: float, sb: float, kb: float, hb: float, fb: float,
    crest: float | None, old: float, before: float, behind: float,
    push: float, half_step: float, blend: float, thin: float, zero: float, weir: float,
    slow: float, swiftest: float, one: float,
) -> tuple[float, float]:  # fmt: skip
    """New flux across an edge [m²/s], and the same times its open share.

    ``za … fa`` and ``zb … fb`` are elevation, storage, friction, depth and flow on both sides; ``old``
    is the flux before the step, ``before`` and ``behind`` those next to it on the line. Heights are
    differences to the sill, max(z_A, z_B, crest), before they meet a depth: float32 keeps thin water
    on high ground. Over a crest that stands above the ground on both sides no more flows than over a
    broad-crested weir, (2/3)^(3/2) √g h_f^(3/2): without advection nothing else would hold it back.
    ``wave`` is the wave speed over √g.
    """
    step = zb - za
    up = max(step, zero)
    if crest is not None:
        up = max(up, crest - za)
    above_a, above_b = ha - up, hb + (step - up)
    deep = max(above_a, above_b)
    width = min(sa, sb)
    d = max(deep, thin)
    root = np.sqrt(d)
    before = before - old if before != zero else zero
    behind = behind - old if behind != zero else zero
    size = max(fa + fb, abs(old))
    wave = max(min(fma(size * slow, one / d, root), swiftest), root)
    wave2, d3 = wave * wave, (d * d) * d
    drag = (wave2 * (ka + kb)) * size * inverse_cube_root(d, half_step)
    new = fma(blend * root, before + behind, old)
    new = fma(push * wave2, above_a - above_b, new)
    new = fma(new, d3, drag * old) / (d3 + (drag + drag))
    if crest is not None:
        most = (weir * d) * root
        new = max(min(new, most), -most) if crest - za >= up else new
    new = new if (deep > thin) & (width > zero) else zero
    return new, width * new


@njit(**FAST)
def flux_row(
    here: AnyFloats, beyond: AnyFloats, fixed: AnyFloats, fixed_beyond: AnyFloats,
    crest: AnyFloats | None, share: AnyFloats, past: AnyFloats, now: AnyFloats,
    edge: AnyFloats, lo: int, hi: int,
) -> None:  # fmt: skip
    """New fluxes of all three directions in one row.

    Parameters
    ----------
    here, beyond
        (6, cols) state of the row and of the next; the fluxes of ``here`` are overwritten.
    fixed, fixed_beyond
        (3, cols) ground of both rows.
    crest
        (3, cols) crests on the row's edges [m], or nothing.
    share
        (3, cols) with the row's old fluxes of the first direction in ``LINE``.
    past, now
        (7, cols) rows of ``ring``: of the row before, read, and of this one, written.
    """
    q0, q1, q2, v0, v1, v2, old1, old2 = 1, 2, 3, 4, 5, 6, 7, 8
    apart()
    push0, push1, push2 = edge[0, PUSH], edge[1, PUSH], edge[2, PUSH]
    half_step, blend, thin, zero = edge[0, HALF_STEP], edge[0, BLEND], edge[0, THIN], edge[0, ZERO]
    weir, slow, swiftest = edge[0, WEIR], edge[0, SLOW], edge[0, SWIFTEST]
    one = edge[0, ONE]
    # If the compiler knew that the next column is one away, it would carry values from one turn of
    # the loop to the next, and then not vectorise it.
    right = int(one)
    for j in range(lo, hi):
        z, s = get(fixed, ELEVATION, j, READ), get(fixed, STORAGE, j, READ)
        k = get(fixed, FRICTION, j, READ)
        h, f = get(here, DEPTH, j, READ), get(here, FLOW, j, READ)
        q, v = _edge(
            z, s, k, h, f,
            get(fixed, ELEVATION, j + right, READ), get(fixed, STORAGE, j + right, READ),
            get(fixed, FRICTION, j + right, READ), get(here, DEPTH, j + right, READ),
            get(here, FLOW, j + right, READ), None if crest is None else get(crest, 0, j, READ),
            get(share, LINE, j, READ), get(share, LINE, j - right, READ),
            get(share, LINE, j + right, READ), push0, half_step, blend, thin, zero, weir,
            slow, swiftest, one,
        )  # fmt: skip
        put(here, FLUX0, j, q, q0)
        put(now, V0, j, v, v0)
        old = get(here, FLUX1, j, q1)
        put(now, OLD1, j, old, old1)
        q, v = _edge(
            z, s, k, h, f,
            get(fixed_beyond, ELEVATION, j, READ), get(fixed_beyond, STORAGE, j, READ),
            get(fixed_beyond, FRICTION, j, READ), get(beyond, DEPTH, j, READ),
            get(beyond, FLOW, j, READ), None if crest is None else get(crest, 1, j, READ),
            old, get(past, OLD1, j, READ), get(beyond, FLUX1, j, READ),
            push1, half_step, blend, thin, zero, weir, slow, swiftest, one,
        )  # fmt: skip
        put(here, FLUX1, j, q, q1)
        put(now, V1, j, v, v1)
        old = get(here, FLUX2, j, q2)
        put(now, OLD2, j, old, old2)
        q, v = _edge(
            z, s, k, h, f,
            get(fixed_beyond, ELEVATION, j + right, READ), get(fixed_beyond, STORAGE, j + right, READ),
            get(fixed_beyond, FRICTION, j + right, READ), get(beyond, DEPTH, j + right, READ),
            get(beyond, FLOW, j + right, READ), None if crest is None else get(crest, 2, j, READ),
            old, get(past, OLD2, j - right, READ), get(beyond, FLUX2, j + right, READ),
            push2, half_step, blend, thin, zero, weir, slow, swiftest, one,
        )  # fmt: skip
        put(here, FLUX2, j, q, q2)
        put(now, V2, j, v, v2)


@njit(forceinline=True, **FAST)
def _outflow(
    v0: float, v1: float, v2: float, w0: float, w1: float, w2: float,
    c0: float, c1: float, c2: float, zero: float,
) -> float:  # fmt: skip
    """Water that would leave a cell in the step, over the reference area [m].

    ``v0, v1, v2`` leave it forward, ``w0, w1, w2`` reach it from behind; ``c0, c1, c2`` are the
    directions' ``CROSSING``.
    """
    out0, out1, out2 = (
        max(v0, zero) - min(w0, zero),
        max(v1, zero) - min(w1, zero),
        max(v2, zero) - min(w2, zero),
    )
    out: float = fma(out2, c2, fma(out1, c1, out0 * c0))
    return out


@njit(forceinline=True, **FAST)
def _settle(
    h: float, over: float, s: float,
    v0: float, v1: float, v2: float, w0: float, w1: float, w2: float,
    c0: float, c1: float, c2: float,
    x0: float, x1: float, x2: float, y0: float, y1: float, y2: float,
    zero: float, one: float, tiny: float, thin: float,
) -> tuple[float, float, float]:  # fmt: skip
    """New depth of a cell, what rounding has added to it [m], and half the magnitude of its flow [m²/s].

    What rounding added is taken off in the next step (Kahan 1965, 10.1145/363707.363723, not opened):
    small gains of deep water are not lost in single precision. Films take none. A wall keeps 0.
    """
    room = one / max(s, tiny)
    gain = room * fma(w2 - v2, c2, fma(w1 - v1, c1, (w0 - v0) * c0))
    gain -= over if h > thin else zero
    total = h + gain
    deep = max(total, zero)
    a, b, d = v0 + w0, v1 + w1, v2 + w2
    x = fma(x2, d, fma(x1, b, x0 * a))
    y = fma(y2, d, fma(y1, b, y0 * a))
    return deep, (total - h) - gain if deep > thin else zero, room * np.sqrt(fma(x, x, y * y))


@njit(**FAST)
def hold_row(
    here: AnyFloats, fixed: AnyFloats, prev: AnyFloats, now: AnyFloats, edge: AnyFloats,
    lo: int, hi: int,
) -> Any:  # fmt: skip
    """Keep the depth before the step, and tell whether a cell would give more than it holds.

    ``prev`` and ``now`` are (7, cols) rows of ``ring``, of the row before and of this one.
    """
    held, excess = 1, 2
    apart()
    c0, c1, c2, zero = edge[0, CROSSING], edge[1, CROSSING], edge[2, CROSSING], edge[0, ZERO]
    left = int(edge[0, ONE])
    short = np.int32(0)
    for j in range(lo, hi):
        v0, v1, v2 = get(now, V0, j, READ), get(now, V1, j, READ), get(now, V2, j, READ)
        w0, w1 = get(now, V0, j - left, READ), get(prev, V1, j, READ)
        w2 = get(prev, V2, j - left, READ)
        h = get(here, DEPTH, j, READ)
        put(now, HELD, j, h, held)
        put(now, EXCESS, j, get(here, OVER, j, READ), excess)
        out = _outflow(v0, v1, v2, w0, w1, w2, c0, c1, c2, zero)
        short = np.int32(short | np.int32(out > h * get(fixed, STORAGE, j, READ)))
    return short > 0


@njit(**FAST)
def hold_and_settle_row(
    here: AnyFloats, fixed: AnyFloats, prev: AnyFloats, now: AnyFloats, edge: AnyFloats,
    turn: AnyFloats, tiny: float, lo: int, hi: int,
) -> Any:  # fmt: skip
    """``hold_row`` and, as if no outflow had to be limited, ``settle_row``."""
    depth, flow, over, held, excess = 1, 2, 3, 4, 5
    apart()
    c0, c1, c2 = edge[0, CROSSING], edge[1, CROSSING], edge[2, CROSSING]
    zero, one, thin = edge[0, ZERO], edge[0, ONE], edge[0, THIN]
    x0, x1, x2, y0, y1, y2 = turn[0], turn[1], turn[2], turn[3], turn[4], turn[5]
    left = int(one)
    short = np.int32(0)
    for j in range(lo, hi):
        v0, v1, v2 = get(now, V0, j, READ), get(now, V1, j, READ), get(now, V2, j, READ)
        w0, w1 = get(now, V0, j - left, READ), get(prev, V1, j, READ)
        w2 = get(prev, V2, j - left, READ)
        h, s = get(here, DEPTH, j, depth), get(fixed, STORAGE, j, READ)
        e = get(here, OVER, j, over)
        put(now, HELD, j, h, held)
        put(now, EXCESS, j, e, excess)
        out = _outflow(v0, v1, v2, w0, w1, w2, c0, c1, c2, zero)
        short = np.int32(short | np.int32(out > h * s))
        new, spare, size = _settle(
            h,
            e,
            s,
            v0,
            v1,
            v2,
            w0,
            w1,
            w2,
            c0,
            c1,
            c2,
            x0,
            x1,
            x2,
            y0,
            y1,
            y2,
            zero,
            one,
            tiny,
            thin,
        )
        put(here, DEPTH, j, new, depth)
        put(here, OVER, j, spare, over)
        put(here, FLOW, j, size, flow)
    return short > 0


@njit(**FAST)
def settle_row(
    here: AnyFloats, fixed: AnyFloats, prev: AnyFloats, now: AnyFloats, edge: AnyFloats,
    turn: AnyFloats, tiny: float, lo: int, hi: int,
) -> None:  # fmt: skip
    """New depth and flow of each cell from what really crossed its edges.

    ``turn`` (6,) holds the factors of the flow vector's x and y; ``tiny`` is far below any storage.
    """
    depth, flow, over = 1, 2, 3
    apart()
    c0, c1, c2 = edge[0, CROSSING], edge[1, CROSSING], edge[2, CROSSING]
    zero, one, thin = edge[0, ZERO], edge[0, ONE], edge[0, THIN]
    x0, x1, x2, y0, y1, y2 = turn[0], turn[1], turn[2], turn[3], turn[4], turn[5]
    left = int(one)
    for j in range(lo, hi):
        v0, v1, v2 = get(now, V0, j, READ), get(now, V1, j, READ), get(now, V2, j, READ)
        w0, w1 = get(now, V0, j - left, READ), get(prev, V1, j, READ)
        w2 = get(prev, V2, j - left, READ)
        new, spare, size = _settle(
            get(now, HELD, j, READ), get(now, EXCESS, j, READ), get(fixed, STORAGE, j, READ),
            v0, v1, v2, w0, w1, w2, c0, c1, c2, x0, x1, x2, y0, y1, y2, zero, one, tiny, thin,
        )  # fmt: skip
        put(here, DEPTH, j, new, depth)
        put(here, OVER, j, spare, over)
        put(here, FLOW, j, size, flow)


@njit(**FAST)
def share_row(
    fixed: AnyFloats, prev: AnyFloats, now: AnyFloats, edge: AnyFloats, share: AnyFloats,
    which: int, lo: int, hi: int,
) -> None:  # fmt: skip
    """Share (0 to 1) of each cell's outflow that its water allows, into row ``which`` of ``share``."""
    mine = 1
    apart()
    c0, c1, c2 = edge[0, CROSSING], edge[1, CROSSING], edge[2, CROSSING]
    zero, one = edge[0, ZERO], edge[0, ONE]
    left = int(one)
    for j in range(lo, hi):
        v0, v1, v2 = get(now, V0, j, READ), get(now, V1, j, READ), get(now, V2, j, READ)
        w0, w1 = get(now, V0, j - left, READ), get(prev, V1, j, READ)
        w2 = get(prev, V2, j - left, READ)
        out = _outflow(v0, v1, v2, w0, w1, w2, c0, c1, c2, zero)
        held = get(now, HELD, j, READ) * get(fixed, STORAGE, j, READ)
        put(share, which, j, held / out if out > held else one, mine)


@njit(**FAST)
def limit_row(
    here: AnyFloats, now: AnyFloats, share: AnyFloats, way: int, a: int, b: int, right: int,
    zero: float, lo: int, hi: int,
) -> None:  # fmt: skip
    """Scale flux and volume of one direction by the share of the cell that gives the water.

    ``a`` and ``b`` are the rows of ``share`` of the cells before and behind, ``right`` the columns
    between them.
    """
    flux, crossing = 1, 2
    apart()
    for j in range(lo, hi):
        forward, back = get(share, a, j, READ), get(share, b, j + right, READ)
        moved = get(now, way, j, crossing)
        factor = forward if moved > zero else back
        put(here, way, j, get(here, way, j, flux) * factor, flux)
        put(now, way, j, moved * factor, crossing)


@njit(**FAST)
def report_row(now: AnyFloats, edge: AnyFloats, crossed: AnyFloats, lo: int, hi: int) -> None:
    """Write the water that crossed each edge of a row, over the reference area [m], to (3, cols)."""
    mine = 1
    crossed[:] = edge[0, ZERO]
    apart()
    for way in range(3):
        crossing = edge[way, CROSSING]
        for j in range(lo, hi):
            put(crossed, way, j, get(now, way, j, READ) * crossing, mine)
