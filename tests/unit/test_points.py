"""Points from tables in any delimiter and encoding, and from GeoJSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from citytwin.errors import SourceError
from citytwin.sources.gcj02 import wgs84_to_gcj02
from citytwin.sources.points import Points

ROOT = Path("/")
SHARED = Path(__file__).parents[3] / "shared" / "data"
BOX = (121.40, 31.20, 121.50, 31.30)
#: What the Geospatial Information Authority of Japan calls hazards in its files of shelters.
GSI = {
    "flood": "洪水",
    "landslide": "崖崩れ、土石流及び地滑り",
    "storm_surge": "高潮",
    "earthquake": "地震",
    "tsunami": "津波",
    "fire": "大規模な火事",
    "inland_flood": "内水氾濫",
    "volcano": "火山現象",
}


def source(path: Path, **changes: Any) -> Points:
    settings: dict[str, Any] = {
        "path": path,
        "layer": "sensors",
        "crs": "EPSG:4326",
        "columns": {"name": "名称", "unit": "unit"},
        "licence": "CC0-1.0",
        "attribution": "x",
    }
    return Points.model_validate(settings | changes)


def table(folder: Path, text: str, encoding: str = "utf-8", name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "shift_jis"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_any_delimiter_and_encoding(encoding: str, sign: str, tmp_path: Path) -> None:
    rows = ["名称,lon,lat,unit", '"雨量, 一号",121.47,31.23,mm', "水位二号,121.48,31.24,m", ""]
    text = "\n".join(rows).replace(",", sign)
    given = "" if encoding.startswith("utf") else encoding
    layer = source(table(tmp_path, text, encoding), encoding=given).read(ROOT, BOX)
    sensors = layer.layers["sensors"]
    assert sensors["name"].tolist() == [f"雨量{sign} 一号", "水位二号"]
    assert sensors["unit"].tolist() == ["mm", "m"]
    assert [(point.x, point.y) for point in sensors.geometry] == [(121.47, 31.23), (121.48, 31.24)]
    assert sensors["source_id"].tolist() == ["row 1 of a.csv", "row 2 of a.csv"]


def test_decimal_commas_and_other_systems(tmp_path: Path) -> None:
    path = table(tmp_path, "名称;x;y;unit\nA;355000,5;3456000,25;m\n")
    settings = {"lon": "x", "lat": "y", "decimal": ",", "crs": "EPSG:32651"}
    point = source(path, **settings).read(ROOT, BOX).layers["sensors"].geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((121.479, 31.229), abs=2e-3)
    x, y = wgs84_to_gcj02(np.array([[121.47, 31.23]]))[0].tolist()
    path = table(tmp_path, f"名称,lon,lat,unit\nA,{x!r},{y!r},m\n")
    point = source(path, crs="GCJ-02").read(ROOT, BOX).layers["sensors"].geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((121.47, 31.23), abs=1e-9)


def test_rows_without_a_place_are_named(tmp_path: Path) -> None:
    path = table(tmp_path, "名称,lon,lat,unit\nA,121.47,31.23,m\nB,,31.2,m\nC,east,31.2,m\n")
    reading = source(path).read(ROOT, BOX)
    assert reading.layers["sensors"]["name"].tolist() == ["A"]
    assert [(fault.source_id, fault.action) for fault in reading.faults] == [
        ("row 2 of a.csv", "dropped"),
        ("row 3 of a.csv", "dropped"),
    ]


@pytest.mark.parametrize(
    ("text", "changes", "words"),
    [
        ("", {}, "is empty: it needs a first line"),
        ("名称,lon,lat,unit\nA,1,2,m\n", {"crs": ""}, 'add crs = "EPSG:…"'),
        ("名称,x,lat,unit\nA,1,2,m\n", {}, "no column 'lon', which 'lon' in the recipe names"),
        ("lon,lat,unit\n1,2,m\n", {}, "no column '名称', which 'columns.name' in the recipe"),
        ("名称,lon,lat,unit\nA,x,y,m\n", {}, "no row of .* has numbers in 'lon' and 'lat'"),
        ("名称,lon,lat,unit\nA,31.2,121.4,m\n", {}, "wrong way round"),
        ("名称,lon,lat,unit\nA,1,2,m\nB,1,2,m,extra,more\n", {}, "no table of text with ','"),
        ("名称,lon,lat,unit\nA,1,2,m,extra\n", {}, "no table of text with ','"),
        ("名称,lon,lon ,lat,unit\nA,1,1,2,m\n", {}, "two columns called 'lon'"),
    ],
)
def test_mistakes(text: str, changes: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=words):
        source(table(tmp_path, text), **changes).read(ROOT, BOX)


def test_a_wrong_encoding_and_a_layer_of_areas(tmp_path: Path) -> None:
    path = table(tmp_path, "名称,lon,lat,unit\n塔,121.47,31.23,m\n", "gb18030")
    with pytest.raises(SourceError, match="is not text in UTF-8: give its 'encoding'"):
        source(path).read(ROOT, BOX)
    with pytest.raises(SourceError, match="is not text in klingon"):
        source(path, encoding="klingon").read(ROOT, BOX)
    with pytest.raises(SourceError, match="cannot be read: check 'path'"):
        source(tmp_path / "b.csv").read(ROOT, BOX)
    with pytest.raises(ValidationError, match="the layer buildings is not one of points"):
        source(path, layer="buildings", columns={})


def test_geojson_needs_no_system(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [121.47, 31.23]},
        "properties": {"洪水": "1", "津波": "", "name": "避难所"},
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    flags = {"hazards": {"flood": "洪水", "tsunami": "津波"}}
    layer = source(path, layer="shelters", crs="", columns={"name": "name"}, flags=flags)
    row = layer.read(ROOT, BOX).layers["shelters"].iloc[0]
    assert (row["name"], row["hazards"]) == ("避难所", "flood")


@pytest.mark.skipif(
    not (SHARED / "tokyo-plateau").is_dir(), reason="../shared/data/tokyo-plateau is not there"
)
def test_shelters_of_tokyo_by_hazard() -> None:
    folder = SHARED / "tokyo-plateau" / "shelters"
    box = (139.0, 35.0, 140.5, 36.5)
    columns = {"source_id": "共通ID", "name": "施設・場所名"}
    settings: dict[str, Any] = {"layer": "shelters", "crs": "", "columns": columns}
    emergency = source(
        folder / "emergency_*.json",
        **settings,
        flags={"hazards": GSI},
        constants={"kind": "emergency"},
    ).read(ROOT, box)
    stay = source(folder / "evacuation_*.json", **settings, constants={"kind": "stay"}).read(
        ROOT, box
    )
    for name, reading in (("emergency", emergency), ("evacuation", stay)):
        features = [
            feature["properties"]
            for path in sorted(folder.glob(f"{name}_*.json"))
            for feature in json.loads(path.read_text("utf-8"))["features"]
        ]
        table = reading.layers["shelters"]
        assert table["source_id"].tolist() == [each["共通ID"] for each in features]
        if name == "emergency":
            want = [",".join(word for word, key in GSI.items() if each[key]) for each in features]
            assert table["hazards"].tolist() == want
            assert len(set(want)) > 10
    assert set(stay.layers["shelters"]["kind"]) == {"stay"}
