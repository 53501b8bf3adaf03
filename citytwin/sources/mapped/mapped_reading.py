"""From features as a file has them to a layer as the city wants it: mapped, placed, in the box."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citytwin.arrays import Bools
from citytwin.sources.base import Box, Fault, Layers, Reading
from citytwin.sources.coordinates import box_in, explain_absence, to_lonlat
from citytwin.sources.mapped.mapping import MappedSource
from citytwin.sources.mapped.mapping_columns import mapped
from citytwin.sources.mapped.vector_reading import Features
from citytwin.sources.street_splits import split_streets


def mapped_reading(source: MappedSource, features: Features, box: Box, where: str) -> Reading:
    """One layer from the features of a file.

    Parameters
    ----------
    source
        The source with its mapping.
    features
        What the file holds, in the file's own system.
    box
        West, south, east, north of the city [degrees].
    where
        The file, for messages.

    Raises
    ------
    SourceError
        If a column does not exist, or the coordinates cannot be in the stated system.
    """
    source.check_columns([*features.names, "source_id"], where)
    near = box_in(features.system, box)
    raw = features.table if near is None else features.table.loc[meets(features.table, near)]
    table, remarks = mapped(source, raw, where)
    kept = len(table)
    table, faults = to_lonlat(table, features.system, where, source.layer)
    table = table.loc[meets(table, box)].reset_index(drop=True)
    if table.empty and kept < len(raw):
        remarks.append(f"'where' in the recipe keeps nothing that {where} has in the box")
    elif table.empty:
        remarks.append(explain_absence(features.bounds, features.system, box, where))
    if source.layer == "roads" and source.split_crossings:
        table = split_streets(table)
    return Reading({source.layer: table}, faults=faults, remarks=remarks)


def meets(table: gpd.GeoDataFrame, box: Box) -> Bools:
    """Rows whose bounds meet the box, and those without a place, for the build to name them."""
    west, south, east, north = shapely.bounds(np.asarray(table.geometry.values)).reshape(-1, 4).T
    apart = (west > box[2]) | (east < box[0]) | (south > box[3]) | (north < box[1])
    return np.asarray(~apart)


def joined(readings: Iterable[Reading]) -> Reading:
    """Several readings of the same layers as one, in their order."""
    parts = list(readings)
    layers: Layers = {}
    for name in dict.fromkeys(name for part in parts for name in part.layers):
        tables = [part.layers[name] for part in parts if name in part.layers]
        filled = [table for table in tables if len(table)] or tables[:1]
        whole = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
        layers[name] = gpd.GeoDataFrame(whole, geometry="geometry", crs="EPSG:4326")
    faults: list[Fault] = [fault for part in parts for fault in part.faults]
    remarks = [remark for part in parts for remark in part.remarks]
    dates = sorted(part.date for part in parts if part.date)
    return Reading(layers, faults=faults, remarks=remarks, date=dates[-1] if dates else "")
