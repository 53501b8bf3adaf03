"""Totals by district: cells by the exact share of their area, buildings by a point inside.

Districts of one admin level shall neither overlap nor leave holes. Where they overlap, the
smaller one keeps the ground, for that is what an enclave is; what no district covers goes to a
row of its own. So the rows of a level add up to the city.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats, Ints
from citytwin.errors import BalanceError
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid
from citytwin.pipeline.district_outlines import disjoint
from citytwin.pipeline.outlines import box_in_plane, in_plane, lonlat
from citytwin.sources.base import Box

#: Relative difference of a total of the city from its districts above which a build fails.
TOLERANCE = 1e-9
#: Share of a cell that is only rounding of an outline.
ROUNDING = 1e-6
#: Name of the row for what no district of a level covers.
OUTSIDE = "outside any district"


@dataclass(frozen=True, eq=False)
class Districts:
    """Totals by district.

    Attributes
    ----------
    table
        One row a district: id, name, admin_level (NaN where not known), area [m²] inside the box,
        cells (shares added up), buildings (by a point inside), and the sums of the layers. Each
        level ends with a row for what no district covers: its id is negative.
    shares
        Cells of each district: district (``id`` in ``table``), cell (H3 index), share of that
        part of the cell that is inside the box. The shares of a cell add up to one in each level.
    remarks
        Overlaps and holes, in sentences.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    remarks: list[str]


def districts(
    grid: Grid,
    box: Box,
    boundaries: gpd.GeoDataFrame,
    layers: Mapping[str, Floats],
    buildings: NDArray[Any],
) -> Districts:
    """Totals of layers by district, for each admin level.

    A cell on a border gives each side the share of its area that lies there, so that sums here
    and sums of a hazard's impact on cells go by the same shares. A building counts whole where
    its representative point lies.

    Parameters
    ----------
    grid
        Cells; they cover the box.
    box
        West, south, east, north of the city [degrees].
    boundaries
        Layer ``boundaries`` with id (from one), name and admin_level.
    layers
        Quantities on the cells that add up, by name: (n,) each.
    buildings
        (p,) outlines in the city's plane [m].

    Raises
    ------
    BalanceError
        If the rows of a level do not add up to the city.
    """
    inside = polygon_shares(grid, np.array([box_in_plane(grid, box)])).per_cell(grid)
    points = shapely.point_on_surface(buildings)
    outlines = in_plane(grid, shapely.intersection(lonlat(boundaries), shapely.box(*box)))
    levels = boundaries["admin_level"].to_numpy(np.float64)
    tables, shares, remarks = [], [], []
    for number, level in enumerate(np.unique(levels) if len(levels) else [np.nan], start=1):
        member = np.flatnonzero((levels == level) | (np.isnan(levels) & np.isnan(level)))
        names = boundaries["name"].to_numpy(object)[member]
        ground, words = disjoint(outlines[member], names)
        remarks += [f"{_called(level)}: {word}" for word in words]
        part = _shares(grid, inside, ground)
        table = pd.DataFrame(
            {
                "id": np.append(boundaries["id"].to_numpy(np.int64)[member], -number),
                "name": np.append(names, OUTSIDE).astype(str),
                "admin_level": level,
                "area": _sums(part, inside),
                "cells": _sums(part, np.ones(len(grid))),
                "buildings": _numbers_inside(ground, points),
            }
            | {name: _sums(part, values) for name, values in layers.items()}
        )
        _check(table, layers, _called(level))
        tables.append(table)
        shares.append(
            pd.DataFrame(
                {
                    "district": table["id"].to_numpy()[part.district],
                    "cell": grid.cells[part.cell],
                    "share": part.share,
                }
            )
        )
    return Districts(
        pd.concat(tables, ignore_index=True), pd.concat(shares, ignore_index=True), remarks
    )


@dataclass(frozen=True, eq=False)
class _Shares:
    """Number of districts (the last is outside all); district, cell by position, share."""

    districts: int
    district: Ints
    cell: Ints
    share: Floats


def _shares(grid: Grid, inside: Floats, ground: NDArray[Any]) -> _Shares:
    """Shares of the cells in districts that do not overlap, and outside them; one in sum."""
    found = polygon_shares(grid, ground)
    within = inside[found.cell]
    share = np.divide(found.amount, within, out=np.zeros_like(within), where=within > 0.0)
    keep = share > ROUNDING
    district, cell, share = found.item[keep], found.cell[keep], share[keep]
    total = np.bincount(cell, share, len(grid))
    full = total > 1.0 - ROUNDING
    share = share / np.where(full, total, 1.0)[cell]
    rest = np.flatnonzero(~full)
    return _Shares(
        len(ground) + 1,
        np.append(district, np.full(rest.size, len(ground))).astype(np.int64),
        np.append(cell, rest).astype(np.int64),
        np.append(share, 1.0 - total[rest]),
    )


def _sums(part: _Shares, values: Floats) -> Floats:
    """Sum of a quantity on cells in each district, the last outside all."""
    weighted = part.share * values[part.cell]
    return np.bincount(part.district, weighted, part.districts).astype(np.float64)


def _numbers_inside(ground: NDArray[Any], points: NDArray[Any]) -> Ints:
    """Number of points in each district, the last outside all; none counts twice."""
    district, point = shapely.STRtree(points).query(ground, predicate="intersects")
    home = np.full(len(points), len(ground), dtype=np.int64)
    np.minimum.at(home, point, district)
    return np.bincount(home, minlength=len(ground) + 1).astype(np.int64)


def _called(level: float) -> str:
    return "admin level not known" if np.isnan(level) else f"admin level {level:g}"


def _check(table: pd.DataFrame, layers: Mapping[str, Floats], level: str) -> None:
    for name, values in layers.items():
        city, rows = float(values.sum()), float(table[name].sum())
        if not abs(rows - city) <= TOLERANCE * abs(city):
            raise BalanceError(
                f"{name} is {city:.6f} in the city and {rows:.6f} in its districts of {level}: "
                "this is a fault of citytwin, please report it with the recipe"
            )
