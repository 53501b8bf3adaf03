"""One layer of the vector tiles in a PMTiles or MBTiles archive, whose columns the recipe names."""

import gzip
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from pydantic import Field

from citytwin.city.schema import LAYERS, POINT
from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Reading
from citytwin.sources.coordinates import coordinate_system
from citytwin.sources.mapped.mapped_reading import mapped_reading
from citytwin.sources.mapped.mapping import MappedSource
from citytwin.sources.mapped.vector_reading import Features
from citytwin.sources.pmtiles.files import open_archive, tiles_in_box
from citytwin.sources.vector_tiles.decode import Features as TileFeatures
from citytwin.sources.vector_tiles.decode import TileFile, decode, lonlat
from citytwin.sources.vector_tiles.joins import clip, join_lines, join_polygons


@sources.register
class TileArchive(MappedSource):
    """One layer of vector tiles in an archive: ``.pmtiles`` (version 3), or ``.mbtiles``.

    Features that tile edges cut are joined again where the columns that the recipe names agree.
    """

    name: ClassVar[str] = "pmtiles"

    tile_layer: str = Field(description="Layer inside the tiles")
    zoom: int | None = Field(
        default=None, ge=0, le=24, description="Zoom to read; the archive's last if left out"
    )

    def read(self, folder: Path, box: Box) -> Reading:
        """Read the tiles in the box; see :class:`Source`."""
        path = self.place(folder)
        where = f"the layer {self.tile_layer} of {path}"
        with open_archive(path) as archive:
            zoom = archive.zooms[1] if self.zoom is None else self.zoom
            features, found = _decoded(
                path, lambda: tiles_in_box(path, archive, box, zoom), self.tile_layer
            )
        if not found:
            remark = f"no tile of {path} at zoom {zoom} lies in the box of the city"
            return Reading(remarks=[remark])
        if features is None:
            raise SourceError(
                f"{path} has no tile layer '{self.tile_layer}' in the box: 'tile_layer' in the "
                f"recipe must be one of {', '.join(sorted(found))}"
            )
        names = sorted({name for properties in features.properties for name in properties})
        self.check_columns(names, where)
        table = self._table(features, names, zoom)
        system = coordinate_system("EPSG:4326", where)
        bounds = np.asarray(table.total_bounds, dtype=np.float64)
        reading = mapped_reading(self, Features(table, system, names, bounds), box, where)
        remark = f"{len(features)} pieces of {where}, {len(table)} joined"
        return Reading(reading.layers, faults=reading.faults, remarks=[remark, *reading.remarks])

    def _table(self, features: TileFeatures, names: list[str], zoom: int) -> gpd.GeoDataFrame:
        """Joined features in degrees, with the columns that the recipe names."""
        wanted = [name for name in names if name in self.theirs()]
        dimension = LAYERS[self.layer].dimension
        parts = [
            _joined(features, wanted, each)
            for each in ((0, 1, 2) if dimension == POINT else (dimension,))
        ]
        geometry = np.concatenate([shapes for shapes, _ in parts])
        rows = [key for _, keys in parts for key in keys]
        columns = {
            name: pd.Series([row[number] for row in rows], dtype=object)
            for number, name in enumerate(wanted)
        }
        moved = shapely.transform(geometry, lambda points: lonlat(points, zoom))
        return gpd.GeoDataFrame(columns, geometry=moved, crs="EPSG:4326")


def _joined(features: TileFeatures, wanted: list[str], dimension: int) -> tuple[Any, list[Any]]:
    """Features of one dimension made whole, and their attributes."""
    pieces = clip(features, lambda row: tuple(row.get(name) for name in wanted), dimension)
    if dimension == 2:
        return join_polygons(pieces)
    if dimension == 1:
        return join_lines(pieces)
    return pieces.geometry, list(pieces.key)


def _decoded(
    path: Path, tiles: Callable[[], Iterable[TileFile]], layer: str
) -> tuple[TileFeatures | None, set[str]]:
    """Features of one layer of all tiles, ``None`` if no tile has it, and the layers there are."""
    found: set[str] = set()
    try:
        parts = [_one_layer(tile, layer, found) for tile in tiles()]
        wanted = [part for part in parts if part is not None]
        return (decode(wanted)[layer] if wanted else None), found
    except SourceError:
        raise
    except Exception as error:  # readers raise anything on a broken file
        raise SourceError(
            f"{path} cannot be read as an archive of tiles: it is cut short or broken, "
            "so get it again from its source"
        ) from error


def _one_layer(tile: TileFile, layer: str, found: set[str]) -> TileFile | None:
    """The tile with one of its layers only, since decoding the others takes most of the time."""
    packed = tile.content[:2] == b"\x1f\x8b"
    whole = vector_tile_pb2.tile()
    whole.ParseFromString(gzip.decompress(tile.content) if packed else tile.content)
    found.update(str(each.name) for each in whole.layers)
    kept = [each for each in whole.layers if each.name == layer and len(each.features)]
    if not kept:
        return None
    part = vector_tile_pb2.tile(layers=kept)
    return replace(tile, content=part.SerializeToString())
