"""People from rasters, H3 cells and polygons: by hand, on the embedded city, and with broken files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import Transformer
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

from citytwin.city import City
from citytwin.errors import BalanceError, CityTwinError, RecipeError, SourceError
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid, cover
from citytwin.pipeline.people import pixels as people_raster
from citytwin.pipeline.people import step
from citytwin.pipeline.people import units as people_units
from citytwin.pipeline.people.counted import (
    QUALITIES,
    Homes,
    People,
    counted_people,
    modelled_people,
    population_units,
)
from citytwin.pipeline.people.pixels import pixel_units
from citytwin.pipeline.people.units import Units, cell_units, chosen, polygon_units
from citytwin.sources.base import Box, CellValues, Raster

BOX: Box = (-122.4500, 37.7560, -122.4440, 37.7600)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
#: A pixel of WorldPop's [degrees].
SECONDS_3 = 1.0 / 1200.0
NOBODY = Homes(np.empty(0, dtype=object), np.empty(0))


@pytest.fixture(scope="module")
def small() -> Grid:
    return cover(BOX, 11)


def place(grid: Grid, homes: Homes, units: Sequence[Units], box: Box = BOX, **more: Any) -> People:
    more.setdefault("water_share", np.zeros(len(grid)))
    return counted_people(grid, box, homes, units, **more)


def write_tif(
    path: Path,
    values: Any,
    west: float,
    north: float,
    step: float = SECONDS_3,
    transform: Affine | None = None,
    **profile: Any,
) -> Path:
    """GeoTIFF of counts, in degrees if not told otherwise."""
    profile = {"crs": "EPSG:4326", "nodata": -99999.0, "dtype": "float32"} | profile
    transform = transform or Affine(step, 0.0, west, 0.0, -step, north)
    rows, cols = np.shape(values)
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=cols, count=1, transform=transform, **profile
    ) as file:
        file.write(np.asarray(values, dtype=profile["dtype"]), 1)
    return path


def around(box: Box, step: float = SECONDS_3) -> tuple[float, float, tuple[int, int]]:
    """North-west corner and shape of pixels on the whole multiples of a step around a box."""
    west, south, east, north = box
    left, top = np.floor(west / step) * step, np.ceil(north / step) * step
    shape = int(np.ceil((top - south) / step)), int(np.ceil((east - left) / step))
    return float(left), float(top), shape


# By hand -------------------------------------------------------------------------------------


def three_homes() -> tuple[Homes, Units]:
    outlines = [
        shapely.box(-60.0, 40.0, -50.0, 50.0),
        shapely.box(-15.0, 40.0, 5.0, 50.0),  # three quarters in the first unit
        shapely.box(60.0, 40.0, 80.0, 50.0),
    ]
    units = [shapely.box(-100.0, 0.0, 0.0, 100.0), shapely.box(0.0, 0.0, 100.0, 100.0)]
    homes = Homes(np.array(outlines), np.array([100.0, 400.0, 300.0]))
    return homes, Units(np.array(units), np.array([30.0, 60.0]))


def test_three_homes_in_two_units(small: Grid) -> None:
    """First unit: 100 + 3/4 · 400 = 400 m² for 30 people. Second: 1/4 · 400 + 300 for 60."""
    homes, units = three_homes()
    people = place(small, homes, [units])
    assert people.of_building == pytest.approx([7.5, 22.5 + 15.0, 45.0], rel=1e-12)
    assert people.elsewhere.sum() == 0.0
    assert people.figures.before == pytest.approx(90.0)
    assert people.figures.in_homes == pytest.approx(90.0)
    cells = people.per_cell(small, polygon_shares(small, homes.outlines))
    assert cells.sum() == pytest.approx(90.0, rel=1e-12)


def test_homes_too_small_leave_people_on_open_ground(small: Grid) -> None:
    """At 10 m² a person, the second unit's 400 m² take 40 of its 60; the first's take all 30."""
    homes, units = three_homes()
    people = place(small, homes, [units], least_floor_area=10.0)
    assert people.of_building == pytest.approx([7.5, 22.5 + 10.0, 30.0], rel=1e-12)
    assert people.figures.people_beyond_homes == pytest.approx(20.0)
    assert people.elsewhere.sum() == pytest.approx(20.0)
    second = polygon_shares(small, units.outlines[1:]).per_cell(small)
    assert people.elsewhere == pytest.approx(20.0 * second / second.sum(), abs=1e-12)
    assert any("buildings may be missing" in line for line in people.figures.remarks())


def test_a_unit_partly_outside_counts_by_its_area_inside(small: Grid) -> None:
    extent = people_units.box_in_plane(small, BOX)
    west, south, _, north = shapely.bounds(extent)
    middle = (south + north) / 2.0
    edge = shapely.get_coordinates(
        shapely.intersection(extent, shapely.LineString([(west - 9, middle), (0.0, middle)]))
    )[:, 0].min()
    unit = shapely.box(edge - 50.0, middle - 5.0, edge + 150.0, middle + 5.0)
    share = shapely.area(shapely.intersection(unit, extent)) / 2000.0
    assert share == pytest.approx(0.75, abs=0.001)
    people = place(small, NOBODY, [Units(np.array([unit]), np.array([80.0]))])
    assert people.figures.before == pytest.approx(80.0 * share, rel=1e-12)
    assert people.elsewhere.sum() == pytest.approx(80.0 * share, rel=1e-12)
    assert people.figures.units_cut == 1


def test_units_without_homes_are_told_from_units_without_buildings(small: Grid) -> None:
    homes = Homes(np.array([shapely.box(10.0, 10.0, 30.0, 30.0)]), np.array([0.0]))
    _, units = three_homes()
    people = place(small, homes, [units])
    figures = people.figures
    assert (figures.units_without_homes, figures.people_without_homes) == (2, 90.0)
    assert (figures.units_beside_buildings, figures.people_beside_buildings) == (1, 60.0)
    assert people.of_building.tolist() == [0.0]
    assert any("units without homes" in line for line in figures.remarks())


def test_people_of_a_unit_all_water_stay_there_and_are_reported(small: Grid) -> None:
    units = Units(
        np.array([shapely.box(-150.0, -50.0, -80.0, 50.0), shapely.box(80.0, -50.0, 150.0, 50.0)]),
        np.array([12.0, 34.0]),
    )
    water = np.where(small.x < 0.0, 1.0, 0.0)
    people = place(small, NOBODY, [units], water_share=water)
    assert people.elsewhere[water == 1.0].sum() == pytest.approx(12.0)
    assert people.elsewhere[water == 0.0].sum() == pytest.approx(34.0)
    assert (people.figures.units_in_water, people.figures.people_in_water) == (1, 12.0)
    assert "12 people stay in units all water (units: 1)" in people.figures.remarks()


def test_homes_in_a_unit_all_water_take_its_people(small: Grid) -> None:
    """A building on piles in the sea is a place to live."""
    homes, units = three_homes()
    people = place(small, homes, [units], water_share=np.ones(len(small)))
    assert people.of_building.sum() == pytest.approx(90.0)
    assert people.figures.units_in_water == 0


def test_quality_says_what_a_number_rests_on(small: Grid) -> None:
    west, south, _, north = shapely.bounds(people_units.box_in_plane(small, BOX))
    units = Units(
        np.array([shapely.box(west, south, -60.0, north), shapely.box(-60.0, south, 60.0, north)]),
        np.array([0.0, 50.0]),
    )
    people = place(small, NOBODY, [units])
    found = np.array(QUALITIES)[people.quality]
    assert (found[small.x < -120.0] == "real").all()
    assert (found[np.abs(small.x) < 30.0] == "derived").all()
    assert (found[small.x > 120.0] == "assumed").all()
    assert people.assumed[small.x < 20.0].max() == 0.0
    assert people.assumed[small.x > 120.0].min() == 1.0
    assert ((people.assumed >= 0.0) & (people.assumed <= 1.0)).all()


def test_floor_area_alone_is_all_assumed(small: Grid) -> None:
    homes, _ = three_homes()
    people = modelled_people(small, homes, 50.0)
    assert people.of_building == pytest.approx([2.0, 8.0, 6.0])
    assert (people.assumed == 1.0).all()
    assert set(people.quality) == {QUALITIES.index("assumed")}
    assert people.figures.modelled == 16.0


def test_a_footprint_without_area_takes_nobody(small: Grid) -> None:
    line = shapely.Polygon([(1.0, 1.0), (20.0, 20.0), (20.0, 20.0), (1.0, 1.0)])
    _, units = three_homes()
    people = place(small, Homes(np.array([line]), np.array([90.0])), [units])
    assert people.of_building.tolist() == [0.0]
    assert people.elsewhere.sum() == pytest.approx(90.0)


def test_people_who_cannot_be_placed_stop_the_build(small: Grid) -> None:
    _, units = three_homes()
    with pytest.raises(BalanceError, match="while they were placed"):
        place(small, NOBODY, [units], water_share=np.full(len(small), np.nan))


# Rasters --------------------------------------------------------------------------------------


def city_homes(city: City) -> tuple[Homes, Box]:
    table = city.table("buildings")
    outlines = np.asarray(table.geometry.to_crs(city.grid.crs))
    floor = (table["floor_area"] * table["home_share"]).to_numpy(np.float64)
    facts = city.query("SELECT value FROM facts WHERE key = 'bounds'")["value"]
    west, south, east, north = json.loads(facts[0])
    return Homes(outlines, floor), (west, south, east, north)


def test_worldpop_like_raster_over_the_embedded_city(city: City, tmp_path: Path) -> None:
    """3 arc-seconds, float32, −99999 where nobody was counted; the city's cells get its total."""
    homes, box = city_homes(city)
    left, top, shape = around((box[0] - 0.01, box[1] - 0.01, box[2] + 0.01, box[3] + 0.01))
    rng = np.random.default_rng(1)
    values = rng.gamma(2.0, 30.0, shape).astype(np.float32)
    values[rng.uniform(size=shape) < 0.1] = -99999.0
    raster = Raster("people", (write_tif(tmp_path / "people.tif", values, left, top),))
    people = place(
        city.grid,
        homes,
        list(population_units(city.grid, box, raster)),
        box,
        water_share=city.layers["water_share"],
        least_floor_area=5.0,
    )
    west, south, east, north = box
    x = np.clip(left + SECONDS_3 * np.arange(shape[1] + 1), west, east)
    y = np.clip(top - SECONDS_3 * np.arange(shape[0] + 1), south, north)
    share = np.outer(-np.diff(y), np.diff(x)) / SECONDS_3**2
    expected = float((np.where(values < 0.0, 0.0, values).astype(float) * share).sum())
    # Shares of area in degrees and in square metres differ in pixels cut across latitudes.
    assert people.figures.before == pytest.approx(expected, rel=1e-6)
    cells = people.per_cell(city.grid, city.building_cells)
    assert cells.sum() == pytest.approx(people.figures.before, rel=1e-9)
    assert people.figures.in_homes > 0.5 * expected
    assert people.figures.units_unknown > 0
    assert people.figures.homes_without_unit > 0.0
    assert 0.05 < people.assumed.mean() < 0.2


