"""CityJSON: footprints, heights, parts, levels of detail, versions, sequences and broken files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from citytwin.errors import SourceError
from citytwin.sources.cityjson.source import CityJSON

ROOT = Path("/")
BOX = (24.93, 60.15, 24.97, 60.18)
#: South-west corner of the made-up model in EPSG:3067 [m].
CORNER = np.array([385_500.0, 6_671_800.0, 12.0])
FACES = ((3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))
KINDS = ("GroundSurface", "RoofSurface", "WallSurface")


class Model:
    """A CityJSON under construction: boxes by their corners in metres from the corner."""

    def __init__(self, version: str = "2.0", system: str = "EPSG/0/3067") -> None:
        self.vertices: list[list[int]] = []
        self.objects: dict[str, Any] = {}
        self.head: dict[str, Any] = {
            "type": "CityJSON",
            "version": version,
            "transform": {"scale": [0.001] * 3, "translate": CORNER.tolist()},
        }
        if system:
            url = f"https://www.opengis.net/def/crs/{system}"
            self.head["metadata"] = {"referenceSystem": url, "referenceDate": "2024-05-01"}

    def box(self, low: Any, high: Any, lod: str = "2.2", *, semantic: bool = True) -> Any:
        """Geometry of a block."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        first = len(self.vertices)
        for z in (z0, z1):
            ring = ((x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z))
            self.vertices += [[round(value * 1000) for value in point] for point in ring]
        shell = [[[first + number for number in face]] for face in FACES]
        geometry: dict[str, Any] = {"type": "Solid", "lod": lod, "boundaries": [shell]}
        if semantic:
            surfaces = [{"type": kind} for kind in KINDS]
            geometry["semantics"] = {"surfaces": surfaces, "values": [[0, 1, 2, 2, 2, 2]]}
        return geometry

    def add(self, name: str, kind: str = "Building", **members: Any) -> None:
        self.objects[name] = {"type": kind, **members}

    def write(self, path: Path) -> Path:
        content = self.head | {"CityObjects": self.objects, "vertices": self.vertices}
        path.write_text(json.dumps(content), encoding="utf-8")
        return path


def read(path: Path, **changes: Any) -> Any:
    settings = {"path": path, "licence": "CC0-1.0", "attribution": "x"}
    return CityJSON.model_validate(settings | changes).read(ROOT, BOX)


def area(table: Any) -> list[float]:
    return [float(each) for each in table.to_crs("EPSG:3067").area]


@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0"])
def test_a_block_with_its_attributes(version: str, tmp_path: Path) -> None:
    model = Model(version)
    attributes = {
        "measuredHeight": 8.5,
        "storeysAboveGround": 3,
        "yearOfConstruction": 1908,
        "function": ["residential"],
        "name": "塔楼",
    }
    model.add("id-1", attributes=attributes, geometry=[model.box((0, 0, 0), (10, 20, 9))])
    model.add("id-2", geometry=[model.box((30, 0, 1), (40, 10, 16), semantic=False)])
    reading = read(model.write(tmp_path / "a.city.json"))
    table = reading.layers["buildings"]
    assert area(table) == pytest.approx([200.0, 100.0], rel=1e-6)
    assert table["height"].tolist() == pytest.approx([8.5, 15.0])
    assert table["levels"].tolist() == pytest.approx([3.0, np.nan], nan_ok=True)
    assert table["year"].tolist() == pytest.approx([1908.0, np.nan], nan_ok=True)
    assert table[["source_id", "kind", "name"]].to_numpy().tolist() == [
        ["id-1", "residential", "塔楼"],
        ["id-2", "", ""],
    ]
    assert reading.date == "2024-05-01"
    lon, lat = table.geometry.iloc[0].centroid.coords[0]
    assert (lon, lat) == pytest.approx((24.937, 60.169), abs=2e-3)


