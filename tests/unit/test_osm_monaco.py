"""Monaco from its extract, compared with an independent reading by GDAL, object by object.

GDAL's OpenStreetMap driver assembles relations by its own code. Objects that only one of the two
has are listed with the reason; anything else fails.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium
import pyogrio
import pytest
import shapely
from osm_writing import read
from shapely.ops import linemerge, split

from citytwin.sources.base import Reading
from citytwin.sources.osm_pbf.classes import NO_POIS, ROADS
from citytwin.sources.osm_pbf.coast import divide

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT.parent / "shared" / "data" / "monaco" / "monaco-latest.osm.pbf"
pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="needs ../shared/data/monaco, which is not in the project"
)
#: More than the extract: every object of it counts.
ALL = (7.2, 43.3, 7.8, 43.9)
#: The state with the sea before it: the coast enters in the south-west and leaves in the east.
STATE = (7.4090, 43.7242, 7.4440, 43.7522)
#: Points in the open sea, in the port of Hercule and of Fontvieille, and on the rock and the hill.
AT_SEA = ((7.4380, 43.7300), (7.4262, 43.7345), (7.4225, 43.7290), (7.4155, 43.7250))
ON_LAND = ((7.4205, 43.7311), (7.4246, 43.7307), (7.4280, 43.7390), (7.4150, 43.7330))
PAIR = re.compile(r'"((?:[^"\\\\]|\\\\.)*)"=>"((?:[^"\\\\]|\\\\.)*)"')

Tags = dict[str, str]


@dataclass(frozen=True)
class Independent:
    """Objects by source id: tags and geometry, as GDAL reads them."""

    areas: dict[str, Tags]
    lines: dict[str, Tags]
    points: dict[str, Tags]
    shapes: dict[str, shapely.Geometry]

    def ids(self, *kinds: str, **wanted: tuple[str, ...]) -> set[str]:
        """Objects of some kinds with any of some keys, of any value if none is given."""
        tables = [getattr(self, kind) for kind in kinds]
        return {
            name
            for table in tables
            for name, tags in table.items()
            for key, values in wanted.items()
            if key in tags and (not values or tags[key] in values)
        }


def _layer(name: str) -> tuple[dict[str, Tags], dict[str, shapely.Geometry]]:
    table = pyogrio.read_dataframe(FILE, layer=name)
    kind = {"multipolygons": "relation", "lines": "way", "points": "node"}[name]
    tags, shapes = {}, {}
    for row in table.to_dict("records"):
        known = {k: v for k, v in row.items() if isinstance(v, str) and k != "other_tags"}
        other = row["other_tags"] if isinstance(row["other_tags"], str) else ""
        way = known.get("osm_way_id")
        source_id = f"way/{way}" if way else f"{kind}/{row['osm_id']}"
        tags[source_id] = known | dict(PAIR.findall(other))
        shapes[source_id] = row["geometry"]
    return tags, shapes


@pytest.fixture(scope="module")
def gdal() -> Independent:
    (areas, a), (lines, b), (points, c) = map(_layer, ("multipolygons", "lines", "points"))
    return Independent(areas, lines, points, a | b | c)


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(FILE, ALL)


def ours(reading: Reading, layer: str) -> set[str]:
    return set(reading.layers[layer]["source_id"].str.split("#").str[0])


def test_buildings_are_the_same(reading: Reading, gdal: Independent) -> None:
    table = reading.layers["buildings"].set_index("source_id").geometry
    theirs = gdal.ids("areas", building=())
    assert set(table.index) == theirs
    assert len(theirs) == 1605
    for name, shape in table.items():
        other = gdal.shapes[name]
        assert shapely.area(shape) == pytest.approx(shapely.area(other), rel=1e-9), name


def test_every_building_relation_is_closed(reading: Reading) -> None:
    """All but one whose outer way is not in the file; that one is named."""
    said = {
        f"relation/{found.id}"
        for found in osmium.FileProcessor(str(FILE), osmium.osm.RELATION)
        if found.tags.get("type") == "multipolygon" and "building" in found.tags
    }
    table = reading.layers["buildings"].set_index("source_id").geometry
    made = {name for name in table.index if name.startswith("relation/")}
    assert said - made == {"relation/5197022"}
    assert made <= said
    assert len(made) == 29
    assert table[sorted(made)].is_valid.all()
    lost = [fault for fault in reading.faults if fault.source_id == "relation/5197022"]
    assert [(fault.layer, fault.action) for fault in lost] == [("buildings", "dropped")]


def test_building_parts(reading: Reading, gdal: Independent) -> None:
    """GDAL takes a way as an area by ``building`` only, so most parts are lines there."""
    theirs = {
        name
        for name in gdal.ids("areas", "lines", **{"building:part": ()})
        if name in gdal.areas or gdal.shapes[name].is_ring
    }
    # A hotel tagged building:part=no.
    assert theirs - ours(reading, "building_parts") == {"way/572948281"}
    assert ours(reading, "building_parts") <= theirs


def test_roads(reading: Reading, gdal: Independent) -> None:
    theirs = gdal.ids("lines", highway=tuple(ROADS))
    found = ours(reading, "roads")
    assert found <= theirs
    # Squares and pavements drawn as areas: ground in our city.
    squares = theirs - found
    assert squares == {name for name in theirs if gdal.lines[name].get("area") == "yes"}
    assert squares <= ours(reading, "landuse")
    others = gdal.ids("lines", highway=()) - theirs
    kinds = {gdal.lines[name]["highway"] for name in others}
    assert kinds <= {"platform", "construction", "elevator"}


def test_streets_keep_their_length(reading: Reading, gdal: Independent) -> None:
    total = sum(shapely.length(gdal.shapes[name]) for name in ours(reading, "roads"))
    lengths = shapely.length(reading.layers["roads"].geometry.array)
    assert lengths.sum() == pytest.approx(total, rel=1e-12)


def test_railways_and_waterways(reading: Reading, gdal: Independent) -> None:
    rails = gdal.ids("lines", railway=("rail", "funicular", "tram", "subway", "light_rail"))
    assert ours(reading, "railways") == rails
    assert len(rails) == 11
    kinds = {gdal.lines[name]["railway"] for name in gdal.ids("lines", railway=()) - rails}
    assert kinds <= {"platform", "abandoned", "disused", "razed", "proposed"}
    assert ours(reading, "waterways") == gdal.ids("lines", waterway=())


def test_barriers(reading: Reading, gdal: Independent) -> None:
    """Fences around areas are lines of ours and tags of the area in GDAL."""
    theirs = gdal.ids("lines", barrier=(), man_made=("breakwater", "groyne", "dyke", "embankment"))
    around = ours(reading, "barriers") - theirs
    assert theirs <= ours(reading, "barriers")
    assert around <= gdal.ids("areas", barrier=(), man_made=("breakwater",))


def test_water(reading: Reading, gdal: Independent) -> None:
    theirs = gdal.ids(
        "areas", natural=("water",), waterway=("riverbank",), landuse=("reservoir", "basin")
    )
    assert ours(reading, "water") - {"coastline"} == theirs
    assert len(theirs) == 25


def test_landuse(reading: Reading, gdal: Independent) -> None:
    """Every area with ``landuse`` is there; more comes from other keys, each one explained."""
    found = ours(reading, "landuse")
    theirs = gdal.ids("areas", landuse=())
    assert theirs <= found
    by_keys = gdal.ids(
        "areas",
        "lines",
        leisure=(),
        amenity=(),
        natural=(),
        tourism=(),
        aeroway=(),
        power=(),
        man_made=(),
        highway=(),
        **{"area:highway": ()},
    )
    assert found - theirs <= by_keys
    # Roof gardens belong to their buildings.
    parks = {
        name
        for name in gdal.ids("areas", leisure=("park", "garden"))
        if not {"landuse", "building"} & set(gdal.areas[name])
    }
    table = reading.layers["landuse"].set_index("source_id")["class"]
    assert set(table[sorted(parks)]) == {"park"}
    cover = gdal.ids("areas", natural=("wood", "scrub", "beach", "sand", "heath", "shingle"))
    assert ours(reading, "landcover") == cover


def test_places_that_people_go_to(reading: Reading, gdal: Independent) -> None:
    keys: dict[str, tuple[str, ...]] = dict.fromkeys(
        ("amenity", "shop", "tourism", "office", "leisure"), ()
    )
    theirs = gdal.ids("areas", "points", **keys)
    found = ours(reading, "pois")
    # Street furniture and things that are no places; GDAL has no such choice.
    furniture = {
        name
        for name in theirs
        if {(gdal.areas.get(name) or gdal.points[name]).get(key, "no") for key in keys}
        <= set(NO_POIS)
    }
    assert found == theirs - furniture
    assert len(found) == 1173


def test_facilities(reading: Reading, gdal: Independent) -> None:
    table = reading.layers["facilities"]
    for kind, number in (("hospital", 6), ("fire_station", 2), ("school", 10), ("pharmacy", 17)):
        theirs = gdal.ids("areas", "points", amenity=(kind,))
        assert set(table.loc[table["class"] == kind, "source_id"]) == theirs, kind
        assert len(theirs) == number


def test_districts(reading: Reading, gdal: Independent) -> None:
    table = reading.layers["boundaries"]
    assert set(table["source_id"]) == gdal.ids("areas", boundary=("administrative",))
    assert (table["admin_level"] == 10).sum() == 9, "nine wards"
    lost = {f.source_id for f in reading.faults if f.layer == "boundaries"}
    assert len(lost) == 9, "districts of France, of which the file has a few ways only"


def test_components(reading: Reading, gdal: Independent) -> None:
    table = reading.layers["components"]
    for kind, wanted in {
        "hydrant": {"emergency": ("fire_hydrant",)},
        "lamp": {"highway": ("street_lamp",)},
        "camera": {"man_made": ("surveillance",)},
        "defibrillator": {"emergency": ("defibrillator",)},
    }.items():
        theirs = gdal.ids("points", **wanted)
        assert set(table.loc[table["class"] == kind, "source_id"]) == theirs, kind
        assert theirs


def test_the_coast_closes(gdal: Independent) -> None:
    """Sea and land against GDAL's coastlines cut by shapely and told apart by known points."""
    found = read(FILE, STATE)
    assert not [remark for remark in found.remarks if "coast" in remark]
    water = found.layers["water"]
    sea = shapely.union_all(water[water["class"] == "sea"].geometry.array)
    coast = np.asarray(found.layers["coastline"].geometry.array, dtype=object)
    shore = divide(coast, STATE)
    box = shapely.area(shapely.box(*STATE))
    assert abs(shapely.area(shore.sea).sum() + shapely.area(shore.land).sum() - box) < 1e-9 * box
    assert len(shore.undecided) == 0

    frame = shapely.box(*STATE)
    coast_ids = gdal.ids("lines", natural=("coastline",))
    # GDAL gives no closed coastline, neither as a line nor as an area: the island of Larvotto.
    assert set(found.layers["coastline"]["source_id"]) - coast_ids == {"way/224205566"}
    island = next(
        shapely.Polygon([(node.lon, node.lat) for node in way.nodes])
        for way in osmium.FileProcessor(str(FILE)).with_locations()
        if way.is_way() and way.id == 224205566
    )
    lines = linemerge([gdal.shapes[name] for name in coast_ids])
    pieces = shapely.get_parts(split(frame, lines))
    at_sea = shapely.points(AT_SEA)
    theirs = shapely.union_all([p for p in pieces if shapely.contains(p, at_sea).any()])
    theirs = shapely.difference(theirs, island)
    assert shapely.area(shapely.symmetric_difference(sea, theirs)) < 1e-12
    assert shapely.contains(sea, at_sea).all()
    assert not shapely.intersects(sea, shapely.points(ON_LAND)).any()


def test_a_box_beyond_the_coast_of_the_extract_says_so(reading: Reading) -> None:
    assert "sea" not in set(reading.layers["water"]["class"])
    assert any("ends inside the box" in remark for remark in reading.remarks)


def test_date_and_heights(reading: Reading) -> None:
    assert reading.date == "2025-02-11T21:21:02Z"
    buildings = reading.layers["buildings"]
    known = buildings["height"].notna() | buildings["levels"].notna()
    assert known.mean() == pytest.approx(0.31, abs=0.01)
