"""The hexagon of an affine lattice, its walls, and the part of a bed's steps that is slope."""

import numpy as np

from citytwin.arrays import AnyFloats, Floats
from citytwin.grid.lattice import STEPS, Lattice
from citytwin.hazards.flood.layout import level_step


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


def smooth_steps(elevation: AnyFloats, crossable: AnyFloats) -> Floats:
    """(rows, 3, cols) part of the step of the bed to the cell ahead that is slope [m].

    It is the mean of the limited slopes (monotonised central) of both cells in that direction, at
    most the step. Quantised as the ground is, so that a lake rests exactly.

    Parameters
    ----------
    elevation
        (rows, cols) ground [m].
    crossable
        (rows, 3, cols) 1 where water can pass the edge ahead and no crest stands on it, else 0.
    """
    out = np.zeros((elevation.shape[0], 3, elevation.shape[1]))
    for way, (row, col) in enumerate(STEPS):
        ahead = (_shifted(elevation, row, col) - elevation) * crossable[:, way]
        back = _shifted(ahead, -row, -col)
        mean = 0.5 * (ahead + back)
        least = np.where(np.abs(ahead) < np.abs(back), ahead, back) * 2.0
        slope = np.where(np.abs(mean) < np.abs(least), mean, least)
        slope = np.where(ahead * back > 0.0, slope, 0.0)
        between = 0.5 * (slope + _shifted(slope, row, col))
        size = np.minimum(np.abs(between), np.abs(ahead))
        size = np.where(between * ahead > 0.0, size, 0.0)
        out[:, way] = np.sign(ahead) * np.floor(size * 4096.0) / 4096.0
    return out


def walls(lattice: Lattice, width: AnyFloats, storage: AnyFloats) -> Floats:
    """(rows, 2, cols) vector e of the walls of each cell, e eᵀ = W Wᵀ / (|W| s A) [1/√m].

    W = −Σ w n L is what the open parts of the edges leave of the closed hexagon.

    Parameters
    ----------
    width
        (rows, 3, cols) open share of the edge ahead [1].
    storage
        (rows, cols) open share of the cell [1].
    """
    normals = edge_normals(lattice)
    wall = np.zeros((*storage.shape, 2))
    for way, (row, col) in enumerate(STEPS):
        back = _shifted(width[:, way], -row, -col)
        wall -= (width[:, way] - back)[..., None] * normals[way]
    size = np.hypot(wall[..., 0], wall[..., 1])
    room = storage * lattice.cell_area
    scale = np.zeros(storage.shape)
    held = (size > 1e-9 * lattice.lengths.min()) & (room > 0.0)
    scale[held] = 1.0 / np.sqrt(size[held] * room[held])
    return np.moveaxis(wall * scale[..., None], 2, 1)


def _shifted(values: AnyFloats, row: int, col: int) -> Floats:
    """Value at (r + row, c + col); what lies beyond the window is never used."""
    return np.roll(np.asarray(values, np.float64), (-row, -col), axis=(0, 1))


__all__ = ["edge_normals", "level_step", "smooth_steps", "walls"]
