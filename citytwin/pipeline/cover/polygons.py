"""Roughness and perviousness of the open ground of each cell, by class of land cover."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from citytwin.arrays import Floats
from citytwin.errors import RecipeError
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.precedence import disjoint_parts
from citytwin.grid.window import Grid
from citytwin.sources.base import Layers

#: Kinds of plants in the column ``plants`` of the tables; other ground does not burn.
PLANTS = ("grass", "shrub", "tree")


def plants_of(table: pd.DataFrame) -> Floats:
    """(3, rows) 1 where a row of a table is of a kind of ``PLANTS``; tables may lack the column.

    Raises
    ------
    RecipeError
        If the table holds another word.
    """
    kind = table["plants"] if "plants" in table.columns else pd.Series("", table.index)
    for word in kind:
        if word not in ("", *PLANTS):
            raise RecipeError(
                f"a table of land cover holds '{word}' in the column 'plants': write one of "
                f"{', '.join(PLANTS)}, or nothing"
            )
    return np.array([(kind == plant).to_numpy(np.float64) for plant in PLANTS])


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
    grass_share, shrub_share, tree_share
        (n,) share of the open ground under plants that can burn, by kind.
    assumed_share
        (n,) share of the open ground whose class nobody says.
    class_areas
        Open ground in each class [m²].
    """

    manning: Floats
    pervious_share: Floats
    water_share: Floats
    grass_share: Floats
    shrub_share: Floats
    tree_share: Floats
    assumed_share: Floats
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
        Rows in order of precedence: name, layer, class, manning, pervious_share, water, and plants
        (one of ``PLANTS`` or empty) if there is such a column.
    widths
        Width of streets: class, width_m.
    default
        Name of the row for ground that no polygon covers.
    """
    classes = table[table["name"] != default]
    rest = table[table["name"] == default].iloc[0]
    ground = np.maximum(grid.area - building_area, 0.0)
    left = ground.copy()
    sums = np.zeros((3 + len(PLANTS), len(grid)))
    plants = plants_of(classes)
    areas: dict[str, float] = {}
    covered = _covered(grid, layers, classes, widths)
    for number, (row, cover) in enumerate(zip(classes.itertuples(), covered, strict=True)):
        area = np.minimum(cover, left)
        left -= area
        sums[0] += area * row.manning
        sums[1] += area * row.pervious_share
        sums[2] += cover * float(row.water)
        sums[3:] += plants[:, number, None] * area
        areas[str(row.name)] = float(area.sum())
    sums[0] += left * rest.manning
    sums[1] += left * rest.pervious_share
    own = plants_of(table[table["name"] == default])[:, 0]
    sums[3:] += own[:, None] * left
    areas[default] = float(left.sum())
    return _means(grid, sums, ground, left, rest, areas)


def _means(
    grid: Grid, sums: Floats, ground: Floats, left: Floats, rest: Any, areas: dict[str, float]
) -> GroundCover:
    some = ground > 1e-6 * grid.area
    divisor = np.where(some, ground, 1.0)
    grass, shrub, tree = np.clip(np.where(some, sums[3:] / divisor, 0.0), 0.0, 1.0)
    return GroundCover(
        manning=np.where(some, sums[0] / divisor, rest.manning),
        pervious_share=np.clip(np.where(some, sums[1] / divisor, rest.pervious_share), 0.0, 1.0),
        water_share=np.clip(sums[2] / grid.area, 0.0, 1.0),
        grass_share=grass,
        shrub_share=shrub,
        tree_share=tree,
        assumed_share=np.where(some, left / divisor, 0.0),
        class_areas=areas,
    )


def _covered(grid: Grid, layers: Layers, classes: pd.DataFrame, widths: pd.DataFrame) -> Floats:
    """(classes, n) area of each cell that each class has [m²]; no place is counted twice."""
    shapes, half_width, rank = [], [], []
    for number, row in enumerate(classes.itertuples()):
        own, half = _class_shapes(layers, str(row.layer), str(row[3]), widths)
        shapes.append(own)
        half_width.append(half)
        rank.append(np.full(len(own), number))
    covered = np.zeros((len(classes), len(grid)))
    if not shapes:
        return covered
    ranked = (np.concatenate(parts) for parts in (shapes, half_width, rank))
    for ranks, parts in disjoint_parts(*ranked):
        shares = polygon_shares(grid, parts)
        np.add.at(covered, (ranks[shares.item], shares.cell), shares.amount)
    return covered


def _class_shapes(
    layers: Layers, layer: str, name: str, widths: pd.DataFrame
) -> tuple[NDArray[Any], Floats]:
    """Polygons of one class, or the lines of the streets; and half the width of lines [m].

    Streets in tunnels and on bridges are not on the ground.
    """
    if layer not in layers:
        return np.empty(0, dtype=object), np.empty(0)
    table = layers[layer]
    if name != "*":
        table = table[table["class"] == name]
    if layer != "roads":
        return np.asarray(table.geometry), np.zeros(len(table))
    table = table[table["structure"] == "none"]
    width = dict(zip(widths["class"], widths["width_m"].astype(float), strict=True))
    wide = np.array([width.get(kind, width["*"]) for kind in table["class"]], dtype=np.float64)
    return np.asarray(table.geometry), wide / 2.0
