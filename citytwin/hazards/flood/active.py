"""Which columns of each row can carry water before long."""

import numpy as np
from numba import njit

from citytwin.arrays import AnyFloats, Ints


@njit(cache=True, nogil=True)
def _moves(row: AnyFloats, depth_part: int, dry: float, j: int) -> bool:
    """Whether the cell in column ``j`` holds more than ``dry`` water, or a flux or flow is not zero."""
    for part in range(row.shape[0]):
        value = row[part, j]
        if value > dry if part == depth_part else value != 0.0:
            return True
    return False


@njit(cache=True, nogil=True)
def active_spans(
    state: AnyFloats,
    depth_part: int,
    dry: float,
    margin: int,
    low: Ints,
    high: Ints,
    low0: Ints,
    high0: Ints,
) -> int:
    """Narrow or widen the spans of the rows to the water and ``margin`` rows and columns around it.

    Good for ``margin`` flow steps, if nothing else adds water. Water that stands outside the spans
    given must be no deeper than ``dry``, and its fluxes zero.

    Parameters
    ----------
    state
        (rows, parts, cols) moving quantities.
    depth_part
        Place of the depth among them.
    dry
        Water no deeper than this does not count [m]; not more than the thinnest that flows.
    margin
        Rows and columns around the water.
    low, high
        (rows,) first column and one past the last of each row; given for now, changed for then.
    low0, high0
        (rows,) the widest that they may become.

    Returns
    -------
    Number of cells in the new spans.
    """
    rows = low.size
    first, last = np.empty(rows, np.int64), np.empty(rows, np.int64)
    for r in range(rows):
        a, b = low[r], high[r]
        while a < b and not _moves(state[r], depth_part, dry, a):
            a += 1
        while b > a and not _moves(state[r], depth_part, dry, b - 1):
            b -= 1
        first[r], last[r] = a, b
    total = 0
    for r in range(rows):
        a, b = high0[r], low0[r]
        for near in range(max(0, r - margin), min(rows, r + margin + 1)):
            if first[near] < last[near]:
                a, b = min(a, first[near] - margin), max(b, last[near] + margin)
        low[r], high[r] = max(a, low0[r]), min(b, high0[r])
        if low[r] >= high[r]:
            low[r] = high[r] = low0[r]
        total += high[r] - low[r]
    return total
