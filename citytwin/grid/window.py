"""The cells of a city as a dense window of the H3 lattice.

Local (i, j) coordinates make the cells of one resolution a skewed two-dimensional array, so that
kernels need no table of neighbours: the six neighbours of (row, column) are (row, column ± 1),
(row ± 1, column), (row + 1, column + 1) and (row − 1, column − 1).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import h3 as h3_errors
import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from citytwin.arrays import Cells, Floats, Ints
from citytwin.errors import InputError
from citytwin.grid.faces import (
    CORNERS,
    centres_one_by_one,
    corners_one_by_one,
    face_lattice,
    lattice_lonlat,
    local_places,
)
from citytwin.grid.lattice import STEPS, Lattice, bent_map, lattice_of

MOST_CELLS = 20_000_000


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of one H3 resolution in a dense window, ordered by row, then column.

    Attributes
    ----------
    resolution
        H3 resolution.
    cells
        (n,) H3 indexes.
    row, col
        (n,) position of each cell in the window.
    shape
        Rows and columns of the window; positions without a cell are outside the city.
    crs
        The city's plane: an equal-area projection centred on it [m].
    """

    resolution: int
    cells: Cells
    row: Ints
    col: Ints
    shape: tuple[int, int]
    crs: str

    def __len__(self) -> int:
        return int(self.cells.size)

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def project(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude [degrees] to the city's plane [m], any shape."""
        x, y = self._transformer.transform(lon, lat)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def unproject(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The city's plane [m] to longitude and latitude [degrees], any shape."""
        lon, lat = self._transformer.transform(x, y, direction="INVERSE")
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

    @cached_property
    def _face(self) -> Floats | None:
        """(3, 3) lattice of the face of H3's icosahedron with all cells; ``None`` on two faces."""
        return face_lattice(self.cells, self.row, self.col)

    def corners_lonlat(self) -> Floats:
        """(n, 6, 2) longitude and latitude of the corners [degrees], anticlockwise."""
        if self._face is None:
            return corners_one_by_one(self.cells)
        corners = np.empty((len(self), 6, 2))
        for k, corner in enumerate(CORNERS):
            lonlat = lattice_lonlat(self._face, self.row, self.col, corner)
            corners[:, k, 0], corners[:, k, 1] = lonlat
        return corners

    @cached_property
    def _corners(self) -> Floats:
        corners = self.corners_lonlat()
        for k in range(6):
            corners[:, k, 0], corners[:, k, 1] = self.project(corners[:, k, 0], corners[:, k, 1])
        return corners

    def corners(self) -> Floats:
        """(n, 6, 2) corners in the city's plane [m], anticlockwise."""
        return self._corners

    @cached_property
    def area(self) -> Floats:
        """(n,) true area of each cell [m²]."""
        x = self._corners[..., 0] - self._corners[:, :1, 0]
        y = self._corners[..., 1] - self._corners[:, :1, 1]
        twice = sum(x[:, k] * y[:, k + 1] - x[:, k + 1] * y[:, k] for k in range(1, 5))
        return np.asarray(np.abs(twice) / 2.0)

    @cached_property
    def _centres(self) -> tuple[Floats, Floats]:
        if self._face is not None:
            return self.project(*lattice_lonlat(self._face, self.row, self.col))
        return self.project(*centres_one_by_one(self.cells))

    @property
    def x(self) -> Floats:
        """(n,) easting of the centres in the city's plane [m]."""
        return self._centres[0]

    @property
    def y(self) -> Floats:
        """(n,) northing of the centres in the city's plane [m]."""
        return self._centres[1]

    @cached_property
    def _affine(self) -> Floats:
        """(3, 2) least-squares map from (1, row, col) to the plane [m]."""
        ones = np.ones(len(self))
        design = np.stack([ones, self.row.astype(np.float64), self.col.astype(np.float64)], axis=1)
        solution, *_ = np.linalg.lstsq(design, np.stack([self.x, self.y], axis=1), rcond=None)
        return np.asarray(solution)

    @property
    def step_row(self) -> Floats:
        """(2,) mean vector from a cell to its neighbour in the next row [m]."""
        return np.asarray(self._affine[1])

    @property
    def step_col(self) -> Floats:
        """(2,) mean vector from a cell to its neighbour in the next column [m]."""
        return np.asarray(self._affine[2])

    @cached_property
    def lattice(self) -> Lattice:
        """The three edge directions, as they are on average in this city."""
        return lattice_of(self.step_col, self.step_row)

    @cached_property
    def to_window(self) -> Floats:
        """(2, 7) map from the plane to rows and columns, as of ``lattice.bent_map``."""
        steps = np.stack([self.step_row, self.step_col], axis=1)
        return bent_map(self.x, self.y, self.row, self.col, steps)

    @cached_property
    def window_index(self) -> Ints:
        """(rows, cols) position of each cell in ``cells``, −1 outside the city."""
        index = np.full(self.shape, -1, dtype=np.int64)
        index[self.row, self.col] = np.arange(len(self))
        return index

    def scatter(self, values: NDArray[Any], fill: Any = 0) -> NDArray[Any]:
        """(n,) values of the cells to a (rows, cols) window, with ``fill`` outside the city."""
        window = np.full(self.shape, fill, dtype=values.dtype)
        window[self.row, self.col] = values
        return window

    def gather(self, window: NDArray[Any]) -> NDArray[Any]:
        """(rows, cols) window to the (n,) values of the cells."""
        return np.asarray(window[self.row, self.col])

    def neighbours(self) -> Ints:
        """(n, 6) positions of the neighbours in ``cells``, −1 where there is none.

        Order: the three steps of ``lattice.STEPS``, then the three opposite ones.
        """
        padded = np.pad(self.window_index, 1, constant_values=-1)
        steps = STEPS + tuple((-r, -c) for r, c in STEPS)
        columns = [padded[self.row + 1 + r, self.col + 1 + c] for r, c in steps]
        return np.stack(columns, axis=1)

    def locate(self, x: Floats, y: Floats) -> Ints:
        """(m,) position in ``cells`` of the cell whose centre is nearest, −1 outside the city.

        Parameters
        ----------
        x, y
            (m,) points in the city's plane [m].
        """
        lon, lat = self.unproject(np.atleast_1d(x), np.atleast_1d(y))
        inside = np.isfinite(lon) & np.isfinite(lat)
        latlng = zip(lat[inside].tolist(), lon[inside].tolist(), strict=True)
        found = np.fromiter(
            (h3.latlng_to_cell(b, a, self.resolution) for b, a in latlng), dtype=np.uint64
        )
        order, ascending = self._ascending
        place = np.minimum(np.searchsorted(ascending, found), len(self) - 1)
        position = np.full(lon.shape, -1, dtype=np.int64)
        position[inside] = np.where(ascending[place] == found, order[place], -1)
        return position

    @cached_property
    def _ascending(self) -> tuple[Ints, Cells]:
        """Positions of the cells in the order of their H3 indexes, and these."""
        order = np.argsort(self.cells)
        return order, self.cells[order]


def local_plane(lon: float, lat: float) -> str:
    """Equal-area plane (Lambert azimuthal, WGS 84) centred on a point [degrees]."""
    return f"+proj=laea +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m +no_defs"


def cover(bounds: tuple[float, float, float, float], resolution: int) -> Grid:
    """All H3 cells that touch a box.

    Parameters
    ----------
    bounds
        West, south, east, north [degrees].
    resolution
        H3 resolution, 0 to 15.

    Raises
    ------
    InputError
        If the box is empty, too large for the resolution, or lies around an H3 pentagon.
    """
    west, south, east, north = bounds
    if not (west < east and south < north):
        raise InputError(f"the bounds {bounds} are empty: give west, south, east, north in degrees")
    crs = local_plane((west + east) / 2, (south + north) / 2)
    _refuse_too_many(bounds, resolution)
    ring = [(south, west), (south, east), (north, east), (north, west)]
    found = h3.polygon_to_cells_experimental(h3.LatLngPoly(ring), resolution, contain="overlap")
    return from_cells(np.sort(np.array(found, dtype=np.uint64)), crs)


def from_cells(cells: Cells, crs: str) -> Grid:
    """Grid of given H3 cells of one resolution, any order, without repeats.

    Raises
    ------
    InputError
        If the cells lie around an H3 pentagon, where no local frame exists.
    """
    origin = int(cells[len(cells) // 2])
    try:
        local = local_places(cells, origin)
    except h3_errors.H3BaseException as error:
        raise InputError(
            "the bounds lie around one of the twelve H3 pentagons, where the dense window does not "
            "exist: move or shrink the box"
        ) from error
    row, col = (local - local.min(axis=0)).T
    order = np.lexsort((col, row))
    shape = (int(row.max()) + 1, int(col.max()) + 1)
    resolution = h3.get_resolution(origin)
    if min(shape) < 2:
        raise InputError(
            f"the bounds hold a single row of cells of resolution {resolution}: raise the resolution "
            "or widen the box"
        )
    return Grid(resolution, cells[order], row[order], col[order], shape, crs)


def _refuse_too_many(bounds: tuple[float, float, float, float], resolution: int) -> None:
    west, south, east, north = bounds
    middle = np.radians((south + north) / 2)
    area = (east - west) * (north - south) * 111_320.0**2 * np.cos(middle)
    count = area / h3.average_hexagon_area(resolution, unit="m^2")
    if count > MOST_CELLS:
        raise InputError(
            f"the bounds hold about {count / 1e6:.0f} million cells of resolution {resolution}, "
            f"more than {MOST_CELLS // 10**6} million: lower the resolution or shrink the box"
        )
