"""Vector tiles in PMTiles and MBTiles archives: the embedded city again, and mistakes."""

import gzip
import sqlite3
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

from citytwin.errors import SourceError
from citytwin.sources.pmtiles.source import TileArchive
from citytwin.sources.vector_tiles.source import VectorTiles

ROOT = Path("/")
DATA = Path(__file__).parents[2] / "data" / "san-francisco"
BOX = (-122.455, 37.765, -122.445, 37.772)
HEAD = {
    **dict.fromkeys(("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7"), 0),
    **dict.fromkeys(("center_zoom", "center_lon_e7", "center_lat_e7"), 0),
}
Tiles = dict[tuple[int, int, int], bytes]


def city_tiles() -> Tiles:
    """Four of the nine tiles of the embedded city."""
    places = [(15, column, row) for column in (5237, 5238) for row in (12665, 12666)]
    return {place: (DATA / f"{'-'.join(map(str, place))}.mvt").read_bytes() for place in places}


@pytest.fixture(scope="module")
def folder_reading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Box and buildings of the same tiles as files in a folder."""
    folder = tmp_path_factory.mktemp("tiles")
    for place, content in city_tiles().items():
        (folder / f"{'-'.join(map(str, place))}.mvt").write_bytes(content)
    settings = {"zoom": 15, "columns": (5237, 5238), "rows": (12665, 12666)}
    source = VectorTiles.model_validate(
        {"path": folder, "licence": "ODbL-1.0", "attribution": "x"} | settings
    )
    return source.bounds(), source.read(ROOT, source.bounds()).layers["buildings"]


def pmtiles(path: Path, tiles: Tiles, **changes: Any) -> Path:
    head = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP} | HEAD | changes
    packed = head["tile_compression"] == Compression.GZIP
    with write(str(path)) as writer:
        for number, place in sorted((zxy_to_tileid(*place), place) for place in tiles):
            writer.write_tile(number, gzip.compress(tiles[place]) if packed else tiles[place])
        writer.finalize(head, {})
    return path


def mbtiles(path: Path, tiles: Tiles) -> Path:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        for (zoom, column, row), content in tiles.items():
            values = (zoom, column, 2**zoom - 1 - row, gzip.compress(content))
            file.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", values)
    file.close()
    return path


def source(path: Path, **changes: Any) -> TileArchive:
    settings: dict[str, Any] = {
        "path": path,
        "layer": "buildings",
        "tile_layer": "building",
        "columns": {"height": "height", "min_height": "min_height", "kind": "type"},
        "where_not": {"underground": ["true"]},
        "licence": "ODbL-1.0",
        "attribution": "x",
    }
    return TileArchive.model_validate(settings | changes)


@pytest.mark.parametrize("kind", ["gzip", "plain", "mbtiles"])
def test_an_archive_of_the_city_gives_what_its_folder_gives(
    kind: str, folder_reading: tuple[Any, Any], tmp_path: Path
) -> None:
    whole, want = folder_reading
    inside = (whole[0] + 1e-6, whole[1] + 1e-6, whole[2] - 1e-6, whole[3] - 1e-6)
    if kind == "mbtiles":
        path = mbtiles(tmp_path / "a.mbtiles", city_tiles())
    else:
        changes = {} if kind == "gzip" else {"tile_compression": Compression.NONE}
        path = pmtiles(tmp_path / "a.pmtiles", city_tiles(), **changes)
    table = source(path).read(ROOT, inside).layers["buildings"]
    shapes = [shapely.normalize(each.geometry.values) for each in (table, want)]
    assert sorted(shapely.to_wkb(shapes[0])) == sorted(shapely.to_wkb(shapes[1]))
    assert sorted(table["height"]) == sorted(want["height"].fillna(-1.0))


def test_only_the_tiles_of_the_box_are_read(tmp_path: Path) -> None:
    tiles = city_tiles() | {(15, 5239, 12665): b"broken"}
    path = pmtiles(tmp_path / "a.pmtiles", tiles)
    reading = source(path).read(ROOT, BOX)
    box = shapely.box(*BOX)
    assert 1000 < len(reading.layers["buildings"]) < 8000
    assert reading.layers["buildings"].intersects(box).all()


def small(layer: str = "thing", shape: Any = None, **properties: Any) -> bytes:
    shape = shapely.box(1800, 1800, 2200, 2200) if shape is None else shape
    feature = {"geometry": shape, "properties": properties}
    return mapbox_vector_tile.encode([{"name": layer, "features": [feature]}])


def test_areas_become_points_in_a_layer_of_points(tmp_path: Path) -> None:
    tiles = {(15, 5238, 12666): small(kind="hospital", name="大学病院")}
    path = pmtiles(tmp_path / "a.pmtiles", tiles)
    columns = {"class": "kind", "name": "name"}
    reading = source(
        path, layer="facilities", tile_layer="thing", columns=columns, where_not={}
    ).read(ROOT, BOX)
    row = reading.layers["facilities"].iloc[0]
    assert (row["class"], row["name"], row.geometry.geom_type) == ("hospital", "大学病院", "Point")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tile_layer": "house"}, "no tile layer 'house' .* must be one of .*building"),
        ({"columns": {"height": "hight"}}, "no column 'hight', which 'columns.height'"),
        ({"zoom": 3}, "has tiles of zoom 15 to 15: set 'zoom' within that"),
    ],
)
def test_mistakes_in_the_recipe(changes: Any, words: str, tmp_path: Path) -> None:
    path = pmtiles(tmp_path / "a.pmtiles", city_tiles())
    with pytest.raises(SourceError, match=words):
        source(path, **changes).read(ROOT, BOX)


def test_archives_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        source(tmp_path / "a.pmtiles").read(ROOT, BOX)
    for ending in (".pmtiles", ".mbtiles"):
        path = tmp_path / f"b{ending}"
        path.write_bytes(b"no tiles at all" * 20)
        with pytest.raises(SourceError, match="cannot be read as an archive of tiles"):
            source(path).read(ROOT, BOX)
    path = pmtiles(tmp_path / "c.pmtiles", city_tiles(), tile_type=TileType.PNG)
    with pytest.raises(SourceError, match="holds no vector tiles but png"):
        source(path).read(ROOT, BOX)
    path = pmtiles(tmp_path / "d.pmtiles", city_tiles(), tile_compression=Compression.BROTLI)
    with pytest.raises(SourceError, match="compressed with brotli: write it again with gzip"):
        source(path).read(ROOT, BOX)
    path = pmtiles(tmp_path / "e.pmtiles", {(15, 5238, 12666): b"\x1a\xff\xff"})
    with pytest.raises(SourceError, match="cut short or broken"):
        source(path).read(ROOT, BOX)


def test_a_box_without_tiles_is_said(tmp_path: Path) -> None:
    path = pmtiles(tmp_path / "a.pmtiles", city_tiles())
    reading = source(path).read(ROOT, (10.0, 10.0, 10.01, 10.01))
    assert not reading.layers
    assert "no tile of" in reading.remarks[0]
    with pytest.raises(SourceError, match="more than 100000 tiles"):
        source(path).read(ROOT, (-30.0, -30.0, 30.0, 30.0))
