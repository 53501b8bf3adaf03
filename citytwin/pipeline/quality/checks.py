"""Where data are missing: ground, streets and buildings that should be there and are not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.window import Grid

#: Distance from which a building without a street, or a street without a building, is strange,
#: and a place without anything [m].
FAR_STREET, FAR_BUILDING, FAR_ANYTHING = 500.0, 300.0, 500.0
#: Side of the blocks on which distances are measured [m]; wider where the cells are.
_BLOCK = 50.0
#: Share of the open ground without a class from which nothing is said about a cell.
_UNSAID = 0.999

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Square blocks over the city.

    Attributes
    ----------
    of_cell
        (n,) block of each cell.
    shape
        Rows and columns.
    side
        Side of a block [m].
    """

    of_cell: Ints
    shape: tuple[int, int]
    side: float

    def with_any(self, cells: Bools) -> NDArray[np.bool_]:
        """(rows, cols) blocks with any of some cells."""
        found = np.zeros(self.shape[0] * self.shape[1], dtype=bool)
        found[self.of_cell[cells]] = True
        return found.reshape(self.shape)

    def far(self, cells: Bools, metres: float) -> Bools:
        """(n,) cells whose block lies farther than some metres from every block of ``cells``."""
        near = self.with_any(cells)
        if not near.any():
            return np.ones(len(self.of_cell), dtype=bool)
        distance = distance_transform_edt(~near) * self.side
        return np.asarray(distance.ravel()[self.of_cell] > metres)

    def largest(self, cells: Bools) -> Bools:
        """(n,) those of some cells that lie in the largest connected group of blocks."""
        groups, _ = label(self.with_any(cells), structure=np.ones((3, 3)))
        of_cell = groups.ravel()[self.of_cell]
        counts = np.bincount(of_cell[cells])
        return np.asarray(cells & (of_cell == int(np.argmax(counts))))


def holes(grid: Grid, cells: Mapping[str, Floats], residential: Floats) -> list[Row]:
    """Rows of the table ``checks`` for what is missing; nothing for what is not.

    Parameters
    ----------
    grid
        Cells.
    cells
        (n,) building_area, street_length, water_share, cover_assumed and ground_assumed.
    residential
        (n,) length of residential streets [m].
    """
    blocks = _blocks(grid)
    built, streets = cells["building_area"] > 0.0, cells["street_length"] > 0.0
    said = (cells["cover_assumed"] < _UNSAID) | (cells["water_share"] > 0.0)
    area = np.asarray(cells["building_area"])
    found = [
        ("no_streets", "roads", built & blocks.far(streets, FAR_STREET), area, "m2", FAR_STREET),
        (
            "no_buildings",
            "buildings",
            (residential > 0.0) & blocks.far(built, FAR_BUILDING),
            residential,
            "m",
            FAR_BUILDING,
        ),
        (
            "nothing",
            "",
            blocks.far(built | streets | said, FAR_ANYTHING),
            grid.area,
            "m2",
            FAR_ANYTHING,
        ),
    ]
    return [
        _hole(grid, blocks, name, layer, where, amount, unit, metres=metres)
        for name, layer, where, amount, unit, metres in found
        if where.any()
    ]


def filled_ground(grid: Grid, ground_assumed: Floats) -> list[Row]:
    """Row for cells of a ground that were filled in."""
    where = ground_assumed > 0.5
    if not where.any():
        return []
    return [_hole(grid, _blocks(grid), "no_ground", "", where, grid.area, "m2")]


def check(
    name: str, layer: str, count: int, amount: float, unit: str, share: float, **facts: Any
) -> Row:
    """One row of the table ``checks``."""
    return {
        "name": name,
        "layer": layer,
        "count": count,
        "amount": amount,
        "unit": unit,
        "share": share,
        "facts": json.dumps(facts, sort_keys=True),
    }


def checks_table(rows: list[Row]) -> pd.DataFrame:
    """Rows as the table ``checks``."""
    kinds = {"name": str, "layer": str, "count": np.int64, "amount": np.float64}
    kinds |= {"unit": str, "share": np.float64, "facts": str}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def _hole(
    grid: Grid,
    blocks: _Blocks,
    name: str,
    layer: str,
    where: Bools,
    amount: Floats,
    unit: str,
    **facts: float,
) -> Row:
    """A hole, with the middle of its largest part."""
    part = blocks.largest(where)
    middle = np.array([grid.x[part].mean()]), np.array([grid.y[part].mean()])
    lon, lat = grid.unproject(*middle)
    total = float(amount.sum())
    missing = float(amount[where].sum())
    place = {"lon": round(float(lon[0]), 5), "lat": round(float(lat[0]), 5)}
    share = missing / total if total else 0.0
    return check(name, layer, int(where.sum()), missing, unit, share, **facts, **place)


def _blocks(grid: Grid) -> _Blocks:
    side = max(_BLOCK, float(np.sqrt(grid.area.mean())))
    row = ((grid.y.max() - grid.y) / side).astype(np.int64)
    col = ((grid.x - grid.x.min()) / side).astype(np.int64)
    shape = (int(row.max()) + 1, int(col.max()) + 1)
    return _Blocks(row * shape[1] + col, shape, side)
