"""Row functions of the full solver: each is one loop over slices of rows, which the compiler vectorises.

Equations and the order of the calls: see ``kernel``. Constants come in arrays of the state's
precision, so that no value widens to float64: ``p`` (3,) those of a direction, ``c`` (14,) those of
all. Numba's cache watches single files: after a change here alone, touch ``sweep.py`` and
``kernel.py``, or old machine code runs on.
"""

from typing import Any

import numpy as np
from numba import njit

from citytwin.arrays import AnyFloats
from citytwin.kernels.roots import FLAGS, inverse_cube_root

#: How all of it is compiled; so that a cell gets the same bits wherever it lies in a row.
FAST: dict[str, Any] = {"cache": True, "fastmath": FLAGS, "error_model": "numpy", "nogil": True}
#: Places of the constants of a direction: unit normal, edge length × Δt / cell area.
NORMAL_X, NORMAL_Y, CROSSING = range(3)
#: Places of the common constants.
(
    ZERO, QUARTER, HALF, ONE, TWO, FOUR,
    GRAVITY, STEP, THIN, TINY, MOST, THINNEST, STEEPEST, NO_CREST,
) = range(14)  # fmt: skip
CONSTANTS = 14


@njit(inline="always")
def _riemann(
    la: float, lb: float, na: float, nb: float, g: float,
    zero: float, quarter: float, half: float, one: float, two: float, tiny: float,
) -> tuple[float, float, float]:  # fmt: skip
    """HLL flux between two states on one bed.

    ``la, lb`` depths, ``na, nb`` normal speeds. Returns mass flux [m²/s], normal momentum flux less
    ½ g la² [m³/s²], and ½ g (lb² − la²), all exactly zero at rest.
    """
    ca, cb = np.sqrt(g * la), np.sqrt(g * lb)
    ua = na if la > zero else nb - two * cb
    ub = nb if lb > zero else na + two * ca
    mean, turn = half * (ua + ub), quarter * (ua - ub)
    fast, slow = half * (ca + cb), ca - cb
    left = min(zero, min(ua - ca, (mean + slow) - (turn + fast)))
    right = max(zero, max(ub + cb, (mean + slow) + (turn + fast)))
    scale = one / max(right - left, tiny)
    qa, qb = la * ua, lb * ub
    both = left * right
    rise = half * g * (lb - la) * (lb + la)
    mass = ((right * qa - left * qb) + both * (lb - la)) * scale
    push = ((right * (qa * ua) - left * (qb * ub + rise)) + both * (qb - qa)) * scale
    return mass, push, rise


@njit(**FAST)
def speed_row(
    h: AnyFloats, hu: AnyFloats, hv: AnyFloats, u: AnyFloats, v: AnyFloats, c: AnyFloats
) -> None:
    """Velocity ``u, v`` [m/s] of each cell."""
    thin, two = c[THIN], c[TWO]
    thin2 = thin * thin
    for j in range(h.size):
        square = h[j] * h[j]
        scale = two * h[j] / (square + max(square, thin2))
        u[j] = hu[j] * scale
        v[j] = hv[j] * scale


