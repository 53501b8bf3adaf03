"""Layers to cells: the grid of a city, and how much of each feature lies in each cell."""

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from citytwin.grid.overlay import Shares, line_shares, polygon_shares
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.values import Values
from citytwin.sources.base import Box


def lattice(box: Box, resolution: int) -> Values:
    """Cells that cover a box; see :func:`grid_of`."""
    grid = cover(box, resolution)
    return {
        "cells": grid.cells,
        "row": grid.row,
        "col": grid.col,
        "frame": {"shape": list(grid.shape), "crs": grid.crs, "resolution": resolution},
    }


def grid_of(values: Any) -> Grid:
    """The grid that :func:`lattice` found."""
    frame = values["frame"]
    return Grid(
        resolution=frame["resolution"],
        cells=values["cells"],
        row=values["row"],
        col=values["col"],
        shape=(frame["shape"][0], frame["shape"][1]),
        crs=frame["crs"],
    )


def polygons_to_cells(grid: Grid, geometry: NDArray[Any]) -> Values:
    """Area [m²] of each polygon in each cell; see :func:`shares_of`."""
    return _values(polygon_shares(grid, geometry))


def lines_to_cells(grid: Grid, geometry: NDArray[Any]) -> Values:
    """Length [m] of each line in each cell; see :func:`shares_of`."""
    return _values(line_shares(grid, geometry))


def shares_of(values: Any) -> Shares:
    """The shares that a step of this module found."""
    return Shares(values["item"], values["cell"], values["amount"])


def with_length(table: gpd.GeoDataFrame, crs: str) -> Values:
    """Roads with their length [m], measured in the city's plane."""
    return {"table": table.assign(length=np.asarray(table.geometry.to_crs(crs).length))}


def _values(shares: Shares) -> Values:
    return {"item": shares.item, "cell": shares.cell, "amount": shares.amount}
