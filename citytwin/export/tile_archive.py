"""PMTiles: one file of vector tiles for maps in the browser."""

import gzip
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from citytwin.errors import InputError
from citytwin.export.coarse_cells import coarse_cells
from citytwin.export.columns import CELLS
from citytwin.export.files import File
from citytwin.export.selection import Selection, Table
from citytwin.export.tiles import Tiler, Tiles, first_zooms, joined

#: Layers of a map, if none are chosen.
MAP = ("landuse", "water", "roads", "buildings", CELLS)
LOW = 10
#: Cells of this much lower a resolution than the zoom are a few thousand in a tile.
_ABOVE = 3


def write_pmtiles(selection: Selection, folder: Path) -> list[File]:
    """Write ``pmtiles/map.pmtiles``: zooms 10 to 15, or 16 where cells are that small.

    Polygons appear at the zoom where they are about one step of a screen wide, streets by class,
    and cells at each zoom with a resolution that fits. At the highest zoom all is there but what is
    smaller than a step of a tile (0.3 m at zoom 15).

    Raises
    ------
    InputError
        If the package pmtiles is missing, or nothing chosen has a feature.
    """
    try:
        from pmtiles.tile import zxy_to_tileid  # noqa: PLC0415
    except ImportError as error:
        raise InputError(
            "the format pmtiles needs the package pmtiles: pip install 'citytwin[export]'"
        ) from error
    high = 16 if selection.city.resolution >= 13 else 15
    wanted = selection.layers if selection.chosen else MAP
    names = [name for name in wanted if name in selection.layers]
    tables = [table for name in names if len((table := selection.table(name)).frame)]
    if not tables:
        raise InputError("the format pmtiles has nothing to show: choose a layer with features")
    found: dict[int, bytes] = {}
    with Tiler() as tiler:
        for table in tables:
            if table.name != CELLS:
                tiler.load(table.name, table.frame, first_zooms(table.frame, LOW, high))
        for zoom in range(LOW, high + 1):
            for (x, y), content in joined(_cut(tiler, t, selection, zoom) for t in tables).items():
                found[zxy_to_tileid(zoom, x, y)] = gzip.compress(content, 6, mtime=0)
    path = "pmtiles/map.pmtiles"
    (folder / "pmtiles").mkdir()
    _write(found, _metadata(tables, selection, high), selection, folder / path)
    return [
        File(
            path=path,
            format="pmtiles",
            media_type="application/vnd.pmtiles",
            title=f"vector tiles, zooms {LOW} to {high}",
            layers=tuple(table.name for table in tables),
            crs="EPSG:3857",
            rows=sum(len(table.frame) for table in tables),
        )
    ]


def _cut(tiler: Tiler, table: Table, selection: Selection, zoom: int) -> Tiles:
    fields = list(table.columns)
    if table.name == CELLS:
        frame = _cells(table, selection, zoom)
        tiler.load(CELLS, frame, np.full(len(frame), zoom))
        fields = [name for name in frame.columns if name != "geometry"]
    return tiler.cut(table.name, fields, zoom)


def _cells(table: Table, selection: Selection, zoom: int) -> gpd.GeoDataFrame:
    resolution = zoom - _ABOVE
    if resolution >= selection.city.resolution:
        return table.frame
    return coarse_cells(selection.city.grid, selection.layers_on_cells, resolution)


def _metadata(tables: list[Table], selection: Selection, high: int) -> dict[str, Any]:
    city = selection.city
    return {
        "name": city.title,
        "description": f"citytwin city {city.name}, {city.fingerprint}{_people(selection)}",
        "attribution": city.attribution,
        "type": "overlay",
        "vector_layers": [
            {
                "id": table.name,
                "description": table.description,
                "minzoom": LOW,
                "maxzoom": high,
                "fields": {
                    name: _kind(table.frame[name].dtype) for name in table.columns if name != "id"
                },
            }
            for table in tables
        ],
    }


def _people(selection: Selection) -> str:
    told = selection.people_told
    return f"; {told.words}" if told else ""


def _kind(dtype: Any) -> str:
    if dtype == np.bool_:
        return "Boolean"
    return "Number" if np.issubdtype(getattr(dtype, "type", object), np.number) else "String"


def _write(
    found: dict[int, bytes], metadata: dict[str, Any], selection: Selection, path: Path
) -> None:
    from pmtiles.tile import Compression, TileType  # noqa: PLC0415
    from pmtiles.writer import Writer  # noqa: PLC0415

    make: Any = Writer  # untyped
    west, south, east, north = (round(side * 1e7) for side in selection.city.bounds)
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": LOW + 3,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
    with path.open("wb") as stream:
        writer = make(stream)
        try:
            for number in sorted(found):
                writer.write_tile(number, found[number])
            writer.finalize(header, metadata)
        finally:
            writer.tile_f.close()
