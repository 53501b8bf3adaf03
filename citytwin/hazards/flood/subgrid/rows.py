"""Row functions of the sub-grid solver; equations and the order of the calls: see ``kernel``.

Each is one loop over a row without branches, which the compiler makes vector code of; ``apart`` says
how. ``lo`` and ``hi`` are the first and one past the last column.
"""

from typing import Any

import numpy as np
from numba import njit

from citytwin.arrays import AnyFloats
from citytwin.kernels.apart import READ, apart, get, put
from citytwin.kernels.roots import EXACT, inverse_cube_root

#: Places of the moving quantities in ``state``. FLOW is half the magnitude of a cell's flow vector
#: over its open share [m²/s], so that the sum of two cells is their mean; OVER is what rounding has
#: added to the depth [m].
FLUX0, FLUX1, FLUX2, DEPTH, FLOW, OVER = range(6)
#: Places of what is fixed in ``cells``, then the stage of each entry: lowest ground [m], open share,
#: depth of the last entry [m].
LOWEST, ROOM, TOP, RISE = range(4)
#: Places of what is fixed of one direction in ``edges``, then the depth of the flow of each entry, then
#: its n²: lowest ground of the cells before and behind above the sill, level of the last entry [m].
BEFORE, BEHIND, REACH, TABLE = range(4)
#: Places in a row of ``ring``: the new fluxes of the three directions, and what crosses in the step.
NEW, CROSSED = 0, 3
#: Places in a row of ``stage``: stage of a cell above its lowest ground, and its wet open share.
STAGE, WET = range(2)
#: Places of the constants of a direction: g Δt / d, g Δt, (1 − θ) / 2 over the root of the depth to
#: which the step belongs, thinnest flow, edge length × Δt / reference area, depth whose waves the step
#: was made for, difference of level that is none, depth whose waves are the fastest with which the step
#: is stable, 1 / √g, flow over a crest for a head of 1 m, level of no crest, 0, 1, entries of a table
#: − 1, and one over that.
(
    PUSH, DRAG, BLEND, THIN, CROSSING, DEEPEST, LEVEL, SWIFTEST, ROOT, WEIR, NONE, ZERO, ONE, LAST, STEP,
) = range(15)  # fmt: skip
CONSTANTS = 15

FAST: dict[str, Any] = {"cache": True, "fastmath": EXACT, "error_model": "numpy", "nogil": True}


@njit(**FAST)
def stage_row(
    here: AnyFloats, cells: AnyFloats, stage: AnyFloats, p: AnyFloats, lo: int, hi: int
) -> None:
    """Stage and wet open share of the cells of a row from their depths.

    Parameters
    ----------
    here
        (6, cols) state.
    cells
        (3 + entries, cols) what is fixed of the cells.
    stage
        (2, cols) result.
    p
        Constants.
    """
    high, wet = 1, 2
    apart()
    one, last, step = p[ONE], p[LAST], p[STEP]
    end = np.int32(last) - np.int32(1)
    for j in range(lo, hi):
        deep, top = get(here, DEPTH, j, READ), get(cells, TOP, j, READ)
        k = min(np.int32(np.sqrt(min(deep / top, one)) * last), end)
        at = np.float32(k) * step
        below, above = get(cells, RISE + k, j, READ), get(cells, RISE + 1 + k, j, READ)
        low, size = top * (at * at), top * (step * (at + at + step))
        slope = (above - below) / size
        slope = slope if deep < top else one
        base = below if deep < top else get(cells, RISE + 1 + end, j, READ)
        put(stage, STAGE, j, base + (deep - (low if deep < top else top)) * slope, high)
        put(stage, WET, j, min(get(cells, ROOM, j, READ), one) / slope, wet)


