"""Memory bandwidth of this machine: the STREAM triad (McCalpin 1995)."""

import time

import numpy as np
from numba import njit, prange

from citytwin.arrays import Floats


@njit(cache=True, parallel=True)
def _triad(a: Floats, b: Floats, c: Floats, scalar: float) -> None:
    for i in prange(a.size):
        a[i] = b[i] + scalar * c[i]


def triad_bytes_per_s(size: int = 20_000_000, repeats: int = 10) -> float:
    """Best rate of a = b + s c over float64 arrays, 24 bytes an element, as STREAM counts.

    Parameters
    ----------
    size
        Elements of each array; large against the caches.
    repeats
        Runs, the fastest counts.

    Returns
    -------
    float
        Bytes a second.
    """
    a, b, c = np.zeros(size), np.ones(size), np.full(size, 2.0)
    _triad(a, b, c, 3.0)
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        _triad(a, b, c, 3.0)
        best = min(best, time.perf_counter() - start)
    return 24.0 * size / best
