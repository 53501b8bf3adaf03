"""Pixels to cells against a plain overlay of polygons: shares, totals, classes, mosaics, patches."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from citytwin.grid.raster import Patch, cell_class_areas, cell_means, cell_totals
from citytwin.grid.window import Grid, cover
from citytwin.sources.base import Raster
from citytwin.sources.raster.mosaic import patches

GRIDS = {
    "San Francisco": (cover((-122.4500, 37.7540, -122.4470, 37.7565), 12), 32610),
    "Shanghai": (cover((121.4700, 31.2300, 121.4730, 31.2325), 12), 32651),
    "Helsinki": (cover((24.940, 60.168, 24.945, 60.170), 12), 3067),
}
SEED = st.integers(0, 2**32 - 1)
PLACE = st.sampled_from(sorted(GRIDS))
UNIT = st.sampled_from(["degrees", "metres"])
RELAXED = settings(max_examples=40, deadline=None)


def from_origin(left: float, top: float, size: float) -> Affine:
    """Square pixels below and right of a corner."""
    return Affine(size, 0.0, left, 0.0, -size, top)


def hexagons(grid: Grid, crs: int, transform: Affine) -> Any:
    """The cells as polygons in pixels."""
    corners = grid.corners()
    x, y = Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(
        corners[..., 0], corners[..., 1]
    )
    back = ~transform
    col, row = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
    return shapely.polygons(np.stack([col, row], axis=-1))


def overlay(cells: Any, rows: int, cols: int) -> Any:
    """(cells, rows, cols) share of each pixel under each cell, by intersecting polygons."""
    col, row = np.meshgrid(np.arange(cols), np.arange(rows))
    pixels = shapely.box(col, row, col + 1, row + 1)
    return shapely.area(shapely.intersection(cells[:, None, None], pixels[None]))


def random_raster(rng: np.random.Generator, grid: Grid, crs: int) -> tuple[Affine, Any]:
    """A raster over part of the grid, its pixels of any size, turned a little, with gaps."""
    corners = grid.corners().reshape(-1, 2)
    x, y = Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(*corners.T)
    rows, cols = rng.integers(2, 14, 2)
    wide = rng.uniform(0.3, 1.4) * np.ptp(x) / cols
    tall = rng.uniform(0.3, 1.4) * np.ptp(y) / rows
    left, top = rng.uniform(x.min() - wide, x.mean()), rng.uniform(y.mean(), y.max() + tall)
    turn = np.radians(rng.uniform(-20, 20)) if rng.uniform() < 0.3 else 0.0
    cos, sin = np.cos(turn), np.sin(turn)
    transform = Affine(wide * cos, tall * sin, left, wide * sin, -tall * cos, top)
    values = rng.uniform(0.0, 100.0, (rows, cols))
    values[rng.uniform(size=values.shape) < 0.2] = np.nan
    return transform, values


def patch_of(grid: Grid, crs: int, transform: Affine, values: Any) -> Patch:
    corners = shapely.get_coordinates(hexagons(grid, crs, transform)).reshape(-1, 7, 2)[:, :6]
    return Patch(np.arange(len(grid)), np.ascontiguousarray(corners), values)


def write(path: Path, crs: int, transform: Affine, values: Any, **more: Any) -> Path:
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": str(values.dtype),
        "crs": f"EPSG:{crs}",
        "transform": transform,
        **more,
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


@RELAXED
@given(PLACE, SEED, UNIT)
def test_totals_are_those_of_a_plain_overlay(place: str, seed: int, unit: str) -> None:
    grid, metric = GRIDS[place]
    crs = 4326 if unit == "degrees" else metric
    rng = np.random.default_rng(seed)
    transform, values = random_raster(rng, grid, crs)
    share = overlay(hexagons(grid, crs, transform), *values.shape)
    expected = (share * np.nan_to_num(values)).sum(axis=(1, 2))
    found = cell_totals(grid, [patch_of(grid, crs, transform, values)])
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-9 * 100.0)
    # Pixels that lie in the grid whole keep their count.
    inside = share.sum(axis=0)
    assert found.sum() == pytest.approx((inside * np.nan_to_num(values)).sum(), rel=1e-9)


@RELAXED
@given(PLACE, SEED)
def test_fine_pixels_give_the_mean_by_area(place: str, seed: int) -> None:
    grid, crs = GRIDS[place]
    rng = np.random.default_rng(seed)
    corners = grid.corners().reshape(-1, 2)
    x, y = Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(*corners.T)
    size = rng.uniform(3.0, 7.0)
    transform = from_origin(x.min() + 60, y.max() - 60, size)
    values = rng.uniform(-5.0, 50.0, (12, 14))
    values[rng.uniform(size=values.shape) < 0.2] = np.nan
    share = overlay(hexagons(grid, crs, transform), *values.shape)
    share[:, np.isnan(values)] = 0.0
    weight = share.sum(axis=(1, 2))
    expected = (share * np.nan_to_num(values)).sum(axis=(1, 2))
    mean, covered = cell_means(grid, [patch_of(grid, crs, transform, values)])
    # Slivers of a pixel have the share's rounding of 1e-12 in their mean.
    some = weight > 1e-4
    assert (np.isnan(mean[~some]) | (covered[~some] < 1e-4)).all()
    assert np.allclose(mean[some], expected[some] / weight[some], rtol=1e-9, atol=1e-6)
    whole = shapely.area(hexagons(grid, crs, transform))
    assert np.allclose(covered, weight / whole, rtol=1e-9, atol=1e-9)


@RELAXED
@given(PLACE, SEED, UNIT)
def test_classes_share_the_cell_among_them(place: str, seed: int, unit: str) -> None:
    grid, metric = GRIDS[place]
    crs = 4326 if unit == "degrees" else metric
    rng = np.random.default_rng(seed)
    transform, values = random_raster(rng, grid, crs)
    values = np.where(np.isnan(values), np.nan, np.floor(values / 25.0) * 10.0)
    cells = hexagons(grid, crs, transform)
    share = overlay(cells, *values.shape) / shapely.area(cells)[:, None, None]
    found = cell_class_areas(grid, [patch_of(grid, crs, transform, values)])
    assert list(found) == sorted({int(code) for code in values[np.isfinite(values)]})
    for code, area in found.items():
        expected = (share * (values == code)).sum(axis=(1, 2)) * grid.area
        assert np.allclose(area, expected, rtol=1e-8, atol=1e-6)


@RELAXED
@given(PLACE, SEED)
def test_pixel_space_is_the_plane_but_for_the_bend_of_the_projection(place: str, seed: int) -> None:
    """Shares in pixel space against pixels moved to the city's plane as quadrangles."""
    grid, _ = GRIDS[place]
    rng = np.random.default_rng(seed)
    transform, values = random_raster(rng, grid, 4326)
    col, row = np.meshgrid(np.arange(values.shape[1]), np.arange(values.shape[0]))
    ring = np.stack([np.stack([col + a, row + b], -1) for a, b in SQUARE], axis=-2).astype(float)
    lon = transform.a * ring[..., 0] + transform.b * ring[..., 1] + transform.c
    lat = transform.d * ring[..., 0] + transform.e * ring[..., 1] + transform.f
    quads = shapely.polygons(np.stack(grid.project(lon, lat), axis=-1))
    cells = shapely.polygons(grid.corners())
    cut = shapely.area(shapely.intersection(cells[:, None, None], quads[None]))
    expected = (cut / shapely.area(quads) * np.nan_to_num(values)).sum(axis=(1, 2))
    found = cell_totals(grid, [patch_of(grid, 4326, transform, values)])
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-4 * np.nanmax(values, initial=1.0))


SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))


@settings(max_examples=25, deadline=None)
@given(PLACE, SEED)
def test_coarse_pixels_give_a_plane_exactly_and_no_new_extremes(place: str, seed: int) -> None:
    grid, crs = GRIDS[place]
    rng = np.random.default_rng(seed)
    corners = grid.corners().reshape(-1, 2)
    x, y = Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(*corners.T)
    size = rng.uniform(15.0, 120.0)
    shape = int(np.ptp(y) / size) + 6, int(np.ptp(x) / size) + 6
    left, top = x.min() - 3.0 * size, y.max() + 3.0 * size
    transform = from_origin(left, top, size)
    col, row = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    slope = rng.normal(0.0, 1.0, 2)
    plane = patch_of(grid, crs, transform, slope[0] * col + slope[1] * row)
    mean, covered = cell_means(grid, [plane])
    centroid = shapely.get_coordinates(shapely.centroid(hexagons(grid, crs, transform)))
    assert np.allclose(covered, 1.0)
    # 24 points are exact for a plane but for the cell's six triangles not being quite equal.
    assert np.allclose(mean, centroid @ slope, atol=1e-4)
    rough = rng.normal(0.0, 10.0, shape)
    mean, _ = cell_means(grid, [patch_of(grid, crs, transform, rough)])
    assert mean.min() >= rough.min() - 1e-9
    assert mean.max() <= rough.max() + 1e-9


