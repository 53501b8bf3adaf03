"""Coordinate systems: named, missing, wrong, swapped, shifted, and over the antimeridian."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from citytwin.errors import SourceError
from citytwin.sources.coordinates import (
    box_in,
    coordinate_system,
    explain_absence,
    to_lonlat,
)
from citytwin.sources.gcj02 import wgs84_to_bd09, wgs84_to_gcj02

HELSINKI = (24.93, 60.15, 24.97, 60.18)


def table(*shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"source_id": [f"way/{i}" for i in range(len(shapes))]}, geometry=list(shapes)
    )


def moved(crs: Any, *shapes: Any) -> Any:
    system = coordinate_system(crs, "the file a.gpkg")
    return to_lonlat(table(*shapes), system, "the file a.gpkg", "buildings")


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:3067",
        "epsg:3067",
        CRS.from_epsg(3067).to_wkt(),
        "+proj=utm +zone=35 +ellps=GRS80 +units=m",
        "EPSG:3067+3900",
        CRS.from_epsg(3067),
    ],
)
def test_a_system_by_any_of_its_names(name: Any) -> None:
    placed, faults = moved(name, shapely.Point(385_500.0, 6_671_800.0))
    assert placed.crs == "EPSG:4326"
    assert not faults
    lon, lat = placed.geometry.iloc[0].x, placed.geometry.iloc[0].y
    assert (lon, lat) == pytest.approx((24.937, 60.169), abs=2e-3)


def test_axes_are_east_before_north_though_the_system_says_otherwise() -> None:
    placed, _ = moved("EPSG:4326", shapely.Point(24.9, 60.2))
    assert placed.geometry.iloc[0].coords[0] == (24.9, 60.2)
    placed, _ = moved("EPSG:4258", shapely.Point(24.9, 60.2))
    assert placed.geometry.iloc[0].coords[0] == pytest.approx((24.9, 60.2), abs=1e-9)


@pytest.mark.parametrize(("name", "there"), [("GCJ-02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_chinese_maps(name: str, there: Any) -> None:
    house = shapely.box(121.470, 31.230, 121.471, 31.231)
    shifted = shapely.transform(house, there)
    assert not shapely.intersects(shifted, house)
    placed, _ = moved(name, shifted)
    assert shapely.hausdorff_distance(placed.geometry.iloc[0], house) < 1e-9
    box = box_in(coordinate_system(name, ""), house.bounds)
    assert box is not None
    assert shapely.contains(shapely.box(*box), shifted)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, "does not say its coordinate system: add crs"),
        ("", "does not say its coordinate system: add crs"),
        ("EPSG:999999", "'EPSG:999999' of the file a.gpkg is not known"),
        ("Mars", "is not known"),
        ("EPSG:3855", "has no place on the map"),
        ("EPSG:4978", "has no place on the map"),
        ('LOCAL_CS["site",UNIT["metre",1]]', "has no place on the map"),
    ],
)
def test_a_missing_or_wrong_system_is_a_sentence(name: Any, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        coordinate_system(name, "the file a.gpkg")


def test_metres_declared_as_degrees() -> None:
    with pytest.raises(SourceError, match="no degrees of EPSG:4326: give the right system as crs"):
        moved("EPSG:4326", shapely.Point(385_500.0, 6_671_800.0))


def test_latitude_before_longitude() -> None:
    with pytest.raises(SourceError, match="wrong way round"):
        moved("EPSG:4326", shapely.Point(35.68, 139.76))


def test_places_outside_a_projection_are_left_out_and_named() -> None:
    far = shapely.Point(1e12, 1e12)
    placed, faults = moved("EPSG:3067", shapely.Point(385_500.0, 6_671_800.0), far)
    assert len(placed) == 1
    assert [(fault.source_id, fault.action) for fault in faults] == [("way/1", "dropped")]
    with pytest.raises(SourceError, match="no coordinate of the file"):
        moved("EPSG:3067", far)


def test_missing_empty_and_broken_geometries_stay_for_the_build() -> None:
    placed, faults = moved("EPSG:3067", None, shapely.Point(), shapely.Point(np.nan, 1.0))
    assert len(placed) == 3
    assert not faults


def test_a_filter_in_the_files_own_system() -> None:
    box = box_in(coordinate_system("EPSG:3067", ""), HELSINKI)
    assert box is not None
    assert 380_000 < box[0] < box[2] < 390_000
    assert box_in(coordinate_system("EPSG:4326", ""), (179.5, -17.0, 179.9, -16.0)) is None


@pytest.mark.parametrize(
    "ring",
    [
        [(179.9, -17), (-179.9, -17), (-179.9, -16), (179.9, -16)],
        [(179.9, -17), (180.1, -17), (180.1, -16), (179.9, -16)],
        [(-180.1, -17), (-179.9, -17), (-179.9, -16), (-180.1, -16)],
    ],
)
def test_an_island_over_the_antimeridian_does_not_wrap_the_world(ring: Any) -> None:
    placed, _ = moved("EPSG:4326", shapely.Polygon(ring))
    island = placed.geometry.iloc[0]
    assert island.area == pytest.approx(0.2)
    parts = sorted(part.bounds for part in island.geoms)
    assert [bound[0] for bound in parts] == pytest.approx([-180.0, 179.9])
    assert [bound[2] for bound in parts] == pytest.approx([-179.9, 180.0])


def test_a_lake_on_the_island_stays_a_hole() -> None:
    ring = [(179.0, -17), (-179.0, -17), (-179.0, -16), (179.0, -16)]
    lake = [(-179.8, -16.8), (-179.6, -16.8), (-179.6, -16.6), (-179.8, -16.6)]
    placed, _ = moved("EPSG:4326", shapely.Polygon(ring, [lake]))
    assert placed.geometry.iloc[0].area == pytest.approx(2.0 - 0.04)


def test_a_line_and_a_projected_polygon_over_the_antimeridian() -> None:
    placed, _ = moved("EPSG:4326", shapely.LineString([(179.5, 0), (-179.5, 0.0)]))
    assert placed.geometry.iloc[0].length == pytest.approx(1.0)
    fiji = shapely.box(2_100_000, 3_950_000, 2_200_000, 4_000_000)
    placed, _ = moved("EPSG:3460", fiji)
    west, _, east, _ = placed.geometry.iloc[0].bounds
    assert (west, east) == (-180.0, 180.0)
    assert placed.geometry.iloc[0].area < 1.0


def test_a_tangle_over_the_antimeridian_is_left_out_at_once() -> None:
    lon = np.where(np.arange(200_001) % 2, 179.9, -179.9)
    points = np.stack([lon, np.linspace(60.0, 61.0, 200_001)], axis=1)
    placed, faults = moved("EPSG:4326", shapely.LineString(points), shapely.Polygon(points))
    assert placed.empty
    assert [fault.fault for fault in faults] == ["it crosses the antimeridian too often"] * 2


def test_the_frame_of_the_world_and_longitudes_to_360_are_kept() -> None:
    placed, _ = moved("EPSG:4326", shapely.box(-180, -90, 180, 90), shapely.Point(200.0, 10.0))
    assert placed.geometry.iloc[0].area == pytest.approx(360 * 180)
    assert placed.geometry.iloc[1].x == pytest.approx(-160.0)


def test_why_nothing_lies_in_the_box() -> None:
    degrees, plane = coordinate_system("EPSG:4326", ""), coordinate_system("EPSG:3067", "")
    west, south, east, north = HELSINKI
    assert "holds no features" in explain_absence(np.full(4, np.nan), degrees, HELSINKI, "a.csv")
    far = np.array([2.0, 48.0, 2.1, 48.1])
    assert "nothing of a.csv" in explain_absence(far, degrees, HELSINKI, "a.csv")
    with pytest.raises(SourceError, match="wrong way round"):
        explain_absence(np.array([south, west, north, east]), degrees, HELSINKI, "a.csv")
    with pytest.raises(SourceError, match='give crs = "EPSG:4326"'):
        explain_absence(np.array(HELSINKI), plane, HELSINKI, "a.csv")
