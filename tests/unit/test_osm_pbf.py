"""The OpenStreetMap reader on small files drawn for the purpose."""

import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from osm_writing import Drawing, read

from citytwin.city.schema import LAYERS, LINE, POINT, ROAD_CLASSES
from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.osm_pbf.source import OsmPbf

FORMS = {0: ("Point",), 1: ("LineString", "MultiLineString"), 2: ("Polygon", "MultiPolygon")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "town.osm.pbf"


def row(table: gpd.GeoDataFrame, source_id: str) -> dict[str, object]:
    found = table[table["source_id"] == source_id]
    assert len(found) == 1, source_id
    return dict(found.iloc[0])


def test_it_is_registered() -> None:
    assert sources.get("osm_pbf") is OsmPbf


def test_a_town_of_everything(path: Path) -> None:
    town = Drawing()
    town.square(1, 1, 1, {"building": "yes", "height": "12,5", "name": "東京駅 «Ü»"})
    town.square(3, 1, 1, {"building:part": "yes", "height": "40 ft"})
    town.square(5, 1, 1, {"natural": "water", "water": "pond", "name": "Teich"})
    town.square(7, 1, 1, {"landuse": "forest"})
    town.square(1, 3, 1, {"natural": "scrub"})
    town.square(3, 3, 1, {"amenity": "school", "name": "Lycée", "capacity": "900"})
    town.square(5, 3, 1, {"boundary": "administrative", "admin_level": "9", "name": "3"})
    town.square(7, 3, 1, {"power": "substation"})
    town.line([(1, 6), (9, 6)], {"highway": "primary", "maxspeed": "50", "lanes": "4"})
    town.line([(1, 7), (9, 7)], {"railway": "tram", "bridge": "viaduct"})
    town.line([(1, 8), (9, 8)], {"waterway": "stream", "tunnel": "culvert", "name": "Bach"})
    town.line([(1, 9), (9, 9)], {"man_made": "dyke"})
    town.node(2, 5, emergency="fire_hydrant")
    town.node(3, 5, manhole="drain")
    town.node(4, 5, amenity="pharmacy", name="药房")
    town.node(5, 5, place="suburb", name="Altstadt", **{"name:zh": "老城"})
    town.node(6, 5, natural="peak", ele="-3 m", name="Low")
    town.node(50, 50, amenity="bank")
    layers = read(
        town.write(path, header={"osmosis_replication_timestamp": "2024-02-29T00:00:00Z"})
    ).layers

    for name, table in layers.items():
        assert table.crs == "EPSG:4326", name
        assert table["source_id"].is_unique, name
        assert set(table.geom_type) <= set(FORMS[LAYERS[name].dimension]), name
        assert set(table.columns) <= {"source_id", "geometry", *LAYERS[name].columns}, name
    house = row(layers["buildings"], "way/1")
    assert (house["height"], house["name"]) == (12.5, "東京駅 «Ü»")
    assert math.isnan(house["levels"])
    assert row(layers["building_parts"], "way/2")["height"] == pytest.approx(12.192)
    assert row(layers["water"], "way/3")["class"] == "lake"
    assert row(layers["landuse"], "way/4")["class"] == "wood"
    assert row(layers["landcover"], "way/5")["class"] == "scrub"
    assert row(layers["landuse"], "way/6")["class"] == "school"
    school = row(layers["facilities"], "way/6")
    assert (school["class"], school["name"], school["capacity"]) == ("school", "Lycée", 900.0)
    assert shapely.box(3, 3, 4, 4).contains(school["geometry"])
    assert row(layers["boundaries"], "way/7")["admin_level"] == 9.0
    assert row(layers["components"], "way/8")["class"] == "substation"
    road = row(layers["roads"], "way/9#1")
    assert (road["class"], road["kind"], road["lanes"]) == ("primary", "primary", 4.0)
    assert road["speed_limit"] == pytest.approx(50 / 3.6)
    assert row(layers["railways"], "way/10")["structure"] == "bridge"
    assert row(layers["waterways"], "way/11")["structure"] == "culvert"
    assert row(layers["barriers"], "way/12")["class"] == "dyke"
    assert set(layers["components"]["class"]) == {"hydrant", "manhole", "substation"}
    assert set(layers["pois"]["kind"]) == {"school", "pharmacy"}, "the bank is outside"
    assert layers["places"]["name_zh"].tolist() == ["老城"]
    assert layers["peaks"]["elevation"].tolist() == [-3.0]


def test_the_date_is_the_header_s(path: Path) -> None:
    town = Drawing()
    town.square(1, 1, 1, {"building": "yes"})
    assert read(
        town.write(path, header={"osmosis_replication_timestamp": "2024-02-29T00:00:00Z"})
    ).date.startswith("2024-02-29")
    assert read(town.write(path)).date == ""


def test_relations_with_holes_islands_and_touching_rings(path: Path) -> None:
    town = Drawing()
    outer, inner = town.square(0, 0, 4, {}), town.square(1, 1, 1, {"building": "kiosk"})
    town.relation({"type": "multipolygon", "building": "yes"}, outer=[outer], inner=[inner])
    a, b = town.line([(5, 0), (7, 0), (7, 2)], {}), town.line([(7, 2), (5, 2), (5, 0)], {})
    # Ends of two ways meet at the same nodes.
    town.ways[b - 1] = (
        [town.ways[a - 1][0][-1], town.ways[b - 1][0][1], town.ways[a - 1][0][0]],
        {},
    )
    far = town.square(8, 8, 1, {})
    town.relation({"type": "multipolygon", "landuse": "grass"}, outer=[a, b, far])
    nodes = [town.node(*p) for p in [(0, 6), (4, 6), (4, 9), (0, 9), (2, 7), (3, 7), (2, 6)]]
    ring = town.way([nodes[0], nodes[6], nodes[1], nodes[2], nodes[3], nodes[0]], {})
    hole = town.way([nodes[6], nodes[5], nodes[4], nodes[6]], {})
    town.relation({"type": "multipolygon", "natural": "water"}, outer=[ring], inner=[hole])
    found = read(town.write(path))
    assert not found.faults
    buildings = found.layers["buildings"]
    assert buildings["source_id"].tolist() == ["way/2", "relation/1"]
    assert row(buildings, "relation/1")["geometry"].area == pytest.approx(15.0)
    assert row(found.layers["landuse"], "relation/2")["geometry"].area == pytest.approx(5.0)
    lake = row(found.layers["water"], "relation/3")["geometry"]
    assert lake.is_valid
    assert lake.area == pytest.approx(11.5)


def test_relations_that_do_not_close_are_named(path: Path) -> None:
    town = Drawing()
    town.square(9, 9, 1, {"building": "yes"})
    open_way = town.line([(0, 0), (1, 0), (1, 1)], {})
    town.relation({"type": "multipolygon", "building": "yes"}, outer=[open_way])
    town.relation({"type": "multipolygon", "natural": "water"}, outer=[open_way, 777])
    away = town.line([(50, 50), (51, 50), (51, 51)], {})
    town.relation({"type": "multipolygon", "building": "yes"}, outer=[away])
    found = read(town.write(path))
    named = {(fault.layer, fault.source_id, fault.action): fault.fault for fault in found.faults}
    assert set(named) == {
        ("buildings", "relation/1", "dropped"),
        ("water", "relation/2", "dropped"),
    }
    assert "do not close" in named["buildings", "relation/1", "dropped"]
    assert "not in the file" in named["water", "relation/2", "dropped"]
    assert found.remarks[0].startswith("1 relations of areas do not close")


def test_nothing_counts_twice(path: Path) -> None:
    town = Drawing()
    outer = town.square(0, 0, 4, {"building": "yes", "height": "9"})
    inner = town.square(1, 1, 1, {})
    town.relation({"type": "multipolygon", "building": "yes"}, outer=[outer], inner=[inner])
    twin = town.ways[town.square(6, 6, 1, {"building": "yes"}) - 1][0]
    town.way([*twin[2:], *twin[1:3]], {"building": "house"})
    park = town.square(6, 1, 3, {"leisure": "park"})
    town.relation({"type": "multipolygon", "leisure": "pitch"}, outer=[park])
    found = read(town.write(path))
    assert found.layers["buildings"]["source_id"].tolist() == ["way/3", "relation/1"]
    assert {(fault.source_id, fault.action) for fault in found.faults} == {
        ("way/1", "dropped"),
        ("way/4", "dropped"),
    }
    assert sorted(found.layers["landuse"]["class"]) == ["park", "pitch"], "not the same thing"


def test_holes_drawn_the_old_way(path: Path) -> None:
    town = Drawing()
    outer = town.square(0, 0, 4, {"building": "yes", "name": "Hof"})
    inner = town.square(1, 1, 2, {})
    town.relation({"type": "multipolygon"}, outer=[outer], inner=[inner])
    lonely = town.square(6, 6, 1, {"building": "yes"})
    town.relation({"type": "multipolygon"}, outer=[lonely], inner=[99])
    found = read(town.write(path))
    court = row(found.layers["buildings"], "way/1")
    assert court["name"] == "Hof"
    assert court["geometry"].area == pytest.approx(12.0)
    assert row(found.layers["buildings"], "way/3")["geometry"].area == pytest.approx(1.0)
    assert [fault.action for fault in found.faults] == ["repaired"]


def test_crossed_and_flat_rings_reach_the_repair_of_the_build(path: Path) -> None:
    town = Drawing()
    town.ring([(0, 0), (2, 2), (2, 0), (0, 2)], {"building": "yes", "amenity": "bank"})
    nodes = [town.node(5, 5), town.node(6, 6)]
    town.way([nodes[0], nodes[1], nodes[0]], {"building": "yes"})
    town.way([nodes[0], nodes[0]], {"building": "yes"})
    found = read(town.write(path))
    assert not row(found.layers["buildings"], "way/1")["geometry"].is_valid
    assert len(found.layers["pois"]) == 1
    assert [fault.source_id for fault in found.faults] == ["way/2", "way/3"]


def test_streets_are_split_where_they_share_a_node(path: Path) -> None:
    town = Drawing()
    main = town.line([(0, 5), (2, 5), (4, 5), (6, 5)], {"highway": "residential"})
    crossing = town.ways[main - 1][0][1]
    top, bottom = town.node(2, 7), town.node(2, 3)
    town.way([top, crossing, bottom], {"highway": "footway"})
    bridge = town.line([(5, 0), (5, 10)], {"highway": "motorway", "bridge": "yes"})
    loop = [town.node(*p) for p in [(8, 5), (9, 6), (9, 4)]]
    end = town.ways[main - 1][0][-1]
    town.way([end, *loop, loop[0]], {"highway": "service"})
    roads = read(town.write(path)).layers["roads"]
    assert roads["source_id"].tolist() == [
        *("way/1#1", "way/1#2", "way/2#1", "way/2#2", f"way/{bridge}#1", "way/4#1", "way/4#2")
    ]
    assert row(roads, "way/1#2")["geometry"].wkt == "LINESTRING (2 5, 4 5, 6 5)"
    assert row(roads, "way/4#2")["geometry"].is_ring
    assert shapely.length(roads.geometry.array).sum() == pytest.approx(
        6 + 4 + 10 + 2 + 2 * 2**0.5 + 2
    )
    crossed = row(roads, f"way/{bridge}#1")
    assert (crossed["structure"], crossed["level"]) == ("bridge", 1.0)
    assert set(roads["class"]) <= set(ROAD_CLASSES)


def test_one_way_streets_run_with_the_traffic(path: Path) -> None:
    town = Drawing()
    for y, tags in enumerate(
        [
            {"oneway": "yes"},
            {"oneway": "-1"},
            {"oneway": "no", "highway": "motorway"},
            {"highway": "motorway"},
            {"junction": "roundabout"},
            {},
            {"oneway": "reversible"},
        ]
    ):
        town.line([(0, y), (5, y), (9, y)], {"highway": "residential", **tags})
    # A side street in the middle of the reversed one.
    town.way([town.ways[1][0][1], town.node(5, 1.5)], {"highway": "residential"})
    roads = read(town.write(path)).layers["roads"]
    flags = dict(zip(roads["source_id"], roads["oneway"], strict=True))
    assert flags == {
        "way/1#1": True,
        "way/2#1": True,
        "way/2#2": True,
        "way/3#1": False,
        "way/4#1": True,
        "way/5#1": True,
        "way/6#1": False,
        "way/7#1": False,
        "way/8#1": False,
    }
    assert roads["oneway"].dtype == bool
    assert row(roads, "way/2#1")["geometry"].wkt == "LINESTRING (5 1, 0 1)"
    assert row(roads, "way/2#2")["geometry"].wkt == "LINESTRING (9 1, 5 1)"


@pytest.mark.parametrize(
    ("tags", "structure", "level"),
    [
        ({"tunnel": "yes"}, "tunnel", -1.0),
        ({"tunnel": "building_passage"}, "none", 0.0),
        ({"bridge": "yes", "layer": "2"}, "bridge", 2.0),
        ({"bridge": "no"}, "none", 0.0),
        ({"ford": "yes"}, "ford", 0.0),
        ({"layer": "-2"}, "none", -2.0),
        ({"layer": "upstairs"}, "none", 0.0),
    ],
)
def test_structures(path: Path, tags: dict[str, str], structure: str, level: float) -> None:
    town = Drawing()
    town.line([(0, 0), (5, 0)], {"highway": "residential", **tags})
    road = row(read(town.write(path)).layers["roads"], "way/1#1")
    assert (road["structure"], road["level"]) == (structure, level)


def test_squares_are_ground_and_no_roads(path: Path) -> None:
    town = Drawing()
    town.square(0, 0, 2, {"highway": "pedestrian", "area": "yes"})
    town.square(4, 0, 2, {"highway": "pedestrian"})
    town.square(4, 4, 2, {"amenity": "parking", "parking": "underground"})
    town.square(7, 4, 2, {"waterway": "canal"})
    town.square(7, 7, 2, {"natural": "wood", "area": "no"})
    layers = read(town.write(path)).layers
    assert layers["landuse"]["source_id"].tolist() == ["way/1"]
    assert layers["landuse"]["class"].tolist() == ["pedestrian"]
    assert layers["roads"]["source_id"].tolist() == ["way/2#1"]
    assert layers["waterways"]["source_id"].tolist() == ["way/4"]
    assert "water" not in layers
    assert "landcover" not in layers
    assert layers["pois"]["kind"].tolist() == ["parking"]


def test_the_sea_joins_the_water(path: Path) -> None:
    town = Drawing()
    town.line([(4, -2), (4, 5), (4, 12)], {"natural": "coastline"})
    town.square(1, 1, 1, {"natural": "water"})
    found = read(town.write(path), (0.0, 0.0, 10.0, 10.0))
    water = found.layers["water"]
    assert water["source_id"].tolist() == ["way/2", "coastline#1"]
    sea = row(water, "coastline#1")
    assert sea["class"] == "sea"
    assert sea["geometry"].equals(shapely.box(4, 0, 10, 10))
    assert not found.remarks


def test_a_box_at_the_180th_meridian(path: Path) -> None:
    town = Drawing()
    east = [town.node(179.9, 0), town.node(179.9, 1)]
    west = [town.node(-179.9, 1), town.node(-179.9, 0)]
    town.way([*east, *west, east[0]], {"landuse": "grass"})
    town.way([east[0], west[1]], {"highway": "primary"})
    town.square(0, 0, 1, {"building": "yes"})
    written = town.write(path)
    layers = read(written, (179.0, -1.0, 180.0, 2.0)).layers
    assert "buildings" not in layers
    grass = layers["landuse"].geometry.iloc[0]
    assert grass.area == pytest.approx(0.2)
    assert set(read(written, (-1.0, -1.0, 2.0, 2.0)).layers) == {"buildings"}, "not in Africa"
    halves = read(written, (-180.0, -1.0, -179.0, 2.0)).layers["landuse"].geometry.iloc[0]
    assert halves.equals(grass)


def test_ways_that_miss_nodes_are_told(path: Path) -> None:
    town = Drawing()
    road = town.line([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)], {"highway": "primary"})
    town.ways[road - 1][0][2] = 999
    house = town.square(5, 5, 1, {"building": "yes"})
    town.ways[house - 1][0][1] = 998
    town.square(8, 8, 1, {"building": "yes"})
    found = read(town.write(path))
    assert found.layers["roads"]["source_id"].tolist() == ["way/1#1", "way/1#2"]
    assert shapely.length(found.layers["roads"].geometry.array).sum() == pytest.approx(2.0)
    assert found.layers["buildings"]["source_id"].tolist() == ["way/3"]
    assert [(fault.source_id, fault.action) for fault in found.faults] == [
        ("way/1", "repaired"),
        ("way/2", "dropped"),
    ]


def test_many_batches_give_the_same_table(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Drawing()
    for number in range(60):
        town.square(number % 10, number // 10, 0.4, {"building": "yes", "height": f"{number + 1}"})
    whole = read(town.write(path)).layers["buildings"]
    monkeypatch.setattr("citytwin.sources.osm_pbf.tables.BATCH", 7)
    parts = read(path).layers["buildings"]
    assert_geodataframe_equal(whole, parts)
    assert len(whole) == 60


def test_mistakes_have_one_sentence(path: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there"):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="no whole OpenStreetMap PBF file"):
        read(path)
    path.write_text('<?xml version="1.0"?><osm version="0.6"></osm>')
    with pytest.raises(SourceError, match="no whole OpenStreetMap PBF file"):
        read(path)
    town = Drawing()
    town.square(50, 50, 1, {"building": "yes"})
    with pytest.raises(SourceError, match="nothing inside the box"):
        read(town.write(path))
    with pytest.raises(SourceError, match="osmium sort"):
        read(town.write(path, ways_first=True))


def test_layers_of_points_and_lines_exist() -> None:
    """The forms that the first test compares with are those of the schema."""
    assert LAYERS["roads"].dimension == LINE
    assert LAYERS["pois"].dimension == POINT
