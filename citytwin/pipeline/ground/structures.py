"""Bridges and dykes: the cells of each, and the height that it wants there."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.overlay import line_shares, polygon_shares
from citytwin.grid.window import Grid
from citytwin.sources.base import Layers

#: Width of a bridge without lanes, of one lane, and of a railway bridge [m]; judged.
WIDTH, LANE, RAIL = 8.0, 3.5, 6.0
#: Share of a cell under a bridge from which the bridge is in its height.
_UNDER = 0.05
#: How far beside a bridge or dyke the ground is looked for, beyond the structure itself [m].
_REACH = 60.0


@dataclass(frozen=True, eq=False)
class Structure:
    """One structure and what it wants of the ground.

    Attributes
    ----------
    kind
        bridge, tunnel, culvert or dyke.
    layer, source_id
        Where it comes from.
    cells
        (m,) positions of its cells.
    target
        (m,) height that the ground should have there [m].
    """

    kind: str
    layer: str
    source_id: str
    cells: Ints
    target: Floats


def bridges(grid: Grid, ground: Floats, layers: Layers) -> list[Structure]:
    """Bridges of roads and railways: the line between the ground on their two sides.

    The sides are looked for across the bridge, beyond every cell that any bridge covers, so that
    two bridges beside each other open together.
    """
    tables = [
        (name, rows_of(layers, name, "structure", ("bridge",))) for name in ("roads", "railways")
    ]
    tables = [(name, table) for name, table in tables if len(table)]
    decks = [_decks(table, name) for name, table in tables]
    shares = [polygon_shares(grid, deck) for deck in decks]
    under = np.zeros(len(grid), np.bool_)
    for share in shares:
        under |= share.per_cell(grid) > _UNDER * grid.area
    result = []
    for (name, table), share in zip(tables, shares, strict=True):
        keep = under[share.cell]
        owner, cells = share.item[keep], share.cell[keep]
        geometry = np.asarray(table.geometry)
        left, right = _beside(grid, ground, geometry[owner], cells, under)
        target = _between(left, right)
        result += structures_of("bridge", name, table, owner, cells, target)
    return result


def dykes(
    grid: Grid, ground: Floats, layers: Layers, classes: tuple[str, ...], height: float
) -> list[Structure]:
    """Dykes: the crest that the table gives [m], else a height above the higher ground beside."""
    table = rows_of(layers, "barriers", "class", classes)
    if not len(table):
        return []
    geometry = np.asarray(table.geometry)
    shares = line_shares(grid, geometry)
    on = np.zeros(len(grid), np.bool_)
    on[shares.cell] = True
    left, right = _beside(grid, ground, geometry[shares.item], shares.cell, on)
    crest = np.fmax(left, right) + height
    if "crest" in table.columns:
        given = table["crest"].to_numpy(np.float64)[shares.item]
        crest = np.where(np.isfinite(given), given, crest)
    return structures_of("dyke", "barriers", table, shares.item, shares.cell, crest)


def _beside(
    grid: Grid, ground: Floats, geometry: NDArray[Any], cells: Ints, covered: Bools
) -> tuple[Floats, Floats]:
    """Ground on the left and on the right of a line at its cells, beyond the covered ones.

    The two are the nearest pair of cells opposite each other, so that on an even slope, whichever
    way it falls, their mean is the height of the cell between them.

    Parameters
    ----------
    grid, ground
        Cells and their heights [m].
    geometry
        (m,) line of each pair.
    cells
        (m,) cell of each pair.
    covered
        (n,) cells to step over.

    Returns
    -------
    (m,) height on each side [m]; NaN where the city ends first.
    """
    normal = _normals(grid, geometry, cells)
    step = float(np.sqrt(grid.area.mean()))
    both = [np.full(len(cells), np.nan), np.full(len(cells), np.nan)]
    single = [np.full(len(cells), np.nan), np.full(len(cells), np.nan)]
    for number in range(1, int(np.ceil(_REACH / step)) + 3):
        todo = np.flatnonzero(np.isnan(both[0]))
        away = number * step * normal[todo]
        here = cells[todo]
        left = grid.locate(grid.x[here] + away[:, 0], grid.y[here] + away[:, 1])
        sides = (left, _opposite(grid, here, left))
        free = [(side >= 0) & ~covered[side] for side in sides]
        for side, is_free, pair, alone in zip(sides, free, both, single, strict=True):
            pair[todo] = np.where(free[0] & free[1], ground[side], np.nan)
            alone[todo] = np.where(np.isnan(alone[todo]) & is_free, ground[side], alone[todo])
    missing = np.isnan(both[0])
    return np.where(missing, single[0], both[0]), np.where(missing, single[1], both[1])


def _normals(grid: Grid, geometry: NDArray[Any], cells: Ints) -> Floats:
    """(m, 2) unit vectors to the left of each line where it passes its cell."""
    along = shapely.line_locate_point(geometry, shapely.points(grid.x[cells], grid.y[cells]))
    behind, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(geometry, place))
        for place in (np.maximum(along - 1.0, 0.0), along + 1.0)
    )
    course = ahead - behind
    length = np.maximum(np.hypot(course[:, 0], course[:, 1]), 1e-9)
    return np.asarray(np.stack([-course[:, 1], course[:, 0]], axis=1) / length[:, None])


def _opposite(grid: Grid, middle: Ints, cell: Ints) -> Ints:
    """(m,) cell that lies as far from the middle one on the other side, −1 outside the city."""
    row = 2 * grid.row[middle] - grid.row[cell]
    col = 2 * grid.col[middle] - grid.col[cell]
    rows, cols = grid.shape
    inside = (cell >= 0) & (row >= 0) & (col >= 0) & (row < rows) & (col < cols)
    found = grid.window_index[np.where(inside, row, 0), np.where(inside, col, 0)]
    return np.where(inside, found, -1)


def _between(left: Floats, right: Floats) -> Floats:
    """Height in the middle between the sides; that of one side if the other is not there."""
    return np.where(np.isnan(left) | np.isnan(right), np.fmin(left, right), (left + right) / 2.0)


def _decks(table: gpd.GeoDataFrame, layer: str) -> NDArray[Any]:
    """Bridges as areas."""
    if layer == "railways":
        width = np.full(len(table), RAIL)
    else:
        lanes = table["lanes"].to_numpy(np.float64) if "lanes" in table else np.zeros(len(table))
        width = np.where(lanes > 0.0, lanes * LANE, WIDTH)
    decks: NDArray[Any] = shapely.buffer(np.asarray(table.geometry), width / 2.0, cap_style="flat")
    return decks


def rows_of(layers: Layers, name: str, column: str, words: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Rows of a layer whose column is one of some words."""
    if name not in layers or column not in layers[name].columns:
        return gpd.GeoDataFrame({column: []}, geometry=[])
    table = layers[name]
    return table[table[column].isin(words)]


def ids_of(table: gpd.GeoDataFrame) -> list[str]:
    """Names of the rows in their source, else their numbers."""
    if "source_id" in table.columns:
        return [str(name) for name in table["source_id"]]
    return [str(name) for name in (table["id"] if "id" in table.columns else table.index)]


def structures_of(
    kind: str, layer: str, table: gpd.GeoDataFrame, owner: Ints, cells: Ints, target: Floats
) -> list[Structure]:
    """One structure for each row that has cells with a known target."""
    known = np.isfinite(target)
    owner, cells, target = owner[known], cells[known], target[known]
    if not owner.size:
        return []
    names = ids_of(table)
    rows, first = np.unique(owner, return_index=True)
    ends = np.append(first[1:], len(owner))
    return [
        Structure(kind, layer, names[row], cells[a:b], target[a:b])
        for row, a, b in zip(rows.tolist(), first.tolist(), ends.tolist(), strict=True)
    ]
