"""Cells without a value: filled from their neighbours."""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import cg
from scipy.spatial import cKDTree

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.grid.window import Grid

#: Most steps of the iteration; gaps under roofs need tens, a hole of a kilometre some hundreds.
_STEPS = 2000
#: Residual at which it ends, against the first.
_SMALL = 1e-8


def filled(grid: Grid, values: Floats) -> Floats:
    """Values with every gap filled by the mean of the neighbours (Laplace's equation).

    The iteration starts from the nearest known cell, and its result stays between the least and the
    greatest known value: no hill and no hollow appears in a gap.

    Parameters
    ----------
    grid
        Cells.
    values
        (n,) values; NaN in the gaps.

    Returns
    -------
    (n,) values.

    Raises
    ------
    InputError
        If no cell has a value.
    """
    gap = np.isnan(values)
    if not gap.any():
        return values.copy()
    if gap.all():
        raise InputError("no cell has a value, so nothing can be filled: give data for the city")
    known = ~gap
    tree = cKDTree(np.column_stack([grid.x[known], grid.y[known]]))
    _, nearest = tree.query(np.column_stack([grid.x[gap], grid.y[gap]]))
    start = values[known][nearest]
    matrix, right = _equations(grid, values, gap)
    found, _ = cg(matrix, right, x0=start, rtol=_SMALL, maxiter=_STEPS)
    result = values.copy()
    result[gap] = np.clip(found, values[known].min(), values[known].max())
    return result


def distance(grid: Grid, known: np.ndarray) -> Floats:
    """(n,) distance of each cell to the nearest of the known ones [m]; 0 in those."""
    tree = cKDTree(np.column_stack([grid.x[known], grid.y[known]]))
    found, _ = tree.query(np.column_stack([grid.x, grid.y]))
    return np.asarray(found, np.float64)


def _equations(grid: Grid, values: Floats, gap: np.ndarray) -> tuple[sparse.csr_array, Floats]:
    """Each gap times its number of neighbours, less those that are gaps too, is the known rest."""
    around = grid.neighbours()[gap]
    number = np.full(len(grid), -1, np.int64)
    number[gap] = np.arange(int(gap.sum()))
    present = around >= 0
    open_ends = present & gap[around]
    fixed = present & ~gap[around]
    rows = np.nonzero(open_ends)[0]
    columns = number[around[open_ends]]
    size = len(around)
    links = sparse.csr_array((-np.ones(len(rows)), (rows, columns)), shape=(size, size))
    matrix = links + sparse.diags_array(present.sum(axis=1).astype(np.float64))
    right = np.where(fixed, values[around], 0.0).sum(axis=1)
    return sparse.csr_array(matrix), right
