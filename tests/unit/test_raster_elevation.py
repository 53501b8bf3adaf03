"""Ground from rasters: gaps, seas, surface models without their roofs, and what the figures say."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from citytwin.errors import InputError, RecipeError
from citytwin.grid.gaps import filled
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.ground.rasters import elevation, elevation_remarks
from citytwin.sources.base import Raster

SHARED = Path(__file__).parents[3] / "shared" / "data"
BOX = (7.410, 43.730, 7.416, 43.735)
#: A pixel of about 2 m.
FINE = 2.0 / 111_320.0


@pytest.fixture(scope="module")
def grid() -> Grid:
    return cover(BOX, 12)


def write(path: Path, height: Any, pixel: float = FINE, **more: Any) -> Raster:
    """Raster of a height by longitude and latitude over the box and a little beyond."""
    west, south, east, north = BOX[0] - 0.001, BOX[1] - 0.001, BOX[2] + 0.001, BOX[3] + 0.001
    rows, cols = int((north - south) / pixel), int((east - west) / pixel)
    row, col = np.mgrid[:rows, :cols]
    values = height(west + (col + 0.5) * pixel, north - (row + 0.5) * pixel).astype("float32")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=cols,
        count=1,
        dtype="float32",
        nodata=-1e4,
        crs="EPSG:4326",
        transform=Affine(pixel, 0.0, west, 0.0, -pixel, north),
    ) as file:
        file.write(values, 1)
    return Raster("elevation", (path,), surface=more.get("surface", "bare_earth"))


def plane(lon: Any, lat: Any) -> Any:
    return 50.0 + 2000.0 * (lon - BOX[0]) + 1000.0 * (lat - BOX[1])


def expected(grid: Grid) -> Any:
    lon, lat = grid.unproject(grid.x, grid.y)
    return plane(lon, lat)


def layer(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes)


def test_bare_earth_is_taken_as_it_is(grid: Grid, tmp_path: Path) -> None:
    raster = write(tmp_path / "a.tif", plane)
    people = Raster("people", (tmp_path / "none.tif",))
    ground = elevation(grid, {}, [people, raster])
    assert np.abs(ground.elevation - expected(grid)).max() < 0.01
    assert not ground.filled.any()
    assert not ground.derived.any()
    assert (ground.raster == 0).all()
    figures = ground.figures
    assert figures["rasters"][0]["pixel_m"] == pytest.approx(1.7, abs=0.1)
    assert figures["without_data_share"] == figures["sea_share"] == 0.0
    assert figures["lowest_m"] == ground.elevation.min()
    assert "bare earth" in elevation_remarks(figures)[0]


def test_gaps_are_filled_smoothly_and_counted(grid: Grid, tmp_path: Path) -> None:
    def holed(lon: Any, lat: Any) -> Any:
        hole = (abs(lon - 7.413) < 0.0008) & (abs(lat - 43.7325) < 0.0006)
        return np.where(hole, -1e4, plane(lon, lat))

    ground = elevation(grid, {}, [write(tmp_path / "a.tif", holed)])
    assert 0.02 < ground.filled.mean() < 0.1
    assert (ground.raster[ground.filled] == -1).all()
    # A plane solves Laplace's equation, so the hole is filled with it.
    assert np.abs(ground.elevation - expected(grid)).max() < 0.25
    assert ground.figures["without_data_share"] == pytest.approx(ground.filled.mean())
    assert 30.0 < ground.figures["farthest_fill_m"] < 90.0


def test_the_first_raster_with_data_counts(grid: Grid, tmp_path: Path) -> None:
    def west(lon: Any, lat: Any) -> Any:
        return np.where(lon < 7.413, 10.0 + 0.0 * lat, -1e4)

    first = write(tmp_path / "a.tif", west)
    second = write(tmp_path / "b.tif", lambda lon, lat: 20.0 + 0.0 * lon * lat, 3 * FINE)
    ground = elevation(grid, {}, [first, second])
    assert set(np.unique(ground.elevation)) == {10.0, 20.0}
    assert ((ground.elevation == 10.0) == (ground.raster == 0)).all()
    shares = [raster["cells_share"] for raster in ground.figures["rasters"]]
    assert sum(shares) == pytest.approx(1.0)


def test_sea_without_data_is_at_sea_level(grid: Grid, tmp_path: Path) -> None:
    def land(lon: Any, lat: Any) -> Any:
        return np.where(lat > 43.7325, plane(lon, lat), -1e4)

    raster = write(tmp_path / "a.tif", land)
    shore = grid.project(np.array([7.413]), np.array([43.7325]))[1][0]
    sea = layer([shapely.box(-2000.0, -2000.0, 2000.0, float(shore))], **{"class": ["sea"]})
    ground = elevation(grid, {"water": sea}, [raster])
    wet = grid.y < shore - 15.0
    assert (ground.elevation[wet] == 0.0).all()
    assert ground.filled[wet].all()
    assert ground.figures["sea_share"] == pytest.approx(0.5, abs=0.05)
    lake = layer([sea.geometry[0]], **{"class": ["lake"]})
    assert elevation(grid, {"water": lake}, [raster]).elevation[wet].min() > 40.0


def blocks(grid: Grid) -> list[Any]:
    """Houses of 24 m in rows, with streets of 16 m between them."""
    return [
        shapely.box(x, y, x + 24.0, y + 24.0)
        for x in np.arange(-200.0, 180.0, 40.0)
        for y in np.arange(-240.0, 220.0, 40.0)
    ]


def test_a_surface_model_loses_its_roofs(grid: Grid, tmp_path: Path) -> None:
    houses = blocks(grid)
    tree = shapely.STRtree(houses)

    def roofs(lon: Any, lat: Any) -> Any:
        x, y = grid.project(lon, lat)
        under = np.zeros(lon.size, bool)
        under[tree.query(shapely.points(x.ravel(), y.ravel()), predicate="intersects")[0]] = True
        return plane(lon, lat) + 20.0 * under.reshape(lon.shape)

    raster = write(tmp_path / "a.tif", roofs, surface="surface")
    buildings = layer(houses)
    ground = elevation(grid, {"buildings": buildings}, [raster])
    # Outlines are rasterised with every pixel that they touch, so no wall is left in the ground.
    assert np.abs(ground.elevation - expected(grid)).max() < 0.5
    assert ground.derived.mean() > 0.8
    assert 0.0 < ground.figures["under_roofs_share"] < 0.3
    assert ground.figures["without_data_share"] == 0.0
    assert any("derived" in line for line in elevation_remarks(ground.figures))
    with_roofs = elevation(grid, {}, [raster])
    assert np.abs(with_roofs.elevation - expected(grid)).max() > 10.0


def test_what_is_missing_is_said(grid: Grid, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="raster of elevation"):
        elevation(grid, {}, [Raster("people", (tmp_path / "a.tif",))])

    def little(lon: Any, lat: Any) -> Any:
        return np.where(lon < 7.4115, plane(lon, lat), -1e4)

    with pytest.raises(RecipeError, match=r"no data on 7\d% of the cells"):
        elevation(grid, {}, [write(tmp_path / "b.tif", little)])


def test_filling_keeps_between_its_neighbours(grid: Grid) -> None:
    rng = np.random.default_rng(3)
    values = rng.uniform(0.0, 10.0, len(grid))
    gaps = rng.uniform(size=len(grid)) < 0.6
    holed = np.where(gaps, np.nan, values)
    result = filled(grid, holed)
    assert np.array_equal(result[~gaps], values[~gaps])
    assert result.min() >= values[~gaps].min()
    assert result.max() <= values[~gaps].max()
    around = grid.neighbours()[gaps]
    mean = np.nanmean(np.where(around >= 0, result[around], np.nan), axis=1)
    assert np.allclose(result[gaps], mean, atol=1e-5)
    assert np.array_equal(filled(grid, values), values)
    with pytest.raises(InputError, match="no cell has a value"):
        filled(grid, np.full(len(grid), np.nan))


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the real data in ../shared")
def test_bilbao_has_a_ground(tmp_path: Path) -> None:
    box = (-2.9985, 43.3045, -2.9800, 43.3200)
    grid = cover(box, 12)
    raster = Raster("elevation", (SHARED / "bilbao-lidar" / "DEM.tif",), surface="bare_earth")
    ground = elevation(grid, {}, [raster])
    assert ground.figures["rasters"][0]["pixel_m"] == pytest.approx(5.0, abs=0.01)
    assert ground.figures["without_data_share"] == 0.0
    assert -2.0 <= ground.figures["lowest_m"] < 1.0
    assert 50.0 < ground.figures["highest_m"] <= 103.0