@settings(max_examples=10, deadline=None)
@given(PLACE, SEED)
def test_files_windows_and_tiles_change_nothing(place: str, seed: int) -> None:
    """One file, or cut into tiles that overlap and repeat each other's pixels: the same totals."""
    grid, crs = GRIDS[place]
    rng = np.random.default_rng(seed)
    corners = grid.corners().reshape(-1, 2)
    x, y = Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(*corners.T)
    size = 4.0
    shape = int(np.ptp(y) / size) + 4, int(np.ptp(x) / size) + 4
    transform = from_origin(x.min() - size, y.max() + size, size)
    values = rng.uniform(0.0, 9.0, shape)
    folder = Path(str(rng.integers(2**40)))
    folder = _folder() / folder
    folder.mkdir(parents=True)
    whole = write(folder / "whole.tif", crs, transform, values)
    half = shape[1] // 2
    tiles = [
        write(folder / "west.tif", crs, transform, values[:, : half + 2]),
        write(
            folder / "east.tif",
            crs,
            from_origin(x.min() + (half - 2) * size, y.max() + size, size),
            values[:, half - 1 :].copy(),
            tiled=True,
            blockxsize=16,
            blockysize=16,
        ),
    ]
    one = cell_totals(grid, patches(grid, Raster("people", (whole,))))
    two = cell_totals(grid, patches(grid, Raster("people", tuple(tiles))))
    assert one.sum() <= values.sum() * (1.0 + 1e-12)
    assert np.allclose(one, two, rtol=1e-12, atol=1e-12)
    city = shapely.union_all(hexagons(grid, crs, transform), grid_size=1e-9)
    col, row = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    share = shapely.area(shapely.intersection(city, shapely.box(col, row, col + 1, row + 1)))
    assert one.sum() == pytest.approx((share * values).sum(), rel=1e-8)


_FOLDER: list[Path] = []


def _folder() -> Path:
    return _FOLDER[0]


@pytest.fixture(autouse=True, scope="module")
def _keep_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    _FOLDER.append(tmp_path_factory.mktemp("rasters"))


def test_a_count_inside_the_grid_is_kept() -> None:
    grid, crs = GRIDS["Shanghai"]
    centre = Transformer.from_crs(grid.crs, f"EPSG:{crs}", always_xy=True).transform(0.0, 0.0)
    values = np.random.default_rng(1).uniform(0.0, 50.0, (30, 30))
    for size in (0.5, 2.0, 4.5):
        transform = from_origin(centre[0] - 15 * size, centre[1] + 15 * size, size)
        found = cell_totals(grid, [patch_of(grid, crs, transform, values)])
        assert found.sum() == pytest.approx(values.sum(), rel=1e-9)
