"""Buildings with height, levels, floor area and share of homes, and where each figure is from."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citytwin.arrays import Floats
from citytwin.city.store import connect_new, read_layer, run_sql, write_columns, write_layer
from citytwin.pipeline.values import Values

#: Classes of land use on which people live; schools, hospitals, parks and the like are not.
HOME_GROUNDS = ("residential", "farmland", "village_green")
#: Heights that no building has [m]; they are taken as not known.
LOWEST, HIGHEST = 0.5, 1000.0


def buildings(
    table: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame | None,
    landuse: gpd.GeoDataFrame | None,
    kinds: pd.DataFrame,
    crs: str,
    settings: dict[str, float],
) -> Values:
    """Complete the layer ``buildings``.

    Parameters
    ----------
    table
        The layer as the sources give it.
    parts, landuse
        Layers ``building_parts`` and ``landuse``, if there are any.
    kinds
        Share of the floor area that is homes, by kind: kind, home_share.
    crs
        The city's plane, in which areas are measured.
    settings
        storey_height, default_height [m] and smallest_home [m²].

    Returns
    -------
    ``table``: with area [m²], height [m], ``height_from`` (source, parts, levels or assumed),
    levels, floor_area [m²] and home_share; ``faults``: heights that no building has.
    """
    connection = connect_new(None)
    try:
        area = np.asarray(table.geometry.to_crs(crs).area)
        known, faults = _plausible(table)
        write_layer(connection, "buildings", known)
        write_columns(connection, "footprints", {"id": table["id"].to_numpy(), "area": area})
        write_columns(connection, "part_tops", _part_tops(known, parts))
        homes = {"kind": kinds["kind"].to_list(), "home_share": kinds["home_share"].to_numpy(float)}
        write_columns(connection, "building_kinds", homes)
        write_layer(connection, "grounds", _grounds_without_homes(landuse))
        run_sql(connection, "01_floor_area", settings)
        return {"table": read_layer(connection, "buildings"), "faults": faults}
    finally:
        connection.close()


def _plausible(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Heights and levels that a building can have; what was taken away, as faults."""
    height, levels = table["height"], table["levels"]
    # Some sources say 0 for "not known": no fault.
    tall = ((height > HIGHEST) | ((height < LOWEST) & (height != 0.0))).to_numpy()
    many = ((levels > HIGHEST / 2.0) | (levels < 0.0)).to_numpy()
    known = table.assign(
        height=height.mask(tall | (height == 0.0).to_numpy()),
        levels=levels.mask(many | (levels == 0.0).to_numpy()),
    )
    faults = [
        pd.DataFrame(
            {
                "layer": "buildings",
                "source_id": table.loc[bad, "source_id"],
                "fault": [f"{word} {value:g} is no {word} of a building" for value in values[bad]],
                "action": "repaired",
            },
            dtype=str,
        )
        for bad, values, word in ((tall, height, "height"), (many, levels, "levels"))
    ]
    return known, pd.concat(faults, ignore_index=True)


def _part_tops(table: gpd.GeoDataFrame, parts: gpd.GeoDataFrame | None) -> dict[str, Floats]:
    """Greatest height and levels of the parts inside each building that has parts."""
    empty: dict[str, Any] = {"id": np.empty(0, np.int64), "top": np.empty(0), "most": np.empty(0)}
    if parts is None or not len(parts):
        return empty
    inside = shapely.point_on_surface(np.asarray(parts.geometry))
    tree = shapely.STRtree(np.asarray(table.geometry))
    part, building = tree.query(inside, predicate="intersects")
    found = pd.DataFrame(
        {
            "id": table["id"].to_numpy()[building],
            "top": parts["height"].to_numpy()[part],
            "most": parts["levels"].to_numpy()[part],
        }
    )
    tops = found.groupby("id", as_index=False).max()
    return {name: tops[name].to_numpy() for name in empty}


def _grounds_without_homes(landuse: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Land use where a building of no stated kind is taken to be no home."""
    if landuse is None:
        return gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326")
    return landuse.loc[~landuse["class"].isin(HOME_GROUNDS), ["id", "geometry"]]
