"""Exported blocks: closed, facing outwards, as high and as large as the buildings."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from citytwin.city import City
from citytwin.export import Exported, export
from citytwin.export.cityjson import _attributes
from citytwin.export.solids import STEP, blocks
from tests.unit.test_export_tables import changed

ROOM = shapely.Polygon(
    [(0, 0), (30, 0), (30, 20), (0, 20)], [[(10, 5), (20, 5), (20, 15), (10, 15)]]
)


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(city, tmp_path_factory.mktemp("cityjson") / "out", formats=("cityjson",))


@pytest.fixture(scope="module")
def whole(exported: Exported) -> dict[str, Any]:
    text = (exported.folder / "cityjson" / "buildings.city.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def edges(shell: list[Any]) -> Counter[tuple[int, int]]:
    found: Counter[tuple[int, int]] = Counter()
    for face in shell:
        for ring in face:
            found.update(zip(ring, ring[1:] + ring[:1], strict=True))
    return found


def is_closed(shell: list[Any]) -> bool:
    """Every edge is run through as often in one direction as in the other."""
    found = edges(shell)
    return all(count == found[end, start] for (start, end), count in found.items())


def volume(shell: list[Any], vertices: np.ndarray) -> float:
    """Volume by the divergence theorem; positive only if faces look outwards."""
    total = 0.0
    middle = vertices[shell[0][0][0]]
    for face in shell:
        for ring in face:
            points = vertices[ring] - middle
            fan = np.cross(points[1:-1], points[2:])
            total += float((fan @ points[0]).sum()) / 6.0
    return total


def metres(model: dict[str, Any]) -> np.ndarray:
    transform = model["transform"]
    steps = np.array(model["vertices"], dtype=np.float64).reshape(-1, 3)
    return steps * transform["scale"] + transform["translate"]


def test_a_block_with_a_court() -> None:
    solid = blocks(np.array([ROOM]), np.array([2.0]), np.array([12.0]))
    (shell,) = solid.shells
    assert len(solid.vertices) == 16
    assert [len(face) for face in shell] == [2, 2] + 8 * [1]
    assert is_closed(shell)
    points = solid.vertices * STEP + solid.origin
    assert volume(shell, points) == pytest.approx(ROOM.area * 10.0)


def test_the_ground_looks_down_and_the_roof_up() -> None:
    clockwise = shapely.Polygon(list(ROOM.exterior.coords)[::-1])
    solid = blocks(np.array([clockwise]), np.array([0.0]), np.array([3.0]))
    for face, sign in zip(solid.shells[0][:2], (-1.0, 1.0), strict=True):
        points = solid.vertices[face[0]][:, :2].astype(float)
        assert shapely.is_ccw(shapely.LinearRing(points)) == (sign > 0.0)


def test_neighbours_share_vertices() -> None:
    two = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    solid = blocks(two, np.zeros(2), np.array([5.0, 5.0]))
    assert len(solid.vertices) == 12


def test_outlines_of_nothing_are_left_out() -> None:
    """Points that fall together in steps of a millimetre go; so does what has no area then."""
    close = shapely.Polygon([(0, 0), (1e-5, 0), (10, 0), (10, 10), (0, 10), (0, 1e-5)])
    speck = shapely.box(50, 50, 50.0001, 50.0001)
    courtyard = shapely.Polygon(shapely.box(20, 0, 30, 10).exterior, [speck_ring(25.0, 5.0)])
    solid = blocks(np.array([close, speck, courtyard]), np.zeros(3), np.full(3, 4.0))
    assert solid.item == [0, 2]
    assert solid.dropped == [1]
    assert [len(face) for face in solid.shells[0]] == 6 * [1]
    assert [len(face) for face in solid.shells[1]] == 6 * [1]
    assert all(is_closed(shell) for shell in solid.shells)


def speck_ring(x: float, y: float) -> list[tuple[float, float]]:
    return [(x, y), (x + 1e-5, y), (x, y + 1e-5)]


def test_no_buildings_make_no_blocks() -> None:
    solid = blocks(np.empty(0, dtype=object), np.empty(0), np.empty(0))
    assert (solid.shells, len(solid.vertices)) == ([], 0)


def test_every_building_is_a_closed_block_of_its_volume(whole: dict[str, Any], city: City) -> None:
    frame = city.table("buildings")
    flat = frame.to_crs(32610)
    points = metres(whole)
    for number, area, height, low in zip(
        frame["id"], flat.area, frame["height"], frame["min_height"], strict=True
    ):
        item = whole["CityObjects"][f"building-{number}"]
        (geometry,) = item["geometry"]
        (shell,) = geometry["boundaries"]
        assert is_closed(shell)
        bottom = low if low > 0.0 and low < height else 0.0
        # Vertices are moved by half a millimetre at most, in all three directions.
        slack = 0.001 * (np.sqrt(area) * height * 8 + area) + 1e-6
        assert volume(shell, points) == pytest.approx(area * (height - bottom), abs=slack)
        assert len(geometry["semantics"]["values"][0]) == len(shell)


def test_blocks_stand_on_the_ground(whole: dict[str, Any], city: City) -> None:
    points = metres(whole)
    shares, ground = city.building_cells, city.layers["ground_elevation"]
    for item, number in list(enumerate(city.table("buildings")["id"]))[::50]:
        (geometry,) = whole["CityObjects"][f"building-{number}"]["geometry"]
        bottom = points[geometry["boundaries"][0][0][0]][:, 2]
        mine = shares.item == item
        mean = np.average(ground[shares.cell[mine]], weights=shares.amount[mine])
        assert bottom == pytest.approx(mean, abs=0.0011)


def test_attributes_and_metadata(whole: dict[str, Any], city: City) -> None:
    frame = city.table("buildings").set_index("id")
    for name, item in list(whole["CityObjects"].items())[::100]:
        row = frame.loc[int(name.removeprefix("building-"))]
        attributes = item["attributes"]
        assert attributes["measuredHeight"] == row["height"]
        assert attributes["storeysAboveGround"] == row["levels"]
        assert attributes["heightFrom"] == row["height_from"]
        assert attributes.get("function", "") == row["kind"]
        assert "" not in attributes.values()
    metadata = whole["metadata"]
    assert metadata["referenceSystem"] == "https://www.opengis.net/def/crs/EPSG/0/32610"
    assert metadata["title"] == city.title
    points = metres(whole)
    extent = [*points.min(axis=0), *points.max(axis=0)]
    assert metadata["geographicalExtent"] == pytest.approx(extent, abs=1e-3)
    steps = np.array(whole["vertices"])
    assert steps.dtype.kind == "i"
    assert len(np.unique(steps, axis=0)) == len(steps)


#: In a process of its own: importing cjio changes how this process writes numbers as JSON.
CJIO = """
import json, sys
from cjio import cityjson
with open(sys.argv[1], encoding="utf-8") as stream:
    model = cityjson.reader(stream)
