"""People placed on homes and cells: nobody lost, nobody invented, whatever the units."""

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.arrays import Floats
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.outlines import box_in_plane
from citytwin.pipeline.people.counted import (
    Homes,
    People,
    counted_people,
    modelled_people,
    population_units,
)
from citytwin.pipeline.people.units import Units
from citytwin.sources.base import Box, CellValues

BOXES: dict[str, Box] = {
    "San Francisco": (-122.4500, 37.7540, -122.4470, 37.7565),
    "Shanghai": (121.4700, 31.2300, 121.4730, 31.2325),
}
GRIDS = {name: cover(box, 12) for name, box in BOXES.items()}
EXTENTS = {name: box_in_plane(GRIDS[name], box) for name, box in BOXES.items()}
#: Half of the side of a square in which buildings are drawn: it lies in both boxes [m].
REACH = 100.0
PLACE = st.sampled_from(sorted(GRIDS))
SEED = st.integers(0, 2**32 - 1)
RELAXED = settings(max_examples=40, deadline=None)


def test_the_boxes_hold_what_the_tests_draw() -> None:
    for extent in EXTENTS.values():
        assert shapely.covers(extent, shapely.box(-REACH, -REACH, REACH, REACH))


def homes_of(rng: np.random.Generator, count: int) -> Homes:
    """Turned rectangles that overlap one another as they please, a third without homes."""
    size, angle = rng.uniform(2.0, 20.0, (count, 2)), rng.uniform(0.0, np.pi, count)
    centre = rng.uniform(-REACH + 15.0, REACH - 15.0, (count, 2))
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * size[:, None]
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=-1)
    outlines = np.einsum("bij,bkj->bki", turn.reshape(-1, 2, 2), corners) + centre[:, None]
    floor = rng.uniform(50.0, 900.0, count) * (rng.uniform(size=count) < 0.67)
    return Homes(np.asarray(shapely.polygons(outlines)), floor)


