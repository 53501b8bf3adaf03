"""Rasters to cells: means, totals and areas of classes, by the exact share of each pixel.

The cells come to the pixels, not the pixels to the cells: the corners of each hexagon are moved to
pixel space, where a pixel is a unit square and its share under the hexagon is found exactly. The
side of a hexagon is then straight in pixel space and not in the city's plane; for a side of 10 m
and pixels of degrees at 60° north the two are 4 µm apart. What is kept by that choice: the shares
of a pixel under all cells add up to one, whatever the projection.

Pixels are read elsewhere (:mod:`citytwin.sources.raster.mosaic`) and come here in patches, so that
memory does not grow with the raster.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.grid.window import Grid
from citytwin.kernels import raster as kernels

#: With fewer pixels in a cell than this, a surface is drawn through the pixel centres: pixels as
#: flat tiles would make the cells stairs.
FEWEST_PIXELS = 4.0
#: Centroids of the four equal triangles that a triangle is cut into, as shares of two sides.
_PLACES = np.array([[1.0, 1.0], [4.0, 1.0], [1.0, 4.0], [2.0, 2.0]]) / 6.0


@dataclass(frozen=True, eq=False)
class Patch:
    """Some cells, and the pixels under and round them.

    Attributes
    ----------
    cells
        (m,) positions of the cells in the grid. A cell may come again in another patch, with other
        pixels.
    corners
        (m, 6, 2) column and row of their corners, counted from the upper left corner of the first
        pixel of ``values``.
    values
        (rows, columns) values of the pixels; NaN where there is none.
    """

    cells: Ints
    corners: Floats
    values: Floats


def cell_means(grid: Grid, patches: Iterable[Patch]) -> tuple[Floats, Floats]:
    """Mean over each cell of a quantity such as height.

    Where a cell has four pixels or more, its mean is that of the pixels by their share under it.
    Where pixels are larger, it is that of a surface through the pixel centres, sampled at 24 points
    of the cell: cubic, but never above or below the four pixels round a point.

    Parameters
    ----------
    grid
        Cells.
    patches
        Pixels.

    Returns
    -------
    mean
        (n,) mean over the part of the cell that has values; NaN where nothing has.
    covered
        (n,) share of the cell that has values.
    """
    total, covered = np.zeros(len(grid)), np.zeros(len(grid))
    for patch in patches:
        size = _sizes(patch)
        part, share = np.empty(len(size)), np.empty(len(size))
        if np.median(size) < FEWEST_PIXELS:
            kernels.means_between(patch.corners, patch.values, _PLACES, part, share)
        else:
            kernels.sums(patch.corners, patch.values, part, share)
            part, share = part / size, share / size
        np.add.at(total, patch.cells, part)
        np.add.at(covered, patch.cells, share)
    some = covered > 0.0
    mean = np.divide(total, covered, out=np.full(len(grid), np.nan), where=some)
    return mean, np.minimum(covered, 1.0)


def cell_totals(grid: Grid, patches: Iterable[Patch]) -> Floats:
    """Total in each cell of a count such as people, each pixel's split by area.

    What lies in the grid is kept to rounding; pixels across its edge give the share inside.

    Parameters
    ----------
    grid
        Cells.
    patches
        Pixels; one without a value counts nothing.

    Returns
    -------
    (n,) totals.
    """
    total = np.zeros(len(grid))
    for patch in patches:
        part, share = np.empty(len(patch.cells)), np.empty(len(patch.cells))
        kernels.sums(patch.corners, patch.values, part, share)
        np.add.at(total, patch.cells, part)
    return total


def cell_class_areas(grid: Grid, patches: Iterable[Patch]) -> dict[int, Floats]:
    """Area of each class in each cell.

    Parameters
    ----------
    grid
        Cells.
    patches
        Pixels, whose values are whole numbers.

    Returns
    -------
    (n,) area of each class [m²] by its code, ascending; what no pixel covers is in none.
    """
    found: dict[int, Floats] = {}
    for patch in patches:
        known = np.isfinite(patch.values)
        codes, numbers = np.unique(patch.values[known], return_inverse=True)
        if not codes.size:
            continue
        classes = np.full(patch.values.shape, -1, np.int64)
        classes[known] = numbers
        covered = np.empty((len(patch.cells), len(codes)))
        kernels.class_sums(patch.corners, classes, covered)
        scale = grid.area[patch.cells] / _sizes(patch)
        for number, code in enumerate(codes):
            area = found.setdefault(int(code), np.zeros(len(grid)))
            np.add.at(area, patch.cells, covered[:, number] * scale)
    return dict(sorted(found.items()))


def _sizes(patch: Patch) -> Floats:
    """(m,) area of the cells in pixels."""
    size = np.empty(len(patch.cells))
    kernels.areas(patch.corners, size)
    return size