some = set(list(model.j["CityObjects"])[:3])
print(json.dumps({
    "version": model.get_version(),
    "epsg": model.get_epsg(),
    "buildings": model.number_city_objects_level1(),
    "duplicates": model.remove_duplicate_vertices(),
    "orphans": model.remove_orphan_vertices(),
    "subset": sorted(model.get_subset_ids(some).j["CityObjects"]) == sorted(some),
}))
"""


def test_cjio_reads_it(exported: Exported, city: City) -> None:
    """cjio's own validation needs cjvalpy, which registries do not have for this Python."""
    path = exported.folder / "cityjson" / "buildings.city.json"
    said = subprocess.run(
        [sys.executable, "-c", CJIO, path], capture_output=True, text=True, timeout=120, check=True
    )
    assert json.loads(said.stdout) == {
        "version": "2.0",
        "epsg": 32610,
        "buildings": city.counts["buildings"],
        "duplicates": 0,
        "orphans": 0,
        "subset": True,
    }


def test_another_reader_agrees(exported: Exported, city: City) -> None:
    lib = pytest.importorskip("cityjson_lib", reason="cityjson-lib is not installed")
    content = (exported.folder / "cityjson" / "buildings.city.json").read_bytes()
    summary = lib.CityModel.parse_document_bytes(content).summary()
    assert summary.version == lib.Version.V2_0
    assert summary.cityobject_count == summary.geometry_count == city.counts["buildings"]


