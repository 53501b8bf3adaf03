"""Vehicles and people in moving water: limits, streets, who cannot leave on foot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytwin.impact.moving_water import stabilities, unsafe_cells
from citytwin.impact.people_verification import UNSAFE, four_cells
from citytwin.impact.water import Water

BY_NAME = {one.who: one for one in stabilities()}
METRES = st.floats(0.0, 3.0)


def test_the_table_says_what_it_could_not_compare() -> None:
    assert list(BY_NAME) == list(UNSAFE)
    assert not any(one.verified for one in stabilities())
    curve = next(c for c in Water.count(*four_cells()).curves if "moving water" in c.title)
    assert not curve.verified


@pytest.mark.parametrize(
    ("who", "depth", "speed", "product"),
    [
        ("small_car", 0.3, 3.0, 0.3), ("large_car", 0.4, 3.0, 0.45),
        ("four_wheel_drive", 0.5, 3.0, 0.6), ("child", 0.5, 3.0, 0.4), ("adult", 1.2, 3.0, 0.6),
    ],
)  # fmt: skip
def test_each_limit_counts_alone(who: str, depth: float, speed: float, product: float) -> None:
    one = BY_NAME[who]
    rows = np.array([
        [depth, speed, product], [depth + 0.01, 0.0, 0.0], [0.0, speed + 0.01, 0.0],
        [0.0, 0.0, product + 0.01],
    ])  # fmt: skip
    assert one.unsafe(*rows.T).tolist() == [False, True, True, True]


@given(METRES, METRES, METRES)
def test_what_is_unsafe_for_the_stronger_is_for_the_weaker(
    depth: float, speed: float, product: float
) -> None:
    water = (np.array([depth]), np.array([speed]), np.array([product]))
    on = {who: bool(one.unsafe(*water)[0]) for who, one in BY_NAME.items()}
    assert on["four_wheel_drive"] <= on["large_car"] <= on["small_car"]
    assert on["adult"] <= on["child"]


def test_streets_and_people_by_hand() -> None:
    impact = Water.count(*four_cells())
    found = {count.name: count for count in impact.counts}
    for who, cells in UNSAFE.items():
        count = found[f"unsafe_{who}"]
        assert (count.value, count.of, count.unit) == (10.0 * len(cells), 40.0, "m")
        roads = impact.roads["unsafe"][who]
        assert roads["by_class"] == {"street": {"total_m": 40.0, "impassable_m": 10.0 * len(cells)}}
    assert found["cut_off_adult"].value == 1.0
    assert found["cut_off_child"].value == 3.0
    assert found["cut_off_night"].value <= found["present_night"].value


def test_a_home_out_of_the_water_is_not_cut_off() -> None:
    """Fast water too thin to count as reaching a building keeps nobody in."""
    city, hazard = four_cells()
    thin = {**hazard.summary, "depth_max": np.full(len(city.grid), 0.1, np.float32)}
    impact = Water.count(city, replace(hazard, summary=thin))
    found = {count.name: count.value for count in impact.counts}
    assert found["cut_off_child"] == 0.0
    assert found["unsafe_child"] == 20.0


def test_without_speeds_nothing_is_said() -> None:
    city, hazard = four_cells()
    depth = {"depth_max": hazard.summary["depth_max"]}
    assert unsafe_cells(city, depth) == {}
    impact = Water.count(city, replace(hazard, summary=depth))
    assert not any(count.name.startswith(("unsafe", "cut_off")) for count in impact.counts)
    assert impact.roads["unsafe"] == {}
