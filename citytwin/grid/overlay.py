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
#: Items that are taken together, and pairs of item and cell that are tried together: they bound the
#: memory, whatever the number of items.
_ITEMS, _PAIRS = 65_536, 4_000_000
#: Amounts below are what rounding leaves of a touch [m², m].
_LEAST = 1e-12


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
    to_window = grid.to_window
    found = []
    for start in range(0, len(polygons), _ITEMS):
        owner, pieces = simple_pieces(polygons[start : start + _ITEMS], MOST_VERTICES)
        boxes = shapely.bounds(pieces)
        for part, counts in _portions(grid, owner, boxes, to_window):
            areas = _areas(grid, pieces[part], boxes[part], to_window, counts)
            found.append(_shares(np.repeat(owner[part] + start, counts), *areas))
    return _together(found)


def line_shares(grid: Grid, lines: NDArray[Any]) -> Shares:
    """Length of each line in each cell.

    Parameters
    ----------
    grid
        Cells.
    lines
        (p,) lines or multilines in the city's plane [m]; parts outside the grid are not counted.
    """
    to_window = grid.to_window
    found = []
    for start in range(0, len(lines), _ITEMS):
        owner, segments = _segments(lines[start : start + _ITEMS])
        low = np.minimum(segments[:, :2], segments[:, 2:])
        boxes = np.hstack([low, np.maximum(segments[:, :2], segments[:, 2:])])
        for part, counts in _portions(grid, owner, boxes, to_window):
            first, cell, length = _outputs(counts)
            clip.segment_lengths(
                segments[part],
                boxes[part],
                to_window,
                grid.window_index,
                grid.corners(),
                first,
                cell,
                length,
            )
            found.append(_shares(np.repeat(owner[part] + start, counts), cell, length))
    return _together(found)


def _areas(
    grid: Grid, pieces: NDArray[Any], boxes: Floats, to_window: Floats, counts: Ints
) -> tuple[Ints, Floats]:
    """Cell and area of each candidate, piece by piece."""
    ring_start, item_ring = _rings(pieces)
    first, cell, area = _outputs(counts)
    clip.polygon_areas(
        shapely.get_coordinates(pieces),
        ring_start,
        item_ring,
        boxes,
        to_window,
        grid.window_index,
        grid.corners(),
        first,
        cell,
        area,
    )
    return cell, area


def _rings(polygons: NDArray[Any]) -> tuple[Ints, Ints]:
    """First vertex of each ring and first ring of each polygon, with an end; outer rings first."""
    holes = shapely.get_num_interior_rings(polygons)
    item_ring = np.concatenate([[0], np.cumsum(1 + holes)])
    vertices = np.zeros(item_ring[-1], np.int64)
    vertices[item_ring[:-1]] = shapely.get_num_coordinates(polygons)
    rings = shapely.get_rings(polygons[holes > 0])
    vertices[np.repeat(holes > 0, 1 + holes)] = shapely.get_num_coordinates(rings)
    return np.concatenate([[0], np.cumsum(vertices)]), item_ring


def _segments(lines: NDArray[Any]) -> tuple[Ints, Floats]:
    """Line that each straight piece belongs to, and the (s, 4) ends of the pieces."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, line = shapely.get_coordinates(parts, return_index=True)
    same = line[1:] == line[:-1]
    return owner[line[1:][same]], np.hstack([points[:-1], points[1:]])[same]


def _portions(
    grid: Grid, owner: Ints, boxes: Floats, to_window: Floats
) -> Iterator[tuple[slice, Ints]]:
    """Pieces in portions of whole items with a bounded number of candidates, and their numbers.

    Parameters
    ----------
    owner
        (m,) item of each piece, ascending.
    boxes
        (m, 4) bounds of the pieces [m].
    """
    counts = np.zeros(len(owner), np.int64)
    clip.candidate_counts(boxes, to_window, grid.shape, counts)
    total = np.cumsum(counts)
    ends = np.flatnonzero(np.diff(owner, append=-1)) + 1
    begin = 0
    while begin < len(owner):
        before = total[begin - 1] if begin else 0
        fits = ends[(ends > begin) & (total[ends - 1] - before <= _PAIRS)]
        end = int(fits[-1]) if fits.size else int(ends[ends > begin][0])
        yield slice(begin, end), counts[begin:end]
        begin = end


def _outputs(counts: Ints) -> tuple[Ints, Ints, Floats]:
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return first, np.full(first[-1], -1, np.int64), np.zeros(first[-1])


def _shares(item: Ints, cell: Ints, amount: Floats) -> Shares:
    """Shares with one row per pair, sorted, without empty ones."""
    keep = (cell >= 0) & (amount > _LEAST)
    item, cell, amount = item[keep], cell[keep], amount[keep]
    width = int(cell.max(initial=0)) + 1
    pairs = item * width + cell
    if (np.diff(pairs) > 0).all():
        return Shares(item, cell, amount)
    pairs, inverse = np.unique(pairs, return_inverse=True)
    total = np.bincount(inverse, weights=amount).astype(np.float64)
    return Shares(pairs // width, pairs % width, total)


def _together(parts: list[Shares]) -> Shares:
    """Shares of items in order, one after the other."""
    none = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    parts = parts or [none]
    return Shares(
        np.concatenate([part.item for part in parts]),
        np.concatenate([part.cell for part in parts]),
        np.concatenate([part.amount for part in parts]),
    )


def simple_pieces(polygons: NDArray[Any], most_vertices: int) -> tuple[Ints, NDArray[Any]]:
    """Polygons and multipolygons cut into simple polygons with few vertices.

    Returns
    -------
    Input that each piece belongs to, ascending, and the pieces.
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    some = ~shapely.is_empty(parts)
    parts, owner = parts[some], owner[some]
    large = shapely.get_num_coordinates(parts) > most_vertices
    owners, pieces = [owner[~large]], [parts[~large]]
    for part, number in zip(parts[large], owner[large], strict=True):
        blocks = np.array(list(_blocks(part, most_vertices)), dtype=object)
        owners.append(np.full(len(blocks), number))
        pieces.append(blocks)
    of_item = np.concatenate(owners).astype(np.int64)
    order = np.argsort(of_item, kind="stable")
    return of_item[order], np.concatenate(pieces)[order]


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
