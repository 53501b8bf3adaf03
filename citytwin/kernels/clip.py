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
def _window_range(box: Floats, to_window: Floats, shape: tuple[int, int], out: Ints) -> None:
    """Rows and columns (first and last, both included) whose cells may touch a box in the plane.

    ``to_window`` (2, 7) maps (1, x, y, x², xy, y²) to row and column; its last entry is how far
    from there a cell may be that touches the point.
    """
    low_x, low_y, high_x, high_y = box[0], box[1], box[2], box[3]
    out[:] = np.array([0, -1, 0, -1])
    for axis in range(2):
        c = to_window[axis]
        low, high = np.inf, -np.inf
        for k in range(4):
            x = low_x if k % 2 == 0 else high_x
            y = low_y if k < 2 else high_y
            v = c[0] + c[1] * x + c[2] * y + c[3] * x * x + c[4] * x * y + c[5] * y * y
            low, high = min(low, v), max(high, v)
        # Inside the box the squares lie below or above what the corners say by this at most.
        bend = abs(c[3]) * (high_x - low_x) ** 2 / 4.0 + abs(c[5]) * (high_y - low_y) ** 2 / 4.0
        if not low <= high:
            return
        low, high = low - c[6] - bend, high + c[6] + bend
        # Far away numbers may be too large for an integer.
        out[2 * axis] = int(np.ceil(min(max(low, 0.0), shape[axis] + 0.0)))
        out[2 * axis + 1] = int(np.floor(max(min(high, shape[axis] - 1.0), -1.0)))


@njit(cache=True)
def candidate_counts(
    boxes: Floats, to_window: Floats, shape: tuple[int, int], counts: Ints
) -> None:
    """Number of positions of the window whose cells may touch each box.

    Parameters
    ----------
    boxes
        (m, 4) west, south, east, north in the plane [m].
    to_window
        (2, 7) map from (1, x, y, x², xy, y²) to row and column, and the margin in cells.
    shape
        Rows and columns of the window.
    counts
        (m,) output.
    """
    span = np.empty(4, np.int64)
    for item in range(boxes.shape[0]):
        _window_range(boxes[item], to_window, shape, span)
        counts[item] = max(span[1] - span[0] + 1, 0) * max(span[3] - span[2] + 1, 0)


@njit(cache=True)
def _apart(corners: Floats, box: Floats) -> bool:
    """Whether a cell with these (6, 2) corners lies beside a box, so that they share nothing."""
    low_x = high_x = corners[0, 0]
    low_y = high_y = corners[0, 1]
    for k in range(1, 6):
        low_x, high_x = min(low_x, corners[k, 0]), max(high_x, corners[k, 0])
        low_y, high_y = min(low_y, corners[k, 1]), max(high_y, corners[k, 1])
    beside = high_x <= box[0] or low_x >= box[2]
    return bool(beside or high_y <= box[1] or low_y >= box[3])


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
        (p, 2) vertices of all rings, closed [m].
    ring_start
        (r + 1,) first vertex of each ring.
    item_ring
        (m + 1,) first ring of each polygon: its outer one, the others are holes.
    boxes, to_window
        As in ``candidate_counts``.
    index
        (rows, cols) cell at each position of the window, −1 outside.
    corners
        (n, 6, 2) corners of the cells [m], anticlockwise.
    first
        (m + 1,) first output position of each polygon.
    cell, area
        Outputs: cell (−1 where the window has none) and area.
    """
    for item in prange(boxes.shape[0]):
        span = np.empty(4, np.int64)
        _window_range(boxes[item], to_window, index.shape, span)
        longest = 0
        for ring in range(item_ring[item], item_ring[item + 1]):
            longest = max(longest, ring_start[ring + 1] - ring_start[ring])
        a = np.empty((64 * longest + 64, 2), np.float64)
        b = np.empty((64 * longest + 64, 2), np.float64)
        at = first[item]
        for row in range(span[0], span[1] + 1):
            for col in range(span[2], span[3] + 1):
                here = index[row, col]
                total = 0.0
                if here >= 0 and not _apart(corners[here], boxes[item]):
                    for ring in range(item_ring[item], item_ring[item + 1]):
                        vertices = points[ring_start[ring] : ring_start[ring + 1]]
                        inside = abs(_ring_area_in_cell(vertices, corners[here], a, b))
                        total += inside if ring == item_ring[item] else -inside
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


@njit(cache=True, parallel=True)
def segment_lengths(
    segments: Floats,
    boxes: Floats,
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
    boxes, to_window, index, corners, first, cell
        As in ``polygon_areas``.
    length
        Output.
    """
    for item in prange(segments.shape[0]):
        span = np.empty(4, np.int64)
        x0, y0, x1, y1 = segments[item]
        _window_range(boxes[item], to_window, index.shape, span)
        at = first[item]
        for row in range(span[0], span[1] + 1):
            for col in range(span[2], span[3] + 1):
                here = index[row, col]
                cell[at] = here
                length[at] = _length_in_cell(x0, y0, x1, y1, corners[here]) if here >= 0 else 0.0
                at += 1
