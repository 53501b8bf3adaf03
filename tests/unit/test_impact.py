"""Impact: who and what is wet, never counted twice."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid, cover
from citytwin.hazards.base import Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.impact.exposure import FOOTWAYS, Choices, Exposure
from citytwin.impact.flood_damage import construction_cost, depth_damage, depth_damages
from citytwin.impact.occupancy import hours, people_at
from citytwin.impact.uses import uses
from citytwin.impact.water import IMPASSABLE, THRESHOLDS, Water
from citytwin.scenario.running import exposure_of

ROOT = Path(__file__).resolve().parents[2]
GRID = cover((-122.450, 37.7540, -122.446, 37.7575), 11)
COUNT = len(GRID)
KEYS = [f"{limit:g}" for limit in THRESHOLDS]
SEED = st.integers(0, 2**32 - 1)


def shares(rows: list[tuple[int, int, float]]) -> Shares:
    item, cell, amount = zip(*rows, strict=True)
    return Shares(np.array(item), np.array(cell), np.array(amount, dtype=np.float64))


def houses(people: Floats, cells: Shares, **changes: Any) -> Buildings:
    """Houses of 100 m² and two storeys each, one beside the other."""
    count = people.size
    left = 20.0 * np.arange(count)
    parts: dict[str, Any] = {
        "outlines": shapely.box(left, 0.0, left + 10.0, 10.0),
        "cells": cells,
        "height": np.full(count, 6.0),
        "levels": np.full(count, 2.0),
        "floor_area": np.full(count, 200.0),
        "people": people,
        "kind": np.full(count, "house", dtype=object),
        "material": np.full(count, "", dtype=object),
        "year": np.full(count, np.nan),
    }
    return Buildings(**{**parts, **changes})


HOMES = shares([(0, 0, 50.0), (0, 1, 20.0), (1, 1, 80.0), (2, 5, 30.0)])


def wet(what: Exposure, depth: Floats) -> dict[str, Any]:
    """Impact of one field of depth, as files have it."""
    values = np.asarray(depth)[None, :].astype(np.float32)
    hazard = Hazard("depth", np.zeros(1), values, {"depth_max": depth}, {}, ".")
    return Water.count(what, hazard).facts()


def exposure(**changes: Any) -> Exposure:
    """Two homes, a school and four ways: over three cells, a tunnel, a bridge, a footpath."""
    buildings = houses(np.array([4.0, 6.0, 0.0]), HOMES)
    parts: dict[str, Any] = {
        "grid": GRID,
        "building_cover": np.zeros(COUNT),
        "buildings": buildings,
        "home_share": changes.get("buildings", buildings).people > 0.0,
        "road_class": ("street", "street", "primary", "path"),
        "road_open": np.array([True, False, False, True]),
        "road_cells": shares(
            [(0, 0, 10.0), (0, 1, 20.0), (0, 2, 30.0), (1, 0, 40.0), (2, 1, 50.0), (3, 2, 5.0)]
        ),
    }
    return Exposure(**{**parts, **changes})


def homes_in(cells: Shares) -> Exposure:
    """The same homes in other cells."""
    return exposure(buildings=houses(np.array([4.0, 6.0, 0.0]), cells))


def depth_in(cells: dict[int, float]) -> Floats:
    depth = np.zeros(COUNT)
    for cell, value in cells.items():
        depth[cell] = value
    return depth


def test_dry_ground_hurts_nobody() -> None:
    result = wet(exposure(), np.zeros(COUNT))
    assert result["people"] == dict.fromkeys(KEYS, 0.0)
    assert result["buildings"] == dict.fromkeys(KEYS, 0)
    assert result["roads"]["impassable_m"] == 0.0
    assert result["roads"]["total_m"] == 150.0
    assert result["roads"]["footways"] == {"total_m": 5.0, "impassable_m": 0.0}


def test_people_and_buildings_are_counted_by_the_deepest_water_at_them() -> None:
    result = wet(exposure(), depth_in({0: 0.2, 1: 0.6}))
    # The first home stands in both cells and counts once, by the deeper of the two.
    assert result["buildings"] == {"0.15": 2, "0.3": 2, "0.5": 2, "1": 0}
    assert result["people"] == {"0.15": 10.0, "0.3": 10.0, "0.5": 10.0, "1": 0.0}
    result = wet(exposure(), depth_in({0: 0.2}))
    assert result["buildings"] == {"0.15": 1, "0.3": 0, "0.5": 0, "1": 0}
    assert result["people"] == {"0.15": 4.0, "0.3": 0.0, "0.5": 0.0, "1": 0.0}


def test_a_threshold_counts_from_itself() -> None:
    result = wet(exposure(), depth_in({5: 1.0, 1: np.nextafter(0.5, 0.0)}))
    assert result["buildings"] == {"0.15": 3, "0.3": 3, "0.5": 1, "1": 1}


def test_a_street_over_several_cells_counts_by_its_metres_and_once() -> None:
    flooded = wet(exposure(), np.full(COUNT, 5.0))["roads"]
    assert flooded["by_class"]["street"] == {"total_m": 100.0, "impassable_m": 60.0}
    partly = wet(exposure(), depth_in({1: 0.4, 2: 0.29}))["roads"]
    assert partly["by_class"]["street"]["impassable_m"] == 20.0
    assert IMPASSABLE == 0.3
    assert partly["reason"].startswith("0.3 m")


def test_tunnels_and_bridges_are_not_under_the_water_on_the_ground() -> None:
    flooded = wet(exposure(), np.full(COUNT, 5.0))["roads"]
    assert flooded["by_class"]["primary"] == {"total_m": 50.0, "impassable_m": 0.0}
    assert flooded["impassable_m"] == 60.0
    all_open = exposure(road_open=np.ones(4, dtype=bool))
    assert wet(all_open, np.full(COUNT, 5.0))["roads"]["impassable_m"] == 150.0


def test_water_stands_beside_a_built_cell_not_in_it() -> None:
    middle = int(np.argmin(np.hypot(GRID.x, GRID.y)))
    beside = int(GRID.neighbours()[middle][0])
    far = int(np.argmax(np.hypot(GRID.x, GRID.y)))
    one = {"buildings": houses(np.array([3.0]), shares([(0, middle, 100.0)]))}
    built = np.zeros(COUNT)
    built[middle] = 1.0
    inside = exposure(building_cover=built, **one)
    assert wet(inside, depth_in({beside: 0.4}))["people"]["0.3"] == 3.0
    assert wet(inside, depth_in({far: 0.4}))["people"]["0.3"] == 0.0
    # An open cell does not look around itself.
    assert wet(exposure(**one), depth_in({beside: 0.4}))["people"]["0.3"] == 0.0


def test_a_sliver_of_a_building_in_a_wet_cell_does_not_count() -> None:
    """An edge that a cell cuts off by a hair stands in its neighbour, too, but not in that water."""
    cut = exposure(
        buildings=houses(
            np.array([4.0, 6.0, 0.0]), shares([(0, 0, 96.0), (0, 1, 4.0), (1, 1, 9.0), (2, 5, 9.0)])
        )
    )
    assert wet(cut, depth_in({1: 0.6}))["buildings"]["0.5"] == 1
    assert wet(cut, depth_in({0: 0.6}))["buildings"]["0.5"] == 1
    half = exposure(
        buildings=houses(
            np.array([4.0, 6.0, 0.0]),
            shares([(0, 0, 90.0), (0, 1, 10.0), (1, 1, 9.0), (2, 5, 9.0)]),
        )
    )
    assert wet(half, depth_in({1: 0.6}))["buildings"]["0.5"] == 2


def test_a_long_thin_building_counts_somewhere() -> None:
    area = float(GRID.area[0])
    thin = [(0, cell, 0.03 * area) for cell in range(30)]
    wall = exposure(
        buildings=houses(np.array([4.0, 6.0, 0.0]), shares([*thin, (1, 1, 9.0), (2, 5, 9.0)]))
    )
    assert wet(wall, np.full(COUNT, 2.0))["buildings"]["1"] == 3


def random_exposure(seed: int) -> Exposure:
    rng = np.random.default_rng(seed)

    def some(items: int) -> Shares:
        pairs = {(int(i), int(c)) for i, c in zip(
            rng.integers(items, size=60), rng.integers(COUNT, size=60), strict=True
        )}  # fmt: skip
        return shares([(i, c, float(rng.uniform(0.1, 30.0))) for i, c in sorted(pairs)])

    return exposure(
        building_cover=rng.choice([0.0, 0.6], COUNT),
        buildings=houses(rng.uniform(0.0, 9.0, 12), some(12)),
        road_class=tuple(rng.choice(["street", "path", "primary"], 9)),
        road_open=rng.uniform(size=9) < 0.7,
        road_cells=some(9),
    )


@settings(deadline=None)
@given(SEED, SEED)
def test_classes_sum_to_the_total_and_nothing_exceeds_what_there_is(seed: int, water: int) -> None:
    what = random_exposure(seed)
    depth = np.random.default_rng(water).uniform(0.0, 1.2, COUNT)
    result = wet(what, depth)
    roads = result["roads"]
    by_class = roads["by_class"].values()
    ways = roads["footways"]
    assert not set(roads["by_class"]) & set(FOOTWAYS)
    assert sum(row["impassable_m"] for row in by_class) == pytest.approx(roads["impassable_m"])
    assert sum(row["total_m"] for row in by_class) == pytest.approx(roads["total_m"])
    assert roads["total_m"] + ways["total_m"] == pytest.approx(what.road_cells.amount.sum())
    assert 0.0 <= ways["impassable_m"] <= ways["total_m"] * (1 + 1e-12)
    assert all(0.0 <= row["impassable_m"] <= row["total_m"] * (1 + 1e-12) for row in by_class)
    usable = what.road_cells.amount[what.road_open[what.road_cells.item]].sum()
    assert roads["impassable_m"] + ways["impassable_m"] <= usable * (1 + 1e-12)
    assert max(result["people"].values()) <= what.buildings.people.sum() * (1 + 1e-12)
    assert max(result["buildings"].values()) <= len(what.buildings)


@settings(deadline=None)
@given(SEED, SEED, st.floats(0.0, 1.0))
def test_more_water_and_lower_thresholds_never_hit_fewer(
    seed: int, water: int, more: float
) -> None:
    what = random_exposure(seed)
    rng = np.random.default_rng(water)
    depth = rng.uniform(0.0, 1.2, COUNT)
    less, deeper = wet(what, depth), wet(what, depth + more * rng.uniform(size=COUNT))
    for group in ("people", "buildings"):
        values = [less[group][key] for key in KEYS]
        assert values == sorted(values, reverse=True)
        assert all(deeper[group][key] >= less[group][key] for key in KEYS)
    assert deeper["roads"]["impassable_m"] >= less["roads"]["impassable_m"]
    for name, row in less["roads"]["by_class"].items():
        assert deeper["roads"]["by_class"][name]["impassable_m"] >= row["impassable_m"]


def test_the_course_over_time_belongs_to_the_frames() -> None:
    frames = np.array([np.zeros(COUNT), depth_in({1: 0.6}), depth_in({0: 0.2})], np.float32)
    summary = {"depth_max": frames.max(axis=0)}
    hazard = Hazard("depth", np.array([0.0, 60.0, 120.0]), frames, summary, {}, ".")
    result = Water.count(exposure(), hazard).facts()
    assert result["series"]["buildings"]["0.15"] == [0, 2, 1]
    assert result["series"]["people"]["0.5"] == [0.0, 10.0, 0.0]
    assert result["series"]["roads_m"] == [0.0, 20.0, 0.0]
    alone = wet(exposure(), frames.max(axis=0))
    assert {k: v for k, v in result.items() if k != "series"} == {
        k: v for k, v in alone.items() if k != "series"
    }


def test_the_whole_city_under_water_counts_everything_once(city: City) -> None:
    what = exposure_of(city)
    result = wet(what, np.full(len(city.grid), 2.0))
    roads = city.table("roads")
    open_roads = ~roads["structure"].isin(["tunnel", "bridge"])
    assert not open_roads.all()
    assert result["buildings"]["1"] == city.counts["buildings"]
    assert result["people"]["1"] == pytest.approx(city.totals["people"]["before"], rel=1e-12)
    ways, on_foot = result["roads"]["footways"], roads["class"].isin(FOOTWAYS)
    for total, wet_length, rows in (
        (result["roads"]["total_m"], result["roads"]["impassable_m"], ~on_foot),
        (ways["total_m"], ways["impassable_m"], on_foot),
    ):
        assert total == pytest.approx(roads.loc[rows, "length"].sum(), rel=1e-9)
        expected = roads.loc[rows & open_roads, "length"].sum()
        assert wet_length == pytest.approx(expected, rel=1e-9)
    assert set(result["roads"]["by_class"]) == set(roads.loc[~on_foot, "class"])


def test_a_city_without_streets_or_buildings_counts_nothing() -> None:
    none = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    nobody = houses(np.empty(0), none)
    bare = Exposure(GRID, np.zeros(COUNT), nobody, np.empty(0), (), np.empty(0, dtype=bool), none)
    result = wet(bare, np.full(COUNT, 1.0))
    assert result["roads"]["total_m"] == result["roads"]["impassable_m"] == 0.0
    assert result["buildings"] == dict.fromkeys(KEYS, 0)


def counted(result: dict[str, Any], name: str) -> dict[str, Any]:
    return next(count for count in result["counts"] if count["name"] == name)


def test_every_depth_damage_function_equals_its_table() -> None:
    """JRC's functions at every corner, halfway between two, and beyond the last."""
    path = ROOT / "data" / "tables" / "jrc_depth_damage.csv"
    table = pd.read_csv(path, comment="#")
    keys = set(zip(table["continent"], table["use"], strict=True))
    assert set(depth_damages()) == keys
    assert len(keys) == 27
    for key in keys:
        rows = table[(table["continent"] == key[0]) & (table["use"] == key[1])]
        curve = depth_damage(*key)
        depth, damage = rows["depth_m"].to_numpy(), rows["damage"].to_numpy()
        assert (curve.at(depth) == damage).all()
        middles, halves = (depth[1:] + depth[:-1]) / 2.0, (damage[1:] + damage[:-1]) / 2.0
        assert curve.at(middles) == pytest.approx(halves, abs=1e-12)
        assert curve.at(0.0) == 0.0
        assert curve.at(1e3) == 1.0
        assert (np.diff(curve.damage) >= 0.0).all()