def test_pixels_fall_where_they_lie(small: Grid, tmp_path: Path) -> None:
    """One pixel with people among empty ones: they all come to its cells."""
    left, top, shape = around(BOX)
    values = np.zeros(shape)
    values[2, 4] = 77.0
    path = write_tif(tmp_path / "one.tif", values, left, top)
    people = place(small, NOBODY, list(pixel_units(small, BOX, Raster("people", (path,)))))
    lon = left + SECONDS_3 * np.array([4, 5, 5, 4])
    lat = top - SECONDS_3 * np.array([2, 2, 3, 3])
    pixel = shapely.Polygon(np.column_stack(small.project(lon, lat)))
    expected = polygon_shares(small, np.array([pixel])).per_cell(small)
    assert people.elsewhere == pytest.approx(77.0 * expected / expected.sum(), abs=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32610", "ESRI:54009"])
def test_rasters_in_other_coordinate_systems(small: Grid, tmp_path: Path, crs: str) -> None:
    """The sum over the box by points spread in it, counted in the pixels that they fall in."""
    to_raster = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = to_raster.transform((BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2)
    values = np.random.default_rng(3).uniform(10.0, 90.0, (24, 26))
    transform = Affine(100.0, 0.0, x - 1300.0, 0.0, -100.0, y + 1200.0)
    path = write_tif(tmp_path / "a.tif", values, 0.0, 0.0, transform=transform, crs=crs)
    units = list(pixel_units(small, BOX, Raster("people", (path,))))
    assert sum(len(part.people) for part in units) < values.size
    people = place(small, NOBODY, units)
    lon, lat = np.meshgrid(np.linspace(BOX[0], BOX[2], 801), np.linspace(BOX[1], BOX[3], 801))
    east, north = to_raster.transform(lon, lat)
    col, row = (np.asarray(east) - transform.c) / 100.0, (transform.f - np.asarray(north)) / 100.0
    density = values.astype(np.float32)[np.floor(row).astype(int), np.floor(col).astype(int)]
    area = shapely.area(people_units.box_in_plane(small, BOX))
    pixel = np.median(np.concatenate([shapely.area(part.outlines) for part in units]))
    assert people.figures.before == pytest.approx(density.mean() * area / pixel, rel=0.01)


def test_a_turned_raster(small: Grid, tmp_path: Path) -> None:
    cos, sin = SECONDS_3 * np.cos(0.5), SECONDS_3 * np.sin(0.5)
    west, north = -122.447 - 10.0 * (cos - sin), 37.758 - 10.0 * (sin + cos)
    path = write_tif(
        tmp_path / "t.tif",
        np.full((20, 20), 4.0),
        0.0,
        0.0,
        transform=Affine(cos, -sin, west, sin, cos, north),
    )
    people = place(small, NOBODY, list(pixel_units(small, BOX, Raster("people", (path,)))))
    west, south, east, north = BOX
    assert people.figures.before == pytest.approx(
        4.0 * (east - west) * (north - south) / SECONDS_3**2, rel=1e-3
    )
    assert (people.assumed == 0.0).all()


def test_bands_of_rows_and_one_read_give_the_same(
    small: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, top, shape = around(BOX)
    values = np.random.default_rng(5).uniform(0.0, 9.0, shape)
    raster = Raster("people", (write_tif(tmp_path / "p.tif", values, left, top),))
    whole = list(pixel_units(small, BOX, raster))
    monkeypatch.setattr(people_raster, "CHUNK", shape[1] + 1)
    bands = list(pixel_units(small, BOX, raster))
    assert len(whole) == 1 < len(bands)
    assert (np.concatenate([band.people for band in bands]) == whole[0].people).all()
    outlines = np.concatenate([band.outlines for band in bands])
    assert shapely.equals_exact(outlines, whole[0].outlines, tolerance=0.0).all()


def test_a_mosaic_takes_the_first_value(small: Grid, tmp_path: Path) -> None:
    left, top, (rows, cols) = around(BOX)
    first = np.full((rows, 4), 10.0)
    first[0, 0] = -99999.0
    paths = (
        write_tif(tmp_path / "a.tif", first, left, top),
        write_tif(tmp_path / "b.tif", np.full((rows, cols), 3.0), left, top),
    )
    units = list(pixel_units(small, BOX, Raster("people", paths)))
    people = np.concatenate([part.people for part in units]).reshape(rows, cols)
    assert (people[:, 4:] == 3.0).all()
    assert people[0, 0] == 3.0
    assert (people[1:, :4] == 10.0).all()
    shifted = write_tif(tmp_path / "c.tif", first, left + 0.3 * SECONDS_3, top)
    with pytest.raises(SourceError, match="same lattice"):
        list(pixel_units(small, BOX, Raster("people", (paths[0], shifted))))


def test_what_is_no_number_of_people(small: Grid, tmp_path: Path) -> None:
    left, top, shape = around(BOX)
    values = np.full(shape, 5.0)
    values[0, :5] = [np.nan, np.inf, -3.0, -99999.0, 0.0]
    path = write_tif(tmp_path / "p.tif", values, left, top)
    (units,) = pixel_units(small, BOX, Raster("people", (path,)))
    assert (units.unknown, units.negative) == (4, 2)
    assert len(units.people) == values.size - 4
    (units,) = pixel_units(small, BOX, Raster("people", (path,), nodata=5.0))
    assert units.people.tolist() == [0.0]
    assert (units.unknown, units.negative) == (values.size - 1, 3)
    people = place(small, NOBODY, [units])
    assert any("negative or infinite" in line for line in people.figures.remarks())


def test_scale_and_crs_of_the_recipe_count(small: Grid, tmp_path: Path) -> None:
    left, top, shape = around(BOX)
    path = write_tif(tmp_path / "p.tif", np.full(shape, 5.0), left, top, crs=None)
    raster = Raster("people", (path,), crs="EPSG:4326", scale=1000.0)
    (units,) = pixel_units(small, BOX, raster)
    assert (units.people == 5000.0).all()
    with pytest.raises(SourceError, match="has no coordinate system"):
        list(pixel_units(small, BOX, Raster("people", (path,))))
    with pytest.raises(SourceError, match="is not known"):
        list(pixel_units(small, BOX, Raster("people", (path,), crs="EPSG:0")))


def test_broken_rasters_are_refused_in_a_sentence(small: Grid, tmp_path: Path) -> None:
    left, top, shape = around(BOX)
    good = write_tif(tmp_path / "good.tif", np.full(shape, 5.0), left, top)
    text = tmp_path / "text.tif"
    text.write_text("people", encoding="utf-8")
    with pytest.warns(NotGeoreferencedWarning):
        nowhere = write_tif(
            tmp_path / "nowhere.tif", np.ones((3, 3)), 0, 0, transform=Affine.identity()
        )
    cases = {
        "cannot be read": Raster("people", (tmp_path / "none.tif",)),
        "whole GeoTIFF": Raster("people", (text,)),
        "1 bands, not a band 2": Raster("people", (good,), band=2),
        "does not say where it lies": Raster("people", (nowhere,)),
        "names no file": Raster("people", ()),
    }
    for words, raster in cases.items():
        with pytest.raises(SourceError, match=words) as raised:
            list(pixel_units(small, BOX, raster))
        assert str(raised.value).count("\n") == 0


def test_cut_and_flipped_rasters_never_crash(small: Grid, tmp_path: Path) -> None:
    """A clear sentence or some answer: 60 files cut short, 120 with bits flipped."""
    left, top, shape = around((BOX[0] - 0.02, BOX[1] - 0.02, BOX[2] + 0.02, BOX[3] + 0.02))
    values = np.random.default_rng(7).uniform(0.0, 90.0, shape)
    good = write_tif(tmp_path / "p.tif", values, left, top, compress="deflate").read_bytes()
    rng = np.random.default_rng(8)
    answers, refusals = 0, []
    for number in range(180):
        content = bytearray(good)
        if number < 60:
            content = content[: rng.integers(1, len(content))]
        else:
            for _ in range(rng.integers(1, 6)):
                content[rng.integers(0, len(content))] ^= 1 << int(rng.integers(0, 8))
        path = tmp_path / f"broken-{number}.tif"
        path.write_bytes(bytes(content))
        try:
            place(small, NOBODY, list(pixel_units(small, BOX, Raster("people", (path,)))))
            answers += 1
        except CityTwinError as error:
            refusals.append(str(error))
    assert answers + len(refusals) == 180
    assert len(refusals) > 30
    assert not any("\n" in sentence for sentence in refusals)


def test_a_raster_of_elsewhere_is_refused(small: Grid, tmp_path: Path) -> None:
    path = write_tif(tmp_path / "far.tif", np.ones((5, 5)), 10.0, 50.0)
    with pytest.raises(SourceError, match="nothing about any place in the city's box"):
        place(small, NOBODY, list(pixel_units(small, BOX, Raster("people", (path,)))))


# H3 cells and polygons ------------------------------------------------------------------------


def test_cells_that_are_none_are_refused(small: Grid) -> None:
    cell = h3.latlng_to_cell(37.758, -122.447, 9)
    cases = {
        "not an H3 cell": [cell, 12345],
        "more than once": [cell, cell],
        "mixes the H3 resolutions 9 to 10": [cell, h3.latlng_to_cell(37.7, -122.4, 10)],
    }
    for words, cells in cases.items():
        table = CellValues("people", np.array(cells, dtype=np.uint64), np.ones(2))
        with pytest.raises(SourceError, match=words):
            list(cell_units(small, BOX, table))
    nothing = CellValues("people", np.empty(0, np.uint64), np.empty(0))
    with pytest.raises(SourceError, match="nothing about any place"):
        place(small, NOBODY, list(cell_units(small, BOX, nothing)))


def test_pentagons_and_far_cells_do_no_harm(small: Grid) -> None:
    near = h3.latlng_to_cell(37.758, -122.447, 4)
    cells = np.array([near, *h3.get_pentagons(4)], dtype=np.uint64)
    units = list(cell_units(small, BOX, CellValues("people", cells, np.full(cells.size, 1e6))))
    people = place(small, NOBODY, units)
    area = shapely.area(people_units.box_in_plane(small, BOX))
    expected = 1e6 * area / h3.cell_area(near, unit="m^2")
    assert people.figures.before == pytest.approx(expected, rel=1e-3)


def test_a_country_around_a_city_counts_by_area(small: Grid) -> None:
    state = shapely.box(-124.0, 36.0, -120.0, 40.0)
    table = gpd.GeoDataFrame({"people": [1e7]}, geometry=[state], crs="EPSG:4326")
    people = place(small, NOBODY, list(polygon_units(small, table)))
    west, south, east, north = np.radians(BOX)
    inside = (east - west) * (np.sin(north) - np.sin(south))
    around_it = np.radians(4.0) * (np.sin(np.radians(40.0)) - np.sin(np.radians(36.0)))
    assert people.figures.before == pytest.approx(1e7 * inside / around_it, rel=1e-3)


def test_polygons_of_every_sort(small: Grid) -> None:
    """Self-crossing, 3D, empty, missing, a line, no number, negative: right or left out."""
    west, south, east, north = BOX
    box = shapely.box(*BOX)
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    geometry = [
        bow,
        shapely.force_3d(box, 7.0),
        shapely.Polygon(),
        None,
        shapely.LineString([(west, south), (east, north)]),
        shapely.GeometryCollection([box, shapely.Point(west, south)]),
        box,
        box,
    ]
    counts = [8.0, 10.0, 1.0, 1.0, 1.0, 100.0, np.nan, -4.0]
    table = gpd.GeoDataFrame({"people": counts}, geometry=geometry, crs="EPSG:4326")
    (units,) = polygon_units(small, table)
    assert units.people.tolist() == [8.0, 10.0, 100.0]
    assert (units.unknown, units.negative) == (5, 1)
    people = place(small, NOBODY, [units])
    assert people.figures.before == pytest.approx(118.0, rel=1e-6)
    with pytest.raises(SourceError, match="no column 'people'"):
        list(polygon_units(small, table.drop(columns="people")))


def test_units_come_in_parts(small: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    west, south, east, north = BOX
    ring = [(south, west), (south, east), (north, east), (north, west)]
    cells = np.array(h3.h3shape_to_cells(h3.LatLngPoly(ring), 11), dtype=np.uint64)
    table = CellValues("people", cells, np.arange(cells.size, dtype=np.float64))
    areas = gpd.GeoDataFrame(
        {"people": np.ones(5)}, geometry=[shapely.box(*BOX)] * 5, crs="EPSG:4326"
    )
    monkeypatch.setattr(people_units, "CHUNK", 2)
    parts = list(cell_units(small, BOX, table))
    assert len(parts) == -(-cells.size // 2)
    assert np.concatenate([part.people for part in parts]).tolist() == table.values.tolist()
    assert [len(part.people) for part in polygon_units(small, areas)] == [2, 2, 1]


def test_exactly_one_source_of_people() -> None:
    raster = Raster("people", (Path("a.tif"),))
    cells = CellValues("people", np.empty(0, np.uint64), np.empty(0))
    areas = gpd.GeoDataFrame({"people": [1.0]}, geometry=[shapely.box(*BOX)], crs="EPSG:4326")
    ground = Raster("elevation", (Path("b.tif"),))
    assert chosen([ground, raster], [], None) is raster
    assert chosen([ground], [cells], areas.iloc[:0]) is cells
    assert chosen([], [], areas) is areas
    with pytest.raises(RecipeError, match="found none"):
        chosen([ground], [], None)
    with pytest.raises(RecipeError, match="found a raster and polygons"):
        chosen([raster], [], areas)


def test_porto_alegre_keeps_every_inhabitant() -> None:
    """1,227 real H3 cells of resolution 9 with people, moved to cells of resolution 10."""
    path = SHARED / "porto-alegre" / "poa_hexgrid.csv"
    if not path.is_file():
        pytest.skip("the real data beside the project are not here")
    rows = pd.read_csv(path)
    cells = np.array([h3.str_to_int(cell) for cell in rows["id"]], dtype=np.uint64)
    values = rows["population"].to_numpy(np.float64)
    box = (
        float(rows["lon"].min()) - 0.01,
        float(rows["lat"].min()) - 0.01,
        float(rows["lon"].max()) + 0.01,
        float(rows["lat"].max()) + 0.01,
    )
    grid = cover(box, 10)
    table = CellValues("people", cells, values)
    people = place(grid, NOBODY, list(population_units(grid, box, table)), box)
    assert people.figures.before == pytest.approx(values.sum(), rel=1e-12)
    assert people.elsewhere.sum() == pytest.approx(values.sum(), rel=1e-9)
    assert people.figures.units == 1227
    assert people.figures.units_cut == 0
    # Resolution 10 does not nest exactly in 9: most, not all, of a cell's people are in children.
    parents = np.array([h3.cell_to_parent(int(cell), 9) for cell in grid.cells], dtype=np.uint64)
    order = np.argsort(cells)
    place_of = np.minimum(np.searchsorted(cells[order], parents), cells.size - 1)
    known = cells[order][place_of] == parents
    of_parent = np.bincount(order[place_of[known]], people.elsewhere[known], cells.size)
    assert np.abs(of_parent - values).sum() / values.sum() < 0.15


def test_a_source_whose_areas_lie_on_one_another_is_refused(small: Grid) -> None:
    west, south, east, north = BOX
    towns = gpd.GeoDataFrame(
        {"people": [300.0, 200.0]},
        geometry=[shapely.box(*BOX), shapely.box(west, south, east, (south + north) / 2)],
        crs="EPSG:4326",
    )
    outlines, none, dry = np.empty(0, dtype=object), np.empty(0), np.zeros(len(small))
    with pytest.raises(SourceError, match=r"overlap on .* m², where people would count twice"):
        step.counted(small, BOX, outlines, none, towns, dry, 0.0, None)
    alone = step.counted(small, BOX, outlines, none, towns.iloc[:1], dry, 0.0, None)
    assert alone["total"]["people"] == pytest.approx(300.0, rel=1e-9)
