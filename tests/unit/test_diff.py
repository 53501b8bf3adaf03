"""What changed between two cities, against changes that the test made itself."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from citytwin.city import City
from citytwin.city.store import connect_new
from citytwin.errors import CityFileError, OutputError
from citytwin.refresh.diff import Diff, diff
from citytwin.refresh.diff_files import write_changes

Edit = Callable[..., Path]
SHIFT = "ST_Translate(geometry, 0.0001, 0.0)"


@pytest.fixture
def edited(tile_file: Path, tmp_path: Path) -> Edit:
    """Copy the city of one tile and change it by SQL."""

    def edit(name: str, *statements: str, start: Path | None = None) -> Path:
        path = tmp_path / f"{name}.duckdb"
        shutil.copy(start or tile_file, path)
        with connect_new(path) as connection:
            for sql in statements:
                connection.execute(sql)
        return path

    return edit


@pytest.fixture
def named(edited: Edit) -> Path:
    """The city with a source_id for every building; roads in pieces of two share one."""
    return edited(
        "named",
        "UPDATE buildings SET source_id = 'way/' || id",
        "UPDATE roads SET source_id = 'way/' || (id // 2)",
    )


def test_a_city_is_the_same_as_itself_and_as_its_copy(tile_file: Path, edited: Edit) -> None:
    for other in (tile_file, edited("copy")):
        found = diff(tile_file, other)
        assert found.same
        assert found.grid == "same"
        assert found.summary()["layers"] == {}
        assert found.full()["cells"]["list"] == []


def test_features_are_told_apart_by_their_source_id(named: Path, edited: Edit) -> None:
    after = edited(
        "after",
        "DELETE FROM buildings WHERE id IN (3, 4)",
        "UPDATE buildings SET height = height + 3.0, kind = 'tower' WHERE id = 10",
        f"UPDATE buildings SET geometry = {SHIFT} WHERE id = 11",
        "INSERT INTO buildings SELECT * REPLACE (90001 AS id, 'way/new' AS source_id, "
        f"{SHIFT} AS geometry) FROM buildings WHERE id = 12",
        "UPDATE buildings SET id = id + 5000 WHERE id BETWEEN 20 AND 30",
        start=named,
    )
    found = diff(named, after)
    layer = found.summary()["layers"]["buildings"]
    assert (layer["added"], layer["removed"], layer["changed"]) == (1, 2, 2)
    assert layer["geometry"] == 1
    assert layer["attributes"] == {"height": 1, "kind": 1}
    assert layer["after"] == layer["before"] - 1
    assert set(found.summary()["layers"]) == {"buildings"}
    features = found.full()["layers"]["buildings"]["features"]
    assert features["added"] == ["way/new"]
    assert features["removed"] == ["way/3", "way/4"]
    assert features["changed"] == [
        {"feature": "way/10", "geometry": False, "attributes": ["height", "kind"]},
        {"feature": "way/11", "geometry": True, "attributes": []},
    ]
    assert not found.same


def test_pieces_of_one_source_id_pair_by_their_geometry_first(named: Path, edited: Edit) -> None:
    after = edited(
        "after",
        # Piece 11 of way/5 moves, piece 10 stays; the numbers are given anew, the other way round.
        f"UPDATE roads SET geometry = {SHIFT}, id = 8001 WHERE id = 11",
        "UPDATE roads SET id = 8002 WHERE id = 10",
        "INSERT INTO roads SELECT * REPLACE (8003 AS id, ST_Translate(geometry, 0.0, 0.001) AS "
        "geometry) FROM roads WHERE id = 8002",
        start=named,
    )
    layer = diff(named, after).summary()["layers"]["roads"]
    assert (layer["added"], layer["removed"], layer["changed"]) == (1, 0, 1)
    assert layer["geometry"] == 1


def test_without_source_id_features_are_told_apart_by_their_geometry(
    tile_file: Path, edited: Edit
) -> None:
    after = edited(
        "after",
        "UPDATE buildings SET height = 99.0 WHERE id = 7",
        f"UPDATE buildings SET geometry = {SHIFT} WHERE id = 8",
        "INSERT INTO buildings SELECT * REPLACE (90001 AS id) FROM buildings WHERE id = 9",
    )
    found = diff(tile_file, after).full()["layers"]["buildings"]
    assert (found["added"], found["removed"], found["changed"]) == (2, 1, 1)
    assert found["features"]["removed"] == [8]
    assert found["features"]["changed"][0]["attributes"] == ["height"]


def test_features_that_got_a_source_id_are_the_same_features(tile_file: Path, named: Path) -> None:
    assert diff(tile_file, named).same


#: Height before, after, and whether that is a change.
HEIGHTS = (
    ("'NaN'", "'NaN'", False),
    ("NULL", "NULL", False),
    ("12.0", "12.0000000001", False),
    ("12.0", "12.001", True),
    ("'NaN'", "12.0", True),
    ("12.0", "'NaN'", True),
    ("NULL", "12.0", True),
    ("'NaN'", "NULL", True),
    ("'inf'", "12.0", True),
    ("0.0", "1e-30", True),
)


def test_unknown_is_a_value_and_rounding_is_none(named: Path, edited: Edit) -> None:
    a, b = (
        edited(
            name,
            *(
                f"UPDATE buildings SET height = {row[which]} WHERE id = {number}"
                for number, row in enumerate(HEIGHTS, 1)
            ),
            start=named,
        )
        for which, name in enumerate("ab")
    )
    changed = diff(a, b).full()["layers"]["buildings"]["features"]["changed"]
    assert {row["feature"] for row in changed} == {
        f"way/{number}" for number, row in enumerate(HEIGHTS, 1) if row[2]
    }


def test_a_layer_that_came_or_went_is_added_or_removed_whole(tile_file: Path, edited: Edit) -> None:
    with City.open(tile_file) as city:
        tables, count = list(city.tables), city.counts["roads"]
    rest = json.dumps([name for name in tables if name != "roads"])
    less = edited(
        "less", f"UPDATE facts SET value = '{rest}' WHERE key = 'tables'", "DROP TABLE roads"
    )
    gone, came = (
        diff(*pair).summary()["layers"] for pair in ((tile_file, less), (less, tile_file))
    )
    assert set(gone) == set(came) == {"roads"}
    assert (gone["roads"]["removed"], gone["roads"]["added"]) == (count, 0)
    assert (came["roads"]["removed"], came["roads"]["added"]) == (0, count)


def test_a_new_attribute_is_named_and_is_no_change_of_features(
    tile_file: Path, edited: Edit
) -> None:
    after = edited("after", "ALTER TABLE buildings ADD COLUMN colour VARCHAR")
    found = diff(tile_file, after)
    assert found.same
    assert found.layers["buildings"].columns == {"added": ["colour"], "removed": []}


def test_cells_count_from_a_millimetre_of_ground_on(tile_file: Path, edited: Edit) -> None:
    with City.open(tile_file) as city:
        cells, area = city.grid.cells.tolist(), city.grid.area
    after = edited(
        "after",
        f"UPDATE cells SET ground_elevation = ground_elevation + 0.002 WHERE cell = {cells[0]}",
        f"UPDATE cells SET ground_elevation = ground_elevation + 0.0005 WHERE cell = {cells[1]}",
        f"UPDATE cells SET manning = manning + 0.01, pervious_share = 1.0 - pervious_share / 2.0 "
        f"WHERE cell = {cells[2]}",
        f"UPDATE cells SET people = people + 5.0 WHERE cell = {cells[3]}",
    )
    found = diff(tile_file, after)
    summary = found.summary()["cells"]
    assert summary["changed"] == 2
    assert summary["area_m2"] == pytest.approx(area[0] + area[2], rel=1e-4)
    assert {n: layer["changed"] for n, layer in summary["by_layer"].items()} == {
        "ground_elevation": 1,
        "building_cover": 0,
        "manning": 1,
        "pervious_share": 1,
        "grass_share": 0,
        "shrub_share": 0,
        "tree_share": 0,
    }
    rows = {row["cell"]: row for row in found.full()["cells"]["list"]}
    assert set(rows) == {f"{cells[0]:x}", f"{cells[2]:x}"}
    before, after_ = rows[f"{cells[0]:x}"]["ground_elevation"]
    assert after_ - before == pytest.approx(0.002)
    assert "manning" not in rows[f"{cells[0]:x}"]


def test_a_lost_layer_of_the_cells_is_told(tile_file: Path, edited: Edit) -> None:
    after = edited("after", "ALTER TABLE cells DROP COLUMN ground_elevation")
    found = diff(tile_file, after)
    assert found.summary()["cells"]["missing"] == ["ground_elevation"]
    assert not found.same


def test_totals_that_moved_are_told_with_both_values(tile_file: Path, edited: Edit) -> None:
    after = edited("after", "UPDATE totals SET \"after\" = 1.0 WHERE name = 'people'")
    totals = diff(tile_file, after).totals
    assert list(totals) == ["people"]
    assert totals["people"]["after"] == 1.0
    assert totals["people"]["before"] > 1.0


def test_other_grids_are_said_and_their_cells_not_compared(tile_file: Path, edited: Edit) -> None:
    found = diff(tile_file, edited("smaller", "DELETE FROM cells WHERE row = 5"))
    assert found.cells is None
    assert re.fullmatch(r"the box changed \(\d+ cells gone, 0 new\): .*not compared", found.grid)
    assert not found.same
    finer = edited("finer", "UPDATE facts SET value = '12' WHERE key = 'resolution'")
    assert diff(tile_file, finer).grid.startswith("resolution 11 became 12")


def test_changed_files_of_the_sources_are_named(tile_file: Path, edited: Edit) -> None:
    after = edited("after", "UPDATE sources SET sha256 = 'x'")
    assert len(diff(tile_file, after).sources["changed"]) == 1


def test_no_city_ends_in_a_sentence(tile_file: Path, tmp_path: Path) -> None:
    with pytest.raises(CityFileError, match="no city file"):
        diff(tile_file, tmp_path / "none.duckdb")


def test_random_edits_are_found_exactly(named: Path, edited: Edit) -> None:
    rng = np.random.default_rng(7)
    with City.open(named) as city:
        ids = rng.permutation(city.table("buildings")["id"].to_numpy())
    gone, moved, raised, both = np.split(ids[:200], [50, 100, 150])

    def among(values: np.ndarray) -> str:
        return f"id IN ({', '.join(str(int(value)) for value in values)})"

    after = edited(
        "after",
        f"DELETE FROM buildings WHERE {among(gone)}",
        f"UPDATE buildings SET geometry = {SHIFT} WHERE {among(np.concatenate([moved, both]))}",
        f"UPDATE buildings SET height = 500.0 WHERE {among(np.concatenate([raised, both]))}",
        "CREATE TABLE mixed AS SELECT * REPLACE (row_number() OVER (ORDER BY hash(id)) AS id) "
        "FROM buildings",
        "DROP TABLE buildings",
        "ALTER TABLE mixed RENAME TO buildings",
        start=named,
    )
    features = diff(named, after).full()["layers"]["buildings"]["features"]
    assert set(features["removed"]) == {f"way/{i}" for i in gone}
    assert features["added"] == []
    told = {row["feature"]: (row["geometry"], row["attributes"]) for row in features["changed"]}
    expected = {f"way/{i}": (True, []) for i in moved}
    expected |= {f"way/{i}": (False, ["height"]) for i in raised}
    expected |= {f"way/{i}": (True, ["height"]) for i in both}
    assert told == expected


def changed_city(named: Path, edited: Edit) -> tuple[Diff, Path]:
    after = edited(
        "after",
        "DELETE FROM buildings WHERE id = 3",
        f"UPDATE buildings SET geometry = {SHIFT}, height = 1.0 WHERE id = 11",
        "UPDATE cells SET ground_elevation = ground_elevation + 1.0 WHERE row = 5",
        start=named,
    )
    return diff(named, after), after


def test_changes_are_written_for_a_map(named: Path, edited: Edit, tmp_path: Path) -> None:
    found, after = changed_city(named, edited)
    files = write_changes(found, tmp_path / "changes")
    assert sorted(f.name for f in files) == ["buildings.geojson", "cells.geojson", "diff.json"]
    table = gpd.read_file(tmp_path / "changes" / "buildings.geojson").set_index("source_id")
    assert dict(table["change"]) == {"way/3": "removed", "way/11": "changed"}
    assert table.loc["way/11", "what"] == "geometry, height"
    with City.open(after) as city:
        moved = city.table("buildings").set_index("source_id").geometry["way/11"]
    assert table.geometry["way/11"].equals_exact(moved, 1e-6)
    cells = gpd.read_file(tmp_path / "changes" / "cells.geojson")
    assert len(cells) == len(found.cells.table)
    assert cells.crs.to_epsg() == 4326
    assert (cells["ground_elevation_after"] - cells["ground_elevation_before"]).min() > 0.9
    content = json.loads((tmp_path / "changes" / "diff.json").read_text(encoding="utf-8"))
    assert content == found.full()


def test_a_folder_that_cannot_be_made_ends_in_a_sentence(
    named: Path, edited: Edit, tmp_path: Path
) -> None:
    found, _ = changed_city(named, edited)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--to"):
        write_changes(found, tmp_path / "file" / "changes")