def test_the_functions_equal_the_published_table_at_every_centimetre() -> None:
    path = ROOT.parent / "shared" / "bench" / "depth_damage" / "JRC_damage_functions.csv"
    if not path.exists():
        pytest.skip("the published table of depth-damage functions is not beside the checkout")
    head, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    depths = np.array([float(name.removesuffix("m")) for name in head[2:]])
    compared = 0
    for continent, use, *values in rows:
        if use != "building averaged":
            published = np.array(values, np.float64)
            assert depth_damage(continent, use).at(depths) == pytest.approx(published, abs=1e-8)
            compared += 1
    assert compared == 27


def test_damage_in_a_city_of_three_houses_is_that_by_hand() -> None:
    """A home in 1 m, a workshop in 0.5 m, a school left dry: JRC's Europe, Germany's values."""
    buildings = houses(
        np.array([4.0, 0.0, 0.0]),
        shares([(0, 0, 50.0), (1, 1, 80.0), (2, 5, 30.0)]),
        kind=np.array(["house", "warehouse", "school"], dtype=object),
        levels=np.array([1.0, 5.0, 2.0]),
    )
    what = exposure(
        buildings=buildings,
        home_share=np.array([1.0, 0.0, 0.0]),
        choices=Choices("europe", "DEU"),
    )
    assert uses(what).tolist() == ["residential", "industrial", "school"]
    depth = depth_in({0: 1.0, 1: 0.5})
    hazard = Hazard("depth", np.zeros(1), depth[None, :], {"depth_max": depth}, {}, ".")
    found = Water.count(what, hazard)
    # 100 m² x share x cost x 0.6 x (1 - 0.4) x (1 + contents); the workshop counts two storeys.
    home = 100.0 * 0.40 * 1450.08 * 0.6 * 0.6 * 1.5
    workshop = 200.0 * 0.15 * 977.35 * 0.6 * 0.6 * 2.5
    assert found.per_building["damage_eur"] == pytest.approx([home, workshop, 0.0], rel=1e-5)
    total = counted(found.facts(), "damage")
    assert total["value"] == pytest.approx(home + workshop, rel=1e-5)
    assert total["unit"] == "EUR 2010"
    assert {curve.verified for curve in found.curves} == {True, False}
    assert not [c for c in wet(exposure(), depth)["counts"] if c["name"] == "damage"]


