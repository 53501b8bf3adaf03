"""A binary heap of cells by a key, least first, and lists that grow.

``push`` gives no arrays back: in compiled code that would cost more than the push. So there must be
room before.
"""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Ints


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def longer(cells: Ints) -> Ints:
    """The same list with room for twice as many."""
    grown = np.empty(2 * cells.size, np.int64)
    grown[: cells.size] = cells
    return grown


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def longer_keys(keys: Floats) -> Floats:
    """The same keys with room for twice as many."""
    grown = np.empty(2 * keys.size, np.float64)
    grown[: keys.size] = keys
    return grown


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def push(keys: Floats, cells: Ints, size: int, key: float, cell: int) -> int:
    """Put a cell in, for which there is room; gives the new size."""
    hole = size
    while hole > 0:
        above = (hole - 1) >> 1
        if keys[above] <= key:
            break
        keys[hole], cells[hole] = keys[above], cells[above]
        hole = above
    keys[hole], cells[hole] = key, cell
    return size + 1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def drop(keys: Floats, cells: Ints, size: int) -> int:
    """Take the first cell out; gives the new size."""
    size -= 1
    key, cell = keys[size], cells[size]
    hole = 0
    while True:
        below = 2 * hole + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[hole], cells[hole] = keys[below], cells[below]
        hole = below
    keys[hole], cells[hole] = key, cell
    return size
