"""Impact: who and what is wet, never counted twice."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid, cover
from citytwin.hazards.base import Hazard
from citytwin.impact.exposure import FOOTWAYS, Exposure
from citytwin.impact.wet import IMPASSABLE, THRESHOLDS, wet, wet_over_time
from citytwin.scenario.running import exposure_of

GRID = cover((-122.450, 37.7540, -122.446, 37.7575), 11)
COUNT = len(GRID)
KEYS = [f"{limit:g}" for limit in THRESHOLDS]
SEED = st.integers(0, 2**32 - 1)


def shares(rows: list[tuple[int, int, float]]) -> Shares:
    item, cell, amount = zip(*rows, strict=True)
    return Shares(np.array(item), np.array(cell), np.array(amount, dtype=np.float64))


def exposure(**changes: Any) -> Exposure:
    """Two homes, a school and four ways: over three cells, a tunnel, a bridge, a footpath."""
    parts: dict[str, Any] = {
        "grid": GRID,
        "building_cover": np.zeros(COUNT),
        "building_people": np.array([4.0, 6.0, 0.0]),
        "building_cells": shares([(0, 0, 50.0), (0, 1, 20.0), (1, 1, 80.0), (2, 5, 30.0)]),
        "road_class": ("street", "street", "primary", "path"),
        "road_open": np.array([True, False, False, True]),
        "road_cells": shares(
            [(0, 0, 10.0), (0, 1, 20.0), (0, 2, 30.0), (1, 0, 40.0), (2, 1, 50.0), (3, 2, 5.0)]
        ),
    }
    return Exposure(**{**parts, **changes})


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
    assert result["roads"]["footways"] == {"total_m": 5.0, "under_water_m": 0.0}


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
    assert partly["limit_m"] == IMPASSABLE == 0.3


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
    one = {
        "building_people": np.array([3.0]),
        "building_cells": shares([(0, middle, 100.0)]),
    }
    built = np.zeros(COUNT)
    built[middle] = 1.0
    inside = exposure(building_cover=built, **one)
    assert wet(inside, depth_in({beside: 0.4}))["people"]["0.3"] == 3.0
    assert wet(inside, depth_in({far: 0.4}))["people"]["0.3"] == 0.0
    # An open cell does not look around itself.
    assert wet(exposure(**one), depth_in({beside: 0.4}))["people"]["0.3"] == 0.0


def test_a_sliver_of_a_building_in_a_wet_cell_does_not_count() -> None:
    """An edge that a cell cuts off by a hair stands in its neighbour, too, but not in that water."""
    cut = exposure(building_cells=shares([(0, 0, 96.0), (0, 1, 4.0), (1, 1, 9.0), (2, 5, 9.0)]))
    assert wet(cut, depth_in({1: 0.6}))["buildings"]["0.5"] == 1
    assert wet(cut, depth_in({0: 0.6}))["buildings"]["0.5"] == 1
    half = exposure(building_cells=shares([(0, 0, 90.0), (0, 1, 10.0), (1, 1, 9.0), (2, 5, 9.0)]))
    assert wet(half, depth_in({1: 0.6}))["buildings"]["0.5"] == 2


def test_a_long_thin_building_counts_somewhere() -> None:
    area = float(GRID.area[0])
    thin = [(0, cell, 0.03 * area) for cell in range(30)]
    wall = exposure(building_cells=shares([*thin, (1, 1, 9.0), (2, 5, 9.0)]))
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
        building_people=rng.uniform(0.0, 9.0, 12),
        building_cells=some(12),
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
    assert 0.0 <= ways["under_water_m"] <= ways["total_m"] * (1 + 1e-12)
    assert all(0.0 <= row["impassable_m"] <= row["total_m"] * (1 + 1e-12) for row in by_class)
    usable = what.road_cells.amount[what.road_open[what.road_cells.item]].sum()
    assert roads["impassable_m"] + ways["under_water_m"] <= usable * (1 + 1e-12)
    assert max(result["people"].values()) <= what.building_people.sum() * (1 + 1e-12)
    assert max(result["buildings"].values()) <= what.building_people.size


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
    result = wet_over_time(exposure(), hazard)
    assert result["series"]["buildings"]["0.15"] == [0, 2, 1]
    assert result["series"]["people"]["0.5"] == [0.0, 10.0, 0.0]
    assert result["series"]["roads_m"] == [0.0, 20.0, 0.0]
    assert {k: v for k, v in result.items() if k != "series"} == wet(exposure(), frames.max(axis=0))


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
        (ways["total_m"], ways["under_water_m"], on_foot),
    ):
        assert total == pytest.approx(roads.loc[rows, "length"].sum(), rel=1e-9)
        expected = roads.loc[rows & open_roads, "length"].sum()
        assert wet_length == pytest.approx(expected, rel=1e-9)
    assert set(result["roads"]["by_class"]) == set(roads.loc[~on_foot, "class"])


def test_a_city_without_streets_or_buildings_counts_nothing() -> None:
    none = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    bare = Exposure(GRID, np.zeros(COUNT), np.empty(0), none, (), np.empty(0, dtype=bool), none)
    result = wet(bare, np.full(COUNT, 1.0))
    assert result["roads"]["total_m"] == result["roads"]["impassable_m"] == 0.0
    assert result["buildings"] == dict.fromkeys(KEYS, 0)


def test_the_test_grid_has_an_inside() -> None:
    assert isinstance(GRID, Grid)
    assert (GRID.neighbours() >= 0).all(axis=1).sum() > 10
