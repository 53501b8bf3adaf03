"""Quantiles over the members of an ensemble, cell by cell."""

import numpy as np
from numba import prange

from citytwin.arrays import Floats, Floats32
from citytwin.kernels.both import both


def _sorted_quantiles(values: Floats32, shares: Floats, result: Floats32) -> None:
    """Quantiles of each column; not a number counts as infinite, and comes out as not a number."""
    members, cells = values.shape
    for cell in prange(cells):
        column = np.empty(members, np.float32)
        for member in range(members):
            value = values[member, cell]
            column[member] = np.float32(np.inf) if np.isnan(value) else value
        column.sort()
        for k in range(shares.size):
            at = shares[k] * (members - 1)
            below = int(np.floor(at))
            above = min(below + 1, members - 1)
            rest = np.float32(at - below)
            low, high = column[below], column[above]
            if np.isinf(low) or (rest > 0.0 and np.isinf(high)):
                result[k, cell] = np.float32(np.nan)
            elif rest == 0.0:
                result[k, cell] = low
            else:
                result[k, cell] = low + rest * (high - low)


_serial, _parallel = both(_sorted_quantiles)


def cell_quantiles(values: Floats32, shares: Floats, *, parallel: bool = True) -> Floats32:
    """Quantiles of each cell over the members.

    Parameters
    ----------
    values
        (m, n) value of each member on each cell; not a number where it never came.
    shares
        (k,) shares from 0 to 1.
    parallel
        Whether to use all threads.

    Returns
    -------
    (k, n) quantiles with straight lines between the ordered members; not a number where the
    quantile lies beyond the members in which it came.
    """
    result = np.empty((shares.size, values.shape[1]), np.float32)
    (_parallel if parallel else _serial)(np.ascontiguousarray(values, np.float32), shares, result)
    return result
