"""OpenStreetMap extracts in PBF: buildings, streets, ground, water, places, parts of the city."""

from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Fault, Layers, Reading, Source
from citytwin.sources.osm_pbf.coast import divide
from citytwin.sources.osm_pbf.doubles import drop_outlines, drop_twins
from citytwin.sources.osm_pbf.geometry import in_box
from citytwin.sources.osm_pbf.reader import OsmReader
from citytwin.sources.osm_pbf.stream import PbfFile
from citytwin.sources.osm_pbf.topology import split_at_shared_nodes


@sources.register
class OsmPbf(Source):
    """An OpenStreetMap extract (``.osm.pbf``).

    Reads buildings and their parts, roads, railways, landuse, landcover, water with the sea,
    waterways, coastline, barriers, boundaries, pois, facilities, components, places and peaks.
    """

    name: ClassVar[str] = "osm_pbf"

    def read(self, folder: Path, box: Box) -> Reading:
        """Read what meets the box; see :class:`Source`."""
        file = PbfFile(self.place(folder))
        reader = OsmReader(file, box)
        reader.read()
        layers, faults = _tables(reader, box)
        if not any(len(table) for table in layers.values()):
            raise SourceError(
                f"{file.path} has nothing inside the box {box}: give an extract that covers it"
            )
        remarks = [*reader.remarks, *_covered(file, box), *_close_sea(layers, box)]
        layers = {name: table for name, table in layers.items() if len(table)}
        return Reading(
            layers, faults=[*reader.faults, *faults], remarks=remarks, date=self.date or file.date
        )


def _tables(reader: OsmReader, box: Box) -> tuple[Layers, list[Fault]]:
    """Tables of all layers, without what is there twice, streets split."""
    layers: Layers = {}
    faults: list[Fault] = []
    for name, collector in reader.collectors.items():
        table, doubles = drop_outlines(name, collector.table(), reader.relations)
        faults += doubles
        if name in ("buildings", "building_parts"):
            table, doubles = drop_twins(name, table)
            faults += doubles
        layers[name] = table
    layers["roads"] = _streets(layers["roads"], box)
    return layers, faults


def _streets(ways: gpd.GeoDataFrame, box: Box) -> gpd.GeoDataFrame:
    """Ways split where they meet, what meets the box of them."""
    pieces = split_at_shared_nodes(ways)
    geometry, meets = in_box(np.asarray(pieces.geometry.array, dtype=object), box)
    return pieces.set_geometry(geometry, crs=ways.crs)[meets].reset_index(drop=True)


def _covered(file: PbfFile, box: Box) -> list[str]:
    """A remark where the file says that it does not cover the box."""
    if file.box is None:
        return []
    west, south, east, north = file.box
    if west <= box[0] and south <= box[1] and east >= box[2] and north >= box[3]:
        return []
    bounds = ", ".join(f"{value:.4f}" for value in file.box)
    return [f"{file.path.name} covers {bounds} only, which is less than the box"]


def _close_sea(layers: Layers, box: Box) -> list[str]:
    """Add the sea to the water."""
    coast = layers["coastline"]
    shore = divide(np.asarray(coast.geometry.array, dtype=object), box)
    if len(shore.sea):
        order = np.lexsort(shapely.bounds(shore.sea).T[::-1])
        columns: dict[str, Any] = {
            "source_id": [f"coastline#{number + 1}" for number in range(len(order))],
            "class": "sea",
            "name": "",
        }
        sea = gpd.GeoDataFrame(columns, geometry=shore.sea[order], crs="EPSG:4326")
        water = [table for table in (layers["water"], sea) if len(table)]
        layers["water"] = pd.concat(water, ignore_index=True)
    return list(shore.remarks)
