"""One time step of a band of rows: each row passes through the stages of ``kernel`` in its turn."""

from typing import Any

from numba import njit

from citytwin.arrays import AnyFloats, Ints
from citytwin.hazards.flood.full import rows
from citytwin.hazards.flood.full.rows import FAST

#: Places of the moving quantities in ``state``: depth [m], the flow along x and y [m²/s], and what
#: rounding has added to the depth [m].
DEPTH, FLOW_X, FLOW_Y, OVER = range(4)
#: Places of the fixed quantities in ``ground``.
ELEVATION, STORAGE, FRICTION = range(3)
#: Rows of each neighbouring band that a band reads.
HALO = 3
#: Rows of scratch: 3 × (u, v); 3 × 3 directions × (volume, pa, pb, side); 2 × (3 directions ×
#: (dh, de, dn, dt) + depth and velocity half a step later); 2 shares; 2 sums.
_SPEED, _CROSS, _SLOPE, _SHARE, _SUM = 0, 6, 42, 72, 74
SCRATCH = 76
_VOLUME, _PA, _PB, _SIDE = range(4)


@njit(cache=True, nogil=True)
def _row(state: AnyFloats, halo: AnyFloats, r: int, first: int, last: int) -> Any:
    """(4, cols) state of a row: the band's own, or its neighbour's from the snapshot."""
    if r < first:
        return halo[r - first + HALO]
    if r >= last:
        return halo[r - last + HALO]
    return state[r]


@njit(cache=True, nogil=True)
def _reach(low: Ints, high: Ints, top: int, bottom: int, cols: int) -> tuple[int, int]:
    """First column and one past the last that rows ``top`` to ``bottom`` span together."""
    lo, hi = cols - 1, 1
    for r in range(max(top, 0), min(bottom + 1, low.size)):
        if high[r] > low[r]:
            lo, hi = min(lo, low[r]), max(hi, high[r])
    return lo, hi


@njit(**FAST)
def _speeds(here: AnyFloats, ring: AnyFloats, r: int, low: Ints, high: Ints, c: AnyFloats) -> None:
    lo, hi = _reach(low, high, r - 2, r + 2, here.shape[1])
    lo, hi = max(lo - 2, 0), min(hi + 2, here.shape[1])
    at = _SPEED + 2 * (r % 3)
    rows.speed_row(
        here[DEPTH, lo:hi], here[FLOW_X, lo:hi], here[FLOW_Y, lo:hi],
        ring[at, lo:hi], ring[at + 1, lo:hi], c,
    )  # fmt: skip


