"""Rasters read in windows: the files of a mosaic on their common lattices of pixels, cell by cell."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from citytwin.arrays import Floats, Ints
from citytwin.grid.raster import Patch
from citytwin.grid.window import Grid
from citytwin.sources.base import Raster
from citytwin.sources.raster.files import head
from citytwin.sources.raster.lattice import Lattice, lattices
from citytwin.sources.raster.reader import Reader
from citytwin.sources.raster.roofs import Roofs

#: Most pixels of one window, where single cells are huge.
_MOST_PIXELS = 2**24
#: Most cells of one window, where pixels are large.
_MOST_CELLS = 2**17
#: Pixels beyond the cells, for surfaces through pixel centres.
_MARGIN = 2


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
