"""Ground from contours: fit, means over cells, no terraces, drained hollows."""

from typing import Any

import numpy as np
import pytest
import shapely

from citytwin.errors import InputError, RecipeError
from citytwin.grid.drainage import drain, hollows, ways_out
from citytwin.grid.terrain import Fit, Surface, cell_means, contour_points
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.ground.contours import closed_hollows, ground, naive_heights
from citytwin.pipeline.recipe import Terrain

BOX = (-122.4500, 37.7600, -122.4400, 37.7680)


@pytest.fixture(scope="module")
def grid() -> Grid:
    return cover(BOX, 12)


def extent(grid: Grid) -> tuple[float, float, float, float]:
    corners = grid.corners().reshape(-1, 2)
    west, south = corners.min(axis=0).tolist()
    east, north = corners.max(axis=0).tolist()
    return west, south, east, north


def fit_of(grid: Grid, points: Any, heights: Any, spacing: float = 15.0) -> Fit:
    return Fit(points, heights, extent(grid), spacing=spacing, step=spacing / 2)


def circles(radii: Any, *, clockwise: bool = False) -> Any:
    rings = shapely.get_parts(shapely.boundary(shapely.buffer(shapely.Point(0, 0), radii)))
    return shapely.orient_polygons(
        shapely.polygons(shapely.linearrings([shapely.get_coordinates(ring) for ring in rings])),
        exterior_cw=clockwise,
    )


def hill(radii: Any) -> Any:
    return shapely.get_exterior_ring(circles(np.asarray(radii)))


def test_a_plane_is_found_exactly(grid: Grid) -> None:
    rng = np.random.default_rng(0)
    west, south, east, north = extent(grid)
    points = rng.uniform([west, south], [east, north], (400, 2))
    heights = 100.0 + 0.03 * points[:, 0] - 0.05 * points[:, 1]
    surface = Fit(points, heights, extent(grid), spacing=15.0, step=10.0, tension=0.0).surface
    expected = 100.0 + 0.03 * grid.x - 0.05 * grid.y
    assert np.abs(surface.at(grid.x, grid.y) - expected).max() < 1e-3
    assert np.abs(cell_means(grid, surface) - expected).max() < 1e-3


def test_cell_means_are_means_over_the_area(grid: Grid) -> None:
    spacing = 5.0
    west, south, east, north = extent(grid)
    x, y = np.arange(west - 40, east + 40, spacing), np.arange(south - 40, north + 40, spacing)
    surface = Surface(x[0], y[0], spacing, 0.01 * (x[None, :] ** 2 + y[:, None] ** 2))
    means = cell_means(grid, surface)
    corners = grid.corners()
    u = corners - corners.mean(axis=1, keepdims=True)
    v = np.roll(u, -1, axis=1)
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    # Second moment of a polygon about its centre: Σ cross (u·u + u·v + v·v) / 12 over the area.
    moment = (cross * ((u * u).sum(-1) + (u * v).sum(-1) + (v * v).sum(-1))).sum(axis=1) / 12.0
    centre = corners.mean(axis=1)
    exact = 0.01 * ((centre**2).sum(axis=1) + moment / grid.area)
    spread = 0.01 * moment / grid.area
    assert np.abs(means - exact).max() < 0.1 * spread.min()


def test_a_hill_gets_a_summit_above_its_last_contour_and_no_flat_top(grid: Grid) -> None:
    lines = hill([350.0, 280.0, 200.0, 110.0])
    elevation = np.array([50.0, 60.0, 70.0, 80.0])
    points, heights = contour_points(lines, elevation, 7.5)
    surface = fit_of(grid, points, heights).surface
    means = cell_means(grid, surface)
    assert 80.5 < means.max() < 90.0
    off = surface.at(points[:, 0], points[:, 1]) - heights
    assert np.sqrt((off**2).mean()) < 0.3
    naive = naive_heights(grid, lines, elevation, means)
    inside = np.hypot(grid.x, grid.y) < 350.0
    assert hollows(grid, means).flat_share == 0.0
    assert hollows(grid, np.where(inside, naive, means)).flat_share > 0.01


