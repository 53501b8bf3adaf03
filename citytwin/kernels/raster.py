"""Pixels of a raster under hexagonal cells: exact shares, and values between pixel centres.

Everything here is in pixel space: pixel (row, column) is the unit square with the corners
(column, row) and (column + 1, row + 1). The share of a pixel under a cell is found by adding up
what each side of the cell cuts off to its right: exact to rounding, and sides that two cells have
in common cancel, so that the shares of a pixel under all cells add up to one.
"""

import numpy as np
from numba import njit, prange

from citytwin.arrays import Floats, Ints

#: Shares below this are rounding.
_NOTHING = 1e-12


@njit(cache=True)
def _signed_area(corners: Floats) -> float:
    """Area of a cell in pixels, negative if its corners run clockwise as rows and columns count."""
    total = 0.0
    for i in range(6):
        j = (i + 1) % 6
        ax, ay = corners[i, 0] - corners[0, 0], corners[i, 1] - corners[0, 1]
        bx, by = corners[j, 0] - corners[0, 0], corners[j, 1] - corners[0, 1]
        total += ax * by - bx * ay
    return 0.5 * total


@njit(cache=True)
def _row_shares(corners: Floats, sign: float, row: int, first: int, shares: Floats) -> None:
    """Share of each pixel of one row under a cell.

    ``sign`` is that of the cell's area; ``first`` is the column of ``shares[0]``, left of the cell.
    """
    shares[:] = 0.0
    for i in range(6):
        j = (i + 1) % 6
        x0, y0, x1, y1 = corners[i, 0], corners[i, 1], corners[j, 0], corners[j, 1]
        low, high = max(min(y0, y1), float(row)), min(max(y0, y1), row + 1.0)
        if high <= low:
            continue
        slope = (x1 - x0) / (y1 - y0)
        xa, xb = x0 + (low - y0) * slope, x0 + (high - y0) * slope
        left, right = min(xa, xb), max(xa, xb)
        height = -sign * (high - low) if y1 > y0 else sign * (high - low)
        start, stop = int(np.floor(left)), int(np.floor(right))
        for col in range(start, stop + 1):
            a, b = max(left, float(col)), min(right, col + 1.0)
            part = height if start == stop else height * (b - a) / (right - left)
            middle = 0.5 * (a + b) - col
            shares[col - first] += part * (1.0 - middle)
            shares[col - first + 1] += part * middle
    total = 0.0
    for k in range(shares.size):
        total += shares[k]
        shares[k] = min(total, 1.0) if total > _NOTHING else 0.0


@njit(cache=True)
def _span(corners: Floats, rows: int, out: Ints) -> None:
    """First and last row (inside the window) and the columns that a cell touches, with one spare."""
    low_x, low_y = corners[0, 0], corners[0, 1]
    high_x, high_y = low_x, low_y
    for i in range(1, 6):
        low_x, high_x = min(low_x, corners[i, 0]), max(high_x, corners[i, 0])
        low_y, high_y = min(low_y, corners[i, 1]), max(high_y, corners[i, 1])
    out[0] = max(int(np.floor(low_y)), 0)
    out[1] = min(int(np.floor(high_y)), rows - 1)
    out[2] = int(np.floor(low_x)) - 1
    out[3] = int(np.floor(high_x)) + 2


@njit(cache=True, parallel=True)
def areas(corners: Floats, size: Floats) -> None:
    """Area of each cell in pixels.

    Parameters
    ----------
    corners
        (m, 6, 2) column and row of the corners of each cell, counted from the first pixel.
    size
        (m,) result.
    """
    for item in prange(corners.shape[0]):
        size[item] = np.abs(_signed_area(corners[item]))


@njit(cache=True, parallel=True)
def sums(corners: Floats, values: Floats, total: Floats, covered: Floats) -> None:
    """Sum of the pixels under each cell, each by its share.

    Parameters
    ----------
    corners
        As in ``areas``.
    values
        (rows, columns) values; NaN where there is none.
    total
        (m,) result: sum of share times value.
    covered
        (m,) result: sum of the shares of pixels that have a value [pixels].
    """
    rows, cols = values.shape
    for item in prange(corners.shape[0]):
        span = np.empty(4, np.int64)
        _span(corners[item], rows, span)
        first = span[2]
        shares = np.empty(span[3] - first + 1)
        sign = np.sign(_signed_area(corners[item]))
        value_sum, share_sum = 0.0, 0.0
        for row in range(span[0], span[1] + 1):
            _row_shares(corners[item], sign, row, first, shares)
            for col in range(max(first, 0), min(span[3], cols - 1) + 1):
                share = shares[col - first]
                value = values[row, col]
                if share > 0.0 and not np.isnan(value):
                    value_sum += share * value
                    share_sum += share
        total[item] = value_sum
        covered[item] = share_sum