def test_the_ground_surface_counts_and_not_the_roof_that_hangs_over(tmp_path: Path) -> None:
    model = Model()
    house = model.box((0, 0, 0), (10, 10, 6))
    roof = model.box((-2, -2, 6), (12, 12, 8))
    roof["semantics"]["values"] = [[1, 1, 1, 1, 1, 1]]
    model.add("id-1", geometry=[house, roof])
    table = read(model.write(tmp_path / "a.json")).layers["buildings"]
    assert area(table) == pytest.approx([100.0], rel=1e-6)
    assert table["height"].tolist() == pytest.approx([8.0])
    for each in (house, roof):
        del each["semantics"]
    table = read(model.write(tmp_path / "a.json")).layers["buildings"]
    assert area(table) == pytest.approx([14.0 * 14.0], rel=1e-6)


def test_a_building_of_parts(tmp_path: Path) -> None:
    model = Model()
    model.add("whole", children=["low", "high"], attributes={"class": "hotel"})
    low, high = model.box((0, 0, 0), (10, 10, 5)), model.box((10, 0, 4), (20, 10, 25))
    model.add("low", "BuildingPart", parents=["whole"], geometry=[low])
    model.add("high", "BuildingPart", parents=["whole"], geometry=[high])
    layers = read(model.write(tmp_path / "a.json")).layers
    assert area(layers["buildings"]) == pytest.approx([200.0], rel=1e-6)
    assert layers["buildings"]["height"].tolist() == pytest.approx([25.0])
    assert layers["buildings"]["kind"].tolist() == ["hotel"]
    parts = layers["building_parts"].set_index("source_id")
    assert parts["height"].to_dict() == pytest.approx({"low": 5.0, "high": 25.0})
    assert parts["min_height"].to_dict() == pytest.approx({"low": 0.0, "high": 4.0})


def test_levels_of_detail(tmp_path: Path) -> None:
    model = Model()
    boxes = [model.box((0, 0, 0), (side, 10, side), lod) for side, lod in ((8, "1.2"), (10, "2.2"))]
    model.add("id-1", geometry=boxes)
    model.add("id-2", geometry=[model.box((30, 0, 0), (40, 10, 5), "1.2")])
    path = model.write(tmp_path / "a.json")
    assert area(read(path).layers["buildings"]) == pytest.approx([100.0, 100.0], rel=1e-6)
    assert area(read(path, lod="1.2").layers["buildings"]) == pytest.approx([80.0, 100.0], rel=1e-6)
    reading = read(path, lod="2.2")
    assert reading.layers["buildings"]["source_id"].tolist() == ["id-1"]
    assert [(fault.source_id, fault.fault) for fault in reading.faults] == [
        ("id-2", "it has no surfaces of level of detail 2.2")
    ]


def test_a_flat_footprint_has_no_height(tmp_path: Path) -> None:
    model = Model()
    model.box((0, 0, 0), (10, 10, 5))
    surface = {"type": "MultiSurface", "lod": "0", "boundaries": [[[0, 1, 2, 3]]]}
    model.add("id-1", geometry=[surface])
    table = read(model.write(tmp_path / "a.json")).layers["buildings"]
    assert area(table) == pytest.approx([100.0], rel=1e-6)
    assert table["height"].isna().all()


def test_water_land_and_plants_and_what_is_not_used(tmp_path: Path) -> None:
    model = Model()
    for number, kind in enumerate(("WaterBody", "LandUse", "PlantCover", "Bridge", "Road")):
        box = model.box((30 * number, 0, 0), (30 * number + 10, 10, 1), semantic=False)
        model.add(kind, kind, geometry=[box], attributes={"class": "river"})
    reading = read(model.write(tmp_path / "a.json"))
    assert {name: table["class"].item() for name, table in reading.layers.items()} == {
        "water": "river",
        "landuse": "river",
        "landcover": "river",
    }
    assert reading.remarks == [
        "1 objects of kind Bridge are not used",
        "1 objects of kind Road are not used",
    ]