@njit(**FAST)
def _slopes(
    past: AnyFloats, here: AnyFloats, beyond: AnyFloats,
    ground: AnyFloats, crest: AnyFloats, ring: AnyFloats, r: int,
    low: Ints, high: Ints, p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Differences across the cells of row ``r``, and their values half a step later."""
    cols = here.shape[1]
    lo, hi = _reach(low, high, r - 1, r + 1, cols)
    lo, hi = max(lo - 1, 1), min(hi + 1, cols - 1)
    stride = 0 if crest.shape[0] == 1 else 1
    at, own = _SLOPE + 15 * (r % 2), _SPEED + 2 * (r % 3)
    before, after = _SPEED + 2 * ((r + 2) % 3), _SPEED + 2 * ((r + 1) % 3)
    for way in range(3):
        back, line = (here, here) if way == 0 else (past, beyond)
        i, k = (own, own) if way == 0 else (before, after)
        a, b = (r, r) if way == 0 else (r - 1, r + 1)
        o, e = (lo, hi) if way == 1 else (lo - 1, hi - 1)
        m, n = (lo, hi) if way == 1 else (lo + 1, hi + 1)
        to = at + 4 * way
        rows.slope_row(
            ground[a, ELEVATION, o:e], ground[a, STORAGE, o:e], back[DEPTH, o:e],
            ring[i, o:e], ring[i + 1, o:e],
            ground[r, ELEVATION, lo:hi], ground[r, STORAGE, lo:hi], here[DEPTH, lo:hi],
            ring[own, lo:hi], ring[own + 1, lo:hi],
            ground[b, ELEVATION, m:n], ground[b, STORAGE, m:n], line[DEPTH, m:n],
            ring[k, m:n], ring[k + 1, m:n],
            crest[a * stride, way, o:e], crest[r * stride, way, lo:hi],
            ring[to, lo:hi], ring[to + 1, lo:hi], ring[to + 2, lo:hi], ring[to + 3, lo:hi],
            p[way], c,
        )  # fmt: skip
    rows.half_row(
        here[DEPTH, lo:hi], ring[own, lo:hi], ring[own + 1, lo:hi], ground[r, FRICTION, lo:hi],
        ring[at, lo:hi], ring[at + 4, lo:hi], ring[at + 8, lo:hi],
        ring[at + 1, lo:hi], ring[at + 5, lo:hi], ring[at + 9, lo:hi],
        ring[at + 2, lo:hi], ring[at + 6, lo:hi], ring[at + 10, lo:hi],
        ring[at + 3, lo:hi], ring[at + 7, lo:hi], ring[at + 11, lo:hi],
        ring[at + 12, lo:hi], ring[at + 13, lo:hi], ring[at + 14, lo:hi], p, c,
    )  # fmt: skip


@njit(**FAST)
def _edges(
    here: AnyFloats, beyond: AnyFloats, ground: AnyFloats, tilt: AnyFloats, crest: AnyFloats,
    ring: AnyFloats, r: int, lo: int, hi: int, p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """First order: what crosses the edges of row ``r``."""
    stride = 0 if crest.shape[0] == 1 else 1
    own, after = _SPEED + 2 * (r % 3), _SPEED + 2 * ((r + 1) % 3)
    for way in range(3):
        line, k, b = (here, own, r) if way == 0 else (beyond, after, r + 1)
        m, n = (lo, hi) if way == 1 else (lo + 1, hi + 1)
        to = _CROSS + 12 * (r % 3) + 4 * way
        rows.edge_row(
            ground[r, ELEVATION, lo:hi], ground[r, STORAGE, lo:hi], here[DEPTH, lo:hi],
            ring[own, lo:hi], ring[own + 1, lo:hi], tilt[r, way, lo:hi],
            ground[b, ELEVATION, m:n], ground[b, STORAGE, m:n], line[DEPTH, m:n],
            ring[k, m:n], ring[k + 1, m:n], tilt[b, way, m:n], crest[r * stride, way, lo:hi],
            ring[to, lo:hi], ring[to + 1, lo:hi], ring[to + 2, lo:hi], ring[to + 3, lo:hi],
            p[way], c,
        )  # fmt: skip


@njit(**FAST)
def _faces(
    ground: AnyFloats, crest: AnyFloats,
    ring: AnyFloats, r: int, lo: int, hi: int, p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Second order: what crosses the edges of row ``r``."""
    stride = 0 if crest.shape[0] == 1 else 1
    own, after = _SLOPE + 15 * (r % 2), _SLOPE + 15 * ((r + 1) % 2)
    for way in range(3):
        k, b = (own, r) if way == 0 else (after, r + 1)
        m, n = (lo, hi) if way == 1 else (lo + 1, hi + 1)
        to, i, d = _CROSS + 12 * (r % 3) + 4 * way, own + 4 * way, k + 4 * way
        rows.face_row(
            ground[r, ELEVATION, lo:hi], ground[r, STORAGE, lo:hi],
            ring[own + 12, lo:hi], ring[own + 13, lo:hi], ring[own + 14, lo:hi],
            ring[i, lo:hi], ring[i + 1, lo:hi], ring[i + 2, lo:hi], ring[i + 3, lo:hi],
            ground[b, ELEVATION, m:n], ground[b, STORAGE, m:n],
            ring[k + 12, m:n], ring[k + 13, m:n], ring[k + 14, m:n],
            ring[d, m:n], ring[d + 1, m:n], ring[d + 2, m:n], ring[d + 3, m:n],
            crest[r * stride, way, lo:hi],
            ring[to, lo:hi], ring[to + 1, lo:hi], ring[to + 2, lo:hi], ring[to + 3, lo:hi],
            p[way], c,
        )  # fmt: skip


@njit(**FAST)
def _shares(
    here: AnyFloats, ground: AnyFloats, ring: AnyFloats, r: int, lo: int, hi: int, c: AnyFloats
) -> int:
    """Share of the outflow that each cell of row ``r`` can give; returns how many lack some."""
    now, prev = _CROSS + 12 * (r % 3), _CROSS + 12 * ((r + 2) % 3)
    return int(
        rows.share_row(
            here[DEPTH, lo:hi], ground[r, STORAGE, lo:hi],
            ring[now, lo:hi], ring[now + 4, lo:hi], ring[now + 8, lo:hi],
            ring[now, lo - 1 : hi - 1], ring[prev + 4, lo:hi], ring[prev + 8, lo - 1 : hi - 1],
            ring[_SHARE + r % 2, lo:hi], c,
        )
    )  # fmt: skip


@njit(**FAST)
def _limit(ring: AnyFloats, r: int, lo: int, hi: int, c: AnyFloats) -> None:
    """Hold what crosses the edges of row ``r`` to what the cells have."""
    here, beyond = _SHARE + r % 2, _SHARE + (r + 1) % 2
    for way in range(3):
        k = here if way == 0 else beyond
        m, n = (lo, hi) if way == 1 else (lo + 1, hi + 1)
        at = _CROSS + 12 * (r % 3) + 4 * way
        rows.limit_row(
            ring[at, lo:hi], ring[at + 1, lo:hi], ring[at + 2, lo:hi], ring[at + 3, lo:hi],
            ring[here, lo:hi], ring[k, m:n], c,
        )  # fmt: skip


@njit(**FAST)
def _move(
    mine: AnyFloats, ground: AnyFloats, ring: AnyFloats, r: int,
    lo: int, hi: int, p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Move the water of row ``r``."""
    now, prev = _CROSS + 12 * (r % 3), _CROSS + 12 * ((r + 2) % 3)
    o, e = lo - 1, hi - 1
    rows.gather_row(
        ring[now + _PA, lo:hi], ring[now + 4 + _PA, lo:hi], ring[now + 8 + _PA, lo:hi],
        ring[now + _SIDE, lo:hi], ring[now + 4 + _SIDE, lo:hi], ring[now + 8 + _SIDE, lo:hi],
        ring[now + _PB, o:e], ring[prev + 4 + _PB, lo:hi], ring[prev + 8 + _PB, o:e],
        ring[now + _SIDE, o:e], ring[prev + 4 + _SIDE, lo:hi], ring[prev + 8 + _SIDE, o:e],
        ring[_SUM, lo:hi], ring[_SUM + 1, lo:hi], p,
    )  # fmt: skip
    rows.move_row(
        mine[DEPTH, lo:hi], mine[FLOW_X, lo:hi], mine[FLOW_Y, lo:hi], mine[OVER, lo:hi],
        ground[r, STORAGE, lo:hi], ground[r, FRICTION, lo:hi],
        ring[now, lo:hi], ring[now + 4, lo:hi], ring[now + 8, lo:hi],
        ring[now, o:e], ring[prev + 4, lo:hi], ring[prev + 8, o:e],
        ring[_SUM, lo:hi], ring[_SUM + 1, lo:hi], c,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _keep(crossed: AnyFloats, ring: AnyFloats, r: int, low: Ints, high: Ints) -> None:
    """Write down what crossed the edges of row ``r``."""
    lo, hi = _reach(low, high, r, r + 1, crossed.shape[1])
    lo = max(lo - 1, 1)
    for way in range(3):
        moved = ring[_CROSS + 12 * (r % 3) + 4 * way]
        for j in range(moved.size):
            crossed[way, j] = moved[j] if lo <= j < hi else 0.0


@njit(**FAST)
def _finish(
    state: AnyFloats, ground: AnyFloats, crossed: AnyFloats, ring: AnyFloats, r: int, first: int,
    low: Ints, high: Ints, short: int, p: AnyFloats, c: AnyFloats,
) -> None:  # fmt: skip
    """Limit what crosses the edges of row ``r`` and, if the row is the band's own, move its water."""
    if short > 0:
        lo, hi = _reach(low, high, r, r + 1, state.shape[2])
        _limit(ring, r, max(lo - 1, 1), hi, c)
    if r < first:
        return
    if crossed.shape[0] > 1:
        _keep(crossed[r], ring, r, low, high)
    _move(state[r], ground, ring, r, low[r], high[r], p, c)


@njit(**FAST)
def sweep(
    state: AnyFloats, ground: AnyFloats, tilt: AnyFloats, crest: AnyFloats, crossed: AnyFloats,
    halo: AnyFloats, first: int, last: int, low: Ints, high: Ints,
    second: bool, ring: AnyFloats, p: AnyFloats, c: AnyFloats,  # noqa: FBT001
) -> None:  # fmt: skip
    """One time step of the rows ``first`` to ``last`` − 1 of a window; see ``kernel.steps``.

    ``halo`` (6, 4, cols) holds three rows before and three after; ``ring`` (76, cols) is scratch.
    """
    cols = state.shape[2]
    ring[:_SHARE] = c[rows.ZERO]
    ring[_SHARE:_SUM] = c[rows.ONE]
    short, before = 0, 0
    start = first - 3 if second else first - 2
    ahead = 2 if second else 1
    for r in range(start, start + ahead):
        _speeds(_row(state, halo, r, first, last), ring, r, low, high, c)
    for r in range(start, last + 1):
        here = _row(state, halo, r, first, last)
        beyond = _row(state, halo, r + 1, first, last)
        following = _row(state, halo, r + ahead, first, last)
        _speeds(following, ring, r + ahead, low, high, c)
        if second:
            _slopes(here, beyond, following, ground, crest, ring, r + 1, low, high, p, c)
        if r < first - 2:
            continue
        lo, hi = _reach(low, high, r, r + 1, cols)
        lo = max(lo - 1, 1)
        if second:
            _faces(ground, crest, ring, r, lo, hi, p, c)
        else:
            _edges(here, beyond, ground, tilt, crest, ring, r, lo, hi, p, c)
        if r < first - 1:
            continue
        before, short = short, _shares(here, ground, ring, r, low[r], high[r], c)
        if r >= first:
            _finish(state, ground, crossed, ring, r - 1, first, low, high, before + short, p, c)
