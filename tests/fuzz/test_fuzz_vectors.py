"""Cut short and bit-flipped files of every vector format: a sentence or an answer, never a crash.

``CITYTWIN_FUZZ`` sets how many broken files of each format are tried, ``CITYTWIN_FUZZ_SEED`` the
seed, which is the same every time if it is not set.
"""

import gzip
import json
import os
import random
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import mapbox_vector_tile
import pandas as pd
import pytest
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

from citytwin.errors import SourceError
from citytwin.registry import sources

ROOT = Path("/")
BOX = (24.93, 60.15, 24.97, 60.18)
TRIES = int(os.environ.get("CITYTWIN_FUZZ", "200"))
SEED = os.environ.get("CITYTWIN_FUZZ_SEED", "3")
#: No file of a few kilobytes may take longer to refuse [s].
LONGEST = 10.0
COMMON = {"licence": "CC0-1.0", "attribution": "x"}
MAPPED = {
    "layer": "buildings",
    "columns": {"height": "height", "name": "name", "kind": "kind"},
}


def houses() -> gpd.GeoDataFrame:
    boxes = [
        shapely.box(24.94 + i / 2000, 60.16 + j / 3000, 24.9402 + i / 2000, 60.1602 + j / 3000)
        for i in range(6)
        for j in range(4)
    ]
    names = ["塔", "Ελλάδα", "مسجد", "Дом", "घर", "🏠"]
    return gpd.GeoDataFrame(
        {
            "height": [3.0 + i for i in range(24)],
            "name": [names[i % 6] for i in range(24)],
            "kind": ["house", None] * 12,
        },
        geometry=boxes,
        crs="EPSG:4326",
    )


def vector(ending: str, **options: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / f"a{ending}"
        if ending == ".parquet":
            houses().to_parquet(path, **options)
        elif ending == ".zip":
            houses().to_file(folder / "a.shp", encoding="utf-8")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for part in sorted(folder.glob("a.[sdpc]*")):
                    archive.write(part, part.name)
        else:
            houses().to_file(path, **options)
        return path

    return make


def csv(folder: Path) -> Path:
    table = houses()
    points = table.geometry.representative_point()
    plain = pd.DataFrame(table.drop(columns="geometry"))
    path = folder / "a.csv"
    plain.assign(lon=points.x, lat=points.y).to_csv(path, index=False)
    return path


def cells(folder: Path) -> Path:
    disk = sorted(h3.grid_disk(h3.latlng_to_cell(60.16, 24.95, 9), 3))
    path = folder / "a.csv"
    pd.DataFrame({"h3": disk, "people": range(len(disk))}).to_csv(path, index=False)
    return path


def tile() -> bytes:
    shapes = [shapely.box(100 * i, 100 * i, 100 * i + 80, 100 * i + 80) for i in range(20)]
    features = [
        {"geometry": shape, "properties": {"height": 3.5, "name": "塔", "kind": "house"}}
        for shape in shapes
    ]
    content: bytes = mapbox_vector_tile.encode([{"name": "building", "features": features}])
    return content


def pmtiles(folder: Path) -> Path:
    path = folder / "a.pmtiles"
    head = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP}
    keys = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_zoom")
    head |= dict.fromkeys((*keys, "center_lon_e7", "center_lat_e7"), 0)
    places = [(14, column, row) for column in (9326, 9327, 9328) for row in (4741, 4742, 4743)]
    with write(str(path)) as writer:
        for number in sorted(zxy_to_tileid(*place) for place in places):
            writer.write_tile(number, gzip.compress(tile()) + bytes(number % 3))
        writer.finalize(head, {})
    return path


def tiles(folder: Path) -> Path:
    path = folder / "14-9326-4741.mvt"
    path.write_bytes(tile())
    return path


def mbtiles(folder: Path) -> Path:
    path = folder / "a.mbtiles"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        for column in (9326, 9327, 9328):
            values = (14, column, 2**14 - 1 - 4742, gzip.compress(tile()))
            file.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", values)
    return path


def overture(folder: Path) -> Path:
    table = houses()
    sides = [
        dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
        for box in table.bounds.to_numpy().tolist()
    ]
    path = folder / "theme=buildings" / "type=building" / "a.parquet"
    path.parent.mkdir(parents=True)
    columns = {
        "id": [f"id{number}" for number in range(len(table))],
        "height": table["height"],
        "names": [{"primary": name} for name in table["name"]],
        "class": table["kind"],
        "bbox": sides,
        "geometry": table.geometry.to_wkb(),
    }
    pd.DataFrame(columns).to_parquet(path)
    return path


