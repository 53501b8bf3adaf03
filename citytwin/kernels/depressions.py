"""Hollows of a ground of hexagonal cells: how far water would fill them and where it would leave.

Priority flood (Barnes, Lehman & Mulla 2014, 10.1016/j.cageo.2013.04.024): cells are visited from
the outlets upward, lowest first, so that each is reached over the lowest way out. Cutting through
along the same ways follows Lindsay (2016, 10.1002/hyp.10648).
"""

from heapq import heappop, heappush

import numpy as np
from numba import njit

from citytwin.arrays import Bools, Floats, Ints

#: The six neighbours of (row, column) in the dense window.
NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1))


@njit(cache=True)
def flood(
    ground: Floats, valid: Bools, outlet: Bools, rise: float, level: Floats, towards: Ints
) -> None:
    """Level at which water stands or leaves over each cell.

    Parameters
    ----------
    ground
        (rows, cols) height of the ground [m].
    valid
        (rows, cols) cells of the city.
    outlet
        (rows, cols) cells from which water leaves.
    rise
        Least rise from a cell to the next one upstream [m]; 0 fills hollows level.
    level
        (rows, cols) result: height of the water or the ground [m].
    towards
        (rows, cols) result: flat index of the next cell on the way out, −1 at outlets.
    """
    rows, cols = ground.shape
    queue = [(0.0, -1, -1)]
    queue.pop()
    for i in range(rows):
        for j in range(cols):
            towards[i, j] = -2
            if valid[i, j] and outlet[i, j]:
                level[i, j] = ground[i, j]
                towards[i, j] = -1
                heappush(queue, (ground[i, j], i, j))
    while len(queue) > 0:
        height, i, j = heappop(queue)
        for di, dj in NEIGHBOURS:
            a, b = i + di, j + dj
            if a < 0 or b < 0 or a >= rows or b >= cols:
                continue
            if not valid[a, b] or towards[a, b] != -2:
                continue
            level[a, b] = max(ground[a, b], height + rise)
            towards[a, b] = i * cols + j
            heappush(queue, (level[a, b], a, b))


@njit(cache=True)
def label_hollows(ground: Floats, level: Floats, valid: Bools, label: Ints) -> int:
    """Number the connected groups of cells under water; 0 is dry. Returns how many there are."""
    rows, cols = ground.shape
    stack = [(-1, -1)]
    stack.pop()
    count = 0
    for i in range(rows):
        for j in range(cols):
            if label[i, j] or not valid[i, j] or level[i, j] <= ground[i, j]:
                continue
            count += 1
            label[i, j] = count
            stack.append((i, j))
            while len(stack) > 0:
                p, q = stack.pop()
                for di, dj in NEIGHBOURS:
                    a, b = p + di, q + dj
                    if a < 0 or b < 0 or a >= rows or b >= cols:
                        continue
                    if valid[a, b] and label[a, b] == 0 and level[a, b] > ground[a, b]:
                        label[a, b] = count
                        stack.append((a, b))
    return count


@njit(cache=True)
def breach_depth(ground: Floats, towards: Ints, pit: int, fall: float) -> float:
    """Sum of the cuts [m] that lead from a pit along its way out to lower ground."""
    height = ground.flat[pit]
    cell = towards.flat[pit]
    total = 0.0
    while cell >= 0:
        height -= fall
        if ground.flat[cell] <= height:
            break
        total += ground.flat[cell] - height
        cell = towards.flat[cell]
    return total


@njit(cache=True)
def breach(ground: Floats, towards: Ints, pit: int, fall: float) -> None:
    """Cut a way from a pit along its way out down to lower ground, in place."""
    height = ground.flat[pit]
    cell = towards.flat[pit]
    while cell >= 0:
        height -= fall
        if ground.flat[cell] <= height:
            break
        ground.flat[cell] = height
        cell = towards.flat[cell]


@njit(cache=True)
def rim(valid: Bools, result: Bools) -> None:
    """Cells with a neighbour outside the city, where water leaves."""
    rows, cols = valid.shape
    for i in range(rows):
        for j in range(cols):
            result[i, j] = False
            if not valid[i, j]:
                continue
            for di, dj in NEIGHBOURS:
                a, b = i + di, j + dj
                if a < 0 or b < 0 or a >= rows or b >= cols or not valid[a, b]:
                    result[i, j] = True


@njit(cache=True)
def flat_cells(ground: Floats, valid: Bools, least: float, result: Bools) -> None:
    """Cells whose neighbours all lie within ``least`` [m] of their own height."""
    rows, cols = ground.shape
    for i in range(rows):
        for j in range(cols):
            result[i, j] = valid[i, j]
            for di, dj in NEIGHBOURS:
                a, b = i + di, j + dj
                if a < 0 or b < 0 or a >= rows or b >= cols or not valid[a, b]:
                    continue
                if np.abs(ground[a, b] - ground[i, j]) > least:
                    result[i, j] = False
