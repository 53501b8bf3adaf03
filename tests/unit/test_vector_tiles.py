"""Vector tiles: decoding, joining across tile edges, contours, names, and bad files."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from citytwin.errors import SourceError
from citytwin.sources.vector_tiles.contours import contour_lines
from citytwin.sources.vector_tiles.decode import EXTENT, Features, TileFile, decode, find_tiles
from citytwin.sources.vector_tiles.joins import clip, join_lines, join_polygons
from citytwin.sources.vector_tiles.roads import names_along, split_at_crossings
from citytwin.sources.vector_tiles.source import VectorTiles

DATA = Path(__file__).parents[2] / "data" / "san-francisco"
EDGE = float(EXTENT)
BOX = (-122.46, 37.75, -122.43, 37.78)


def features(*items: tuple[int, Any, dict[str, Any]]) -> Features:
    """Features in a row of tiles: tile column, geometry in world pixels, attributes."""
    geometry = np.array([item[1] for item in items], dtype=object)
    tile = np.array([[item[0], 0] for item in items], dtype=np.int64)
    return Features(geometry, tile, [item[2] for item in items])


def key(properties: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted(properties.items()))


def source(folder: Path, **changes: Any) -> VectorTiles:
    settings = {
        "path": folder,
        "licence": "ODbL-1.0",
        "attribution": "x",
        "zoom": 15,
        "columns": (5237, 5239),
        "rows": (12665, 12667),
    }
    return VectorTiles.model_validate(settings | changes)


@pytest.fixture(scope="module")
def reading() -> Any:
    return source(DATA, sha256="SHA256SUMS").read(Path("/"), BOX)


def test_a_house_on_the_edge_becomes_one_and_its_neighbours_stay_apart() -> None:
    house = shapely.box(EDGE - 30, 100, EDGE + 20, 160)
    beside = shapely.box(EDGE - 30, 160, EDGE + 20, 220)
    raw = features(*[(column, each, {"h": 9}) for column in (0, 1) for each in (house, beside)])
    joined, _ = join_polygons(clip(raw, key, 2))
    assert sorted(shapely.area(joined)) == pytest.approx([3000.0, 3000.0])
    assert {geometry.bounds for geometry in joined} == {house.bounds, beside.bounds}


def test_pieces_with_other_attributes_are_not_joined() -> None:
    left = (0, shapely.box(EDGE - 30, 100, EDGE + 5, 160), {"h": 9})
    right = (1, shapely.box(EDGE - 5, 100, EDGE + 20, 160), {"h": 12})
    joined, keys = join_polygons(clip(features(left, right), key, 2))
    assert len(joined) == 2
    assert set(keys) == {(("h", 9),), (("h", 12),)}


def test_the_buffer_is_cut_off() -> None:
    only_in_buffer = (0, shapely.box(EDGE + 2, 10, EDGE + 30, 40), {})
    joined, _ = join_polygons(clip(features(only_in_buffer), key, 2))
    assert len(joined) == 0


def test_a_house_over_four_tiles_becomes_one() -> None:
    house = shapely.box(EDGE - 10, EDGE - 10, EDGE + 10, EDGE + 10)
    geometry = np.array([house] * 4, dtype=object)
    tile = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    joined, _ = join_polygons(clip(Features(geometry, tile, [{}] * 4), key, 2))
    assert shapely.area(joined).tolist() == pytest.approx([400.0])


def test_lines_meet_though_rounding_moved_their_ends() -> None:
    left = (0, shapely.LineString([(EDGE - 50, 10), (EDGE + 10, 70)]), {})
    right = (1, shapely.LineString([(EDGE - 10, 51), (EDGE + 50, 111)]), {})
    joined, _ = join_lines(clip(features(left, right), key, 1))
    assert len(joined) == 1
    assert shapely.get_num_coordinates(joined[0]) == 3


def test_lines_that_end_apart_on_the_edge_stay_apart() -> None:
    left = (0, shapely.LineString([(EDGE - 50, 10), (EDGE, 10)]), {})
    right = (1, shapely.LineString([(EDGE, 20), (EDGE + 50, 20)]), {})
    assert len(join_lines(clip(features(left, right), key, 1))[0]) == 2


def test_hills_run_anticlockwise_and_hollows_clockwise_on_the_map() -> None:
    land = shapely.box(-64, -64, EDGE + 64, EDGE + 64).difference(shapely.box(500, 500, 900, 900))
    hill = shapely.box(2000, 2000, 2600, 2600)
    lines, elevation = contour_lines(features((0, land, {"ele": 10}), (0, hill, {"ele": 20})))
    assert sorted(elevation) == [10.0, 20.0]
    north_up = shapely.transform(lines, lambda points: points * [1.0, -1.0])
    turns = dict(zip(elevation, shapely.is_ccw(north_up), strict=True))
    assert turns == {10.0: False, 20.0: True}


def test_contours_leave_out_the_line_of_the_cut() -> None:
    half = shapely.box(-64, -64, 2000, EDGE + 64)
    lines, _ = contour_lines(features((0, half, {"ele": 10})))
    assert shapely.length(lines).tolist() == pytest.approx([EDGE])
    no_buffer = shapely.box(0, 0, 2000, EDGE)
    lines, _ = contour_lines(features((0, no_buffer, {"ele": 10})))
    assert shapely.length(lines).tolist() == pytest.approx([EDGE])


def test_a_contour_over_an_edge_becomes_one_ring() -> None:
    hill = shapely.Point(EDGE, 2000).buffer(500)
    lines, _ = contour_lines(features((0, hill, {"ele": 30}), (1, hill, {"ele": 30})))
    assert len(lines) == 1
    assert shapely.is_closed(lines)[0]


def test_streets_are_cut_where_they_cross_but_not_below_bridges() -> None:
    east = shapely.LineString([(0, 50), (100, 50)])
    north = shapely.LineString([(30, 0), (30, 100)])
    bridge = shapely.LineString([(70, 0), (70, 100)])
    pieces, owner = split_at_crossings(np.array([east, north, bridge]), np.array([0, 0, 1]))
    assert np.bincount(owner).tolist() == [2, 2, 1]
    assert shapely.length(pieces).sum() == pytest.approx(300.0)


def test_a_street_gets_the_name_that_runs_along_it_and_not_the_one_that_crosses() -> None:
    street = np.array([shapely.LineString([(0, 0), (100, 0)])])
    along = shapely.LineString([(5, 1), (95, 1)])
    across = shapely.LineString([(50, -80), (50, 80)])
    assert names_along(street, np.array([across, along]), ["Oak St", "Fell St"])[0] == "Fell St"
    assert names_along(street, np.array([across]), ["Oak St"])[0] == ""


def test_every_cut_house_of_the_city_found_its_other_half(reading: Any) -> None:
    tiles = find_tiles(DATA, 15, (5237, 5239), (12665, 12667))
    raw = decode(tiles)["building"]
    pieces = clip(raw, lambda p: (p.get("height"), p.get("type")), 2)
    joined, _ = join_polygons(pieces)
    assert (len(raw), len(pieces.geometry), len(joined)) == (13896, 13452, 13175)
    assert shapely.area(joined).sum() == pytest.approx(shapely.area(pieces.geometry).sum(), 1e-9)
    assert set(shapely.get_type_id(joined)) == {3}
    assert len(reading.layers["buildings"]) == 13175


def test_layers_of_the_city(reading: Any) -> None:
    layers = reading.layers
    plane = "+proj=laea +lat_0=37.7664 +lon_0=-122.448 +datum=WGS84 +units=m"
    roads = layers["roads"]
    length = roads.to_crs(plane).length
    rails = layers["railways"].to_crs(plane).length.sum()
    assert length.sum() + rails == pytest.approx(203_331, rel=1e-3)
    assert "level_crossing" not in set(roads["class"])
    streets = roads["class"] == "street"
    assert length[streets & (roads["name"] != "")].sum() > 0.9 * length[streets].sum()
    assert {"Haight St", "Castro St", "Market St"} <= set(roads["name"])
    assert layers["contours"]["elevation"].max() == 270.0
    assert "海特-黑什伯里区" in set(layers["places"]["name_zh"])
    assert all(table.is_valid.all() and table.crs == "EPSG:4326" for table in layers.values())
    assert layers["peaks"]["name"].is_unique


def test_every_tile_and_the_list_of_checksums_decide_the_reading() -> None:
    files = source(DATA, sha256="SHA256SUMS").files(Path("/"))
    assert len(files) == 10
    assert files[-1].name == "SHA256SUMS"


def test_the_order_of_tiles_changes_nothing() -> None:
    tiles = find_tiles(DATA, 15, (5237, 5239), (12665, 12667))[:4]
    tiles = [tile for tile in tiles if tile.column in (5237, 5238)]
    forward, backward = (source(DATA)._layers(decode(t)) for t in (tiles, tiles[::-1]))
    for name, table in forward.items():
        assert table.drop(columns="geometry").equals(backward[name].drop(columns="geometry")), name
        assert np.array_equal(
            shapely.to_wkb(table.geometry.values), shapely.to_wkb(backward[name].geometry.values)
        ), name


def test_tiles_may_be_gzipped(tmp_path: Path) -> None:
    content = (DATA / "15-5238-12666.mvt").read_bytes()
    (tmp_path / "15-5238-12666.mvt.gz").write_bytes(gzip.compress(content))
    one = {"columns": (5238, 5238), "rows": (12666, 12666)}
    layers = source(tmp_path, **one).read(tmp_path, BOX).layers
    assert len(layers["buildings"]) > 2000


def test_extents_other_than_4096_are_scaled() -> None:
    square = "POLYGON((0 0, 0 256, 256 256, 256 0, 0 0))"
    layer = {"name": "water", "features": [{"geometry": square, "properties": {}}]}
    content = mapbox_vector_tile.encode(
        [layer], default_options={"extents": 512, "y_coord_down": True}
    )
    water = decode([TileFile(3, 2, 1, Path("3-2-1.mvt"), content)])["water"]
    assert water.geometry[0].bounds == (2 * 4096, 4096, 2 * 4096 + 2048, 4096 + 2048)


def cut_short(folder: Path) -> None:
    path = folder / "15-5238-12666.mvt"
    path.write_bytes(path.read_bytes()[:60_000])


def other_content(folder: Path) -> None:
    path = folder / "15-5238-12666.mvt"
    path.write_bytes((folder / "15-5237-12665.mvt").read_bytes())


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (
        lambda folder: (folder / "15-5238-12666.mvt").unlink(),
        r"15-5238-12666\.mvt is missing in .*: add it",
    ),
    "cut short": (cut_short, r"15-5238-12666\.mvt cannot be decoded .*cut short"),
    "text": (
        lambda folder: (folder / "15-5238-12666.mvt").write_text("not a tile at all"),
        r"15-5238-12666\.mvt cannot be decoded .*not a tile",
    ),
    "empty": (
        lambda folder: (folder / "15-5238-12666.mvt").write_bytes(b""),
        r"15-5238-12666\.mvt is empty: copy it again",
    ),
    "name": (
        lambda folder: (folder / "middle.mvt").write_bytes(b"x"),
        r"middle\.mvt does not say which tile it is: call it",
    ),
    "outside": (
        lambda folder: (folder / "15-1-1.mvt").write_bytes(b"x"),
        r"15-1-1\.mvt lies outside the rectangle",
    ),
    "checksum": (other_content, r"15-5238-12666\.mvt differs from its checksum in SHA256SUMS"),
    "no list": (
        lambda folder: (folder / "SHA256SUMS").unlink(),
        r"SHA256SUMS does not exist: check 'sha256'",
    ),
    "no folder": (shutil.rmtree, r"does not exist: check 'path' in the recipe"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tiles_get_one_clear_sentence(case: str, tmp_path: Path) -> None:
    spoil, message = BAD[case]
    folder = tmp_path / "tiles"
    shutil.copytree(DATA, folder)
    spoil(folder)
    with pytest.raises(SourceError, match=message) as caught:
        source(folder, sha256="SHA256SUMS").read(tmp_path, BOX)
    assert "\n" not in str(caught.value)


def test_no_truncation_is_read_in_silence() -> None:
    path = DATA / "15-5237-12666.mvt"
    content = path.read_bytes()
    for length in range(0, len(content), 5003):
        with pytest.raises(SourceError):
            decode([TileFile(15, 5237, 12666, path, content[:length])])
