"""Lifelines: what a recipe may say, where they lie, what puts them out of service, and why in words."""

import json
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from citytwin.errors import RecipeError
from citytwin.grid.overlay import Shares
from citytwin.hazards.base import Hazard
from citytwin.impact.base import Impact, Level
from citytwin.impact.exposure import Exposure
from citytwin.impact.lifelines.kinds import fragilities, kind_of, kinds
from citytwin.impact.lifelines.lifeline import Lifeline
from citytwin.impact.lifelines.out import DRAWS, with_facilities
from citytwin.impact.lifelines.own import RULES, Rule
from citytwin.impact.lifelines.places import Facility, Mapped, facilities_of
from citytwin.impact.lifelines.row import OutOfService
from citytwin.impact.lifelines.sentences import span
from citytwin.impact.verification import small_city
from citytwin.pipeline.recipe import read_recipe
from citytwin.pipeline.steps import build

HOUR = 3600.0
CITY = small_city()
GRID = CITY.grid
#: Cells far from the three houses, whose roofs do not fill them.
PLANT, SUMP, FIELD = 10, 20, 30
LEVELS = (Level("slight", "slight", "轻微"), Level("extensive", "extensive", "严重"))


def at(cell: int) -> tuple[float, float]:
    lon, lat = GRID.unproject(GRID.x[[cell]], GRID.y[[cell]])
    return float(lon[0]), float(lat[0])


def lifelines() -> list[Lifeline]:
    rows: list[dict[str, Any]] = [
        {"name": "North", "name_zh": "北站", "kind": "substation", "at": at(PLANT)},
        {"name": "South", "kind": "substation", "at": at(FIELD), "fails_from_m": 2.0},
        {"name": "Pump", "kind": "pump", "at": at(SUMP), "needs": ["North"], "fails_from_m": 3.0},
        {"name": "Clinic", "kind": "clinic", "at": at(FIELD), "needs": [["North", "South"]],
         "backup_h": 1.0, "assumed": True},
        {"name": "Base", "kind": "fire_station", "at": at(FIELD), "needs": ["Pump"]},
    ]  # fmt: skip
    return [Lifeline.model_validate(row) for row in rows]


def there(facilities: tuple[Facility, ...] | None = None) -> Exposure:
    found = facilities_of(GRID, CITY.buildings, lifelines(), ())
    fields = {name: getattr(CITY, name) for name in CITY.__dataclass_fields__}
    return Exposure(**{**fields, "facilities": found if facilities is None else facilities})


def water(course: dict[int, list[float]], step: float = 600.0) -> Hazard:
    count = len(next(iter(course.values())))
    depth = np.zeros((count, len(GRID)), np.float32)
    for cell, values in course.items():
        depth[:, cell] = values
    times = step * np.arange(count)
    return Hazard("depth", times, depth, {"depth_max": depth.max(axis=0)}, {}, ".")


def out(hazard: Hazard, **more: Any) -> dict[str, OutOfService]:
    impact = Impact("", "", LEVELS, {}, {}, reached=more.pop("reached", {}))
    found = with_facilities(impact, more.pop("exposure", there()), hazard, **more)
    return {one.name: one for one in found.facilities}


# Tables


def test_every_kind_has_curves_or_a_building() -> None:
    for kind in kinds().values():
        assert kind.title_zh
        assert kind.depth > 0.0
        assert kind.housed != bool(kind.hazus_class), kind.name
        assert kind.out_from in ("slight", "moderate", "extensive", "complete")
        assert not kind.hazus_class or kind.hazus_class in fragilities()
    words = [word for kind in kinds().values() for word in kind.words]
    assert len(words) == len(set(words))
    assert kind_of("Fire Station") is kinds()["fire_station"]
    assert kind_of("café") is None


# What water does


def test_water_puts_it_out_and_the_rest_follows() -> None:
    found = out(water({PLANT: [0.0, 0.25, 0.75, 0.2]}))
    assert list(found) == ["North", "Pump", "Base"]
    assert found["North"].fails_s == found["North"].dark_s == pytest.approx(900.0)
    assert found["North"].because == "water"
    assert found["Pump"].fails_s is None
    assert found["Pump"].because == "supply"
    assert (found["Base"].cause, found["Base"].root) == ("Pump", "North")
    assert {one.dark_s for one in found.values()} == {found["North"].dark_s}