def test_more_points_bend_the_surface(grid: Grid) -> None:
    points, heights = contour_points(hill([300.0, 150.0]), np.array([50.0, 60.0]), 7.5)
    fit = fit_of(grid, points, heights)
    fit.add(np.array([[0.0, 0.0], [1e6, 0.0]]), np.array([69.0, 0.0]), 0.05)
    assert fit.surface.at(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(69.0, abs=0.3)


def test_too_fine_a_raster_is_refused_with_advice(grid: Grid) -> None:
    with pytest.raises(InputError, match=r"set 'spacing' above 0.5 m in \[terrain\]"):
        fit_of(grid, np.zeros((5, 2)), np.zeros(5), spacing=0.5)
    with pytest.raises(InputError, match="fewer than four points"):
        fit_of(grid, np.zeros((1, 2)), np.zeros(1))


def bowl(grid: Grid, depth: float, radius: float) -> Any:
    away = np.hypot(grid.x, grid.y)
    return 50.0 + 0.02 * grid.x - depth * np.clip(1.0 - away / radius, 0.0, None)


def has_way_down(grid: Grid, heights: Any) -> Any:
    """Cells with a lower neighbour or a neighbour outside the city."""
    near = grid.neighbours()
    lowest = np.where(near >= 0, heights[near], -np.inf).min(axis=1)
    return lowest < heights


@pytest.mark.parametrize(("depth", "radius"), [(3.0, 60.0), (6.0, 200.0), (9.0, 300.0)])
def test_an_artefact_is_drained_and_every_cell_has_a_way_down(
    grid: Grid, depth: float, radius: float
) -> None:
    before = bowl(grid, depth, radius)
    assert hollows(grid, before).count == 1
    drained = drain(grid, before, np.empty(0, dtype=object), 10.0)
    assert hollows(grid, drained.ground).volume == 0.0
    assert has_way_down(grid, drained.ground).all()
    assert drained.kept == 0
    change = (drained.ground - before) * grid.area
    assert drained.filled - drained.cut == pytest.approx(change.sum())
    assert drained.changed == (np.abs(drained.ground - before) > 1e-9).sum()


def test_a_hollow_that_a_contour_shows_is_kept(grid: Grid) -> None:
    before = bowl(grid, 6.0, 150.0)
    real = np.array([shapely.Point(0, 0).buffer(40.0)], dtype=object)
    drained = drain(grid, before, real, 10.0)
    assert drained.kept == 1
    assert np.array_equal(drained.ground, before)
    assert hollows(grid, before, real).volume == 0.0
    assert hollows(grid, before).volume > 1000.0


def test_a_hollow_deeper_than_the_interval_is_kept(grid: Grid) -> None:
    before = bowl(grid, 14.0, 150.0)
    assert drain(grid, before, np.empty(0, dtype=object), 10.0).kept == 1
    assert drain(grid, before, np.empty(0, dtype=object), 20.0).kept == 0


def test_ways_out_fall_from_the_pit_to_lower_ground(grid: Grid) -> None:
    before = bowl(grid, 3.0, 100.0)
    none = np.empty(0, dtype=object)
    points, heights = ways_out(grid, before, none, 10.0, least_depth=0.05, spacing=20.0)
    assert len(points) > 2
    assert (np.diff(heights) <= 0.0).all()
    assert heights[0] == pytest.approx(before[np.hypot(grid.x, grid.y) < 100.0].min())
    assert not len(ways_out(grid, before, none, 10.0, least_depth=5.0, spacing=20.0)[0])


def test_closed_hollows_are_the_clockwise_rings() -> None:
    up = hill([100.0])
    down = shapely.get_exterior_ring(circles(np.array([50.0]), clockwise=True))
    open_line = shapely.LineString([(0, 0), (1, 0), (1, 1)])
    found = closed_hollows(np.array([up[0], down[0], open_line], dtype=object))
    assert len(found) == 1
    assert found[0].area == pytest.approx(shapely.Polygon(down[0].coords).area)


def test_a_city_without_contours_is_told_so(grid: Grid) -> None:
    with pytest.raises(RecipeError, match="add a source with contours"):
        ground(grid, {}, Terrain())
