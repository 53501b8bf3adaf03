"""What is drawn twice: outer ways of tagged relations, and buildings on the same outline."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citytwin.sources.base import Fault
from citytwin.sources.osm_pbf.relations import AreaRelations

#: Layers of areas, and the column in which a way and its relation must agree to be the same
#: thing; buildings always are.
SAME = {
    "buildings": "",
    "building_parts": "",
    "boundaries": "admin_level",
    "pois": "kind",
    **dict.fromkeys(("landuse", "landcover", "water", "facilities", "components"), "class"),
}


def drop_outlines(
    layer: str, table: gpd.GeoDataFrame, relations: AreaRelations
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Drop ways that are the outer ring of a relation of the same layer: it is the same thing.

    Parameters
    ----------
    layer
        Name of the layer.
    table
        Its rows, with ``source_id``.
    relations
        Relations with their ways.
    """
    outlines = relations.outlines(layer)
    if not outlines:
        return table, []
    column = SAME[layer]
    known = dict(zip(table["source_id"], table[column], strict=True)) if column else {}
    twins = [
        name
        for name in table["source_id"]
        if name in outlines and known.get(name) == known.get(outlines[name])
    ]
    faults = [
        Fault(layer, name, f"it is the outline of {outlines[name]}, which is taken", "dropped")
        for name in twins
    ]
    return table[~table["source_id"].isin(twins)].reset_index(drop=True), faults


def drop_twins(layer: str, table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Drop areas that have the same outline as one before them."""
    bounds = pd.DataFrame(table.bounds)
    alike = np.flatnonzero(bounds.duplicated(keep=False))
    outlines = pd.Series(
        shapely.to_wkb(shapely.normalize(table.geometry.array[alike])), index=alike, dtype=object
    )
    first = outlines.groupby(outlines).transform(lambda group: group.index[0])
    later = first[first.index != first.to_numpy()]
    names = table["source_id"].to_numpy()
    faults = [
        Fault(layer, names[row], f"it has the same outline as {names[other]}", "dropped")
        for row, other in later.items()
    ]
    return table.drop(index=later.index).reset_index(drop=True), faults
