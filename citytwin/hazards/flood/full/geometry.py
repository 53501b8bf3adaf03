"""The hexagon of an affine lattice, and the slope of a bed in it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats
from citytwin.grid.lattice import STEPS, Lattice


def edge_normals(lattice: Lattice) -> Floats:
    """(3, 2) normals N_k of the edges ahead, as long as the edges [m].

    The corners of the hexagon are the centres of the triangles of neighbouring cells, as those of
    real H3 cells are: (d₀ + d₂) / 3, (d₂ + d₁) / 3 and so on. The middle of an edge then lies at
    ± d_k / 2, the normals round a cell cancel, and Σ N_k d_kᵀ = A I.
    """
    d0, d1, d2 = lattice.vectors
    along = np.array([d1 + d2, d0 + d2, d1 - d0]) / 3.0
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    ahead = np.sign(np.sum(across * lattice.vectors, axis=1))
    return np.asarray(across * ahead[:, None])


def tilts(elevation: Floats, is_open: Bools, bare: Bools) -> Floats:
    """(rows, 3, cols) half of the limited difference of the bed across each cell, by direction [m].

    Monotonised central; zero beside walls and crests. Quantised as the ground is, so that a lake rests
    exactly.

    Parameters
    ----------
    elevation
        (rows, cols) ground [m].
    is_open
        (rows, cols) cells that can hold water.
    bare
        (rows or 1, 3, cols) whether no crest stands on the edge ahead.
    """
    out = np.zeros((elevation.shape[0], 3, elevation.shape[1]))
    for way, step in enumerate(STEPS):
        free = bare[:, way] & is_open & _ahead(is_open, step)
        rise = np.where(free, _ahead(elevation, step) - elevation, 0.0)
        before = _ahead(rise, (-step[0], -step[1]))
        least = 2.0 * np.minimum(np.abs(rise), np.abs(before))
        size = np.minimum(np.abs(rise + before) / 2.0, least)
        half = np.sign(rise) * np.floor(size * 2048.0) / 4096.0
        out[:, way] = np.where(rise * before > 0.0, half, 0.0)
    return out


def _ahead(values: NDArray[Any], step: tuple[int, int]) -> NDArray[Any]:
    """Value of the cell one step (row, column) ahead; beyond the window that of its other side."""
    return np.roll(values, (-step[0], -step[1]), axis=(0, 1))
