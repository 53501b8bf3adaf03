"""Roughness and perviousness of the open ground of each cell, from a raster of land cover."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from citytwin.arrays import Bools, Floats
from citytwin.errors import RecipeError
from citytwin.grid.raster import cell_class_areas
from citytwin.grid.window import Grid
from citytwin.pipeline.cover.polygons import GroundCover, plants_of
from citytwin.sources.base import Raster
from citytwin.sources.raster.mosaic import patches

#: Columns that a table of coefficients by code must have.
COLUMNS = ("code", "name", "manning", "pervious_share", "water", "roofs")
#: A cell of which less than this is known takes its classes from the nearest one that is.
LEAST_COVERED = 0.1
#: Share of a cell below which its open ground is too small to have means of its own.
_LEAST_OPEN = 1e-6


def raster_cover(
    grid: Grid, raster: Raster, building_area: Floats, *, table: pd.DataFrame, place: str
) -> GroundCover:
    """Area-weighted means over the open ground by code.

    The ground under buildings is taken off the classes in which buildings lie (``roofs``), and off
    the others by their areas where those are too small.

    Parameters
    ----------
    grid
        Cells.
    raster
        Raster of land cover.
    building_area
        (n,) area under buildings [m²].
    table
        Coefficients by code: code, name, manning, pervious_share, water, roofs, and plants if there
        is such a column.
    place
        The table's name, for messages.

    Returns
    -------
    The cover; ``class_areas`` has an entry ``without data`` for cells filled from the nearest one.

    Raises
    ------
    RecipeError
        If the raster has a code that the table lacks, or covers no cell.
    SourceError
        If a file is broken.
    """
    found = cell_class_areas(grid, patches(grid, raster))
    rows = _rows(table, sorted(found), place)
    areas = np.array([found[code] for code in rows.index]).reshape(len(rows), len(grid))
    areas, gaps = _whole(grid, areas)
    open_ground = _open(areas, rows["roofs"].to_numpy(np.float64) > 0.0, building_area)
    manning, pervious, water = (
        rows[name].to_numpy(np.float64) for name in ("manning", "pervious_share", "water")
    )
    grass, shrub, tree = (
        np.clip(_mean(grid, open_ground, areas, own), 0.0, 1.0) for own in plants_of(rows)
    )
    class_areas = {
        str(name): float(area.sum()) for name, area in zip(rows["name"], open_ground, strict=True)
    }
    return GroundCover(
        manning=_mean(grid, open_ground, areas, manning),
        pervious_share=np.clip(_mean(grid, open_ground, areas, pervious), 0.0, 1.0),
        water_share=np.clip(water @ areas / grid.area, 0.0, 1.0),
        grass_share=grass,
        shrub_share=shrub,
        tree_share=tree,
        assumed_share=gaps.astype(np.float64),
        class_areas=class_areas | {"without data": float(grid.area[gaps].sum())},
    )


def _rows(table: pd.DataFrame, codes: list[int], place: str) -> Any:
    """Rows of the table for the codes that occur."""
    rows = _numbers(table, place)
    unknown = [code for code in codes if code not in rows.index]
    if unknown:
        raise RecipeError(
            f"the land cover raster holds the code {unknown[0]}, which the table {place} does not "
            "have: add a row for it, or give it as 'nodata' of the source"
        )
    if not codes:
        raise RecipeError(
            "the land cover raster has no data on any cell: add one that covers the city"
        )
    return rows.loc[codes]


def _numbers(table: pd.DataFrame, place: str) -> pd.DataFrame:
    """The table with its code as index, checked."""
    rows = table.copy()
    for column in COLUMNS:
        if column == "name":
            continue
        numbers = pd.to_numeric(rows[column], errors="coerce")
        if not np.isfinite(numbers).all():
            wrong = rows[column][~np.isfinite(numbers)].iloc[0]
            raise RecipeError(
                f"the table {place} holds '{wrong}' in the column '{column}': write a number there"
            )
        rows[column] = numbers
    rows.index = rows["code"].astype(int)
    if not rows.index.is_unique:
        code = rows.index[rows.index.duplicated()][0]
        raise RecipeError(f"the table {place} has the code {code} twice: take one row out")
    return rows


def _whole(grid: Grid, areas: Floats) -> tuple[Floats, Bools]:
    """Areas of the classes scaled to the whole cell; cells with little data copy the nearest."""
    known = areas.sum(axis=0)
    gaps = known < LEAST_COVERED * grid.area
    if gaps.all():
        raise RecipeError(
            "the land cover raster covers no cell by a tenth: add one that covers the city"
        )
    if gaps.any():
        places = np.column_stack([grid.x, grid.y])
        _, nearest = cKDTree(places[~gaps]).query(places[gaps])
        areas = areas.copy()
        areas[:, gaps] = areas[:, np.flatnonzero(~gaps)[nearest]]
    return areas * (grid.area / areas.sum(axis=0)), np.asarray(gaps)


def _open(areas: Floats, roofs: Bools, building_area: Floats) -> Floats:
    """Areas of the classes without what lies under buildings."""
    result = areas.copy()
    under = building_area.astype(np.float64)
    for chosen in (roofs, ~roofs):
        there = result[chosen].sum(axis=0)
        taken = np.minimum(under, there)
        kept = 1.0 - np.divide(taken, there, out=np.zeros(len(there)), where=there > 0.0)
        result[chosen] *= kept
        under = under - taken
    return result


def _mean(grid: Grid, open_ground: Floats, areas: Floats, values: Floats) -> Floats:
    """Mean over the open ground, over the whole cell where nothing of it is open."""
    left = open_ground.sum(axis=0)
    some = left > _LEAST_OPEN * grid.area
    over = np.where(some, open_ground, areas)
    return np.asarray(values @ over / over.sum(axis=0))
