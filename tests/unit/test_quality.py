"""The honesty report: every share from cities of which the answer is known."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from citytwin.city import City
from citytwin.city.quality import Quality, days_since, quality
from citytwin.city.quality_words import HOW, LANGUAGES, how
from citytwin.errors import CityFileError
from citytwin.grid.window import Grid, cover
from citytwin.pipeline import build
from citytwin.pipeline.quality.checks import FAR_ANYTHING, filled_ground, holes
from citytwin.pipeline.quality.overlaps import overlaps
from citytwin.pipeline.quality.rows import STATES, layer_rows
from citytwin.registry import hazards
from citytwin.report.lines import report_lines
from citytwin.report.page import page
from citytwin.report.sentences import percent
from citytwin.report.texts import TEXTS

TODAY = date(2026, 1, 31)
SETTINGS = {"storey_height": 3.0, "default_height": 6.0}
#: A village: heights from the source, by levels, and none; two houses on the same ground; one
#: that crosses itself; the first once more.
HOUSES = [
    ("a", 9.0, np.nan, "house", shapely.box(0, 0, 10, 10)),
    ("b", np.nan, 2.0, "yes", shapely.box(20, 0, 30, 10)),
    ("c", np.nan, np.nan, "", shapely.box(40, 0, 50, 10)),
    ("d", np.nan, np.nan, "", shapely.box(40.1, 0, 50, 10)),
    ("e", 4.0, np.nan, "", shapely.Polygon([(60, 0), (70, 10), (70, 0), (60, 10)])),
    ("a", 9.0, np.nan, "house", shapely.box(0, 0, 10, 10)),
]


def village(folder: Path) -> Path:
    """Recipe of the village near Greenwich, a metre of the plane being 1e-5 degrees."""
    names, height, levels, kind, shapes = zip(*HOUSES, strict=True)
    placed = shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * 1e-5 + [0.001, 51.5])
    table = gpd.GeoDataFrame(
        {"source_id": names, "height": height, "levels": levels, "kind": kind},
        geometry=placed,
        crs="EPSG:4326",
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.to_file(folder / "houses.gpkg", engine="pyogrio")
    tables = Path(__file__).resolve().parents[2] / "data" / "tables"
    recipe = folder / "village.toml"
    recipe.write_text(
        f"""
name = "village"
title = "Village <b>"
resolution = 12
bounds = [0.0, 51.499, 0.004, 51.501]

[[sources]]
name = "vector_file"
id = "houses"
path = "houses.gpkg"
layer = "buildings"
columns = {{ source_id = "source_id", height = "height", levels = "levels", kind = "kind" }}
licence = "CC0-1.0"
attribution = "The village"
date = "2025-02"

[buildings]
storey_height = 3.0
default_height = 6.0

[population]
kinds = "{tables}/building_kinds.csv"

[land_cover]
table = "{tables}/land_cover.csv"
street_widths = "{tables}/street_widths.csv"
raster_table = "{tables}/worldcover.csv"

[terrain]
method = "none"
""",
        encoding="utf-8",
    )
    return recipe


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The village, built."""
    folder = tmp_path_factory.mktemp("village")
    with build(village(folder), folder / "village.duckdb") as city:
        yield city


@pytest.fixture(scope="module")
def report(hamlet: City) -> Quality:
    """Its report."""
    return quality(hamlet, TODAY)


def shares(report: Quality, layer: str, aspect: str) -> list[float]:
    found = report.aspect(layer, aspect)
    assert found is not None
    return [round(getattr(found, state), 6) for state in STATES]


def test_heights_are_counted_by_where_they_are_from(report: Quality) -> None:
    assert shares(report, "buildings", "height") == [0.4, 0.2, 0.4, 0.0]
    assert shares(report, "buildings", "levels") == [0.2, 0.4, 0.4, 0.0]
    assert shares(report, "buildings", "kind") == [0.2, 0.0, 0.0, 0.8]


def test_shares_of_every_aspect_add_up_to_one(report: Quality) -> None:
    for found in report.aspects:
        total = sum(getattr(found, state) for state in STATES)
        assert total == pytest.approx(1.0) or (total == 0.0 and found.amount == 0.0), found


