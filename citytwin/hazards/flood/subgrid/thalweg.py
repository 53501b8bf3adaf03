"""How the fine ground of a coarse cell counts in its tables: by its height above the cell's thalweg.

A level surface in a cell wider than a hillside is long is no picture of its water: on a slope of 10 % a
cell of 50 m falls by five metres, and its water runs centimetres deep down the whole of it. So the
surface in a cell is taken to follow the cell's own thalweg, the long profile of the ground on which its
water runs: level across the flow, falling along it. With s the distance along the mean direction of the
runoff and P(s) the mean of the ground where most of the runoff passes there,

    r = max(w − P(s), 0) + (z − w)

is the stage above the thalweg at which water reaches a fine cell of ground z, w being the ground with
its hollows filled. On a plane r is 0 everywhere and the cell fills evenly; beside a stream r is the
height above it; in a hollow r is below 0 and the hollow fills first, with a level surface. On
level ground P is the streets' level, and the surface is level. Thin water also runs over what is uneven
by little against the fall of the cell: there heights count less.

The level of a cell is that of its thalweg in the middle, ``base``, plus the stage.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.hazards.flood.subgrid.parts import AROUND, Parts
from citytwin.hazards.flood.subgrid.runoff import Runoff

#: Heights below this share of the fall of the coarse cell count less [1].
EVEN = 0.2
#: Ground that lies off its plane by less than this share of how far that rises and falls is even [1].
PLANE = 0.02
#: Where at least this share of the strongest runoff runs is the thalweg [1].
MAIN = 0.5
#: Where the strongest runoff is less than this share of the cell's strongest, its thalweg is carried on
#: from where it is not: there a stream has not come into the cell yet [1].
CARRIES = 0.5
#: A cell with hollows of more than this mean depth has its thalweg at the deepest one's brim [m].
HOLLOW = 0.005


@dataclass(frozen=True, eq=False)
class Thalweg:
    """Reference of the levels in each coarse cell.

    Attributes
    ----------
    base
        (m,) level of the thalweg in the middle of the coarse cell, where its stage is 0 [m]; in drains
        the ground carried on.
    height
        (f,) stage at which water reaches each fine cell [m].
    """

    base: Floats
    height: Floats


def thalweg(parts: Parts, water: Runoff) -> Thalweg:
    """Thalwegs of the coarse cells of a city."""
    x, y = parts.xy
    ground = parts.terrain.elevation.ravel()
    height = np.zeros(ground.size)
    spacing = float(parts.hierarchy.fine.lattice.lengths.mean())
    slope = _slopes(parts, water.filled)
    towards = _towards(parts, water, slope)
    _heights(parts.start, parts.order, x, y, water.filled, water.flow, towards, spacing, height)
    fall = np.hypot(slope[:, 0], slope[:, 1]) * float(parts.lattice.lengths.mean())
    even = np.maximum(EVEN * fall, 1e-9)[parts.owner]
    height *= np.minimum(height / even, 1.0)
    mean = parts.mean(water.filled - height)
    height += ground - water.filled
    deep = parts.mean(water.filled - ground)
    middle_x, middle_y = parts.middle
    away_x, away_y = middle_x - parts.mean(x), middle_y - parts.mean(y)
    base = mean + slope[:, 0] * away_x + slope[:, 1] * away_y
    base = np.where(deep > HOLLOW, _brims(parts, water.filled, ground), base)
    return Thalweg(_with_drains(parts, base, slope), height)


def _towards(parts: Parts, water: Runoff, slope: Floats) -> Floats:
    """(m, 2) unit vectors in which water runs in each coarse cell; 0 where none does.

    That is the mean direction of the runoff; on even ground it is that of the fall, which runoff from
    cell to cell follows to a few degrees only.
    """
    owner = parts.owner[parts.order]
    runs = np.stack(
        [np.bincount(owner, water.along[parts.order, k], parts.size) for k in range(2)], axis=1
    )
    runs, fall = (
        np.divide(way, np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-30)[:, None])
        for way in (runs, -slope)
    )
    x, y = parts.xy
    up = slope[parts.owner, 0] * x + slope[parts.owner, 1] * y
    rest = water.filled - up
    off = parts.mean(rest**2) - parts.mean(rest) ** 2
    even = off < PLANE**2 * (parts.mean(up**2) - parts.mean(up) ** 2)
    return np.where(even[:, None], fall, runs)


def _brims(parts: Parts, filled: Floats, ground: Floats) -> Floats:
    """(m,) filled level at the deepest place of each coarse cell."""
    order, owner = parts.order, parts.owner[parts.order]
    last = np.lexsort(((filled - ground)[order], owner))
    ends = parts.start[1:][parts.city] - 1
    brims = np.zeros(parts.size)
    brims[parts.city] = filled[order[last[ends]]]
    return brims


def _slopes(parts: Parts, filled: Floats) -> Floats:
    """(m, 2) slope of each coarse cell's ground [1]; of its neighbours' where half of it is missing."""
    x, y = parts.xy
    own = np.zeros((parts.size, 2))
    _planes(parts.start, parts.order, parts.open_share, x, y, filled, own)
    whole = np.diff(parts.start) * 2 >= parts.ratio
    cols = parts.shape[1]
    lacking = np.nonzero(parts.city & ~whole)[0]
    total, count = np.zeros((lacking.size, 2)), np.zeros(lacking.size)
    for row, col in AROUND:
        near = np.clip(lacking + row * cols + col, 0, parts.size - 1)
        total += np.where(whole[near, None], own[near], 0.0)
        count += whole[near]
    own[lacking] = np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], 0.0)
    return own


def _with_drains(parts: Parts, base: Floats, slope: Floats) -> Floats:
    """Base levels, with the ground carried on into the coarse drains."""
    x, y = parts.middle
    cols = parts.shape[1]
    drains = np.nonzero(parts.drains)[0]
    total, count = np.zeros(drains.size), np.zeros(drains.size)
    for row, col in AROUND:
        near = np.clip(drains + row * cols + col, 0, parts.size - 1)
        carried = base[near] + slope[near, 0] * (x[drains] - x[near])
        carried += slope[near, 1] * (y[drains] - y[near])
        total += np.where(parts.city[near], carried, 0.0)
        count += parts.city[near]
    result = base.copy()
    result[drains] = total / np.maximum(count, 1)
    return result


@njit(cache=True, nogil=True)
def _heights(
    start: Ints,
    order: Ints,
    x: Floats,
    y: Floats,
    filled: Floats,
    flow: Floats,
    towards: Floats,
    spacing: float,
    height: Floats,
) -> None:
    """Height of the filled ground above the thalweg of its coarse cell, at least 0."""
    for cell in range(start.size - 1):
        first, last = start[cell], start[cell + 1]
        if first == last:
            continue
        dx, dy = towards[cell, 0], towards[cell, 1]
        low, high = np.inf, -np.inf
        for k in range(first, last):
            s = x[order[k]] * dx + y[order[k]] * dy
            low, high = min(low, s), max(high, s)
        bins = int((high - low) / spacing) + 1
        weight, place, level = np.zeros(bins), np.zeros(bins), np.zeros(bins)
        most = np.zeros(bins)
        for k in range(first, last):
            i = order[k]
            b = int((x[i] * dx + y[i] * dy - low) / spacing)
            most[b] = max(most[b], flow[i])
        for k in range(first, last):
            i = order[k]
            s = x[i] * dx + y[i] * dy
            b = int((s - low) / spacing)
            if flow[i] >= MAIN * most[b]:
                weight[b] += flow[i]
                place[b] += flow[i] * s
                level[b] += flow[i] * filled[i]
        count = 0
        for b in range(bins):
            if most[b] > CARRIES * most.max():
                place[count], level[count] = place[b] / weight[b], level[b] / weight[b]
                count += 1
        for k in range(first, last):
            i = order[k]
            s = x[i] * dx + y[i] * dy
            height[i] = max(filled[i] - _profile(s, place, level, count), 0.0)


@njit(cache=True, nogil=True)
def _profile(s: float, place: AnyFloats, level: AnyFloats, count: int) -> float:
    """Level at ``s`` on straight lines through the points, carried on beyond the ends."""
    if count == 1:
        return float(level[0])
    k = 0
    while k < count - 2 and s > place[k + 1]:
        k += 1
    share = (s - place[k]) / (place[k + 1] - place[k])
    return float(level[k] + share * (level[k + 1] - level[k]))


@njit(cache=True, nogil=True)
def _planes(
    start: Ints, order: Ints, weight: Floats, x: Floats, y: Floats, z: Floats, slope: Floats
) -> None:
    """Slope of the plane of least squares through the fine cells of each coarse cell."""
    for cell in range(start.size - 1):
        first, last = start[cell], start[cell + 1]
        if last - first < 3:
            continue
        w, mx, my, mz = 0.0, 0.0, 0.0, 0.0
        for k in range(first, last):
            i = order[k]
            w += weight[i]
            mx += weight[i] * x[i]
            my += weight[i] * y[i]
            mz += weight[i] * z[i]
        mx, my, mz = mx / w, my / w, mz / w
        xx, xy, yy, xz, yz = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(first, last):
            i = order[k]
            dx, dy, dz = x[i] - mx, y[i] - my, z[i] - mz
            xx += weight[i] * dx * dx
            xy += weight[i] * dx * dy
            yy += weight[i] * dy * dy
            xz += weight[i] * dx * dz
            yz += weight[i] * dy * dz
        det = xx * yy - xy * xy
        if det > 1e-3 * max(xx, yy) ** 2:
            slope[cell, 0] = (yy * xz - xy * yz) / det
            slope[cell, 1] = (xx * yz - xy * xz) / det
