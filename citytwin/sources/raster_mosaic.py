"""Rasters read in windows: the files of a mosaic on their common lattices of pixels, cell by cell."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from rasterio.windows import Window

from citytwin.arrays import Floats, Ints
from citytwin.errors import SourceError
from citytwin.grid.raster import Patch
from citytwin.grid.window import Grid
from citytwin.sources.base import Raster
from citytwin.sources.raster_files import RasterFile, head, quiet, shown, values
from citytwin.sources.raster_roofs import Roofs

#: Part of a pixel by which two files of one lattice may be apart.
_OFF = 0.01
#: Pixels that are read at once, about.
_PIXELS = 2**20
#: Most pixels of one window, where single cells are huge.
_MOST_PIXELS = 2**24
#: Most cells of one window, where pixels are large.
_MOST_CELLS = 2**17
#: Pixels beyond the cells, for surfaces through pixel centres.
_MARGIN = 2
#: Files that are open at a time.
_MOST_OPEN = 64
#: Values that a variable can have, in SI.
_RANGES = {
    "elevation": (-11_000.0, 9_000.0),
    "building_height": (-100.0, 1_000.0),
    "people": (0.0, np.inf),
    "land_cover": (0.0, 2.0**31),
}
#: Values that often stand for none where a file forgets to say so.
_OFTEN_NONE = (-9999.0, -32768.0, -32767.0, -99999.0)


@dataclass(frozen=True, eq=False)
class Lattice:
    """Files whose pixels fall on one lattice.

    Attributes
    ----------
    crs
        Coordinate system.
    transform
        From column and row to coordinates, for the first file.
    files
        Files; where they overlap, the first with a value counts.
    places
        (f, 4) first and last row and column of each [pixels of the first], ends not included.
    """

    crs: CRS
    transform: Affine
    files: tuple[RasterFile, ...]
    places: Ints

    @property
    def extent(self) -> tuple[int, int, int, int]:
        """First and last row, first and last column; ends not included."""
        low, high = self.places.min(axis=0), self.places.max(axis=0)
        return int(low[0]), int(high[1]), int(low[2]), int(high[3])

    def pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Column and row of points in the lattice's coordinates, any shape."""
        if self.crs.is_geographic:
            low, high, left, right = self.extent
            middle, _ = self.coordinates(
                np.array((left + right) / 2.0), np.array((low + high) / 2.0)
            )
            x = middle + (x - middle + 180.0) % 360.0 - 180.0
        back = ~self.transform
        return back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f

    def coordinates(self, col: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Coordinates of points in pixels, any shape."""
        to = self.transform
        return to.a * col + to.b * row + to.c, to.d * col + to.e * row + to.f

    def steps(self, tallest: float) -> tuple[int, int]:
        """Rows and columns to read at once, so that no stored block is unpacked often."""
        _, _, left, right = self.extent
        if self.files[0].block[1] < min(self.files[0].shape[1], 4096):
            return 1024, 1024
        wide = max(right - left, 1)
        return max(_PIXELS // wide, 4 * int(tallest) + 16), wide


def lattices(files: list[RasterFile]) -> list[Lattice]:
    """Files sorted by the lattice of pixels they share, in the order given."""
    groups: list[tuple[list[RasterFile], list[tuple[int, int, int, int]]]] = []
    for file in files:
        for members, places in groups:
            place = _place(members[0], file)
            if place is not None:
                members.append(file)
                places.append(place)
                break
        else:
            groups.append(([file], [(0, file.shape[0], 0, file.shape[1])]))
    return [
        Lattice(members[0].crs, members[0].transform, tuple(members), np.array(places, np.int64))
        for members, places in groups
    ]


def _place(first: RasterFile, other: RasterFile) -> tuple[int, int, int, int] | None:
    """Where a file lies on the lattice of another, if its pixels fall on it."""
    if first.crs != other.crs:
        return None
    matrices = [np.array(file.transform).reshape(3, 3) for file in (first, other)]
    relative = np.linalg.solve(*matrices)
    col, row = (round(float(number)) for number in relative[:2, 2])
    drift = np.abs(relative[:2, :2] - np.eye(2)).max() * max(other.shape)
    if drift > _OFF or np.abs(relative[:2, 2] - [col, row]).max() > _OFF:
        return None
    return row, row + other.shape[0], col, col + other.shape[1]


class Reader:
    """Windows of the lattices of a raster, with few files open at a time."""

    def __init__(self, raster: Raster) -> None:
        self._raster = raster
        self._open: dict[Path, tuple[Any, ExitStack]] = {}

    def close(self) -> None:
        """Close the files."""
        for path in list(self._open):
            self._open.pop(path)[1].close()

    def read(self, lattice: Lattice, window: tuple[int, int, int, int]) -> Floats:
        """Values in SI of a window (first and last row and column, ends not included), or NaN."""
        row, row_end, col, col_end = window
        result = np.full((row_end - row, col_end - col), np.nan)
        for file, (top, bottom, left, right) in zip(
            lattice.files, lattice.places.tolist(), strict=True
        ):
            r0, r1 = max(row, top), min(row_end, bottom)
            c0, c1 = max(col, left), min(col_end, right)
            if r0 >= r1 or c0 >= c1:
                continue
            target = result[r0 - row : r1 - row, c0 - col : c1 - col]
            gap = np.isnan(target)
            if gap.any():
                part = self._window(file, Window(c0 - left, r0 - top, c1 - c0, r1 - r0))
                target[gap] = part[gap]
        return result

    def _window(self, file: RasterFile, window: Window) -> Floats:
        with quiet(file.path):
            found = values(self._file(file.path), self._raster.band, window, self._raster.nodata)
        checked(found, file, self._raster)
        return found if self._raster.scale == 1.0 else found * self._raster.scale

    def _file(self, path: Path) -> Any:
        if path not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open)))[1].close()
            stack = ExitStack()
            self._open[path] = stack.enter_context(rasterio.open(path)), stack
        return self._open[path][0]


def checked(found: Floats, file: RasterFile, raster: Raster) -> None:
    """Refuse values that the variable cannot have: mostly no-data that the file does not declare."""
    some = found[np.isfinite(found)]
    if not some.size:
        return
    low, high = _RANGES.get(raster.variable, (-np.inf, np.inf))
    least, most = float(some.min()), float(some.max())
    bad = [value for value in (least, most) if not low <= value * raster.scale <= high]
    if raster.variable == "elevation":
        bad += [least] * (least in _OFTEN_NONE)
    if bad:
        raise SourceError(
            f"{shown(file.path)} holds {bad[0]:g}, which cannot be {raster.variable}: give that "
            "value as 'nodata' if it stands for none, or check 'band' and 'unit'"
        )
    if raster.variable == "land_cover" and (some != np.floor(some)).any():
        raise SourceError(
            f"{shown(file.path)} holds numbers that are not whole, so they are no codes of land "
            "cover: check 'variable' and 'band'"
        )


def patches(grid: Grid, raster: Raster, *, roofs: NDArray[Any] | None = None) -> Iterator[Patch]:
    """Pixels under the cells of a grid, read window by window where cells lie.

    Where files overlap, the first with a value counts, so nothing counts twice: pixel by pixel for
    files on one lattice, which is how tiles are made; for others a pixel is left out if its centre
    lies in a pixel of an earlier file that has a value.

    Parameters
    ----------
    grid
        Cells.
    raster
        Raster.
    roofs
        (b,) outlines of buildings in the city's plane [m] whose pixels are left out.

    Raises
    ------
    SourceError
        If a file is broken, or holds what the variable cannot be.
    """
    found = lattices([head(path, raster.band, raster.crs) for path in raster.paths])
    with closing(Reader(raster)) as reader:
        for number, lattice in enumerate(found):
            hidden = None if roofs is None else _roofs(grid, lattice, roofs)
            for cells, corners, window in _windows(grid, lattice):
                read = reader.read(lattice, window)
                for earlier in found[:number]:
                    read[_covered(reader, earlier, lattice, window, read)] = np.nan
                if hidden is not None:
                    read[hidden.mask(window)] = np.nan
                offset = np.array([window[2], window[0]], np.float64)
                yield Patch(cells, corners - offset, read)


def _roofs(grid: Grid, lattice: Lattice, outlines: NDArray[Any]) -> Roofs:
    to_raster = Transformer.from_crs(grid.crs, lattice.crs, always_xy=True)

    def to_pixels(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return lattice.pixels(*to_raster.transform(x, y))

    x, y = float(grid.x.mean()), float(grid.y.mean())
    col, row = to_pixels(np.array([x, x + 1.0, x]), np.array([y, y, y + 1.0]))
    area = abs((col[1] - col[0]) * (row[2] - row[0]) - (col[2] - col[0]) * (row[1] - row[0]))
    return Roofs(outlines, to_pixels, float(1.0 / np.sqrt(area)))


def _windows(
    grid: Grid, lattice: Lattice
) -> Iterator[tuple[Ints, Floats, tuple[int, int, int, int]]]:
    """Cells in groups, their corners in pixels, and the window that holds their pixels."""
    to_raster = Transformer.from_crs(grid.crs, lattice.crs, always_xy=True)
    places = lattice.pixels(*to_raster.transform(grid.x, grid.y))
    near = np.flatnonzero(np.isfinite(places[0]) & np.isfinite(places[1]))
    if not near.size:
        return
    sample = _corners(grid, lattice, to_raster, near[: 1 + len(near) // 64 :])
    tallest = float(np.nanmax(np.ptp(sample[:, :, 1], axis=1), initial=0.0))
    rows, cols = lattice.steps(min(tallest, 1e6))
    low, high, left, right = lattice.extent
    key = np.floor((places[1][near] - low) / rows) * 2.0**32
    key += np.floor((places[0][near] - left) / cols)
    order = near[np.argsort(key, kind="stable")]
    cuts = np.flatnonzero(np.diff(np.sort(key, kind="stable"))) + 1
    cuts = np.union1d(cuts, np.arange(_MOST_CELLS, len(order), _MOST_CELLS))
    for cells in np.split(order, cuts):
        corners = _corners(grid, lattice, to_raster, cells)
        known = np.isfinite(corners).all(axis=(1, 2))
        if known.any():
            box = _box(corners[known], (low, high, left, right))
            yield from _bands(cells[known], corners[known], box)


def _corners(grid: Grid, lattice: Lattice, to_raster: Transformer, cells: Ints) -> Floats:
    """(m, 6, 2) column and row of the corners of some cells."""
    corners = grid.corners()[cells]
    x, y = to_raster.transform(corners[..., 0], corners[..., 1])
    return np.stack(lattice.pixels(x, y), axis=-1)


def _box(corners: Floats, extent: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Window round some cells inside the lattice's extent; it ends where it starts if none is."""
    low, high, left, right = extent
    near, far = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    start = np.maximum(np.floor(near) - _MARGIN, [left, low])
    end = np.minimum(np.ceil(far) + _MARGIN, [right, high])
    return int(start[1]), int(max(end[1], start[1])), int(start[0]), int(max(end[0], start[0]))


def _bands(
    cells: Ints, corners: Floats, box: tuple[int, int, int, int]
) -> Iterator[tuple[Ints, Floats, tuple[int, int, int, int]]]:
    """The window, cut into bands of rows where it is too large to hold."""
    row, row_end, col, col_end = box
    if row >= row_end or col >= col_end:
        return
    step = max(_MOST_PIXELS // (col_end - col), 1)
    for start in range(row, row_end, step):
        yield cells, corners, (start, min(start + step, row_end), col, col_end)


def _covered(
    reader: Reader,
    earlier: Lattice,
    lattice: Lattice,
    window: tuple[int, int, int, int],
    read: Floats,
) -> Any:
    """(rows, columns) whether the centre of each pixel lies where an earlier lattice has a value."""
    row, row_end, col, col_end = window
    result = np.zeros(read.shape, np.bool_)
    cols, rows = np.meshgrid(np.arange(col, col_end) + 0.5, np.arange(row, row_end) + 0.5)
    x, y = lattice.coordinates(cols, rows)
    if lattice.crs != earlier.crs:
        x, y = Transformer.from_crs(lattice.crs, earlier.crs, always_xy=True).transform(x, y)
    at_col, at_row = (np.floor(place) for place in earlier.pixels(x, y))
    low, high, left, right = earlier.extent
    inside = (at_row >= low) & (at_row < high) & (at_col >= left) & (at_col < right)
    if not inside.any():
        return result
    r, c = at_row[inside].astype(np.int64), at_col[inside].astype(np.int64)
    part = reader.read(earlier, (int(r.min()), int(r.max()) + 1, int(c.min()), int(c.max()) + 1))
    result[inside] = np.isfinite(part[r - r.min(), c - c.min()])
    return result