def test_people_and_open_ground_are_assumed_where_nothing_says_them(report: Quality) -> None:
    assert shares(report, "cells", "people") == [0.0, 0.0, 1.0, 0.0]
    assert shares(report, "cells", "cover") == [0.0, 0.0, 1.0, 0.0]
    assert shares(report, "cells", "ground_elevation") == [0.0, 0.0, 0.0, 1.0]


def test_what_was_repaired_and_dropped_is_named(report: Quality) -> None:
    found = {(fault.layer, fault.action, fault.ids) for fault in report.faults}
    assert found == {("buildings", "repaired", ("e",)), ("buildings", "dropped", ("a",))}
    assert report.faulty == 2


def test_one_building_drawn_twice_is_found(report: Quality) -> None:
    (pair,) = report.overlaps
    assert {pair.first_source, pair.second_source} == {"c", "d"}
    checks = {check.name: check for check in report.checks}
    assert checks["overlaps"].count == checks["same_place"].count == 1
    assert checks["overlaps"].amount == pytest.approx(pair.area)
    assert pair.share == pytest.approx(0.99, abs=1e-3)


def test_a_hazard_without_its_ground_is_said_to_be_missing_it(report: Quality) -> None:
    states = {(need.hazard, need.variable): need.state for need in report.needs}
    assert states["flood", "ground_elevation"] == "missing"
    assert states["flood", "building_cover"] == "real"
    assert states["flood", "pervious_share"] == "assumed"
    inputs = {(name, v) for name in hazards.names() for v in hazards.get(name).inputs}
    assert set(states) == inputs


def test_age_counts_from_the_earliest_day_that_the_date_allows(report: Quality) -> None:
    (source,) = report.sources
    assert source.days == (TODAY - date(2025, 2, 1)).days
    assert days_since("OSM of 2017-12-31", date(2018, 1, 2)) == 2
    assert days_since("2025-02-11T21:21:02Z", date(2025, 2, 12)) == 1
    assert days_since("not stated in the package", TODAY) is None
    assert days_since("2025-13-77", TODAY) is None
    assert days_since("version 20250101", TODAY) is None
    assert days_since("2027", TODAY) == 0


def test_each_cell_says_what_it_assumes(hamlet: City) -> None:
    layers = {name: hamlet.layers[name] for name in hamlet.layers}
    table = hamlet.table("buildings")
    guessed = (table["height_from"] == "assumed").to_numpy()
    area = hamlet.building_cells.per_cell(hamlet.grid)
    part = hamlet.building_cells.per_cell(hamlet.grid, guessed.astype(float))
    built = area > 0.0
    assert layers["height_assumed"][built] == pytest.approx(part[built] / area[built])
    assert not layers["height_assumed"][~built].any()
    assert (layers["ground_assumed"] == 1.0).all()
    assert (layers["cover_assumed"][~built] == 1.0).all()
    cover_, height = layers["building_cover"], layers["height_assumed"]
    wanted = cover_ * height + (1.0 - cover_) * layers["cover_assumed"]
    assert layers["assumed"] == pytest.approx(wanted)
    report = quality(hamlet, TODAY)
    mean = float((wanted * hamlet.grid.area).sum() / hamlet.grid.area.sum())
    assert report.assumed_area == pytest.approx(mean)


def test_contours_are_derived_and_assumed_outside_them(tile_file: Path) -> None:
    with City.open(tile_file) as city:
        report, ground = quality(city, TODAY), city.layers["ground_assumed"]
        real, derived, assumed, unknown = shares(report, "cells", "ground_elevation")
        assert real == unknown == 0.0
        assert assumed == pytest.approx(
            float((ground * city.grid.area).sum()) / report.area, abs=1e-6
        )
        assert derived == pytest.approx(1.0 - assumed)
        assert derived > 0.5
        points = shapely.get_coordinates(
            np.asarray(city.table("contours").to_crs(city.grid.crs).geometry)
        )
        hull = shapely.multipoints(points).convex_hull
        inside = shapely.contains_xy(hull.buffer(1e-6), city.grid.x, city.grid.y)
        assert not ground[inside].any()
        assert (ground[~inside] == 1.0).all()


