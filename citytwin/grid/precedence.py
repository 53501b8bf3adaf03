"""Shapes of ranked classes made disjoint: where several cover a place, the lowest rank has it.

The plane is cut into square blocks, and shapes meet only inside a block: time grows with the number
of shapes, not faster, and memory holds a few blocks at a time.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.grid.overlay import simple_pieces

#: Side of a block [m].
_SIDE = 250.0
#: Blocks that are given on together.
_TOGETHER = 256
#: Polygons with more vertices are cut before, and lines with more are cut to each block.
_MOST_VERTICES = 100
#: Sides of a quarter circle in the round ends of widened lines.
_ROUND = 2


def disjoint_parts(
    shapes: NDArray[Any], half_width: Floats, rank: Ints
) -> Iterator[tuple[Ints, NDArray[Any]]]:
    """Disjoint polygons that cover what the shapes cover, portion by portion.

    They are those of the whole plane at once to rounding, but for lines of more than a hundred
    vertices: the simplification before widening, 1 % of the width at most, then sees other ends.

    Parameters
    ----------
    shapes
        (m,) valid polygons, and lines that are widened with round ends.
    half_width
        (m,) how far the edge of a widened line is from it [m]; zero for polygons.
    rank
        (m,) class of each shape; the lowest counts where several cover a place.

    Yields
    ------
    Rank of each part, and the parts; the same on each run, however many threads there are.
    """
    source, pieces = _pieces(shapes, shapely.get_dimensions(shapes) == 1)
    half_width, rank = half_width[source], rank[source]
    bounds = shapely.bounds(pieces) + half_width[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])
    if not len(pieces):
        return
    column, row, piece = _meetings(bounds)
    ends = np.flatnonzero(np.diff(row, append=-1) | np.diff(column, append=-1)) + 1
    blocks = np.split(piece, ends[:-1])
    west, south = bounds[:, 0].min(), bounds[:, 1].min()
    corners = np.column_stack([west + column * _SIDE, south + row * _SIDE])[ends - 1]

    def parts_of(block: int) -> tuple[Ints, NDArray[Any]]:
        inside = blocks[block]
        return _block_parts(corners[block], pieces[inside], half_width[inside], rank[inside])

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(blocks), _TOGETHER):
            numbers = range(start, min(start + _TOGETHER, len(blocks)))
            ranks, parts = zip(*threads.map(parts_of, numbers), strict=True)
            yield np.concatenate(ranks), np.concatenate(parts)


def _pieces(shapes: NDArray[Any], is_line: NDArray[np.bool_]) -> tuple[Ints, NDArray[Any]]:
    """Simple polygons and lines with few vertices, and the shape that each belongs to."""
    areas, lines = np.flatnonzero(~is_line), np.flatnonzero(is_line)
    of_area, polygons = simple_pieces(shapes[areas], _MOST_VERTICES)
    parts, of_line = shapely.get_parts(shapes[lines], return_index=True)
    some = ~shapely.is_empty(parts)
    source = np.concatenate([areas[of_area], lines[of_line[some]]])
    return source, np.concatenate([polygons, parts[some]])


def _meetings(bounds: Floats) -> tuple[Ints, Ints, Ints]:
    """Column and row of a block and a piece that may meet it, block by block.

    Parameters
    ----------
    bounds
        (m, 4) west, south, east, north of the pieces [m].
    """
    low = bounds[:, :2].min(axis=0)
    first = np.floor((bounds[:, :2] - low) / _SIDE).astype(np.int64)
    last = np.floor((bounds[:, 2:] - low) / _SIDE).astype(np.int64)
    across, along = (last - first + 1).T
    count = across * along
    piece = np.repeat(np.arange(len(bounds)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column = first[piece, 0] + number % across[piece]
    row = first[piece, 1] + number // across[piece]
    order = np.lexsort((piece, column, row))
    return column[order], row[order], piece[order]


def _block_parts(
    corner: Floats, pieces: NDArray[Any], half_width: Floats, rank: Ints
) -> tuple[Ints, NDArray[Any]]:
    """Disjoint polygons of one block and their ranks."""
    west, south = corner
    block = shapely.box(west, south, west + _SIDE, south + _SIDE)
    shapely.prepare(block)
    taken: Any = shapely.MultiPolygon()
    ranks, found = [], []
    for number in np.unique(rank):
        own = rank == number
        shape = shapely.union_all(_clipped(block, _widened(block, pieces[own], half_width[own])))
        parts = shapely.get_parts(shapely.difference(shape, taken))
        parts = parts[shapely.get_dimensions(parts) == 2]
        taken = shapely.union(taken, shape)
        ranks.append(np.full(len(parts), number))
        found.append(parts)
    return np.concatenate(ranks), np.concatenate(found)


def _widened(block: Any, pieces: NDArray[Any], half_width: Floats) -> NDArray[Any]:
    """Lines as areas; of long ones only the part from which the block can be reached."""
    lines = shapely.get_dimensions(pieces) == 1
    if not lines.any():
        return pieces
    shapes = pieces.copy()
    long = lines & (shapely.get_num_coordinates(pieces) > _MOST_VERTICES)
    if long.any():
        around = shapely.buffer(block, 2.0 * half_width[long], join_style="mitre")
        shapes[long] = shapely.intersection(pieces[long], around)
    shapes[lines] = shapely.buffer(shapes[lines], half_width[lines], quad_segs=_ROUND)
    return shapes


def _clipped(block: Any, shapes: NDArray[Any]) -> NDArray[Any]:
    """What of the shapes lies in a block."""
    inside = shapely.covers(block, shapes)
    return np.where(inside, shapes, shapely.intersection(shapes, np.where(inside, None, block)))
