"""Geometry of the H3 lattice of a city: an affine image of the regular hexagonal one.

A cell's neighbours lie at ±e₀ = (0, 1), ±e₁ = (1, 0) and ±e₂ = (1, 1) in window coordinates
(row, column). In the plane these are three vectors d₀, d₁, d₂ = d₀ + d₁ that are not equally long.
The weights w with Σ w_k d_k d_kᵀ = I make differences along them consistent: for a smooth field u,

    gradient   ∇u  ≈ Σ w_k d_k (u(+d_k) − u(−d_k)) / 2
    Laplacian  ∇²u ≈ Σ w_k (u(+d_k) − 2u + u(−d_k))

exact for polynomials of the second degree, whatever the skew of the lattice.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import Floats, Ints

#: Steps (row, column) to the neighbours in the three edge directions.
STEPS = ((0, 1), (1, 0), (1, 1))
#: Cells from which the bend of a lattice is found.
_SAMPLE = 100_000


@dataclass(frozen=True, eq=False)
class Lattice:
    """The three edge directions of a hexagonal lattice.

    Attributes
    ----------
    vectors
        (3, 2) vectors d_k from a cell to its neighbours [m].
    lengths
        (3,) their lengths [m].
    weights
        (3,) weights w_k with Σ w_k d_k d_kᵀ = I [1/m²].
    cell_area
        Area of one cell, |d₀ × d₁| [m²].
    """

    vectors: Floats
    lengths: Floats
    weights: Floats
    cell_area: float

    @property
    def directions(self) -> Floats:
        """(3, 2) unit vectors along the edges' normals."""
        return np.asarray(self.vectors / self.lengths[:, None])

    @property
    def edges(self) -> Floats:
        """(3,) effective edge lengths A w_k |d_k| [m]: with them the divergence is consistent."""
        return np.asarray(self.cell_area * self.weights * self.lengths)

    @cached_property
    def largest_eigenvalue(self) -> float:
        """Largest eigenvalue of the negative discrete Laplacian [1/m²].

        It bounds an explicit wave step: dt < 2 / (c √λ). Found over a fine sample of wave numbers.
        """
        phase = np.linspace(0.0, 2.0 * np.pi, 181)
        a, b = np.meshgrid(phase, phase)
        cosines = (np.cos(a), np.cos(b), np.cos(a + b))
        symbol = sum(2.0 * w * (1.0 - c) for w, c in zip(self.weights, cosines, strict=True))
        return float(np.max(symbol))


def lattice_of(column_step: Floats, row_step: Floats) -> Lattice:
    """Lattice from two of its vectors.

    Parameters
    ----------
    column_step
        (2,) vector from a cell to its neighbour in the next column [m].
    row_step
        (2,) vector from a cell to its neighbour in the next row [m].
    """
    vectors = np.array([column_step, row_step, np.add(column_step, row_step)], dtype=np.float64)
    x, y = vectors.T
    system = np.array([x * x, x * y, y * y])
    weights = np.linalg.solve(system, np.array([1.0, 0.0, 1.0]))
    area = abs(float(x[0] * y[1] - x[1] * y[0]))
    return Lattice(vectors, np.hypot(x, y), weights, area)


def regular_lattice(spacing: float) -> Lattice:
    """Lattice of regular hexagons.

    Parameters
    ----------
    spacing
        Distance between neighbouring centres [m].
    """
    return lattice_of(
        np.array([spacing, 0.0]), np.array([-0.5 * spacing, 0.5 * np.sqrt(3.0) * spacing])
    )


def bent_map(x: Floats, y: Floats, row: Ints, col: Ints, steps: Floats) -> Floats:
    """Map from the plane to the window that follows the bend of the lattice over a wide city.

    The mean steps alone would be off by whole cells at its borders.

    Parameters
    ----------
    x, y
        (n,) centres of the cells [m].
    row, col
        (n,) their places in the window.
    steps
        (2, 2) mean vectors to the next row and to the next column, as columns [m].

    Returns
    -------
    (2, 7) coefficients of (1, x, y, x², xy, y²) for row and column, and how far from there, in
    rows or columns, a cell may be that touches the point.
    """
    inverse = np.linalg.inv(steps)
    off = np.stack([row, col]).astype(np.float64) - inverse @ np.stack([x, y])
    size = max(float(np.abs(x).max()), float(np.abs(y).max()), 1.0)
    some = slice(None, None, x.size // _SAMPLE + 1)
    bend, *_ = np.linalg.lstsq(_terms(x[some] / size, y[some] / size).T, off[:, some].T)
    bend = bend.T / np.array([1.0, size, size, size**2, size**2, size**2])
    off -= bend @ _terms(x, y)
    bend[:, 1:3] += inverse
    # The corners of a cell are two thirds of a step from its centre.
    return np.ascontiguousarray(np.column_stack([bend, 0.7 + np.abs(off).max(axis=1)]))


def _terms(x: Floats, y: Floats) -> Floats:
    """(6, n) terms of a polynomial of the second degree."""
    return np.stack([np.ones(x.size), x, y, x * x, x * y, y * y])