def test_the_words_say_when_and_why() -> None:
    found = out(water({PLANT: [0.0, 0.25, 0.75, 0.2], FIELD: [0.0, 0.0, 0.0, 9.0]}))
    assert found["North"].words == (
        "North: out of service after 15 min, because it stands in 0.5 m of water"
    )
    assert found["North"].words_zh == "北站：15 分后停止运行，因水深达 0.5 米"
    assert found["Pump"].words == "Pump: dark after 15 min, because North stands in 0.5 m of water"
    assert found["Pump"].words_zh == "Pump：15 分后停运，因北站水深达 0.5 米"
    # The field's water takes the clinic itself before its hour is over.
    assert found["Clinic"].because == "water"


def test_an_alternative_and_its_own_supply_keep_it_going() -> None:
    course = {PLANT: [1.0, 1.0], FIELD: [0.0, 0.0]}
    assert "Clinic" not in out(water(course))
    high = [0.0, 0.29]  # below what the clinic and the fire station bear
    found = out(water({PLANT: [1.0, 1.0], FIELD: high}), before={"South": 500.0})
    assert found["Clinic"].dark_s == 500.0 + HOUR
    assert found["Clinic"].words == (
        "Clinic: dark after 1 h 8 min, because South was put out of service by an earlier event and "
        "North had failed before and its own supply lasted 1 h"
    )
    assert found["South"].words == (
        "South: out of service after 8 min, because it was put out of service by an earlier event"
    )
    at_once = out(water(course), before={"South": 0.0})["South"]
    assert at_once.words == "South: out of service at once, because it was out of service before"
    assert found["South"].because == "before"
    found = out(water({PLANT: [0.0, 1.0, 1.0], FIELD: [0.0, 0.0, 0.29]}), before={"South": 500.0})
    assert found["Clinic"].cause == "South"
    assert "，且北站已先停运" in found["Clinic"].words_zh


def test_water_between_two_pictures_counts() -> None:
    hazard = water({PLANT: [0.0, 0.4, 0.3]})
    hazard.summary["depth_max"] = np.where(np.arange(len(GRID)) == PLANT, 0.6, 0.0).astype("f4")
    assert out(hazard)["North"].dark_s == 600.0


def test_water_that_no_picture_shows_does_not_come_at_the_start() -> None:
    hazard = water({PLANT: [0.0, 0.0, 0.0]})
    hazard.summary["depth_max"] = np.where(np.arange(len(GRID)) == PLANT, 0.6, 0.0).astype("f4")
    assert out(hazard)["North"].dark_s == 600.0
    came = np.where(np.arange(len(GRID)) == PLANT, 750.0, np.nan).astype("f4")
    hazard.summary["arrival"] = came
    assert out(hazard)["North"].dark_s == 750.0


def test_a_housed_one_stands_in_the_water_of_its_building() -> None:
    middle = Mapped("School", "Old school", _middle_of(2), 2)
    (school,) = facilities_of(GRID, CITY.buildings, (), (middle,))
    assert school.building == 2
    cell = int(CITY.buildings.cells.cell[2])
    found = out(water({cell: [0.0, 0.2]}), exposure=there((school,)))
    assert list(found) == ["Old school"]


def _middle_of(building: int) -> tuple[float, float]:
    # The small city's houses stand beside its cells, at the origin of its plane.
    del building
    return at(5)


# Counts


def test_counts_say_how_many_of_how_many_and_who() -> None:
    impact = Impact("", "", LEVELS, {}, {})
    found = with_facilities(impact, there(), water({PLANT: [1.0]}))
    counts = {one.name: one for one in found.counts}
    assert counts["facilities_out"].value == 3.0
    assert counts["facilities_out"].of == 5.0
    assert "5 lifelines of the recipe and 0 facilities of the map" in counts["facilities_out"].who
    assert "1 of the lifelines are assumed" in counts["facilities_out"].who
    kinds_out = [n for n in counts if n.startswith("facilities_out_")]
    assert sum(counts[name].value for name in kinds_out) == 3.0
    assert sum(counts[name].of or 0 for name in kinds_out) == 5.0
    assert all(one.who_zh and one.title_zh for one in found.counts)
    assert json.loads(json.dumps(found.facts()))["facilities"][0]["name"] == "North"


def test_a_city_without_any_counts_none() -> None:
    impact = Impact("", "", LEVELS, {}, {})
    assert with_facilities(impact, there(()), water({PLANT: [1.0]})) is impact


# Other hazards


def test_fire_takes_the_building_or_the_cell() -> None:
    state = np.zeros((3, len(GRID)), np.float32)
    state[1:, PLANT] = 3.0
    lit = np.array([np.nan, 70.0, np.nan], np.float32)
    times, buildings = 60.0 * np.arange(3), {"ignited_s": lit}
    hazard = Hazard("fire_state", times, state, {}, {}, ".", buildings=buildings)
    house = Facility("House", "屋", kinds()["clinic"], at(1), 1, 1, 0.3, "")
    exposure = there((*there().facilities, house))
    found = out(hazard, exposure=exposure)
    assert found["North"].dark_s == 60.0
    assert found["House"].dark_s == 70.0
    assert found["House"].because == "fire"
    assert "South" not in found


