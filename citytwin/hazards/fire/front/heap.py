"""A binary heap of cells by a key, least first, that grows as it must."""

import numpy as np
from numba import njit

from citytwin.arrays import Floats, Ints


@njit(cache=True, nogil=True, error_model="numpy")
def push(keys: Floats, cells: Ints, size: int, key: float, cell: int) -> tuple[Floats, Ints, int]:
    """Put a cell in; gives the arrays, larger ones where they were full, and the new size."""
    if size == keys.size:
        more_keys, more_cells = np.empty(2 * size, keys.dtype), np.empty(2 * size, cells.dtype)
        more_keys[:size], more_cells[:size] = keys, cells
        keys, cells = more_keys, more_cells
    hole = size
    while hole > 0:
        above = (hole - 1) >> 1
        if keys[above] <= key:
            break
        keys[hole], cells[hole] = keys[above], cells[above]
        hole = above
    keys[hole], cells[hole] = key, cell
    return keys, cells, size + 1


@njit(cache=True, nogil=True, error_model="numpy")
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
