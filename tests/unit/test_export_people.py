"""People in exports: groups of at least k in every format, and words that say so."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export import Exported, export
from citytwin.export.anonymity import grouped
from citytwin.export.people import Published, in_groups, publish
from citytwin.grid.overlay import Shares
from citytwin.grid.window import cover
from tests.unit.test_export_tables import changed

GRID = cover((-122.450, 37.7540, -122.446, 37.7575), 11)
COUNT = len(GRID)
#: People who live in building i are on its cells by these areas; people in no building beside them.
SHARES = Shares(
    np.array([0, 0, 1, 2, 3, 4]), np.array([0, 1, 1, 2, COUNT - 1, 5]),
    np.array([50.0, 50.0, 80.0, 30.0, 60.0, 100.0]),
)  # fmt: skip


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(city, tmp_path_factory.mktemp("people") / "out", formats=("all",))


@pytest.fixture(scope="module")
def told(city: City) -> Published:
    found = publish(city, 10)
    assert found is not None
    assert found.of_building is not None
    return found


def test_the_city_has_small_numbers_and_none_is_told(city: City, told: Published) -> None:
    homes = city.table("buildings")["people"].to_numpy(float)
    small = (homes > 0.0) & (homes < 10.0)
    assert small.sum() > 1000, "nothing to hide"
    assert told.groups["smallest_group"] >= 10.0
    assert told.of_building is not None
    # A building with fewer than ten shows its own number only where its group is of its like.
    assert np.isclose(told.of_building[small], homes[small], rtol=1e-3).mean() < 0.2


def test_the_sum_is_kept(city: City, told: Published) -> None:
    total = city.layers["people"].sum()
    assert told.on_cells.sum() == pytest.approx(total, rel=1e-9)
    assert told.of_building is not None
    assert told.of_building.sum() == pytest.approx(total, rel=1e-9)


def test_cells_follow_from_buildings(city: City, told: Published) -> None:
    """Two lists of the same people say the same: their difference gives nobody away."""
    shares = city.building_cells
    assert told.of_building is not None
    area = np.bincount(shares.item, shares.amount)
    part = shares.amount / area[shares.item] * told.of_building[shares.item]
    again = np.bincount(shares.cell, part, len(city.grid))
    np.testing.assert_allclose(told.on_cells, again, rtol=1e-9, atol=1e-9)


def test_every_format_tells_the_same(exported: Exported, city: City, told: Published) -> None:
    folder = exported.folder
    cells = gpd.read_parquet(folder / "geoparquet" / "cells.parquet").set_index("h3")["people"]
    names = [format(int(cell), "x") for cell in city.grid.cells]
    np.testing.assert_array_equal(cells.loc[names], told.on_cells)
    for path in ("geopackage/layers.gpkg", "flatgeobuf/buildings.fgb"):
        frame = pyogrio.read_dataframe(folder / path, layer="buildings", read_geometry=False)
        np.testing.assert_array_equal(frame.sort_values("id")["people"], told.of_building)
    model = json.loads((folder / "cityjson" / "buildings.city.json").read_text("utf-8"))
    assert told.of_building is not None
    ids = city.table("buildings")["id"].tolist()
    for number, people in zip(ids, told.of_building.tolist(), strict=True):
        known = model["CityObjects"].get(f"building-{number}")
        if known is not None:
            assert known["attributes"]["people"] == people
    with rasterio.open(folder / "cog" / "people.tif") as raster:
        total = np.nansum(raster.read(1), dtype=np.float64) * raster.res[0] * raster.res[1]
        assert "groups of at least 10" in raster.tags()["people"]
    assert total == pytest.approx(told.on_cells.sum(), rel=1e-6)


def test_the_words_stand_wherever_people_do(exported: Exported) -> None:
    folder, words = exported.folder, "groups of at least 10"
    assert words in (folder / "README.txt").read_text("utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["people"]["least_people"] == 10
    assert manifest["people"]["smallest_group"] >= 10.0
    assert words in manifest["people"]["words"]
    assert words in json.loads((folder / "stac" / "collection.json").read_text())["description"]
    dcat = json.loads((folder / "dcat.jsonld").read_text("utf-8"))
    assert words in dcat["dcat:dataset"]["dct:provenance"]["rdfs:label"]
    with (folder / "pmtiles" / "map.pmtiles").open("rb") as stream:
        assert words in Reader(MmapSource(stream)).metadata()["description"]
    item = json.loads((folder / "stac" / "items" / "cells.json").read_text("utf-8"))
    columns = item["assets"]["geoparquet-cells.parquet"]["table:columns"]
    assert any(words in column["description"] for column in columns)
    assert exported.facts()["people"] == manifest["people"]


def test_layers_without_people_say_nothing_of_them(city: City, tmp_path: Path) -> None:
    done = export(city, tmp_path / "out", layers=("peaks",))
    assert done.people == {}
    assert done.remarks == []
    dcat = json.loads((done.folder / "dcat.jsonld").read_text("utf-8"))
    assert "dct:provenance" not in dcat["dcat:dataset"]


@pytest.mark.parametrize("least", [0, 1])
def test_it_can_be_turned_off_and_says_so(city: City, tmp_path: Path, least: int) -> None:
    done = export(city, tmp_path / "out", layers=("cells", "buildings"), least_people=least)
    assert any(f"--k {least}" in remark and "as they are" in remark for remark in done.remarks)
    frame = gpd.read_parquet(done.folder / "geoparquet" / "buildings.parquet")
    wanted = city.table("buildings")["people"]
    np.testing.assert_array_equal(frame.sort_values("id")["people"], wanted)


def test_a_k_below_zero_is_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--k is -3: give the fewest people"):
        export(city, tmp_path / "out", least_people=-3)
    assert list(tmp_path.iterdir()) == []


def test_a_city_with_too_few_people_tells_no_number(tile_file: Path, tmp_path: Path) -> None:
    path = changed(
        tile_file, tmp_path / "city",
        "UPDATE cells SET people = people / 20000.0",
        "UPDATE buildings SET people = people / 20000.0",
    )  # fmt: skip
    with City.open(path) as opened:
        total = float(opened.layers["people"].sum())
        assert 0.0 < total < 10.0
        done = export(opened, tmp_path / "out", formats=("geoparquet", "gpkg", "cog"))
    cells = gpd.read_parquet(done.folder / "geoparquet" / "cells.parquet")["people"].astype(float)
    assert cells.isna().any()
    assert (cells.dropna() == 0.0).all()
    with rasterio.open(done.folder / "cog" / "people.tif") as raster:
        assert np.isnan(raster.read(1)).all()
    assert "cog people" not in done.figures
    assert any("fewer than 10 people live in the city" in remark for remark in done.remarks)
    said = (done.folder / "README.txt").read_text("utf-8")
    said += (done.folder / "manifest.json").read_text("utf-8")
    assert f"{total:.3f}" not in said


def test_counts_of_a_census_are_left_out_beside_the_groups(tile_file: Path, tmp_path: Path) -> None:
    path = changed(
        tile_file, tmp_path / "city",
        "CREATE TABLE population AS SELECT id, source_id, 3.0 AS people, geometry FROM landuse",
        "UPDATE facts SET value = replace(value, '[\"', '[\"population\", \"') WHERE key = 'tables'",
    )  # fmt: skip
    with City.open(path) as opened:
        assert "population" in opened.tables
        done = export(opened, tmp_path / "out", layers=("population",))
        plain = export(opened, tmp_path / "plain", layers=("population",), least_people=0)
    file = Path("geoparquet") / "population.parquet"
    assert "people" not in gpd.read_parquet(done.folder / file)
    assert any(remark.startswith("population: its people are left out") for remark in done.remarks)
    assert (gpd.read_parquet(plain.folder / file)["people"] == 3.0).all()


HOMES = st.lists(
    st.one_of(st.just(0.0), st.floats(0.1, 30.0)), min_size=5, max_size=5
).map(np.array)  # fmt: skip
REST = st.lists(st.sampled_from([0.0, 0.5, 4.0, 12.0]), min_size=3, max_size=3)


def made_up(homes: Floats, rest: list[float], least: int) -> tuple[Floats, Published]:
    area = np.bincount(SHARES.item, SHARES.amount)
    part = SHARES.amount / area[SHARES.item] * homes[SHARES.item]
    people = np.bincount(SHARES.cell, part, COUNT).astype(np.float64)
    people[[0, 7, COUNT - 2]] += rest
    return people, in_groups(people, homes, SHARES, GRID.cells, GRID.area, least)


@settings(deadline=None)
@given(HOMES, REST, st.integers(2, 20))
def test_people_in_homes_and_elsewhere(homes: Floats, rest: list[float], least: int) -> None:
    people, found = made_up(homes, rest, least)
    total = float(people.sum())
    if 1e-6 < total < least - 1e-6:
        assert np.isnan(found.on_cells[people > 0.0]).all()
        return
    if total >= least:
        assert found.groups["smallest_group"] >= least - 1e-6
        assert found.on_cells.sum() == pytest.approx(total)
    assert found.of_building is not None
    inside = float(np.nansum(found.of_building))
    # What buildings tell is all of cells, or differs from it by a sum that may be told.
    beside = total - inside
    assert abs(beside) < 1e-6 or beside >= least - 1e-6
    assert abs(inside) < 1e-6 or inside >= least - 1e-6


@settings(deadline=None, max_examples=50)
@given(st.floats(0.1, 2.9))
def test_who_of_a_group_lives_where_is_not_told(moved: float) -> None:
    """Moving people inside a group changes no published number."""
    homes = np.array([3.0, 3.0, 3.0, 3.0, 40.0])
    other = homes + np.array([moved, -moved, 0.0, 0.0, 0.0])
    (_, one), (_, two) = made_up(homes, [0.0] * 3, 10), made_up(other, [0.0] * 3, 10)
    np.testing.assert_allclose(one.on_cells, two.on_cells)
    assert one.of_building is not None
    assert two.of_building is not None
    np.testing.assert_allclose(one.of_building, two.of_building)


def test_cells_that_fit_no_buildings_stand_alone() -> None:
    homes = np.full(5, 20.0)
    people = np.zeros(COUNT)
    people[:6] = 7.0
    found = in_groups(people, homes, SHARES, GRID.cells, GRID.area, 10)
    assert found.of_building is None
    assert "buildings do not say" in found.words
    assert found.on_cells.sum() == pytest.approx(42.0)
    assert found.groups["smallest_group"] >= 10.0


def test_a_city_without_people_says_so() -> None:
    people, found = made_up(np.zeros(5), [0.0] * 3, 10)
    assert found.words == "nobody lives in the city"
    np.testing.assert_array_equal(found.on_cells, people)
    assert found.facts(10) == {"least_people": 10, "words": found.words, "groups": 0.0}


def test_counts_that_groups_do_not_hide_are_admitted(
    tile_file: Path, tmp_path: Path, told: Published
) -> None:
    """Where a source counted fewer than k, who knows the model may undo the groups: words say so."""
    path = changed(
        tile_file, tmp_path / "city",
        "UPDATE facts SET value = replace(value, 'assumed, not counted', 'counted by a source')"
        " WHERE key = 'notes'",
    )  # fmt: skip
    words = "where it counted fewer than 10 in one of its areas"
    assert words not in told.words
    with City.open(path) as opened:
        done = export(opened, tmp_path / "out", layers=("buildings",))
        plain = export(opened, tmp_path / "plain", layers=("buildings",), least_people=0)
    assert words in (done.folder / "README.txt").read_text("utf-8")
    assert words in done.people["words"]
    assert words not in plain.people["words"]


def test_an_area_of_few_follows_from_groups_that_cut_another() -> None:
    """Why words admit it: 3 people of one area come out of groups of at least ten."""
    homes = np.array([3.0, 40.0, 40.0, 40.0, 40.0])
    cells = np.array([GRID.cells[0]] * 2 + list(GRID.cells[1:4]))
    groups = grouped(homes, cells, 11, 10.0)
    assert groups.totals.min() >= 10.0
    # People of each area spread over its equal homes: one equation for each group.
    share = np.array([[1.0, 0.0]] + [[0.0, 0.25]] * 4)
    law = np.stack([share[groups.of == k].sum(axis=0) for k in range(groups.totals.size)])
    areas, *_ = np.linalg.lstsq(law, groups.totals)
    np.testing.assert_allclose(areas, [3.0, 160.0])