def test_gas_empties_what_is_staffed() -> None:
    zone = np.zeros(len(GRID), np.float32)
    zone[[FIELD, PLANT]] = 2.0
    arrival = np.where(zone > 0.0, 120.0, np.nan).astype(np.float32)
    flat = np.zeros((1, len(GRID)), np.float32)
    summary = {"aegl_zone": zone, "arrival": arrival}
    found = out(Hazard("concentration", np.zeros(1), flat, summary, {}, "."))
    assert set(found) == {"Clinic", "Base"}
    assert found["Clinic"].dark_s == 120.0


def shaking(g: float) -> Hazard:
    pga = np.full(len(GRID), 9.80665 * g, np.float32)
    return Hazard("pga", np.zeros(1), pga[None], {"pga_max": pga}, {}, ".")


def test_shaking_fails_at_random_by_its_seed() -> None:
    strong = out(shaking(9.0))
    assert {"North", "South", "Pump"} <= set(strong)
    assert strong["North"].words == (
        "North: out of service at once, because it was damaged by the shaking"
    )
    assert not out(shaking(0.001))
    seeds = [set(out(shaking(0.25), seed=seed)) for seed in range(40)]
    assert seeds[:2] == [set(out(shaking(0.25), seed=seed)) for seed in range(2)]
    share = np.mean(["North" in found for found in seeds])
    assert 0.25 < share < 0.75  # half of them at the median
    tries = (out(shaking(0.25), seed=seed) for seed in range(9))
    rows = next(found for found in tries if "North" in found)
    assert rows["North"].probability == pytest.approx(0.5, abs=4.0 * 0.5 / DRAWS**0.5)
    # The pump needs the substation: it is out at least as often.
    assert (rows["Pump"].probability or 0.0) >= (rows["North"].probability or 0.0)


def test_more_shaking_with_the_same_luck_puts_no_fewer_out() -> None:
    for seed in range(10):
        assert set(out(shaking(0.15), seed=seed)) <= set(out(shaking(0.3), seed=seed))


def test_a_housed_one_is_as_likely_out_as_its_building_is_damaged() -> None:
    house = Facility("House", "屋", kinds()["clinic"], at(1), 1, 1, 0.3, "")
    reached = {"extensive": np.array([0.0, 1.0, 0.0])}
    found = out(shaking(0.1), exposure=there((house,)), reached=reached)
    assert found["House"].probability == 1.0
    none = {"extensive": np.zeros(3)}
    assert not out(shaking(0.1), exposure=there((house,)), reached=none)


# Places


def test_what_lies_beside_one_of_its_kind_is_that_one() -> None:
    lon, lat = at(PLANT)
    mapped = (
        Mapped("hospital", "", (lon, lat)),
        Mapped("hospital", "East wing", (lon + 0.0005, lat)),
        Mapped("hospital", "", at(len(GRID) - 1)),
        Mapped("police", "", (lon, lat)),
        Mapped("bar", "", (lon, lat)),
        Mapped("police", "", (0.0, 0.0)),
    )
    found = facilities_of(GRID, CITY.buildings, (), mapped)
    assert [one.name for one in found] == ["Hospital", "Hospital (2)", "Police station"]
    assert found[1].name_zh == "医院 (2)"


def test_lengths_of_time_in_words() -> None:
    assert span(60.0) == ("1 min", "1 分")
    assert span(3600.0) == ("1 h", "1 小时")
    assert span(4800.0) == ("1 h 20 min", "1 小时 20 分")
    assert span(1.0) == ("1 min", "1 分")


# Recipes

HEAD = """
name = "a"
title = "A"
resolution = 11
bounds = [-122.450, 37.7540, -122.446, 37.7575]
"""
SOURCE = """
[[sources]]
name = "vector_tiles"
path = "tiles"
licence = "x"
attribution = "x"
columns = [5237, 5239]
rows = [12665, 12667]
zoom = 15
"""
ONE = '[[lifelines]]\nname = "S"\nkind = "substation"\nat = [-122.448, 37.755]\n'


def recipe(folder: Path, text: str, head: str = "") -> Any:
    path = folder / "a.toml"
    path.write_text(HEAD + head + SOURCE + text, encoding="utf-8")
    return read_recipe(path)


