"""Roughness and perviousness of the open ground of each cell, by class of land cover."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Floats
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid
from citytwin.sources.base import Layers

#: Sides of a quarter circle in the round ends of streets.
_ROUND = 2


@dataclass(frozen=True, eq=False)
class GroundCover:
    """Means over the open ground of each cell.

    Attributes
    ----------
    manning
        (n,) Manning's roughness [s/m^(1/3)].
    pervious_share
        (n,) share of the open ground that water can enter.
    water_share
        (n,) share of the cell under standing water.
    class_areas
        Open ground in each class [m²].
    """

    manning: Floats
    pervious_share: Floats
    water_share: Floats
    class_areas: dict[str, float]


def ground_cover(
    grid: Grid,
    layers: Layers,
    building_area: Floats,
    *,
    table: pd.DataFrame,
    widths: pd.DataFrame,
    default: str,
) -> GroundCover:
    """Area-weighted means by class; the first row of the table that covers a place counts.

    Parameters
    ----------
    grid
        Cells.
    layers
        Layers of the city in the city's plane [m].
    building_area
        (n,) area under buildings [m²]; ground below them is not counted.
    table
        Rows in order of precedence: name, layer, class, manning, pervious_share, water.
    widths
        Width of streets: class, width_m.
    default
        Name of the row for ground that no polygon covers.
    """
    taken: Any = shapely.MultiPolygon()
    left = np.maximum(grid.area - building_area, 0.0)
    sums = np.zeros((3, len(grid)))
    areas: dict[str, float] = {}
    rest = table[table["name"] == default].iloc[0]
    for row in table[table["name"] != default].itertuples():
        shape = _class_area(layers, str(row.layer), str(row[3]), widths)
        own = shapely.difference(shape, taken)
        taken = shapely.union(taken, shape)
        parts = shapely.get_parts(own)
        parts = parts[shapely.get_dimensions(parts) == 2]
        covered = polygon_shares(grid, parts).per_cell(grid) if len(parts) else np.zeros(len(grid))
        area = np.minimum(covered, left)
        left = left - area
        sums += area * np.array([[row.manning], [row.pervious_share], [0.0]])
        sums[2] += covered * float(row.water)
        areas[str(row.name)] = float(area.sum())
    sums[:2] += left * np.array([[rest.manning], [rest.pervious_share]])
    areas[default] = float(left.sum())
    return _means(grid, sums, building_area, rest, areas)


def _means(
    grid: Grid, sums: Floats, building_area: Floats, rest: Any, areas: dict[str, float]
) -> GroundCover:
    ground = np.maximum(grid.area - building_area, 0.0)
    some = ground > 1e-6 * grid.area
    divisor = np.where(some, ground, 1.0)
    return GroundCover(
        manning=np.where(some, sums[0] / divisor, rest.manning),
        pervious_share=np.clip(np.where(some, sums[1] / divisor, rest.pervious_share), 0.0, 1.0),
        water_share=np.clip(sums[2] / grid.area, 0.0, 1.0),
        class_areas=areas,
    )


def _class_area(layers: Layers, layer: str, name: str, widths: pd.DataFrame) -> Any:
    """Union of the polygons of one class, or of the streets with their widths."""
    if layer not in layers:
        return shapely.MultiPolygon()
    table = layers[layer]
    if name != "*":
        table = table[table["class"] == name]
    if layer == "roads":
        return shapely.union_all(_street_areas(table, widths))
    return shapely.union_all(np.asarray(table.geometry))


def _street_areas(roads: gpd.GeoDataFrame, widths: pd.DataFrame) -> NDArray[Any]:
    """Streets as areas; those in tunnels and on bridges are not on the ground."""
    ground = roads[roads["structure"] == "none"]
    width = dict(zip(widths["class"], widths["width_m"].astype(float), strict=True))
    half = np.array([width.get(name, width["*"]) for name in ground["class"]], float) / 2.0
    areas: NDArray[Any] = shapely.buffer(np.asarray(ground.geometry), half, quad_segs=_ROUND)
    return areas
