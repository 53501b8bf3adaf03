"""Samples of the unit cube whose columns go together."""

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from citytwin.arrays import Floats


def latin(count: int, columns: int, seed: int) -> Floats:
    """(count, columns) Latin hypercube."""
    cube = qmc.LatinHypercube(columns, rng=np.random.default_rng(seed))
    return np.asarray(cube.random(count), np.float64)


def coupled(drawn: Floats, factor: Floats) -> Floats:
    """A sample whose ranks go together as normal scores of given correlations do.

    The ranks are put in the order of correlated scores (Iman & Conover 1982,
    10.1080/03610918208812265), so that each parameter keeps its own Latin slices.

    Parameters
    ----------
    drawn
        (m, p) sample of the unit cube, with more rows than columns by two.
    factor
        (p, p) lower factor of the correlations.
    """
    scores = ndtri(drawn)
    own = np.linalg.cholesky(np.corrcoef(scores, rowvar=False))
    wanted = scores @ np.linalg.inv(own).T @ factor.T
    found = np.empty_like(drawn)
    for column in range(drawn.shape[1]):
        rank = np.argsort(np.argsort(wanted[:, column]))
        found[:, column] = np.sort(drawn[:, column])[rank]
    return found