def test_a_sequence_gives_the_same_as_a_file(tmp_path: Path) -> None:
    lines = [json.dumps(Model().head | {"CityObjects": {}, "vertices": []})]
    whole = Model()
    for number in range(3):
        low, high = (20 * number, 0, 0), (20 * number + 10, 10, 5 + number)
        whole.add(f"id-{number}", geometry=[whole.box(low, high)])
        part = Model()
        part.add(f"id-{number}", geometry=[part.box(low, high)])
        feature = {"type": "CityJSONFeature", "id": f"id-{number}"}
        feature |= {"CityObjects": part.objects, "vertices": part.vertices}
        lines.append(json.dumps(feature))
    sequence = tmp_path / "a.city.jsonl"
    sequence.write_text("\n".join(lines), encoding="utf-8")
    one = read(whole.write(tmp_path / "a.json")).layers["buildings"]
    other = read(sequence).layers["buildings"]
    assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
    assert shapely.equals_exact(one.geometry.values, other.geometry.values, 1e-12).all()
    sequence.write_text("\n".join([*lines, '{"type": "CityJSONFeat']), encoding="utf-8")
    with pytest.raises(SourceError, match=r"line 5 of the file .* is no JSON"):
        read(sequence)


def test_heights_in_feet(tmp_path: Path) -> None:
    model = Model(system="EPSG/0/2263")
    model.head["transform"]["translate"] = [985_000.0, 200_000.0, 30.0]
    model.add("id-1", geometry=[model.box((0, 0, 0), (100, 100, 100))])
    path = model.write(tmp_path / "a.json")
    settings = {"path": path, "licence": "CC0-1.0", "attribution": "x"}
    reading = CityJSON.model_validate(settings).read(ROOT, (-74.1, 40.6, -73.9, 40.8))
    assert reading.layers["buildings"]["height"].tolist() == pytest.approx([30.48], rel=1e-4)


def test_a_broken_object_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    model = Model()
    good = model.box((0, 0, 0), (10, 10, 5))
    model.add("good", geometry=[good])
    wrong = [
        [{"type": "Solid", "lod": "2", "boundaries": [[[[0, 1, 999]]]]}],
        [{"type": "Solid", "lod": "2", "boundaries": [[[[0, 1, -2]]]]}],
        [{"type": "Solid", "lod": "2"}],
        [{"type": "Solid", "lod": "2", "boundaries": 7}],
        "nothing",
    ]
    for number, geometry in enumerate(wrong):
        model.add(f"bad-{number}", geometry=geometry)
    model.add("empty", geometry=[])
    reading = read(model.write(tmp_path / "a.json"))
    assert reading.layers["buildings"]["source_id"].tolist() == ["good"]
    assert sorted(fault.source_id for fault in reading.faults) == [
        *(f"bad-{number}" for number in range(len(wrong))),
        "empty",
    ]


def test_objects_far_away_are_left_out(tmp_path: Path) -> None:
    model = Model()
    model.add("id-1", geometry=[model.box((0, 0, 0), (10, 10, 5))])
    path = model.write(tmp_path / "a.json")
    settings = {"path": path, "licence": "CC0-1.0", "attribution": "x"}
    reading = CityJSON.model_validate(settings).read(ROOT, (2.0, 48.0, 2.1, 48.1))
    assert not reading.layers
    assert reading.remarks == [f"nothing of the file {path} lies in the box of the city"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON: it is cut short or broken"),
        ("[1]", "is no CityJSON: it must be an object"),
        ('{"type": "FeatureCollection"}', "is no CityJSON of version 1.0, 1.1, 2.0"),
        ('{"type": "CityJSON", "version": "0.9"}', "its version '0.9'"),
        ('{"type": "CityJSON", "version": "2.0"}', "has no 'CityObjects'"),
        (
            '{"type": "CityJSON", "version": "2.0", "CityObjects": {}, "vertices": [[1]]}',
            "vertices",
        ),
    ],
)
def test_files_that_are_wrong(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=words):
        read(path, crs="EPSG:3067")


def test_missing_files_and_systems(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "a.json")
    model = Model(system="")
    model.add("id-1", geometry=[model.box((0, 0, 0), (10, 10, 5))])
    path = model.write(tmp_path / "a.json")
    with pytest.raises(SourceError, match='add crs = "EPSG:…"'):
        read(path)
    assert len(read(path, crs="EPSG:3067").layers["buildings"]) == 1
