"""The sea closed from its shore: pieces, islands, loose ends, contradictions."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from citytwin.sources.osm_pbf.coast import Shore, divide

BOX = (0.0, 0.0, 10.0, 10.0)


def shore(*lines: list[tuple[float, float]]) -> Shore:
    found = np.empty(len(lines), dtype=object)
    found[:] = [shapely.LineString(line) for line in lines]
    return divide(found, BOX)


def areas(found: Shore) -> tuple[float, float, float]:
    parts = (found.sea, found.land, found.undecided)
    sea, land, undecided = (math.fsum(shapely.area(part)) for part in parts)
    assert sea + land + undecided == pytest.approx(100.0, abs=1e-9)
    return sea, land, undecided


def test_land_is_on_the_left() -> None:
    west_land = shore([(4.0, -1.0), (4.0, 11.0)])
    assert areas(west_land) == pytest.approx((60.0, 40.0, 0.0))
    assert west_land.sea[0].contains(shapely.Point(7, 5))
    east_land = shore([(4.0, 11.0), (4.0, -1.0)])
    assert areas(east_land) == pytest.approx((40.0, 60.0, 0.0))
    assert not east_land.remarks


def test_pieces_join_and_may_lie_in_any_order() -> None:
    whole = [(4.0, -1.0), (4.0, 3.0), (6.0, 5.0), (4.0, 7.0), (4.0, 11.0)]
    pieces = shore(whole[2:4], whole[:2], whole[3:], whole[1:3])
    assert areas(pieces) == pytest.approx(areas(shore(whole)))
    assert not pieces.remarks


def test_two_coasts_and_an_island() -> None:
    found = shore(
        [(2.0, -1.0), (2.0, 11.0)],
        [(8.0, 11.0), (8.0, -1.0)],
        [(4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0), (4.0, 4.0)],
    )
    assert areas(found) == pytest.approx((56.0, 44.0, 0.0))


def test_an_island_alone_has_sea_around_it() -> None:
    found = shore([(4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0), (4.0, 4.0)])
    assert areas(found) == pytest.approx((96.0, 4.0, 0.0))
    assert len(found.sea[0].interiors) == 1


def test_a_sea_inside_the_land() -> None:
    found = shore([(4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (6.0, 4.0), (4.0, 4.0)])
    assert areas(found) == pytest.approx((4.0, 96.0, 0.0))


def test_an_island_in_two_pieces_half_outside() -> None:
    found = shore([(8.0, 4.0), (12.0, 4.0), (12.0, 6.0)], [(12.0, 6.0), (8.0, 6.0), (8.0, 4.0)])
    assert areas(found) == pytest.approx((96.0, 4.0, 0.0))


def test_a_coast_that_crosses_the_edge_many_times() -> None:
    points = [(x / 2.0, 0.5 if x % 2 else -0.5) for x in range(-2, 23)]
    found = shore(points)
    sea, land, undecided = areas(found)
    assert undecided == 0.0
    assert len(found.sea) == 10
    assert sea + land == pytest.approx(100.0)


def test_no_coast_is_said() -> None:
    found = shore([(20.0, 0.0), (20.0, 10.0)])
    assert areas(found) == (0.0, 0.0, 100.0)
    assert found.remarks == ("no coastline meets the box: all of it is taken as land",)


def test_a_coast_that_ends_inside_decides_nothing_and_says_where() -> None:
    found = shore([(4.0, -1.0), (4.0, 5.0)])
    assert areas(found) == (0.0, 0.0, 100.0)
    assert "ends inside the box at 4.00000, 5.00000" in found.remarks[0]
    island = [(7.0, 7.0), (8.0, 7.0), (8.0, 8.0), (7.0, 8.0), (7.0, 7.0)]
    with_island = shore([(4.0, -1.0), (4.0, 9.0)], island)
    assert areas(with_island) == pytest.approx((0.0, 1.0, 99.0)), "the island is sure, no more"


def test_a_spur_does_not_undo_a_coast() -> None:
    found = shore([(4.0, -1.0), (4.0, 11.0)], [(4.0, 5.0), (4.5, 5.0)])
    assert areas(found) == pytest.approx((60.0, 40.0, 0.0))
    assert "ends inside the box" in found.remarks[0]


def test_a_coast_turned_the_wrong_way_on_a_short_stretch() -> None:
    found = shore([(4.0, -1.0), (4.0, 4.0)], [(4.0, 5.0), (4.0, 4.0)], [(4.0, 5.0), (4.0, 11.0)])
    assert areas(found) == pytest.approx((60.0, 40.0, 0.0))
    half = shore([(4.0, -1.0), (4.0, 5.0)], [(4.0, 11.0), (4.0, 5.0)])
    assert areas(half) == pytest.approx((0.0, 0.0, 100.0))
    assert half.remarks


def test_a_coast_along_the_edge() -> None:
    found = shore([(0.0, -1.0), (0.0, 11.0)])
    assert areas(found) == pytest.approx((100.0, 0.0, 0.0))


@given(
    st.lists(st.floats(0.5, 9.5), min_size=2, max_size=12),
    st.sampled_from(["north", "south"]),
)
def test_any_shore_is_divided_without_rest(xs: list[float], way: str) -> None:
    """Against the area on the left of the shore by the trapezium rule."""
    ys = np.linspace(-1.0, 11.0, len(xs))
    line = list(zip(xs, ys.tolist(), strict=True))
    sea, land, undecided = areas(shore(line if way == "north" else line[::-1]))
    dense = np.linspace(0.0, 10.0, 20001)
    left = np.trapezoid(np.interp(dense, ys, xs), dense)
    assert undecided == 0.0
    assert (land if way == "north" else sea) == pytest.approx(left, abs=1e-4)