def cityjson(folder: Path) -> Path:
    ring = [(0, 0), (10, 0), (10, 10), (0, 10)]
    faces = [[3, 2, 1, 0], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
    surfaces = [{"type": kind} for kind in ("GroundSurface", "RoofSurface", "WallSurface")]
    objects, vertices = {}, []
    for number in range(5):
        shell = [[[index + len(vertices) for index in face]] for face in faces]
        vertices += [[x + 20 * number, y, z] for z in (0, 7) for x, y in ring]
        solid = {"type": "Solid", "lod": "2", "boundaries": [shell]}
        solid["semantics"] = {"surfaces": surfaces, "values": [[0, 1, 2, 2, 2, 2]]}
        attributes = {"measuredHeight": 7.5, "name": "塔"}
        objects[f"b{number}"] = {"type": "Building", "attributes": attributes, "geometry": [solid]}
    content = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [1.0, 1.0, 1.0], "translate": [385_500.0, 6_671_800.0, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/3067"},
        "CityObjects": objects,
        "vertices": vertices,
    }
    path = folder / "a.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def gtfs(folder: Path) -> Path:
    days = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    rows = "".join(
        f"t{trip},s{stop},{stop},08:0{stop}:00\n" for trip in range(9) for stop in range(6)
    )
    tables = {
        "stops": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(f"s{i},駅{i},60.1{i + 60},24.94{i}\n" for i in range(6)),
        "routes": "route_id,route_type\nr,3\n",
        "trips": "route_id,service_id,trip_id\n" + "".join(f"r,w,t{i}\n" for i in range(9)),
        "stop_times": "trip_id,stop_id,stop_sequence,departure_time\n" + rows,
        "calendar": f"service_id,{days},start_date,end_date\nw,1,1,1,1,1,0,0,20240101,20240131\n",
    }
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(f"{name}.txt", text)
    return path


POINTS = MAPPED | {"layer": "pois", "columns": {"name": "name", "kind": "kind"}}
FORMATS: dict[str, tuple[Callable[[Path], Path], str, dict[str, Any]]] = {
    "geopackage": (vector(".gpkg"), "vector_file", MAPPED),
    "flatgeobuf": (vector(".fgb"), "vector_file", MAPPED),
    "geojson": (vector(".geojson"), "vector_file", MAPPED),
    "shapefile in zip": (vector(".zip"), "vector_file", MAPPED),
    "geoparquet": (vector(".parquet"), "vector_file", MAPPED),
    "geoparquet with covering": (
        vector(".parquet", write_covering_bbox=True, schema_version="1.1.0"),
        "vector_file",
        MAPPED,
    ),
    "gml": (vector(".gml", driver="GML"), "vector_file", MAPPED),
    "csv": (csv, "points", POINTS | {"crs": "EPSG:4326"}),
    "h3 table": (cells, "h3_table", {"value": "people"}),
    "pmtiles": (pmtiles, "pmtiles", MAPPED | {"tile_layer": "building"}),
    "mvt": (
        tiles,
        "vector_tiles",
        {"zoom": 14, "columns": (9326, 9326), "rows": (4741, 4741)},
    ),
    "mbtiles": (mbtiles, "pmtiles", MAPPED | {"tile_layer": "building"}),
    "overture": (overture, "overture", {"release": "2026-10-21.0"}),
    "cityjson": (cityjson, "cityjson", {}),
    "gtfs": (gtfs, "gtfs", {}),
}


def broken(content: bytes, dice: random.Random) -> bytes:
    """The content cut short, with bits or bytes changed, or with a piece doubled or missing."""
    how = dice.randrange(5)
    if how == 0:
        return content[: dice.randrange(len(content))]
    if how == 1:
        start = dice.randrange(len(content))
        length = dice.randrange(1, 64)
        again = content[start : start + length] * dice.randrange(3)
        return content[:start] + again + content[start + length :]
    changed = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 8, 64))):
        place = dice.randrange(len(changed))
        if how == 2:
            changed[place] = dice.randrange(256)
        else:
            changed[place] ^= 1 << dice.randrange(8)
    return bytes(changed)


def attempt(name: str, folder: Path, file: Path) -> str:
    """Read a file that may be broken: ``read`` or ``refused``; anything else is a failure."""
    _, kind, settings = FORMATS[name]
    path = folder if kind in {"vector_tiles", "overture"} else file
    source = sources.get(kind).model_validate({"path": path} | COMMON | settings)
    try:
        reading = source.read(ROOT, BOX)
    except SourceError as error:
        text = str(error)
        assert "\n" not in text
        assert len(text) > 20
        return "refused"
    for table in reading.layers.values():
        assert table.crs == "EPSG:4326"
        assert table.geometry.name == "geometry"
    return "read"


@pytest.mark.parametrize("name", FORMATS)
def test_broken_files(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    making, trying = tmp_path / "making", tmp_path / "trying"
    making.mkdir()
    good = FORMATS[name][0](making)
    content = good.read_bytes()
    file = trying / good.relative_to(making)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert attempt(name, trying, file) == "read"
    dice = random.Random(f"{name} {SEED}")  # noqa: S311 the same dice every time
    count = {"read": 0, "refused": 0}
    for number in range(TRIES):
        file.write_bytes(broken(content, dice))
        started = time.monotonic()
        try:
            count[attempt(name, trying, file)] += 1
        except Exception as error:
            raise AssertionError(f"broken file {number} of {name}: {error!r}") from error
        assert time.monotonic() - started < LONGEST, f"broken file {number} of {name} took too long"
    assert sum(count.values()) == TRIES
    assert count["refused"] > 0
    assert capfd.readouterr().err == ""
