"""Ground from contour lines: a smooth surface through them, then its mean over each cell.

The surface is the one of least curvature with a little tension (Briggs 1974, 10.1190/1.1440410;
Smith & Wessel 1990, 10.1190/1.1442837) that passes the contours within their own error. It is found
by sparse least squares on a square raster: no line of the raster and no triangle between points of
one contour is flat, which is what leaves terraces in simpler methods.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse import linalg

from citytwin.arrays import Bools, Floats
from citytwin.errors import InputError
from citytwin.grid.window import Grid

#: Raster nodes beyond the city on each side, so that its edge is not the surface's edge.
_MARGIN = 4
#: Scale at which errors of contours and curvature of the ground are stated [m].
PATCH = 10.0
#: Most nodes of a raster: the direct solution stays below half a minute on one core.
MOST_NODES = 400_000


@dataclass(frozen=True, eq=False)
class Surface:
    """Heights on a square raster.

    Attributes
    ----------
    x, y
        Place of the first node [m].
    spacing
        Distance between nodes [m].
    heights
        (rows, columns) height at the nodes [m]; rows go north, columns east.
    """

    x: float
    y: float
    spacing: float
    heights: Floats

    @cached_property
    def _spline(self) -> Floats:
        return np.asarray(ndimage.spline_filter(self.heights, order=3, mode="nearest"))

    def at(self, x: Floats, y: Floats) -> Floats:
        """Height at points of any shape by cubic B-splines [m]."""
        place = np.stack([(y - self.y) / self.spacing, (x - self.x) / self.spacing])
        return np.asarray(
            ndimage.map_coordinates(self._spline, place, order=3, mode="nearest", prefilter=False)
        )


def contour_points(lines: NDArray[Any], elevation: Floats, step: float) -> tuple[Floats, Floats]:
    """Points along contour lines.

    Parameters
    ----------
    lines
        (n,) contour lines [m].
    elevation
        (n,) their heights [m].
    step
        Largest distance between points along a line [m].

    Returns
    -------
    points
        (m, 2) points [m].
    height
        (m,) height of each [m].
    """
    points, line = shapely.get_coordinates(shapely.segmentize(lines, step), return_index=True)
    return points, np.asarray(elevation, dtype=np.float64)[line]


class Fit:
    """Surface fitted to points of known height, to which more points can be added cheaply.

    Parameters
    ----------
    points
        (m, 2) points [m].
    heights
        (m,) their heights [m].
    bounds
        West, south, east, north of the surface [m].
    spacing
        Distance between raster nodes [m].
    step
        Distance between points along a line [m]: close points count less each.
    error
        Standard error of the heights over a stretch of 10 m [m].
    curvature
        Typical curvature of the ground over a patch of 10 m [1/m].
    tension
        Share of tension against stiffness, 0 to 1: more of it keeps the surface from swinging.

    Raises
    ------
    InputError
        If there are fewer than four points, or the raster would be too large.
    """

    def __init__(
        self,
        points: Floats,
        heights: Floats,
        bounds: tuple[float, float, float, float],
        *,
        spacing: float,
        step: float,
        error: float = 0.5,
        curvature: float = 0.01,
        tension: float = 0.02,
    ) -> None:
        if len(heights) < 4:
            raise InputError(
                "the ground needs contours: fewer than four points have a known height"
            )
        self._origin = np.array(bounds[:2]) - _MARGIN * spacing
        self._spacing = spacing
        size = np.ceil((np.array(bounds[2:]) - self._origin) / spacing).astype(int) + 1 + _MARGIN
        self._shape = (int(size[1]), int(size[0]))
        _refuse_too_fine(self._shape, spacing)
        observe, inside = self._weights(points)
        self._middle = float(heights.mean())
        trust = min(step / PATCH, 1.0) / error**2
        stiffness = _stiffness(self._shape, spacing, tension) / (curvature**2 * PATCH**4)
        self._factors = linalg.splu(
            sparse.csc_matrix(trust * (observe.T @ observe) + stiffness),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        self._nodes = self._factors.solve(trust * (observe.T @ (heights[inside] - self._middle)))

    @property
    def surface(self) -> Surface:
        """The surface as it is now."""
        heights = self._nodes.reshape(self._shape) + self._middle
        return Surface(float(self._origin[0]), float(self._origin[1]), self._spacing, heights)

    def add(self, points: Floats, heights: Floats, error: float) -> None:
        """Bend the surface to more points.

        With covariance C of the surface, weights B of the points and their error σ, the change is
        C Bᵀ (B C Bᵀ + σ²)⁻¹ times what is off.

        Parameters
        ----------
        points
            (k, 2) points [m]; those outside the raster are left out.
        heights
            (k,) their heights [m].
        error
            Standard error of the heights [m].
        """
        observe, inside = self._weights(points)
        if not inside.any():
            return
        off = heights[inside] - self._middle - observe @ self._nodes
        spread = self._factors.solve(observe.T.toarray())
        inner = observe @ spread + error**2 * np.eye(len(off))
        self._nodes = self._nodes + spread @ np.linalg.solve(inner, off)

    def _weights(self, points: Floats) -> tuple[Any, Bools]:
        place = (points - self._origin) / self._spacing
        within = (place >= 0.0) & (place <= np.array(self._shape[::-1]) - 1.0)
        inside = np.asarray(within.all(axis=1))
        return _bilinear(place[inside], *self._shape), inside


def _refuse_too_fine(shape: tuple[int, int], spacing: float) -> None:
    nodes = shape[0] * shape[1]
    if nodes > MOST_NODES:
        raise InputError(
            f"the ground would need {nodes} raster nodes, more than {MOST_NODES}: "
            f"set 'spacing' above {spacing:g} m in [terrain]"
        )


def _bilinear(place: Floats, rows: int, columns: int) -> Any:
    """(m, rows·columns) sparse weights of the four nodes round each point."""
    left = np.minimum(np.floor(place).astype(np.int64), [columns - 2, rows - 2])
    share = place - left
    number = np.arange(len(place))
    entries, items, nodes = [], [], []
    for over, up in ((0, 0), (1, 0), (0, 1), (1, 1)):
        across = share[:, 0] if over else 1.0 - share[:, 0]
        along = share[:, 1] if up else 1.0 - share[:, 1]
        entries.append(across * along)
        items.append(number)
        nodes.append((left[:, 1] + up) * columns + left[:, 0] + over)
    place_of = (np.concatenate(items), np.concatenate(nodes))
    return sparse.csr_array((np.concatenate(entries), place_of), shape=(len(place), rows * columns))


def _stiffness(shape: tuple[int, int], spacing: float, tension: float) -> Any:
    """Quadratic form ∫ (1 − t) L² (z_xx² + 2 z_xy² + z_yy²) + t (z_x² + z_y²), with L the patch."""
    rows, columns = shape
    first = {
        n: sparse.diags_array([-1.0, 1.0], offsets=[0, 1], shape=(n - 1, n))
        for n in (rows, columns)
    }
    second = {
        n: sparse.diags_array([1.0, -2.0, 1.0], offsets=[0, 1, 2], shape=(n - 2, n))
        for n in (rows, columns)
    }
    whole = {n: sparse.eye_array(n) for n in (rows, columns)}
    bend = [
        sparse.kron(whole[rows], second[columns]),
        np.sqrt(2.0) * sparse.kron(first[rows], first[columns]),
        sparse.kron(second[rows], whole[columns]),
    ]
    stretch = [sparse.kron(whole[rows], first[columns]), sparse.kron(first[rows], whole[columns])]
    bending = sum(part.T @ part for part in bend)
    stretching = sum(part.T @ part for part in stretch)
    return (1.0 - tension) * (PATCH / spacing) ** 2 * bending + tension * stretching


def cell_means(grid: Grid, surface: Surface) -> Floats:
    """(n,) mean height of the surface over each cell [m].

    The cell's six triangles are cut into smaller ones no wider than the raster's spacing; the mean
    is that of the heights at their centroids, weighted by area (exact for a plane).
    """
    corners = grid.corners()
    centre = corners.mean(axis=1)
    across = float(np.sqrt(grid.area.mean()))
    parts = max(1, int(np.ceil(across / surface.spacing)))
    weights = _barycentric(parts)
    total = np.zeros(len(grid))
    area = np.zeros(len(grid))
    for side in range(6):
        one, other = corners[:, side], corners[:, (side + 1) % 6]
        u, v = one - centre, other - centre
        share = np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2.0
        along = weights[:, :1] * u[:, None] + weights[:, 1:] * v[:, None]
        points = centre[:, None] + along
        total += share * surface.at(points[..., 0], points[..., 1]).mean(axis=1)
        area += share
    return total / area


def _barycentric(parts: int) -> Floats:
    """(parts², 2) centroids of the parts² equal triangles that a triangle is cut into."""
    found = []
    for i in range(parts):
        for j in range(parts - i):
            found.append(((i + 1 / 3) / parts, (j + 1 / 3) / parts))
            if i + j < parts - 1:
                found.append(((i + 2 / 3) / parts, (j + 2 / 3) / parts))
    return np.array(found)