@njit(**FAST)
def edge_row(
    za: AnyFloats, sa: AnyFloats, ha: AnyFloats, ua: AnyFloats, va: AnyFloats,
    tilt_a: AnyFloats,
    zb: AnyFloats, sb: AnyFloats, hb: AnyFloats, ub: AnyFloats, vb: AnyFloats,
    tilt_b: AnyFloats, crest: AnyFloats,
    volume: AnyFloats, pa: AnyFloats, pb: AnyFloats, side: AnyFloats,
    p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """First order: what crosses the edges of one direction in one row.

    ``z, s, h, u, v`` are elevation, storage, depth and velocity on both sides; ``tilt`` half of the
    bed's difference across each cell [m]. ``volume`` [m] receives what crosses, ``pa`` and ``pb``
    [m²/s] the normal momentum that A loses and B gains, ``side`` [m²/s] the transverse momentum, all
    over the lattice's cell area.
    """
    nx, ny, crossing = p[NORMAL_X], p[NORMAL_Y], p[CROSSING]
    zero, quarter, half, one, two = c[ZERO], c[QUARTER], c[HALF], c[ONE], c[TWO]
    tiny, thinnest, g = c[TINY], c[THINNEST], c[GRAVITY]
    for j in range(volume.size):
        step = zb[j] - za[j]
        here, there = ha[j], hb[j]
        level = half * ((there - here) + step)
        ra = max(min(level, max(tilt_a[j], zero)), min(tilt_a[j], zero))
        rb = max(min(level, max(tilt_b[j], zero)), min(tilt_b[j], zero))
        left = (step - ra) - rb
        la = here - max(max(left, crest[j] - za[j]), zero)
        lb = there - max(max(-left, crest[j] - zb[j]), zero)
        la, lb = la if la > thinnest else zero, lb if lb > thinnest else zero
        na, nb = ua[j] * nx + va[j] * ny, ub[j] * nx + vb[j] * ny
        mass, push, rise = _riemann(la, lb, na, nb, g, zero, quarter, half, one, two, tiny)
        both, weight = min(here, there), g * crossing
        width = crossing * min(sa[j], sb[j])
        ta, tb = va[j] * nx - ua[j] * ny, vb[j] * nx - ub[j] * ny
        volume[j] = width * mass
        pa[j] = width * push + sa[j] * weight * ra * (both if level > zero else here)
        pb[j] = width * (push - rise) - sb[j] * weight * rb * (there if level > zero else both)
        side[j] = width * mass * (ta if mass > zero else tb)


@njit(**FAST)
def share_row(
    h: AnyFloats, s: AnyFloats,
    v0: AnyFloats, v1: AnyFloats, v2: AnyFloats,
    w0: AnyFloats, w1: AnyFloats, w2: AnyFloats,
    share: AnyFloats, c: AnyFloats,
) -> int:  # fmt: skip
    """Share (0 to 1) of each cell's outflow that its water allows; returns how many lack some.

    ``v0, v1, v2`` leave the cell forward, ``w0, w1, w2`` reach it from behind.
    """
    zero, one, tiny, most, thinnest = c[ZERO], c[ONE], c[TINY], c[MOST], c[THINNEST]
    short = 0
    for j in range(share.size):
        out = max(v0[j], zero) + max(v1[j], zero) + max(v2[j], zero)
        out -= min(w0[j], zero) + min(w1[j], zero) + min(w2[j], zero)
        held = h[j] * s[j]
        spare = most * held if held > thinnest else zero
        share[j] = min(one, spare / max(out, tiny))
        short += 1 if spare < out else 0
    return short


@njit(**FAST)
def limit_row(
    volume: AnyFloats, pa: AnyFloats, pb: AnyFloats, side: AnyFloats,
    share_a: AnyFloats, share_b: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Scale what crosses by the share of the cell that gives the water."""
    zero, one = c[ZERO], c[ONE]
    for j in range(volume.size):
        forward, back, moved = share_a[j], share_b[j], volume[j]
        factor = forward if moved > zero else (back if moved < zero else one)
        volume[j] *= factor
        pa[j] *= factor
        pb[j] *= factor
        side[j] *= factor


@njit(**FAST)
def gather_row(
    a0: AnyFloats, a1: AnyFloats, a2: AnyFloats, s0: AnyFloats, s1: AnyFloats, s2: AnyFloats,
    b0: AnyFloats, b1: AnyFloats, b2: AnyFloats, t0: AnyFloats, t1: AnyFloats, t2: AnyFloats,
    mx: AnyFloats, my: AnyFloats, p: AnyFloats,
) -> None:  # fmt: skip
    """Momentum ``mx, my`` [m²/s] that reaches each cell, less what leaves.

    ``a`` and ``s`` are normal and transverse momentum of the edges ahead, ``b`` and ``t`` of those
    behind; ``p`` (3, 3) the constants of the directions.
    """
    x0, x1, x2 = p[0, NORMAL_X], p[1, NORMAL_X], p[2, NORMAL_X]
    y0, y1, y2 = p[0, NORMAL_Y], p[1, NORMAL_Y], p[2, NORMAL_Y]
    for j in range(mx.size):
        n0, n1, n2 = b0[j] - a0[j], b1[j] - a1[j], b2[j] - a2[j]
        r0, r1, r2 = t0[j] - s0[j], t1[j] - s1[j], t2[j] - s2[j]
        mx[j] = (x0 * n0 + x1 * n1 + x2 * n2) - (y0 * r0 + y1 * r1 + y2 * r2)
        my[j] = (y0 * n0 + y1 * n1 + y2 * n2) + (x0 * r0 + x1 * r1 + x2 * r2)


@njit(**FAST)
def move_row(
    h: AnyFloats, hu: AnyFloats, hv: AnyFloats, over: AnyFloats, s: AnyFloats, friction: AnyFloats,
    v0: AnyFloats, v1: AnyFloats, v2: AnyFloats,
    w0: AnyFloats, w1: AnyFloats, w2: AnyFloats,
    mx: AnyFloats, my: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """New depth and momentum of each cell: volumes and momentum around it, friction.

    ``over`` is what rounding has added to the depth until now [m] and is taken off again (Kahan
    1965, 10.1145/363707.363723, not opened): small gains of deep water are not lost in single precision.
    Films take none, so that it never wets dry ground.
    """
    zero, one, four = c[ZERO], c[ONE], c[FOUR]
    step, thin, tiny = c[STEP], c[THIN], c[TINY]
    thin2 = thin * thin
    for j in range(h.size):
        here, share = h[j], s[j]
        room = one / max(share, tiny)
        room = room if share > zero else zero
        gain = room * ((w0[j] - v0[j]) + (w1[j] - v1[j]) + (w2[j] - v2[j]))
        gain -= over[j] if here > thin else zero
        total = here + gain
        deep = max(total, zero)
        x, y = hu[j] + room * mx[j], hv[j] + room * my[j]
        root = inverse_cube_root(max(deep, thin), one)
        root2 = root * root
        drag = step * friction[j] * (root2 * root2 * root2 * root)
        square = deep * deep
        brake = one + np.sqrt(one + four * drag * np.sqrt(x * x + y * y))
        damp = four * square / ((square + max(square, thin2)) * brake)
        over[j] = (total - here) - gain if deep > thin else zero
        h[j] = deep
        hu[j] = x * damp
        hv[j] = y * damp


@njit(**FAST)
def wave_row(h: AnyFloats, hu: AnyFloats, hv: AnyFloats, peak: AnyFloats, c: AnyFloats) -> None:
    """Raise ``peak`` to the speed of the fastest wave in each column, |u| + √(g h) [m/s]."""
    thin, two, g = c[THIN], c[TWO], c[GRAVITY]
    thin2 = thin * thin
    for j in range(h.size):
        square = h[j] * h[j]
        scale = two * h[j] / (square + max(square, thin2))
        size = np.sqrt(hu[j] * hu[j] + hv[j] * hv[j])
        peak[j] = max(peak[j], size * scale + np.sqrt(g * h[j]))


@njit(**FAST)
def slope_row(
    za: AnyFloats, sa: AnyFloats, ha: AnyFloats, ua: AnyFloats, va: AnyFloats,
    z: AnyFloats, s: AnyFloats, h: AnyFloats, u: AnyFloats, v: AnyFloats,
    zb: AnyFloats, sb: AnyFloats, hb: AnyFloats, ub: AnyFloats, vb: AnyFloats,
    crest_a: AnyFloats, crest_b: AnyFloats,
    dh: AnyFloats, de: AnyFloats, dn: AnyFloats, dt: AnyFloats,
    p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Second order: limited differences along one direction, across the cell.

    ``…a`` is the cell before, ``…b`` the cell behind; ``dh, de`` receive those of depth and level
    [m], ``dn, dt`` of normal and transverse speed [m/s]. Zero beside walls and crests.
    """
    nx, ny = p[NORMAL_X], p[NORMAL_Y]
    zero, half, steep, none = c[ZERO], c[HALF], c[STEEPEST], c[NO_CREST]
    for j in range(h.size):
        h1, h2 = h[j] - ha[j], hb[j] - h[j]
        z1, z2 = z[j] - za[j], zb[j] - z[j]
        e1, e2 = h1 + z1, h2 + z2
        u1, u2, v1, v2 = u[j] - ua[j], ub[j] - u[j], v[j] - va[j], vb[j] - v[j]
        n1, n2 = u1 * nx + v1 * ny, u2 * nx + v2 * ny
        t1, t2 = v1 * nx - u1 * ny, v2 * nx - u2 * ny
        free = (min(sa[j], min(s[j], sb[j])) > zero) & (max(crest_a[j], crest_b[j]) <= none)
        least = min(ha[j], min(h[j], hb[j]))
        slack = max(least - max(max(z1, -z1), max(z2, -z2)), zero)
        sh = max(min(h1, max(h2, zero)), min(h2, zero))
        sz = max(min(z1, max(z2, zero)), min(z2, zero))
        se = steep * max(min(e1, max(e2, zero)), min(e2, zero))
        sn = steep * max(min(n1, max(n2, zero)), min(n2, zero))
        st = steep * max(min(t1, max(t2, zero)), min(t2, zero))
        up, down = max(sh, zero), min(sh, zero)
        lh = max(min(half * (h1 + h2), up + min(up, slack)), down + max(down, -slack))
        le = max(min(half * (e1 + e2), max(se, zero)), min(se, zero))
        ln = max(min(half * (n1 + n2), max(sn, zero)), min(sn, zero))
        lt = max(min(half * (t1 + t2), max(st, zero)), min(st, zero))
        le = lh + max(min(le - lh, max(sz, zero) + slack), min(sz, zero) - slack)
        dh[j] = lh if free else zero
        de[j] = le if free else zero
        dn[j] = ln if free else zero
        dt[j] = lt if free else zero


@njit(**FAST)
def half_row(
    h: AnyFloats, u: AnyFloats, v: AnyFloats, friction: AnyFloats,
    h0: AnyFloats, h1: AnyFloats, h2: AnyFloats, e0: AnyFloats, e1: AnyFloats, e2: AnyFloats,
    n0: AnyFloats, n1: AnyFloats, n2: AnyFloats, t0: AnyFloats, t1: AnyFloats, t2: AnyFloats,
    ph: AnyFloats, pu: AnyFloats, pv: AnyFloats, p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Second order: depth and velocity ``ph, pu, pv`` of each cell half a step later.

    ``h0 …`` to ``t2`` are the differences of ``slope_row`` in the three directions.
    """
    half, one, four = c[HALF], c[ONE], c[FOUR]
    g, step, thin = c[GRAVITY], c[STEP], c[THIN]
    x0, x1, x2 = p[0, NORMAL_X], p[1, NORMAL_X], p[2, NORMAL_X]
    y0, y1, y2 = p[0, NORMAL_Y], p[1, NORMAL_Y], p[2, NORMAL_Y]
    r0, r1, r2 = half * p[0, CROSSING], half * p[1, CROSSING], half * p[2, CROSSING]
    thin2 = thin * thin
    for j in range(h.size):
        here, x, y = h[j], u[j], v[j]
        a0, a1, a2 = r0 * (x * x0 + y * y0), r1 * (x * x1 + y * y1), r2 * (x * x2 + y * y2)
        rise = (a0 * h0[j] + a1 * h1[j] + a2 * h2[j]) + here * (
            r0 * n0[j] + r1 * n1[j] + r2 * n2[j]
        )
        m0, m1, m2 = (
            a0 * n0[j] + g * r0 * e0[j], a1 * n1[j] + g * r1 * e1[j], a2 * n2[j] + g * r2 * e2[j],
        )  # fmt: skip
        q0, q1, q2 = a0 * t0[j], a1 * t1[j], a2 * t2[j]
        x -= (x0 * m0 + x1 * m1 + x2 * m2) - (y0 * q0 + y1 * q1 + y2 * q2)
        y -= (y0 * m0 + y1 * m1 + y2 * m2) + (x0 * q0 + x1 * q1 + x2 * q2)
        deep = max(here - rise, half * here)
        root = inverse_cube_root(max(deep, thin), one)
        root2 = root * root
        drag = half * step * friction[j] * (root2 * root2)
        square = deep * deep
        brake = one + np.sqrt(one + four * drag * np.sqrt(x * x + y * y))
        damp = four * square / ((square + max(square, thin2)) * brake)
        ph[j] = deep
        pu[j] = x * damp
        pv[j] = y * damp


@njit(**FAST)
def face_row(
    za: AnyFloats, sa: AnyFloats, ha: AnyFloats, ua: AnyFloats, va: AnyFloats,
    dha: AnyFloats, dea: AnyFloats, dna: AnyFloats, dta: AnyFloats,
    zb: AnyFloats, sb: AnyFloats, hb: AnyFloats, ub: AnyFloats, vb: AnyFloats,
    dhb: AnyFloats, deb: AnyFloats, dnb: AnyFloats, dtb: AnyFloats,
    crest: AnyFloats,
    volume: AnyFloats, pa: AnyFloats, pb: AnyFloats, side: AnyFloats,
    p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Second order: what crosses the edges of one direction in one row; see ``edge_row``."""
    nx, ny, crossing = p[NORMAL_X], p[NORMAL_Y], p[CROSSING]
    zero, quarter, half, one, two = c[ZERO], c[QUARTER], c[HALF], c[ONE], c[TWO]
    tiny, thinnest, g = c[TINY], c[THINNEST], c[GRAVITY]
    for j in range(volume.size):
        bed_a, bed_b = half * (dea[j] - dha[j]), half * (deb[j] - dhb[j])
        left = ((zb[j] - za[j]) - bed_a) - bed_b
        fa, fb = max(ha[j] + half * dha[j], zero), max(hb[j] - half * dhb[j], zero)
        la = fa - max(max(left, (crest[j] - za[j]) - bed_a), zero)
        lb = fb - max(max(-left, (crest[j] - zb[j]) + bed_b), zero)
        la, lb = la if la > thinnest else zero, lb if lb > thinnest else zero
        na = (ua[j] * nx + va[j] * ny) + half * dna[j]
        nb = (ub[j] * nx + vb[j] * ny) - half * dnb[j]
        mass, push, rise = _riemann(la, lb, na, nb, g, zero, quarter, half, one, two, tiny)
        ta = (va[j] * nx - ua[j] * ny) + half * dta[j]
        tb = (vb[j] * nx - ub[j] * ny) - half * dtb[j]
        width = crossing * min(sa[j], sb[j])
        slope = quarter * g * crossing
        volume[j] = width * mass
        pa[j] = width * push + sa[j] * slope * (fa + ha[j]) * dea[j]
        pb[j] = width * (push - rise) - sb[j] * slope * (fb + hb[j]) * deb[j]
        side[j] = width * mass * (ta if mass > zero else tb)
