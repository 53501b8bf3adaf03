"""Areas of polygons and lengths of lines inside convex cells, exact to rounding.

The area of a polygon inside a convex cell is found by clipping each ring with the cell's sides
(Sutherland & Hodgman 1974, 10.1145/360767.360802). Holes count negative by their orientation;
the overlapping edges that the method leaves along a side enclose no area.
"""

import numpy as np
from numba import njit, prange

from citytwin.arrays import Floats, Ints


@njit(cache=True)
def _ring_area_in_cell(ring: Floats, corners: Floats, a: Floats, b: Floats) -> float:
    """Signed area [m²] of a closed ring (m, 2) inside a convex cell.

    ``corners`` (6, 2) anticlockwise; ``a`` and ``b`` are scratch of at least (64 m + 64, 2):
    a side can at most double the vertices.
    Coordinates are taken relative to the cell's first corner, which keeps the rounding small.
    """
    ox, oy = corners[0, 0], corners[0, 1]
    count = ring.shape[0] - 1
    for i in range(count):
        a[i, 0] = ring[i, 0] - ox
        a[i, 1] = ring[i, 1] - oy
    for side in range(6):
        px, py = corners[side, 0] - ox, corners[side, 1] - oy
        after = (side + 1) % 6
        ex, ey = corners[after, 0] - ox - px, corners[after, 1] - oy - py
        kept = 0
        for i in range(count):
            j = i + 1 if i + 1 < count else 0
            here = ex * (a[i, 1] - py) - ey * (a[i, 0] - px)
            there = ex * (a[j, 1] - py) - ey * (a[j, 0] - px)
            if here >= 0.0:
                b[kept, 0] = a[i, 0]
                b[kept, 1] = a[i, 1]
                kept += 1
            if (here >= 0.0) != (there >= 0.0):
                t = here / (here - there)
                b[kept, 0] = a[i, 0] + t * (a[j, 0] - a[i, 0])
                b[kept, 1] = a[i, 1] + t * (a[j, 1] - a[i, 1])
                kept += 1
        if kept < 3:
            return 0.0
        a, b = b, a
        count = kept
    total = 0.0
    for i in range(count):
        j = i + 1 if i + 1 < count else 0
        total += a[i, 0] * a[j, 1] - a[j, 0] * a[i, 1]
    return 0.5 * total


@njit(cache=True)
def _window_range(
    low_x: float, low_y: float, high_x: float, high_y: float, to_window: Floats, out: Ints
) -> None:
    """Rows and columns (first and last, both included) whose cells may touch a box in the plane.

    ``to_window`` (2, 4) maps (1, x, y) to row and column; its last entry is the margin in cells.
    """
    for axis in range(2):
        low, high = np.inf, -np.inf
        for k in range(4):
            x = low_x if k % 2 == 0 else high_x
            y = low_y if k < 2 else high_y
            v = to_window[axis, 0] + to_window[axis, 1] * x + to_window[axis, 2] * y
            low, high = min(low, v), max(high, v)
        out[2 * axis] = int(np.floor(low - to_window[axis, 3]))
        out[2 * axis + 1] = int(np.ceil(high + to_window[axis, 3]))


@njit(cache=True)
def candidate_counts(boxes: Floats, to_window: Floats, index: Ints, counts: Ints) -> None:
    """Number of cells that may touch each box.

    Parameters
    ----------
    boxes
        (m, 4) west, south, east, north in the plane [m].
    to_window
        (2, 4) map from (1, x, y) to row and column, and the margin in cells.
    index
        (rows, cols) cell at each position of the window, −1 outside.
    counts
        (m,) output.
    """
    span = np.empty(4, np.int64)
    for item in range(boxes.shape[0]):
        box = boxes[item]
        _window_range(box[0], box[1], box[2], box[3], to_window, span)
        rows = min(span[1], index.shape[0] - 1) - max(span[0], 0) + 1
        cols = min(span[3], index.shape[1] - 1) - max(span[2], 0) + 1
        counts[item] = max(rows, 0) * max(cols, 0)


