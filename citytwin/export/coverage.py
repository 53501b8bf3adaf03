"""Exact areas of convex polygons in the pixels of a raster."""

import numba
import numpy as np

from citytwin.arrays import Floats


@numba.njit(cache=True)
def burn(corners: Floats, weights: Floats, value: Floats, covered: Floats) -> None:
    """Add polygons to a raster, each pixel by the share of it that lies under the polygon.

    Parameters
    ----------
    corners
        (n, k, 2) corners in pixels: column from the left edge, row from the top edge. All must lie
        inside the raster.
    weights
        (n,) what a pixel wholly under a polygon gets.
    value, covered
        (rows, columns) sums of weight times share, and of share; changed in place.
    """
    for number in range(corners.shape[0]):
        ring = corners[number]
        left, top = int(np.floor(ring[:, 0].min())), int(np.floor(ring[:, 1].min()))
        wide = int(np.floor(ring[:, 0].max())) - left + 1
        high = int(np.floor(ring[:, 1].max())) - top + 1
        # One column more: what an edge puts to the right of the last pixel.
        local = np.zeros((high, wide + 1))
        for corner in range(ring.shape[0]):
            after = ring[(corner + 1) % ring.shape[0]]
            _add_edge(
                local,
                ring[corner, 0] - left,
                ring[corner, 1] - top,
                after[0] - left,
                after[1] - top,
            )
        for row in range(high):
            running = 0.0
            for column in range(wide):
                running += local[row, column]
                share = min(abs(running), 1.0)
                r, c = top + row, left + column
                if share > 0.0 and r < value.shape[0] and c < value.shape[1]:
                    covered[r, c] += share
                    value[r, c] += weights[number] * share


@numba.njit(cache=True)
def _add_edge(local: Floats, x0: float, y0: float, x1: float, y1: float) -> None:
    """Add the area to the right of an edge, signed by its direction, as differences along rows.

    The edge is cut where it crosses the lines between pixels. A piece of height h inside one pixel
    covers h times its mean distance to that pixel's right side, and h of every pixel beyond.
    """
    if y0 == y1:
        return
    last = local.shape[1] - 2
    slope = (x1 - x0) / (y1 - y0)
    sign = 1.0 if y1 > y0 else -1.0
    low, high = min(y0, y1), max(y0, y1)
    x_low = x0 if y0 < y1 else x1
    y, x = low, x_low
    while y < high:
        row = int(np.floor(y))
        stop = min(high, row + 1.0)
        end = x_low + (stop - low) * slope
        while y < stop:
            column = min(max(int(np.floor(x)), 0), last)
            if slope < 0.0 and x == column and column > 0:
                column -= 1
            border = column + 1.0 if slope > 0.0 else float(column)
            to_right = slope > 0.0 and end > border and column < last
            crosses = to_right or (slope < 0.0 and end < border and column > 0)
            next_x = border if crosses else end
            next_y = low + (border - x_low) / slope if crosses else stop
            next_y = min(max(next_y, y), stop)
            height = sign * (next_y - y)
            share = column + 1.0 - (x + next_x) / 2.0
            local[row, column] += height * share
            local[row, column + 1] += height * (1.0 - share)
            x, y = next_x, next_y
            if not crosses:
                y = stop
        x, y = end, stop
