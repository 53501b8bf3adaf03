"""Overture Maps: files made here with the published schema, from a folder and over HTTP."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pydantic import ValidationError

from citytwin.errors import SourceError
from citytwin.sources.overture.segments import stretches
from citytwin.sources.overture.source import Overture
from citytwin.sources.overture.words import THEMES

ROOT = Path("/")
BOX = (24.93, 60.15, 24.97, 60.18)
RELEASE = "2026-10-21.0"

NAMES = pa.struct([("primary", pa.string()), ("common", pa.map_(pa.string(), pa.string()))])
BETWEEN = ("between", pa.list_(pa.float64()))
FLAGS = pa.list_(pa.struct([("values", pa.list_(pa.string())), BETWEEN]))
SPEED = pa.struct([("value", pa.int32()), ("unit", pa.string())])
WHEN = pa.struct(
    [
        ("during", pa.string()),
        ("heading", pa.string()),
        ("using", pa.list_(pa.string())),
        ("recognized", pa.list_(pa.string())),
        ("mode", pa.list_(pa.string())),
    ]
)
#: Types of the columns as the schema reference gives them, as far as we read them.
TYPES: dict[str, Any] = {
    "id": pa.string(),
    "subtype": pa.string(),
    "class": pa.string(),
    "subclass": pa.string(),
    "names": NAMES,
    "height": pa.float64(),
    "min_height": pa.float64(),
    "roof_height": pa.float64(),
    "num_floors": pa.int32(),
    "facade_material": pa.string(),
    "is_underground": pa.bool_(),
    "building_id": pa.string(),
    "connectors": pa.list_(pa.struct([("connector_id", pa.string()), ("at", pa.float64())])),
    "road_flags": FLAGS,
    "rail_flags": FLAGS,
    "level_rules": pa.list_(pa.struct([("value", pa.int32()), BETWEEN])),
    "road_surface": pa.list_(pa.struct([("value", pa.string()), BETWEEN])),
    "speed_limits": pa.list_(pa.struct([("max_speed", SPEED), ("when", WHEN), BETWEEN])),
    "access_restrictions": pa.list_(
        pa.struct([("access_type", pa.string()), ("when", WHEN), BETWEEN])
    ),
    "categories": pa.struct([("primary", pa.string()), ("alternate", pa.list_(pa.string()))]),
    "confidence": pa.float64(),
    "operating_status": pa.string(),
}
COLUMNS = {
    "building": (
        *("subtype", "class", "names", "height", "min_height", "roof_height", "num_floors"),
        *("facade_material", "is_underground"),
    ),
    "building_part": ("height", "min_height", "num_floors", "building_id", "is_underground"),
    "segment": (
        *("subtype", "class", "subclass", "names", "connectors", "road_flags", "rail_flags"),
        *("level_rules", "road_surface", "speed_limits", "access_restrictions"),
    ),
    "place": ("names", "categories", "confidence", "operating_status"),
    "water": ("subtype", "class", "names"),
    "land_use": ("subtype", "class", "names"),
    "land": ("subtype", "class"),
    "land_cover": ("subtype",),
    "infrastructure": ("subtype", "class"),
    "division_area": ("subtype", "class", "names"),
}


def house(shift: float = 0.0) -> shapely.Polygon:
    return shapely.box(24.94 + shift, 60.16, 24.941 + shift, 60.161)


STREET = shapely.LineString([(24.94, 60.16), (24.95, 60.16), (24.96, 60.16)])
#: Features of each type, their geometry first.
FEATURES: dict[str, list[dict[str, Any]]] = {
    "building": [
        {
            "geometry": house(),
            "id": "b1",
            "class": "apartments",
            "subtype": "residential",
            "names": {"primary": "塔"},
            "height": 30.5,
            "num_floors": 9,
            "facade_material": "brick",
        },
        {"geometry": house(0.01), "id": "b2", "subtype": "civic"},
        {"geometry": house(0.02), "id": "b3", "is_underground": True},
        {"geometry": shapely.box(2.0, 48.0, 2.01, 48.01), "id": "paris", "height": 20.0},
    ],
    "building_part": [
        {"geometry": house(), "id": "p1", "building_id": "b1", "height": 30.5, "min_height": 12.0}
    ],
    "segment": [
        {
            "geometry": STREET,
            "id": "s1",
            "subtype": "road",
            "class": "primary",
            "names": {"primary": "Mannerheimintie"},
            "connectors": [{"connector_id": str(i), "at": i / 2} for i in range(3)],
            "road_flags": [{"values": ["is_bridge"], "between": [0.75, 1.0]}],
            "level_rules": [{"value": 1, "between": [0.75, 1.0]}],
            "road_surface": [{"value": "paved"}],
            "speed_limits": [{"max_speed": {"value": 50, "unit": "km/h"}}],
            "access_restrictions": [{"access_type": "denied", "when": {"heading": "backward"}}],
        },
        {
            "geometry": STREET,
            "id": "s2",
            "subtype": "rail",
            "class": "tram",
            "rail_flags": [{"values": ["is_tunnel"]}],
            "connectors": [{"connector_id": "x", "at": 0.5}],
        },
        {"geometry": STREET, "id": "s3", "subtype": "water", "class": "ferry"},
    ],
    "place": [
        {
            "geometry": shapely.Point(24.95, 60.17),
            "id": "h1",
            "names": {"primary": "Sairaala"},
            "categories": {"primary": "hospital"},
            "operating_status": "open",
        },
        {
            "geometry": shapely.Point(24.95, 60.17),
            "id": "h2",
            "categories": {"primary": "cafe"},
            "operating_status": "permanently_closed",
        },
    ],
    "water": [
        {"geometry": house(), "id": "w1", "subtype": "ocean", "class": "ocean"},
        {"geometry": STREET, "id": "w2", "subtype": "canal", "class": "canal"},
        {"geometry": house(), "id": "w3", "subtype": "human_made", "class": "swimming_pool"},
    ],
    "land_use": [
        {"geometry": house(), "id": "u1", "subtype": "park", "class": "park"},
        {"geometry": house(), "id": "u2", "subtype": "protected", "class": "national_park"},
        {"geometry": house(), "id": "u3", "subtype": "agriculture", "class": "meadow"},
    ],
    "land": [{"geometry": house(), "id": "l1", "subtype": "forest", "class": "wood"}],
    "land_cover": [{"geometry": house(), "id": "c1", "subtype": "shrub"}],
    "infrastructure": [
        {"geometry": shapely.Point(24.95, 60.17), "id": "i1", "class": "fire_hydrant"},
        {"geometry": house(), "id": "i2", "class": "substation"},
        {"geometry": STREET, "id": "i3", "class": "city_wall"},
    ],
    "division_area": [
        {"geometry": house(), "id": "d1", "subtype": "neighborhood", "names": {"primary": "Kallio"}}
    ],
}


def write(folder: Path, kind: str, *, geo: bool = True, without: tuple[str, ...] = ()) -> Path:
    """One Parquet file of a feature type, as Overture publishes them."""
    features = FEATURES[kind]
    columns: dict[str, Any] = {
        name: pa.array([each.get(name) for each in features], TYPES[name])
        for name in ("id", *COLUMNS[kind])
        if name not in without
    }
    columns["geometry"] = pa.array([shapely.to_wkb(each["geometry"]) for each in features])
    sides = [shapely.bounds(each["geometry"]).tolist() for each in features]
    names = ("xmin", "ymin", "xmax", "ymax")
    boxes = [dict(zip(names, side, strict=True)) for side in sides]
    columns["bbox"] = pa.array(boxes, pa.struct([(name, pa.float32()) for name in names]))
    table = pa.table(columns)
    if geo:
        note = (
            '{"version": "1.0.0", "primary_column": "geometry", '
            '"columns": {"geometry": {"encoding": "WKB", "geometry_types": []}}}'
        )
        table = table.replace_schema_metadata({"geo": note})
    path = folder / RELEASE / f"theme={THEMES[kind]}" / f"type={kind}" / "part-0.zstd.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=2, compression="zstd")
    return path


@pytest.fixture(scope="module", params=["geoparquet", "plain"])
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("overture")
    for kind in FEATURES:
        write(folder, kind, geo=request.param == "geoparquet")
    return folder


def source(at: Path | None, **changes: Any) -> Overture:
    settings: dict[str, Any] = {
        "release": RELEASE,
        "licence": "ODbL-1.0",
        "attribution": "© OpenStreetMap contributors, Overture Maps Foundation",
    }
    if at is not None:
        settings["path"] = at / "{release}"
    return Overture.model_validate(settings | changes)


def test_every_layer(release: Path) -> None:
    reading = source(release).read(ROOT, BOX)
    layers = reading.layers
    assert reading.date == "2026-10-21"
    assert {name: len(table) for name, table in layers.items()} == {
        "buildings": 2,
        "building_parts": 1,
        "roads": 3,
        "railways": 1,
        "pois": 1,
        "facilities": 1,
        "landuse": 2,
        "landcover": 2,
        "water": 1,
        "waterways": 1,
        "components": 2,
        "barriers": 1,
        "boundaries": 1,
    }
    assert all(table.crs == "EPSG:4326" for table in layers.values())
    building = layers["buildings"].iloc[0]
    assert (building["height"], building["levels"], building["kind"]) == (30.5, 9.0, "apartments")
    assert (building["name"], building["material"], building["source_id"]) == ("塔", "brick", "b1")
    assert layers["buildings"]["kind"].tolist() == ["apartments", "civic"]
    assert layers["buildings"]["height"].isna().tolist() == [False, True]
    assert layers["building_parts"]["min_height"].tolist() == [12.0]
    assert layers["facilities"][["class", "name"]].to_numpy().tolist() == [["hospital", "Sairaala"]]
    assert layers["landuse"]["class"].tolist() == ["park", "grass"]
    assert layers["landcover"]["class"].tolist() == ["wood", "scrub"]
    assert layers["water"]["class"].tolist() == ["sea"]
    assert layers["waterways"]["class"].tolist() == ["canal"]
    assert layers["components"]["class"].tolist() == ["hydrant", "substation"]
    assert set(layers["components"].geom_type) == {"Point"}
    assert layers["boundaries"][["name", "admin_level"]].to_numpy().tolist() == [["Kallio", 10.0]]
    assert (layers["railways"]["class"].item(), layers["railways"]["structure"].item()) == (
        "minor_rail",
        "tunnel",
    )


def test_a_street_is_cut_at_connectors_and_where_rules_change(release: Path) -> None:
    roads = source(release, layers=["roads"]).read(ROOT, BOX).layers["roads"]
    assert list(roads["source_id"]) == ["s1"] * 3
    assert [line.coords[0][0] for line in roads.geometry] == pytest.approx([24.94, 24.95, 24.955])
    assert [line.coords[-1][0] for line in roads.geometry] == pytest.approx([24.95, 24.955, 24.96])
    assert roads.geometry.iloc[0].coords[-1] == (24.95, 60.16)
    assert roads["structure"].tolist() == ["none", "none", "bridge"]
    assert roads["level"].tolist() == [0.0, 0.0, 1.0]
    assert set(roads["class"]) == {"primary"}
    assert roads["oneway"].tolist() == [True] * 3
    assert roads["speed_limit"].tolist() == pytest.approx([50 / 3.6] * 3)
    assert set(roads["surface"]) == {"paved"}


def one(**segment: Any) -> Any:
    (found,) = stretches(STREET, {"id": "s", "class": "residential", **segment}, joints=True)
    return found


def test_rules_of_streets() -> None:
    against = one(access_restrictions=[{"access_type": "denied", "when": {"heading": "forward"}}])
    assert against.row["oneway"]
    assert against.line.coords[0] == STREET.coords[-1]
    bicycles = {"heading": "backward", "mode": ["bicycle"]}
    assert not one(access_restrictions=[{"access_type": "denied", "when": bicycles}]).row["oneway"]
    at_night = {"heading": "backward", "during": "22:00-06:00"}
    assert not one(access_restrictions=[{"access_type": "denied", "when": at_night}]).row["oneway"]
    assert one(access_restrictions=[{"access_type": "denied"}]).row["class"] == "street_limited"
    assert one(**{"class": "trunk"}, subclass="link").row["class"] == "link"
    assert one(speed_limits=[{"max_speed": {"value": 30, "unit": "mph"}}]).row[
        "speed_limit"
    ] == pytest.approx(13.4112)
    assert not list(
        stretches(STREET, {"id": "s", "road_flags": [{"values": ["is_abandoned"]}]}, joints=True)
    )
    assert not list(stretches(shapely.Point(0, 0), {"id": "s"}, joints=True))
    assert not list(stretches(None, {"id": "s"}, joints=True))


def test_a_release_that_lacks_types_and_columns(tmp_path: Path) -> None:
    write(tmp_path, "building", without=("facade_material", "names", "roof_height"))
    reading = source(tmp_path).read(ROOT, BOX)
    assert reading.layers["buildings"]["name"].tolist() == ["", ""]
    assert "the release has no building_part, segment" in reading.remarks[-1]
    assert [path.name for path in source(tmp_path).files(ROOT)] == ["part-0.zstd.parquet"]


def test_nothing_in_the_box(release: Path) -> None:
    reading = source(release).read(ROOT, (10.0, 10.0, 10.1, 10.1))
    assert all(table.empty for table in reading.layers.values())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"release": "latest"}, "String should match pattern"),
        ({"at": None}, "either 'path' or 'url' must say where the release is"),
        ({"at": None, "url": "https://host/{release}"}, "must be named in 'parts'"),
        ({"parts": {"house": ["a"]}}, "'parts' names 'house', which is none of"),
        ({"layers": ["stops"]}, "'layers' names 'stops', which is none of"),
    ],
)
def test_mistakes_in_the_recipe(changes: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=re.escape(words)):
        source(**{"at": tmp_path} | changes)


def test_files_that_are_no_release(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no folder theme=…/type=… with Parquet files"):
        source(tmp_path).read(ROOT, BOX)
    path = write(tmp_path, "building")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SourceError, match="cannot be read: check 'path', 'url' and 'release'"):
        source(tmp_path).read(ROOT, BOX)
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(SourceError, match="has no column 'id', so it is no file of Overture Maps"):
        source(tmp_path).read(ROOT, BOX)


class Ranges(SimpleHTTPRequestHandler):
    """A server of files that understands Range and counts the bytes it sends."""

    sent = 0

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        part = content
        if found:
            first, last = int(found[1]), int(found[2] or len(content) - 1)
            part = content[first : last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if body:
            self.wfile.write(part)
            Ranges.sent += len(part)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address(release: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=str(release)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.skipif(
    find_spec("duckdb_extension_httpfs") is None,
    reason="duckdb-extension-httpfs is not installed",
)
def test_over_http_it_gives_the_same(release: Path, address: str) -> None:
    parts = {kind: [f"theme={THEMES[kind]}/type={kind}/part-0.zstd.parquet"] for kind in FEATURES}
    remote = source(None, url=address + "/{release}/", parts=parts)
    assert remote.streams()
    assert remote.files(ROOT) == []
    here, there = source(release).read(ROOT, BOX), remote.read(ROOT, BOX)
    assert here.layers.keys() == there.layers.keys()
    for name, table in here.layers.items():
        assert table.to_json() == there.layers[name].to_json()
    with pytest.raises(SourceError, match="cannot be read: check 'path', 'url' and 'release'"):
        source(None, url=address, parts={"building": ["missing.parquet"]}).read(ROOT, BOX)


@pytest.mark.skipif(
    find_spec("duckdb_extension_httpfs") is not None,
    reason="duckdb-extension-httpfs is installed",
)
def test_without_the_extension_its_name_is_said() -> None:
    remote = source(None, url="s3://overturemaps-us-west-2/release/{release}")
    with pytest.raises(SourceError, match=r"pip install 'citytwin\[overture\]'"):
        remote.read(ROOT, BOX)