def test_a_city_of_an_older_version_is_refused_in_one_sentence(
    tile_file: Path, tmp_path: Path
) -> None:
    import shutil

    import duckdb

    path = tmp_path / "old.duckdb"
    shutil.copy(tile_file, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE quality")
    with City.open(path) as city, pytest.raises(CityFileError, match="build it again"):
        quality(city, TODAY)


def roads(**columns: list[object]) -> gpd.GeoDataFrame:
    given = {
        "class": ["street", "", "path"],
        "oneway": [True, False, False],
        "length": [100.0, 200.0, 700.0],
        "kind": ["residential", "", "footway"],
        "name": ["A", "", "B"],
        "lanes": [2.0, np.nan, np.nan],
        "speed_limit": [np.nan] * 3,
        "surface": [""] * 3,
        "structure": ["none"] * 3,
        "level": [0.0] * 3,
    }
    lines = [shapely.LineString([(0, k), (1, k)]) for k in range(3)]
    return gpd.GeoDataFrame(pd.DataFrame(given | columns), geometry=lines, crs="EPSG:4326")


def test_streets_count_by_their_length() -> None:
    rows = {row["aspect"]: row for row in layer_rows("roads", roads(), SETTINGS)}
    assert rows["lanes"]["real"] == pytest.approx(0.1)
    assert rows["class"]["unknown"] == pytest.approx(0.2)
    assert rows["name"]["real"] == pytest.approx(0.8)
    assert rows["oneway"]["real"] == pytest.approx(0.1)
    assert rows["width"]["assumed"] == 1.0
    assert {row["unit"] for row in rows.values()} == {"m"}


def test_a_height_that_half_of_a_source_shares_is_remarked(report: Quality) -> None:
    count = 200
    table = gpd.GeoDataFrame(
        {
            "height": np.where(np.arange(count) < 100, 3.0, np.linspace(4, 40, count)),
            "height_from": ["source"] * count,
            "levels_from": ["height"] * count,
            "floor_area": np.ones(count),
            "kind": [""] * count,
            **{name: [np.nan] * count for name in ("min_height", "roof_height", "year", "levels")},
            **{name: [""] * count for name in ("name", "material")},
        },
        geometry=[shapely.box(k, 0, k + 0.5, 0.5) for k in range(count)],
    )
    (found,) = (r for r in layer_rows("buildings", table, SETTINGS) if r["aspect"] == "height")
    assert json.loads(found["facts"])["usual"] == 3.0
    assert json.loads(found["facts"])["share"] == pytest.approx(0.5)
    height = report.aspect("buildings", "height")
    assert height is not None
    assert "usual" not in height.facts


def test_overlaps_equal_a_look_at_every_pair() -> None:
    rng = np.random.default_rng(7)
    low = rng.uniform(0.0, 60.0, (80, 2))
    shapes = shapely.box(*low.T, *(low + rng.uniform(1.0, 9.0, (80, 2))).T)
    found = overlaps(shapes, np.array([f"{k}" for k in range(80)], dtype=object))
    wanted = {}
    for a in range(80):
        for b in range(a + 1, 80):
            area = shapes[a].intersection(shapes[b]).area
            if area >= 1.0:
                wanted[a + 1, b + 1] = area
    listed = {
        (a, b): area
        for a, b, area in zip(
            found["table"]["first"], found["table"]["second"], found["table"]["area"], strict=True
        )
    }
    assert listed.keys() == wanted.keys()
    assert len(wanted) > 20
    assert found["figures"]["pairs"] == len(wanted)
    for pair, area in wanted.items():
        assert listed[pair] == pytest.approx(area)


def test_neighbours_that_touch_do_not_overlap() -> None:
    shapes = np.array([shapely.box(k, 0, k + 1, 30) for k in range(50)], dtype=object)
    found = overlaps(shapes, np.array([""] * 50, dtype=object))
    assert found["figures"] == {"pairs": 0, "area": 0.0, "same_place": 0, "same_place_area": 0.0}


@pytest.fixture(scope="module")
def plain() -> Grid:
    """Two kilometres each way."""
    return cover((0.0, 51.5, 0.03, 51.52), 11)


def data(grid: Grid, where: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    none = np.zeros(len(grid))
    names = ("building_area", "street_length", "water_share", "ground_assumed")
    cells = {name: where.get(name, none).astype(float) for name in names}
    cells["cover_assumed"] = 1.0 - where.get("cover", none).astype(float)
    return cells


def test_a_box_larger_than_its_data_is_found(plain: Grid) -> None:
    west = plain.x < plain.x.min() + 300.0
    rows = holes(plain, data(plain, {"cover": west}), np.zeros(len(plain)))
    (found,) = rows
    assert found["name"] == "nothing"
    away = plain.x > plain.x.min() + 300.0 + FAR_ANYTHING
    assert found["count"] == pytest.approx(away.sum(), rel=0.1)
    facts = json.loads(found["facts"])
    assert 0.015 < facts["lon"] < 0.03
    assert 51.505 < facts["lat"] < 51.515


def test_buildings_far_from_streets_and_streets_far_from_buildings_are_found(plain: Grid) -> None:
    east, west = plain.x > plain.x.max() - 200.0, plain.x < plain.x.min() + 200.0
    given = {"building_area": east * 50.0, "street_length": west * 20.0, "cover": plain.x > -1e9}
    rows = {row["name"]: row for row in holes(plain, data(plain, given), west * 20.0)}
    assert set(rows) == {"no_streets", "no_buildings"}
    assert rows["no_streets"]["count"] == east.sum()
    assert rows["no_streets"]["amount"] == pytest.approx(50.0 * east.sum())
    assert rows["no_streets"]["share"] == 1.0
    assert rows["no_buildings"]["count"] == west.sum()


def test_a_city_with_everything_has_no_holes(plain: Grid) -> None:
    every = np.ones(len(plain))
    given = {"building_area": every, "street_length": every, "cover": every}
    assert holes(plain, data(plain, given), every) == []
    assert filled_ground(plain, np.zeros(len(plain))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_nothing_and_says_everything(
    hamlet: City, report: Quality, language: str
) -> None:
    text = page(report, hamlet, language)
    assert "http" not in text
    assert "<script" not in text
    assert "url(" not in text
    assert "Village &lt;b&gt;" in text
    assert "<b>Village" not in text
    assert "The village" in text
    assert "CC0-1.0" in text
    assert report.fingerprint in text
    assert text.count('class="bar"') == len(report.aspects)
    assert "data:image/png;base64," in text
    assert percent(report.assumed_area) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_name_what_is_wrong(report: Quality, language: str) -> None:
    text = "\n".join(report_lines(report, language))
    missing = "缺少" if language == "zh" else "cannot run"
    assert missing in text
    assert "40 %" in text
    assert "c" in text
    assert ("自相交" if language == "zh" else "self-intersection") in text


def test_every_text_is_there_in_both_languages() -> None:
    for key, words in {**TEXTS, **HOW}.items():
        assert len(words) == 2, key
        assert all(words), key
        fields = [set(_fields(text)) for text in words]
        assert fields[0] == fields[1], key
    assert how("another version's", {}) == "another version's"


def _fields(text: str) -> Iterator[str]:
    from string import Formatter

    return (name for _, name, _, _ in Formatter().parse(text) if name)


def test_nothing_and_everything_are_said_only_where_they_are_exact() -> None:
    assert [percent(x) for x in (0.0, 0.0001, 0.5, 0.9999, 1.0)] == [
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
    ]


def test_the_command_says_it_in_words_in_json_and_on_a_page(
    citytwin: Callable[..., CompletedProcess[str]], tile_file: Path, tmp_path: Path
) -> None:
    written = tmp_path / "reports" / "tile.html"
    words = citytwin("quality", tile_file, "--html", written, "--language", "zh")
    assert words.returncode == 0, words.stderr
    assert "灾害模型的依据" in words.stdout
    assert "<!doctype html>" in written.read_text(encoding="utf-8")
    assert [path.name for path in written.parent.iterdir()] == ["tile.html"]
    facts = citytwin("quality", tile_file, "--json")
    found = json.loads(facts.stdout)
    with City.open(tile_file) as city:
        assert found["fingerprint"] == city.fingerprint
        assert len(found["aspects"]) == len(quality(city, TODAY).aspects)
    taken = citytwin("quality", tile_file, "--html", tile_file / "page.html")
    assert taken.returncode == 2
    assert taken.stderr.count("\n") == 1
    assert "--html" in taken.stderr
