"""Land cover of a city's cells as a step of a build: polygons and streets, a raster elsewhere."""

from dataclasses import asdict

import geopandas as gpd
import numpy as np
import pandas as pd

from citytwin.arrays import Floats
from citytwin.grid.window import Grid
from citytwin.pipeline.cover.pixels import raster_cover
from citytwin.pipeline.cover.polygons import PLANTS, GroundCover, ground_cover, plants_of
from citytwin.pipeline.values import Values
from citytwin.sources.base import Raster


def cover(
    grid: Grid,
    layers: dict[str, gpd.GeoDataFrame],
    building_area: Floats,
    table: pd.DataFrame,
    widths: pd.DataFrame,
    default: str,
    raster: Raster | None,
    codes: pd.DataFrame | None,
    place: str,
) -> Values:
    """Roughness and perviousness; the fields of :class:`GroundCover` by name.

    Polygons and streets count first, see :func:`ground_cover`; the ground that they leave is as
    the raster says, see :func:`raster_cover`, and as the row ``default`` where there is none.

    Parameters
    ----------
    grid, layers, building_area, table, widths, default
        As in :func:`ground_cover`.
    raster, codes, place
        Raster of land cover, if there is one, its table of coefficients and the table's name.
    """
    polygons = ground_cover(
        grid, layers, building_area, table=table, widths=widths, default=default
    )
    if raster is None or codes is None:
        return asdict(polygons)
    pixels = raster_cover(grid, raster, building_area, table=codes, place=place)
    rest = table[table["name"] == default].iloc[0]
    return asdict(_together(grid, building_area, polygons, pixels, table, rest))


def _together(
    grid: Grid,
    building_area: Floats,
    polygons: GroundCover,
    pixels: GroundCover,
    table: pd.DataFrame,
    rest: pd.Series,
) -> GroundCover:
    """Pixels in place of the default on the share of the ground that no polygon covers."""
    share = polygons.assumed_share
    open_share = np.maximum(1.0 - building_area / grid.area, 0.0)
    areas = {name: area for name, area in polygons.class_areas.items() if name != rest["name"]}
    left = float((share * open_share * grid.area).sum())
    own = plants_of(table[table["name"] == rest["name"]])[:, 0]
    plants = {}
    for plant, here in zip(PLANTS, own, strict=True):
        name = f"{plant}_share"
        change = share * (getattr(pixels, name) - here)
        plants[name] = np.clip(getattr(polygons, name) + change, 0.0, 1.0)
    return GroundCover(
        manning=polygons.manning + share * (pixels.manning - rest["manning"]),
        pervious_share=np.clip(
            polygons.pervious_share + share * (pixels.pervious_share - rest["pervious_share"]),
            0.0,
            1.0,
        ),
        water_share=np.clip(
            polygons.water_share + share * open_share * pixels.water_share, 0.0, 1.0
        ),
        **plants,
        assumed_share=share * pixels.assumed_share,
        class_areas=areas | {"by raster": left},
    )
