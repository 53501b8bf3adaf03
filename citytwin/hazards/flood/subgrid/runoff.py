"""Where water runs on the fine ground: hollows filled, and a steady rain that flows over the rest."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import ndimage

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.hazards.flood.subgrid.parts import Parts
from citytwin.kernels import depressions

#: Fall given to filled, level ground so that its water finds the way out [m a cell].
FALL = 1e-5
#: The six neighbours that touch, as ``ndimage.label`` wants them.
_TOUCHING = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
#: Area of rain that every cell catches at least [m²]: no cell is without flow.
_LEAST = 1e-3


@dataclass(frozen=True, eq=False)
class Runoff:
    """Steady runoff of a rain of one metre a second.

    Attributes
    ----------
    filled
        (f,) ground with its hollows filled to the level at which they run over [m].
    flow
        (f,) water that runs through each cell [m³/s], which is the area that sends it there [m²].
    along
        (f, 2) the same as a vector, in the direction in which it leaves [m³/s].
    depth
        (f,) depth at which Manning's formula carries it on the cell's own slopes [m].
    """

    filled: Floats
    flow: Floats
    along: Floats
    depth: Floats


def runoff(parts: Parts) -> Runoff:
    """Runoff on the fine ground of a city.

    The flow divides over all lower neighbours by what each edge conveys, width √slope / n.
    """
    terrain, lattice = parts.terrain, parts.hierarchy.fine.lattice
    shape = parts.fine_shape
    holds = (terrain.storage > 0.0) | terrain.drains
    outlets = _outlets(holds, terrain.drains, terrain.elevation)
    ground = np.where(holds, terrain.elevation, np.nan)
    filled, falling = np.full(shape, np.nan), np.full(shape, np.nan)
    towards = np.empty(shape, np.int64)
    depressions.flood(ground, holds, outlets, 0.0, filled, towards)
    depressions.flood(ground, holds, outlets, FALL, falling, towards)
    order = np.argsort(-np.where(holds, falling, -np.inf).ravel())[: int(holds.sum())]
    caught = np.maximum(terrain.rain_factor * terrain.storage * lattice.cell_area, _LEAST)
    flow = np.where(holds, caught, 0.0)
    along, depth = np.zeros((*shape, 2)), np.zeros(shape)
    room = np.where(terrain.drains, 1.0, terrain.storage)
    _route(
        order, falling, outlets, room, np.maximum(terrain.manning, 1e-3),
        lattice.lengths, lattice.edges, lattice.directions, flow, along, depth,
    )  # fmt: skip
    filled = np.where(holds, filled, terrain.elevation)
    return Runoff(filled.ravel(), flow.ravel(), along.reshape(-1, 2), depth.ravel())


def _outlets(holds: Bools, drains: Bools, ground: Floats) -> Bools:
    """Drains, and the lowest cell of each piece of ground that no drain touches."""
    label, count = ndimage.label(holds, _TOUCHING)
    drained = np.zeros(count + 1, np.bool_)
    drained[label[drains]] = True
    outlets = drains.copy()
    shut = np.nonzero(~drained)[0]
    shut = shut[shut > 0]
    if shut.size:
        lowest = ndimage.minimum_position(ground, label, shut)
        outlets[tuple(np.array(lowest).T)] = True
    return outlets


@njit(cache=True, nogil=True)
def _route(
    order: Ints,
    level: Floats,
    outlets: Bools,
    room: AnyFloats,
    manning: AnyFloats,
    lengths: Floats,
    edges: Floats,
    directions: Floats,
    flow: Floats,
    along: Floats,
    depth: Floats,
) -> None:
    """Send the flow down from the highest cell to the lowest; ``order`` holds flat places."""
    rows, cols = level.shape
    part = np.zeros(6)
    for place in order:
        r, c = place // cols, place % cols
        total = 0.0
        for k in range(6):
            a, b = _neighbour(r, c, k)
            part[k] = 0.0
            if 0 <= a < rows and 0 <= b < cols and level[a, b] < level[r, c]:
                fall = (level[r, c] - level[a, b]) / lengths[k % 3]
                part[k] = edges[k % 3] * min(room[r, c], room[a, b]) * np.sqrt(fall) / manning[r, c]
                total += part[k]
        if total <= 0.0 or outlets[r, c]:
            continue
        depth[r, c] = (flow[r, c] / total) ** 0.6
        for k in range(6):
            if part[k] > 0.0:
                a, b = _neighbour(r, c, k)
                sent = flow[r, c] * part[k] / total
                flow[a, b] += sent
                sign = 1.0 if k < 3 else -1.0
                along[r, c, 0] += sign * sent * directions[k % 3, 0]
                along[r, c, 1] += sign * sent * directions[k % 3, 1]


@njit(cache=True, nogil=True)
def _neighbour(r: int, c: int, k: int) -> tuple[int, int]:
    """Place of neighbour ``k``: the three ways forward, then the three back."""
    sign = 1 if k < 3 else -1
    way = k % 3
    return r + sign * (1 if way > 0 else 0), c + sign * (0 if way == 1 else 1)