def test_a_recipe_names_them(tmp_path: Path) -> None:
    more = (
        '[[lifelines]]\nname = "P"\nkind = "pump"\nat = [-122.449, 37.755]\nneeds = ["S", ["S"]]\n'
    )
    found = recipe(tmp_path, ONE + more).lifelines
    assert [one.name for one in found] == ["S", "P"]
    assert found[1].needs == (("S",), ("S",))


MISTAKES = {
    "needs": (
        ONE + 'needs = ["Q"]',
        "the lifeline 'S' needs 'Q', which no lifeline is called: add it, or choose from S",
    ),
    "itself": (ONE + 'needs = ["S"]', "the lifeline 'S' needs itself: take it out of its needs"),
    "twice": (ONE + ONE, "two lifelines are called 'S': rename one of them"),
    "kind": (ONE.replace("substation", "sub"), "'sub' is no kind of lifeline: choose one of"),
    "class": (ONE + 'hazus_class = "X"', "'X' has no fragility: choose one of EP.S.L.A"),
    "place": (ONE.replace("[-122.448, 37.755]", "[1]"), "a point is [longitude, latitude]"),
    "backup": (ONE + "backup_h = -1", "greater than or equal to 0"),
    "unknown": (ONE + "need = []", "unknown key 'lifelines.0.need': did you mean 'needs'?"),
    "empty": (ONE + "needs = [[]]", "at least 1 item"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_a_recipe_gets_one_sentence(case: str, tmp_path: Path) -> None:
    text, words = MISTAKES[case]
    with pytest.raises(RecipeError) as caught:
        recipe(tmp_path, text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


CSV = """name,name_zh,kind,lon,lat,needs,backup_h,fails_from_m,assumed
S,站,substation,-122.448,37.755,,,,yes
T,,substation,-122.449,37.755,,,0.7,
H,,hospital,-122.449,37.756,S; S | T,12,,no
"""


def test_a_table_of_them_is_as_good(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text(CSV, encoding="utf-8")
    found = recipe(tmp_path, "", 'lifelines = "all.csv"').lifelines
    assert found[0].assumed
    assert found[0].name_zh == "站"
    assert found[1].fails_from_m == 0.7
    assert found[2].needs == (("S",), ("S", "T"))
    assert found[2].backup_h == 12.0
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(one.at)},
         "properties": {**one.model_dump(mode="json", exclude={"at"})}}
        for one in found
    ]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "all.geojson").write_text(text, encoding="utf-8")
    assert recipe(tmp_path, "", 'lifelines = "all.geojson"').lifelines == found


@pytest.mark.parametrize(
    "words",
    [("yes", " Yes", "TRUE ", " 1 "), ("no", " NO ", "False", "0", "", "  ")],
    ids=("yes", "no"),
)
def test_yes_and_no_of_a_table_may_be_written_in_any_case(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    for word in words:
        (tmp_path / "all.csv").write_text(CSV.replace(",yes", f",{word}"), encoding="utf-8")
        found = recipe(tmp_path, "", 'lifelines = "all.csv"').lifelines
        assert found[0].assumed is (words[0] == "yes"), word


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", None, "cannot be read"),
        ("a.csv", "name,kind,lon\n", "lacks the column 'lat'"),
        ("a.csv", CSV.replace("37.756", "north"), "the lifeline 'H' of"),
        ("a.csv", CSV.replace(",yes", ",perhaps"), "a.csv is 'perhaps': write yes or no"),
        ("a.csv", CSV.replace(",yes", ",perhaps"), "'assumed' in line 2 of "),
        ("a.geojson", None, "cannot be read: check the path"),
        ("a.geojson", "{}", "are no GeoJSON of points"),
    ],
)
def test_a_table_s_mistake_gets_one_sentence(
    name: str, text: str | None, words: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        recipe(tmp_path, "", f'lifelines = "{name}"')
    assert words in str(caught.value)


def test_one_outside_the_city_is_refused(tile_recipe: Path, tmp_path: Path) -> None:
    far = tile_recipe.read_text(encoding="utf-8") + ONE.replace("37.755", "37.9")
    path = tile_recipe.with_name("far.toml")
    path.write_text(far, encoding="utf-8")
    with pytest.raises(
        RecipeError, match=r"the lifeline 'S' at -122.448, 37.9 lies outside the city"
    ):
        build(path, tmp_path / "far.duckdb")


def test_nothing_is_dark_that_never_fails() -> None:
    assert not out(water({FIELD: [0.1]}))
    assert inf not in [one.dark_s for one in out(water({PLANT: [9.0]})).values()]
    assert isinstance(CITY.road_cells, Shares)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_what_befell_one_is_said_after_because_once(rule: Rule) -> None:
    assert not rule.words_zh.startswith("因")  # the sentence begins with it
    assert not rule.words.startswith("because")
