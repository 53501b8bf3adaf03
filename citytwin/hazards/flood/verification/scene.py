"""Where a case plays: lattices, windows over a box of the plane, values at points."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.grid.lattice import Lattice, lattice_of
from citytwin.grid.window import cover
from citytwin.hazards.flood.solver import Place, Solver

#: The lattice of Shanghai at resolution 12 (design table): the most skewed of the cities checked.
SKEWED = (16.84, 17.42, 15.29)
#: Centre of Shanghai: west, south, east, north of a small box [degrees].
_SHANGHAI = (121.4700, 31.2300, 121.4740, 31.2335)


def skewed_lattice(scale: float = 1.0) -> Lattice:
    """Lattice with the three centre distances of Shanghai at H3 resolution 12 [m], times a scale."""
    a, b, c = (scale * side for side in SKEWED)
    along = (c * c - a * a - b * b) / (2.0 * a)
    return lattice_of(np.array([a, 0.0]), np.array([along, np.sqrt(b * b - along * along)]))


def shanghai_lattice(resolution: int) -> Lattice:
    """The H3 lattice in the centre of Shanghai as it lies: skewed, and turned by its resolution."""
    reach = 7.0 ** ((12 - resolution) / 2.0)
    west, south, east, north = _SHANGHAI
    lon, lat = (west + east) / 2.0, (south + north) / 2.0
    wide, high = (east - west) / 2.0 * reach, (north - south) / 2.0 * reach
    return cover((lon - wide, lat - high, lon + wide, lat + high), resolution).lattice


def turned(lattice: Lattice, angle: float) -> Lattice:
    """The same lattice, turned anticlockwise [radians]."""
    cos, sin = np.cos(angle), np.sin(angle)
    vectors = lattice.vectors @ np.array([[cos, sin], [-sin, cos]])
    return lattice_of(vectors[0], vectors[1])


def positions(lattice: Lattice, rows: int, cols: int) -> tuple[Floats, Floats]:
    """(rows, cols) coordinates of the cells of a window, with the middle cell at the origin [m]."""
    row = np.arange(rows)[:, None] - rows // 2
    col = np.arange(cols)[None, :] - cols // 2
    x = row * lattice.vectors[1, 0] + col * lattice.vectors[0, 0]
    y = row * lattice.vectors[1, 1] + col * lattice.vectors[0, 1]
    return x, y


def border(rows: int, cols: int) -> Bools:
    """(rows, cols) the outermost cells of a window."""
    edge = np.ones((rows, cols), dtype=bool)
    edge[1:-1, 1:-1] = False
    return edge


@dataclass(frozen=True, eq=False)
class Scene:
    """A window of a lattice with a cell's centre at a given point of the plane.

    Attributes
    ----------
    lattice
        Its lattice.
    x, y
        (rows, cols) centres of the cells [m].
    """

    lattice: Lattice
    x: Floats
    y: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.x.shape[0], self.x.shape[1]

    @property
    def spacing(self) -> float:
        """Mean distance of neighbouring centres [m]."""
        return float(self.lattice.lengths.mean())

    def box(self, x0: float, x1: float, y0: float, y1: float) -> Bools:
        """(rows, cols) cells whose centres lie in a box [m]."""
        within_x = (self.x > x0) & (self.x < x1)
        return np.asarray(within_x & (self.y > y0) & (self.y < y1))

    def even(self, value: float = 0.0) -> Floats:
        """(rows, cols) array of one value."""
        return np.full(self.shape, value)


def scene_over(
    lattice: Lattice,
    x: tuple[float, float],
    y: tuple[float, float],
    centre: tuple[float, float] | None = None,
) -> Scene:
    """Window that covers a box of the plane [m] with one cell to spare.

    Parameters
    ----------
    lattice
        The lattice.
    x, y
        Least and greatest coordinates of the box.
    centre
        Point where the centre of a cell lies; the middle of the box if left out.
    """
    at = ((x[0] + x[1]) / 2.0, (y[0] + y[1]) / 2.0) if centre is None else centre
    corners = np.array([(a - at[0], b - at[1]) for a in x for b in y])
    # Columns of the inverse give the window's place (col, row) of a point.
    places = corners @ np.linalg.inv(lattice.vectors[:2])
    low, high = np.floor(places.min(axis=0)) - 1.0, np.ceil(places.max(axis=0)) + 1.0
    col, row = (np.arange(low[k], high[k] + 1.0) for k in range(2))
    across, down = np.meshgrid(col, row)
    return Scene(
        lattice,
        at[0] + across * lattice.vectors[0, 0] + down * lattice.vectors[1, 0],
        at[1] + across * lattice.vectors[0, 1] + down * lattice.vectors[1, 1],
    )


def place_of(cells: Bools) -> Place:
    """Rows and columns of chosen cells, as solvers take them."""
    row, col = np.nonzero(cells)
    return row.astype(np.int64), col.astype(np.int64)


class Probe:
    """Linear interpolation between the three nearest centres to fixed points.

    Parameters
    ----------
    scene
        The window.
    x, y
        (k,) coordinates of the points [m], inside the window.
    """

    def __init__(self, scene: Scene, x: AnyFloats, y: AnyFloats) -> None:
        off = np.column_stack([x - scene.x[0, 0], y - scene.y[0, 0]])
        place = off @ np.linalg.inv(scene.lattice.vectors[:2])
        base = np.floor(place).astype(np.int64)
        col, row = base.T
        across, down = (place - base).T
        # Of each parallelogram of four cells the short diagonal joins (r, c) and (r + 1, c + 1).
        right = across >= down
        self._rows = np.stack([row, np.where(right, row, row + 1), row + 1])
        self._cols = np.stack([col, np.where(right, col + 1, col), col + 1])
        more, less = np.maximum(across, down), np.minimum(across, down)
        self._weights = np.stack([1.0 - more, more - less, less])

    def __call__(self, values: AnyFloats) -> Floats:
        """(k,) interpolated values."""
        corners = np.asarray(values, np.float64)[self._rows, self._cols]
        return np.asarray((self._weights * corners).sum(axis=0))

    @property
    def cells(self) -> tuple[Ints, Ints]:
        """(3, k) rows and columns of the centres used."""
        return self._rows, self._cols


def velocity(water: Solver) -> tuple[Floats, Floats]:
    """(rows, cols) components of the velocity [m/s] of a solver that holds the momentum of cells."""
    depth = np.asarray(water.depth, np.float64)
    deep = depth > 1e-4
    out = []
    for part in water.flow_parts:
        moving = water._inner(water._state[:, part]).astype(np.float64)  # noqa: SLF001
        out.append(np.where(deep, moving / np.maximum(depth, 1e-4), 0.0))
    return out[0], out[1]


def holds_momentum(water: Solver) -> bool:
    """True if a solver holds the momentum of cells, and not fluxes of edges."""
    return water.flow_parts[0] != water.flow_parts[1]


def set_velocity(
    water: Solver, u: AnyFloats | float, v: AnyFloats | float, cells: Bools | None = None
) -> None:
    """Give the water of some cells, or of all, a velocity [m/s]; it must hold their momentum."""
    depth = np.asarray(water.depth, np.float64)
    for part, speed in zip(water.flow_parts, (u, v), strict=True):
        moving = water._inner(water._state[:, part])  # noqa: SLF001
        moving[:] = depth * speed if cells is None else np.where(cells, depth * speed, moving)
