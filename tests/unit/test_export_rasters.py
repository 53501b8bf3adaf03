"""Cells as rasters: exact shares of pixels, totals that are kept, files that are cloud-optimised."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export import Exported, export
from citytwin.export.coverage import burn
from citytwin.export.pixels import _fitting
from citytwin.export.plane import utm
from citytwin.variables import VARIABLES


@pytest.fixture(scope="module")
def exported(city: City, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export(city, tmp_path_factory.mktemp("rasters") / "out", formats=("cog",))


def shares_by_shapely(ring: np.ndarray, rows: int, columns: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    pixels = shapely.box(x, y, x + 1, y + 1)
    return np.asarray(shapely.area(shapely.intersection(pixels, shapely.Polygon(ring))))


#: Turns and sizes, on whole and half pixels too, where edges run along or through corners.
@settings(max_examples=150, deadline=None)
@given(
    x=st.sampled_from([5.0, 5.5, 5.25]) | st.floats(4.0, 8.0),
    y=st.sampled_from([5.0, 5.5, 6.0]) | st.floats(4.0, 8.0),
    radius=st.sampled_from([0.25, 0.5, 1.0, 2.0]) | st.floats(0.01, 3.9),
    turn=st.sampled_from([0.0, np.pi / 6, np.pi / 4]) | st.floats(0.0, np.pi),
    corners=st.sampled_from([3, 4, 6]),
    clockwise=st.booleans(),
)
def test_shares_are_areas_of_intersection(
    *, x: float, y: float, radius: float, turn: float, corners: int, clockwise: bool
) -> None:
    angle = turn + 2.0 * np.pi * np.arange(corners) / corners
    ring = np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    ring = ring[::-1].copy() if clockwise else ring
    value, covered = np.zeros((13, 14)), np.zeros((13, 14))
    burn(ring[None], np.array([3.0]), value, covered)
    np.testing.assert_allclose(covered, shares_by_shapely(ring, 13, 14), atol=1e-12)
    np.testing.assert_allclose(value, 3.0 * covered, atol=1e-12)


def test_polygons_side_by_side_fill_pixels_once() -> None:
    left = [[1.3, 1.0], [4.7, 1.0], [4.2, 5.0], [1.3, 5.0]]
    right = [[4.7, 1.0], [8.0, 1.0], [8.0, 5.0], [4.2, 5.0]]
    value, covered = np.zeros((6, 9)), np.zeros((6, 9))
    burn(np.array([left, right]), np.array([1.0, 5.0]), value, covered)
    assert covered[1:5, 2:8] == pytest.approx(np.ones((4, 6)))
    whole = [shapely.Polygon(ring).area for ring in (left, right)]
    assert value.sum() == pytest.approx(whole[0] + 5.0 * whole[1])


def test_sums_of_densities_are_the_totals(exported: Exported, city: City) -> None:
    extensive = [name for name in city.layers if VARIABLES[name].extensive]
    assert len(extensive) >= 4
    for name in extensive:
        with rasterio.open(exported.folder / "cog" / f"{name}.tif") as raster:
            pixel = raster.res[0] * raster.res[1]
            total = np.nansum(raster.read(1), dtype=np.float64) * pixel
        assert total == pytest.approx(city.layers[name].sum(), rel=1e-7)
        figure = exported.figures[f"cog {name}"]
        assert figure["raster"] == pytest.approx(total)
        assert figure["cells"] == pytest.approx(city.layers[name].sum())
        assert figure["relative_error"] < 1e-7


def test_pixels_inside_one_cell_have_its_value(exported: Exported, city: City) -> None:
    for name in ("ground_elevation", "building_cover", "manning"):
        with rasterio.open(exported.folder / "cog" / f"{name}.tif") as raster:
            centres = np.column_stack(city.grid.unproject(city.grid.x, city.grid.y))
            from_lonlat = rasterio.warp.transform("EPSG:4326", raster.crs, *centres.T)
            values = np.array([v[0] for v in raster.sample(zip(*from_lonlat, strict=True))])
        np.testing.assert_allclose(values, city.layers[name], rtol=1e-6)


def test_rasters_say_what_they_are(exported: Exported, city: City) -> None:
    with rasterio.open(exported.folder / "cog" / "people.tif") as raster:
        assert raster.crs.to_epsg() == 32610 == utm(city.bounds)
        assert raster.units == ("1/m2",)
        assert raster.descriptions == ("residents, for each m² of the plane",)
        assert np.isnan(raster.nodata)
        assert raster.tags()["fingerprint"] == city.fingerprint
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.block_shapes == [(512, 512)]
        outside = raster.read(1)[0, 0]
    assert np.isnan(outside)
    with rasterio.open(exported.folder / "cog" / "ground_elevation.tif") as raster:
        assert raster.units == ("m",)


def test_overviews_stand_before_the_pixels_of_the_whole(city: City, tmp_path: Path) -> None:
    """The order that makes a GeoTIFF cloud-optimised: smallest overview first."""
    done = export(city, tmp_path / "out", formats=("cog",), variables=("people",), pixel=2.0)
    path = done.folder / "cog" / "people.tif"
    with rasterio.open(path) as raster:
        levels = raster.overviews(1)
        assert levels[:2] == [2, 4]
    assert b"LAYOUT=IFDS_BEFORE_DATA" in path.read_bytes()[:400]


def test_rio_cogeo_agrees(exported: Exported) -> None:
    cogeo = pytest.importorskip("rio_cogeo.cogeo", reason="rio-cogeo is not installed")
    for path in (exported.folder / "cog").glob("*.tif"):
        valid, errors, warnings = cogeo.cog_validate(path, strict=True, quiet=True)
        assert (valid, errors, warnings) == (True, [], []), path.name


def test_a_chosen_pixel_keeps_the_totals(city: City, tmp_path: Path) -> None:
    for pixel in (3.7, 210.0):
        done = export(
            city,
            tmp_path / f"out{pixel}",
            formats=("cog",),
            variables=("people", "ground_elevation"),
            pixel=pixel,
        )
        assert [file.path for file in done.files] == ["cog/people.tif", "cog/ground_elevation.tif"]
        assert done.figures["cog people"]["relative_error"] < 1e-7


@pytest.mark.parametrize(
    ("pixel", "words"),
    [
        (0.0, "--pixel is 0 m: give a size above zero"),
        (float("nan"), "--pixel is nan m"),
        (0.001, "set --pixel above 0.001 m"),
    ],
)
def test_pixels_that_cannot_be(city: City, tmp_path: Path, pixel: float, words: str) -> None:
    with pytest.raises(InputError, match=words.replace("(", "\\(")):
        export(city, tmp_path / "out", formats=("cog",), pixel=pixel)
    assert list(tmp_path.iterdir()) == []


def test_pixels_fit_the_cells() -> None:
    assert [_fitting(width) for width in (6.6, 17.5, 46.0, 1e-9)] == [2.0, 5.0, 10.0, 0.01]


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [
        (-122.4, 37.8, "WGS 84 / UTM zone 10N"),
        (151.2, -33.9, "WGS 84 / UTM zone 56S"),
        (-180.0, 10.0, "WGS 84 / UTM zone 1N"),
        (179.99, -10.0, "WGS 84 / UTM zone 60S"),
        (0.0, 51.5, "WGS 84 / UTM zone 31N"),
        (20.0, 85.0, "WGS 84 / UPS North (N,E)"),
        (20.0, -85.0, "WGS 84 / UPS South (N,E)"),
    ],
)
def test_the_plane_is_the_zone_that_proj_knows(lon: float, lat: float, name: str) -> None:
    code = utm((lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01))
    assert CRS.from_epsg(code).name == name
