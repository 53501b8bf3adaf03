"""How a window lies in the solvers' memory: padding, spans of each row, bands of rows."""

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Bools, Floats, Ints

#: Empty rows above and below, and empty columns left and right of a window.
PAD = 3
#: Fewest rows of a band.
_LEAST_ROWS = 4


def level_step(level: AnyFloats | float) -> Floats:
    """Level rounded to 2⁻¹² m, a quarter of a millimetre.

    Float32 holds such levels up to 4,096 m and their differences without rounding, so that a lake
    rests exactly.
    """
    return np.asarray(np.round(np.asarray(level, np.float64) * 4096.0) / 4096.0)


def padded(values: AnyFloats | Bools, fill: float = 0.0) -> NDArray[np.floating]:
    """(rows, cols) array with the empty frame around it, as float64."""
    return np.pad(np.asarray(values, np.float64), PAD, constant_values=fill)


def spans(open_cells: Bools) -> tuple[Ints, Ints]:
    """First column and one past the last, for each row, that its own and its neighbours' cells need.

    Parameters
    ----------
    open_cells
        (rows, cols) padded cells that can hold water.
    """
    cols = open_cells.shape[1]
    some = open_cells.any(axis=1)
    first = np.where(some, open_cells.argmax(axis=1), cols)
    last = np.where(some, cols - open_cells[:, ::-1].argmax(axis=1), 0)
    near_first, near_last = first.copy(), last.copy()
    for shift in (-1, 1):
        near_first = np.minimum(near_first, np.roll(first, shift))
        near_last = np.maximum(near_last, np.roll(last, shift))
    low = np.clip(near_first - 1, 1, cols - 1)
    high = np.clip(near_last + 1, 1, cols - 1)
    return low.astype(np.int64), np.maximum(low, high).astype(np.int64)


def bands(low: Ints, high: Ints, count: int) -> Ints:
    """(count + 1,) rows that split the work evenly, at least four rows a band."""
    rows = low.size
    count = max(1, min(count, (rows - 2 * PAD) // _LEAST_ROWS))
    work = np.cumsum((high - low)[PAD : rows - PAD] + 1)
    cuts = np.searchsorted(work, work[-1] * np.arange(1, count) / count) + PAD
    edges = np.concatenate([[PAD], cuts, [rows - PAD]])
    for k in range(1, count):
        last = rows - PAD - _LEAST_ROWS * (count - k)
        edges[k] = min(max(edges[k], edges[k - 1] + _LEAST_ROWS), last)
    return edges.astype(np.int64)