@njit(**FAST)
def flux_row(
    here: AnyFloats, line: AnyFloats, back: AnyFloats, stage: AnyFloats, stage_line: AnyFloats,
    cells: AnyFloats, cells_line: AnyFloats, edges: AnyFloats, crest: AnyFloats | None,
    way: int, right: int, now: AnyFloats, p: AnyFloats, lo: int, hi: int,
) -> None:  # fmt: skip
    """New flux across the edges of one direction in one row [m²/s], and what crosses in the step [m].

    Parameters
    ----------
    here, line, back
        (6, cols) state of the row, of the row behind the edges, and of the row before the last.
    stage, stage_line, cells, cells_line
        Those of the cells of both rows.
    edges
        (3 + 2 entries, cols) what is fixed of the edges.
    crest
        (3, cols) crests [m], or nothing.
    way, right
        Direction, and the columns to the cell behind.
    now
        (6, cols) row of ``ring``.
    """
    flux, volume = 1, 2
    apart()
    push, drag, blend, thin, crossing = p[PUSH], p[DRAG], p[BLEND], p[THIN], p[CROSSING]
    zero, one, last, step, level = p[ZERO], p[ONE], p[LAST], p[STEP], p[LEVEL]
    deepest, swiftest, root, weir, none = p[DEEPEST], p[SWIFTEST], p[ROOT], p[WEIR], p[NONE]
    end = np.int32(last) - np.int32(1)
    rough = TABLE + 2 + end
    for j in range(lo, hi):
        n = j + right
        a, b = get(stage, STAGE, j, READ), get(stage_line, STAGE, n, READ)
        reach = get(edges, REACH, j, READ)
        above = max(a + get(edges, BEFORE, j, READ), b + get(edges, BEHIND, j, READ))
        x = max(above, zero) / reach
        k = min(np.int32(np.sqrt(min(x, one)) * last), end)
        at = np.float32(k) * step
        share = (x - at * at) / (step * (at + at + step))
        low, high = get(edges, TABLE + k, j, READ), get(edges, TABLE + 1 + k, j, READ)
        deep = low + share * (high - low)
        low, high = get(edges, rough + k, j, READ), get(edges, rough + 1 + k, j, READ)
        friction = low + min(share, one) * (high - low)
        rise = get(cells_line, LOWEST, n, READ) - get(cells, LOWEST, j, READ)
        if crest is not None:
            wall = get(crest, way, j, READ)
            head = max(a, b + rise) - (wall - get(cells, LOWEST, j, READ))
            deep = min(deep, head)
        flows = (above > zero) & (deep > thin)
        deep = max(deep, thin)
        old = get(here, FLUX0 + way, j, READ)
        first, second = get(back, FLUX0 + way, j - right, READ), get(line, FLUX0 + way, n, READ)
        first = first - old if first != zero else zero
        second = second - old if second != zero else zero
        rise = (b - a) + rise
        rise = rise if abs(rise) > level else zero
        moving = get(here, FLOW, j, READ) * min(get(cells, ROOM, j, READ), one) + get(
            line, FLOW, n, READ
        ) * min(get(cells_line, ROOM, n, READ), one)
        size = max(moving, abs(old))
        # What the cells hold limits what gravity sees of the flow; friction is scaled alike.
        wet = min(get(stage, WET, j, READ), get(stage_line, WET, n, READ))
        seen = min(deep, deepest * wet)
        square = np.sqrt(deep)
        fast = one + root * size / (deep * square)
        pull = max(min(fast * fast * seen, swiftest * wet), seen) / deep
        d2 = deep * deep
        brake = pull * drag * friction * size * inverse_cube_root(deep, one)
        new = old + blend * np.sqrt(seen) * (first + second) - pull * push * deep * rise
        new = (new * d2 + brake * old) / (d2 + (brake + brake))
        if crest is not None:
            most = weir * max(head, zero) * np.sqrt(max(head, zero))
            new = max(min(new, most), -most) if wall > none else new
        new = new if flows else zero
        put(now, NEW + way, j, new, flux)
        put(now, CROSSED + way, j, crossing * new, volume)


