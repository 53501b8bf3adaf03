"""A real extract, cut through: the centre of Helsinki, read whole and compared with a plain scan."""

import hashlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from osm_writing import read

from citytwin.city.schema import ROAD_CLASSES
from citytwin.sources.base import Reading

FOLDER = Path(__file__).resolve().parents[2] / "data" / "helsinki"
FILE = FOLDER / "helsinki.osm.pbf"
BOX = (24.90, 60.15, 24.99, 60.20)
#: Inside the extract: nothing there is cut off.
INNER = (24.938, 60.167, 24.950, 60.176)


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(FILE, BOX)


def test_the_file_is_the_one_described() -> None:
    digest, name = (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").split()
    assert name == FILE.name
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == digest


def test_what_is_in_it(reading: Reading) -> None:
    counts = {name: len(table) for name, table in reading.layers.items()}
    assert counts == {
        "buildings": 444,
        "building_parts": 133,
        "landuse": 324,
        "landcover": 68,
        "water": 13,
        "pois": 1538,
        "facilities": 23,
        "components": 1311,
        "roads": 4685,
        "railways": 318,
        "waterways": 6,
        "barriers": 357,
        "coastline": 4,
        "places": 7,
    }


def test_every_building_is_there_once_or_named(reading: Reading) -> None:
    """Each object that says building is a row or a fault; none is both."""
    said = set()
    for found in osmium.FileProcessor(str(FILE), osmium.osm.WAY | osmium.osm.RELATION):
        value = found.tags.get("building")
        if value is None or value == "no":
            continue
        if found.is_way() and found.is_closed():
            said.add(f"way/{found.id}")
        elif found.is_relation() and found.tags.get("type") == "multipolygon":
            said.add(f"relation/{found.id}")
    rows = reading.layers["buildings"]["source_id"].tolist()
    dropped = {
        fault.source_id
        for fault in reading.faults
        if fault.layer == "buildings" and fault.action == "dropped"
    }
    assert len(set(rows)) == len(rows)
    assert not dropped & set(rows)
    assert set(rows) | dropped == said


def test_parts_and_heights_as_tagged(reading: Reading) -> None:
    buildings, parts = reading.layers["buildings"], reading.layers["building_parts"]
    assert buildings["levels"].notna().sum() > 140
    assert buildings["levels"].between(0, 30).sum() == buildings["levels"].notna().sum()
    assert (parts["levels"].notna() | parts["height"].notna()).mean() > 0.7
    assert set(buildings["kind"]) >= {"apartments", "office", "school", ""}


def test_streets_meet_only_at_their_ends(reading: Reading) -> None:
    roads = reading.layers["roads"]
    lines = roads.geometry.array
    assert set(roads["class"]) <= set(ROAD_CLASSES)
    assert roads["source_id"].is_unique
    points, owner = shapely.get_coordinates(lines, return_index=True)
    inner = np.ones(len(points), dtype=bool)
    inner[np.r_[True, owner[1:] != owner[:-1]]] = False
    inner[np.r_[owner[1:] != owner[:-1], True]] = False
    ends = set(map(tuple, points[~inner].tolist()))
    inside = Counter(map(tuple, points[inner].tolist()))
    assert max(inside.values()) == 1
    # Different nodes may lie on one place where ways pass over one another.
    assert len(ends & set(inside)) <= 3


def test_streets_keep_their_length(reading: Reading) -> None:
    """Against the sum over the ways, segment by segment, where all nodes are there."""
    total = 0.0
    processor = osmium.FileProcessor(str(FILE), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    whole = set()
    kinds = set(reading.layers["roads"]["kind"])
    for way in processor.with_filter(osmium.filter.KeyFilter("highway")):
        if not way.is_way() or way.tags["highway"] not in kinds or way.tags.get("area") == "yes":
            continue
        if all(node.location.valid() for node in way.nodes):
            places = [(node.lon, node.lat) for node in way.nodes]
            total += sum(np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(places))
            whole.add(f"way/{way.id}")
    roads = reading.layers["roads"]
    ours = roads["source_id"].str.split("#").str[0].isin(whole)
    assert shapely.length(roads.geometry.array[ours]).sum() == pytest.approx(total, rel=1e-12)


def test_no_building_inside_the_extract_is_lost() -> None:
    lost = [fault for fault in read(FILE, INNER).faults if fault.layer == "buildings"]
    assert [fault.source_id for fault in lost] == ["way/122595213", "way/675858716"]
    assert all(fault.fault.startswith("it is the outline of relation/") for fault in lost)


def test_the_part_is_part_of_the_whole(reading: Reading) -> None:
    """A smaller box gives the same rows, fewer of them."""
    small = read(FILE, INNER)
    for name in ("buildings", "landuse", "pois", "railways"):
        whole = reading.layers[name].set_index("source_id").geometry
        part = small.layers[name].set_index("source_id").geometry
        assert 0 < len(part) < len(whole)
        assert part.geom_equals(whole[part.index]).all()
        missing = whole[~whole.index.isin(part.index)]
        bounds = shapely.bounds(missing.array)
        outside = (bounds[:, 0] > INNER[2]) | (bounds[:, 2] < INNER[0])
        outside |= (bounds[:, 1] > INNER[3]) | (bounds[:, 3] < INNER[1])
        assert outside.all(), name
