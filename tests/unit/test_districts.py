"""Totals by district: shares of cells, enclaves, overlaps, holes, what lies outside."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.city import City
from citytwin.errors import BalanceError
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.district_outlines import disjoint
from citytwin.pipeline.districts import OUTSIDE, Districts, districts
from citytwin.pipeline.outlines import box_in_plane
from citytwin.sources.base import Box
from citytwin.variables import VARIABLES

BOX: Box = (-122.4500, 37.7560, -122.4440, 37.7600)
WEST, SOUTH, EAST, NORTH = BOX
MIDDLE = (WEST + EAST) / 2
NOTHING = np.empty(0, dtype=object)


@pytest.fixture(scope="module")
def small() -> Grid:
    return cover(BOX, 11)


def boundaries(*areas: Any, levels: Any = 8.0, names: Any = None) -> gpd.GeoDataFrame:
    count = len(areas)
    return gpd.GeoDataFrame(
        {
            "id": np.arange(1, count + 1),
            "name": names or [f"district {k}" for k in range(1, count + 1)],
            "admin_level": np.broadcast_to(np.asarray(levels, dtype=np.float64), count),
        },
        geometry=list(areas),
        crs="EPSG:4326",
    )


def within(grid: Grid) -> Any:
    """(n,) area of each cell inside the box [m²]."""
    return polygon_shares(grid, np.array([box_in_plane(grid, BOX)])).per_cell(grid)


def made_up(grid: Grid, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"people": rng.uniform(0.0, 40.0, len(grid)) * (within(grid) > 1.0)}


def row(found: Districts, name: str) -> Any:
    (number,) = np.flatnonzero(found.table["name"] == name)
    return found.table.iloc[number]


def test_two_halves_of_even_density(small: Grid) -> None:
    halves = boundaries(
        shapely.box(WEST, SOUTH, MIDDLE, NORTH), shapely.box(MIDDLE, SOUTH, EAST, NORTH)
    )
    even = {"people": within(small) * 0.01}
    points = np.array([[-100.0, 0.0], [-50.0, 9.0], [70.0, -40.0]])
    houses = shapely.buffer(shapely.points(points), 5.0)
    found = districts(small, BOX, halves, even, houses)
    area = shapely.area(box_in_plane(small, BOX))
    assert found.table["id"].tolist() == [1, 2, -1]
    assert found.table["name"].tolist() == ["district 1", "district 2", OUTSIDE]
    assert found.table["area"].to_numpy() == pytest.approx([area / 2, area / 2, 0.0], rel=1e-6)
    assert found.table["people"].to_numpy() == pytest.approx(
        [0.005 * area, 0.005 * area, 0.0], rel=1e-6
    )
    assert found.table["buildings"].tolist() == [2, 1, 0]
    assert found.remarks == []


def test_a_cell_on_the_border_gives_each_side_its_share(small: Grid) -> None:
    halves = boundaries(
        shapely.box(WEST, SOUTH, MIDDLE, NORTH), shapely.box(MIDDLE, SOUTH, EAST, NORTH)
    )
    found = districts(small, BOX, halves, {}, NOTHING)
    cells = shapely.polygons(small.corners())
    extent = box_in_plane(small, BOX)
    left = shapely.box(-9999.0, -9999.0, 0.0, 9999.0)  # the plane is centred on the box
    expected = shapely.area(shapely.intersection(shapely.intersection(cells, extent), left))
    share = found.shares[found.shares["district"] == 1]
    place = np.searchsorted(np.sort(small.cells), share["cell"].to_numpy())
    position = np.argsort(small.cells)[place]
    assert share["share"].to_numpy() == pytest.approx(
        expected[position] / within(small)[position], abs=1e-5
    )
    assert ((share["share"] > 0.1) & (share["share"] < 0.9)).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_districts_add_up_to_the_city_whatever_they_are(seed: int, count: int) -> None:
    """Random stars that overlap, leave holes and reach out of the box, on three levels."""
    rng = np.random.default_rng(seed)
    grid = cover(BOX, 11)
    areas = []
    for _ in range(count):
        angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, 9))
        reach = rng.uniform(0.0005, 0.004) * rng.uniform(0.3, 1.0, 9)
        x, y = rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)
        ring = np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)])
        areas.append(shapely.make_valid(shapely.Polygon(ring)))
    table = boundaries(*areas, levels=rng.choice([6.0, 8.0, np.nan], count))
    layers = made_up(grid, seed)
    houses = shapely.buffer(shapely.points(rng.uniform(-250.0, 250.0, (30, 2))), 8.0)
    found = districts(grid, BOX, table, layers, houses)
    area = shapely.area(box_in_plane(grid, BOX))
    for level, rows in found.table.groupby("admin_level", dropna=False):
        assert rows["people"].sum() == pytest.approx(layers["people"].sum(), rel=1e-9), level
        assert rows["area"].sum() == pytest.approx(area, rel=1e-6)
        assert rows["cells"].sum() == pytest.approx(len(grid), rel=1e-9)
        assert rows["buildings"].sum() == 30
        assert (rows["id"] < 0).sum() == 1
        part = found.shares[found.shares["district"].isin(rows["id"])]
        assert part.groupby("cell")["share"].sum().to_numpy() == pytest.approx(1.0, rel=1e-12)
        assert not part.duplicated(["district", "cell"]).any()
    assert found.table["id"].is_unique
    assert (found.shares["share"] > 0.0).all()
    assert (found.table[["people", "area", "cells"]] >= 0.0).all(axis=None)


def test_an_enclave_keeps_its_ground(small: Grid) -> None:
    enclave = shapely.box(-122.448, 37.757, -122.447, 37.758)
    names = ["around", "enclave"]
    found = districts(
        small, BOX, boundaries(shapely.box(*BOX), enclave, names=names), made_up(small), NOTHING
    )
    hollow = shapely.difference(shapely.box(*BOX), enclave)
    clean = districts(small, BOX, boundaries(hollow, enclave, names=names), made_up(small), NOTHING)
    assert found.table["people"].to_numpy() == pytest.approx(clean.table["people"], rel=1e-6)
    assert clean.remarks == []
    (remark,) = found.remarks
    assert remark.startswith("admin level 8: 'enclave' and 'around' overlap by 9,781 m²")
    assert remark.endswith("count for 'enclave', the smaller")


def test_holes_and_what_lies_outside_are_told(small: Grid) -> None:
    hole = shapely.box(-122.449, 37.757, -122.448, 37.758)
    ring = shapely.difference(shapely.box(WEST, SOUTH, MIDDLE, NORTH), hole)
    found = districts(small, BOX, boundaries(ring, names=["ring"]), made_up(small), NOTHING)
    assert found.remarks == ["admin level 8: holes between districts: 1, of 9,781 m² in all"]
    area = shapely.area(box_in_plane(small, BOX))
    assert row(found, OUTSIDE)["area"] == pytest.approx(area / 2 + 9781.0, rel=1e-4)


def test_many_overlaps_are_counted_not_listed(small: Grid) -> None:
    areas = [shapely.box(WEST, SOUTH, MIDDLE + k * 1e-4, NORTH) for k in range(5)]
    found = districts(small, BOX, boundaries(*areas), made_up(small), NOTHING)
    assert len(found.remarks) == 6
    assert found.remarks[-1].startswith("admin level 8: 5 more overlaps of")


def test_districts_of_equal_size_share_by_order() -> None:
    one, other = shapely.box(0.0, 0.0, 2.0, 2.0), shapely.box(1.0, 0.0, 3.0, 2.0)
    ground, words = disjoint(np.array([one, other]), np.array(["one", "other"]))
    assert shapely.area(ground).tolist() == [4.0, 2.0]
    assert len(words) == 1
    same, words = disjoint(np.array([one, one, one]), np.array(["a", "b", "c"]))
    assert shapely.area(same).tolist() == [4.0, 0.0, 0.0]
    assert len(words) == 3


def test_long_straight_borders_bend_with_the_latitude() -> None:
    """A box of 40 km as one district leaves nothing outside: its sides are circles of latitude."""
    box = (121.3, 31.1, 121.7, 31.13)
    grid = cover(box, 9)
    layers = {"people": np.ones(len(grid))}
    layers["people"][
        polygon_shares(grid, np.array([box_in_plane(grid, box)])).per_cell(grid) < 1
    ] = 0
    found = districts(grid, box, boundaries(shapely.box(*box)), layers, NOTHING)
    assert row(found, OUTSIDE)["people"] == 0.0
    assert row(found, OUTSIDE)["area"] < 1.0


def test_districts_reaching_far_out_count_inside_the_box(small: Grid) -> None:
    country = shapely.box(-125.0, 32.0, -114.0, 42.0)
    found = districts(small, BOX, boundaries(country, levels=4.0), made_up(small), NOTHING)
    assert row(found, "district 1")["people"] == pytest.approx(made_up(small)["people"].sum())
    assert row(found, OUTSIDE)["people"] == 0.0


def test_no_district_leaves_all_outside(small: Grid) -> None:
    layers = made_up(small)
    elsewhere = boundaries(shapely.box(10.0, 50.0, 10.1, 50.1))
    for table, rows in ((boundaries(), 1), (elsewhere, 2)):
        found = districts(small, BOX, table, layers, NOTHING)
        assert len(found.table) == rows
        assert row(found, OUTSIDE)["people"] == pytest.approx(layers["people"].sum(), rel=1e-12)
        assert found.table["buildings"].tolist() == [0] * rows


def test_broken_outlines_and_unknown_levels(small: Grid) -> None:
    bow = shapely.Polygon([(WEST, SOUTH), (EAST, NORTH), (EAST, SOUTH), (WEST, NORTH)])
    areas = [shapely.make_valid(bow), shapely.Polygon(), None, shapely.Point(WEST, SOUTH)]
    table = boundaries(*areas, levels=np.nan, names=["bow", "empty", "missing", "point"])
    found = districts(small, BOX, table, made_up(small), NOTHING)
    assert found.table["name"].tolist() == ["bow", "empty", "missing", "point", OUTSIDE]
    assert (found.table["area"].to_numpy()[1:4] == 0.0).all()
    half = shapely.area(box_in_plane(small, BOX)) / 2
    assert found.table["area"].to_numpy()[[0, 4]] == pytest.approx([half, half], rel=1e-5)
    assert found.table["admin_level"].isna().all()


def test_a_building_counts_once_where_its_point_lies(small: Grid) -> None:
    """A house across the border counts on the side of its point, one on no side outside."""
    halves = boundaries(
        shapely.box(WEST, SOUTH, MIDDLE, NORTH), shapely.box(MIDDLE, SOUTH, -122.445, NORTH)
    )
    houses = np.array(
        [
            shapely.box(-30.0, 0.0, 10.0, 9.0),
            shapely.box(-10.0, 0.0, 30.0, 9.0),
            shapely.box(200.0, 0.0, 210.0, 9.0),
            shapely.box(-1.0, 20.0, 1.0, 22.0),
        ]
    )
    found = districts(small, BOX, halves, {}, houses)
    assert found.table["buildings"].sum() == 4
    assert found.table["buildings"].to_numpy()[2] == 1


def test_sums_that_do_not_close_are_not_published(small: Grid) -> None:
    half = boundaries(shapely.box(WEST, SOUTH, MIDDLE, NORTH))
    layers = made_up(small)
    layers["people"][len(small) // 2] = np.nan
    with pytest.raises(BalanceError, match="admin level 8"):
        districts(small, BOX, half, layers, NOTHING)


def test_the_embedded_city_by_quarters(city: City) -> None:
    """Every layer that adds up is whole over the districts of the built city."""
    facts = city.query("SELECT value FROM facts WHERE key = 'bounds'")["value"]
    west, south, east, north = box = tuple(float(v) for v in facts[0].strip("[]").split(","))
    x, y = (west + east) / 2, (south + north) / 2
    quarters = boundaries(
        shapely.box(west, south, x, y),
        shapely.box(x, south, east, y),
        shapely.box(west, y, x, north),
        levels=9.0,
    )
    sums = {name: city.layers[name] for name in city.layers if VARIABLES[name].extensive}
    houses = np.asarray(city.table("buildings").geometry.to_crs(city.grid.crs))
    found = districts(city.grid, box, quarters, sums, houses)
    for name, values in sums.items():
        assert found.table[name].sum() == pytest.approx(values.sum(), rel=1e-9)
        assert (found.table[name] > 0.0).all()
    assert found.table["buildings"].sum() == len(houses)
    quarter = row(found, OUTSIDE)
    assert quarter["area"] == pytest.approx(found.table["area"].sum() / 4, rel=0.01)
