"""Pits of a ground of hexagonal cells that are deeper than the error of its heights.

A pit is as deep as water can stand over its lowest cell before it runs over into a deeper pit or
out of the city (its dynamics: Grimaud 1992, 10.1117/12.60650, not looked up). All pits deeper than
h are found at once: the ground is raised by h everywhere and lowered again as far as it stays above
itself and falls towards an outlet (reconstruction by erosion: Vincent 1993, 10.1109/83.217222).
Pits of at most h are gone then, and each deeper one has left a flat that nothing near it lies
below.
"""

from heapq import heappop, heappush

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats
from citytwin.kernels.depressions import NEIGHBOURS


@njit(cache=True)
def raised(ground: Floats, valid: Bools, outlet: Bools, error: float, level: Floats) -> None:
    """The ground with every pit of at most ``error`` filled, deeper ones by that much.

    Parameters
    ----------
    ground
        (rows, cols) height of the ground [m].
    valid
        (rows, cols) cells of the city.
    outlet
        (rows, cols) cells from which water leaves.
    error
        Depth of the pits to fill [m].
    level
        (rows, cols) result [m].
    """
    rows, cols = ground.shape
    queue = [(0.0, -1, -1)]
    queue.pop()
    for i in range(rows):
        for j in range(cols):
            if valid[i, j]:
                level[i, j] = ground[i, j] + (0.0 if outlet[i, j] else error)
                heappush(queue, (level[i, j], i, j))
    while len(queue) > 0:
        height, i, j = heappop(queue)
        if height > level[i, j]:
            continue
        for di, dj in NEIGHBOURS:
            a, b = i + di, j + dj
            if a < 0 or b < 0 or a >= rows or b >= cols or not valid[a, b]:
                continue
            reach = max(ground[a, b], height)
            if reach < level[a, b]:
                level[a, b] = reach
                heappush(queue, (reach, a, b))


@njit(cache=True)
def lowest_of_flats(
    ground: Floats, level: Floats, valid: Bools, outlet: Bools, pits: Bools
) -> None:
    """Mark the lowest cell of each flat of ``level`` that nothing beside it lies below.

    Flats with an outlet are left out. ``pits`` (rows, cols) is the result.
    """
    rows, cols = ground.shape
    seen = np.zeros((rows, cols), np.bool_)
    stack = [(-1, -1)]
    stack.pop()
    for i in range(rows):
        for j in range(cols):
            if seen[i, j] or not valid[i, j]:
                continue
            seen[i, j] = True
            stack.append((i, j))
            lowest, low_i, low_j, is_pit = ground[i, j], i, j, True
            while len(stack) > 0:
                p, q = stack.pop()
                is_pit = is_pit and not outlet[p, q]
                if ground[p, q] < lowest:
                    lowest, low_i, low_j = ground[p, q], p, q
                for di, dj in NEIGHBOURS:
                    a, b = p + di, q + dj
                    if a < 0 or b < 0 or a >= rows or b >= cols or not valid[a, b]:
                        continue
                    if level[a, b] < level[i, j]:
                        is_pit = False
                    elif level[a, b] == level[i, j] and not seen[a, b]:
                        seen[a, b] = True
                        stack.append((a, b))
            pits[low_i, low_j] = pits[low_i, low_j] or is_pit