def test_lines_hold_the_same_blocks(exported: Exported, whole: dict[str, Any]) -> None:
    path = exported.folder / "cityjson" / "buildings.city.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    head, features = lines[0], lines[1:]
    assert (head["type"], head["CityObjects"], head["vertices"]) == ("CityJSON", {}, [])
    assert head["transform"] == whole["transform"]
    assert [feature["id"] for feature in features] == list(whole["CityObjects"])
    for feature in features[::40]:
        assert feature["type"] == "CityJSONFeature"
        name = feature["id"]
        (mine,) = feature["CityObjects"][name]["geometry"]
        (other,) = whole["CityObjects"][name]["geometry"]
        for a, b in zip(mine["boundaries"][0], other["boundaries"][0], strict=True):
            for ring, twin in zip(a, b, strict=True):
                assert [feature["vertices"][v] for v in ring] == [
                    whole["vertices"][v] for v in twin
                ]


def test_a_building_of_several_outlines_has_parts(tile_file: Path, tmp_path: Path) -> None:
    with City.open(tile_file) as opened:
        two = shapely.MultiPolygon([*opened.table("buildings").geometry.iloc[:2]])
    path = changed(
        tile_file,
        tmp_path,
        "UPDATE buildings SET geometry = "
        f"ST_SetCRS(ST_GeomFromText('{two.wkt}'), 'EPSG:4326') WHERE id = 1",
    )
    with City.open(path) as opened:
        done = export(opened, tmp_path / "out", formats=("cityjson",), layers=("buildings",))
    model = json.loads((done.folder / "cityjson" / "buildings.city.json").read_text("utf-8"))
    parent = model["CityObjects"]["building-1"]
    assert parent["geometry"] == []
    assert parent["children"] == ["building-1-1", "building-1-2"]
    for name in parent["children"]:
        part = model["CityObjects"][name]
        assert (part["type"], part["parents"]) == ("BuildingPart", ["building-1"])
        assert is_closed(part["geometry"][0]["boundaries"][0])
    lines = (done.folder / "cityjson" / "buildings.city.jsonl").read_text("utf-8").splitlines()
    assert set(json.loads(lines[1])["CityObjects"]) == {"building-1", *parent["children"]}


def test_without_a_ground_buildings_stand_at_zero(tile_file: Path, tmp_path: Path) -> None:
    path = changed(tile_file, tmp_path, "ALTER TABLE cells DROP COLUMN ground_elevation")
    with City.open(path) as opened:
        done = export(opened, tmp_path / "out", formats=("cityjson", "cog", "pmtiles"))
    assert any("no ground" in remark for remark in done.remarks)
    model = json.loads((done.folder / "cityjson" / "buildings.city.json").read_text("utf-8"))
    assert metres(model)[:, 2].min() == pytest.approx(0.0)
    assert not (done.folder / "cog" / "ground_elevation.tif").exists()
    assert "no ground" in (done.folder / "README.txt").read_text("utf-8")


def test_buildings_without_columns(tile_file: Path, tmp_path: Path) -> None:
    columns = ("min_height", "kind", "name", "year", "height_from", "levels", "people", "height")
    path = changed(
        tile_file, tmp_path, *(f"ALTER TABLE buildings DROP COLUMN {column}" for column in columns)
    )
    with City.open(path) as opened:
        count = len(opened.table("buildings"))
        done = export(opened, tmp_path / "out", formats=("all",), layers=("buildings",))
    assert f"cityjson: {count} buildings without a usable height are 3 m high there" in done.remarks


def test_what_json_cannot_say_is_left_out() -> None:
    """Infinite and missing numbers, and years that four digits cannot say."""
    frame = gpd.GeoDataFrame(
        {
            "height": [5.0, np.inf, np.nan],
            "levels": pd.array([2, None, 1], dtype="Int64"),
            "year": [-50.0, -np.inf, 987.0],
            "people": [1.5, np.inf, 0.0],
            "kind": pd.array(["house", pd.NA, ""], dtype="string"),
        },
        geometry=[ROOM] * 3,
        crs="EPSG:4326",
    )
    assert _attributes(frame) == [
        {"measuredHeight": 5.0, "storeysAboveGround": 2, "function": "house", "people": 1.5},
        {},
        {"storeysAboveGround": 1, "dateOfConstruction": "0987", "people": 0.0},
    ]
