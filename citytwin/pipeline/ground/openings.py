"""Culverts, piped streams and underpasses: even slopes through what stands above them."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from citytwin.arrays import Floats, Ints
from citytwin.grid.overlay import line_shares
from citytwin.grid.window import Grid
from citytwin.pipeline.ground.structures import Structure, ids_of, rows_of, structures_of
from citytwin.sources.base import Layers


@dataclass(frozen=True)
class Limits:
    """What may be cut as an opening: an embankment, not a hill.

    Attributes
    ----------
    longest
        Longest opening [m].
    deepest
        Greatest height of the ground above it [m].
    """

    longest: float
    deepest: float


def culverts(
    grid: Grid, ground: Floats, layers: Layers, limits: Limits
) -> tuple[list[Structure], list[dict[str, str]]]:
    """Waterways in culverts and pipes, as even slopes; and those that are left as they are."""
    return _slopes(grid, ground, layers, ("waterways",), ("culvert", "tunnel"), "culvert", limits)


def tunnels(
    grid: Grid, ground: Floats, layers: Layers, limits: Limits
) -> tuple[list[Structure], list[dict[str, str]]]:
    """Underpasses of roads and railways, as even slopes; and tunnels, which are left."""
    return _slopes(grid, ground, layers, ("roads", "railways"), ("tunnel",), "tunnel", limits)


def _slopes(
    grid: Grid,
    ground: Floats,
    layers: Layers,
    names: tuple[str, ...],
    structures: tuple[str, ...],
    kind: str,
    limits: Limits,
) -> tuple[list[Structure], list[dict[str, str]]]:
    """An even slope along each line from the ground at one end to the ground at the other."""
    found: list[Structure] = []
    left: list[dict[str, str]] = []
    for name in names:
        table = rows_of(layers, name, "structure", structures)
        if not len(table):
            continue
        lines, owners, reasons = _whole_lines(table, limits.longest)
        shares = line_shares(grid, lines)
        target = _even_slope(grid, ground, lines, shares.item, shares.cell)
        height = np.zeros(len(lines))
        np.maximum.at(height, shares.item, np.nan_to_num(ground[shares.cell] - target))
        for number in np.flatnonzero(height > limits.deepest):
            reasons[owners[number]] = f"more than {limits.deepest:g} m of ground above it"
        keep = (height <= limits.deepest)[shares.item]
        owner = owners[shares.item[keep]]
        order = np.argsort(owner, kind="stable")
        cells, target = shares.cell[keep][order], target[keep][order]
        found += structures_of(kind, name, table, owner[order], cells, target)
        ids = ids_of(table)
        left += [
            {"kind": kind, "layer": name, "id": ids[row], "reason": reason}
            for row, reason in sorted(reasons.items())
        ]
    return found, left


def _whole_lines(
    table: gpd.GeoDataFrame, longest: float
) -> tuple[NDArray[Any], Ints, dict[int, str]]:
    """Lines from mouth to mouth: pieces that meet are joined, since streets are split at crossings.

    Returns
    -------
    lines
        (k,) lines to open.
    owners
        (k,) row of the first piece of each.
    reasons
        Why others are left, by the row of their first piece.
    """
    geometry = np.asarray(table.geometry)
    first, last = (shapely.get_point(geometry, end) for end in (0, -1))
    ends = shapely.get_coordinates(np.concatenate([first, last])).round(3)
    _, point = np.unique(ends, axis=0, return_inverse=True)
    rows = np.tile(np.arange(len(geometry)), 2)
    size = len(geometry) + int(point.max()) + 1
    links = sparse.csr_array((np.ones(len(rows)), (rows, point + len(geometry))), (size, size))
    group = connected_components(links, directed=False)[1][: len(geometry)]
    lines, owners, reasons = [], [], {}
    for number in np.unique(group):
        pieces = np.flatnonzero(group == number)
        row = int(pieces[0])
        joined = shapely.line_merge(shapely.MultiLineString(geometry[pieces].tolist()))
        if joined.length > longest:
            reasons[row] = f"longer than {longest:g} m"
        elif joined.geom_type != "LineString":
            reasons[row] = "branches underground"
        else:
            lines.append(joined)
            owners.append(row)
    return np.array(lines, dtype=object), np.array(owners, np.int64), reasons


def _even_slope(
    grid: Grid, ground: Floats, geometry: NDArray[Any], owner: Ints, cells: Ints
) -> Floats:
    """(m,) height in each cell of a straight slope between the cells at the two ends of its line."""
    centres = shapely.points(grid.x[cells], grid.y[cells])
    along = shapely.line_locate_point(geometry[owner], centres)
    heights = []
    for normalized in (0.0, 1.0):
        ends = shapely.get_coordinates(
            shapely.line_interpolate_point(geometry, normalized, normalized=True)
        )
        at = grid.locate(ends[:, 0], ends[:, 1])
        heights.append(np.where(at >= 0, ground[at], np.nan)[owner])
    start, end = heights
    share = along / shapely.length(geometry)[owner]
    slope = start + share * (end - start)
    return np.where(np.isnan(slope), np.fmin(start, end), slope)