@njit(**FAST)
def share_row(
    here: AnyFloats, cells: AnyFloats, prev: AnyFloats, now: AnyFloats, share: AnyFloats, which: int,
    p: AnyFloats, lo: int, hi: int,
) -> Any:  # fmt: skip
    """Share (0 to 1) of each cell's outflow that its water allows, into row ``which`` of ``share``.

    Tells whether any is less than 1. ``prev`` and ``now`` are (6, cols) rows of ``ring``, of the row
    before and of this one.
    """
    mine = 1
    apart()
    zero, one = p[ZERO], p[ONE]
    left = int(one)
    short = np.int32(0)
    for j in range(lo, hi):
        out = max(get(now, CROSSED, j, READ), zero) - min(get(now, CROSSED, j - left, READ), zero)
        out += max(get(now, CROSSED + 1, j, READ), zero)
        out -= min(get(prev, CROSSED + 1, j, READ), zero)
        out += max(get(now, CROSSED + 2, j, READ), zero)
        out -= min(get(prev, CROSSED + 2, j - left, READ), zero)
        held = get(here, DEPTH, j, READ) * get(cells, ROOM, j, READ)
        short = np.int32(short | np.int32(out > held))
        put(share, which, j, held / out if out > held else one, mine)
    return short > 0


@njit(**FAST)
def limit_row(
    now: AnyFloats, share: AnyFloats, way: int, a: int, b: int, right: int, p: AnyFloats,
    lo: int, hi: int,
) -> None:  # fmt: skip
    """Scale flux and volume of one direction by the share of the cell that gives the water.

    ``a`` and ``b`` are the rows of ``share`` of the cells before and behind, ``right`` the columns
    between them.
    """
    flux, volume = 1, 2
    apart()
    zero = p[ZERO]
    for j in range(lo, hi):
        forward, behind = get(share, a, j, READ), get(share, b, j + right, READ)
        moved = get(now, CROSSED + way, j, volume)
        factor = forward if moved > zero else behind
        put(now, CROSSED + way, j, moved * factor, volume)
        put(now, NEW + way, j, get(now, NEW + way, j, flux) * factor, flux)


@njit(**FAST)
def depth_row(
    here: AnyFloats, cells: AnyFloats, prev: AnyFloats, now: AnyFloats, turn: AnyFloats,
    p: AnyFloats, tiny: float, lo: int, hi: int,
) -> None:  # fmt: skip
    """New depth and flow of each cell from what crossed its edges; ``turn`` (6,) of the flow vector.

    What rounding added to a depth is taken off in the next step, as in ``inertial.rows``. ``tiny`` is
    far below any open share.
    """
    depth, flow, over, flux0, flux1, flux2 = 1, 2, 3, 4, 5, 6
    apart()
    zero, one, thin = p[ZERO], p[ONE], p[THIN]
    x0, x1, x2, y0, y1, y2 = turn[0], turn[1], turn[2], turn[3], turn[4], turn[5]
    left = int(one)
    for j in range(lo, hi):
        room = one / max(get(cells, ROOM, j, READ), tiny)
        v0, w0 = get(now, CROSSED, j, READ), get(now, CROSSED, j - left, READ)
        v1, w1 = get(now, CROSSED + 1, j, READ), get(prev, CROSSED + 1, j, READ)
        v2, w2 = get(now, CROSSED + 2, j, READ), get(prev, CROSSED + 2, j - left, READ)
        held = get(here, DEPTH, j, depth)
        gain = room * ((w0 - v0) + (w1 - v1) + (w2 - v2))
        gain -= get(here, OVER, j, over) if held > thin else zero
        total = held + gain
        deep = max(total, zero)
        put(here, DEPTH, j, deep, depth)
        put(here, OVER, j, (total - held) - gain if deep > thin else zero, over)
        a, b, c = v0 + w0, v1 + w1, v2 + w2
        x = x0 * a + x1 * b + x2 * c
        y = y0 * a + y1 * b + y2 * c
        put(here, FLOW, j, room * np.sqrt(x * x + y * y), flow)
        put(here, FLUX0, j, get(now, NEW, j, READ), flux0)
        put(here, FLUX1, j, get(now, NEW + 1, j, READ), flux1)
        put(here, FLUX2, j, get(now, NEW + 2, j, READ), flux2)