@njit(cache=True, parallel=True)
def class_sums(corners: Floats, classes: Ints, covered: Floats) -> None:
    """Sum of the shares of the pixels of each class under each cell.

    Parameters
    ----------
    corners
        As in ``areas``.
    classes
        (rows, columns) number of the class, −1 where there is none.
    covered
        (m, classes) result [pixels].
    """
    rows, cols = classes.shape
    for item in prange(corners.shape[0]):
        span = np.empty(4, np.int64)
        _span(corners[item], rows, span)
        first = span[2]
        shares = np.empty(span[3] - first + 1)
        sign = np.sign(_signed_area(corners[item]))
        covered[item, :] = 0.0
        for row in range(span[0], span[1] + 1):
            _row_shares(corners[item], sign, row, first, shares)
            for col in range(max(first, 0), min(span[3], cols - 1) + 1):
                number = classes[row, col]
                if number >= 0:
                    covered[item, number] += shares[col - first]


@njit(cache=True)
def _cubic(t: float, before: float, here: float, there: float, after: float) -> float:
    """Value between ``here`` (t = 0) and ``there`` (t = 1) by cubic convolution (a = −1/2)."""
    slope, end = 0.5 * (there - before), 0.5 * (after - here)
    rise = there - here
    return here + t * (
        slope + t * (3.0 * rise - 2.0 * slope - end + t * (slope + end - 2.0 * rise))
    )


@njit(cache=True)
def _along(values: Floats, row: int, col: int, u: float) -> float:
    """Value in a row between the pixels ``col`` (u = 0) and ``col`` + 1 (u = 1)."""
    line = values[row]
    return _cubic(u, line[col - 1], line[col], line[col + 1], line[col + 2])


@njit(cache=True)
def _between(values: Floats, x: float, y: float) -> float:
    """Value at a point (column, row) between pixel centres; NaN in a pixel without a value.

    Cubic convolution (Keys 1981, 10.1109/TASSP.1981.1163711) kept between the least and the
    greatest of the four nearest pixels, so that it makes no hill and no hollow of its own; where
    one of the sixteen pixels is missing, linear over those of the nearest four that are there.
    """
    rows, cols = values.shape
    at_row, at_col = int(np.floor(y)), int(np.floor(x))
    if at_row < 0 or at_col < 0 or at_row >= rows or at_col >= cols:
        return np.nan
    if np.isnan(values[at_row, at_col]):
        return np.nan
    i, j = int(np.floor(y - 0.5)), int(np.floor(x - 0.5))
    v, u = y - 0.5 - i, x - 0.5 - j
    low, high = np.inf, -np.inf
    total, weight = 0.0, 0.0
    for di in range(2):
        for dj in range(2):
            if 0 <= i + di < rows and 0 <= j + dj < cols:
                value = values[i + di, j + dj]
                if not np.isnan(value):
                    part = (v if di else 1.0 - v) * (u if dj else 1.0 - u)
                    total, weight = total + part * value, weight + part
                    low, high = min(low, value), max(high, value)
    if i < 1 or j < 1 or i + 2 >= rows or j + 2 >= cols:
        return total / weight
    smooth = _cubic(
        v,
        _along(values, i - 1, j, u),
        _along(values, i, j, u),
        _along(values, i + 1, j, u),
        _along(values, i + 2, j, u),
    )
    return total / weight if np.isnan(smooth) else min(max(smooth, low), high)


@njit(cache=True, parallel=True)
def means_between(
    corners: Floats, values: Floats, places: Floats, total: Floats, covered: Floats
) -> None:
    """Mean over each cell of the surface through the pixel centres.

    Parameters
    ----------
    corners, values
        As in ``sums``.
    places
        (k, 2) places in a triangle as shares of its two sides, equally heavy; each of the cell's six
        triangles round its centre is sampled there.
    total
        (m,) result: sum over the sampled points that have a value, by their share of the cell.
    covered
        (m,) result: share of the cell whose points have a value.
    """
    for item in prange(corners.shape[0]):
        cell = corners[item]
        cx, cy = cell[:, 0].mean(), cell[:, 1].mean()
        whole, value_sum, share_sum = 0.0, 0.0, 0.0
        for i in range(6):
            j = (i + 1) % 6
            ax, ay = cell[i, 0] - cx, cell[i, 1] - cy
            bx, by = cell[j, 0] - cx, cell[j, 1] - cy
            part = np.abs(ax * by - bx * ay)
            whole += part
            for k in range(places.shape[0]):
                s, t = places[k, 0], places[k, 1]
                value = _between(values, cx + s * ax + t * bx, cy + s * ay + t * by)
                if not np.isnan(value):
                    value_sum += part * value
                    share_sum += part
        total[item] = value_sum / (whole * places.shape[0])
        covered[item] = share_sum / (whole * places.shape[0])