@njit(cache=True, parallel=True)
def polygon_areas(
    points: Floats,
    ring_start: Ints,
    item_ring: Ints,
    boxes: Floats,
    to_window: Floats,
    index: Ints,
    corners: Floats,
    first: Ints,
    cell: Ints,
    area: Floats,
) -> None:
    """Area of each polygon in each candidate cell [m²].

    Parameters
    ----------
    points
        (p, 2) vertices of all rings [m]; outer rings anticlockwise, holes clockwise.
    ring_start
        (r + 1,) first vertex of each ring.
    item_ring
        (m + 1,) first ring of each polygon.
    boxes, to_window, index
        As in ``candidate_counts``.
    corners
        (n, 6, 2) corners of the cells [m], anticlockwise.
    first
        (m + 1,) first output position of each polygon.
    cell, area
        Outputs: cell (−1 where the window has none) and area.
    """
    for item in prange(boxes.shape[0]):
        span = np.empty(4, np.int64)
        box = boxes[item]
        _window_range(box[0], box[1], box[2], box[3], to_window, span)
        longest = 0
        for ring in range(item_ring[item], item_ring[item + 1]):
            longest = max(longest, ring_start[ring + 1] - ring_start[ring])
        a = np.empty((64 * longest + 64, 2), np.float64)
        b = np.empty((64 * longest + 64, 2), np.float64)
        at = first[item]
        for row in range(max(span[0], 0), min(span[1], index.shape[0] - 1) + 1):
            for col in range(max(span[2], 0), min(span[3], index.shape[1] - 1) + 1):
                here = index[row, col]
                total = 0.0
                if here >= 0:
                    for ring in range(item_ring[item], item_ring[item + 1]):
                        vertices = points[ring_start[ring] : ring_start[ring + 1]]
                        total += _ring_area_in_cell(vertices, corners[here], a, b)
                cell[at] = here
                area[at] = total
                at += 1


@njit(cache=True)
def _length_in_cell(x0: float, y0: float, x1: float, y1: float, corners: Floats) -> float:
    """Length [m] of a segment inside a convex cell (Cyrus & Beck 1978)."""
    start, end = 0.0, 1.0
    for side in range(6):
        px, py = corners[side, 0], corners[side, 1]
        after = (side + 1) % 6
        ex, ey = corners[after, 0] - px, corners[after, 1] - py
        here = ex * (y0 - py) - ey * (x0 - px)
        change = ex * (y1 - y0) - ey * (x1 - x0)
        if change == 0.0:
            if here < 0.0:
                return 0.0
        elif change > 0.0:
            start = max(start, -here / change)
        else:
            end = min(end, -here / change)
    return float(max(end - start, 0.0) * np.hypot(x1 - x0, y1 - y0))


@njit(cache=True)
def segment_lengths(
    segments: Floats,
    to_window: Floats,
    index: Ints,
    corners: Floats,
    first: Ints,
    cell: Ints,
    length: Floats,
) -> None:
    """Length of each segment in each candidate cell [m].

    Parameters
    ----------
    segments
        (m, 4) x0, y0, x1, y1 [m].
    to_window, index, corners, first, cell
        As in ``polygon_areas``.
    length
        Output.
    """
    span = np.empty(4, np.int64)
    for item in range(segments.shape[0]):
        x0, y0, x1, y1 = segments[item]
        _window_range(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), to_window, span)
        at = first[item]
        for row in range(max(span[0], 0), min(span[1], index.shape[0] - 1) + 1):
            for col in range(max(span[2], 0), min(span[3], index.shape[1] - 1) + 1):
                here = index[row, col]
                cell[at] = here
                length[at] = _length_in_cell(x0, y0, x1, y1, corners[here]) if here >= 0 else 0.0
                at += 1
