"""The hexagon of an affine lattice, its walls, and the part of a bed's steps that is slope."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import AnyFloats, Floats
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


def tilts(elevation: AnyFloats, free: AnyFloats) -> Floats:
    """(rows, 3, cols) half of the limited difference of the bed across each cell, by direction [m].

    Monotonised central. Quantised as the ground is, so that a lake rests exactly.

    Parameters
    ----------
    elevation
        (rows, cols) ground [m].
    free
        (rows, 3, cols) whether water can pass the edge ahead, and no crest stands on it.
    """
    out = np.zeros((elevation.shape[0], 3, elevation.shape[1]))
    for way, (row, col) in enumerate(STEPS):
        ahead = _shifted(elevation, row, col) - elevation
        back = _shifted(ahead, -row, -col)
        least = 2.0 * np.minimum(np.abs(ahead), np.abs(back))
        size = np.minimum(np.abs(ahead + back) / 2.0, least)
        slope = (ahead * back > 0.0) & (free[:, way] & _shifted(free[:, way], -row, -col))
        out[:, way] = np.where(slope, np.sign(ahead) * np.floor(size * 2048.0) / 4096.0, 0.0)
    return out


def _shifted(values: NDArray[Any], row: int, col: int) -> NDArray[Any]:
    """Value at (r + row, c + col); what lies beyond the window is never used."""
    return np.roll(values, (-row, -col), axis=(0, 1))
