"""Geometry to cells: how much of each polygon or line lies in each cell, exact to rounding."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.grid.window import Grid
from citytwin.kernels import clip

#: A polygon with more vertices than this is cut into blocks before it is clipped with cells.
MOST_VERTICES = 200


@dataclass(frozen=True, eq=False)
class Shares:
    """How much of each item lies in each cell, one row per pair that meets.

    Attributes
    ----------
    item
        (m,) position of the polygon or line in the input, ascending.
    cell
        (m,) position of the cell in the grid, ascending within an item.
    amount
        (m,) area [m²] or length [m].
    """

    item: Ints
    cell: Ints
    amount: Floats

    def per_cell(self, grid: Grid, density: Floats | None = None) -> Floats:
        """(n,) total amount in each cell, each item's amount times its ``density`` if given."""
        weights = self.amount if density is None else self.amount * density[self.item]
        return np.bincount(self.cell, weights=weights, minlength=len(grid)).astype(np.float64)


def polygon_shares(grid: Grid, polygons: NDArray[Any]) -> Shares:
    """Area of each polygon in each cell.

    Parameters
    ----------
    grid
        Cells.
    polygons
        (p,) valid polygons or multipolygons in the city's plane [m]; parts outside the grid are
        not counted.
    """
    owner, pieces = _pieces(polygons, MOST_VERTICES)
    if not len(pieces):
        return _shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    pieces = shapely.orient_polygons(pieces)
    _, points, (ring_start, item_ring) = shapely.to_ragged_array(pieces)
    boxes = np.ascontiguousarray(shapely.bounds(pieces))
    to_window = _to_window(grid)
    counts = np.zeros(len(pieces), np.int64)
    clip.candidate_counts(boxes, to_window, grid.window_index, counts)
    first, cell, area = _outputs(counts)
    clip.polygon_areas(
        np.ascontiguousarray(points[:, :2]),
        ring_start.astype(np.int64),
        item_ring.astype(np.int64),
        boxes,
        to_window,
        grid.window_index,
        grid.corners(),
        first,
        cell,
        area,
    )
    return _shares(np.repeat(owner, counts), cell, area)


def line_shares(grid: Grid, lines: NDArray[Any]) -> Shares:
    """Length of each line in each cell.

    Parameters
    ----------
    grid
        Cells.
    lines
        (p,) lines or multilines in the city's plane [m]; parts outside the grid are not counted.
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, line = shapely.get_coordinates(parts, return_index=True)
    same = line[1:] == line[:-1]
    segments = np.ascontiguousarray(np.hstack([points[:-1], points[1:]])[same])
    if not len(segments):
        return _shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    low = np.minimum(segments[:, :2], segments[:, 2:])
    high = np.maximum(segments[:, :2], segments[:, 2:])
    to_window = _to_window(grid)
    counts = np.zeros(len(segments), np.int64)
    clip.candidate_counts(np.hstack([low, high]), to_window, grid.window_index, counts)
    first, cell, length = _outputs(counts)
    clip.segment_lengths(
        segments, to_window, grid.window_index, grid.corners(), first, cell, length
    )
    return _shares(np.repeat(owner[line[1:][same]], counts), cell, length)


def _to_window(grid: Grid) -> Floats:
    """(2, 4) map from (1, x, y) to (row, col), and how far a cell may lie from where it says.

    The lattice bends over a wide city, so the mean map is off by more than a cell at its borders.
    """
    matrix = np.stack([grid.step_row, grid.step_col], axis=1)
    inverse = np.linalg.inv(matrix)
    linear = inverse @ np.stack([grid.x, grid.y])
    places = np.stack([grid.row, grid.col]).astype(np.float64)
    origin = (places - linear).mean(axis=1)
    off = np.abs(places - linear - origin[:, None]).max(axis=1)
    return np.ascontiguousarray(np.column_stack([origin, inverse, 1.0 + off]))


def _outputs(counts: Ints) -> tuple[Ints, Ints, Floats]:
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return first, np.full(first[-1], -1, np.int64), np.zeros(first[-1])


def _shares(item: Ints, cell: Ints, amount: Floats) -> Shares:
    """Shares with one row per pair, sorted, without empty ones."""
    keep = (cell >= 0) & (amount > 0.0)
    item, cell, amount = item[keep], cell[keep], amount[keep]
    if not item.size:
        return Shares(item.astype(np.int64), cell, amount)
    width = int(cell.max()) + 1
    pairs, inverse = np.unique(item * width + cell, return_inverse=True)
    total = np.bincount(inverse, weights=amount).astype(np.float64)
    return Shares((pairs // width).astype(np.int64), (pairs % width).astype(np.int64), total)


def _pieces(polygons: NDArray[Any], most_vertices: int) -> tuple[Ints, NDArray[Any]]:
    """Simple polygons with few vertices, and the input that each belongs to."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    large = shapely.get_num_coordinates(parts) > most_vertices
    owners, pieces = [owner[~large]], [parts[~large]]
    for part, number in zip(parts[large], owner[large], strict=True):
        blocks = np.array(list(_blocks(part, most_vertices)), dtype=object)
        owners.append(np.full(len(blocks), number))
        pieces.append(blocks)
    return np.concatenate(owners).astype(np.int64), np.concatenate(pieces)


def _blocks(polygon: Any, most_vertices: int) -> Iterator[Any]:
    """Cut a polygon in halves across its longer side until each piece has few vertices."""
    if polygon.geom_type != "Polygon":
        for part in getattr(polygon, "geoms", ()):
            yield from _blocks(part, most_vertices)
        return
    west, south, east, north = polygon.bounds
    side = max(east - west, north - south)
    if shapely.get_num_coordinates(polygon) <= most_vertices or side < 1.0:
        if polygon.area > 0.0:
            yield polygon
        return
    if east - west >= north - south:
        middle = (west + east) / 2
        halves = (west, south, middle, north), (middle, south, east, north)
    else:
        middle = (south + north) / 2
        halves = (west, south, east, middle), (west, middle, east, north)
    for half in halves:
        yield from _blocks(polygon.intersection(shapely.box(*half)), most_vertices)