def test_an_unknown_country_or_continent_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"'vulnerability.country' of the recipe"):
        construction_cost("XXX", "residential")
    with pytest.raises(InputError, match=r"'vulnerability.continent' of the recipe"):
        depth_damage("atlantis", "residential")


def test_nobody_is_lost_or_made_between_day_and_night() -> None:
    buildings = houses(
        np.array([40.0, 0.0, 0.0]),
        HOMES,
        kind=np.array(["house", "office", "school"], dtype=object),
    )
    what = exposure(buildings=buildings, home_share=np.array([1.0, 0.0, 0.0]))
    for hour in hours():
        there = people_at(what, hour)
        shares_of = np.array([hour.home, hour.work, hour.school])
        assert there == pytest.approx(40.0 * shares_of)
        assert 0.0 < shares_of.sum() <= 1.0
    only_homes = exposure()
    day = next(hour for hour in hours() if hour.name == "day")
    everyone = people_at(exposure(buildings=houses(np.array([4.0, 6.0, 1.0]), HOMES)), day)
    assert everyone.sum() == pytest.approx(11.0 * (day.home + day.work + day.school))
    assert people_at(only_homes, day).sum() <= 10.0


@settings(deadline=None)
@given(SEED, SEED)
def test_numbers_do_not_contradict_each_other(seed: int, water: int) -> None:
    depth = np.random.default_rng(water).uniform(0.0, 1.2, COUNT)
    result = wet(random_exposure(seed), depth)
    affected = result["people"][KEYS[0]]
    assert counted(result, "displaced")["value"] <= affected
    for count in result["counts"]:
        assert 0.0 <= count["value"] <= (count["of"] or np.inf) * (1 + 1e-12)
        assert count["who"]
        assert count["title_zh"]


def test_the_test_grid_has_an_inside() -> None:
    assert isinstance(GRID, Grid)
    assert (GRID.neighbours() >= 0).all(axis=1).sum() > 10
