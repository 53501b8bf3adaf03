"""Geometry on cells: areas and lengths against shapely, conserved, whatever the shape and the city."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citytwin.grid import overlay
from citytwin.grid.overlay import Shares, line_shares, polygon_shares
from citytwin.grid.window import Grid, cover

GRIDS = {
    "San Francisco": cover((-122.4500, 37.7540, -122.4470, 37.7565), 12),
    "Shanghai": cover((121.4700, 31.2300, 121.4730, 31.2325), 12),
}
CELLS = {name: shapely.polygons(grid.corners()) for name, grid in GRIDS.items()}
WIDE = cover((121.15, 30.95, 121.80, 31.52), 8)
#: Radius around the origin that the grids cover whole [m].
REACH = 90.0
PLACE = st.sampled_from(sorted(GRIDS))
SEED = st.integers(0, 2**32 - 1)
RELAXED = settings(max_examples=60, deadline=None)


def test_the_grids_cover_what_the_tests_draw_on() -> None:
    disc = shapely.Point(0.0, 0.0).buffer(REACH)
    for cells in CELLS.values():
        assert shapely.covers(shapely.union_all(cells, grid_size=1e-6), disc)


def ring(rng: np.random.Generator, centre: Any, radius: float, corners: int) -> Any:
    """Random star-shaped ring around a centre, within a radius."""
    angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, corners))
    angle = angle + np.arange(corners) * 1e-6
    reach = radius * rng.uniform(0.3, 1.0, corners)
    return np.column_stack([centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle)])


def random_polygon(seed: int) -> Any:
    """Random star with random holes that lie in it, sometimes cut in several parts."""
    rng = np.random.default_rng(seed)
    radius = rng.uniform(0.5, REACH)
    centre = rng.uniform(-1.0, 1.0, 2) * (REACH - radius) / 2.0
    polygon = shapely.make_valid(shapely.Polygon(ring(rng, centre, radius, rng.integers(3, 60))))
    for _ in range(rng.integers(0, 4)):
        hole = shapely.Polygon(ring(rng, rng.normal(centre, radius / 3), radius / 4, 7))
        polygon = polygon.difference(shapely.make_valid(hole))
    if rng.uniform() < 0.3:
        strip = shapely.box(centre[0] - radius / 9, -REACH, centre[0] + radius / 9, REACH)
        polygon = polygon.difference(strip)
    parts = [part for part in shapely.get_parts(polygon) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def window(shares: Shares, items: int, grid: Grid) -> Any:
    """(items, cells) shares, zero where nothing meets."""
    dense = np.zeros((items, len(grid)))
    dense[shares.item, shares.cell] = shares.amount
    return dense


@RELAXED
@given(PLACE, st.lists(SEED, min_size=1, max_size=4))
def test_areas_are_those_of_the_intersections_and_add_up(place: str, seeds: list[int]) -> None:
    grid, polygons = GRIDS[place], np.array([random_polygon(seed) for seed in seeds], dtype=object)
    shares = polygon_shares(grid, polygons)
    found = window(shares, len(polygons), grid)
    expected = shapely.area(shapely.intersection(polygons[:, None], CELLS[place][None, :]))
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-7)
    assert np.allclose(found.sum(axis=1), shapely.area(polygons), rtol=1e-10, atol=1e-8)
    assert shares.per_cell(grid).sum() == pytest.approx(shapely.area(polygons).sum(), rel=1e-10)


@RELAXED
@given(PLACE, SEED)
def test_lengths_are_those_of_the_intersections_and_add_up(place: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = GRIDS[place]
    lines: Any = [
        shapely.LineString(ring(rng, (0.0, 0.0), REACH, rng.integers(2, 20)))
        for _ in range(rng.integers(1, 5))
    ]
    lines[0] = shapely.MultiLineString([lines[0], ring(rng, (5.0, 5.0), 20.0, 3)])
    lines = np.array(lines, dtype=object)
    shares = line_shares(grid, lines)
    found = window(shares, len(lines), grid)
    expected = shapely.length(shapely.intersection(lines[:, None], CELLS[place][None, :]))
    assert np.allclose(found, expected, rtol=1e-8, atol=1e-6)
    # The cells' shared sides are computed twice, to the rounding of a longitude: 1e-9 m.
    assert np.allclose(found.sum(axis=1), shapely.length(lines), rtol=1e-9, atol=1e-7)


@settings(max_examples=15, deadline=None)
@given(SEED)
def test_many_vertices_give_the_same_areas(seed: int) -> None:
    """A polygon of more vertices than are clipped at once is cut into blocks first."""
    rng = np.random.default_rng(seed)
    polygon = shapely.Polygon(ring(rng, (0.0, 0.0), REACH, 700))
    polygon = shapely.make_valid(polygon).difference(shapely.Point(5.0, 5.0).buffer(4.0, 99))
    grid = GRIDS["Shanghai"]
    found = window(polygon_shares(grid, np.array([polygon])), 1, grid)[0]
    expected = shapely.area(shapely.intersection(polygon, CELLS["Shanghai"]))
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-7)


@RELAXED
@given(SEED, st.floats(1.0, 50.0))
def test_order_and_direction_of_drawing_do_not_matter(seed: int, shift: float) -> None:
    grid = GRIDS["San Francisco"]
    polygon = random_polygon(seed)
    other = shapely.Point(shift, 0.0).buffer(3.0)
    first = window(polygon_shares(grid, np.array([polygon, other])), 2, grid)
    turned = np.array([shapely.reverse(other), shapely.reverse(polygon)], dtype=object)
    second = window(polygon_shares(grid, turned), 2, grid)[::-1]
    assert np.allclose(first, second, rtol=1e-12, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(SEED)
def test_a_wide_grid_finds_every_cell(seed: int) -> None:
    """Over 60 km the lattice bends by many cells: nothing may fall beside the candidates."""
    rng = np.random.default_rng(seed)
    grid = WIDE
    centres = np.column_stack([grid.x, grid.y])[rng.integers(0, len(grid), 30)]
    radius = rng.choice([20.0, 500.0, 9000.0], 30)
    polygons = shapely.buffer(shapely.points(centres), radius, quad_segs=2)
    shares = polygon_shares(grid, polygons)
    inside = shapely.covers(shapely.box(-28e3, -28e3, 28e3, 28e3), polygons)
    total = np.bincount(shares.item, shares.amount, 30)
    assert np.allclose(total[inside], shapely.area(polygons[inside]), rtol=1e-10)
    rings = shapely.get_exterior_ring(polygons)
    lengths = line_shares(grid, rings)
    total = np.bincount(lengths.item, lengths.amount, 30)
    assert np.allclose(total[inside], shapely.length(rings[inside]), rtol=1e-10)


@pytest.mark.parametrize("together", [1, 3, 64])
def test_shares_do_not_depend_on_how_many_are_taken_together(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = GRIDS["Shanghai"]
    polygons = np.array([random_polygon(seed) for seed in range(40)], dtype=object)
    lines = shapely.boundary(polygons)
    whole = polygon_shares(grid, polygons), line_shares(grid, lines)
    monkeypatch.setattr(overlay, "_ITEMS", together)
    monkeypatch.setattr(overlay, "_PAIRS", 50 * together)
    parts = polygon_shares(grid, polygons), line_shares(grid, lines)
    for one, other in zip(whole, parts, strict=True):
        assert (one.item == other.item).all()
        assert (one.cell == other.cell).all()
        assert (one.amount == other.amount).all()


def test_what_lies_outside_is_not_counted() -> None:
    grid = GRIDS["San Francisco"]
    far = shapely.box(5000.0, 5000.0, 5100.0, 5100.0)
    assert polygon_shares(grid, np.array([far])).item.size == 0
    assert line_shares(grid, np.array([far.exterior])).item.size == 0
    everything = shapely.box(-9000.0, -9000.0, 9000.0, 9000.0)
    shares = polygon_shares(grid, np.array([far, everything]))
    assert (shares.item == 1).all()
    assert np.allclose(shares.per_cell(grid), grid.area, rtol=1e-9)


def test_nothing_gives_nothing() -> None:
    grid = GRIDS["Shanghai"]
    nothing = np.empty(0, dtype=object)
    for shares in (polygon_shares(grid, nothing), line_shares(grid, nothing)):
        assert shares.item.size == shares.cell.size == shares.amount.size == 0
        assert (shares.per_cell(grid) == 0.0).all()
    empty = np.array([shapely.Polygon(), shapely.box(0.0, 0.0, 1.0, 1.0)], dtype=object)
    assert (polygon_shares(grid, empty).item == 1).all()


def test_shares_stand_in_order_without_repeats() -> None:
    grid = GRIDS["Shanghai"]
    polygons = np.array([random_polygon(seed) for seed in range(12)], dtype=object)
    shares = polygon_shares(grid, polygons)
    pairs = shares.item * len(grid) + shares.cell
    assert (np.diff(pairs) > 0).all()
    assert (shares.amount > 0.0).all()
    density = np.arange(12.0)
    weighted = np.bincount(shares.cell, shares.amount * density[shares.item], len(grid))
    assert np.allclose(shares.per_cell(grid, density), weighted)