def squares(rng: np.random.Generator, side: float) -> Units:
    """Turned squares without gap or overlap over more than the box, as pixels are."""
    steps = np.arange(-np.ceil(400.0 / side), np.ceil(400.0 / side) + 1.0)
    x, y = np.meshgrid(steps * side, steps * side)
    low = np.column_stack([x.ravel(), y.ravel()]) - rng.uniform(0.0, side, 2)
    corners = low[:, None] + side * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    angle = rng.uniform(-0.2, 0.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    people = rng.gamma(0.5, 40.0, len(low)) * (rng.uniform(size=len(low)) < 0.8)
    return Units(np.asarray(shapely.polygons(corners @ turn.T)), people)


def blobs(rng: np.random.Generator, count: int) -> Units:
    """Discs that overlap one another and reach out of the box, one of them with a hole."""
    centre, radius = rng.uniform(-250.0, 250.0, (count, 2)), rng.uniform(1.0, 200.0, count)
    outlines = shapely.buffer(shapely.points(centre), radius)
    outlines[0] = shapely.difference(outlines[0], shapely.Point(centre[0]).buffer(radius[0] / 2))
    return Units(np.asarray(outlines), rng.gamma(0.5, 100.0, count))


def water_of(rng: np.random.Generator, grid: Grid) -> Floats:
    """Some cells all water, some in part, most dry."""
    draw = rng.uniform(size=len(grid))
    return np.where(draw < 0.2, 1.0, np.where(draw < 0.4, rng.uniform(size=len(grid)), 0.0))


def placed(place: str, homes: Homes, units: Sequence[Units], **more: Any) -> People:
    more.setdefault("water_share", np.zeros(len(GRIDS[place])))
    return counted_people(GRIDS[place], BOXES[place], homes, units, **more)


def expected_total(place: str, units: Units) -> float:
    inside = shapely.area(shapely.intersection(units.outlines, EXTENTS[place]))
    return float((units.people * inside / shapely.area(units.outlines)).sum())


def total(place: str, homes: Homes, people: People) -> float:
    """People in the cells, buildings by shares of their footprint."""
    grid = GRIDS[place]
    return float(people.per_cell(grid, polygon_shares(grid, homes.outlines)).sum())


MADE: dict[str, Callable[[np.random.Generator], Units]] = {
    "pixels finer than cells": lambda rng: squares(rng, rng.uniform(8.0, 15.0)),
    "pixels": lambda rng: squares(rng, rng.uniform(30.0, 110.0)),
    "one pixel over all": lambda rng: squares(rng, 700.0),
    "areas that overlap": lambda rng: blobs(rng, 12),
}


@pytest.mark.parametrize("kind", MADE)
@RELAXED
@given(PLACE, SEED, st.integers(0, 40), st.sampled_from([0.0, 5.0, 200.0]))
def test_nobody_is_lost(kind: str, place: str, seed: int, count: int, least: float) -> None:
    rng = np.random.default_rng(seed)
    homes, units, water = homes_of(rng, count), MADE[kind](rng), water_of(rng, GRIDS[place])
    if expected_total(place, units) == 0.0:
        units = Units(units.outlines, units.people + 1.0)
    people = placed(place, homes, [units], water_share=water, least_floor_area=least)
    expected = expected_total(place, units)
    figures = people.figures
    assert figures.before == pytest.approx(expected, rel=1e-12)
    assert figures.after == pytest.approx(expected, rel=1e-9)
    assert people.of_building.sum() + people.elsewhere.sum() == pytest.approx(expected, rel=1e-9)
    assert total(place, homes, people) == pytest.approx(expected, rel=1e-9)
    assert (people.of_building >= 0.0).all()
    assert (people.elsewhere >= 0.0).all()
    assert (people.of_building[homes.floor_area == 0.0] == 0.0).all()
    assert 0.0 <= figures.people_in_water <= figures.elsewhere * (1.0 + 1e-12)
    left = figures.people_without_homes + figures.people_beyond_homes
    assert left == pytest.approx(figures.elsewhere, rel=1e-9, abs=1e-9)
    if kind != "areas that overlap":  # the others cover the box
        assert figures.homes_without_unit == pytest.approx(0.0, abs=1e-6)
        assert (people.assumed == 0.0).all()


@RELAXED
@given(PLACE, SEED, st.integers(5, 15))
def test_hexagons_of_any_resolution_keep_their_people(place: str, seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    grid, (west, south, east, north) = GRIDS[place], BOXES[place]
    ring = [(south, west), (south, east), (north, east), (north, west)]
    if size > 13:  # a hundred thousand cells would tell no more
        ring = [(south, west), (south, west + 4e-4), (south + 4e-4, west + 4e-4)]
    found = h3.polygon_to_cells_experimental(h3.LatLngPoly(ring), size, contain="overlap")
    cells = rng.permutation(np.array(found, dtype=np.uint64))
    table = CellValues("people", cells, rng.gamma(1.0, 20.0, cells.size))
    homes = homes_of(rng, 25)
    people = placed(place, homes, list(population_units(grid, BOXES[place], table)))
    outlines = np.array(
        [
            shapely.Polygon(
                np.column_stack(grid.project(*np.asarray(h3.cell_to_boundary(int(c))).T[::-1]))
            )
            for c in cells
        ]
    )
    expected = expected_total(place, Units(outlines, table.values))
    assert people.figures.before == pytest.approx(expected, rel=1e-9)
    assert total(place, homes, people) == pytest.approx(expected, rel=1e-9)
    assert people.figures.units <= cells.size


@RELAXED
@given(PLACE, SEED)
def test_census_polygons_keep_their_people(place: str, seed: int) -> None:
    """Two halves of the box, cut by a random line: each counts whole, for each lies inside."""
    rng = np.random.default_rng(seed)
    west, south, east, north = BOXES[place]
    low, high = west + (east - west) * rng.uniform(0.1, 0.9, 2)
    halves = [
        shapely.Polygon([(west, south), (low, south), (high, north), (west, north)]),
        shapely.Polygon([(low, south), (east, south), (east, north), (high, north)]),
    ]
    table = gpd.GeoDataFrame({"people": [700.0, 45.5]}, geometry=halves, crs="EPSG:4326")
    homes = homes_of(rng, 30)
    people = placed(place, homes, list(population_units(GRIDS[place], BOXES[place], table)))
    assert people.figures.before == pytest.approx(745.5, rel=1e-6)
    assert total(place, homes, people) == pytest.approx(people.figures.before, rel=1e-9)
    assert (people.assumed < 1e-6).all()


@RELAXED
@given(PLACE, SEED)
def test_order_does_not_matter(place: str, seed: int) -> None:
    """Units, buildings, and how many units come at a time."""
    rng = np.random.default_rng(seed)
    homes, units, water = homes_of(rng, 30), squares(rng, 60.0), water_of(rng, GRIDS[place])
    first = placed(place, homes, [units], water_share=water, least_floor_area=5.0)
    turn, swap = rng.permutation(len(units.people)), rng.permutation(30)
    cut = int(rng.integers(0, turn.size))
    parts = [Units(units.outlines[k], units.people[k]) for k in (turn[:cut], turn[cut:])]
    other = Homes(homes.outlines[swap], homes.floor_area[swap])
    second = placed(place, other, parts, water_share=water, least_floor_area=5.0)
    assert np.allclose(second.of_building, first.of_building[swap], rtol=1e-9, atol=1e-12)
    assert np.allclose(second.elsewhere, first.elsewhere, rtol=1e-9, atol=1e-12)
    assert np.allclose(second.assumed, first.assumed, atol=1e-12)
    assert (second.quality == first.quality).all()
    for name, value in first.figures.notes().items():
        assert second.figures.notes()[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name


@RELAXED
@given(PLACE, SEED, st.floats(1e-3, 1e6))
def test_twice_the_people_are_twice_as_many_everywhere(
    place: str, seed: int, factor: float
) -> None:
    rng = np.random.default_rng(seed)
    homes, units, water = homes_of(rng, 30), squares(rng, 50.0), water_of(rng, GRIDS[place])
    first = placed(place, homes, [units], water_share=water)
    more = Units(units.outlines, units.people * factor)
    second = placed(place, homes, [more], water_share=water)
    assert np.allclose(second.of_building, first.of_building * factor, rtol=1e-12)
    assert np.allclose(second.elsewhere, first.elsewhere * factor, rtol=1e-12)


@RELAXED
@given(PLACE, SEED)
def test_equal_homes_in_one_unit_get_equal_people(place: str, seed: int) -> None:
    """Inside a unit, people go by the floor area of homes and by nothing else."""
    rng = np.random.default_rng(seed)
    homes = homes_of(rng, 20)
    people = placed(place, homes, [Units(np.array([EXTENTS[place]]), np.array([500.0]))])
    expected = 500.0 * homes.floor_area / max(homes.floor_area.sum(), 1e-300)
    if homes.floor_area.any():
        assert np.allclose(people.of_building, expected, rtol=1e-9)


@RELAXED
@given(PLACE, SEED, st.floats(2.0, 50.0))
def test_no_home_takes_more_people_than_it_has_room_for(
    place: str, seed: int, least: float
) -> None:
    rng = np.random.default_rng(seed)
    homes, units = homes_of(rng, 30), squares(rng, 80.0)
    people = placed(place, homes, [units], least_floor_area=least)
    assert (people.of_building * least <= homes.floor_area * (1.0 + 1e-9)).all()


@RELAXED
@given(PLACE, SEED)
def test_nobody_is_put_on_water_where_there_is_land(place: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = GRIDS[place]
    water = np.where(grid.x < rng.uniform(-60.0, 60.0), 1.0, 0.0)
    units = Units(np.array([EXTENTS[place]]), np.array([1234.5]))
    people = placed(place, Homes(np.empty(0, object), np.empty(0)), [units], water_share=water)
    assert (people.elsewhere[water == 1.0] == 0.0).all()
    assert people.elsewhere.sum() == pytest.approx(1234.5, rel=1e-9)
    assert people.figures.people_in_water == 0.0


@RELAXED
@given(PLACE, SEED, st.floats(1.0, 500.0))
def test_people_from_floor_area_add_up(place: str, seed: int, per_person: float) -> None:
    homes = homes_of(np.random.default_rng(seed), 30)
    people = modelled_people(GRIDS[place], homes, per_person)
    expected = homes.floor_area.sum() / per_person
    assert total(place, homes, people) == pytest.approx(expected, rel=1e-9)
    assert people.figures.modelled == pytest.approx(expected, rel=1e-12)
    assert (people.assumed == 1.0).all()


@RELAXED
@given(PLACE, SEED, st.floats(5.0, 100.0))
def test_what_no_unit_counts_can_be_modelled(place: str, seed: int, per_person: float) -> None:
    """Counted people stay as they are; the rest of each building is modelled in addition."""
    rng = np.random.default_rng(seed)
    homes = homes_of(rng, 30)
    west, south, east, north = shapely.bounds(EXTENTS[place])
    middle = rng.uniform(-80.0, 80.0)
    half = Units(np.array([shapely.box(west, south, middle, north)]), np.array([300.0]))
    counted = placed(place, homes, [half])
    both = placed(place, homes, [half], floor_area_per_person=per_person)
    beyond = shapely.intersection(homes.outlines, shapely.box(middle, south, east, north))
    missing = homes.floor_area * shapely.area(beyond) / shapely.area(homes.outlines)
    assert np.allclose(both.of_building, counted.of_building + missing / per_person, atol=1e-6)
    assert both.figures.modelled == pytest.approx(missing.sum() / per_person, abs=1e-6)
    assert both.figures.before == counted.figures.before
